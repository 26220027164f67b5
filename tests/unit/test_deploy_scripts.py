"""The deploy script of each host, deploy.yml that runs it, and the rights that a cluster gives it."""

import re
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

import pytest
import yaml

from bakegen.extras import Host
from bakegen.model import Project
from tests.world import CATALOG, rendered, scaffold

DEPLOYING = [host for host in CATALOG.hosts.values() if host.deploys]
ALL = replace(scaffold(preset="api-web"), hosts=tuple(CATALOG.hosts.values()))
GIVEN = {"ENVIRONMENT", "IMAGES", "REVISION", "HEALTH_URLS", "DEPLOY_TIMEOUT", "HEALTH_TIMEOUT"}


def text_of(path: str) -> str:
    return rendered(ALL)[PurePosixPath(path)].text.decode()


def job_of(project: Project) -> dict[str, Any]:
    text = rendered(project)[PurePosixPath(".github/workflows/deploy.yml")].text
    found: dict[str, Any] = yaml.safe_load(text)["jobs"]["deploy"]
    return found


def step_of(host: Host, project: Project = ALL) -> dict[str, Any]:
    (found,) = [step for step in job_of(project)["steps"] if step.get("name") == f"Deploy to {host.title}"]
    return dict(found)


@pytest.mark.parametrize("host", DEPLOYING, ids=lambda host: host.id)
def test_what_a_host_reads_is_given_and_explained(host: Host) -> None:
    step = step_of(host)
    given = step["env"]
    assert {name for name in given if given[name] == f"${{{{ secrets.{name} }}}}"} == set(host.secrets)
    assert given.keys() == {*host.secrets, *host.variables} | GIVEN
    assert all(given[name] == f"${{{{ vars.{name} }}}}" for name in (*host.variables, "HEALTH_URLS"))
    assert step["run"].splitlines()[-1].startswith(f"exec sh deploy/{host.id}.sh ")
    script = text_of(f"deploy/{host.id}.sh")
    for name in (*host.secrets, *host.variables, "HEALTH_URLS", "REVISION"):
        assert re.search(rf"^#   {name} ", script, re.MULTILINE), name


@pytest.mark.parametrize("host", DEPLOYING, ids=lambda host: host.id)
def test_a_script_names_its_host_and_reads_what_all_share(host: Host) -> None:
    lines = text_of(f"deploy/{host.id}.sh").splitlines()
    (name,) = [line.removeprefix("host=").strip('"') for line in lines if line.startswith("host=")]
    assert name == host.title
    assert '. "$(dirname "$0")/common.sh"' in lines
    assert lines[-1] == 'deploy "$@"'


def test_a_setting_belongs_to_one_host() -> None:
    names = [name for host in DEPLOYING for name in (*host.secrets, *host.variables)]
    assert len({*names}) == len(names)
    for host in DEPLOYING:
        prefix = {"compose": "DOCKER"}.get(host.id, host.id.upper())  # what begins with COMPOSE_, Compose reads itself
        assert all(name.startswith(f"{prefix}_") for name in (*host.secrets, *host.variables))


def test_hosts_of_an_environment_are_deployed_to_whatever_becomes_of_the_others() -> None:
    job = job_of(ALL)
    assert job["timeout-minutes"] == 60 * len(DEPLOYING)
    for host in DEPLOYING:
        wanted = f"(!vars.HOSTS || contains(format(' {{0}} ', vars.HOSTS), ' {host.id} '))"
        assert step_of(host)["if"] == f"${{{{ !cancelled() && steps.images.outputs.images && {wanted} }}}}"
        alone = step_of(host, replace(ALL, hosts=(host,)))
        assert "if" not in alone
    (fly,) = [step for step in job["steps"] if "setup-flyctl" in step.get("uses", "")]
    assert fly["if"] == step_of(CATALOG.hosts["fly"])["if"]


def test_a_service_may_be_called_as_a_folder_of_manifests() -> None:
    """As `base`: what is made of a service stands outside of the copy of `kubernetes/`."""
    script = text_of("deploy/kubernetes.sh")
    (copy,) = re.findall(r'^  cp -R .*/kubernetes" "(.*)"$', script, re.MULTILINE)
    (own,) = re.findall(r'^  mkdir -p "(.*)/\$1"$', script, re.MULTILINE)
    assert not PurePosixPath(own).is_relative_to(copy)


# What deploy/kubernetes.sh asks a cluster for beside applying manifests, which is to read, make and change them. `kubectl
# rollout status` watches, a diff changes nothing but needs the right to; a Job gets a new name each time.
APPLIED = {"create", "get", "patch"}
RIGHTS = {
    "configmaps": APPLIED,
    "deployments": APPLIED | {"delete", "list", "watch"},
    "horizontalpodautoscalers": APPLIED,
    "httproutes": APPLIED,
    "jobs": APPLIED - {"patch"},
    "networkpolicies": APPLIED,
    "poddisruptionbudgets": APPLIED,
    "pods": {"get", "list"},
    "pods/log": {"get", "list"},
    "services": APPLIED,
}


def test_who_deploys_to_a_cluster_may_do_what_the_script_does_and_no_more() -> None:
    namespace = yaml.safe_load_all(text_of("kubernetes/base/namespace.yaml"))
    (role,) = [each for each in namespace if each["kind"] == "Role"]
    assert {name: {*rule["verbs"]} for rule in role["rules"] for name in rule["resources"]} == RIGHTS
    manifests = CATALOG.files["/hosts/kubernetes"][PurePosixPath("kubernetes/base/{name}.yaml")].decode()
    kinds = {kind.lower() for kind in re.findall(r"^kind: (\w+)$", manifests, re.MULTILINE)} | {"configmap"}
    assert {re.sub("ys$", "ies", f"{kind}s") for kind in kinds} == {name for name in RIGHTS if "create" in RIGHTS[name]}
