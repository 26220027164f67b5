"""`python -m app.health` exits with 0 while the worker in this container lives.

It asks Redis for the worker's own heartbeat: no port, and no file to write.
"""

import os
import socket
import sys
from datetime import UTC, datetime

from redis import Redis

from app.settings import Settings
from app.worker import HEARTBEAT, Worker


def is_alive(connection: Redis, *, host: str, now: datetime) -> bool:
    """Tell whether a worker on this host has beaten in the last four intervals."""
    return any(
        worker.hostname == host
        and worker.last_heartbeat is not None
        and now - worker.last_heartbeat < 4 * HEARTBEAT
        for worker in Worker.all(connection=connection)
    )


if __name__ == "__main__":
    settings = Settings.from_environment(os.environ)
    redis = Redis.from_url(settings.redis_url)
    alive = is_alive(redis, host=socket.gethostname(), now=datetime.now(UTC))
    sys.exit(0 if alive else 1)
