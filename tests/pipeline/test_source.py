"""Where `source` says what bakegen is installed from, lint asks it whether the generated files are in step."""

import subprocess
import sys
from pathlib import Path

import pytest

from . import act
from .shop import Shop

pytestmark = pytest.mark.engine

ROOT = Path(__file__).parents[2]


def test_files_that_are_not_in_step_fail_the_lint(shop: Shop, tmp_path: Path) -> None:
    uv = str(Path(sys.executable).with_name("uv"))
    subprocess.run([uv, "build", "--quiet", "--wheel", "--out-dir", tmp_path / "dist", ROOT], check=True)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    shop.configure(source=f'"{wheel}"')
    good = act.run(shop, act.push("refs/heads/topic"), job="lint")
    assert good.ok, good.log
    assert "In step: 2 services" in good.log
    bake = (shop.folder / "docker-bake.hcl").read_text(encoding="utf-8")
    assert '    "web",\n' in bake
    shop.commit({"docker-bake.hcl": bake.replace('    "web",\n', "")})
    outcome = act.run(shop, act.push("refs/heads/topic"), job="lint")
    assert outcome.jobs == {"prepare": "success", "lint": "failure"}
    assert '"web" is not in the group "default"' in outcome.log
