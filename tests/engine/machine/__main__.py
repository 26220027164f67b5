"""The engine from a shell: `python -m tests.engine.machine up|down|env|status`."""

import argparse
import sys

from . import client, engine
from .process import EngineError, say


def main() -> int:
    """Do one thing; 2 if the machine cannot, with the reason."""
    parser = argparse.ArgumentParser(prog="python -m tests.engine.machine")
    parser.add_argument("action", choices=("up", "down", "env", "status"))
    action = parser.parse_args().action
    try:
        if action == "up":
            engine.up()
        elif action == "down":
            engine.down()
        else:
            sys.stdout.write(client.exports() if action == "env" else engine.status())
    except EngineError as error:
        say(str(error))
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
