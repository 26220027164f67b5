#!/bin/sh
# Deploys images to Render, waits until the services answer as the new version, and rolls back if they do not.
#
#   sh deploy/render.sh api=ghcr.io/acme/shop-api@sha256:… web=ghcr.io/acme/shop-web@sha256:…
#
# deploy.yml runs it; with the same variables it runs on a laptop. It needs curl and jq.
#
#   RENDER_API_KEY         from Render: Account Settings, API Keys. It may do all that its owner may
#   RENDER_SERVICES        "api=srv-…,srv-… web=srv-…", the IDs of the services, each before those of its processes, with
#                          blanks or line breaks between the services; "-" as ID for one that is not deployed here
#   HEALTH_URLS            "api=https://api.example.com/health web=https://…", as people reach them
#   REVISION               the commit that the images were built from
#
# common.sh has the bounds of every wait.

# shellcheck disable=SC1091,SC2034,SC2154 # common.sh is linted by itself; it reads $host, and sets $status and $work
host=Render
: "${DEPLOY_TIMEOUT:=1200}" # Render gives a new version 15 minutes to become healthy
. "$(dirname "$0")/common.sh"

# How many IDs each service has: its own, and one for each further process.
counts='<% for service in project.services %><< service.name >>=<< 1 + service.run.processes | length >><< " " if not loop.last >><% endfor %>'

units() { lookup "$1" "${RENDER_SERVICES-}" | tr , ' '; } # SERVICE: its IDs

api() { # ID PATH [OPTION...]: asks about a service of Render until there is an answer
  address=$(at "$1" "$2")
  shift 2
  request "$address" --header "@$work/headers" "$@"
}

at() { printf %s "${RENDER_API_URL:-https://api.render.com/v1}/services/$1$2"; }

host_check() {
  if [ -z "${RENDER_API_KEY-}" ]; then stop "RENDER_API_KEY is not set" "make one in Render: Account Settings, API Keys"; fi
  ids=$(units "$1")
  if [ -z "$ids" ]; then stop "$1 has no ID" "add $1=srv-… to RENDER_SERVICES, or $1=-"; fi
  if [ "$ids" = - ]; then left_out "$1" && return; fi
  number=$(lookup "$1" "$counts" || echo 0)
  if [ "$(echo "$ids" | wc -w)" -ne "$number" ]; then
    stop "$1 needs $number of RENDER_SERVICES' IDs, and has: $ids" "one for the service, then one for each of its processes"
  fi
  printf 'authorization: Bearer %s\ncontent-type: application/json\n' "$RENDER_API_KEY" >"$work/headers"
  keep "$1" settled true
  for id in $ids; do
    if ! api "$id" ''; then
      case $status in
        401 | 403) stop "Render refuses RENDER_API_KEY ($status$(reason))" "is it right, and may its owner see $1?" ;;
        400 | 404) stop "$1: Render knows no service $id ($status)" "its ID is in the address of its page in Render" ;;
        *) unanswered ;;
      esac
    fi
    keep "$id" settings "$(jq '
      {ownerId, registryCredentialId: .registryCredential.id?} | with_entries(select(.value))
    ' "$work/answer")"
    image=$(jq --raw-output '.imagePath // ""' "$work/answer")
    if [ -z "$image" ]; then
      stop "$1: $id does not run an image" "a service keeps its runtime: let render.yaml make another"
    fi
    if [ "$(jq --raw-output .suspended "$work/answer")" = suspended ]; then stop "$1: $id is suspended" "resume it in Render"; fi
    if ! live "$id"; then unanswered; fi
    if [ "$id" = "${ids%% *}" ]; then keep "$1" old "$running"; fi
    if [ "$running" != "$(kept "$1" old)" ] || [ "${image##*@}" != "${running##*@}" ]; then keep "$1" settled ''; fi
  done
}

# live ID: in $running the image of the deploy that is live: by digest, even if it was deployed by tag.
live() {
  api "$1" '/deploys?status=live&limit=1' || return 1
  running=$(jq --raw-output '
    .[0].deploy.image // empty | (.sha // "") as $sha | .ref // empty
    | if contains("@") or ($sha | startswith("sha256:") | not) then . else sub(":[^:/]*$"; "") + "@" + $sha end
  ' "$work/answer")
  asked=$(kept "$1" asked)
  if [ "${running##*@}" = "${asked##*@}" ]; then running=$asked; fi # Render may have named docker.io
}

host_image() { # of all its processes: several where they differ
  for id in $(units "$1"); do
    if live "$id"; then say "$running"; else say unknown; fi
  done | sort -u
}

host_start() { start_units "$@"; }
host_wait() { wait_for_units "$@"; }

# A deploy that is under way is cancelled: Render would finish it first. Where the workspace lets deploys wait for each
# other, the answer may be 202 without an ID, and the deploy is found behind the newest one from before.
start() { # ID IMAGE
  if [ "$(kept "$1" deploy)" ]; then api "$1" "/deploys/$(kept "$1" deploy)/cancel" --request POST --data '{}' || true; fi
  if api "$1" '/deploys?limit=1' && keep "$1" newest "$(jq --raw-output '.[0].deploy.id // ""' "$work/answer")" &&
    api "$1" /deploys --request POST --data "$(jq --null-input --arg image "$2" '{imageUrl: $image}')"; then
    keep "$1" asked "$2"
    keep "$1" deploy "$(jq --raw-output '.id? // ""' "$work/answer")"
  else
    problem "Render answers $status to the order to deploy $1$(reason)"
    return 1
  fi
}

arrive() { # ID IMAGE
  end=$(deadline "$DEPLOY_TIMEOUT") result=0
  poll live 'build_failed pre_deploy_failed update_failed canceled deactivated' phase "$@" || result=$?
  if [ "$result" != 2 ]; then keep "$1" deploy ''; fi
  if [ "$result" = 0 ]; then settle "$@"; fi
  return "$result"
}

phase() { # ID IMAGE: of the deploy that was ordered. Without an ID it is the one of the image after $newest.
  id=$(kept "$1" deploy)
  what="Render's deploy ${id:-that waits} of $1"
  asked "$(at "$1" "/deploys${id:+/$id}")" --header "@$work/headers" || return 1
  if [ "$id" ]; then
    phase=$(jq --raw-output .status "$work/answer")
    return
  fi
  phase=queued
  keep "$1" deploy "$(jq --raw-output --arg newest "$(kept "$1" newest)" --arg digest "${2##*@}" '
    map(.deploy) | .[: map(.id) | index($newest)] | map(select(.image.ref // "" | endswith($digest))) | .[0].id // ""
  ' "$work/answer")"
}

# The image in a service's settings too: Render deploys that when somebody changes a variable.
settle() { # ID IMAGE
  body=$(jq --null-input --argjson settings "$(kept "$1" settings)" --arg image "$2" \
    '{image: ($settings + {imagePath: $image})}')
  if ! api "$1" '' --request PATCH --data "$body"; then
    say "$1: its settings in Render name another image still ($status$(reason)): what deploys them next deploys that"
  fi
}

deploy "$@"
