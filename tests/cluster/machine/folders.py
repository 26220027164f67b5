"""Where the cluster keeps things: beside the engine's state, and programs in the engine's cache."""

from pathlib import Path

from tests.engine.machine import folders


def state() -> Path:
    """Everything of the one cluster that a machine can have."""
    return folders.state().with_name("cluster")
