"""What the frontends' files say of the project around them: where the API is, the port, the health path."""

import json
import re
from pathlib import PurePosixPath

import pytest

from bakegen.render import render
from bakegen.service import Request
from tests.world import CATALOG, World


def files(*requests: Request) -> dict[str, str]:
    """The texts of the last service that was asked for, by path in its folder."""
    project = World.new(requests=list(requests)).project
    folder = PurePosixPath("services", requests[-1].name)
    tree = render(project, CATALOG)
    return {
        str(path.relative_to(folder)): file.text.decode() for path, file in tree.items() if path.is_relative_to(folder)
    }


def test_sveltekit_finds_the_service_that_it_needs() -> None:
    found = files(
        Request(name="shop-api", stack="fastapi", publish=8123),
        Request(name="kit", needs=("redis", "shop-api")),
    )
    assert "ARG PUBLIC_API_BASE_URL=http://localhost:8123\n" in found["Dockerfile"]
    assert '"http://localhost:8123"' in found["src/env.ts"]
    assert "  SHOP_API_URL: {\n" in found["src/env.ts"]
    assert "ask(SHOP_API_URL ?? PUBLIC_API_BASE_URL)" in found["src/routes/+page.server.ts"]


def test_sveltekit_has_an_address_without_a_need() -> None:
    found = files(Request(name="kit"))
    assert "ARG PUBLIC_API_BASE_URL=http://localhost:5001\n" in found["Dockerfile"]
    assert '"http://localhost:5001"' in found["src/env.ts"]
    assert "  API_URL: {\n" in found["src/env.ts"]


def test_preview_brings_what_serves_as_dependencies() -> None:
    kit = json.loads(files(Request(name="kit"))["package.json"])
    preview = json.loads(files(Request(name="kit", options=("server=preview",)))["package.json"])
    assert "dependencies" not in kit
    assert preview["dependencies"] | preview["devDependencies"] == kit["devDependencies"]
    assert "vite" in preview["dependencies"]


@pytest.mark.parametrize("server", ["node", "preview"])
@pytest.mark.parametrize("distro", ["alpine", "slim", "distroless"])
def test_the_process_is_node(server: str, distro: str) -> None:
    dockerfile = files(Request(name="kit", options=(f"server={server}", f"distro={distro}")))["Dockerfile"]
    runtime = dockerfile.partition(" AS runtime\n")[2]
    program = "/nodejs/bin/node" if distro == "distroless" else "node"
    assert f'\nCMD ["{program}", ' in runtime
    assert "RUN" not in runtime
    assert ("ENTRYPOINT []" in runtime) is (distro == "distroless")


def test_another_health_path_is_served() -> None:
    hooks = files(Request(name="kit", health="/up"))["src/hooks.server.ts"]
    assert 'event.url.pathname === "/up"' in hooks
    assert "event.url.pathname" not in files(Request(name="kit"))["src/hooks.server.ts"]


def test_nginx_listens_and_answers_where_the_project_says() -> None:
    found = files(Request(name="spa", port=9000, health="/up"))
    assert "    listen 9000;\n" in found["nginx.conf"]
    assert "    location = /up {\n" in found["nginx.conf"]
    assert '"http://127.0.0.1:9000/up"' in found["Dockerfile"]


def test_static_asks_the_service_that_it_needs() -> None:
    assert json.loads(files(Request(name="spa"))["public/config.json"]) == {"apiBaseUrl": ""}
    found = files(Request(name="api", publish=8123), Request(name="spa", needs=("api",)))
    assert json.loads(found["public/config.json"]) == {"apiBaseUrl": "http://localhost:8123"}


@pytest.mark.parametrize("kit", ["nextjs", "sveltekit"])
@pytest.mark.parametrize(("stack", "health"), [("nestjs", "/api/health"), ("fastapi", "/health")])
def test_the_first_page_asks_the_service_that_it_needs(kit: str, stack: str, health: str) -> None:
    found = files(Request(name="shop-api", stack=stack), Request(name="web", stack=kit, needs=("redis", "shop-api")))
    page, api, test = {
        "nextjs": ("app/page.tsx", "lib/api.ts", "test/api.test.ts"),
        "sveltekit": ("src/routes/+page.server.ts", "src/lib/api.ts", "src/lib/api.test.ts"),
    }[kit]
    assert re.search(r"\((process\.env\.)?SHOP_API_URL\b", found[page])
    assert f"}}{health}`" in found[api]
    assert f'const health = "{health}";' in found[test]


@pytest.mark.parametrize(("stack", "health"), [("nestjs", "/api/health"), ("fastapi", "/health")])
def test_a_browser_asks_for_the_health_of_the_needed_service(stack: str, health: str) -> None:
    found = files(Request(name="shop-api", stack=stack), Request(name="web", stack="static", needs=("shop-api",)))
    assert f"`${{base}}{health}`" in found["src/api.ts"]
    assert f'const health = "{health}";' in found["src/api.test.ts"]


def test_nextjs_says_which_variable_is_not_set() -> None:
    api = Request(name="shop-api", stack="fastapi")
    needing = files(api, Request(name="web", stack="nextjs", needs=("shop-api",)))
    assert "connected: SHOP_API_URL is not set." in needing["app/page.tsx"]
    assert "connected: API_URL is not set." in files(Request(name="web", stack="nextjs"))["app/page.tsx"]
