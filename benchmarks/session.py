"""What was measured of images, kept as JSON beside this file: `make docs` writes pages from it, and needs no engine."""

import json
import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Self

FOLDER = Path(__file__).parent / "results"


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """When and where a row of builds was measured; `turns` is how often, `note` what else a reader must know."""

    date: str
    system: str
    architecture: str
    cores: int
    turns: int
    note: str = ""

    @classmethod
    def here(cls, turns: int) -> Self:
        """A session on this machine, today."""
        return cls(
            date=str(datetime.now(tz=UTC).date()),
            system=platform.system(),
            architecture=platform.machine(),
            cores=os.cpu_count() or 1,
            turns=turns,
        )

    def busy(self, loads: Iterable[float]) -> bool:
        """Whether others were at work too: the load average before a measurement is more than the last one leaves."""
        return max(loads) > 1.5 * self.cores

    def told(self, loads: Iterable[float], counts: str = "shorter time") -> list[str]:
        """A paragraph about the session; `counts` is what was made of several turns."""
        loads = tuple(loads)
        day = date.fromisoformat(self.date)
        often = "once" if self.turns == 1 else f"{self.turns} times each, of which the {counts} counts"
        lines = [
            f"Measured {often}, on {day.day} {day:%B %Y}, {self.system} on {self.architecture}, {self.cores} cores."
        ]
        lines += [self.note] if self.note else []
        if not self.busy(loads):
            return [*lines, f"The load average was at most {max(loads):.1f}."]
        return [
            *lines,
            f"The machine was busy with other work (load average from {min(loads):.0f} to {max(loads):.0f}):",
            "sizes and steps stand, times are rough, and can be compared where the load is alike.",
        ]


def save(name: str, session: dict[str, Any], rows: Iterable[dict[str, Any]], folder: Path = FOLDER) -> None:
    """Write a result: the session, and one row a line."""
    lines = ",\n".join(f"    {json.dumps(row)}" for row in rows)
    text = f'{{\n  "session": {json.dumps(session)},\n  "rows": [\n{lines}\n  ]\n}}\n'
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.json").write_text(text, encoding="utf-8")


def load(name: str, folder: Path = FOLDER) -> tuple[Session, list[dict[str, Any]]]:
    """A result as it was written."""
    data = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    return Session(**data["session"]), data["rows"]
