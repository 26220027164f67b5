"""Addresses of the cluster, and what it changes in the machine's network and kernel.

All is reached on an address of its own, which no other machine has a route to: nothing is open to the
network. The range is the one for benchmarks (RFC 2544), so it is nobody's. Pods are routed and not
bridged (ptp), so their traffic always passes kube-proxy's rules. What is changed is noted, and undone.
"""

import json
import shlex
import subprocess
from pathlib import Path

from tests.engine.machine.process import EngineError, run

from . import folders

NAME = "bakegen"
HOSTNAME = "node1"
NODE = "198.18.0.1"
PODS = "198.18.1.0/24"
SERVICES = "198.18.2.0/24"
KUBERNETES = "198.18.2.1"  # the service of the API server: the first of the range
# A service that kube-proxy does not know yet refuses; without this route some other network might answer.
SERVICES_ROUTE = ("local", SERVICES, "dev", "lo", "src", NODE)
# Docker lets nothing pass that is not its own.
RULES = (
    ("filter", "FORWARD", "--source", PODS, "--jump", "ACCEPT"),
    ("filter", "FORWARD", "--destination", PODS, "--jump", "ACCEPT"),
    ("nat", "POSTROUTING", "--source", PODS, "!", "--destination", PODS, "--jump", "MASQUERADE"),
)
TABLES = ("filter", "nat", "mangle")
# Set here, by kubelet and by kube-proxy.
SETTINGS = (
    "kernel/panic",
    "kernel/panic_on_oops",
    "net/ipv4/conf/all/route_localnet",
    "net/ipv4/ip_forward",
    "vm/overcommit_memory",
    "vm/panic_on_oom",
)
KERNEL = Path("/proc/sys")


def cni() -> str:
    """The configuration of the pods' network."""
    ranges = {"type": "host-local", "dataDir": str(folders.state() / "cni-data"), "ranges": [[{"subnet": PODS}]]}
    plugin = {"type": "ptp", "ipam": ranges | {"routes": [{"dst": "0.0.0.0/0"}]}}
    return json.dumps({"cniVersion": "1.0.0", "name": NAME, "plugins": [plugin]})


def ensure() -> None:
    """Give the machine the address and let pods reach the world."""
    if _chains(_rules("iptables", "nat")):
        raise EngineError("this machine is a node of a Kubernetes cluster already: take another one")
    before = {name: (KERNEL / name).read_text(encoding="ascii").strip() for name in SETTINGS}
    _note().parent.mkdir(parents=True, exist_ok=True)
    _note().write_text(json.dumps(before), encoding="ascii")
    (KERNEL / "net/ipv4/ip_forward").write_text("1", encoding="ascii")
    run(["ip", "address", "replace", f"{NODE}/32", "dev", "lo"])
    run(["ip", "route", "replace", *SERVICES_ROUTE])
    for table, chain, *rule in RULES:
        run(["iptables", "--wait", "--table", table, "--insert", chain, *rule])


def undo() -> None:
    """Take back what `ensure`, kubelet and kube-proxy did."""
    if not _note().exists():
        return
    for table, chain, *rule in RULES:
        _try("iptables", "--wait", "--table", table, "--delete", chain, *rule)
    for program in ("iptables", "ip6tables"):
        for table in TABLES:
            _remove_chains(program, table)
    _try("ip", "route", "delete", *SERVICES_ROUTE)
    _try("ip", "address", "delete", f"{NODE}/32", "dev", "lo")
    for name, value in json.loads(_note().read_text(encoding="ascii")).items():
        (KERNEL / name).write_text(value, encoding="ascii")
    _note().unlink()


def _remove_chains(program: str, table: str) -> None:
    """Remove the chains of Kubernetes, after the rules that lead to them."""
    command = (program, "--wait", "--table", table)
    rules = _rules(program, table)
    chains = _chains(rules)
    for action, chain, *rule in rules:
        if action == "-A" and chain not in chains and not chains.isdisjoint(rule):
            _try(*command, "-D", chain, *rule)
    for action in ("-F", "-X"):
        for chain in sorted(chains):
            _try(*command, action, chain)


def _rules(program: str, table: str) -> list[list[str]]:
    """The table's chains (-N) and rules (-A), as arguments; none where the kernel has no such table."""
    command = [program, "--wait", "--table", table, "--list-rules"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return [shlex.split(line) for line in listed.splitlines()]


def _chains(rules: list[list[str]]) -> set[str]:
    return {chain for action, chain, *_ in rules if action == "-N" and chain.startswith("KUBE-")}


def _try(*command: str) -> None:
    """What may be gone already."""
    subprocess.run(command, capture_output=True, check=False)


def _note() -> Path:
    return folders.state() / "run" / "network"
