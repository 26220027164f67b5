<% import "hosts/fly/parts.jinja" as fly with context %>
<% set host = project.host("fly") %>
#!/bin/sh
# Deploys images to Fly.io, waits until the services answer as the new version, and rolls back if they do not.
#
#   sh deploy/fly.sh api=ghcr.io/acme/shop-api@sha256:… web=ghcr.io/acme/shop-web@sha256:…
#
# deploy.yml runs it; with the same variables it runs on a laptop. It needs flyctl, docker with buildx, curl and jq.
#
#   FLY_API_TOKEN  of the organization: fly tokens create org. On a laptop, fly auth login does too
#   FLY_APPS       "api=APP web=APP" where apps have other names than fly.toml says, as those of a second environment,
#                  with blanks or line breaks between them; "-" as APP for a service that is not deployed here
#   HEALTH_URLS    "api=https://api.example.com/health web=https://…", as people reach them
#   REVISION       the commit that the images were built from
#
# Fly.io runs linux/amd64, and logs in to no registry but its own. So each image is copied there first: the part of it that
# is for that platform, as it is, with a tag that says which image it is of.
#
# common.sh has the bounds of every wait.

# shellcheck disable=SC1091,SC2034,SC2154 # common.sh is linted by itself; it reads $host, and sets $work and $child
host=Fly.io
. "$(dirname "$0")/common.sh"

: "${FLY_REGISTRY:=registry.fly.io}"
export NO_COLOR=1

# What fly.toml cannot say of a service: who reaches it, how many machines of which process group run in which region,
# and which of its variables have the address of another service.
described() { # SERVICE
  case $1 in
<% for service in project.services %>
<% set home = host.regions[project.region] %>
<% set machines = namespace(list=[home ~ ":app=" ~ fly.count(service)], addresses=[]) %>
<% for name in service.run.processes %>
<% set machines.list = machines.list + [home ~ ":" ~ service.name ~ "-" ~ name ~ "=1"] %>
<% endfor %>
<% for region in service.run.regions %>
<% set machines.list = machines.list + [host.regions[region] ~ ":app=" ~ fly.count(service)] %>
<% endfor %>
<% for setting in project.environment(service) if setting.kind == "service" %>
<% set machines.addresses = machines.addresses + [setting.name ~ "=" ~ setting.service.name] %>
<% endfor %>
    << service.name >>)
      folder=<< service.path >> reach=<< "public" if service.public else "private" if service.port else "nobody" >>
      machines='<< machines.list | join(" ") >>'
      addresses='<< machines.addresses | join(" ") >>'
      ;;
<% endfor %>
    *) return 1 ;;
  esac
  config=$(dirname "$0")/../$folder/fly.toml
}
<% raw %>
app() { # SERVICE: its app
  described "$1"
  lookup "$1" "${FLY_APPS-}" || sed -n 's/^app = "\(.*\)".*/\1/p' "$config"
}

address() { # SERVICE: where others find it
  described "$1"
  if [ "$reach" = public ]; then echo "https://$(app "$1").fly.dev"; else echo "http://$(app "$1").flycast"; fi
}

# One question to flyctl. Its answer is in $work/said, and what was wrong in $complaint.
fly() {
  if background flyctl "$@" 2>"$work/complaint"; then return; fi
  complaint=$(tail -n 1 "$work/complaint" | tr -d '[:cntrl:]' | cut -c 1-200)
  return 1
}

# The service's machines, but for those that work for a deployment: [{group, region, image, digest}]. The image of a copy
# is the one that it was copied from.
list() { # SERVICE
  fly machine list --app "$(app "$1")" --json || return 1
  complaint='its answer is no list of machines'
  jq --arg copies "$FLY_REGISTRY/$(app "$1")" --arg repository "$(kept "$1" repository)" '[
    (. // [])[] | select(.state | IN("destroying", "destroyed") | not)
    | (.config // .incomplete_config).metadata as $metadata | select($metadata.fly_platform_version == "v2")
    | ($metadata.fly_process_group // "app") as $group | select($group | startswith("fly_app_") | not)
    | .image_ref as $at | "\($at.registry)/\($at.repository)" as $place
    | { group: $group, region, digest: $at.digest, image: (
        if $place == $copies and ($at.tag // "" | startswith("sha256-")) then "\($repository)@\($at.tag | sub("-"; ":"))"
        elif $at.tag then "\($place):\($at.tag)" else "\($place)@\($at.digest)" end
      ) }
  ]' "$work/said" >"$work/$1.machines"
}

# The lines "REGION GROUP=NUMBER" of what is other than it should be.
missing() { # SERVICE
  described "$1"
  jq --raw-output --arg machines "$machines" '
    ($machines | split(" ") | map(split("=") | {key: .[0], value: (.[1] | tonumber)}) | from_entries) as $wanted
    | (map("\(.region):\(.group)") | group_by(.) | map({key: .[0], value: length}) | from_entries) as $found
    | $wanted + $found | keys[] | select($wanted[.] != $found[.])
    | "\(split(":") | join(" "))=\($wanted[.] // 0)"
  ' "$work/$1.machines"
}

host_check() {
  needs flyctl docker
  if ! described "$1"; then stop "$1 is no service of this project" "see bakegen.toml"; fi
  if [ "$(app "$1")" = - ]; then left_out "$1" && return; fi
  keep "$1" repository "${2%@*}"
  if ! list "$1"; then
    stop "$1: Fly.io does not show its app $(app "$1"): $complaint" \
      "is FLY_API_TOKEN of the organization with that app? To make it: fly apps create $(app "$1")"
  fi
  if [ "$reach" = private ]; then unreachable "$1"; fi
  keep "$1" old "$(jq --raw-output 'group_by(.image) | max_by(length)[0].image // ""' "$work/$1.machines")"
  keep "$1" digest "$(jq --raw-output 'group_by(.image) | max_by(length)[0].digest // ""' "$work/$1.machines")"
  if [ -z "$(missing "$1")" ] && runs "$1" "$(kept "$1" old)"; then keep "$1" settled true; fi
}

unreachable() { # SERVICE: stops if people would reach what they should not
  if ! fly ips list --app "$(app "$1")" --json; then
    stop "$1: Fly.io does not say its addresses: $complaint" "nothing was changed: try again"
  fi
  public=$(jq --raw-output '[
    (. // [])[] | with_entries(.key |= ascii_downcase) | select(.type | IN("v4", "v6", "shared_v4")).address
  ] | join(" ")' "$work/said")
  if [ "$public" ]; then
    stop "$1 is not public, and people reach it at $public" "fly ips release --app $(app "$1") $public"
  fi
}

runs() { # SERVICE IMAGE: whether all of its machines have it, by what was listed last
  jq --exit-status --arg image "$2" 'length > 0 and all(.image == $image)' "$work/$1.machines" >/dev/null
}

host_image() { list "$1" && jq --raw-output 'map(.image) | unique | join(" ")' "$work/$1.machines"; }

# The copy is what Fly.io runs, so it must be one image, and no index of images: https://github.com/superfly/flyctl-actions/issues/35
copy() { # SERVICE IMAGE: into Fly.io's registry
  if [ -z "${authenticated-}" ] && ! fly auth docker; then
    problem "Docker cannot log in to $FLY_REGISTRY: $complaint"
    return 1
  fi
  authenticated=true
  if ! background docker buildx imagetools inspect --raw "$2"; then
    problem "$1: $2 cannot be read"
    return 1
  fi
  part=$(jq --raw-output --arg digest "${2##*@}" '
    if has("manifests") then [.manifests[] | select(.platform | .os == "linux" and .architecture == "amd64").digest][0] // ""
    else $digest end
  ' "$work/said")
  if [ -z "$part" ]; then
    problem "$1: $2 has nothing for linux/amd64, which is what Fly.io runs"
    return 1
  fi
  keep "$1" digest "$part"
  background docker buildx imagetools create --prefer-index=false --tag "$(copied "$1" "$2")" "${2%@*}@$part"
}

copied() { # SERVICE IMAGE: where its copy is; what was no copy is where it says
  case $2 in
    "$(kept "$1" repository)"@sha256:*) echo "$FLY_REGISTRY/$(app "$1"):sha256-${2##*@sha256:}" ;;
    *) echo "$2" ;;
  esac
}

host_start() {
  keep "$1" wanted "$2"
  if [ -z "$returning" ]; then
    keep "$1" old-digest "$(kept "$1" digest)"
    copy "$1" "$2" || return 1
  else
    ended "$1" || true # one that fails or is broken off takes back what it can
    keep "$1" digest "$(kept "$1" old-digest)"
    if list "$1" && runs "$1" "$2" && [ -z "$(missing "$1")" ]; then return; fi
  fi
  order "$1" "$(copied "$1" "$2")"
}

order() { # SERVICE IMAGE: begins `fly deploy`, which the process is that is kept
  described "$1"
  set -- "$1" --app "$(app "$1")" --config "$config" --image "$2" --ha=false --yes
  if [ "$reach" = private ]; then set -- "$@" --flycast; fi
  if [ "$returning" ]; then set -- "$@" --strategy rolling --skip-release-command; fi
  for entry in $addresses; do
    other=$(lookup "${entry#*=}" "${FLY_APPS-}") || continue
    if [ "$other" != - ]; then set -- "$@" --env "${entry%%=*}=$(address "${entry#*=}")"; fi
  done
  service=$1
  shift
  flyctl deploy "$@" --wait-timeout "${DEPLOY_TIMEOUT}s" &
  keep "$service" process $!
}

ended() { # SERVICE: waits for its `fly deploy`
  child=$(kept "$1" process) result=0
  if [ "$child" ]; then wait "$child" || result=$?; fi
  child=
  keep "$1" process ''
  return "$result"
}

host_wait() {
  if ! ended "$1"; then
    problem "$1: fly deploy failed"
    return 1
  fi
  left=$RETRIES
  until scaled "$1"; do
    if [ "$left" = 0 ]; then
      problem "$1: Fly.io is done, but $complaint"
      return 1
    fi
    left=$((left - 1))
    pause "$POLL_INTERVAL"
  done
}

# Whether all machines are there and have the image; starts and removes machines if not.
scaled() { # SERVICE
  if ! list "$1"; then return 1; fi
  if ! runs "$1" "$(kept "$1" wanted)"; then
    complaint="its machines have $(jq --raw-output 'map(.image) | unique | join(" ")' "$work/$1.machines" | grep . || echo no image)"
    return 1
  fi
  if ! jq --exit-status --arg digest "$(kept "$1" digest)" 'all(.digest == $digest)' "$work/$1.machines" >/dev/null; then
    complaint="its machines have $(jq --raw-output 'map(.digest) | unique | join(" ")' "$work/$1.machines"), and not $(kept "$1" digest)"
    return 1
  fi
  missing "$1" >"$work/$1.missing"
  while read -r region count; do
    if ! fly scale count "$count" --region "$region" --app "$(app "$1")" --yes; then return 1; fi
    say "$1: $count in $region"
  done <"$work/$1.missing"
  complaint="its machines are not ${machines}"
  [ ! -s "$work/$1.missing" ]
}

deploy "$@"
<% endraw %>
