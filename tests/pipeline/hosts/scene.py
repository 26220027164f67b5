"""A host that runs the old image of each service, and the script that deploys to it."""

import subprocess
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .rollout import Rollout
from .script import Done, Images, Script


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """`images` are those of the services, `rollouts` what runs them: each service, or each process of one."""

    script: Script
    images: Mapping[str, Images]
    rollouts: Mapping[str, Rollout]

    @property
    def running(self) -> list[str | None]:
        """What runs of each service or process, by the names of `Images`."""
        return self.named(rollout.image for rollout in self.rollouts.values())

    def named(self, found: Iterable[str | None]) -> list[str | None]:
        """What those images are called in `Images`."""
        names = {getattr(each, name): name for each in self.images.values() for name in Images.__slots__}
        return [names.get(image or "") for image in found]

    def wait_for(self, *running: str) -> None:
        """Until this runs: a rollout may go on after its deployment is done."""
        end = time.monotonic() + 20
        while self.running != [*running]:
            assert time.monotonic() < end
            time.sleep(0.05)

    def deploy(self, *arguments: str, shell: str = "sh", **variables: str) -> Done:
        """Run the script, by default to deploy the new image of each service."""
        return self.script.run(*(arguments or self.new), shell=shell, **variables)

    def check_settled(self) -> None:
        """Another run of the script finds that each service runs its new image, and says no more."""
        again = self.deploy()
        assert again.code == 0, again.output
        assert again.output == "".join(f"{name}: runs {each.new} already\n" for name, each in self.images.items())

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        return self.script.start(*(arguments or self.new), **variables)

    @property
    def new(self) -> tuple[str, ...]:
        return tuple(f"{name}={each.new}" for name, each in self.images.items())


def addresses(rollouts: Mapping[str, Rollout]) -> str:
    """HEALTH_URLS."""
    return " ".join(f"{name}={rollout.url}" for name, rollout in rollouts.items())
