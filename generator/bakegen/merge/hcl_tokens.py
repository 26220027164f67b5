"""The tokens of HCL on bytes: enough to tell structure from strings, templates, heredocs and comments.

After the native syntax specification, https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from bakegen.merge.tree import NotUnderstood

DEPTH = 100
MARK = b"\xef\xbb\xbf"
TOKEN = re.compile(
    rb"(?P<blank>[ \t]+)"
    rb"|(?P<newline>\r?\n)"
    rb"|(?P<comment>(?:\#|//)[^\r\n]*(?:\r(?!\n)[^\r\n]*)*|/\*.*?\*/)"
    rb"|(?P<heredoc><<-?[A-Za-z_\x80-\xff][\w\x80-\xff-]*[ \t]*\r?\n)"
    rb"|(?P<name>[A-Za-z_\x80-\xff][\w\x80-\xff-]*)"
    rb"|(?P<number>[0-9][\w.]*(?:(?<=[eE])[+-][0-9]+)?)"
    rb'|(?P<quote>")'
    rb"|(?P<open>[\[{(])"
    rb"|(?P<close>[\]})])"
    rb"|(?P<other>=>|==|!=|<=|>=|&&|\|\||\.\.\.|/(?!\*)|[=:,.?!<>&|+*%^~@;'$`-])",
    re.DOTALL,
)
PAIRS = {b"[": b"]", b"{": b"}", b"(": b")"}
IN_STRING = re.compile(rb'[^"\\$%\n]+|\\.|\$\$\{|%%\{|[$%](?!\{)', re.DOTALL)
IN_HEREDOC = re.compile(rb"(?:[^$%\n]|\$\$\{|%%\{|[$%](?!\{))+")
IN_TEMPLATE = re.compile(rb'(?:[^"{}<#/\n]|\n|<(?!<)|/(?![/*]))+')
HEREDOC = re.compile(rb"<<-?([A-Za-z_\x80-\xff][\w\x80-\xff-]*)[ \t]*\r?\n")
COMMENT = re.compile(rb"(?:#|//)[^\n]*|/\*.*?\*/", re.DOTALL)


class Token(NamedTuple):
    """`kind` is a group of `TOKEN`, `string` or `heredoc` (with its end); bytes are `data[start:end]`."""

    kind: str
    start: int
    end: int


def tokens(data: bytes) -> list[Token]:
    """Every token but blanks, up to the end of the file. Raises NotUnderstood for what is no HCL."""
    found: list[Token] = []
    at = len(MARK) if data.startswith(MARK) else 0
    while at < len(data):
        match = TOKEN.match(data, at)
        if match is None:
            raise _unknown(data, at)
        kind, end = match.lastgroup or "", match.end()
        if kind == "quote":
            kind, end = "string", _string_end(data, at, 0)
        elif kind == "heredoc":
            end = _heredoc_end(data, at, 0)
        if kind != "blank":
            found.append(Token(kind, at, end))
        at = end
    return found


def matching(data: bytes, found: list[Token]) -> dict[int, int]:
    """The index of the closing bracket for that of each opening one."""
    pairs: dict[int, int] = {}
    stack: list[int] = []
    for index, token in enumerate(found):
        if token.kind == "open":
            stack.append(index)
            if len(stack) > DEPTH:
                raise NotUnderstood(token.start, "it is nested too deeply", f"nest at most {DEPTH} levels")
        elif token.kind == "close":
            bracket = data[token.start : token.end]
            if not stack or PAIRS[data[found[stack[-1]].start : found[stack[-1]].end]] != bracket:
                raise NotUnderstood(token.start, f"`{bracket.decode()}` closes nothing", "delete it, or open it before")
            pairs[stack.pop()] = index
    if stack:
        start = found[stack[-1]].start
        opened = data[start : start + 1].decode()
        raise NotUnderstood(start, f"`{opened}` is never closed", "close it")
    return pairs


def _unknown(data: bytes, at: int) -> NotUnderstood:
    if data.startswith(b"/*", at):
        return NotUnderstood(at, "the comment is never closed", "close it with */")
    if data[at] == 0:
        return NotUnderstood(at, "there is a NUL byte in it", "delete the byte")
    if data[at : at + 1] == b"\r":
        return NotUnderstood(at, "a line ends in CR alone", "end lines with LF or CRLF")
    return NotUnderstood(at, f"{data[at : at + 1]!r} is no HCL", "see: docker buildx bake --print")


def _string_end(data: bytes, start: int, depth: int) -> int:
    at = start + 1
    while at < len(data):
        char = data[at : at + 1]
        if char == b'"':
            return at + 1
        if char == b"\n":
            break
        if data[at : at + 2] in (b"${", b"%{") and IN_STRING.match(data, at) is None:
            at = _template_end(data, at, depth + 1)
            continue
        match = IN_STRING.match(data, at)
        if match is None:
            break
        at = match.end()
    raise NotUnderstood(start, "the string is not closed on its line", "close it, or use a heredoc: <<EOT")


def _template_end(data: bytes, start: int, depth: int) -> int:
    if depth > DEPTH:
        raise NotUnderstood(start, "it is nested too deeply", f"nest at most {DEPTH} levels")
    at, braces = start + 2, 0
    while at < len(data):
        char = data[at : at + 1]
        if char == b"}":
            if not braces:
                return at + 1
            braces -= 1
            at += 1
        elif char == b"{":
            braces += 1
            at += 1
        elif char == b'"':
            at = _string_end(data, at, depth)
        elif comment := COMMENT.match(data, at):
            at = comment.end()
        elif HEREDOC.match(data, at):
            at = _heredoc_end(data, at, depth)
        else:
            match = IN_TEMPLATE.match(data, at)
            at = match.end() if match else at + 1
    raise NotUnderstood(start, "the template is never closed", "close it with }")


def _heredoc_end(data: bytes, start: int, depth: int) -> int:
    """Behind the end marker, which stands alone on its line; the newline after it is not part of the heredoc."""
    match = HEREDOC.match(data, start)
    if match is None:
        raise _unknown(data, start)
    marker, at = match[1], match.end()
    while at < len(data):
        newline = data.find(b"\n", at)
        line_end = len(data) if newline < 0 else newline
        line = data[at:line_end]
        if line.strip() == marker:
            return at + len(line.rstrip())
        while at < line_end:
            text = IN_HEREDOC.match(data, at)
            if text is not None:
                at = text.end()
            elif data[at : at + 1] == b"\n":
                break
            else:
                at = _template_end(data, at, depth + 1)
                newline = data.find(b"\n", at)
                line_end = len(data) if newline < 0 else newline
        at = line_end + 1
    raise NotUnderstood(start, "the heredoc is never closed", f"end it with {marker.decode('utf-8', 'replace')}")
