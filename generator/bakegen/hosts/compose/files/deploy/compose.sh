#!/bin/sh
# Deploys images to a machine with Docker Compose, waits until the services answer as the new version, and rolls back if
# they do not.
#
#   sh deploy/compose.sh api=ghcr.io/acme/shop-api@sha256:… web=ghcr.io/acme/shop-web@sha256:…
#
# deploy.yml runs it; with the same variables it runs on a laptop, and on the machine itself. It needs docker with
# Compose, curl and jq, and ssh where the machine is another one.
#
#   DOCKER_HOST              ssh://deploy@shop.example.com; without it, the Docker of this machine
#   DOCKER_SSH_PRIVATE_KEY   for DOCKER_HOST; without it, ssh has its own
#   DOCKER_SSH_KNOWN_HOSTS   goes with the key, and tells that machine from others: ssh-keyscan shop.example.com
#   DOCKER_DOTENV            the lines of .env; without it, .env is read
#   HEALTH_URLS              "api=https://api.example.com/health web=https://…", as people reach them
#   REVISION                 the commit that the images were built from
#
# Compose itself reads variables that begin with COMPOSE_, so those of this script begin with DOCKER_.
#
# It writes images.env, by which compose.prod.yaml keeps the images that are deployed.
# common.sh has the bounds of every wait.

# shellcheck disable=SC1091,SC2034,SC2154 # common.sh is linted by itself; it reads $host, and sets $work
# shellcheck disable=SC2016,SC2046,SC2086 # jq has variables of its own; a name or an image is one word
host="Docker Compose"
. "$(dirname "$0")/common.sh"
cd "$(dirname "$0")/.." || exit

compose() { # ARGUMENT...: what it prints is in $work/said
  background docker compose --file compose.prod.yaml --env-file "$work/env" --env-file "$work/images.env" \
    --progress quiet "$@"
}

variable() { printf '%s_IMAGE' "$1" | tr '[:lower:]-' '[:upper:]_'; } # SERVICE

# names FILTER [VARIABLE]: of what is in compose.prod.yaml. $mine run the image of this variable, $others one that is not
# ours, and $first end before another one starts.
names() {
  jq --raw-output --arg variable "${2-}" '.services | to_entries
    | map(select(.value.image == $variable).key) as $mine
    | map(select(.value.image | test("^[A-Z0-9_]+_IMAGE$") | not).key) as $others
    | map(.value.depends_on // {} | to_entries[] | select(.value.condition == "service_completed_successfully").key)
      as $first
    | '"$1"' | .[]' "$work/config"
}

ending() { names '$mine - ($mine - $first)' "$1"; } # VARIABLE
staying() { names '$mine - $first' "$1"; }          # VARIABLE

# images VARIABLE: what its containers were made of, by digest or, where there was none, by ID.
images() {
  compose ps --all --quiet $(staying "$1")
  set -- $(cat "$work/said")
  if [ $# -gt 0 ]; then
    background docker inspect --format '{{.Config.Image}} {{.Image}}' "$@"
    sed -E 's/^([^ ]*@[^ ]*) .*/\1/; s/^.* //' "$work/said" | sort -u
  fi
}

record() { # VARIABLE IMAGE
  { grep -v "^$1=" "$work/images.env" || true; } >"$work/rest"
  echo "$1=$2" | sort - "$work/rest" >"$work/images.env"
}

# ssh takes the key from here, and leaves nothing in anybody's home.
use_key() {
  if [ -z "${DOCKER_SSH_KNOWN_HOSTS-}" ]; then stop "DOCKER_SSH_KNOWN_HOSTS is not set" "ssh-keyscan prints what it has to be"; fi
  mkdir "$work/bin"
  printf '%s\n' "$DOCKER_SSH_PRIVATE_KEY" >"$work/key"
  printf '%s\n' "$DOCKER_SSH_KNOWN_HOSTS" >"$work/known_hosts"
  printf '#!/bin/sh\nexec "%s" -i "%s" -o IdentitiesOnly=yes -o StrictHostKeyChecking=yes -o %s "$@"\n' \
    "$(command -v ssh)" "$work/key" "'UserKnownHostsFile=\"$work/known_hosts\"'" >"$work/bin/ssh"
  chmod 600 "$work/key"
  chmod 700 "$work/bin/ssh"
  PATH=$work/bin:$PATH
}

# What is in compose.prod.yaml, each image of ours replaced by the name of its variable; and which images run.
survey() {
  if ! background docker compose version; then stop "there is no Docker Compose" "install Docker with its plugin compose"; fi
  if [ "${DOCKER_SSH_PRIVATE_KEY-}" ]; then use_key; fi
  if ! background docker version; then stop "no Docker answers at ${DOCKER_HOST:-this machine}" "try: docker version"; fi
  if [ "${DOCKER_DOTENV-}" ]; then printf '%s\n' "$DOCKER_DOTENV"; elif [ -e .env ]; then cat .env; fi >"$work/env"
  unset DOCKER_DOTENV IMAGES DOCKER_SSH_PRIVATE_KEY # what Compose reads comes from the files
  variables=$(grep -o '\${[A-Z0-9_]*_IMAGE:-' compose.prod.yaml | tr -d '${:-' | sort -u)
  unset $variables
  printf '%s\n' $variables | sed 's/.*/&=&/' >"$work/images.env"
  if ! compose config --format json; then stop "compose.prod.yaml cannot be used" "what .env needs is in .env.example"; fi
  mv "$work/said" "$work/config"
  if [ -e images.env ]; then cat images.env; fi >"$work/images.env"
  for name in $variables; do
    image=$(images "$name" | head -n 1)
    if [ "$image" ]; then record "$name" "$image"; fi
  done
}

host_check() {
  if [ ! -e "$work/config" ]; then survey; fi
  if [ -z "$(staying "$(variable "$1")")" ]; then stop "$1 is not in compose.prod.yaml" "bakegen sync puts it there"; fi
  keep "$1" old "$(host_image "$1" | head -n 1)"
}

host_image() { images "$(variable "$1")"; }

# What runs is left alone until the databases are there, and what has to end first has ended well.
host_start() {
  keep "$1" asked "$2"
  record "$(variable "$1")" "$2"
  cp "$work/images.env" images.env
  others=$(names '$others')
  if [ "$others" ] && [ ! -e "$work/ready" ]; then
    compose up --detach --no-deps --wait --wait-timeout "$DEPLOY_TIMEOUT" $others || return 1
    : >"$work/ready"
  fi
  if [ "$2" != "$(kept "$1" old)" ]; then
    for name in $(ending "$(variable "$1")"); do
      say "$1: running $name"
      if ! compose run --rm --no-deps --no-TTY --interactive=false "$name"; then
        cat "$work/said"
        problem "$1: $name failed"
        return 1
      fi
      cat "$work/said"
    done
  fi
  compose up --detach --no-deps $(staying "$(variable "$1")")
}

host_wait() {
  names=$(staying "$(variable "$1")") image=$(kept "$1" asked)
  if ! compose up --detach --no-deps --no-recreate --wait --wait-timeout "$DEPLOY_TIMEOUT" $names; then
    problem "$1: does not run, or is not healthy, after $DEPLOY_TIMEOUT s"
    return 1
  fi
  compose ps --quiet $names
  background docker inspect --format '{{.Image}}' $(cat "$work/said")
  found=$(sort -u "$work/said")
  background docker image inspect --format '{{.Id}}' "$image"
  if [ "$found" != "$(cat "$work/said")" ]; then
    problem "$1: its containers are not all of $image"
    return 1
  fi
}

deploy "$@"
