"""The jobs: plain functions with arguments and results that can be pickled.

A service that shares the queue enqueues a job by its name, without this code:

    from redis import Redis
    from rq import Queue

    queue = Queue(connection=Redis.from_url(os.environ["REDIS_URL"]))
    job = queue.enqueue("app.jobs.count_words", "to be or not to be")

and so does a shell, in the container of a worker:

    rq enqueue --url "$REDIS_URL" app.jobs.count_words "to be or not to be"
"""

import logging

logger = logging.getLogger(__name__)


def count_words(text: str) -> int:
    count = len(text.split())
    logger.info("counted %d words", count)
    return count
