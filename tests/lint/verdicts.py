"""What each validator said of which file, noted while the tests run; printed at their end for each preset and host."""

import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bakegen import project_reader
from bakegen.tree import HOSTS, layout
from tests.engine.machine import pins
from tests.world import CATALOG

Row = Sequence[str]


@dataclass
class Verdicts:
    """`presets` has the generated projects, `judged` by validator the files and whether it was content with them."""

    presets: dict[Path, str] = field(default_factory=dict)
    judged: dict[str, dict[Path, bool]] = field(default_factory=dict)

    @contextmanager
    def of(self, validator: str, files: Iterable[Path]) -> Iterator[None]:
        """Within it the validator judges these files: an error is its fault found."""
        said = self.judged.setdefault(validator, {})
        content = False
        try:
            yield
            content = True
        finally:
            said.update({file: content and said.get(file, True) for file in files})

    def lines(self) -> Iterator[str]:
        """Two tables of the hosts' files: by preset and by validator; nothing where no host's file was judged."""
        hosts = {project: hosts_files(project) for project in self.presets}
        validators = {name: said for name, said in self.judged.items() if said}
        if not validators:
            return
        rows: list[Row] = [("files by preset", *CATALOG.hosts)]
        for preset in CATALOG.presets:
            found = [hosts[project] for project, name in self.presets.items() if name == preset]
            rows.append(
                (preset, *(self._cell([each[host] for each in found if host in each]) for host in CATALOG.hosts))
            )
        rows += [(), ("files by validator", *CATALOG.hosts)]
        for name, said in sorted(validators.items()):
            files = [[file for each in hosts.values() for file in each.get(host, ())] for host in CATALOG.hosts]
            judged = [[file for file in own if file in said] for own in files]
            if any(judged):
                rows.append((name, *(verdict(str(len(own)), [said[file] for file in own]) for own in judged)))
        widths = [max(len(row[column]) for row in rows if row) for column in range(len(CATALOG.hosts) + 1)]
        for row in rows:
            yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=bool(row))).rstrip()

    def _cell(self, projects: Sequence[Sequence[Path]]) -> str:
        """How many files a host has in these projects, and what all validators say of them."""
        sizes = sorted({len(files) for files in projects})
        said = [judged.get(file) for files in projects for file in files for judged in self.judged.values()]
        unseen = [
            file for files in projects for file in files if not any(file in each for each in self.judged.values())
        ]
        count = "-".join(str(size) for size in sorted({*sizes[:1], *sizes[-1:]}))
        text = verdict(count, [each for each in said if each is not None])
        return f"{text}, {len(unseen)} unseen" if unseen else text


def verdict(count: str, said: Sequence[bool]) -> str:
    """A cell: a count with `ok`, or with how many faults were found; `-` where nothing was judged."""
    faults = said.count(False)
    return "-" if not said else f"{count} ok" if not faults else f"{count} with {faults} FAULTS"


def hosts_files(project: Path) -> Mapping[str, list[Path]]:
    """The files that each host of a project brings; those of deployment belong to every host that deploys."""
    read = project_reader.load((project / "bakegen.toml").read_bytes(), CATALOG)
    sources = layout(read, CATALOG).items()
    return {
        host.id: [
            project / path
            for path, source in sources
            if source.folder == f"{HOSTS}/{host.id}" or (host.deploys and source.folder == HOSTS)
        ]
        for host in read.hosts
    }


def versioned(name: str, program: str, environment: Mapping[str, str]) -> str:
    """A validator's name with the version of its program: as it is pinned, or as the program says."""
    pinned = {binary: each.version for each in pins.programs() for binary in each.binaries}
    if program in pinned:
        return f"{name} {pinned[program].removeprefix('v')}"
    command = [program, "--version"]
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    return f"{name} {re.findall(r'[0-9]+(?:[.][0-9]+)+', said)[0]}"
