"""The engine from a shell: `python -m tests.engine.machine up|down|env|status`."""

import sys

from . import client, engine
from .command import Command

COMMAND = Command(
    package="tests.engine.machine",
    up=engine.up,
    down=engine.down,
    is_running=engine.is_running,
    exports=client.exports,
    status=engine.status,
)

if __name__ == "__main__":
    sys.exit(COMMAND.main())
