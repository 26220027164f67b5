"""A new host is one new folder: nothing is registered, and everything works with it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.copied import copied

HOST = """\
title = "Toy"
description = "A toy: prints what it would run"
secrets = ["TOY_TOKEN"]
variables = ["TOY_PLACE"]
gives = ["TOY_*"]

[regions]
eu = "attic"

[most]
cpus = "2"

[by_hand]
postgres = "TOY_PASSWORD"

[cannot]
replicas = "there is one of each toy"
"""
FILES = {
    "{path}/toy.toml": "# << service.name >> of << project.name >>\nregion = << project.host('toy').regions[project.region] | toml >>\n",
    "toy/{name}.txt": "<% for each in project.environment(service) %><< each.name >>\n<% endfor %>",
    "toy.txt": "<% for process in project.processes %><< process.name >>\n<% endfor %>",
    "deploy/toy.sh": '#!/bin/sh\necho "$TOY_TOKEN" "$TOY_PLACE" "$@"\n',
}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of bakegen with one folder more; gives back what goes on PYTHONPATH."""
    package = copied(tmp_path)
    folder = package / "bakegen" / "hosts" / "toy"
    for path, text in FILES.items():
        file = folder / "files" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    (folder / "host.toml").write_text(HOST, encoding="utf-8")
    return package


def test_a_folder_is_all_that_a_host_takes(package: Path, tmp_path: Path) -> None:
    def bakegen(*arguments: str, cwd: Path) -> str:
        command = [sys.executable, "-m", "bakegen", *arguments]
        environment = os.environ | {"PYTHONPATH": str(package)}
        done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    bakegen("new", "shop", "--set", "hosts=toy", "--set", "git_init=false", cwd=tmp_path)
    bakegen("new", "bare", "--set", "git_init=false", "--set", "project_name=shop", cwd=tmp_path)
    shop, bare = tmp_path / "shop", tmp_path / "bare"
    assert (shop / "services/api/toy.toml").read_text() == '# api of shop\nregion = "attic"\n'
    assert (shop / "toy/web.txt").read_text() == "API_URL\n"
    assert (shop / "toy.txt").read_text() == "api\nweb\n"
    workflow = (shop / ".github/workflows/deploy.yml").read_text()
    assert "TOY_TOKEN: ${{ secrets.TOY_TOKEN }}" in workflow
    assert "TOY_PLACE: ${{ vars.TOY_PLACE }}" in workflow
    assert "deploy/toy.sh" in workflow
    bakegen("add-host", "toy", cwd=bare)
    assert tree(bare) == tree(shop)
    bakegen("rename-service", "api", "server", cwd=shop)
    assert (shop / "services/server/toy.toml").is_file()
    assert (shop / "toy.txt").read_text() == "server\nweb\n"
    assert "In step: 2 services." in bakegen("check", cwd=shop)
    bakegen("set", "server", "cpus=4", "replicas=2", "needs=postgres", cwd=shop)
    bakegen("add-env", "server", "TOY_COLOUR=red", "--description", "Of the toy", cwd=shop)
    assert json.loads(bakegen("check", "--json", cwd=shop))["notes"] == [
        "toy: server: replicas: there is one of each toy",
        "toy: server: cpus: 4 is more than it has: at most 2",
        "toy: server: env: TOY_COLOUR is one of its own variables, TOY_*: take another name",
    ]
    assert "TOY_PASSWORD=" in bakegen("env", "--host", "toy", "--dotenv", cwd=shop)
    bakegen("remove-host", "toy", cwd=shop)
    assert [path for path in tree(shop) if "toy" in path or "deploy" in path] == []


def tree(folder: Path) -> dict[str, bytes]:
    """The files of a project."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
