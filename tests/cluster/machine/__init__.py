"""A real Kubernetes cluster of one node for tests, beside the engine and with its registry.

`python -m tests.cluster.machine up` builds Kubernetes and etcd from pinned Go modules and starts them
on this machine, with containerd for the pods. From Python: `up()`, `down()` and `environment()`.
"""

from .client import environment
from .cluster import down, is_up, up

__all__ = ["down", "environment", "is_up", "up"]
