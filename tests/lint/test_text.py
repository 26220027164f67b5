"""Every generated text ends in one newline and has no blanks at the end of a line."""

from pathlib import Path

import pytest


def problems(text: str) -> list[str]:
    """What is wrong with a text's white space, if anything."""
    found = [
        f"line {number} ends in blanks" for number, line in enumerate(text.split("\n"), 1) if line != line.rstrip()
    ]
    if text and not text.endswith("\n"):
        found.append("no newline at the end")
    if text.endswith("\n\n"):
        found.append("empty lines at the end")
    return found


def test_generated_texts_are_tidy(generated: list[Path]) -> None:
    files = [path for project in generated for path in project.rglob("*") if path.is_file()]
    assert {str(path): found for path in files if (found := problems(path.read_bytes().decode()))} == {}


@pytest.mark.parametrize("text", ["a \nb\n", "a\t\n", "a\r\n", "a", "a\n\n"])
def test_untidy_texts_are_seen(text: str) -> None:
    assert problems(text)


@pytest.mark.parametrize("text", ["", "a\n", "a\n\nb\n"])
def test_tidy_texts_pass(text: str) -> None:
    assert problems(text) == []
