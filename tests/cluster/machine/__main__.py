"""The cluster from a shell: `python -m tests.cluster.machine up|down|env|status`."""

import argparse
import sys

from tests.engine.machine.process import EngineError, say

from . import client, cluster


def main() -> int:
    """Do one thing; 2 if the machine cannot, with the reason."""
    actions = {"up": up, "down": cluster.down, "env": env, "status": status}
    parser = argparse.ArgumentParser(prog="python -m tests.cluster.machine")
    parser.add_argument("action", choices=actions)
    try:
        actions[parser.parse_args().action]()
    except EngineError as error:
        say(str(error))
        return 2
    return 0


def up() -> None:
    cluster.up()


def env() -> None:
    if not cluster.is_up():
        raise EngineError("the cluster is not up: run `python -m tests.cluster.machine up`")
    sys.stdout.write(client.exports())


def status() -> None:
    sys.stdout.write(cluster.status())


if __name__ == "__main__":
    sys.exit(main())
