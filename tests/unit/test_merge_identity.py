import pytest

from bakegen.merge.identity import identity, scalar_identity


@pytest.mark.parametrize(
    ("parent", "entries", "key"),
    [
        ("steps", {"name": "Check out", "uses": "actions/checkout@v4"}, "Check out"),
        ("steps", {"id": "bake", "name": "Bake"}, "bake"),
        ("steps", {"uses": "actions/checkout@v4"}, "actions/checkout"),
        ("steps", {"uses": "./local"}, "./local"),
        ("steps", {"run": "make"}, None),
        ("containers", {"name": "api", "image": "api:1"}, "api"),
        ("env", {"name": "PORT", "value": "8000"}, "PORT"),
        ("envVars", {"key": "PORT", "value": "8000"}, "PORT"),
        ("ports", {"containerPort": "8000", "name": "http"}, "8000"),
        ("ports", {"target": "53", "published": "5353", "protocol": "udp"}, "53/udp"),
        ("ports", {"target": "80", "published": "8080", "protocol": "TCP"}, "80"),
        ("ports", {"port": "80", "targetPort": "8000", "name": "http"}, "80"),
        ("volumes", {"type": "bind", "source": "./a", "target": "/a"}, "/a"),
        ("volumes", {"name": "data", "emptyDir": ""}, "data"),
        ("volumeMounts", {"name": "data", "mountPath": "/data"}, "/data"),
        ("secrets", {"source": "token", "mode": "0400"}, "token"),
        ("", {}, None),
        ("steps", {"name": ""}, None),
    ],
)
def test_a_map_is_known_by_what_names_it(parent: str, entries: dict[str, str], key: str | None) -> None:
    assert identity(parent, entries) == key


@pytest.mark.parametrize(
    ("parent", "text", "key"),
    [
        ("ports", "8000:8000", "8000"),
        ("ports", "8000", "8000"),
        ("ports", "127.0.0.1:8001:8000/tcp", "8000"),
        ("ports", "${API_PORT:-8000}:8000", "8000"),
        ("ports", "127.0.0.1:${API_PORT:-9000}:8000", "8000"),
        ("ports", "8000:${PORT:-80}", "${PORT:-80}"),
        ("ports", "[::1]:6000:6000", "6000"),
        ("ports", "5353:53/udp", "53/udp"),
        ("ports", "3000-3005:3000-3005", "3000-3005"),
        ("environment", "LOG_LEVEL=info", "LOG_LEVEL"),
        ("environment", "EMPTY=", "EMPTY"),
        ("environment", "PASSED_ON", "PASSED_ON"),
        ("environment", "A=b=c", "A"),
        ("environment", "not a variable", None),
        ("labels", "traefik.enable=true", "traefik.enable"),
        ("args", "VERSION=1", "VERSION"),
        ("literals", "LOG_LEVEL=a b", "LOG_LEVEL"),
        ("volumes", "./data:/data", "/data"),
        ("volumes", "data:/data:ro", "/data"),
        ("volumes", "${HOME:-/root}/x:/x", "/x"),
        ("volumes", r"C:\data:/data", "/data"),
        ("volumes", "/anonymous", None),
        ("command", "KEY=value", None),
        ("branches", "main", None),
        ("ports", "", None),
    ],
)
def test_a_scalar_is_known_by_the_part_that_names_it(parent: str, text: str, key: str | None) -> None:
    assert scalar_identity(parent, text) == key
