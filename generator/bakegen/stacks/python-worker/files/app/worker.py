"""The worker: takes jobs from the queue, one at a time, each in a process of its own.

SIGTERM lets the job in hand finish; until then no other is taken.
"""

from datetime import timedelta

import rq
from redis import Redis

QUEUE = "default"
HEARTBEAT = timedelta(seconds=15)  # how often a worker says in Redis that it lives


class Worker(rq.Worker):
    """A worker that knows whether it ended because it was asked to."""

    asked_to_stop = False

    def handle_warm_shutdown_request(self) -> None:
        self.asked_to_stop = True
        super().handle_warm_shutdown_request()  # type: ignore[no-untyped-call]


def create_worker(connection: Redis) -> Worker:
    """Register nothing yet; `run` does. An idle RQ worker beats every `ttl - 15` s."""
    interval = int(HEARTBEAT.total_seconds())
    return Worker(
        [QUEUE],
        connection=connection,
        worker_ttl=interval + 15,
        job_monitoring_interval=interval,
    )


def run(worker: Worker) -> int:
    """Work until a signal comes, and return the exit code.

    RQ also returns from an error, such as Redis being lost: that is a failure.
    """
    worker.work()
    return 0 if worker.asked_to_stop else 1
