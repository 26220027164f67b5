"""A Railway that runs the old image of each service, and the script that deploys to it."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from .containers import Containers
from .railway import PATH, TOKEN, Deployment, Railway, Service
from .rollout import Rollout
from .scene import Scene, addresses
from .script import NEW, Images, Script


@dataclass(frozen=True, kw_only=True, slots=True)
class RailwayScene(Scene):
    railway: Railway

    @property
    def configured(self) -> list[str | None]:
        """The images that Railway has for the processes, by the names of `Images`."""
        return self.named(service.image for service in self.railway.services.values())

    @property
    def orders(self) -> list[tuple[str, str]]:
        """What Railway was told to do, and for which process, in order."""
        return [(order, name) for order, name, _ in self.railway.orders]


@contextmanager
def railway_scene(
    project: Path, containers: Containers, images: Mapping[str, Images], *further: str
) -> Iterator[RailwayScene]:
    """A Railway that also has these further processes of the first service."""
    with ExitStack() as stack:
        first = next(iter(images.values()))
        rollouts, services = {}, []
        for name, each in {**images, **dict.fromkeys(further, first)}.items():
            rollouts[name] = stack.enter_context(Rollout(containers))
            rollouts[name].to(each.old)
            before = Deployment(id=f"before-{name}", status="SUCCESS", meta={"image": each.old})
            services.append(Service(name=name, image=each.old, rollout=rollouts[name], deployments=[before]))
        railway = stack.enter_context(Railway(services))
        variables = {
            "RAILWAY_GRAPHQL_ENDPOINT": f"{railway.url}{PATH}",
            "RAILWAY_TOKEN": TOKEN,
            "HEALTH_URLS": addresses({name: rollouts[name] for name in images}),
            "REVISION": NEW,
        }
        script = Script(project=project, host="railway", variables=variables)
        yield RailwayScene(script=script, images=images, rollouts=rollouts, railway=railway)
        assert railway.wrong == []
