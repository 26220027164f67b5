"""JavaScript without its comments and without the text of its strings, each character at its place.

No grammar: a string ends with its line. What is taken for a string, and is none, hides what stands in it; nothing else
is made of it.
"""

from __future__ import annotations

import re

# What a string that is left says: a name, or the name of a module.
KEPT = re.compile(r"[\w$/-]*")
# A regular expression, between slashes, is told from a division by what it follows.
HIDDEN = re.compile(
    r"/\*.*?\*/|//[^\n]*|<!--.*?-->"
    r"|(?<=[=(,:!&|?])[ \t]*/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/"
    r"|(?P<inserted>`(?:\\.|[^`\\])*`)"
    r"|(?P<string>\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*')",
    re.DOTALL,
)
INSERTED = re.compile(r"\$\{[^{}]*\}")


def masked(text: str) -> str:
    """The text with blanks for comments and for what strings say, all strings in double quotes.

    A string that is only a name stays, and so does the code that a text in backquotes inserts.
    """
    return HIDDEN.sub(_replaced, text)


def end(source: str, start: int) -> int:
    """Where the expression ends that `start` is in: at a comma, a semicolon, a line's end or the bracket around it."""
    depth = 0
    for at in range(start, len(source)):
        each = source[at]
        if each in "([{":
            depth += 1
        elif each in ")]}":
            depth -= 1
        if depth < 0 or (depth == 0 and each in ",;") or (depth == 0 and each == "\n" and not _goes_on(source, at)):
            return at
    return len(source)


def _goes_on(source: str, at: int) -> bool:
    """Whether the next line begins with a dot: a chain of calls."""
    return source[at:].lstrip()[:1] == "."


def _replaced(match: re.Match[str]) -> str:
    found = match[0]
    if match["string"]:
        inside = found[1:-1]
        return f'"{inside if KEPT.fullmatch(inside) else _blank(inside)}"'
    if match["inserted"]:
        parts, at = [], 0
        for code in INSERTED.finditer(found):
            parts += [_blank(found[at : code.start()]), masked(code[0])]
            at = code.end()
        return "".join([*parts, _blank(found[at:])])
    return _blank(found)


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)
