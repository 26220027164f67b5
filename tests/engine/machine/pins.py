"""What pins.toml says, as values.

Every program of the engine is a Go module at an exact version. A program's key names its version
and everything else that its bytes depend on, so that two versions live side by side in the cache
and a changed flag is a new build.
"""

import hashlib
import json
import tomllib
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

PINS = Path(__file__).with_name("pins.toml")


@dataclass(frozen=True, kw_only=True, slots=True)
class Program:
    """One Go module and the packages of it that become programs.

    `siblings` is the version of the modules of its repository, where its go.mod names their folders instead.
    """

    name: str
    module: str
    version: str
    packages: tuple[str, ...]
    cgo: bool = False
    tags: tuple[str, ...] = ()
    modfile: str | None = None
    siblings: str | None = None
    version_at: tuple[str, ...] = ()
    rename: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """`buildx-v0.37.2-1f0c…`: a folder name for this version built with these flags."""
        given = {name: value for name, value in asdict(self).items() if name != "siblings" or value}
        facts = json.dumps(given, sort_keys=True).encode()
        return f"{self.name}-{self.version}-{hashlib.sha256(facts).hexdigest()[:10]}"

    @property
    def binaries(self) -> tuple[str, ...]:
        """File names of the programs, in the order of `packages`."""
        stems = (self.name if p == "." else p.rsplit("/", 1)[-1] for p in self.packages)
        return tuple(self.rename.get(stem, stem) for stem in stems)

    @property
    def ldflags(self) -> str:
        """Linker flags: no symbol tables, and the version where the program looks for it."""
        version = self.version.removesuffix("+incompatible")
        return " ".join(["-s -w", *(f"-X {at}={version}" for at in self.version_at)])


def read(file: Path = PINS) -> dict[str, Any]:
    """The whole of a pins.toml."""
    return tomllib.loads(file.read_text(encoding="utf-8"))


def programs(file: Path = PINS) -> tuple[Program, ...]:
    """All programs, in the order in which they are built."""
    return tuple(_program(name, table) for name, table in read(file)["programs"].items())


def _program(name: str, table: dict[str, Any]) -> Program:
    fields: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
    return Program(name=name, **fields)
