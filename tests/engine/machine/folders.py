"""Where the engine keeps things: a cache that outlives it, and a state folder of the running one.

Nothing is kept in the checkout. The cache holds built programs, the state holds sockets, process
ids, logs, the registry's data (and so the base images) and the client's configuration.
"""

import os
from pathlib import Path


def cache() -> Path:
    """Programs, one folder each, named by version and flags."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "bakegen" / "engine"


def state() -> Path:
    """Everything of the one engine that a machine can have: its ports and mounts exist once."""
    home = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(home) / "bakegen" / "engine"
