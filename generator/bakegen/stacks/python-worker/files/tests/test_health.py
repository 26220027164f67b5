from datetime import UTC, datetime, timedelta

from fakeredis import FakeRedis

from app.health import is_alive
from app.worker import HEARTBEAT, create_worker


def test_alive_while_the_heartbeat_is_fresh(redis: FakeRedis) -> None:
    worker = create_worker(redis)
    now = datetime.now(UTC)
    host = str(worker.hostname)
    assert not is_alive(redis, host=host, now=now)

    worker.register_birth()  # type: ignore[no-untyped-call]
    assert is_alive(redis, host=host, now=now)
    assert not is_alive(redis, host="elsewhere", now=now)
    assert not is_alive(redis, host=host, now=now + 5 * HEARTBEAT)

    worker.register_death()  # type: ignore[no-untyped-call]
    assert not is_alive(redis, host=host, now=now + timedelta(seconds=1))
