"""What flyctl understands of a fly.toml, as data: any other key it ignores, or refuses with `fly config validate --strict`.

From https://github.com/superfly/flyctl, internal/appconfig: config.go, service.go, toplevelcheck.go and validation.go;
and from https://github.com/superfly/fly-go, machine_types.go, which they take types from.
"""

import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

TEXTS = [str]  # an array of strings
DURATION = "duration"  # a string such as "15s", or a number
ANY = "any"

CHECK = {
    "interval": DURATION,
    "timeout": DURATION,
    "grace_period": DURATION,
    "method": str,
    "path": str,
    "protocol": str,
    "tls_skip_verify": bool,
    "tls_server_name": str,
    "headers": {"*": str},
}
MACHINE_CHECK = {"command": TEXTS, "image": str, "entrypoint": TEXTS, "kill_signal": str, "kill_timeout": DURATION}
CONCURRENCY = {"type": str, "soft_limit": int, "hard_limit": int}
TLS = {"alpn": TEXTS, "versions": TEXTS, "default_self_signed": bool}
HTTP = {
    "compress": bool,
    "response": {"headers": {"*": ANY}, "pristine": bool},
    "h2_backend": bool,
    "idle_timeout": int,
    "headers_read_timeout": int,
    "replay_cache": [{"path_prefix": str, "ttl_seconds": int, "type": str, "name": str, "allow_bypass": bool}],
}
RUNNING = {
    "internal_port": int,
    "auto_stop_machines": str,
    "auto_start_machines": bool,
    "min_machines_running": int,
    "concurrency": CONCURRENCY,
    "machine_checks": [MACHINE_CHECK],
    "processes": TEXTS,
}
GUEST = {
    "cpu_kind": str,
    "cpus": int,
    "memory_mb": int,
    "max_memory_mb": int,
    "gpus": int,
    "gpu_kind": str,
    "host_dedication_id": str,
    "persist_rootfs": str,
    "kernel_args": TEXTS,
}
VM = GUEST | {"size": str, "memory": str, "processes": TEXTS}
PORT = {
    "port": int,
    "start_port": int,
    "end_port": int,
    "handlers": TEXTS,
    "force_https": bool,
    "tls_options": TLS,
    "http_options": HTTP,
    "proxy_proto_options": {"version": str},
}
KEYS: Mapping[str, Any] = {
    "app": str,
    "primary_region": str,
    "kill_signal": str,
    "kill_timeout": DURATION,
    "swap_size_mb": int,
    "console_command": str,
    "host_dedication_id": str,
    "machine_config": str,
    "container": str,
    "experimental": {
        "cmd": TEXTS,
        "entrypoint": TEXTS,
        "exec": TEXTS,
        "auto_rollback": bool,
        "enable_consul": bool,
        "enable_etcd": bool,
        "lazy_load_images": bool,
        "attached": {"secrets": {"export": {"*": str}}},
        "machine_config": str,
        "use_zstd": bool,
    },
    "build": {
        "builder": str,
        "args": {"*": str},
        "buildpacks": TEXTS,
        "image": str,
        "settings": {"*": ANY},
        "builtin": str,
        "dockerfile": str,
        "ignorefile": str,
        "build-target": str,
        "compose": {"file": str},
        "compression": str,
        "compression_level": int,
    },
    "deploy": {
        "strategy": str,
        "max_unavailable": float,
        "wait_timeout": DURATION,
        "release_command": str,
        "release_command_timeout": DURATION,
        "release_command_vm": VM,
        "seed_command": str,
    },
    "env": {"*": str},
    "processes": {"*": str},
    "mounts": [
        {
            "source": str,
            "destination": str,
            "initial_size": str,
            "snapshot_retention": int,
            "scheduled_snapshots": bool,
            "auto_extend_size_threshold": int,
            "auto_extend_size_increment": str,
            "auto_extend_size_limit": str,
            "processes": TEXTS,
        }
    ],
    "http_service": RUNNING
    | {"force_https": bool, "tls_options": TLS, "http_options": HTTP, "checks": [CHECK], "tcp_checks": [CHECK]},
    "services": [RUNNING | {"protocol": str, "ports": [PORT], "tcp_checks": [CHECK], "http_checks": [CHECK]}],
    "checks": {"*": CHECK | {"port": int, "type": str, "processes": TEXTS}},
    "files": [{"guest_path": str, "local_path": str, "secret_name": str, "raw_value": str, "processes": TEXTS}],
    "machine_checks": [MACHINE_CHECK],
    "restart": [{"policy": str, "retries": int, "processes": TEXTS}],
    "vm": [VM],
    "statics": [{"guest_path": str, "url_prefix": str, "tigris_bucket": str, "index_document": str}],
    "metrics": [{"port": int, "path": str, "processes": TEXTS}],
}
CHOICES = {
    "deploy.strategy": {"rolling", "immediate", "canary", "bluegreen"},
    "http_service.auto_stop_machines": {"off", "stop", "suspend"},
    "http_service.concurrency.type": {"requests", "connections"},
    "restart.policy": {"always", "never", "on-failure"},
    "checks.port.type": {"http", "tcp"},
    # https://fly.io/docs/reference/configuration/#kill_signal-option
    "kill_signal": {"SIGINT", "SIGTERM", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGKILL", "SIGSTOP"},
}
# Machines by name: cores, and the least and the most memory for each, in MB. Memory comes in steps of 256.
SIZES = {f"shared-cpu-{cores}x": (cores, 256, 2048) for cores in (1, 2, 4, 8)}
SIZES |= {f"performance-{cores}x": (cores, 2048, 8192) for cores in (1, 2, 4, 8, 16)}


def problems(config: Mapping[str, Any]) -> list[str]:
    """What flyctl would say of the file, or not understand."""
    return [*_unknown(config, KEYS, ""), *_rules(config)]


def _unknown(value: Any, kind: Any, path: str) -> Iterator[str]:
    """Keys and values that are none, of a table, an array or a value at `path`."""
    if isinstance(kind, dict):
        yield from _unknown_in_table(value, kind, path) if isinstance(value, dict) else [f"{path} is no table"]
    elif isinstance(kind, list):
        each = value if isinstance(value, list) else ()
        yield from (found for inner in each for found in _unknown(inner, kind[0], path))
        yield from () if isinstance(value, list) else [f"{path} is no array"]
    elif kind == DURATION:
        if not (isinstance(value, str) and re.fullmatch(r"([0-9]+(ms|s|m|h))+", value)):
            yield f"{path} is no duration: {value}"
    elif kind is not ANY and type(value) is not kind:
        yield f"{path} is no {kind.__name__}: {value}"
    elif value not in CHOICES.get(path, {value}):
        yield f"{path} cannot be {value}"


def _unknown_in_table(table: Mapping[str, Any], kind: Mapping[str, Any], path: str) -> Iterator[str]:
    for key, value in table.items():
        below = f"{path}.{key}".lstrip(".")
        if key in kind or "*" in kind:
            yield from _unknown(value, kind.get(key, kind.get("*")), below)
        else:
            yield f"unknown key: {below}"


def _rules(config: Mapping[str, Any]) -> Iterator[str]:
    """What validation.go says beyond keys, and what the documentation of fly.toml does."""
    if not re.fullmatch(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", config["app"]):
        yield "app is no name"
    yield from (f"env.{name} begins with FLY_" for name in config.get("env", {}) if name.startswith("FLY_"))
    for command in (config["deploy"].get("release_command", ""), *config.get("processes", {}).values()):
        shlex.split(command)
    http = config.get("http_service")
    checks = config.get("checks", {}).values()
    with_processes = [*([http] if http else []), *config.get("services", []), *checks]
    for each in with_processes if "processes" in config else []:
        if not each.get("processes"):
            yield "processes: a service or check has none"
    named = [
        name for each in (*with_processes, *config["vm"], *config["restart"]) for name in each.get("processes", [])
    ]
    yield from (f"processes: {name} is none" for name in named if name not in config.get("processes", {"app": ""}))
    if config["deploy"].get("strategy") == "bluegreen" and not (checks or (http and http.get("checks"))):
        yield "deploy.strategy: bluegreen needs a check"
    if http and (http["auto_stop_machines"] == "off") == http["auto_start_machines"]:
        yield "http_service: machines start and stop by themselves, or neither"
    for vm in config["vm"]:
        cores, least, most = SIZES[vm["size"]]
        memory = int(vm["memory"].removesuffix("mb"))
        if memory % 256 or not cores * least <= memory <= cores * most:
            yield f"vm: {vm['size']} cannot have {vm['memory']}"
