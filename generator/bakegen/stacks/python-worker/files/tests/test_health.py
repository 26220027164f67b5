from fakeredis import FakeRedis

from app import health
from app.worker import create_worker


def test_alive_from_the_first_heartbeat_on(redis: FakeRedis) -> None:
    worker = create_worker(redis)
    assert not health.is_alive(redis)
    worker.heartbeat()
    assert health.is_alive(redis)


def test_a_worker_with_a_job_beats_too(redis: FakeRedis) -> None:
    with redis.pipeline() as pipeline:
        create_worker(redis).heartbeat(pipeline=pipeline)
        pipeline.execute()
    assert health.is_alive(redis)


def test_a_heartbeat_lasts_for_a_few_intervals(redis: FakeRedis) -> None:
    health.beat(redis)
    (key,) = redis.keys("heartbeat:*")
    seconds = health.INTERVAL.total_seconds()
    assert 2 * seconds < redis.ttl(key) <= 4 * seconds


def test_an_idle_worker_beats_once_in_an_interval(redis: FakeRedis) -> None:
    worker = create_worker(redis)
    assert worker.dequeue_timeout == health.INTERVAL.total_seconds()
