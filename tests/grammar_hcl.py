"""Valid bake files as people write them: every style of list, object, block and comment that real ones have.

What python-hcl2 refuses (a mark, a comment before `=`, a `$${` at a string's end) is left out: tests/unit/test_merge_hcl.py names it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from hypothesis import strategies as st

T = TypeVar("T")

NAMES = ("api", "web", "_common", "db-1", "worker", "api-test")
ATTRIBUTES = ("context", "dockerfile", "tags", "platforms", "args", "inherits", "cache-from", "labels")
KEYS = ("NODE", "a-b", '"org.x/y"', '"a b"', "_x")
STRINGS = ('""', '"."', '"a # b"', r'"a\"b"', '"${TAG}-x"', '"${upper("a}b")}"', '"// no"', '"é"', '"a, [b"')
OTHERS = ("1", "-1.5", "true", "null", "TAG", "x.y[0]", "a == b ? 1 : 2", "!PUSH", "(1 + 2)", "upper(TAG)")
OVER_LINES = (
    'concat(["a"],\n  B,\n)',
    'PUSH ? ["a"] : []',
    '[for x in Y : "${x}"]',
    "{for k, v in Y : k => v}",
    "[a][0]",
    '(\n  "a"\n)',
)
HEREDOCS = ("<<EOT\nFROM a\n  # no comment {\nEOT", "<<-EOT\n    RUN x\n\n    EOT", '<<E_1\n${upper("b")} [\nE_1')
COMMENTS = ("# why", "// why", "#", "/* one */", '# "[ {', "# é")
BLOCK_COMMENT = "/* one\n   two */"


@dataclass
class Writer:
    """Writes one file. `chance` decides everything, so that a file is a function of it."""

    chance: Random

    def __post_init__(self) -> None:
        self.step = self.pick(("  ", "  ", "    ", "\t"))
        self.comments = self.pick((3, 8, 100))

    def pick(self, options: Sequence[T]) -> T:
        return options[self.chance.randrange(len(options))]

    def odds(self, one_in: int) -> bool:
        return self.chance.randrange(one_in) == 0

    def file(self) -> bytes:
        blocks = (self.block, self.block, self.block, self.one_line, self.top)
        text = "".join(self.above("") + self.pick(blocks)() for _ in range(self.chance.randrange(6)))
        text += self.above("")
        if self.odds(8):
            text = text.removesuffix("\n")
        if self.odds(8):
            text = text.replace("\n", "\r\n")
        return text.encode()

    # Definitions: each ends in a newline.

    def label(self) -> str:
        kind, name = self.pick(("target", "target", "group", "variable", "function")), self.pick(NAMES)
        return f"{kind} {name}" if self.odds(8) else f'{kind} "{name}"'

    def block(self) -> str:
        names = self.chance.sample(ATTRIBUTES, self.chance.randrange(4))
        body = "".join(self.above(self.step) + self.attribute(self.step, name) for name in names)
        if self.odds(6):
            body += f"{self.step}validation {{\n{self.attribute(self.step * 2, 'condition')}{self.step}}}\n"
        return f"{self.label()} {{{self.note()}\n{body}{self.above(self.step)}}}{self.note()}\n"

    def one_line(self) -> str:
        inside = self.pick(("", " ", f" default = {self.pick(STRINGS)} "))
        return f"{self.label()} {{{inside}}}{self.note()}\n"

    def top(self) -> str:
        return self.attribute("", "pushing")

    def attribute(self, at: str, name: str) -> str:
        blank = self.pick((" ", " ", "", "   "))
        if self.odds(10):
            return f"{at}{name}{blank}={blank}{self.pick(HEREDOCS)}\n"
        return f"{at}{name}{blank}={blank}{self.value(at, 2)}{self.note()}\n"

    # Values.

    def value(self, at: str, depth: int) -> str:
        if depth and self.odds(3):
            return self.list(at, depth - 1)
        if depth and self.odds(4):
            return self.object(at, depth - 1)
        return self.pick(self.pick((STRINGS, STRINGS, OTHERS, OVER_LINES)))

    def list(self, at: str, depth: int) -> str:
        inside = at + self.step
        items = [self.value(inside, depth) for _ in range(self.chance.randrange(4))]
        if not items:
            return self.pick(("[]", "[ ]", f"[\n{at}]", f"[\n{inside}# none\n{at}]"))
        if self.odds(3):
            blank = self.pick(("", " "))
            return f"[{blank}{self.pick((', ', ',', ' , ')).join(items)}{self.pick(('', ','))}{blank}]"
        if self.odds(5):
            return f"[\n{inside}" + f"\n{inside}, ".join(items) + f"\n{at}]"
        return self.lines("[", at, items, last=self.pick(("", ",")), between=",") + "]"

    def object(self, at: str, depth: int) -> str:
        inside = at + self.step
        keys = self.chance.sample(KEYS, self.chance.randrange(4))
        equals = self.pick((" = ", "=", ": ", "   = "))
        entries = [f"{key}{equals}{self.value(inside, depth)}" for key in keys]
        if not entries:
            return self.pick(("{}", "{ }", f"{{\n{at}}}"))
        if self.odds(3):
            return f"{{ {', '.join(entries)} }}"
        commas = self.pick(("", "", ","))
        return self.lines("{", at, entries, last=commas, between=commas) + "}"

    def lines(self, opening: str, at: str, items: Sequence[str], *, last: str, between: str) -> str:
        """One item a line, with comments above, behind and below."""
        inside, text = at + self.step, f"{opening}{self.note()}\n"
        for index, item in enumerate(items):
            comma = last if index == len(items) - 1 else between
            text += f"{self.above(inside)}{inside}{item}{comma}{self.note()}\n"
        return text + self.above(inside) + at

    # Comments.

    def note(self) -> str:
        return f"{self.pick((' ', '  '))}{self.pick(COMMENTS)}" if self.odds(self.comments) else " " * self.odds(30)

    def above(self, at: str) -> str:
        """Blank lines, and comments that lead what follows or stand apart."""
        text = "\n" * self.odds(3)
        if self.odds(self.comments):
            for _ in range(self.pick((1, 1, 2, 3))):
                text += at + self.pick((*COMMENTS, BLOCK_COMMENT)) + "\n" * self.pick((1, 1, 1, 2))
        return text


def bake_files() -> st.SearchStrategy[bytes]:
    """Valid files, as bytes."""
    return st.randoms(use_true_random=False).map(lambda chance: Writer(chance).file())
