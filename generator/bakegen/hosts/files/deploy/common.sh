#!/bin/sh
# What the deploy scripts of all hosts share: deploy, wait, verify, or roll back. They read this file; alone it does
# nothing. A host's script has four functions of its own, and then calls: deploy "$@"
#
#   host_check SERVICE IMAGE   stops if the service cannot be deployed; else it keeps what the host has now: `old`, the
#                              image; `settled`, whether that was deployed; `skip`, if the service is none of the host's;
#                              `back`, if the host can go back where the image is the same and something else is not
#   host_start SERVICE IMAGE   asks the host for an image
#   host_wait SERVICE          waits until the host says that it is there
#   host_image SERVICE         prints the image that the host has for the service
#
# It ends with 0 if every service runs its image, with 1 if not, and with 2 if nothing was tried.
set -euf

: "${host:=the host}" # its name in what is said

# Bounds, in seconds or times. A variable of the same name changes one.
: "${REQUEST_TIMEOUT:=30}" # one request
: "${RETRIES:=5}"          # of a request that fails for now, after 1, 2, 4, 8 and 16 seconds
: "${DEPLOY_TIMEOUT:=600}" # until the host says that it is done
: "${HEALTH_TIMEOUT:=300}" # until the service answers as the version that was deployed
: "${HEALTH_ANSWERS:=3}"   # that many right answers in a row are believed
: "${POLL_INTERVAL:=5}"    # between two questions

changed=   # the services that the host was asked to change, newest first
returning= # whether it is rolled back
child=     # the program that is waited for
what=      # what is asked of the host now, as it is called in what is said
work=$(mktemp -d)
trap 'leave; rm -rf "$work"' EXIT
trap interrupted INT TERM HUP

say() { printf '%s\n' "$*"; }

problem() {
  if [ "${GITHUB_ACTIONS-}" = true ]; then say "::error::$*"; else say "error: $*"; fi >&2
}

stop() { # MESSAGE HINT: what the caller must mend first
  problem "$1"
  say "hint: $2" >&2
  exit 2
}

needs() { # PROGRAM...
  for program; do
    if ! command -v "$program" >/dev/null; then stop "there is no $program" "install it: nothing can be deployed without it"; fi
  done
}

unanswered() { # what host_check ends with where it learns nothing
  problem "$host does not answer ($status). Nothing was changed."
  exit 1
}

left_out() { # SERVICE
  say "$1: is not deployed to $host"
  keep "$1" skip true
}

keep() { printf '%s' "$3" >"$work/$1.$2"; } # SERVICE NAME VALUE
kept() { if [ -e "$work/$1.$2" ]; then cat "$work/$1.$2"; fi; }

lookup() { # NAME LIST: the value of NAME in a list such as "api=1 web=2"
  for entry in $2; do
    if [ "${entry%%=*}" = "$1" ]; then
      printf '%s' "${entry#*=}"
      return
    fi
  done
  return 1
}

# A signal is heard at once: the shell waits, and not the program. What that prints is in $work/said.
background() {
  "$@" >"$work/said" &
  child=$!
  wait "$child"
}

leave() { if [ "$child" ]; then kill "$child" 2>/dev/null || true; fi; }

pause() { background sleep "$1"; }
deadline() { echo $(($(date +%s) + $1)); }
over() { [ "$(date +%s)" -ge "$1" ]; }

# ask URL [OPTION...]: one request by curl. $status is its status, 000 without an answer; the answer is in $work/answer.
# The URL, which may be a secret, is in a file: everybody on a machine sees the arguments of programs.
ask() {
  printf 'url = "%s"\n' "$1" >"$work/request"
  shift
  : >"$work/answer"
  set -- --silent --max-time "$REQUEST_TIMEOUT" --output "$work/answer" --write-out '%{http_code}' "$@"
  status=000
  if background curl --config "$work/request" "$@"; then status=$(cat "$work/said"); fi
}

passing() { # whether the same request may succeed later
  case $status in 000 | 429 | 5??) ;; *) return 1 ;; esac
}

asked() { ask "$@" && case $status in 2??) ;; *) return 1 ;; esac; }

# again HOPE COMMAND [ARGUMENT...]: a command that sets $status. As long as it fails and HOPE does not, it is tried again.
again() {
  hope=$1 left=$RETRIES delay=1
  shift
  until "$@"; do
    if [ "$left" = 0 ] || ! "$hope"; then return 1; fi
    say "$host answers $status: again in $delay s" >&2
    pause "$delay"
    left=$((left - 1)) delay=$((delay * 2))
  done
}

request() { again passing asked "$@"; } # URL [OPTION...]: asks again where that may help

reason() { # what the host says was wrong, on one line
  jq --raw-output '.message // .errors[0].message | strings | ": " + .' "$work/answer" 2>/dev/null |
    tr -d '[:cntrl:]' | cut -c 1-200
}

# poll GOOD BAD QUESTION [ARGUMENT...]: asks until $phase is GOOD. It fails with 1 if $phase is one of BAD, and with 2 if it
# is none of both at $end. QUESTION sets $what, of which it asks, and $phase if there is an answer.
poll() {
  good=$1 bad=$2
  shift 2
  while :; do
    phase=
    "$@" || true
    : "${phase:="status $status$(reason)"}"
    case " $good " in *" $phase "*) return ;; esac
    case " $bad " in *" $phase "*) problem "$what ends with: $phase" && return 1 ;; esac
    if over "$end" || { [ "$status" != 200 ] && ! passing; }; then
      problem "$what is not done in $DEPLOY_TIMEOUT s. It is: $phase"
      return 2
    fi
    pause "$POLL_INTERVAL"
  done
}

# For a host that runs a service as several units, which `units SERVICE` prints, and has `start UNIT IMAGE` and
# `arrive UNIT IMAGE`. The first goes first: its pre-deploy command has ended when the others start. Back go all at once.
start_units() { # SERVICE IMAGE
  keep "$1" wanted "$2"
  refusals=0
  for unit in $(units "$1"); do
    start "$unit" "$2" || refusals=1
    if [ -z "$returning" ]; then break; fi
  done
  return "$refusals"
}

wait_for_units() { # SERVICE
  first=true
  for unit in $(units "$1"); do
    if [ -z "$first$returning" ]; then start "$unit" "$(kept "$1" wanted)" || return 1; fi
    first=
    arrive "$unit" "$(kept "$1" wanted)" || return 1
  done
}

# health URL: its status is in $status, and in $found the commit that it names, if it names one.
health() {
  ask "$1"
  found=$(jq --raw-output 'objects | .revision | strings' "$work/answer" 2>/dev/null | tr -cd '[:alnum:]' | cut -c 1-64)
}

# healthy SERVICE REVISION IMAGE: waits until the service answers as this revision. One answer is not enough: while the
# host changes containers, old and new ones answer in turn, and a new one may answer and then fail.
healthy() {
  if ! url=$(lookup "$1" "${HEALTH_URLS-}"); then
    say "$1: has no address in HEALTH_URLS. That $host is done is all that could be verified."
    return
  fi
  right=0 end=$(deadline "$HEALTH_TIMEOUT")
  while :; do
    health "$url"
    case $status in 2??) ;; *) found="status $status" ;; esac
    case $found in "$2" | '') right=$((right + 1)) ;; *) right=0 ;; esac
    if [ "$right" -ge "$HEALTH_ANSWERS" ]; then break; fi
    if over "$end"; then
      problem "$1: is not healthy as ${2:-it was} after $HEALTH_TIMEOUT s. The last answer: ${found:-no revision}"
      return 1
    fi
    pause "$POLL_INTERVAL"
  done
  if [ "$found" ]; then
    say "$1: answers with revision $found"
  elif [ "$(host_image "$1")" = "$3" ]; then
    say "$1: is healthy, and names no revision. That $host has $3 is all that could be verified."
  else
    problem "$1: is healthy, but $host has another image than $3"
    return 1
  fi
}

there() { # SERVICE IMAGE: whether it runs already, as far as can be known
  [ "$(kept "$1" old)" = "$2" ] && [ "$(kept "$1" settled)" = true ] || return 1
  case $(kept "$1" before) in 2??" $REVISION" | 2??' ' | '') ;; *) return 1 ;; esac
}

put() { # SERVICE IMAGE REVISION
  host_start "$1" "$2" && host_wait "$1" && healthy "$1" "$3" "$2"
}

# Asks for the former image of every service first, and waits then: who was interrupted may be killed in a few seconds.
roll_back() {
  returning=true
  trap 'problem "Interrupted again."; state; exit 1' INT TERM HUP
  for name in $changed; do
    old=$(kept "$name" old)
    if [ -z "$old" ] || { [ "$old" = "$(kept "$name" new)" ] && [ -z "$(kept "$name" back)" ]; }; then
      keep "$name" state "cannot be rolled back, no image from before is known; what runs is not known"
      continue
    fi
    say "$name: rolling back to $old"
    keep "$name" state "$host did not confirm the order to go back to $old"
    if host_start "$name" "$old"; then keep "$name" state "$host was asked for $old again; what runs is not known"; fi
  done
  for name in $changed; do
    old=$(kept "$name" old)
    if [ "$(kept "$name" state)" = "$host was asked for $old again; what runs is not known" ] &&
      host_wait "$name" && as_before "$name" "$old"; then
      keep "$name" state "rolled back, runs $old again"
    fi
  done
  state
}

as_before() { # SERVICE IMAGE
  case $(kept "$1" before) in
    2??' '* | '') healthy "$1" "$(kept "$1" before | cut -d ' ' -f 2)" "$2" ;;
    *) say "$1: was not healthy before either" ;;
  esac
}

state() {
  for name in $changed; do problem "$name: $(kept "$name" state)"; done
  if [ -z "$changed" ]; then say "Nothing was changed."; fi
}

interrupted() {
  problem "Interrupted."
  leave
  roll_back
  exit 1
}

deploy() { # SERVICE=IMAGE@DIGEST...
  if [ $# = 0 ]; then stop "no image to deploy" "sh $0 SERVICE=IMAGE@sha256:DIGEST ..."; fi
  needs curl jq
  for bound in "REQUEST_TIMEOUT=$REQUEST_TIMEOUT" "RETRIES=$RETRIES" "DEPLOY_TIMEOUT=$DEPLOY_TIMEOUT" \
    "HEALTH_TIMEOUT=$HEALTH_TIMEOUT" "HEALTH_ANSWERS=$HEALTH_ANSWERS"; do
    case ${bound#*=} in *[!0-9]* | 0?*) stop "$bound is no whole number" "seconds or times: ${bound%%=*}=60" ;; esac
  done
  for entry in ${HEALTH_URLS-}; do
    case $entry in ?*=http://?* | ?*=https://?*) ;; *) stop "HEALTH_URLS has $entry, which is no NAME=URL" "api=https://…" ;; esac
  done
  if [ -z "${REVISION-}" ]; then stop "REVISION is not set" "it is the commit that the images were built from"; fi
  case $REVISION in *[!0-9a-f]*) commit= ;; *) commit=$REVISION ;; esac
  if [ ${#commit} != 40 ]; then stop "REVISION=$REVISION is no whole commit" "git rev-parse $REVISION prints it"; fi
  for argument; do
    service=${argument%%=*} image=${argument#*=}
    case $service in
      '' | *[!a-z0-9-]*) stop "$argument is no SERVICE=IMAGE" "SERVICE is a name of bakegen.toml, such as api" ;;
    esac
    case $image in
      ?*@sha256:*[!0-9a-f]* | @* | *[!!-~]*) digest= ;;
      *) digest=${image##*@sha256:} ;;
    esac
    if [ ${#digest} != 64 ]; then
      stop "$argument has no digest" "a tag may move: deploy SERVICE=IMAGE@sha256:DIGEST, as in images.env of a release"
    fi
    host_check "$service" "$image"
    if url=$(lookup "$service" "${HEALTH_URLS-}"); then
      health "$url"
      keep "$service" before "$status $found"
    fi
  done
  for argument; do
    service=${argument%%=*} image=${argument#*=}
    if [ "$(kept "$service" skip)" ]; then continue; fi
    if there "$service" "$image"; then
      say "$service: runs $image already"
      continue
    fi
    say "$service: deploying $image"
    say "$service: $host has $(kept "$service" old | grep . || echo no image)"
    keep "$service" new "$image"
    keep "$service" state "$host was asked for $image"
    changed="$service $changed"
    if ! put "$service" "$image" "$REVISION"; then
      roll_back
      exit 1
    fi
    say "$service: runs $image"
  done
}
