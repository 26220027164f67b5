"""Valid YAML as people write it: compose files, workflows and manifests in every style that real ones have.

What is drawn, and how often real files have it, was counted over public repositories: anchors and merge keys, comments
anywhere, several steps of indentation, block scalars of all kinds, brackets over several lines, CRLF, marks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TypeVar

from hypothesis import strategies as st

T = TypeVar("T")

NAMES = ("api", "web", "db", "worker", "cache", "proxy", "über", "x-common", "a.b/c", "on", "8080", "job one")
KEYS = ("image", "ports", "environment", "volumes", "steps", "with", "env", "needs", "labels", "command", "build")
PLAIN = (
    "nginx:1.29",
    "8000",
    "true",
    "yes",
    "on",
    "~",
    "3.10",
    "0o17",
    "1e3",
    "2026-11-21",
    "22:22",
    "8000:8000",
    "a b  c",
    "http://x/y#z",
    "a#b",
    "-1",
    "-x",
    "?x",
    ":x",
    "${X:-8000}",
    "${{ github.ref }}",
    "LOG=info",
    "./data:/data:ro",
    "naïve 🚀",
    "a\\b",
    "x' y",
    'x" y',
    "<<",
    ".5",
    "1_000",
)
FLOW_PLAIN = ("main", "8000", "a b", "http://x/y", "v*.*.*", "-x", "null", "a#b", "☃", "x:y", "5432/tcp")
QUOTED = ("''", "'it''s'", '""', r'"a\tb"', r'"\u00e9\n"', "'# no'", '"a: b"', "'8000:80'", '"*"', "'- x'", r'"\x41\\"')
COMMENTS = ("# why", "#", "#! a: b", "# - x: [", "#  'quoted", "# 🚀", "# image: old")
TEXTS = (
    ("set -e", "  deep", "", "echo $X # no comment"),
    ("# first", "last"),
    ("one",),
    ("a", "", "", "b", "- c: d"),
    ("'x", '"'),
    ("tab\tin", "\ttab"),
)


@dataclass
class Writer:
    """Writes one file. `chance` decides everything, so that a file is a function of it."""

    chance: Random
    anchors: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.step = self.pick((2, 2, 2, 4, 3))
        self.unindented = self.odds(4)
        self.comments = self.pick((3, 8, 100))

    def pick(self, options: Sequence[T]) -> T:
        return options[self.chance.randrange(len(options))]

    def odds(self, one_in: int) -> bool:
        return self.chance.randrange(one_in) == 0

    def file(self) -> bytes:
        documents = 1 + self.odds(8) + self.odds(12)
        for number in range(documents):
            self.anchors.clear()
            if number or self.odds(8):
                self.between(0)
                self.lines.append("---" + self.note())
            self.pick((self.compose, self.workflow, self.manifest, self.anything))()
            self.between(0)
            if self.odds(20) and number == documents - 1:
                self.lines += ["...", *(["# the end"] if self.odds(2) else [])]
        text = "\n".join(self.lines) + ("" if self.odds(8) else "\n")
        if self.odds(8):
            text = text.replace("\n", "\r\n")
        return (b"\xef\xbb\xbf" if self.odds(20) else b"") + text.encode()

    # Shapes.

    def compose(self) -> None:
        if self.odds(3):
            self.anchored_map("x-common")
        self.entry(0, "services", lambda at: self.map(at, self.some(NAMES, 4), self.service))
        if self.odds(2):
            self.entry(0, "volumes", lambda at: self.map(at, self.some(NAMES, 2), lambda at, _: self.scalar(at)))

    def service(self, at: int, _name: str) -> None:
        def write(at: int, key: str) -> None:
            if key in ("ports", "volumes", "needs", "command"):
                self.sequence(at, self.item)
            else:
                self.value(at, 2)

        self.map(at, self.some(KEYS, 4), write)

    def workflow(self) -> None:
        self.entry(
            0, "on", lambda at: self.map(at, self.some(("push", "pull_request"), 2), lambda at, _: self.value(at, 2))
        )
        self.entry(0, "jobs", lambda at: self.map(at, self.some(NAMES, 2), self.job))

    def job(self, at: int, _name: str) -> None:
        def write(at: int, key: str) -> None:
            if key == "steps":
                self.sequence(
                    at,
                    lambda at: self.map(
                        at, self.some(("uses", "name", "with", "run", "id"), 3), lambda at, _: self.value(at, 2)
                    ),
                )
            else:
                self.value(at, 2)

        self.map(at, [*self.some(("runs-on", "env", "if"), 2), "steps"], write)

    def manifest(self) -> None:
        self.entry(0, "kind", lambda _at: self.text(self.pick(("Service", "Deployment"))))
        self.entry(
            0,
            "metadata",
            lambda at: self.map(at, ["name", *self.some(("namespace", "labels"), 1)], lambda at, _: self.scalar(at)),
        )
        self.entry(0, "spec", lambda at: self.value(at, 4))

    def anything(self) -> None:
        if self.odds(4):
            self.start_list(0, lambda at: self.value(at, 3))
        else:
            self.start_map(0, self.some(NAMES, 3), lambda at, _: self.value(at, 3))

    def anchored_map(self, key: str) -> None:
        self.between(0)
        anchor = f"a{len(self.anchors)}"
        self.lines.append(f"{key}: &{anchor}{self.note()}")
        self.start_map(self.step, self.some(KEYS, 2), lambda at, _: self.scalar(at))
        self.anchors.append(anchor)

    # What may stand behind a key or a dash: each of these ends the line that it finds.

    def value(self, at: int, depth: int) -> None:
        if depth == 0 or self.odds(2):
            self.scalar(at)
        elif self.odds(2):
            self.map(at, self.some(KEYS, 3), lambda at, _: self.value(at, depth - 1))
        else:
            self.sequence(at, lambda at: self.value(at, depth - 1))

    def scalar(self, at: int) -> None:
        """A scalar, or something in brackets; in most cases on one line."""
        odd = (
            self.block_scalar,
            self.nothing,
            self.flow,
            self.plain_lines,
            self.quoted_lines,
            self.alias,
            self.tagged,
            self.anchored,
            self.on_the_next_line,
        )
        (self.pick(odd) if self.odds(2) else self.item)(at)

    def nothing(self, _at: int) -> None:
        self.lines[-1] += self.note()

    def plain_lines(self, at: int) -> None:
        self.lines[-1] += f" {self.pick(PLAIN[12:17])}"
        words = self.some(("more", "words", "- x", "[y"), 2)
        self.lines += [" " * (at + self.pick((1, 2, 5))) + word for word in words]
        if self.odds(3):
            self.lines += ["", " " * (at + 1) + "end"]
        self.lines[-1] += self.note()

    def quoted_lines(self, at: int) -> None:
        quote = self.pick("'\"")
        self.lines[-1] += f" {quote}a  "
        blank = [""] * self.chance.randrange(3)
        self.lines += [*blank, " " * (at + self.step) + f"b{quote}{self.note()}"]

    def alias(self, at: int) -> None:
        if self.anchors:
            self.text(f"*{self.pick(self.anchors)}")
        else:
            self.nothing(at)

    def tagged(self, _at: int) -> None:
        self.text(self.pick(("!reset", "!!str", "!!str 5", "!tag x", "! y", "!override [a]")))

    def anchored(self, _at: int) -> None:
        anchor = f"b{len(self.anchors)}"
        self.text(f"&{anchor} {self.pick(PLAIN)}")
        self.anchors.append(anchor)

    def on_the_next_line(self, at: int) -> None:
        self.lines[-1] += self.note()
        self.comment(at, deeper=True)
        self.lines.append(" " * (at + self.step) + self.pick(PLAIN[12:14] + QUOTED) + self.note())

    def item(self, _at: int) -> None:
        self.text(self.pick(PLAIN + QUOTED))

    def text(self, text: str) -> None:
        blanks = "  " if self.odds(20) else " "
        self.lines[-1] += f"{blanks}{text}{self.note()}"

    def block_scalar(self, at: int) -> None:
        text = self.pick(TEXTS)
        column = max(at + self.step, 1)
        digit = str(column - max(at, 0)) if self.odds(8) and column - max(at, 0) <= 9 else ""
        self.lines[-1] += f" {self.pick('|>')}{digit}{self.pick(('', '', '-', '+'))}{self.note()}"
        self.lines += [(" " * column + line) if line else "" for line in text]
        self.lines += [""] * self.pick((0, 0, 1, 2))

    def map(self, at: int, keys: Sequence[str], write: Callable[[int, str], None]) -> None:
        if not keys:
            self.lines[-1] += " {}" + self.note()
            return
        if self.lines[-1].endswith("-") and not self.odds(8):
            self.lines[-1] += " " * self.pick((1, 1, 3))
            self.start_map(len(self.lines[-1]), keys, write, here=True)
            return
        if self.odds(8):
            self.lines[-1] += self.note()
            if self.odds(3):
                self.comment(at, deeper=True)
        self.start_map(max(at, 0) + self.step, keys, write)

    def start_map(self, at: int, keys: Sequence[str], write: Callable[[int, str], None], *, here: bool = False) -> None:
        if self.anchors and self.odds(6) and not here:
            self.lines.append(" " * at + f"<<: {self.pick(('*{0}', '[*{0}, *{0}]')).format(self.pick(self.anchors))}")
        for index, key in enumerate(keys):
            self.entry(at, key, lambda at, key=key: write(at, key), here=here and not index)  # type: ignore[misc]

    def entry(self, at: int, key: str, write: Callable[[int], None], *, here: bool = False) -> None:
        quote = self.pick(("", "", "", "", "", "'", '"'))
        text = f"{quote}{key}{quote}{' ' * self.odds(30)}:"
        if here:
            self.lines[-1] += text
        else:
            self.between(at)
            self.lines.append(" " * at + text)
        write(at)

    def sequence(self, at: int, write: Callable[[int], None]) -> None:
        if self.odds(8):
            self.lines[-1] += " []" + self.note()
            return
        if self.odds(8):
            self.lines[-1] += self.note()
        in_map = self.lines[-1].lstrip().partition("#")[0].rstrip().endswith(":")
        self.start_list(at if self.unindented and in_map else max(at, 0) + self.step, write)

    def start_list(self, at: int, write: Callable[[int], None]) -> None:
        for _ in range(1 + self.chance.randrange(3)):
            self.between(at)
            self.lines.append(" " * at + "-")
            write(at)

    def flow(self, at: int) -> None:
        text = self.bracketed(2)
        if self.odds(3):
            inside = " " * (at + self.step)
            text = text.replace(", ", f",{self.note()}\n{inside}").replace(
                "[ ", f"[{self.note()}\n{inside}# in\n\n{inside}"
            )
        self.lines += (self.lines.pop() + f" {text}{self.note()}").split("\n")

    def bracketed(self, depth: int) -> str:
        if depth == 0 or self.odds(3):
            return self.pick(FLOW_PLAIN + QUOTED)
        items = [self.bracketed(depth - 1) for _ in range(self.chance.randrange(4))]
        blank, trailing = self.pick(("", " ")), "," * (bool(items) and self.odds(5))
        if self.odds(2):
            return f"[{blank}{', '.join(items)}{trailing}{blank}]"
        keys = [self.pick(("k{}", "'k {}'", "l m{}")).format(index) for index in range(len(items))]
        entries = [f"{key}: {item}" for key, item in zip(keys, items, strict=True)]
        return "{" + blank + ", ".join(entries) + trailing + blank + "}"

    # Comments.

    def note(self) -> str:
        return f"{self.pick((' ', '  '))}{self.pick(COMMENTS)}" if self.odds(self.comments) else " " * self.odds(30)

    def comment(self, at: int, *, deeper: bool = False) -> None:
        self.lines.append(" " * (at + self.step * deeper) + self.pick(COMMENTS))

    def between(self, at: int) -> None:
        """Comments and blank lines above an item, at any indentation."""
        if self.odds(6):
            self.lines.append("  " * self.odds(8))
        if self.odds(self.comments):
            for _ in range(self.pick((1, 1, 2, 3))):
                self.comment(self.pick((at, at, at, at + self.step, at + 1, max(at - self.step, 0), 0)))
                if self.odds(4):
                    self.lines.append("")

    def some(self, options: Sequence[str], most: int) -> list[str]:
        return self.chance.sample(list(options), self.chance.randrange(most + 1)) or [options[0]]


def yaml_files() -> st.SearchStrategy[bytes]:
    """Valid files, as bytes."""
    return st.randoms(use_true_random=False).map(lambda chance: Writer(chance).file())
