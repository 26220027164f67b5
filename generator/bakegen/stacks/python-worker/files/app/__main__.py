"""`python -m app` is the worker's process."""

import logging
import os
import sys

from redis import Redis

from app.settings import Settings
from app.worker import create_worker, run

settings = Settings.from_environment(os.environ)
logging.basicConfig(
    level=settings.log_level,
    format="%(levelname)s %(name)s: %(message)s",
)
sys.exit(run(create_worker(Redis.from_url(settings.redis_url))))
