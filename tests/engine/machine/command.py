"""A machine from a shell: `python -m PACKAGE up|down|env|status`."""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass

from .process import EngineError, say


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """What a machine can do; `exports` and `status` are texts to print."""

    package: str
    up: Callable[[], object]
    down: Callable[[], None]
    is_running: Callable[[], bool]
    exports: Callable[[], str]
    status: Callable[[], str]

    def main(self) -> int:
        """Do one thing; 2 if the machine cannot, with the reason."""
        actions = {"up": self.up, "down": self.down, "env": self._env, "status": self._status}
        parser = argparse.ArgumentParser(prog=f"python -m {self.package}")
        parser.add_argument("action", choices=actions)
        try:
            actions[parser.parse_args().action]()
        except EngineError as error:
            say(str(error))
            return 2
        return 0

    def _env(self) -> None:
        if not self.is_running():
            raise EngineError(f"it is not up: run `python -m {self.package} up`")
        sys.stdout.write(self.exports())

    def _status(self) -> None:
        sys.stdout.write(self.status())
