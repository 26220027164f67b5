"""The engine from a shell: `python -m tests.engine.machine up|down|env|status`."""

import argparse
import sys

from . import client, engine
from .process import EngineError, say


def main() -> int:
    """Do one thing; 2 if the machine cannot, with the reason."""
    actions = {"up": up, "down": engine.down, "env": env, "status": status}
    parser = argparse.ArgumentParser(prog="python -m tests.engine.machine")
    parser.add_argument("action", choices=actions)
    try:
        actions[parser.parse_args().action]()
    except EngineError as error:
        say(str(error))
        return 2
    return 0


def up() -> None:
    engine.up()


def env() -> None:
    if not engine.is_running():
        raise EngineError("it is not up: run `python -m tests.engine.machine up`")
    sys.stdout.write(client.exports())


def status() -> None:
    sys.stdout.write(engine.status())


if __name__ == "__main__":
    sys.exit(main())
