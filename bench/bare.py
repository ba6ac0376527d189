"""The peer of the reads: a bare Starlette application that answers given JSON, each time rendered by JSONResponse.

Its server is that of the product (uvicorn on uvloop and httptools) without any guard, log or metric.
"""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from devstack.demo.calls import until
from devstack.parts.base import REPOSITORY, answers

Bodies = Mapping[str, tuple[int, Any]]
"""Path -> status and the object that is answered there."""


@contextmanager
def bare_server(folder: Path, bodies: Bodies) -> Iterator[tuple[str, int]]:
    """A process that answers them; yields its address and its process id."""
    given = folder / "bodies.json"
    given.write_text(json.dumps(dict(bodies)))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-m", "bench.bare", str(given), str(port)], cwd=REPOSITORY)  # noqa: S603 - no shell
    try:
        url = f"http://127.0.0.1:{port}"
        until("the bare server to answer", lambda: answers(f"{url}/ready"))
        yield url, process.pid
    finally:
        process.terminate()
        process.wait(10)


def application(bodies: Bodies) -> Starlette:
    """One route a body."""

    def route(path: str, status: int, body: Any) -> Route:
        async def answer(_request: Request) -> JSONResponse:
            return JSONResponse(body, status)

        return Route(path, answer)

    routes = [route(path, status, body) for path, (status, body) in bodies.items()]
    return Starlette(routes=[*routes, route("/ready", 200, {})])


if __name__ == "__main__":
    served = application(json.loads(Path(sys.argv[1]).read_text()))
    server = {"loop": "uvloop", "http": "httptools", "ws": "none", "access_log": False, "log_level": "error"}
    uvicorn.run(served, port=int(sys.argv[2]), **server)  # type: ignore[arg-type]
