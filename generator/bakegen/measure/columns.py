"""Rows of text as columns of a terminal, and as a Markdown table."""

from __future__ import annotations

from collections.abc import Collection, Sequence

Row = tuple[str, ...]


def columns(rows: Sequence[Row], *, left: Collection[int]) -> list[str]:
    """Lines in columns: those of `left` to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if at in left else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def markdown_table(rows: Sequence[Row], *, left: Collection[int]) -> list[str]:
    """A table of Markdown, the first row its head."""
    head, *body = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    rule = ["---" if at in left else "---:" for at in range(len(rows[0]))]
    return [head, f"| {' | '.join(rule)} |", *body]
