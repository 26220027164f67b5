"""Everything that is printed: results on stdout, messages on stderr, colour only on a terminal."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import click

from bakegen import versions
from bakegen.catalog import Catalog
from bakegen.edited import Conflict
from bakegen.errors import UserError
from bakegen.finding import Finding
from bakegen.model import Project
from bakegen.plan import COPIES, Change, Plan

WIDE = 200  # characters of a side that are shown: a file without newlines is one line
LABELS = {"error": "red", "where": "cyan", "hint": "yellow"}


def error(problem: UserError) -> None:
    """An error with its place and hint, on stderr."""
    for line in problem.lines():
        _labelled(line)


def note(text: str) -> None:
    """A message for a person, on stderr."""
    click.echo(text, err=True)


def notes(sentences: Iterable[str]) -> None:
    """What is good to know and no finding, on stderr."""
    for sentence in sentences:
        note(f"note: {sentence}")


def end_of_life(project: Project, catalog: Catalog) -> None:
    """Say which languages of the project nobody mends any more."""
    notes(versions.notes(project, catalog.languages, datetime.now(tz=UTC).date()))


def text(line: str = "") -> None:
    """A line of the result, on stdout."""
    click.echo(line)


def data(value: object) -> None:
    """The result as JSON, on stdout."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def changes(plan: Plan, *, dry_run: bool = False) -> None:
    """One line a file, with the lines that come and go."""
    shown = [change for change in plan.changes if change.path.parent != COPIES]
    for change in shown:
        added, removed = counts(change)
        sign, colour = {"created": ("+", "green"), "deleted": ("-", "red")}.get(kind(change), ("~", "yellow"))
        numbers = " ".join([f"+{added}"] * (added > 0) + [f"-{removed}"] * (removed > 0))
        end = f"  {click.style(numbers, dim=True)}" if numbers else ""
        click.echo(f"  {click.style(sign, fg=colour)} {change.path}{end}")
    files = {*plan.kept, *(change.path for change in plan.changes)}
    for move in plan.moves:
        end = "" if move.target in files else "/"
        click.echo(f"  {click.style('>', fg='yellow')} {move.source}{end} -> {move.target}{end}")
    for path in plan.kept:
        click.echo(f"  = {path}  {click.style('yours, left as it is', dim=True)}")
    for sentence in plan.notes:
        note(sentence)
    if dry_run and plan.changes:
        note("Nothing was written (--dry-run).")


def conflicts(found: Iterable[Conflict], *, marked: bool = False) -> None:
    """Each conflict with both sides and the way out, on stderr; `marked` says that the files show them too."""
    found = tuple(found)
    for conflict in found:
        _labelled(f"error: {conflict.message}")
        _labelled(f"where: {conflict.path}:{conflict.line}")
        note(f"  yours:   {_short(conflict.sides[0])}")
        if not conflict.refused:
            note(f"  bakegen: {_short(conflict.sides[1])}")
        _labelled(f"hint: {conflict.hint}")
    end = "both sides are in the files, between conflict markers" if marked else "nothing was written"
    note(f"{len(found)} conflict{'s' * (len(found) != 1)}: {end}.")


def findings(found: Iterable[Finding]) -> None:
    """Each finding of `check`, on stdout."""
    for finding in found:
        click.echo(f"{click.style(finding.where, fg='cyan')}: {finding.message}")
        if finding.hint:
            click.echo(f"  {click.style('hint:', fg='yellow')} {finding.hint}")


def warnings(found: Iterable[Finding]) -> None:
    """What `check` will find after a command that did what it was asked for, on stderr."""
    for finding in found:
        note(f"note: `bakegen check` will find in {finding.where}: {finding.message}")
        if finding.hint:
            note(f"  hint: {finding.hint}")


def diff(plan: Plan) -> None:
    """Unified diffs of every change and conflict, as git would print them."""
    pairs = [(each.path, each.before, each.after) for each in plan.changes if each.path.parent != COPIES]
    pairs += [(conflict.path, conflict.ours, conflict.theirs) for conflict in plan.conflicts]
    for path, before, after in sorted(pairs):
        names = (f"a/{path}" if before is not None else "/dev/null", f"b/{path}" if after is not None else "/dev/null")
        for line in difflib.unified_diff(_lines(before), _lines(after), *names):
            colour = {"+": "green", "-": "red", "@": "cyan"}.get(line[0])
            end = "" if line.endswith("\n") else "\n\\ No newline at end of file\n"
            click.echo(click.style(line, fg=colour) + end, nl=False)


def plan_data(plan: Plan, more: Iterable[str] = ()) -> dict[str, Any]:
    """A plan as plain data, the same for every command's --json; `more` are further notes."""
    return {
        "changes": [
            {"path": str(change.path), "change": kind(change), "added": counts(change)[0], "removed": counts(change)[1]}
            for change in plan.changes
        ],
        "conflicts": [
            {
                "path": str(conflict.path),
                "line": conflict.line,
                "message": conflict.message,
                "ours": conflict.sides[0],
                "theirs": conflict.sides[1],
                "hint": conflict.hint,
            }
            for conflict in plan.conflicts
        ],
        "kept": [str(path) for path in plan.kept],
        "moves": [{"from": str(move.source), "to": str(move.target)} for move in plan.moves],
        "notes": [*plan.notes, *more],
    }


def finding_data(found: Iterable[Finding]) -> list[dict[str, str]]:
    """Findings as plain data, the same for every command's --json."""
    return [{"where": each.where, "message": each.message, "hint": each.hint} for each in found]


def kind(change: Change) -> str:
    """What happens to the file: created, updated or deleted."""
    if change.before is None:
        return "created"
    return "deleted" if change.after is None else "updated"


def counts(change: Change) -> tuple[int, int]:
    """The lines that come and the lines that go."""
    if change.before is None or change.after is None:
        return len(_lines(change.after)), len(_lines(change.before))
    delta = [line[0] for line in difflib.unified_diff(_lines(change.before), _lines(change.after), n=0)]
    headers = 1 if delta else 0  # "+++" and "---"
    return delta.count("+") - headers, delta.count("-") - headers


def _lines(text: bytes | None) -> list[str]:
    return (text or b"").decode("utf-8", "replace").splitlines(keepends=True)


def _short(side: str) -> str:
    return side if len(side) <= WIDE else f"{side[:WIDE]} …"


def _labelled(line: str) -> None:
    label, colon, rest = line.partition(":")
    click.echo(click.style(label + colon, fg=LABELS[label], bold=label == "error") + rest, err=True)
