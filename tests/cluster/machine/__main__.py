"""The cluster from a shell: `python -m tests.cluster.machine up|down|env|status`."""

import sys

from tests.engine.machine.command import Command

from . import client, cluster

COMMAND = Command(
    package="tests.cluster.machine",
    up=cluster.up,
    down=cluster.down,
    is_running=cluster.is_up,
    exports=client.exports,
    status=cluster.status,
)

if __name__ == "__main__":
    sys.exit(COMMAND.main())
