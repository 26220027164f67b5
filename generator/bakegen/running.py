"""How a service runs on its hosts, as plain frozen data: bounds, replicas, regions, and what is run beside or before it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

# Regions by names of our own: each host's folder has the host's name for those that it knows.
REGIONS = ("asia", "eu", "us-east", "us-west")
HOME = "eu"
CPUS = re.compile(r"(?=.*[1-9])(0|[1-9][0-9]?)(\.[0-9]{1,3})?")
MEMORY = re.compile(r"([1-9][0-9]{0,4})(MiB|GiB)")
REPLICAS = range(1, 101)
LISTS = frozenset({"regions", "domains"})
# https://www.rfc-editor.org/rfc/rfc1123#section-2.1, with a dot at least
DOMAIN = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """What a service is given where it runs. `cpus` (cores) and `memory` are upper bounds.

    `stated` are the keys that the project file has; the others have their defaults. `regions` are those beside the
    project's own. `public` is None where nobody said; `pre_deploy` is a command that a new image runs once before it
    takes over, `processes` are further commands that run in the same image, by name.
    """

    cpus: str = "1"
    memory: str = "512MiB"
    replicas: int = 1
    max_replicas: int | None = None
    regions: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    public: bool | None = None
    pre_deploy: str | None = None
    processes: Mapping[str, str] = field(default_factory=dict, hash=False)
    stated: tuple[str, ...] = ()

    @property
    def millicpus(self) -> int:
        """The upper bound of `cpus` in thousandths of a core."""
        return int(Decimal(self.cpus) * 1000)

    @property
    def memory_mib(self) -> int:
        """The upper bound of `memory` in MiB."""
        return int(self.memory[:-3]) * (1024 if self.memory.endswith("GiB") else 1)


KEYS = ("cpus", "memory", "replicas", "max_replicas", "regions", "domains", "public", "pre_deploy")


def run_of(answers: Mapping[str, Any], processes: Mapping[str, str]) -> Run:
    """The Run of the keys of a `[services.NAME]` table; others in it are of no concern here."""
    stated = tuple(key for key in KEYS if key in answers)
    values: dict[str, Any] = {key: tuple(sorted(set(answers[key]))) if key in LISTS else answers[key] for key in stated}
    return Run(**values, processes=dict(sorted(processes.items())), stated=stated)
