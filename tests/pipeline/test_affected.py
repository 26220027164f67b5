"""affected = true: what a branch builds, and that what is published is built whole."""

import pytest

from . import act
from .shop import OVERRIDE, SERVICES, Shop

pytestmark = pytest.mark.engine

UPON_API = (
    OVERRIDE
    + """
target "web" {
  contexts = {
    api = "target:api"
  }
}
"""
)


@pytest.fixture
def careful(shop: Shop) -> Shop:
    shop.bakegen("set", "api", "port=8000")
    shop.bakegen("set", "web", "needs=api")
    shop.configure(pipeline="affected = true\n")
    shop.fetch()
    return shop


def built(outcome: act.Outcome) -> dict[str, str]:
    """What the run decided to build, test, load and start."""
    assert outcome.ok, outcome.log
    assert outcome.outputs["prepare.targets-amd64"] == outcome.outputs["prepare.targets-arm64"]
    names = ("prepare.targets-arm64", "prepare.tests", "build-arm64.load", "build-arm64.start")
    return {name: outcome.outputs[name] for name in names}


def test_branch_builds_what_it_changes_and_starts_what_that_needs(careful: Shop) -> None:
    careful.branch("topic")
    careful.commit({"services/web/web": "This is web, changed.\n"})
    outcome = act.run(careful, act.push("refs/heads/topic"))
    assert built(outcome) == {
        "prepare.targets-arm64": "web",
        "prepare.tests": "",
        "build-arm64.load": "api,web",
        "build-arm64.start": "web",
    }
    assert careful.content() == {}


def test_branch_builds_what_builds_on_what_it_changes(careful: Shop) -> None:
    careful.commit({"docker-bake.override.hcl": UPON_API})
    careful.branch("topic")
    careful.commit({"services/api/api": "This is api, changed.\n"})
    outcome = act.run(careful, act.push("refs/heads/topic"))
    assert built(outcome) == {
        "prepare.targets-arm64": "api,web",
        "prepare.tests": "api-test",
        "build-arm64.load": "api,web",
        "build-arm64.start": "api web",
    }


def test_other_files_affect_all_and_what_is_published_is_built_whole(careful: Shop) -> None:
    published = act.run(careful, act.push())
    assert built(published)["prepare.targets-arm64"] == "api,web"
    assert set(careful.content()) == set(SERVICES)
    before = careful.content()
    careful.branch("topic")
    careful.commit({"shared.txt": "Not of any image, as far as one can see.\n"})
    outcome = act.run(careful, act.push("refs/heads/topic"))
    assert built(outcome)["prepare.targets-arm64"] == "api,web"
    assert careful.content() == before


def test_a_file_that_moves_affects_where_it_was(careful: Shop) -> None:
    careful.commit({"services/api/notes": "Of api.\n" * 9})
    careful.fetch()
    careful.branch("topic")
    careful.command("git", "mv", "services/api/notes", "services/web/notes")
    careful.commit({})
    outcome = act.run(careful, act.push("refs/heads/topic"))
    assert built(outcome)["prepare.targets-arm64"] == "api,web"


def test_default_branch_is_built_and_tested_whole_without_secrets(careful: Shop) -> None:
    outcome = act.run(careful, act.push(), secrets={})
    assert built(outcome)["prepare.targets-arm64"] == "api,web"
    assert outcome.outputs["prepare.tests"] == "api-test"
    assert careful.content() == {}
