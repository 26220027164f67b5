"""A project on the cluster: set up as docs/hosts/kubernetes.md says, and deployed by its script, with the rights of CI."""

from dataclasses import dataclass, replace
from typing import Any

from tests.cluster.conftest import Cluster
from tests.cluster.machine import client
from tests.cluster.machine.definitions import definition
from tests.pipeline.hosts.script import SECRET, Done, Script
from tests.pipeline.shop import Shop

KEY = f"sk-{SECRET}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """The project's `staging`."""

    cluster: Cluster
    shop: Shop
    kubeconfig: str = ""

    @property
    def slug(self) -> str:
        return f"shop-{self.shop.prefix[-12:]}"

    @property
    def namespace(self) -> str:
        return f"{self.slug}-staging"

    def kubectl(self, *arguments: str) -> str:
        return self.cluster.kubectl(f"--namespace={self.namespace}", *arguments)

    def get(self, *what: str) -> Any:
        return self.cluster.get(*what, f"--namespace={self.namespace}")

    def address(self, service: str) -> str:
        """Where the service answers. The cluster has no DNS, but the service is real."""
        return f"http://{self.get('service', service)['spec']['clusterIP']}"

    def pods(self) -> dict[str, list[str]]:
        """Process -> the digests of the images that its ready pods run, by the node's own record."""
        found: dict[str, list[str]] = {}
        for pod in self.get("pods")["items"]:
            (status,) = pod["status"].get("containerStatuses") or [{"ready": False}]
            if status["ready"] and "deletionTimestamp" not in pod["metadata"]:
                name = pod["metadata"]["labels"]["app.kubernetes.io/name"]
                found.setdefault(name, []).append(status["imageID"].partition("@")[2])
        return found

    def image(self, process: str) -> str:
        """What its deployment names."""
        (container,) = self.get("deployment", process)["spec"]["template"]["spec"]["containers"]
        return str(container["image"])

    def generations(self) -> dict[str, int]:
        """Deployment -> how often it was changed."""
        return {each["metadata"]["name"]: each["metadata"]["generation"] for each in self.get("deployments")["items"]}

    def script(self, revision: str, **variables: str) -> Script:
        """The script, with a health address for each service that there is."""
        services = [each["metadata"]["name"] for each in self.get("services")["items"]]
        given = {
            "ENVIRONMENT": "staging",
            "HEALTH_URLS": " ".join(f"{name}={self.address(name)}/health" for name in services),
            "HOME": str(self.shop.folder.parent),
            "KUBERNETES_KUBECONFIG": self.kubeconfig,
            "PATH": self.cluster.environment["PATH"],
            "REVISION": revision,
        }
        return Script(project=self.shop.folder, host="kubernetes", variables=given | variables)

    def deploy(self, *images: str, revision: str, **variables: str) -> Done:
        return self.script(revision, **variables).run(*images)


def prepare(cluster: Cluster, shop: Shop) -> Place:
    """What an administrator does once: definitions, the namespace, the Secret, and a kubeconfig for CI."""
    cluster.kubectl("apply", "--server-side", f"--filename={definition('HTTPRoute')}")
    overlay = shop.folder / "kubernetes/overlays/staging"
    cluster.kubectl("apply", f"--kustomize={overlay}", "--selector=app.kubernetes.io/component=namespace")
    place = Place(cluster=cluster, shop=shop)
    place.kubectl("create", "secret", "generic", place.slug, f"--from-literal=STRIPE_KEY={KEY}")
    return replace(place, kubeconfig=client.for_token(place.kubectl("create", "token", "deploy")))
