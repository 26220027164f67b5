"""Regions: what stands between bakegen's marks, and nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from bakegen.merge.region import regions, replace

TEXT = b"# Shop\n<!-- bakegen:services -->\n- api\n<!-- /bakegen:services -->\nmine\n"


def test_content_by_name() -> None:
    assert regions(TEXT) == {"services": b"- api\n"}


def test_replace_keeps_everything_around() -> None:
    assert replace(TEXT, {"services": b"- web\n"}) == TEXT.replace(b"- api", b"- web")


def test_empty_region() -> None:
    text = b"<!-- bakegen:services -->\n<!-- /bakegen:services -->\n"
    assert regions(text) == {"services": b""}
    assert replace(text, {"services": b"- api\n"}) == b"<!-- bakegen:services -->\n- api\n<!-- /bakegen:services -->\n"


def test_crlf() -> None:
    assert regions(TEXT.replace(b"\n", b"\r\n")) == {"services": b"- api\r\n"}


def test_a_region_that_is_not_there_is_not_added() -> None:
    assert replace(b"mine\n", {"services": b"- api\n"}) == b"mine\n"


def test_without_one_of_its_marks_it_is_the_users() -> None:
    for mark in (b"<!-- bakegen:services -->", b"<!-- /bakegen:services -->"):
        assert regions(TEXT.replace(mark, b"")) == {}


def test_a_name_that_stands_twice_is_nobodys() -> None:
    assert regions(TEXT + TEXT) == {}
    assert replace(TEXT + TEXT, {"services": b""}) == TEXT + TEXT


def test_two_regions() -> None:
    text = TEXT + TEXT.replace(b"services", b"images")
    assert replace(text, {"services": b"1\n", "images": b"2\n"}).count(b"- api") == 0


@given(st.text("abn<>!-/: \n").map(str.encode), st.binary(max_size=20).filter(lambda text: b"<!--" not in text))
def test_what_is_put_in_is_read_back(around: bytes, content: bytes) -> None:
    text = around + b"<!-- bakegen:x -->\n<!-- /bakegen:x -->" + around
    result = replace(text, {"x": content})
    assert regions(result) == {"x": content}
    assert replace(result, {"x": b""}) == text
