"""What the worker's roles load before their first task: memory of every process, and time at every start."""

import subprocess
import sys

import pytest

NOT_LOADED = {
    "fastapi": "the API's",
    "starlette": "the API's",
    "uvicorn": "the API's",
    "uvloop": "the API's",
    "httptools": "the API's",
    "multipart": "the API's",
    "api": "the API's",
    "alembic": "loaded by a restore",
    "mako": "loaded by a restore",
    "typst": "loaded for the first document",
    "fontTools": "typst reads fonts",
    "PIL": "pictures are walked, not decoded",
    "openpyxl": "operators' sheets",
    "operations": "operators' commands",
    "devstack": "development",
    "tests": "tests",
    "pytest": "tests",
    "httpx": "pushes and text messages, where somebody sends them",
}
MODULES = 1_720
"""All that are loaded, of which 1,672 were found when this was written, 50 of them of cryptography: PyJWT loads what is
there of it."""
ROLES = """
import sys, kinds, worker
from workers.queues import workflow_types
print(len(workflow_types(worker.installed(()))), len(sys.modules), *{name.partition(".")[0] for name in sys.modules})
"""


@pytest.fixture(scope="module")
def loaded() -> tuple[int, set[str]]:
    done = subprocess.run([sys.executable, "-c", ROLES], capture_output=True, text=True, check=True)
    _, many, *names = done.stdout.split()
    return int(many), set(names)


def test_a_worker_loads_nothing_that_only_others_need(loaded):
    _, names = loaded
    assert {"temporalio", "asyncpg", "kinds"} <= names
    assert {name: NOT_LOADED[name] for name in names & NOT_LOADED.keys()} == {}


def test_a_worker_loads_not_many_modules(loaded):
    many, _ = loaded
    assert many <= MODULES
