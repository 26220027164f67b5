"""`bakegen merge-file`: one file three ways, called as git calls a merge driver.

git takes any exit code from 1 to 128 for a conflict, and what is then in OURS for the file with its marks: without marks
the next `git add` would lose theirs. So no conflict ends without marks, and what is no conflict ends above 128.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

import click

from bakegen import git
from bakegen.cli import output
from bakegen.cli.session import as_json
from bakegen.errors import UserError
from bakegen.merge.outcome import Conflicted, Markers, Merged, Refused
from bakegen.unfinished import merge_stages
from bakegen.workspace import files

LABELS = ("ours", "base", "theirs")


class _FailedError(UserError):
    code: ClassVar[int] = 255  # as `git merge-file`


class _UsageError(click.UsageError):
    exit_code = 129  # as `git merge-file`


class _Driver(click.Command):
    def make_context(self, *arguments: Any, **settings: Any) -> click.Context:
        try:
            return super().make_context(*arguments, **settings)
        except click.UsageError as error:
            raise _UsageError(error.format_message(), error.ctx) from None


@click.command("merge-file", cls=_Driver)
@click.argument("ours")
@click.argument("base")
@click.argument("theirs")
@click.option("--path", metavar="PATH", help="The file's path in the project: its name decides the format.")
@click.option("-p", "--stdout", "to_stdout", is_flag=True, help="Print the result; OURS stays as it is.")
@click.option("-L", "labels", metavar="LABEL", multiple=True, help="Behind the marks: of ours, then base, then theirs.")
@click.option("--marker-size", type=click.IntRange(min=1), default=7, show_default=True, help="How long the marks are.")
@as_json
def command(
    ours: str,
    base: str,
    theirs: str,
    path: str | None,
    labels: tuple[str, ...],
    marker_size: int,
    *,
    to_stdout: bool,
    as_json: bool,
) -> None:
    """Bring what THEIRS changed against BASE into OURS, by structure; git's merge driver.

    Ends with 0, or with 1 and diff3 marks in OURS where both changed the same thing. A file that bakegen does not
    understand is merged as `git merge-file` does. `bakegen git-setup` makes git call this.

    \b
    Examples:
      bakegen merge-file ours.hcl base.hcl theirs.hcl
      bakegen merge-file -p ours base theirs --path docker-bake.hcl
    """
    if as_json and to_stdout:
        raise _UsageError("--json and --stdout print both to stdout")
    if len(labels) > len(LABELS):
        raise _UsageError("-L is there for ours, base and theirs: three at most")
    given = (ours, base, theirs)
    names = (*labels, *LABELS[len(labels) :])
    try:
        contents = [Path(file).read_bytes() for file in given]
        place = PurePosixPath(path or ours)
        outcome = _merge(place, contents, Markers(ours=names[0], base=names[1], theirs=names[2], size=marker_size))
        text, code, report = _judge(place, outcome, given, names, marker_size)
        if to_stdout:
            sys.stdout.buffer.write(text)
        elif text != contents[0]:
            files.replace_file(Path(ours), text)
    except OSError as error:
        raise _FailedError(f"{error.strerror}: {error.filename}") from None
    except UserError as error:
        raise _FailedError(error.message, where=error.where, hint=error.hint) from None
    if as_json:
        output.data(report)
    sys.exit(code)


def _merge(path: PurePosixPath, contents: Sequence[bytes], markers: Markers) -> Merged | Conflicted | Refused:
    """The merge; a file that is no text, or a bug of ours, is a refusal: git is left with what it would have had."""
    if any(b"\0" in data for data in contents):
        return Refused(line=1, message="the file is not text", hint="resolve it by hand")
    base, ours, theirs = contents[1], contents[0], contents[2]
    try:
        return merge_stages(path, base, ours, theirs, markers=markers)
    except Exception:  # noqa: BLE001  (exit code 1 without marks in OURS would lose theirs)
        traceback.print_exc()
        return Refused(line=1, message="bakegen failed, and that is a bug", hint="please report the lines above")


def _judge(
    path: PurePosixPath, outcome: Merged | Conflicted | Refused, given: Sequence[str], names: Sequence[str], size: int
) -> tuple[bytes, int, dict[str, Any]]:
    """The result's bytes, the exit code, and the same as plain data; what a person must know goes to stderr."""
    match outcome:
        case Merged(text=text, notes=notes):
            for note in notes:
                output.note(f"{path}: {note}")
            return text, 0, {"outcome": "merged", "notes": list(notes), "conflicts": []}
        case Conflicted(conflicts=conflicts, marked=marked):
            found = [{"line": each.line, "key": each.key, "message": each.message} for each in conflicts]
            for each in conflicts:
                output.note(f"{path}:{each.line}: conflict: {each.message}")
            return marked, 1, {"outcome": "conflict", "notes": [], "conflicts": found}
        case Refused(line=line, message=message, hint=hint):
            done = git.merge_file(Path.cwd(), given, names, size)
            end = "with conflicts" if done.code else "without conflict"
            output.note(f"{path}:{line}: {message} ({hint}); merged by lines, as git does, {end}")
            refused = {"line": line, "message": message, "hint": hint}
            return done.out, min(done.code, 1), {"outcome": "refused", "notes": [], "conflicts": [], "refused": refused}
