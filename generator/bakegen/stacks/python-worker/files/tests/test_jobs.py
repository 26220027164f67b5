from fakeredis import FakeRedis
from rq import Queue, SimpleWorker
from rq.job import JobStatus

from app.jobs import count_words
from app.worker import QUEUE


def test_count_words() -> None:
    assert count_words("to be or\nnot  to be ") == 6
    assert count_words("") == 0


def test_a_job_enqueued_by_name_gives_its_result(redis: FakeRedis) -> None:
    job = Queue(QUEUE, connection=redis).enqueue("app.jobs.count_words", "to be")
    SimpleWorker([QUEUE], connection=redis).work(burst=True)
    assert job.get_status() == JobStatus.FINISHED
    assert job.return_value() == 2


def test_a_job_that_raises_is_kept_as_failed(redis: FakeRedis) -> None:
    queue = Queue(QUEUE, connection=redis)
    job = queue.enqueue("app.jobs.count_words", None)
    SimpleWorker([QUEUE], connection=redis).work(burst=True)
    assert job.get_status() == JobStatus.FAILED
    assert queue.failed_job_registry.get_job_ids() == [job.id]
