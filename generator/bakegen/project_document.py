"""bakegen.toml as a TOML document: its values, and the line of each key."""

from __future__ import annotations

import re
import tomllib
from pathlib import PurePosixPath
from typing import Any

from bakegen.errors import UserError
from bakegen.merge import toml
from bakegen.merge.splice import line_of

FILE = PurePosixPath("bakegen.toml")
LIMIT = 4_000_000  # bytes; a thousand services with everything said about them are a tenth of that
NESTED = 100


def values(data: bytes) -> dict[str, Any]:
    """The document as tomllib reads it; UserError with the line if it cannot."""
    if len(data) > LIMIT:
        size = f"{len(data) / 1e6:.1f} MB"
        hint = f"bakegen reads at most {LIMIT // 1_000_000} MB: take out what is not about services"
        raise UserError(f"the file is too large: {size}", where=f"{FILE}:1", hint=hint)
    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = line_of(data, error.start)
        raise UserError("the file is not UTF-8", where=f"{FILE}:{line}", hint="save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        message, _, place = str(error).rpartition(" (at ")
        line_text = place.removeprefix("line ").partition(",")[0]
        line = int(line_text) if line_text.isdigit() else line_of(data, len(data.rstrip()))
        hint = "put right what stands there; https://toml.io has the rules"
        if re.match(r"<{7}|={7}$|>{7}", _line(data, line)):
            hint = "a merge was left half done: while git has it open, bakegen sync; else choose between its sides and delete the marks"
        raise UserError(f"not valid TOML: {message or place}", where=f"{FILE}:{line}", hint=hint) from None
    except RecursionError:
        hint = "nothing in it needs more than three levels of brackets"
        raise UserError("the file is nested too deeply", where=f"{FILE}:{_deepest(data)}", hint=hint) from None
    except ValueError:  # Python's limit for the digits of an integer, which tomllib lets through
        digits = re.search(rb"[0-9_]{4300,}", data)
        line = line_of(data, digits.start() if digits else 0)
        raise UserError("not valid TOML: a number is too long", where=f"{FILE}:{line}", hint="shorten it") from None


class Lines:
    """Where a key is written; scans the file only when somebody asks."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def line(self, *path: str) -> int:
        """The line of the key, or of the first in it, or of the nearest table around it that is written."""
        best, offset = -1, 0
        for table in toml.scan(self.data):
            places = [(table.key, table.header)] if table.key else []
            places += [(table.key + entry.key, entry.start) for entry in table.entries]
            for key, start in places:
                length = min(len(key), len(path))
                if length > best and key[:length] == path[:length]:
                    best, offset = length, start
        return line_of(self.data, offset)


def _line(data: bytes, number: int) -> str:
    return (data.split(b"\n", number)[number - 1 : number] or [b""])[0].decode("utf-8", "replace")


def _deepest(data: bytes) -> int:
    """The line of the first bracket beyond what Python can follow, counting all of them: strings do not matter here."""
    depth = 0
    for match in re.finditer(rb"[\[\]{}]", data):
        depth += 1 if match[0] in b"[{" else -1
        if depth > NESTED:
            return line_of(data, match.start())
    return 1
