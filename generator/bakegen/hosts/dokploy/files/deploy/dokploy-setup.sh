#!/bin/sh
# Makes in Dokploy what dokploy.json says: the project, its databases, and an application for each process, with its
# variables, domains and settings. An application runs with them from its next deployment on, which dokploy.sh orders.
#
#   sh deploy/dokploy-setup.sh               sets what is not set, and names what is set otherwise
#   sh deploy/dokploy-setup.sh --overwrite   sets that too
#
# Run it again when dokploy.json has changed: what is as it should be stays as it is. It needs curl and jq, and prints
# DOKPLOY_APPLICATIONS for dokploy.sh.
#
#   DOKPLOY_URL          https://dokploy.example.com
#   DOKPLOY_API_KEY      from Dokploy: Settings, Profile, API/CLI Keys
#   DOKPLOY_ENVIRONMENT  of the project: production (the default), which has the domains, or another, which has none
#   DOKPLOY_SERVER_ID    the server that what is new runs on, if that is not Dokploy's own
#   REGISTRY_USERNAME    and REGISTRY_PASSWORD, where the images are private
#
# A secret is taken from the variable of its own name; without one, it is left to you.

# shellcheck disable=SC1091,SC2016,SC2034,SC2154 # common.sh is linted by itself; it reads $host, and sets $status and
# $work. Where a $ is in single quotes, it is jq's.
host=Dokploy
folder=$(dirname "$0")
: "${REQUEST_TIMEOUT:=300}" # a database that is started answers when it runs
. "$folder/common.sh"
trap 'problem "Interrupted. Run it again: it goes on where it stopped."; leave; exit 1' INT TERM HUP

tell() { say "$*" >&2; }

refused() { # PROCEDURE
  case $status in
    401 | 403) stop "Dokploy refuses DOKPLOY_API_KEY ($1, $status$(reason))" "is it right, and may its owner do that?" ;;
    3??) stop "Dokploy answers $status, a redirection" "is DOKPLOY_URL right, with https?" ;;
  esac
  problem "Dokploy answers $status to $1$(reason). Run it again: it goes on where it stopped."
  exit 1
}

get() { # PROCEDURE?QUERY
  request "${DOKPLOY_URL%/}/api/$1" --header "@$work/headers" || refused "$1"
}

body() { jq --null-input "$@" >"$work/body"; }

update() { # PROCEDURE
  request "${DOKPLOY_URL%/}/api/$1" --header "@$work/headers" --data "@$work/body" || refused "$1"
}

# Not asked again: what was made although no answer came would be made twice.
make() { # PROCEDURE
  ask "${DOKPLOY_URL%/}/api/$1" --header "@$work/headers" --data "@$work/body"
  case $status in 2??) ;; *) refused "$1" ;; esac
}

wanted() { jq --raw-output "$@" "$folder/dokploy.json"; }

# there FILE LIST KEY NAME: in $id the ID of what has this name in a list, or nothing
there() {
  id=$(jq --raw-output --arg key "$3" --arg name "$4" "$2 | map(select(.name == \$name)[\$key]) | join(\" \")" "$1")
  case $id in
    *' '*) stop "Dokploy has several that are called $4: $id" "rename all but one: it cannot be told which is meant" ;;
  esac
}

# The project and its environment: $environment is an ID, and $work/environment what is in it.
open_environment() {
  project=$(wanted .project)
  get project.all
  there "$work/answer" . projectId "$project"
  if [ -z "$id" ]; then
    body --arg name "$project" '{name: $name}'
    make project.create
    tell "$project: made the project"
    get project.all
    there "$work/answer" . projectId "$project"
  fi
  jq --arg id "$id" 'map(select(.projectId == $id))[0].environments' "$work/answer" >"$work/environments"
  body --arg name "$DOKPLOY_ENVIRONMENT" --arg project "$id" '{name: $name, projectId: $project}'
  there "$work/environments" . environmentId "$DOKPLOY_ENVIRONMENT"
  if [ -z "$id" ]; then
    make environment.create
    tell "$DOKPLOY_ENVIRONMENT: made the environment"
    id=$(jq --raw-output .environmentId "$work/answer")
  fi
  environment=$id
  get "environment.one?environmentId=$environment"
  cp "$work/answer" "$work/environment"
}

# create PROCEDURE NAME FILTER: what is new, with what the filter adds to what all have
create() {
  # A Docker service is called by its appName and six characters, 63 at most.
  body --arg name "$2" --arg project "$project" --arg environment "$environment" --arg server "${DOKPLOY_SERVER_ID-}" '
    {name: $name, appName: ($project + "-" + $name)[:56], environmentId: $environment}
    + if $server == "" then {} else {serverId: $server} end + '"$3"
  make "$1.create"
  tell "$2: made in Dokploy"
  id=$(jq --raw-output --arg key "$1Id" '.[$key]' "$work/answer")
}

# The databases, which get their passwords here, and their addresses in $work/addresses.
databases() {
  for name in $(wanted '.databases // {} | keys[]'); do
    there "$work/environment" ".$name" "${name}Id" "$name"
    if [ -z "$id" ]; then
      PASSWORD=$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')
      IMAGE=$(wanted --arg name "$name" '.databases[$name]')
      export PASSWORD IMAGE
      create "$name" "$name" '{databasePassword: env.PASSWORD, dockerImage: env.IMAGE}
        + if $name == "postgres" then {databaseName: "app", databaseUser: "app"} else {} end'
      unset PASSWORD IMAGE
    fi
    get "$name.one?${name}Id=$id"
    jq --arg name "$name" '{($name): (
      (.databasePassword | @uri) as $password
      | if $name == "postgres" then "postgresql://\(.databaseUser):\($password)@\(.appName):5432/\(.databaseName)"
        else "redis://default:\($password)@\(.appName):6379/0" end
    )}' "$work/answer" >>"$work/addresses"
    case $(jq --raw-output .applicationStatus "$work/answer") in
      done | running) ;;
      *)
        tell "$name: starting it"
        body --arg key "${name}Id" --arg id "$id" '{($key): $id}'
        make "$name.deploy"
        ;;
    esac
  done
}

# The applications, each as it is in $work/NAME.now, and the addresses of those that have a port.
applications() {
  for name in $(wanted '.applications | keys[]'); do
    there "$work/environment" .applications applicationId "$name"
    if [ -z "$id" ]; then create application "$name" '{}'; fi
    get "application.one?applicationId=$id"
    cp "$work/answer" "$work/$name.now"
    port=$(wanted --arg name "$name" '.applications[$name].port // empty')
    if [ "$port" ]; then
      jq --arg name "$name" --arg port "$port" '{($name): "http://\(.appName):\($port)"}' "$work/answer" >>"$work/addresses"
    fi
  done
}

# From an application as it is, to the body that sets what it lacks, and what there is to say. Variables are lines of one
# text, in dotenv's format, of which all but the wanted ones stay as they are.
difference='
  def unset: . == null or . == "" or . == [];
  def variables: [
    match("(?:\\A|\n)[ \t]*(?:export[ \t]+)?([A-Za-z0-9_.-]+)(?:[ \t]*=|:[ \t]+)([ \t]*\u0027(?:\\\\\u0027|[^\u0027])*\u0027"
      + "|[ \t]*\"(?:\\\\\"|[^\"])*\"|[ \t]*`(?:\\\\`|[^`])*`|[^#\r\n]+)?[ \t]*(?:#[^\n]*)?(?=\r?\n|\\z)"; "g")
    | {name: .captures[0].string, value: (.captures[1].string // ""), from: .offset, to: (.offset + .length)}
  ];
  def plain:
    sub("\\A[ \t]+"; "") | sub("[ \t]+\\z"; "")
    | .[:1] as $quote | if length > 1 and test("\\A[\u0027`\"]") and endswith($quote) then .[1:-1] else . end;
  def quoted:
    . as $value
    | if test("\\A[A-Za-z0-9_./:@%+,=~?&*!^()-]*\\z") then .
      else [("\u0027", "`", "\"") | select(. as $quote | $value | contains($quote) | not)][0] as $quote
        | $quote + $value + ($quote // error("Dokploy can take no value with \u0027, ` and \" in it")) end;

  . as $now | $file[0] as $file | $file.applications[$name] as $app
  | (.dockerImage | unset) as $new
  | ([env | to_entries[] | select(.value != "")] | from_entries) as $environment
  | (
      ($file.settings // {}) + ($app.settings // {})
      + if $new then {sourceType: "docker", dockerImage: $app.image} else {} end
      + if $environment.REGISTRY_USERNAME then
          {username: $environment.REGISTRY_USERNAME, password: $environment.REGISTRY_PASSWORD}
          + if $file.registry then {registryUrl: $file.registry} else {} end
        else {} end
      | to_entries | map(select(.value != $now[.key]))
    ) as $settings
  | (
      $app.env // {}
      | with_entries(
          if .value | type == "string" then .
          elif .value.address then .value = ($addresses | add)[.value.address]
          else .value = $environment[.key] end
          | select(.value)
        )
      | reduce to_entries[] as $wanted ({text: ($now.env // ""), set: [], left: []};
          ([.text | variables[] | select(.name == $wanted.key)] | last) as $old
          | "\($wanted.key)=\($wanted.value | quoted)" as $line
          | if $old == null then
              .text |= (if . == "" or endswith("\n") then . else . + "\n" end) + $line | .set += [$wanted.key]
            elif ($old.value | plain) == $wanted.value then .
            elif $overwrite == "true" then
              .text |= .[:$old.from] + (if $old.from > 0 then "\n" else "" end) + $line + .[$old.to:]
              | .set += [$wanted.key]
            else .left += [$wanted.key] end)
    ) as $env
  | ($settings | map(select($new or $overwrite == "true" or ($now[.key] | unset)))) as $set
  | {
      body: (($set | from_entries) + if $env.set == [] then {} else {env: $env.text} end),
      set: (($set | map(.key)) + $env.set),
      left: ((($settings - $set) | map(.key)) + $env.left),
      missing: (
        [($now.env // "" | variables[].name), ($environment | keys[])] as $there
        | $app.env // {} | to_entries
        | map(.key as $key | select(.value.secret? and ($there | index($key)) == null) | {key: $key, value: .value.secret})
      )
    }
'

set_up() { # NAME: an application
  id=$(jq --raw-output .applicationId "$work/$1.now")
  jq --arg name "$1" --arg overwrite "$overwrite" --slurpfile file "$folder/dokploy.json" \
    --slurpfile addresses "$work/addresses" "$difference" "$work/$1.now" >"$work/difference"
  if [ "$(jq '.set != []' "$work/difference")" = true ]; then
    jq --arg id "$id" '.body + {applicationId: $id}' "$work/difference" >"$work/body"
    update application.update
    tell "$1: set $(jq --raw-output '.set | join(", ")' "$work/difference")"
  fi
  for key in $(jq --raw-output '.left[]' "$work/difference"); do
    tell "$1: $key is another in Dokploy than in dokploy.json, and stays: --overwrite sets it"
  done
  jq --arg name "$1" '.missing[] + {name: $name}' "$work/difference" >>"$work/missing"
  if [ "$DOKPLOY_ENVIRONMENT" = production ]; then domains "$1"; fi
}

domains() { # NAME
  wanted --arg name "$1" '.applications[$name].domains // {} | to_entries[] | "\(.key) \(.value)"' >"$work/domains"
  while read -r domain port; do
    row=$(jq --raw-output --arg host "$domain" \
      '.domains[] | select(.host == $host) | "\(.domainId) \(.port)"' "$work/$1.now")
    body --arg host "$domain" --argjson port "$port" --arg application "$id" --arg domain "${row% *}" '
      {host: $host, port: $port} + if $domain == "" then
        {applicationId: $application, domainType: "application", path: "/", https: true, certificateType: "letsencrypt"}
      else {domainId: $domain} end'
    if [ -z "$row" ]; then
      make domain.create
      tell "$1: made the domain $domain"
    elif [ "${row##* }" != "$port" ] && [ "$overwrite" = true ]; then
      update domain.update
      tell "$1: set the port of $domain"
    elif [ "${row##* }" != "$port" ]; then
      tell "$1: the port of $domain is another in Dokploy than in dokploy.json, and stays: --overwrite sets it"
    fi
  done <"$work/domains"
}

case ${1-} in
  '') overwrite=false ;;
  --overwrite) overwrite=true ;;
  *) stop "$1 is no option" "there is --overwrite" ;;
esac
needs curl jq
case ${DOKPLOY_URL-} in
  http://?* | https://?*) ;;
  *) stop "DOKPLOY_URL is not set" "it is the address of Dokploy, https://…" ;;
esac
if [ -z "${DOKPLOY_API_KEY-}" ]; then stop "DOKPLOY_API_KEY is not set" "make one in Dokploy: Settings, Profile"; fi
if [ "${REGISTRY_USERNAME-}" ] && [ -z "${REGISTRY_PASSWORD-}" ]; then
  stop "REGISTRY_PASSWORD is not set" "it belongs to REGISTRY_USERNAME"
fi
: "${DOKPLOY_ENVIRONMENT:=production}"
printf 'x-api-key: %s\ncontent-type: application/json\n' "$DOKPLOY_API_KEY" >"$work/headers"
echo '{}' >"$work/addresses"

open_environment
databases
applications
for name in $(wanted '.applications | keys[]'); do set_up "$name"; done
if [ -s "$work/missing" ]; then
  tell "Without a value, to be set in Dokploy, or here and run again:"
  jq --raw-output --slurp 'group_by(.key)[] | "  \(.[0].key) of \(map(.name) | join(", "))  \(.[0].value)"' \
    "$work/missing" >&2
fi

for service in $(wanted '[.applications[].service] | unique[]'); do
  ids=
  for name in $(wanted --arg service "$service" '.applications | map_values(select(.service == $service)) | keys[]'); do
    ids=$ids${ids:+,}$(jq --raw-output .applicationId "$work/$name.now")
  done
  list="${list-}${list:+ }$service=$ids"
done
say "${list-}"
