"""What a change costs: the steps that a build runs again, from BuildKit's own progress."""

from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

import pytest

from tests.engine.services import OURS, SERVICES, TYPICAL
from tests.engine.shop import Shop, change_locks, install_stages
from tests.engine.steps import Step, build, ran

INSTALLING = tuple(name for name in OURS if SERVICES[name].install)
OTHERS = tuple(name for name in INSTALLING if name not in TYPICAL)
COMMENTS = {".py": "# {}\n", ".svelte": "<!-- {} -->\n", ".ts": "// {}\n", ".tsx": "// {}\n"}
Builds = Mapping[str, list[Step]]


@pytest.fixture(scope="module")
def unchanged(shop: Shop) -> Builds:
    """The second of two builds: of the first there is all that the builder had dropped since the images were made."""
    _build(shop, "default", "test")
    return _build(shop, "default", "test")


@pytest.fixture(scope="module")
def documented(shop: Shop, unchanged: Builds, tmp_path_factory: pytest.TempPathFactory) -> Builds:
    copy = shop.copy(tmp_path_factory.mktemp("documented") / "shop")
    for folder in (copy.folder, *(file.parent for service in SERVICES for file in _manifests(copy, service))):
        _append(folder / "README.md", "Another line.\n")
    return _build(copy, "default", "test")


@pytest.fixture(
    scope="module", params=[TYPICAL, pytest.param(OTHERS, marks=pytest.mark.long)], ids=["typical", "others"]
)
def edited(shop: Shop, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Builds:
    """Twice: of the first build there is all that the second one needs, whatever the builder has dropped since."""
    services: tuple[str, ...] = request.param
    copy = shop.copy(tmp_path_factory.mktemp("edited") / "shop")
    _edit(copy, *services)
    _build(copy, *services)
    _edit(copy, *services)
    builds = _build(copy, *services)
    return {service: builds[service] for service in services}


@pytest.fixture(scope="module")
def relocked(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Builds:
    """Twice: of the first build there is all that comes before, whatever the builder has dropped since."""
    copy = shop.copy(tmp_path_factory.mktemp("relocked") / "shop")
    change_locks(copy, *INSTALLING)
    _build(copy, *INSTALLING, *install_stages(*INSTALLING))
    change_locks(copy, *INSTALLING)
    return _build(copy, *INSTALLING, *install_stages(*INSTALLING))


@pytest.mark.parametrize("service", OURS)
def test_a_rebuild_without_a_change_runs_no_step(unchanged: Builds, service: str) -> None:
    assert unchanged[service] != []
    assert ran(unchanged[service]) == []


@pytest.mark.parametrize("service", OURS)
def test_a_changed_readme_rebuilds_nothing(documented: Builds, service: str) -> None:
    assert ran(documented[service]) == []


def test_a_changed_line_installs_no_package_again(edited: Builds) -> None:
    for service, steps in edited.items():
        assert ran(steps) != [], f"the change of {service} is built"
        assert [step for step in steps if step.installs] != [], f"{service} has packages"
    again = {service: ran([step for step in steps if step.installs]) for service, steps in edited.items()}
    assert again == {service: [] for service in edited}


@pytest.mark.long
@pytest.mark.parametrize("service", INSTALLING)
def test_a_changed_lock_file_keeps_all_before_the_installation(relocked: Builds, service: str) -> None:
    installed = {step.digest for step in relocked[service] if step.installs and not step.cached}
    others = [step for step in relocked[service] if step.text.startswith("RUN ") and step.digest not in installed]
    assert installed != set()
    assert ran([step for step in others if not step.origins & installed]) == []


def _manifests(copy: Shop, service: str) -> list[Path]:
    """The files of a service in whose folders somebody would write a README."""
    return [copy.file(service, "Dockerfile"), *copy.file(service, "").glob("frontend/package.json")]


def _edit(copy: Shop, *services: str) -> None:
    """Another comment in each source file that the table names."""
    for service in services:
        for name in SERVICES[service].source:
            _append(copy.file(service, name), COMMENTS[Path(name).suffix].format(uuid4()))


def _append(file: Path, text: str) -> None:
    with file.open("a", encoding="utf-8") as opened:
        opened.write(text)


def _build(shop: Shop, *arguments: str) -> Builds:
    """The steps of each service, those of the targets that it shares with others included."""
    steps = build(shop, *arguments)
    shared = shop.shared()
    return {name: [step for step in steps if step.target in {name, f"{name}-test", *shared[name]}] for name in SERVICES}
