#!/bin/sh
# Deploys images to Dokploy, waits until the services answer as the new version, and rolls back if they do not.
#
#   sh deploy/dokploy.sh api=ghcr.io/acme/shop-api@sha256:… web=ghcr.io/acme/shop-web@sha256:…
#
# deploy.yml runs it; with the same variables it runs on a laptop. It needs curl and jq. dokploy-setup.sh makes the
# applications, and prints DOKPLOY_APPLICATIONS.
#
#   DOKPLOY_URL            https://dokploy.example.com
#   DOKPLOY_API_KEY        from Dokploy: Settings, Profile, API/CLI Keys
#   DOKPLOY_APPLICATIONS   "api=ID,ID web=ID", the applications of the services, with blanks or line breaks between the
#                          services: one for each process; "-" as ID for a service that is not deployed here
#   HEALTH_URLS            "api=https://api.example.com/health web=https://…", as people reach them
#   REVISION               the commit that the images were built from
#   DOKPLOY_WEBHOOK_URL    "api=https://… web=https://…", for who has no key: Dokploy then deploys what it is configured
#                          with, whatever image is asked for, and cannot be told to go back
#
# common.sh has the bounds of every wait.

# shellcheck disable=SC1091,SC2034,SC2154 # common.sh is linted by itself; it reads $host, and sets $status and $work
host=Dokploy
. "$(dirname "$0")/common.sh"

api() { # PATH [OPTION...]: asks until there is an answer
  path=$1
  shift
  request "${DOKPLOY_URL%/}/api/$path" --header "@$work/headers" "$@"
}

order() { # PATH BODY
  if ! api "$1" --request POST --data "$2"; then
    problem "Dokploy answers $status to $1$(reason)"
    return 1
  fi
}

applications() { lookup "$1" "${DOKPLOY_APPLICATIONS-}" | tr , ' '; } # SERVICE: their IDs

host_check() {
  if [ -z "${DOKPLOY_API_KEY-}" ] && [ "${DOKPLOY_WEBHOOK_URL-}" ]; then
    if ! lookup "$1" "$DOKPLOY_WEBHOOK_URL" >/dev/null; then
      stop "$1 has no webhook" "add $1=URL to DOKPLOY_WEBHOOK_URL"
    fi
    say "$1: by webhook. Dokploy deploys the image that it is configured with, and cannot be told to go back."
    return
  fi
  if [ -z "${DOKPLOY_URL-}" ]; then stop "DOKPLOY_URL is not set" "it is the address of Dokploy, https://…"; fi
  if [ -z "${DOKPLOY_API_KEY-}" ]; then stop "DOKPLOY_API_KEY is not set" "make one in Dokploy: Settings, Profile"; fi
  ids=$(applications "$1")
  if [ -z "$ids" ]; then stop "$1 has no application" "add $1=ID to DOKPLOY_APPLICATIONS, or $1=-"; fi
  if [ "$ids" = - ]; then left_out "$1" && return; fi
  printf 'x-api-key: %s\ncontent-type: application/json\n' "$DOKPLOY_API_KEY" >"$work/headers"
  keep "$1" settled true
  for id in $ids; do
    if ! api "application.one?applicationId=$id"; then
      case $status in
        401 | 403) stop "Dokploy refuses DOKPLOY_API_KEY ($status$(reason))" "is it right, and may its owner see $1?" ;;
        400 | 404) stop "$1: Dokploy knows no application $id ($status)" "its ID is in the address of its page in Dokploy" ;;
        3??) stop "Dokploy answers $status, a redirection" "is DOKPLOY_URL right, with https?" ;;
        *) unanswered ;;
      esac
    fi
    if [ "$(jq --raw-output .sourceType "$work/answer")" != docker ]; then
      stop "$1: its application does not run an image" "in Dokploy, under General, choose Docker as its provider"
    fi
    # The image of one that was never deployed is none to go back to.
    has=$(jq --raw-output 'if .deployments == [] then "" else .dockerImage // "" end' "$work/answer")
    if [ "$id" = "${ids%% *}" ]; then keep "$1" old "$has"; fi
    if [ "$has" != "$(kept "$1" old)" ] || [ "$(jq '.applicationStatus == "done"' "$work/answer")" = false ]; then
      keep "$1" settled false
    fi
  done
}

host_image() { # what all of them have
  for id in $(applications "$1"); do
    if api "application.one?applicationId=$id"; then jq --raw-output .dockerImage "$work/answer"; else say unknown; fi
  done | sort -u
}

# A deployment has no ID that would be told: it is found by its title, so that must be its alone.
host_start() {
  if [ -z "${DOKPLOY_API_KEY-}" ]; then
    webhook "$1"
    return
  fi
  orders=$((${orders-0} + 1))
  title="$(printf '%.7s' "$REVISION") ${GITHUB_RUN_ID-$(date +%s)}.${GITHUB_RUN_ATTEMPT-1}.$$.$orders"
  keep "$1" title "$title"
  for id in $(applications "$1"); do
    set -- "$1" "$2" "$(jq --null-input --arg id "$id" --arg image "$2" '{applicationId: $id, dockerImage: $image}')" \
      "$(jq --null-input --arg id "$id" --arg title "$title" '{applicationId: $id, title: $title}')"
    order application.update "$3" && order application.deploy "$4" || return 1
  done
}

# Done means that Dokploy gave the image to Docker Swarm, and not that it runs: see healthy in common.sh.
host_wait() {
  title=$(kept "$1" title)
  if [ -z "$title" ]; then return; fi # a webhook
  end=$(deadline "$DEPLOY_TIMEOUT")
  for id in $(applications "$1"); do
    what="$1: Dokploy's deployment \"$title\""
    poll 'done' 'error cancelled' phase "$id" || return 1
  done
}

phase() { # ID
  asked "${DOKPLOY_URL%/}/api/deployment.all?applicationId=$1" --header "@$work/headers" &&
    phase=$(jq --raw-output --arg title "$title" 'map(select(.title == $title).status)[0] // "queued"' "$work/answer")
}

webhook() { # SERVICE
  if request "$(lookup "$1" "$DOKPLOY_WEBHOOK_URL")" --request POST && [ "$status" = 200 ]; then return; fi
  # 301 is no redirection here, but how Dokploy says that it does not deploy.
  problem "$1: the webhook answers $status$(reason)"
  return 1
}

deploy "$@"
