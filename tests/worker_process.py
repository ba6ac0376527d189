"""One more worker beside those of a stack."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from devstack.stack import Stack
from tests.second_process import second_process

_PARTS = {"workflows": "worker", "activities": "activities"}


@contextmanager
def worker_process(stack: Stack, role: str, env: Mapping[str, str] | None = None) -> Iterator[Path]:
    """Its log, once it works; it is gone when the block ends."""
    log = stack.folder.log(f"second_{role}")
    log.unlink(missing_ok=True)
    words = ["worker", role]
    with second_process(stack, _PARTS[role], words, env or {}, log, lambda: "worker ready" in log.read_text(), 90):
        yield log
