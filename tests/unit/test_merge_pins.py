"""Which of two moved pins is newer, and when that cannot be said."""

import pytest

from bakegen.merge import pins

SHA = {letter: letter * 40 for letter in "abc"}


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "side"),
    [
        (f"actions/x@{SHA['a']} # v1.0.0", f"actions/x@{SHA['b']} # v1.2.0", f"actions/x@{SHA['c']} # v1.1.0", "ours"),
        (
            f"actions/x@{SHA['a']} # v1.0.0",
            f"actions/x@{SHA['b']} # v1.2.0",
            f"actions/x@{SHA['c']} # v1.10.0",
            "theirs",
        ),
        ("actions/x@v1", "actions/x@v3", "actions/x@v2", "ours"),
        (
            "FROM python:3.13.1-slim AS base",
            "FROM python:3.13.2-slim AS base",
            "FROM python:3.13.3-slim AS base",
            "theirs",
        ),
        ("redis:8.0", "redis:8.4", "redis:8.2", "ours"),
        (
            "# syntax=docker/dockerfile:1.19",
            "# syntax=docker/dockerfile:1.20",
            "# syntax=docker/dockerfile:1.21",
            "theirs",
        ),
        ("ARG UV_VERSION=0.13.8", "ARG UV_VERSION=0.14.0", "ARG UV_VERSION=0.13.9", "ours"),
        ('"next": "^16.1.0",', '"next": "^16.3.0",', '"next": "^16.2.0",', "ours"),
        ("version: v0.37.2", "version: v0.38.0", "version: v0.37.3", "ours"),
        (
            "RUN --mount=from=ghcr.io/astral-sh/uv:0.13.8,source=/uv,target=/bin/uv \\",
            "RUN --mount=from=ghcr.io/astral-sh/uv:0.14.0,source=/uv,target=/bin/uv \\",
            "RUN --mount=from=ghcr.io/astral-sh/uv:0.14.1,source=/uv,target=/bin/uv \\",
            "theirs",
        ),
        ("npm install pnpm@12.18.0 \\", "npm install pnpm@12.19.0 \\", "npm install pnpm@12.18.1 \\", "ours"),
        ("fastapi==0.130.0", "fastapi==0.131.0", "fastapi==0.132.0", "theirs"),
    ],
)
def test_the_newer_pin_is_found(base: str, ours: str, theirs: str, side: str) -> None:
    found = pins.newer(base.encode(), ours.encode(), theirs.encode())
    assert found is not None
    assert found.side == side
    assert "newer than" in found.message


@pytest.mark.parametrize(
    ("base", "ours", "theirs"),
    [
        ("redis:8.0", "redis:8.4-alpine", "redis:8.2"),
        ("redis:8.0", "valkey:9.0", "redis:8.2"),
        ("redis:8.0", "redis:8.2", "redis:8.2"),
        ("FROM python:3.13 AS base", "FROM python:3.14 AS mine", "FROM python:3.15 AS base"),
        ("redis:latest", "redis:edge", "redis:8"),
        ("version: v0.37.2", "version: latest", "version: v0.38.0"),
        ("no pin", "none here", "nor here"),
        ("redis:20260101000", "redis:20270101000", "redis:20280101000"),
    ],
)
def test_what_is_no_pin_or_not_the_same_is_left_to_a_person(base: str, ours: str, theirs: str) -> None:
    assert pins.newer(base.encode(), ours.encode(), theirs.encode()) is None
