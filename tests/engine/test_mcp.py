"""The mcp stack over real HTTP: who reaches it, with the SDK's own client, and what SIGTERM leaves unfinished."""

import json
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from tests.engine.conftest import Engine
from tests.engine.services import SERVICES
from tests.engine.shop import Shop, post, scaffold, stop, wait_healthy

NAME, PORT = "tools", 25110
NETWORK = "bakegen-mcp"
# Run in an image of the service itself, which has the SDK: this is how another service calls it, by its name.
CLIENT = """
import json, sys, anyio
from mcp import Client

async def main(address, mode, tool, arguments):
    async with Client(address, mode=mode) as client:
        tools = {tool.name for tool in (await client.list_tools()).tools}
        result = await client.call_tool(tool, json.loads(arguments))
        print(json.dumps([sorted(tools), result.structured_content]), flush=True)

anyio.run(main, *sys.argv[1:])
"""
THINK = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "think", "arguments": {}}}
SLOW = '''

async def think() -> str:
    """Think for three seconds."""
    print("thinking", flush=True)
    await anyio.sleep(3)
    return "done"
'''


@pytest.fixture(scope="module")
def shop(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A project with this service alone, and a tool that takes its time; the image is loaded."""
    shop = scaffold(tmp_path_factory.mktemp("mcp"), engine, [SERVICES[NAME]]).under("mcp/shop")
    tools = shop.file(NAME, "app/tools.py")
    text = tools.read_text(encoding="utf-8").replace("from mcp.server", "import anyio\nfrom mcp.server", 1)
    tools.write_text(
        text.replace("\n\ndef register", f"{SLOW}\n\ndef register") + "    server.add_tool(think)\n", "utf-8"
    )
    shop.bake(NAME)
    engine.run("docker", "network", "create", NETWORK)
    yield shop
    engine.run("docker", "network", "rm", NETWORK)
    engine.run("docker", "image", "rm", "--force", shop.image(NAME))


@contextmanager
def running(shop: Shop, **environment: str) -> Iterator[str]:
    """A healthy container of the service, under its name on a network and on a port of this machine."""
    options = [f"--env={name}={value}" for name, value in environment.items()]
    options += ["--read-only", "--user=54321:54321", f"--publish=127.0.0.1:{PORT}:8000"]
    options += [f"--network={NETWORK}", f"--network-alias={NAME}"]
    container = shop.engine.run("docker", "run", "--detach", *options, shop.image(NAME)).strip()
    try:
        wait_healthy(shop, container)
        yield container
    finally:
        shop.engine.run("docker", "rm", "--force", container)


def call(shop: Shop, mode: str, tool: str, **arguments: str) -> list[object]:
    """The tools that a client in another container is told of, and what a call of one gives."""
    command = ["docker", "run", "--rm", f"--network={NETWORK}", shop.image(NAME), "python", "-c", CLIENT]
    said = shop.engine.run(*command, f"http://{NAME}:8000/mcp", mode, tool, json.dumps(arguments))
    answer: list[object] = json.loads(said)
    return answer


def status(**headers: str) -> int:
    """What an empty request is told; 400 is the protocol's own answer to it: it came through."""
    headers |= {"Accept": "*/*", "Content-Type": "application/json"}
    request = urllib.request.Request(f"http://127.0.0.1:{PORT}/mcp", data=b"{}", headers=headers)
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=20)
    with caught.value as refused:
        return refused.code


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_another_service_lists_the_tools_and_calls_one(shop: Shop, mode: str) -> None:
    with running(shop):
        tools, result = call(shop, mode, "measure_text", text="to be or not to be")
    assert tools == ["days_between", "measure_text", "think"]
    assert result == {"characters": 18, "words": 6, "lines": 1}


def test_strangers_are_refused(shop: Shop) -> None:
    with running(shop):
        assert status() == 400
        assert status(Host="mcp.example.com") == 421
        assert status(Origin="https://chat.example.com") == 403


def test_the_environment_says_who_else_may_call(shop: Shop) -> None:
    with running(shop, ALLOWED_HOSTS="mcp.example.com", ALLOWED_ORIGINS="https://chat.example.com"):
        assert status(Host="mcp.example.com") == 400
        assert status(Origin="https://chat.example.com") == 400
        assert status(Host="mcp.example.org") == 421


def test_a_call_in_hand_is_finished_after_sigterm(shop: Shop) -> None:
    with running(shop) as container, ThreadPoolExecutor() as pool:
        call = pool.submit(post, f"http://127.0.0.1:{PORT}/mcp", THINK)
        while "thinking" not in shop.engine.run("docker", "logs", container):
            assert not call.done(), call.result()
        shop.engine.run("docker", "kill", "--signal=TERM", container)
        assert not call.done(), "it is in hand while the signal comes"
        assert json.loads(call.result())["result"]["structuredContent"] == {"result": "done"}
        assert shop.engine.run("docker", "wait", container) == "0\n"


def test_an_open_stream_does_not_hold_it_up(shop: Shop) -> None:
    with running(shop) as container, socket.create_connection(("127.0.0.1", PORT)) as stream:
        stream.sendall(b"GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n")
        assert stream.recv(1000).startswith(b"HTTP/1.1 200")
        assert stop(shop, container)[1] == 0
