"""Merging pnpm-lock.yaml: what importers want is merged, and the packages follow from that."""

from pathlib import PurePosixPath

import pytest

from bakegen.merge import Conflicted, Merged, Outcome, merge
from bakegen.merge.pnpm_lock import closed, read, write

PATH = PurePosixPath("pnpm-lock.yaml")
HEAD = "lockfileVersion: '9.0'\n\nsettings:\n  autoInstallPeers: true\n\nimporters:\n"

Wants = dict[str, str]  # package: version; a version may name its peers, as in "1.0.0(b@1.0.0)"


def lock(importers: dict[str, Wants], reach: dict[str, Wants] | None = None) -> bytes:
    """A lock file as pnpm writes it; `reach` says what a package depends on."""
    lines = [HEAD]
    known = {f"{name}@{version}" for wants in importers.values() for name, version in wants.items()}
    waiting = list(known)
    while waiting:
        new = {f"{name}@{version}" for name, version in (reach or {}).get(waiting.pop(), {}).items()} - known
        known |= new
        waiting += new
    for path, wants in sorted(importers.items()):
        lines.append(f"\n  {path}:\n" + "    dependencies:\n" * bool(wants) if wants else f"\n  {path}: {{}}\n")
        lines += [f"      {name}:\n        specifier: ^1\n        version: {wants[name]}\n" for name in sorted(wants)]
    lines.append("\npackages:\n")
    lines += [
        f"\n  {key}:\n    resolution: {{integrity: sha512-x}}\n" for key in sorted({k.partition("(")[0] for k in known})
    ]
    lines.append("\nsnapshots:\n")
    for key in sorted(known):
        wants = (reach or {}).get(key, {})
        inner = "".join(f"      {name}: {version}\n" for name, version in sorted(wants.items()))
        lines.append(f"\n  {key}:\n    dependencies:\n{inner}" if wants else f"\n  {key}: {{}}\n")
    return "".join(lines).encode()


def check(base: bytes, ours: bytes, theirs: bytes, expected: bytes) -> None:
    done = merge(PATH, base, ours, theirs)
    assert isinstance(done, Merged)
    assert done.text.decode() == expected.decode()


def test_what_is_written_is_what_was_read() -> None:
    text = lock({".": {}, "a": {"b": "1.0.0(c@1.0.0)"}}, {"b@1.0.0(c@1.0.0)": {"c": "1.0.0"}}).decode()
    found = read(text)
    assert found is not None
    assert write(found) == text
    assert write(closed(found.head, found.importers, [found])) == text
    assert set(found.packages) == {"b@1.0.0", "c@1.0.0"}


def test_both_sides_add() -> None:
    base = {"a": {"x": "1.0.0"}}
    ours, theirs = {"a": {"x": "1.0.0", "y": "1.0.0"}}, {**base, "b": {"z": "1.0.0"}}
    check(lock(base), lock(ours), lock(theirs), lock({**ours, "b": {"z": "1.0.0"}}))


def test_a_package_that_ours_had_dropped_comes_back_where_theirs_needs_it() -> None:
    """Merged entry by entry, x@1.0.0 would be gone: base and theirs both have it, and ours has not."""
    base, ours = {"a": {"x": "1.0.0"}}, {"a": {"x": "1.1.0"}}
    theirs = {**base, "b": {"x": "1.0.0"}}
    check(lock(base), lock(ours), lock(theirs), lock({**ours, "b": {"x": "1.0.0"}}))


def test_a_package_stays_where_ours_began_to_need_what_theirs_drops() -> None:
    reach = {"x@1.0.0": {"deep": "1.0.0"}}
    base = {"a": {}, "b": {"x": "1.0.0"}}
    ours = {"a": {"x": "1.0.0"}, "b": {"x": "1.0.0"}}
    check(lock(base, reach), lock(ours, reach), lock({"a": {}}), lock({"a": {"x": "1.0.0"}}, reach))


def test_what_nothing_needs_any_more_goes() -> None:
    reach = {"x@1.0.0": {"deep": "1.0.0"}}
    base = {"a": {"y": "1.0.0"}, "b": {"x": "1.0.0"}}
    ours = {"a": {"y": "1.0.0", "z": "1.0.0"}, "b": {"x": "1.0.0"}}
    theirs, expected = {"a": {"y": "1.0.0"}}, {"a": {"y": "1.0.0", "z": "1.0.0"}}
    check(lock(base, reach), lock(ours, reach), lock(theirs), lock(expected))


def test_an_alias_and_a_link_are_followed_as_pnpm_does() -> None:
    alias = {"a": {"other": "real@1.0.0"}, "b": {"scoped": "'@scope/real@1.0.0'"}}
    text = (
        lock(alias)
        .decode()
        .replace("other@real@1.0.0", "real@1.0.0")
        .replace("scoped@'@scope/real@1.0.0'", "'@scope/real@1.0.0'")
    )
    text = text.replace(
        "  a:\n    dependencies:\n",
        "  a:\n    dependencies:\n      near:\n        specifier: workspace:*\n        version: link:../near\n",
    )
    found = read(text)
    assert found is not None
    assert set(closed(found.head, found.importers, [found]).snapshots) == {"real@1.0.0", "@scope/real@1.0.0"}


def test_two_versions_of_one_thing_are_a_conflict_with_the_whole_file_marked() -> None:
    base, ours, theirs = ({"a": {"x": f"1.{minor}.0"}, "b": {"y": "1.0.0"}} for minor in range(3))
    done = merge(PATH, lock(base), lock(ours), lock(theirs))
    assert isinstance(done, Conflicted)
    assert [conflict.key for conflict in done.conflicts] == ["importers > a > dependencies > x > version"]
    assert b"<<<<<<<" in done.marked
    assert done.marked.endswith(lock(ours)[lock(ours).index(b"packages:") :])


@pytest.mark.parametrize("favor", ["ours", "theirs"])
def test_a_favoured_side_brings_its_packages(favor: str) -> None:
    base, ours, theirs = ({"a": {"x": f"1.{minor}.0"}, "b": {}} for minor in range(3))
    new = {**theirs, "c": {"z": "1.0.0"}}
    done: Outcome = merge(PATH, lock(base), lock(ours), lock(new), favor=favor)  # type: ignore[arg-type]
    assert isinstance(done, Merged)
    assert done.text == lock({**(ours if favor == "ours" else theirs), "c": {"z": "1.0.0"}})


def test_line_endings_are_those_of_ours() -> None:
    base, ours = {"a": {"x": "1.0.0"}}, {"a": {"x": "1.0.0", "y": "1.0.0"}}
    theirs = {**base, "b": {"z": "1.0.0"}}
    done = merge(PATH, lock(base), lock(ours).replace(b"\n", b"\r\n"), lock(theirs))
    assert isinstance(done, Merged)
    assert done.text == lock({**ours, "b": {"z": "1.0.0"}}).replace(b"\n", b"\r\n")


def test_a_file_that_pnpm_did_not_write_is_merged_as_any_yaml() -> None:
    base, theirs = lock({"a": {}}), lock({"a": {}, "b": {}})
    ours = base.replace(b"\n\nsettings", b"\n\n# ours\nsettings").replace(b"  a: {}\n", b"  # mine\n  a: {}\n")
    assert read(ours.decode()) is None
    done = merge(PATH, base, ours, theirs)
    assert isinstance(done, Merged)
    assert b"# mine" in done.text
    assert b"  b: {}" in done.text
