"""Every render.yaml passes a check of our own (tests/render_yaml.py, which is no schema of Render's)."""

from pathlib import Path

from tests.lint.verdicts import Verdicts
from tests.render_yaml import problems


def test_blueprints_have_no_problems(generated: list[Path], verdicts: Verdicts) -> None:
    files = [project / "render.yaml" for project in generated if (project / "render.yaml").is_file()]
    assert files
    with verdicts.of("our own of render.yaml", files):
        assert {str(file): found for file in files if (found := problems(file.read_text(encoding="utf-8")))} == {}
