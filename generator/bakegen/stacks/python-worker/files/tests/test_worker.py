import os
import signal
import threading
from collections.abc import Iterator

import pytest
from fakeredis import FakeRedis

from app.worker import QUEUE, create_worker, run


@pytest.fixture
def signals() -> Iterator[None]:
    """Give the process its own signal handlers back."""
    handlers = {
        number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)
    }
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("signals")
def test_sigterm_ends_an_idle_worker_well(redis: FakeRedis) -> None:
    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGTERM)).start()
    worker = create_worker(redis)
    assert run(worker) == 0
    assert worker.all_keys(redis) == []


@pytest.mark.usefixtures("signals")
def test_a_worker_that_ends_by_an_error_fails(redis: FakeRedis) -> None:
    redis.set(f"rq:queue:{QUEUE}", "not a list")
    assert run(create_worker(redis)) == 1
