import pytest

from app.database import connect


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_psycopg_is_the_driver_whatever_the_host_calls_it(scheme: str) -> None:
    engine = connect(f"{scheme}://app:secret@db:5432/app")
    assert engine.dialect.driver == "psycopg"
    assert engine.url.render_as_string() == "postgresql+psycopg://app:***@db:5432/app"
