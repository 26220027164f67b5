"""Lets git write the files of an unfinished merge again, elsewhere, in each of the ways in which it may have done so.

`git merge` and `git checkout -m` do not use the same diff algorithm, a conflict style may have been set, and a merge
driver registered since. Work tree, index and new objects are in a temporary folder: the repository sees nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from bakegen.git.command import ask, run

STYLES = ("merge", "diff3", "zdiff3")
NUMBERS = (1, 2, 3)
NOBODY = {
    f"GIT_{role}_{fact}": value
    for role in ("AUTHOR", "COMMITTER")
    for fact, value in (("NAME", "bakegen"), ("EMAIL", "bakegen@localhost"), ("DATE", "2000-01-01T00:00:00Z"))
}
DRIVER, TEXT = b"merge=bakegen", b"merge"  # in .gitattributes: by the registered driver, or by git itself

Entries = Mapping[PurePosixPath, Mapping[int, tuple[str, str]]]
Written = dict[PurePosixPath, bytes]


@dataclass(frozen=True, kw_only=True, slots=True)
class Again:
    """One unfinished merge: its entries (path -> stage -> mode, object), and where git may write."""

    prefix: PurePosixPath
    entries: Entries
    tree: Path
    attributes: Mapping[PurePosixPath, bytes]
    variables: Mapping[str, str]

    @classmethod
    def prepare(cls, root: Path, folder: Path, entries: Entries) -> Again | None:
        """A scratch in an empty folder, None if git does not say where the repository is."""
        asked = ("--absolute-git-dir", "--show-toplevel", "--git-path", "objects", "--show-prefix")
        said = (ask(root, "rev-parse", *asked) or b"").decode("utf-8", "surrogateescape").split("\n")
        if len(said) < len(asked):
            return None
        git_dir, top, objects, prefix = said[:4]
        for new in ("tree", "objects"):
            (folder / new).mkdir()
        above = {parent / ".gitattributes" for path in entries for parent in (prefix / path).parents}
        alternate = str((root / objects).resolve()).replace("\\", "\\\\").replace('"', '\\"')
        return cls(
            prefix=PurePosixPath(prefix),
            entries=entries,
            tree=folder / "tree",
            attributes={path: Path(top, path).read_bytes() for path in sorted(above) if Path(top, path).is_file()},
            variables=NOBODY
            | {
                "GIT_DIR": git_dir,
                "GIT_WORK_TREE": str(folder / "tree"),
                "GIT_INDEX_FILE": str(folder / "index"),
                "GIT_OBJECT_DIRECTORY": str(folder / "objects"),
                "GIT_ALTERNATE_OBJECT_DIRECTORIES": f'"{alternate}"',
            },
        )

    def ways(self) -> Iterator[Written]:
        """What git writes, in one way after the other; the most usual ones first."""
        for merge in (TEXT, DRIVER):
            if merge == DRIVER and not any(DRIVER in rules for rules in self.attributes.values()):
                return
            for path, rules in self.attributes.items():
                place = self.tree / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(rules.replace(DRIVER, merge))
            sides = [self._commit(number) for number in NUMBERS[1:]]
            for style in STYLES:
                yield self._merged(style, sides)
                yield self._checked_out(style)

    def _checked_out(self, style: str) -> Written:
        """What `git checkout -m` writes."""
        self._index(NUMBERS, staged=True)
        self._git("checkout", f"--conflict={style}", "--", *(str(self.prefix / path) for path in self.entries))
        places = {path: self.tree / self.prefix / path for path in self.entries}
        return {path: place.read_bytes() for path, place in places.items() if place.is_file()}

    def _merged(self, style: str, sides: list[str]) -> Written:
        """What `git merge` writes, for a merge of just these files."""
        said = self._git("-c", f"merge.conflictStyle={style}", "merge-tree", "--write-tree", *sides)
        tree = said.partition(b"\n")[0].decode()
        return {path: self._git("cat-file", "blob", f"{tree}:{self.prefix / path}") for path in self.entries}

    def _commit(self, side: int) -> str:
        """A commit of one side, on a commit of what both come from."""
        commit: tuple[str, ...] = ()
        for number in (1, side):
            self._index((number,), staged=False)
            tree = self._git("write-tree").decode().strip()
            parent = ("-p", *commit) if commit else ()
            commit = (self._git("commit-tree", *parent, "-m", "again", tree).decode().strip(),)
        return commit[0]

    def _index(self, numbers: Iterable[int], *, staged: bool) -> None:
        """An index of these stages, as stages or as if they were merged."""
        self._git("read-tree", "--empty")
        lines = [
            f"{mode} {blob} {number if staged else 0}\t{self.prefix / path}\0"
            for path, stages in self.entries.items()
            for number, (mode, blob) in stages.items()
            if number in numbers
        ]
        self._git("update-index", "-z", "--index-info", stdin="".join(lines).encode())

    def _git(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """What git says; nothing where it fails, and then no file will be found to be as it was."""
        return run(self.tree, *arguments, stdin=stdin, **self.variables).out
