"""Python finds bytecode in an image for all that it imports there, and reads it without a look at the source.

That is for the packages and the application. Python's own library is the base image's: the official ones have no
bytecode of it.
"""

import json
import re
import time

import pytest

from tests.engine.services import OURS, SERVICES
from tests.engine.shop import Shop

PYTHON = tuple(name for name in OURS if SERVICES[name].base == "python")
UNCHECKED_HASH = 1  # the word of flags in a .pyc, PEP 552: 0 is a time, 3 a hash that is checked against the source
# Module -> the flags of its bytecode, or null without any.
FLAGS = """
import json, pathlib, importlib.util
found = {}
for root in ("/venv/lib", "/app"):
    for module in pathlib.Path(root).rglob("*.py"):
        bytecode = pathlib.Path(importlib.util.cache_from_source(str(module)))
        found[str(module)] = int.from_bytes(bytecode.read_bytes()[4:8], "little") if bytecode.exists() else None
print(json.dumps(found))
"""
# What it cannot have: an application that needs something ends when it finds nobody there, with all modules read.
ALONE = ("DATABASE_URL=postgres://127.0.0.1:1/none", "REDIS_URL=redis://127.0.0.1:1")


@pytest.mark.parametrize("service", PYTHON)
def test_every_module_has_bytecode_that_is_not_checked(shop: Shop, service: str) -> None:
    output = shop.engine.run("docker", "run", "--rm", "--network=none", shop.image(service), "python", "-c", FLAGS)
    flags = json.loads(output)
    assert {"/app/app/__init__.py"} < flags.keys()
    assert any("/site-packages/" in module for module in flags)
    assert {module: flag for module, flag in flags.items() if flag != UNCHECKED_HASH} == {}


@pytest.mark.parametrize("service", PYTHON)
def test_the_process_reads_the_bytecode_of_all_that_it_imports(shop: Shop, service: str) -> None:
    log = _verbose_start(shop, service)
    read = set(re.findall(r"^# code object from '(/(?:venv|app)/\S+\.pyc)'$", log, re.MULTILINE))
    assert "/app/app/__pycache__/__init__.cpython-313.pyc" in read
    assert any("/site-packages/" in file for file in read)
    assert re.findall(r"^# code object from (/(?:venv|app)/\S+)$", log, re.MULTILINE) == []


def _verbose_start(shop: Shop, service: str) -> str:
    """What Python says of its imports while the container starts, read-only, until it is healthy or has ended.

    Of a terminal Docker keeps one log, with what a process says on both of its streams.
    """
    options = ["--env=PYTHONVERBOSE=1", *(f"--env={variable}" for variable in ALONE), "--read-only", "--tty"]
    container = shop.engine.run(
        "docker", "run", "--detach", *options, "--user=54321:54321", shop.image(service)
    ).strip()
    try:
        deadline = time.monotonic() + 60
        while (state := shop.inspect("container", container)["State"])["Status"] == "running":
            if state["Health"]["Status"] == "healthy":
                break
            assert time.monotonic() < deadline
            time.sleep(0.2)
        return shop.engine.run("docker", "logs", container).replace("\r\n", "\n")
    finally:
        shop.engine.run("docker", "rm", "--force", container)
