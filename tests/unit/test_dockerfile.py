"""The instructions of a Dockerfile, and nothing that only looks like one."""

import pytest

from bakegen.dockerfile import bound, instructions


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from a\n  user  b \n", [("FROM", "a"), ("USER", "b")]),
        ("FROM a\r\nUSER b\r\n", [("FROM", "a"), ("USER", "b")]),
        ("\ufeffFROM a", [("FROM", "a")]),
        ("# FROM a\nUSER\nLABEL\\\n x=1\\  \n# note\n\n y=2\n", [("LABEL", "x=1 y=2")]),
        ("RUN a \\", [("RUN", "a ")]),
        (
            "# syntax=docker/dockerfile:1\n# escape=`\nRUN a `\n b\nCOPY . c:\\\nUSER d",
            [("RUN", "a  b"), ("COPY", ". c:\\"), ("USER", "d")],
        ),
        ("RUN <<EOF\nUSER root\nEOF\nUSER a", [("RUN", "<<EOF"), ("USER", "a")]),
        ("RUN <<-EOF\nUSER root\n\t\tEOF\nUSER a", [("RUN", "<<-EOF"), ("USER", "a")]),
        ("RUN <<EOF\n EOF\nUSER root\nEOF", [("RUN", "<<EOF")]),
        ("COPY <<'A' <<\"B\" /x/\nUSER 1\nA\nUSER 2\nB\nUSER a", [("COPY", "<<'A' <<\"B\" /x/"), ("USER", "a")]),
        ("RUN sh \\\n 3<<EOF\nUSER root\nEOF\n", [("RUN", "sh  3<<EOF")]),
        ("RUN cat <<<EOF\nUSER a\nEOF", [("RUN", "cat <<<EOF"), ("USER", "a")]),
        ("RUN echo $((1<<EOF))\nUSER a\nEOF", [("RUN", "echo $((1<<EOF))"), ("USER", "a")]),
        ("RUN echo <<EOF\nUSER a\n", [("RUN", "echo <<EOF"), ("USER", "a")]),
        ("LABEL a= <<EOF\nUSER a\nEOF", [("LABEL", "a= <<EOF"), ("USER", "a")]),
        ("\xff{{\n\0\n", []),
    ],
)
def test_instructions(text: str, expected: list[tuple[str, str]]) -> None:
    assert list(instructions(text.encode())) == expected


def test_what_steps_take_from_the_context() -> None:
    text = b"""FROM x AS y
COPY --link --chown=1:1 a/b.txt c/ /to/
COPY --from=y /d /d
COPY ["e f", "/to"]
COPY --link z/.npmr[c] $X ./
ADD https://example.com/x g /to/
RUN --mount=type=bind,source=h/uv.lock,target=uv.lock --mount=type=bind,from=y,source=/i,target=/i \\
    --mount=type=cache,target=/j --mount=target=/k,type=bind,src=l echo COPY m n
"""
    assert bound(text) == ["a/b.txt", "c/", "g", "h/uv.lock", "l"]
