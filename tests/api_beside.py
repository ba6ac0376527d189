"""One more API beside that of a stack, within the process of the tests.

Whatever it imports is there already, so it costs a fifth of the processor time of ``api_process``: it does wherever no
test looks at the process itself.
"""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psutil
import pytest

import startup
from api.app import create_app
from api.http.listener import Server
from api.http.server import configured
from api.main import served
from devstack.parts.base import answers
from devstack.stack import Stack
from tests.api_process import free_port

_WITHIN = 60.0


@contextmanager
def api_beside(stack: Stack, env: Mapping[str, str]) -> Iterator[str]:
    """Its address, once it answers; it takes nobody any more when the block ends."""
    url = f"http://127.0.0.1:{free_port()}"
    given = {"REVCARE_PORT": url.rpartition(":")[2], **env}
    with pytest.MonkeyPatch.context() as patch:  # Temporal's address is read when the connections are opened
        for name, value in (psutil.Process(stack.pid("api")).environ() | given).items():
            patch.setenv(name, value)
        server = _server()
        serving = threading.Thread(target=server.run, name=url, daemon=True)
        serving.start()
        until = time.monotonic() + _WITHIN
        while not answers(f"{url}/health/ready"):
            assert serving.is_alive(), "it does not start"
            assert time.monotonic() < until, "it does not become ready"
            time.sleep(0.05)
    try:
        yield url
    finally:
        server.should_exit = True
        serving.join(_WITHIN)


def _server() -> Server:
    """As ``python -m api.main`` makes it."""
    kind, settings = served(*startup.read())
    app = create_app(kind, settings=settings, watched=True)
    return Server(configured(app, settings.web, web_sockets=kind.web_sockets))
