"""The table of services that these tests build and run (services.toml), read."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bakegen.catalog import load
from tools.images import BASES

TABLE = Path(__file__).with_name("services.toml")
FIRST_PORT = 21000
CATALOG = load()
BASE_IMAGES = BASES | {"nginx": f"nginxinc/nginx-unprivileged:{CATALOG.pins.images['nginx']}"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Service:
    """One row of the table, whose head says what the fields mean; `port` is where its container is published."""

    name: str
    stack: str
    port: int
    options: Mapping[str, str | bool] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    base: str = ""
    above: float = 0
    install: str = ""
    source: tuple[str, ...] = ()
    tests: str = ""
    lock: tuple[str, ...] = ()
    requests: Mapping[str, str] = field(default_factory=dict)
    calls: tuple[Mapping[str, Any], ...] = ()
    prepare: str = ""
    rows: str = ""
    log: str = ""
    jobs: Mapping[str, str] = field(default_factory=dict)
    varies: tuple[str, ...] = ()

    @property
    def ours(self) -> bool:
        """Whether bakegen brings the Dockerfile, and its promises with it."""
        return self.stack != "dockerfile"

    @property
    def package_manager(self) -> str | bool | None:
        """What installs its packages; None where the stack knows of no such thing."""
        option = CATALOG.stacks[self.stack].options.get("package_manager")
        return self.options.get("package_manager", option.choices[0]) if option else None

    @property
    def base_image(self) -> str:
        """The base image's name in a registry."""
        return BASE_IMAGES[self.base]


def read(path: Path = TABLE) -> dict[str, Service]:
    """The services by name, in the table's order: what is needed comes before what needs it."""
    rows = [
        (stack, name, {key: value for key, value in shared.items() if key != "services"} | own)
        for stack, shared in tomllib.loads(path.read_text(encoding="utf-8")).items()
        for name, own in shared["services"].items()
    ]
    return {
        name: Service(name=name, stack=stack, port=FIRST_PORT + at, **{key: _frozen(row[key]) for key in row})
        for at, (stack, name, row) in enumerate(rows)
    }


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


SERVICES = read()
WORKERS = tuple(name for name, service in SERVICES.items() if service.jobs)
OURS = tuple(name for name, service in SERVICES.items() if service.ours)
# One service of every stack with each package manager.
TYPICAL = tuple({(SERVICES[name].stack, SERVICES[name].package_manager): name for name in reversed(OURS)}.values())
