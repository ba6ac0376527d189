"""What runs by the clock."""

from collections import Counter
from datetime import timedelta

from kinds.vehicle_service.worker import WORKER
from settings import Settings
from workers.schedules import scheduled_jobs

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def test_no_two_jobs_begin_in_the_same_minute():
    begins = Counter[timedelta]()
    for job in scheduled_jobs(Settings(), [WORKER]):
        times = {(job.offset + number * job.every) % DAY // MINUTE * MINUTE for number in range(DAY // job.every)}
        begins.update(times)
    assert [f"{at}" for at, jobs in begins.items() if jobs > 1] == []
