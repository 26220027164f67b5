"""The two branches that most tests merge: each adds a service and edits two shared files by hand."""

import json

from tests.git.repository import Repository

BAKE, COMPOSE = "docker-bake.hcl", "compose.yaml"


def replace(repository: Repository, path: str, old: bytes, new: bytes) -> None:
    data = repository.read(path)
    assert data.count(old) == 1
    repository.write(path, data.replace(old, new))


def add_on(repository: Repository, branch: str, service: str, *edits: tuple[str, bytes, bytes]) -> None:
    """A branch of main with a new service and hand edits."""
    repository.git("checkout", "--quiet", "-b", branch, "main")
    repository.bakegen("add-service", service, "--stack=python-worker")
    for path, old, new in edits:
        replace(repository, path, old, new)
    repository.commit(message=f"add {service}")


ONE = (
    (BAKE, b'\ntarget "admin" {\n', b'\n# note of one\ntarget "admin" {\n'),
    (COMPOSE, b"\n  admin:\n", b"\n  admin:\n    hostname: one\n"),
)
TWO = (
    (BAKE, b'\ntarget "shop" {\n', b'\n# note of two\ntarget "shop" {\n'),
    (COMPOSE, b"\n  shop:\n", b"\n  shop:\n    hostname: two\n"),
)
NOTES = {"note of one": BAKE, "hostname: one": COMPOSE, "note of two": BAKE, "hostname: two": COMPOSE}


def whole(repository: Repository) -> None:
    """Both services and all edits are there once, and the project is in step."""
    for word, path in NOTES.items():
        assert repository.read(path).count(word.encode()) == 1
    names = [service["name"] for service in json.loads(repository.bakegen("list", "--json"))]
    assert names == ["admin", "cron", "events", "jobs", "shop"]
    check = repository.run("bakegen", "check")
    assert check.returncode == 0, check.stdout
