"""A Fly.io that runs the old image of each service, and the script that deploys to it."""

import subprocess
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.engine.machine import REGISTRY

from .containers import Containers
from .fly import TOKEN, App, Fly, Machine
from .rollout import Rollout
from .scene import Scene, addresses
from .script import NEW, Images, Script

PROGRAMS = Path(__file__).parent / "programs"


@dataclass(frozen=True, kw_only=True, slots=True)
class FlyScene(Scene):
    """`registry` is the place in the registry of the tests that stands for Fly.io's own."""

    fly: Fly
    registry: str

    def named(self, found: Iterable[str | None]) -> list[str | None]:
        """What those copies are called in `Images`."""
        names = {self.copy(name, kind): kind for name in self.images for kind in Images.__slots__}
        return [names.get(copy or "") for copy in found]

    def copy(self, service: str, kind: str) -> str:
        """Where the copy of an image is."""
        digest = getattr(self.images[service], kind).rpartition(":")[2]
        return f"{self.registry}/shop-{service}:sha256-{digest}"

    def machines(self, service: str) -> list[tuple[str, str, str | None]]:
        """Region, group and image of each machine."""
        machines = self.fly.apps[f"shop-{service}"].machines
        found = self.named(each.image for each in machines)
        return sorted((each.region, each.group, name) for each, name in zip(machines, found, strict=True))

    def crane(self, *arguments: str) -> str:
        command = ("crane", arguments[0], "--insecure", *arguments[1:])
        done = subprocess.run(command, env=self.fly.environment, capture_output=True, text=True, check=True)
        return done.stdout.strip()


@contextmanager
def fly_scene(project: Path, containers: Containers, images: Mapping[str, Images]) -> Iterator[FlyScene]:
    """A Fly.io that has one machine of each service, with the old image."""
    with ExitStack() as stack:
        environment = containers.environment
        rollouts = {name: stack.enter_context(Rollout(containers)) for name in images}
        fly = stack.enter_context(
            Fly(environment, [App(name=f"shop-{name}", rollout=rollout) for name, rollout in rollouts.items()])
        )
        registry = f"{REGISTRY}/fly/{uuid.uuid4().hex[:12]}"
        variables = dict(environment) | {
            "PATH": f"{PROGRAMS}:{environment['PATH']}",
            "FLY_API_TOKEN": TOKEN,
            "FLY_REGISTRY": registry,
            "FLYCTL_ANSWERS": fly.url,
            "HEALTH_URLS": addresses(rollouts),
            "REVISION": NEW,
        }
        script = Script(project=project, host="fly", variables=variables)
        scene = FlyScene(script=script, images=images, rollouts=rollouts, fly=fly, registry=registry)
        for name, rollout in rollouts.items():
            copy = scene.copy(name, "old")
            scene.crane("copy", "--platform=linux/amd64", images[name].old, copy)
            old = Machine(id=f"old-{name}", group="app", region="fra", image=copy, digest=scene.crane("digest", copy))
            fly.apps[f"shop-{name}"].machines.append(old)
            rollout.to(copy)
        yield scene
        assert fly.wrong == []
