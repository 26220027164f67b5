#!/bin/sh
# Deploys images to Kubernetes: applies kubernetes/overlays/$ENVIRONMENT with their digests, waits until pods run them and
# the services answer as the new version, and rolls back if they do not.
#
#   ENVIRONMENT=staging REVISION=… sh deploy/kubernetes.sh api=ghcr.io/acme/shop-api@sha256:… web=…
#
# deploy.yml runs it; with the same variables it runs on a laptop. It needs kubectl, diff, curl and jq.
#
#   ENVIRONMENT             staging or production
#   KUBERNETES_KUBECONFIG   the text of a kubeconfig; without it kubectl takes what it always takes
#   HEALTH_URLS             "api=https://api.example.com/health web=https://…", as people reach them
#   REVISION                the commit that the images were built from
#
# Which images run, only the cluster knows. All else is in kubernetes/: a change of it goes out with the next deployment
# of the service, be it of the same image. common.sh has the bounds of every wait.

# shellcheck disable=SC1091,SC2016,SC2034,SC2154 # common.sh is linted by itself: it reads $host, and sets $work and bounds
host=Kubernetes
. "$(dirname "$0")/common.sh"

# kube ARGUMENT...: kubectl, again as long as the cluster cannot be reached. What it prints is in $work/said.
kube() { again unreachable kubectl_once "$@"; }

kubectl_once() { # its exit status is in $status
  status=0
  background sh -c 'exec kubectl "$@" 2>"$0"' "$work/problems" --namespace "$namespace" "$@" || status=$?
  cat "$work/problems" >&2
  return "$status"
}

unreachable() { grep -Eq 'connection|timeout|context deadline|EOF|InternalError|ServiceUnavailable|TooManyRequests' "$work/problems"; }

# Which manifests of a service: all, those that its pre_deploy takes, or those that stay.
all() { echo "app.kubernetes.io/component=$1"; }
before() { echo "$(all "$1"),app.kubernetes.io/name in ($1.config,$1.pre-deploy)"; }
lasting() { echo "$(all "$1"),app.kubernetes.io/name!=$1.pre-deploy"; }

connect() {
  needs kubectl diff
  if [ -z "${ENVIRONMENT-}" ]; then stop "ENVIRONMENT is not set" "it is staging or production"; fi
  cp -R "$(dirname "$0")/../kubernetes" "$work/manifests"
  overlay=$work/manifests/overlays/$ENVIRONMENT/kustomization.yaml
  if [ ! -e "$overlay" ]; then stop "there is no kubernetes/overlays/$ENVIRONMENT" "ENVIRONMENT is the name of a folder there"; fi
  namespace=$(sed -n 's/^namespace: *\([a-z0-9-]*\).*/\1/p' "$overlay")
  if [ "${KUBERNETES_KUBECONFIG-}" ]; then
    printf '%s\n' "$KUBERNETES_KUBECONFIG" >"$work/kubeconfig"
    export KUBECONFIG="$work/kubeconfig"
  fi
}

# render SERVICE IMAGE: the overlay with that image, and a name for the Job that no other has.
render() {
  keep "$1" job "$1-pre-deploy-$(date +%s)"
  mkdir -p "$work/rendered/$1"
  jq --null-input --arg service "$1" --arg image "$2" --arg job "$(kept "$1" job)" --arg overlay "../../manifests/overlays/$ENVIRONMENT" '{
    resources: [$overlay],
    patches: [
      {
        target: {kind: "Deployment|Job", labelSelector: "app.kubernetes.io/component=\($service)"},
        patch: {kind: "any", metadata: {name: "any"}, spec: {template: {spec: {containers: [{name: $service, image: $image}]}}}} | tojson
      },
      {
        target: {kind: "Job", name: "\($service)-pre-deploy"},
        patch: [{op: "replace", path: "/metadata/name", value: $job}] | tojson,
        options: {allowNameChange: true}
      }
    ]
  }' >"$work/rendered/$1/kustomization.yaml"
  kubectl kustomize "$work/rendered/$1" >"$work/$1.yaml"
}

rolled_out() { # reads Deployments: whether all of them run what they should, and nothing else
  jq --exit-status '.items != [] and all(.items[]; .metadata.generation == .status.observedGeneration
    and .spec.replicas == .status.updatedReplicas and .spec.replicas == .status.replicas
    and .spec.replicas == .status.availableReplicas)' "$1" >/dev/null
}

host_check() { # SERVICE IMAGE
  if [ -z "${namespace-}" ]; then connect; fi
  if ! render "$1" "$2"; then stop "kubernetes/overlays/$ENVIRONMENT is not right" "kubectl kustomize shows it"; fi
  if ! grep -q "^ *app.kubernetes.io/component: $1\$" "$work/$1.yaml"; then
    left_out "$1"
    return
  fi
  if ! kube get deployments --selector "$(all "$1")" --output json; then
    stop "the cluster does not answer, or refuses" "KUBERNETES_KUBECONFIG is the kubeconfig of who may deploy to $namespace"
  fi
  cp "$work/said" "$work/$1.former"
  keep "$1" old "$(jq --raw-output --arg service "$1" '
    .items[] | select(.metadata.name == $service).spec.template.spec.containers[] | select(.name == $service).image
  ' "$work/$1.former")"
  keep "$1" back true
  kube diff --filename "$work/$1.yaml" --selector "$(lasting "$1")" || true
  case $status in
    0) if rolled_out "$work/$1.former"; then keep "$1" settled true; fi ;;
    1) ;;
    *) stop "$1: the cluster would not take kubernetes/overlays/$ENVIRONMENT" "is $namespace set up? base/namespace.yaml says how" ;;
  esac
}

host_start() { # SERVICE IMAGE
  keep "$1" wanted "$2"
  if [ "$returning" ]; then
    go_back "$1"
    return
  fi
  if grep -q "^  name: $(kept "$1" job)\$" "$work/$1.yaml"; then
    kube apply --filename "$work/$1.yaml" --selector "$(before "$1")" && job "$1" || return 1
  fi
  kube apply --filename "$work/$1.yaml" --selector "$(lasting "$1")" --output name || return 1
  keep "$1" deployments "$(sed -n 's/^deployment.apps.//p' "$work/said")"
}

# What was applied before is applied again. `kubectl rollout undo` would bring things back that the next `kubectl apply` does
# not know of, and leaves in place.
go_back() { # SERVICE
  former=$(jq --raw-output '.items[].metadata.name' "$work/$1.former")
  for unit in $(kept "$1" deployments); do
    if ! echo "$former" | grep -qx "$unit" && ! kube delete deployment "$unit" --wait=false; then return 1; fi
  done
  keep "$1" deployments "$former"
  jq '.items[].metadata.annotations["kubectl.kubernetes.io/last-applied-configuration"] | values | fromjson' "$work/$1.former" >"$work/former"
  kube apply --filename "$work/former"
}

job() { # SERVICE: waits for what is run before it is deployed
  what="$1: $(kept "$1" job)" end=$(deadline "$DEPLOY_TIMEOUT")
  say "$what runs before the others"
  if ! poll Complete Failed phase "$(kept "$1" job)"; then
    explain "job-name=$(kept "$1" job)"
    return 1
  fi
}

phase() { # JOB
  kube get job "$1" --output json && status=200 phase=$(jq --raw-output '
    .status.conditions // [] | map(select(.status == "True").type | select(. == "Complete" or . == "Failed"))[0] // "running"
  ' "$work/said")
}

host_wait() { # SERVICE
  for unit in $(kept "$1" deployments); do
    if ! kube rollout status "deployment/$unit" --timeout "${DEPLOY_TIMEOUT}s"; then
      problem "$1: the deployment $unit is not rolled out"
      explain "app.kubernetes.io/name=$unit"
      return 1
    fi
  done
  if [ "$(host_image "$1")" != "$(kept "$1" wanted)" ]; then
    problem "$1: its pods run $(host_image "$1")"
    return 1
  fi
}

# What its pods run, but for those that end.
host_image() { # SERVICE
  kube get pods --selector "$(lasting "$1")" --output json && jq --raw-output --arg service "$1" '
    [.items[] | select(.metadata.deletionTimestamp == null).spec.containers[] | select(.name == $service).image]
    | unique | join(", ")
  ' "$work/said"
}

explain() { # SELECTOR: why pods are not ready or not there, as far as anybody says it
  kube get deployments,pods --selector "$1" --output json || return 0
  jq --raw-output '.items[] | .metadata.name as $name
    | (.status.conditions[]? | select(.type == "ReplicaFailure" or (.type == "PodScheduled" and .status == "False"))),
      (.status.containerStatuses[]? | select(.ready | not) | .state.waiting // .state.terminated // .lastState.terminated | values)
    | "\($name): \(.reason) \(.message // "")"' "$work/said"
  pod=$(jq --raw-output '[.items[] | select(any(.status.containerStatuses[]?; .ready | not)).metadata.name][0] // ""' "$work/said")
  if [ "$pod" ]; then kubectl --namespace "$namespace" logs "$pod" --tail 20 2>/dev/null || true; fi
}

deploy "$@"
