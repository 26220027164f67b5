"""`python -m app.health` exits with 0 while the worker in this container lives.

The worker's heartbeat is a key in Redis that expires: it needs no port and no file.
"""

import os
import socket
import sys
from datetime import timedelta

from redis import Redis

from app.settings import Settings

INTERVAL = timedelta(seconds=15)  # the worker beats at least this often


def beat(connection: Redis) -> None:
    connection.set(_key(), "alive", ex=4 * INTERVAL)


def is_alive(connection: Redis) -> bool:
    return connection.exists(_key()) == 1


def _key() -> str:
    return f"heartbeat:{socket.gethostname()}"


if __name__ == "__main__":
    settings = Settings.from_environment(os.environ)
    sys.exit(0 if is_alive(Redis.from_url(settings.redis_url)) else 1)
