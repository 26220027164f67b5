"""The container engine of the tests, for measuring with it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from tests.engine import machine


@contextmanager
def engine() -> Iterator[None]:
    """The engine that is up, or one that is started for this; programs that are run in the block use it."""
    started = machine.up()
    try:
        os.environ.update(machine.environment())
        yield
    finally:
        if started:
            machine.down()
