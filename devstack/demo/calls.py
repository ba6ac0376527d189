"""Calls over HTTP that survive a part being killed in the middle.

A call that met nobody, or was cut off, is made again with the same Idempotency-Key: the API promises that a repeat
answers like the first and does nothing twice. So a client needs no more than this to live through a crash.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx

Json = dict[str, Any]

_TRY_AGAIN = frozenset({502, 503, 504})
_PAUSE = 0.25
_LONGEST_PAUSE = 0.5


class Refused(Exception):
    """The API said no; ``code`` is the name of the refusal."""

    def __init__(self, call: str, status: int, body: Json) -> None:
        self.status, self.body = status, body
        self.code = str(body.get("code"))
        super().__init__(f"{call}: {status} {self.code}: {body.get('detail')}")


class TookTooLong(Exception):
    """Something that should have happened did not; the message says what."""


class Calls:
    """One HTTP service. Loopback never goes through a proxy."""

    def __init__(self, base: str, timeout: float = 60.0) -> None:
        self.base, self._timeout = base, timeout
        self._http = httpx.Client(base_url=base, timeout=httpx.Timeout(45, connect=5), trust_env=False)

    def close(self) -> None:
        self._http.close()

    def send(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **content: Any
    ) -> httpx.Response:
        """The answer, whatever it is, once there is one."""
        deadline = time.monotonic() + self._timeout
        while True:
            trouble = ""
            try:
                answer = self._http.request(method, path, headers=headers, **content)
                if answer.status_code not in _TRY_AGAIN:
                    return answer
                trouble = f"{answer.status_code} {answer.text[:200]}"
            except httpx.TransportError as error:
                trouble = f"{type(error).__name__} {error}"
            if time.monotonic() > deadline:
                raise TookTooLong(f"{method} {path} found no answer in {self._timeout:.0f} s; the last was: {trouble}")
            time.sleep(_PAUSE)

    def json(self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **content: Any) -> Any:
        """The JSON of a good answer.

        Raises:
            Refused: the answer is a 4xx or a 500.
        """
        return body_of(self.send(method, path, headers=headers, **content))


def body_of(answer: httpx.Response) -> Any:
    """The JSON of an answer; a refusal is raised."""
    if answer.is_success:
        return answer.json()
    request = answer.request
    try:
        body = answer.json()
    except ValueError:
        body = {"detail": answer.text[:300]}
    raise Refused(f"{request.method} {request.url.path}", answer.status_code, body if isinstance(body, dict) else {})


def until(what: str, ask: Callable[[], Any], timeout: float = 30.0, pause: float = 0.1) -> Any:
    """Ask again and again until the answer is truthy; returns it.

    Raises:
        TookTooLong: it never was.
    """
    began = time.monotonic()
    while not (answer := ask()):
        waited = time.monotonic() - began
        if waited > timeout:
            raise TookTooLong(f"waited {timeout:.0f} s for {what}")
        time.sleep(pause_after(waited, pause))
    return answer


def pause_after(waited: float, least: float = 0.1) -> float:
    """Seconds until the next look, after so many of waiting: looks take the processor time that the awaited needs."""
    return max(least, min(waited / 8, _LONGEST_PAUSE))
