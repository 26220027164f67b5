"""A Dokploy that runs the old image of each service, and the script that deploys to it."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from .containers import Containers
from .dokploy import KEY, Application, Dokploy
from .rollout import Rollout
from .scene import Scene, addresses
from .script import NEW, Images, Script


@dataclass(frozen=True, kw_only=True, slots=True)
class DokployScene(Scene):
    dokploy: Dokploy

    @property
    def configured(self) -> list[str | None]:
        """The images that Dokploy has for the services, by the names of `Images`."""
        return self.named(application.image for application in self.dokploy.applications.values())

    @property
    def orders(self) -> list[tuple[str, str]]:
        """What the server was told to do: procedure and application, in order."""
        posted = [request for request in self.dokploy.requests if request.method == "POST"]
        return [(request.path.rpartition(".")[2], request.values["applicationId"]) for request in posted]


@contextmanager
def dokploy_scene(
    project: Path, containers: Containers, images: Mapping[str, Images], *, start_first: bool = True
) -> Iterator[DokployScene]:
    with ExitStack() as stack:
        rollouts = {name: stack.enter_context(Rollout(containers, start_first=start_first)) for name in images}
        for name, rollout in rollouts.items():
            rollout.to(images[name].old)
        dokploy = stack.enter_context(
            Dokploy([Application(id=name, image=images[name].old, rollout=each) for name, each in rollouts.items()])
        )
        variables = {
            "DOKPLOY_URL": dokploy.url,
            "DOKPLOY_API_KEY": KEY,
            "DOKPLOY_APPLICATIONS": "\n".join(f"{name}={name}" for name in rollouts),
            "HEALTH_URLS": addresses(rollouts),
            "REVISION": NEW,
        }
        script = Script(project=project, host="dokploy", variables=variables)
        yield DokployScene(script=script, images=images, rollouts=rollouts, dokploy=dokploy)
        assert dokploy.wrong == []
