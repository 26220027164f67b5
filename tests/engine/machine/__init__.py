"""A real container engine for tests and demo, on a machine that has none.

`python -m tests.engine.machine up` builds BuildKit, Docker and a registry from pinned Go modules,
starts them, and fills the registry with stand-ins for the official base images. Everything it
keeps is outside the checkout. From Python: `up()`, `down()` and `environment()`.
"""

from .client import environment
from .daemons import REGISTRY
from .engine import down, is_up, up
from .process import EngineError

__all__ = ["REGISTRY", "EngineError", "down", "environment", "is_up", "up"]
