"""Merging by lines agrees with `git merge-file`: clean where that is clean, with the same bytes, and else a conflict."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bakegen.merge import Merged
from bakegen.merge.text import merge_text

LINE = st.sampled_from([b"a\n", b"b\n", b"c\n", b"d\n", b"\n", b"e\n"])


@st.composite
def sides(draw: st.DrawFn) -> tuple[bytes, bytes, bytes]:
    """Three texts, two of them edits of the first."""
    base = draw(st.lists(LINE, max_size=12))
    texts = [base]
    for _ in range(2):
        lines = list(base)
        for _ in range(draw(st.integers(0, 3))):
            at, gone = draw(st.integers(0, 12)), draw(st.integers(0, 2))
            lines[at : at + gone] = draw(st.lists(LINE | st.sampled_from([b"x\n", b"y\n"]), max_size=2))
        texts.append(lines)
    return b"".join(texts[0]), b"".join(texts[1]), b"".join(texts[2])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("git")


@given(sides())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_both_are_clean_or_neither(folder: Path, texts: tuple[bytes, bytes, bytes]) -> None:
    for name, text in zip(("base", "ours", "theirs"), texts, strict=True):
        (folder / name).write_bytes(text)
    command = ["git", "merge-file", "-p", "--quiet", "ours", "base", "theirs"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    ours = merge_text(*texts)
    if isinstance(ours, Merged):
        assert (done.returncode, done.stdout) == (0, ours.text)
    else:
        assert done.returncode > 0
