"""Hand edits of a text, by a grammar of what people do: drawn by hypothesis, and known by name.

An edit works on lines and knows nothing of the scanners that it puts to the test.
"""

import re
from collections.abc import Callable
from pathlib import PurePosixPath

from hypothesis import strategies as st

Lines = list[bytes]
# Changes the lines in place, at a line, with a number to make new things different.
Edit = Callable[[PurePosixPath, Lines, int, int], Lines]

OWN = {
    ".hcl": b'\ntarget "mine%d" {\n  context = "."\n}\n',
    ".yaml": b"  mine%d:\n    image: mine\n",
    ".example": b"\n# own\nMINE%d=1\n",
    ".yml": b"# mine%d\n",
}


def _indent(line: bytes) -> bytes:
    return line[: len(line) - len(line.lstrip())] if line.strip() else b""


def comment(_: PurePosixPath, lines: Lines, at: int, number: int) -> Lines:
    return [*lines[:at], _indent(lines[at]) + b"# mine %d\n" % number, *lines[at:]]


def comment_at_the_end(_: PurePosixPath, lines: Lines, at: int, number: int) -> Lines:
    return [*lines[:at], lines[at].rstrip(b"\r\n") + b" # mine %d\n" % number, *lines[at + 1 :]]


def own_item(path: PurePosixPath, lines: Lines, at: int, number: int) -> Lines:
    text = OWN.get(path.suffix, b"MINE%d\n") % number
    if path.name.startswith("compose"):
        heads = [index for index, line in enumerate(lines) if re.match(rb"  \w+:\n", line)]
        at = heads[at % len(heads)] if heads else len(lines)
    else:
        at = len(lines)
    return [*lines[:at], text, *lines[at:]]


def duplicated_line(_: PurePosixPath, lines: Lines, at: int, _number: int) -> Lines:
    return [*lines[:at], lines[at], *lines[at:]]


def deleted_line(_: PurePosixPath, lines: Lines, at: int, _number: int) -> Lines:
    return [*lines[:at], *lines[at + 1 :]]


def deleted_block(_: PurePosixPath, lines: Lines, at: int, number: int) -> Lines:
    return [*lines[:at], *lines[at + number % 12 + 1 :]]


def swapped_lines(_: PurePosixPath, lines: Lines, at: int, _number: int) -> Lines:
    return [*lines[:at], *lines[at : at + 2][::-1], *lines[at + 2 :]]


def changed_word(_: PurePosixPath, lines: Lines, at: int, number: int) -> Lines:
    words = re.findall(rb"\w+", lines[at])
    if not words:
        return lines
    word = words[number % len(words)]
    return [*lines[:at], lines[at].replace(word, b"MY" + word, 1), *lines[at + 1 :]]


def other_quotes(_: PurePosixPath, lines: Lines, at: int, _number: int) -> Lines:
    return [*lines[:at], lines[at].replace(b'"', b"'"), *lines[at + 1 :]]


def deeper_block(_: PurePosixPath, lines: Lines, at: int, number: int) -> Lines:
    end = at + number % 8 + 1
    return [*lines[:at], *(b"  " + line if line.strip() else line for line in lines[at:end]), *lines[end:]]


def other_alignment(_: PurePosixPath, lines: Lines, at: int, _number: int) -> Lines:
    return [*lines[:at], re.sub(rb" += ", b"   =  ", lines[at]), *lines[at + 1 :]]


def trailing_blanks(_: PurePosixPath, lines: Lines, at: int, _number: int) -> Lines:
    return [*lines[:at], lines[at].rstrip(b"\r\n") + b"  \n", *lines[at + 1 :]]


def blank_line(_: PurePosixPath, lines: Lines, at: int, _number: int) -> Lines:
    return [*lines[:at], b"\n", *lines[at:]]


def crlf(_: PurePosixPath, lines: Lines, _at: int, _number: int) -> Lines:
    return [line.rstrip(b"\r\n") + b"\r\n" for line in lines]


def byte_order_mark(_: PurePosixPath, lines: Lines, _at: int, _number: int) -> Lines:
    return lines if lines[0].startswith(b"\xef\xbb\xbf") else [b"\xef\xbb\xbf" + lines[0], *lines[1:]]


def no_final_newline(_: PurePosixPath, lines: Lines, _at: int, _number: int) -> Lines:
    return [*lines[:-1], lines[-1].rstrip(b"\r\n")] if lines[-1].strip() else lines


def garbage(_: PurePosixPath, lines: Lines, at: int, number: int) -> Lines:
    chunk = (b"}\n", b"{\n", b"\xff\n", b"\0\n", b"<<<<<<< ours\n", b"]\n", b'"\n', b"\t\n")[number % 8]
    return [*lines[:at], chunk, *lines[at:]]


EDITS: dict[str, Edit] = {
    edit.__name__.replace("_", " "): edit
    for edit in (
        comment,
        comment_at_the_end,
        own_item,
        duplicated_line,
        deleted_line,
        deleted_block,
        swapped_lines,
        changed_word,
        other_quotes,
        deeper_block,
        other_alignment,
        trailing_blanks,
        blank_line,
        crlf,
        byte_order_mark,
        no_final_newline,
        garbage,
    )
}


def apply(name: str, path: PurePosixPath, text: bytes, at: int, number: int) -> bytes:
    """The text after an edit at a line (taken modulo the number of lines)."""
    lines = text.splitlines(keepends=True)
    return b"".join(EDITS[name](path, lines, at % len(lines), number)) if lines else text


@st.composite
def edits(draw: st.DrawFn, path: PurePosixPath, text: bytes) -> tuple[tuple[str, ...], bytes]:
    """One to three edits of a file, by their names, and the text after them."""
    names: list[str] = []
    for _ in range(draw(st.integers(1, 3))):
        name = draw(st.sampled_from(sorted(EDITS)))
        text = apply(name, path, text, draw(st.integers(0, 400)), draw(st.integers(0, 99)))
        names.append(name)
    return tuple(names), text
