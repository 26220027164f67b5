"""Next.js with all that a server of it does, in the image that has only what a server needs.

The image leaves out what Next's own trace brings and nothing loads: this is where that would be missed.
"""

import re
import struct
import time
import urllib.error
import urllib.request
import zlib
from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import pytest

from tests.engine.conftest import Engine
from tests.engine.services import SERVICES
from tests.engine.shop import Shop, get, scaffold, wait_healthy

CHOSEN = {
    "web": replace(SERVICES["web"], needs=()),
    "web-15": replace(SERVICES["web-15"], options={"next": "15", "package_manager": "pnpm"}),
}
NAMES = tuple(CHOSEN)
PORTS = {name: 25130 + at for at, name in enumerate(NAMES)}
FILES = {
    "middleware.ts": """\
import { NextResponse } from "next/server";

export function middleware() {
  return NextResponse.next({ headers: { "x-middleware": "ran" } });
}

export const config = { matcher: "/sum" };
""",
    "app/sum/page.tsx": """\
import { redirect } from "next/navigation";

async function add(form: FormData) {
  "use server";
  redirect(`/sum?is=${Number(form.get("number")) + 1}`);
}

export default async function Sum({ searchParams }: { searchParams: Promise<{ is?: string }> }) {
  const { is } = await searchParams;
  return (
    <form action={add}>
      <p>{`The sum is ${is ?? "unknown"}.`}</p>
      <input name="number" />
    </form>
  );
}
""",
    "app/time/page.tsx": """\
export const revalidate = 1;

const now = () => Date.now();

export default function Time() {
  return <p>{`It was made at ${now()}.`}</p>;
}
""",
    "app/edge/route.ts": """\
export const runtime = "edge";

export const GET = () => new Response(typeof EdgeRuntime);
""",
    "edge.d.ts": "declare const EdgeRuntime: string;\n",
    "pages/old.tsx": """\
export const getServerSideProps = () => ({ props: { text: "from the pages router" } });

export default function Old({ text }: { text: string }) {
  return <p>{text}</p>;
}
""",
}


@pytest.fixture(scope="module")
def shop(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A project with these services alone, and one thing more of each kind in them."""
    shop = scaffold(tmp_path_factory.mktemp("next"), engine, CHOSEN.values()).under("next/shop")
    for name in NAMES:
        for path, text in FILES.items():
            file = shop.file(name, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        shop.file(name, "public/picture.png").write_bytes(picture(200))
    shop.bake()
    yield shop
    engine.run("docker", "image", "rm", "--force", *(shop.image(name) for name in NAMES))


@pytest.fixture(scope="module", params=NAMES)
def address(request: pytest.FixtureRequest, shop: Shop) -> Iterator[str]:
    """Where a healthy container answers, of each version."""
    name: str = request.param
    options = ["--detach", "--read-only", "--user=54321:54321", f"--publish=127.0.0.1:{PORTS[name]}:3000"]
    container = shop.engine.run("docker", "run", *options, shop.image(name)).strip()
    try:
        wait_healthy(shop, container)
        yield f"http://127.0.0.1:{PORTS[name]}"
    finally:
        shop.engine.run("docker", "rm", "--force", container)


@pytest.mark.parametrize("service", NAMES)
def test_native_code_is_there_once_and_nothing_that_only_builds(shop: Shop, service: str) -> None:
    find = ("/app", "-name", "*.node", "-o", "-name", "amphtml-validator")
    (found,) = shop.engine.run("docker", "run", "--rm", "--entrypoint=find", shop.image(service), *find).split()
    assert "sharp-linuxmusl-" in found


def test_middleware_runs(address: str) -> None:
    with urllib.request.urlopen(f"{address}/sum", timeout=20) as answer:
        assert answer.headers["x-middleware"] == "ran"


def test_a_server_action_runs(address: str) -> None:
    """As a browser without scripts sends the form; the action redirects."""
    (field,) = re.findall(r'name="(\$ACTION_ID_\w+)"', get(f"{address}/sum"))
    boundary = uuid4().hex
    parts = {field: "", "number": "41"}
    body = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in parts.items()
    )
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Origin": address}
    sent = urllib.request.Request(f"{address}/sum", f"{body}--{boundary}--\r\n".encode(), headers)
    assert "The sum is 42." in get(sent)


def test_a_page_is_made_again_when_its_time_is_over(address: str) -> None:
    first = get(f"{address}/time")
    deadline = time.monotonic() + 20
    while get(f"{address}/time") == first:
        assert time.monotonic() < deadline
        time.sleep(0.5)


def test_a_picture_is_resized(address: str) -> None:
    wanted = urllib.request.Request(
        f"{address}/_next/image?url=%2Fpicture.png&w=64&q=75", headers={"Accept": "image/webp"}
    )
    with urllib.request.urlopen(wanted, timeout=20) as answer:
        assert answer.headers["Content-Type"] == "image/webp"
        assert answer.read(4) == b"RIFF"


def test_the_edge_runtime_and_the_pages_router_answer(address: str) -> None:
    assert get(f"{address}/edge") == "string"
    assert "from the pages router" in get(f"{address}/old")


def test_what_is_not_there_is_a_page_too(address: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        get(f"{address}/nowhere")
    with refused.value as answer:
        assert answer.status == 404
        assert b"<html" in answer.read()


def picture(size: int) -> bytes:
    """A red square as PNG."""
    pixels = (b"\0" + b"\xff\0\0" * size) * size
    chunks = {b"IHDR": struct.pack(">2I5B", size, size, 8, 2, 0, 0, 0), b"IDAT": zlib.compress(pixels), b"IEND": b""}
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks.items()
    )
