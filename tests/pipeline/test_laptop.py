"""The line of a project's README that runs its workflow on a laptop."""

import re
import shlex

import pytest

from . import act
from .shop import SERVICES, Shop

pytestmark = pytest.mark.engine


@pytest.mark.parametrize(
    ("fan_out", "build", "built"), [("platform", "build-amd64", SERVICES), ("service", "build (web, amd64)", ("web",))]
)
def test_line_of_the_readme_lints_tests_builds_and_starts_and_publishes_nothing(
    shop: Shop, fan_out: str, build: str, built: tuple[str, ...]
) -> None:
    shop.bakegen("set", "web", "needs=redis")
    shop.configure(pipeline=f'fan_out = "{fan_out}"\npr_tags = true\n')
    readme = (shop.folder / "README.md").read_text(encoding="utf-8")
    (line,) = re.findall(r"^```sh\n(act .+)\n```$", readme, re.MULTILINE)

    outcome = act.as_written(shop, shlex.split(line.replace("NAME", built[-1])))

    assert outcome.ok, outcome.log
    assert outcome.jobs == dict.fromkeys(["prepare", "lint", "test", build], "success")
    assert "RUN grep 'This is api' /api" in outcome.log
    healthy = re.findall(r"^build.*: .* Container shop-\w+-(\w+)-1 .*Healthy", outcome.log, re.MULTILINE)
    assert set(healthy) == {*built, "redis"}  # which is no image of the project
    assert shop.repositories() == set()
