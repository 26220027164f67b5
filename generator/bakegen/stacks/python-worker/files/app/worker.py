"""The worker: takes jobs from the queue, one at a time, each in a process of its own.

SIGTERM lets the job in hand finish; until then no other is taken.
"""

import rq
from redis import Redis
from redis.client import Pipeline

from app import health

QUEUE = "default"


class Worker(rq.Worker):
    """RQ's worker, which also beats for the health check and knows why it ended."""

    asked_to_stop = False

    def heartbeat(
        self, timeout: int | None = None, pipeline: Pipeline | None = None
    ) -> None:
        super().heartbeat(timeout, pipeline)
        health.beat(self.connection if pipeline is None else pipeline)

    def handle_warm_shutdown_request(self) -> None:
        self.asked_to_stop = True
        super().handle_warm_shutdown_request()  # type: ignore[no-untyped-call]


def create_worker(connection: Redis) -> Worker:
    interval = int(health.INTERVAL.total_seconds())
    return Worker(
        [QUEUE],
        connection=connection,
        worker_ttl=interval + 15,  # without a job, RQ beats 15 s before this has passed
        job_monitoring_interval=interval,  # with a job
    )


def run(worker: Worker) -> int:
    """Work until a signal comes, and return the exit code.

    RQ also returns from an error, such as Redis being lost: that is a failure.
    """
    worker.work()
    return 0 if worker.asked_to_stop else 1
