"""A new stack is one new folder: nothing is registered, and everything works with it."""

import json
import sys
from pathlib import Path

import pytest

from tests.copied import copied
from tests.engine.conftest import Engine

STACK = """\
description = "Prints a line"
names = ["toy"]
context = "service"
managed = ["Dockerfile"]
stages = ["test"]

[defaults]
port = 7000
needs = ["redis"]
"""
DOCKERFILE = """\
FROM python:<< project.versions.python >>-slim AS base
COPY toy.txt /

FROM base AS test
RUN grep '<< service.name >> of << project.name >>' /toy.txt

FROM base
CMD ["cat", "/toy.txt"]
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of bakegen with one folder more; gives back what goes on PYTHONPATH."""
    package = copied(tmp_path)
    files = package / "bakegen" / "stacks" / "toy" / "files"
    files.mkdir(parents=True)
    (files.parent / "stack.toml").write_text(STACK, encoding="utf-8")
    (files / "Dockerfile").write_text(DOCKERFILE, encoding="utf-8")
    (files / "toy.txt").write_text("<< service.name >> of << project.name >>\n", encoding="utf-8")
    return package


def test_a_folder_is_all_that_a_stack_takes(engine: Engine, package: Path, tmp_path: Path) -> None:
    def bakegen(*arguments: str, cwd: Path) -> str:
        return engine.run(sys.executable, "-m", "bakegen", *arguments, cwd=cwd, PYTHONPATH=str(package))

    bakegen("new", "shop", "--preset", "empty", "--set", "git_init=false", cwd=tmp_path)
    shop = tmp_path / "shop"
    assert "toy is a toy service" in bakegen("add-service", "toy", cwd=shop)
    assert "In step: 1 service." in bakegen("check", cwd=shop)
    printed = json.loads(engine.run("docker", "buildx", "bake", "--print", "default", "test", cwd=shop))
    assert set(printed["target"]) == {"toy", "toy-test"}
    engine.run("docker", "buildx", "bake", "toy", "toy-test", cwd=shop, TAGS="of-a-new-stack")
    assert engine.run("docker", "run", "--rm", "ghcr.io/acme/shop-toy:of-a-new-stack") == "toy of shop\n"
    engine.run("docker", "image", "rm", "--force", "ghcr.io/acme/shop-toy:of-a-new-stack")
    bakegen("remove-service", "toy", "--delete-files", cwd=shop)
    assert not (shop / "services").exists()
