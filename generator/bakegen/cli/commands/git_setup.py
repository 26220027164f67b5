"""`bakegen git-setup`: tell git about the merge driver that the project's `.gitattributes` names."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path, PurePosixPath

import click

from bakegen import git
from bakegen.cli import output
from bakegen.cli.session import as_json, dry_run

SECTION = "merge.bakegen"
SAMPLE = PurePosixPath("docker-bake.hcl")


@click.command("git-setup")
@click.option("--remove", is_flag=True, help="Take the settings out again; git then merges all files by lines.")
@dry_run
@as_json
def command(*, remove: bool, dry_run: bool, as_json: bool) -> None:
    """Let git merge bakegen's files by structure, in this clone of the repository.

    Two branches that both added a service then merge without a conflict. The setting is in the clone's own
    configuration, so everybody who wants it runs this once; without it git merges by lines, as ever.

    \b
    Examples:
      bakegen git-setup
      bakegen git-setup --remove
    """
    folder = Path.cwd()
    wanted = {f"{SECTION}.name": "bakegen: merge by structure", f"{SECTION}.driver": driver(program())}
    present = git.settings(folder, wanted)
    changed = bool(present) if remove else present != wanted
    if changed and not dry_run:
        if remove:
            git.forget(folder, SECTION)
        else:
            git.configure(folder, wanted)
    if as_json:
        output.data({"changed": changed, "settings": {} if remove else wanted})
    else:
        _say(folder, remove=remove, changed=changed, dry_run=dry_run)
    if dry_run and changed:
        sys.exit(1)


def program() -> str:
    """How git's shell calls this bakegen: by name where it is on PATH."""
    if shutil.which("bakegen"):
        return "bakegen"
    return f"{shlex.quote(Path(sys.executable).as_posix())} -m bakegen"


def driver(program: str) -> str:
    """The command of the merge driver; git replaces %A, %O, %B (files), %P (path) and %L (length of the marks).

    If it fails without having marked conflicts, because bakegen is no longer there, git's own merge by lines does the
    work: a driver that fails with OURS as it was would lose theirs at the next `git add`.
    """
    ours = f"{program.replace('%', '%%')} merge-file %A %O %B --path=%P --marker-size=%L"
    lines = "git merge-file --diff3 --marker-size=%L -L ours -L base -L theirs %A %O %B"
    return f"{ours} || {{ ! grep -q '^<<<<<<<' %A && {lines}; }} || exit 1"


def _say(folder: Path, *, remove: bool, changed: bool, dry_run: bool) -> None:
    if not changed:
        output.note("Nothing to do: git does not know the merge driver." if remove else "Nothing to do: it is set.")
    elif remove:
        output.text("git merges all files by lines again.")
    else:
        output.text("git merges bakegen's files by structure, in this clone.")
    if not remove and git.attribute(folder, "merge", SAMPLE) != "bakegen":
        output.note(f".gitattributes does not name the driver for {SAMPLE} here: add `{SAMPLE} merge=bakegen` to it")
    if dry_run and changed:
        output.note("Nothing was written (--dry-run).")
