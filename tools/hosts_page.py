"""What the documentation says of the hosts, from what each says of itself: host.toml in its folder."""

from collections.abc import Iterable

from bakegen import catalog
from bakegen.extras import Host
from tools.markdown import table

# What hosts are compared by: the keys of [compare], and what they are called.
COMPARED = {
    "free_tier": "free tier",
    "cli": "CLI",
    "regions": "regions",
    "autoscaling": "auto-scaling",
    "health_checks": "health checks",
    "zero_downtime": "zero downtime",
    "private_network": "private network",
    "workers": "workers",
    "cron": "cron",
    "postgres": "managed PostgreSQL",
    "redis": "managed Redis",
    "arm64": "arm64",
    "by_digest": "image by digest",
}
# What becomes of the model: kinds of variables, which [sources] has, and keys, which [has] has or [cannot].
SOURCES = {
    "value": "`env`, a value",
    "secret": "`env`, a secret",
    "postgres": '`needs = ["postgres"]`',
    "redis": '`needs = ["redis"]`',
    "service": '`needs = ["api"]`',
}
BOUNDS = ("cpus", "memory", "replicas", "max_replicas")
KEYS = (*BOUNDS, "region", "regions", "domains", "public", "health", "pre_deploy", "processes", "platforms")


def overview() -> str:
    """A row for each host, in README.md."""
    rows = [("host", "what it is", "CI deploys")]
    for host in _hosts():
        deploys = f"`deploy/{host.id}.sh`" if host.deploys else ""
        rows.append((f"[{host.id}](docs/hosts/{host.id}.md)", host.description, deploys))
    return table(rows)


def pages() -> str:
    """What each host is, and the files that it brings."""
    data = catalog.load()
    rows: list[tuple[str, ...]] = [("host", "what it is", "files")]
    for host in data.hosts.values():
        files = [*data.files[f"/hosts/{host.id}"], *(data.files["/hosts"] if host.deploys else ())]
        listed = ", ".join(f"`{path}`" for path in sorted(files))
        rows.append((f"[{host.id}](hosts/{host.id}.md)", host.description, listed))
    return table(rows)


def comparison() -> str:
    """A column for each host, a row for each thing that they differ in."""
    return table([_header(), *((name, *(host.compare[key] for host in _hosts())) for key, name in COMPARED.items())])


def model() -> str:
    """Where a host has each key of the model, or that it has no place for it; and why not, or not all of it."""
    rows = [(name, *(host.sources[kind] for host in _hosts())) for kind, name in SOURCES.items()]
    rows += [(f"`{key}`", *(_cell(host, key) for host in _hosts())) for key in KEYS]
    reasons = (f"- {host.title}, `{key}`: {why}.\n" for host in _hosts() for key, why in host.cannot.items())
    return f"{table([_header(), *rows])}\nWhat is missing, in the words of `bakegen check`:\n\n{''.join(reasons)}"


def _cell(host: Host, key: str) -> str:
    text = host.has.get(key, "no")
    return f"partly: {text}" if key in host.has and key in host.cannot else text


def _header() -> tuple[str, ...]:
    return ("", *(f"[{host.id}](hosts/{host.id}.md)" for host in _hosts()))


def _hosts() -> Iterable[Host]:
    return catalog.load().hosts.values()
