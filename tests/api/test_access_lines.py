"""The lines of answered requests: what stands in them, and that they are cheap."""

import json
import logging
import os
import timeit
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from adapters import access_lines
from adapters.access_lines import AccessLines, begin_request, note_request

FACTS = {"method": "GET", "path": "/api/v1/bookings/1021", "status": 200, "ms": 1.2}


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    """Where the lines go."""
    path = tmp_path / "log"
    level, logger = logging.getLogger().level, logging.getLogger()
    logger.setLevel(logging.INFO)
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY)
    access_lines.write_json_to(descriptor)
    yield path
    access_lines.write_json_to(None)
    os.close(descriptor)
    logger.setLevel(level)


def test_a_line_tells_the_request_its_person_and_its_outcome(file: Path):
    begin_request({"request_id": "abc", "booking_id": 1021})
    note_request(person="CST000001")
    AccessLines("api.access").write("answered", FACTS)
    (line,) = file.read_text().splitlines()
    told = json.loads(line)
    assert told.pop("timestamp").endswith("Z")
    assert told == FACTS | {
        "event": "answered", "level": "info", "logger": "api.access",
        "request_id": "abc", "booking_id": 1021, "person": "CST000001",
    }  # fmt: skip


def test_lines_that_nobody_wants_are_not_written(file: Path):
    logging.getLogger().setLevel(logging.WARNING)
    AccessLines("api.access").write("answered", FACTS)
    assert file.read_text() == ""


def test_a_line_costs_little_more_than_its_json_and_its_writing(file: Path):
    """Microseconds depend on the machine, so they are compared with what cannot be left out, in the same moments."""
    begin_request({"request_id": "abc", "booking_id": 1021, "person": "CST000001"})
    lines, descriptor = AccessLines("api.access"), os.open(file, os.O_WRONLY)
    whole = {**FACTS, "event": "answered", "request_id": "abc", "booking_id": 1021, "timestamp": "2026-11-29T23:00:00Z"}

    def least(work) -> float:
        return min(timeit.repeat(work, number=200, repeat=30))

    bare = least(lambda: os.write(descriptor, orjson.dumps(whole)))
    ours = least(lambda: lines.write("answered", FACTS))
    os.close(descriptor)
    assert ours < 6 * bare
