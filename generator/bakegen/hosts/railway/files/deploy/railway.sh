<% set several = project.services | selectattr("run.processes") | list %>
#!/bin/sh
# Deploys images to Railway, waits until the services answer as the new version, and rolls back if they do not.
#
#   sh deploy/railway.sh api=ghcr.io/acme/shop-api@sha256:… web=ghcr.io/acme/shop-web@sha256:…
#
# deploy.yml runs it; with the same variables it runs on a laptop. It needs curl and jq. The services must be there:
# `railway config apply` makes them, from .railway/railway.ts.
#
#   RAILWAY_TOKEN   of one environment, from Railway: the project's Settings, Tokens
#   HEALTH_URLS     "api=https://api.example.com/health web=https://…", as people reach them
#   REVISION        the commit that the images were built from
#
# common.sh has the bounds of every wait.

# shellcheck disable=SC1091,SC2016,SC2034,SC2154 # common.sh is linted by itself: it reads $host, and sets $status and
# $work. The variables in quotes are those of GraphQL and jq.
host=Railway
. "$(dirname "$0")/common.sh"

: "${RAILWAY_GRAPHQL_ENDPOINT:=https://backboard.railway.com/graphql/v2}" # as Railway's own programs call it

<% if several %>
# What runs a service's image, each a service of Railway: the service itself, then its further processes.
units() {
  case $1 in
<% for service in several %>
    << service.name >>) echo << service.name >><% for name in service.run.processes %> << service.name >>-<< name >><% endfor %> ;;
<% endfor %>
    *) echo "$1" ;;
  esac
}
<% else %>
units() { echo "$1"; } # what runs a service's image, each a service of Railway: the service alone
<% endif %>

body() { # QUERY [OPTION-OF-JQ...]: writes a request with its variables
  query=$1
  shift
  jq --null-input --arg query "$query" "$@" '{$query, variables: ($ARGS.named | del(.query))}' >"$work/body"
}

answered() { jq --exit-status '.data and (has("errors") | not)' "$work/answer" >/dev/null 2>&1; }

graphql() { # QUERY [OPTION-OF-JQ...]: asks until there is an answer. Railway says 200 to errors too.
  body "$@"
  request "$RAILWAY_GRAPHQL_ENDPOINT" --header "@$work/headers" --data "@$work/body" && answered
}

of() { # PROCESS QUERY [OPTION-OF-JQ...]: the same, for a process in the environment of the token
  process=$1
  shift
  graphql "$@" --arg service "$(kept "$process" id)" --arg environment "$environment"
}

value() { # FILTER [OPTION-OF-JQ...]
  filter=$1
  shift
  jq --raw-output "$@" "($filter) // \"\"" "$work/answer"
}

refused() {
  case $status in 2?? | 401 | 403) ;; *) unanswered ;; esac
  stop "Railway refuses RAILWAY_TOKEN ($status$(reason))" "it must be a token of the project, not of an account"
}

connect() { # finds the environment of the token, and the services of its project
  printf 'project-access-token: %s\ncontent-type: application/json\n' "$RAILWAY_TOKEN" >"$work/headers"
  graphql 'query { projectToken { projectId environmentId } }' || refused
  environment=$(value .data.projectToken.environmentId)
  graphql 'query ($project: String!) {
    project(id: $project) { services(first: 1000) { edges { node { id name } } } }
  }' --arg project "$(value .data.projectToken.projectId)" || refused
  cp "$work/answer" "$work/services"
}

# instance PROCESS: what Railway has for it. In $running is the image of the newest deployment if that is there, else of
# one that is active, else what the process is configured with; by its digest, if Railway knows it. In $settled is
# whether that was asked for last, and is there.
instance() {
  of "$1" 'query ($service: String!, $environment: String!) {
    serviceInstance(serviceId: $service, environmentId: $environment) {
      source { image repo } latestDeployment { status meta } activeDeployments { meta }
    }
  }' || return 1
  running=$(value '.data.serviceInstance | [
    (.latestDeployment // empty | select(.status == "SUCCESS" or .status == "SLEEPING") | .meta),
    .activeDeployments[]?.meta,
    .source
  ] | map(select(.image))[0] // {}
    | if .imageDigest and (.image | contains("@") | not) then "\(.image | sub(":[^:/]*$"; ""))@\(.imageDigest)" else .image end')
  settled=$(value '.data.serviceInstance | .source.image == $running and
    (.latestDeployment.status == "SUCCESS" or .latestDeployment.status == "SLEEPING")' --arg running "$running")
}

host_check() {
  if [ -z "${RAILWAY_TOKEN-}" ]; then stop "RAILWAY_TOKEN is not set" "make one in Railway: the project's Settings, Tokens"; fi
  if [ ! -e "$work/services" ]; then connect; fi
  for each in $(units "$1"); do
    id=$(jq --raw-output --arg name "$each" '
      .data.project.services.edges[].node | select(.name == $name).id' "$work/services")
    if [ -z "$id" ]; then stop "Railway has no service $each" "make it: railway config apply"; fi
    keep "$each" id "$id"
    if ! instance "$each"; then
      if [ "$status" != 200 ]; then unanswered; fi
      stop "Railway has no service $each in this environment$(reason)" "make it: railway config apply"
    fi
    if [ "$(value .data.serviceInstance.source.repo)" ]; then
      stop "$each: Railway builds it from a repository" "let it run an image: railway config apply"
    fi
    if [ "$each" = "$1" ]; then
      keep "$1" old "$running"
      keep "$1" settled "$settled"
    elif [ "$settled" != true ] || [ "$running" != "$(kept "$1" old)" ]; then
      keep "$1" settled ""
    fi
  done
}

host_image() { # of all its processes: several where they differ
  for each in $(units "$1"); do
    if instance "$each"; then say "$running"; else say unknown; fi
  done | sort -u
}

start() { # PROCESS IMAGE
  if of "$1" 'mutation ($service: String!, $environment: String!, $image: String!) {
    serviceInstanceUpdate(serviceId: $service, environmentId: $environment, input: { source: { image: $image } })
  }' --arg image "$2" && of "$1" 'mutation ($service: String!, $environment: String!) {
    serviceInstanceDeployV2(serviceId: $service, environmentId: $environment)
  }'; then
    keep "$1" deployment "$(value .data.serviceInstanceDeployV2)"
  else
    problem "$1: Railway answers $status to the order to deploy$(reason)"
    return 1
  fi
}

host_start() { start_units "$@"; }
host_wait() { wait_for_units "$@"; }

# Without a health check Railway calls it a success that a container has started. One that crashes then is seen by asking
# more than once.
arrive() { # PROCESS IMAGE
  body 'query ($id: String!) { deployment(id: $id) { status meta } }' --arg id "$(kept "$1" deployment)"
  right=0 end=$(deadline "$DEPLOY_TIMEOUT") what="$1: Railway's deployment"
  until [ "$right" -ge "$HEALTH_ANSWERS" ]; do
    poll 'SUCCESS SLEEPING' 'CRASHED FAILED NEEDS_APPROVAL REMOVED REMOVING SKIPPED' phase || return 1
    right=$((right + 1))
    pause "$POLL_INTERVAL"
  done
  running=$(value .data.deployment.meta.image)
  if [ "${running:-$2}" != "$2" ]; then
    problem "$1: Railway deployed $running, and not $2"
    return 1
  fi
}

phase() {
  ask "$RAILWAY_GRAPHQL_ENDPOINT" --header "@$work/headers" --data "@$work/body"
  if answered; then phase=$(value .data.deployment.status); fi
}

deploy "$@"
