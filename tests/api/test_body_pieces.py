"""Bodies as they come in pieces: kept whole wherever they lie, and looked through as if they had come at once."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from api.http.bodies import ALWAYS_TAKEN, BodyLimit, BodyRoom, NoRoom

LIMIT = 10_000_000
PIECES = [bytes([number]) * 262_144 for number in range(30)]


class Reader:
    """The application: it takes what it gets, and answers."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        more = True
        while more:
            message = await receive()
            self.pieces.append(message["body"])
            more = message["more_body"]
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


async def sent(folder: Path, pieces: list[bytes], media: str = "multipart/form-data") -> tuple[int, list[bytes]]:
    """The status, and what reached the application."""
    application, statuses = Reader(), []
    left = iter(pieces)

    async def receive() -> Any:
        piece = next(left)
        return {"type": "http.request", "body": piece, "more_body": piece is not pieces[-1]}

    async def send(message: Any) -> None:
        statuses.append(message.get("status"))

    scope = {"type": "http", "method": "POST", "path": "/x", "headers": [(b"content-type", media.encode())]}
    room = BodyRoom(4 * LIMIT)
    await BodyLimit(application, room, LIMIT, {}, 5, folder / "uploads")(scope, receive, send)
    with room.share(known=False) as share:
        share.take(LIMIT)  # nothing is missing of it
    return statuses[0], application.pieces


def kept_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def test_a_large_body_lies_in_a_file_and_arrives_whole(tmp_path: Path):
    status, arrived = await sent(tmp_path, PIECES)
    assert status == 200
    assert hashlib.sha256(b"".join(arrived)).digest() == hashlib.sha256(b"".join(PIECES)).digest()
    assert max(map(len, arrived)) <= 1_000_000
    assert kept_in(tmp_path / "uploads") == []  # the file has no name


@pytest.mark.parametrize("pieces", [[b"{}"], [b""], [b"", b'{"a":', b" 1}"], [b"{", b"}", b""]])
async def test_a_small_body_arrives_at_once(tmp_path: Path, pieces: list[bytes]):
    assert await sent(tmp_path, pieces, "application/json") == (200, [b"".join(pieces)])
    assert kept_in(tmp_path) == []


@pytest.mark.parametrize(
    "pieces", [[b'{"a": "\\u0', b'000"}'], [b'{"a": "\\', b"u", b'0000"}'], [b'{"a": "', b"\0", b'"}']]
)
async def test_a_nul_that_comes_in_pieces_is_found(tmp_path: Path, pieces: list[bytes]):
    assert await sent(tmp_path, pieces, "application/json") == (422, [])


def test_whoever_fills_the_room_stops_neither_small_bodies_nor_people_who_are_logged_in():
    room = BodyRoom(4 * LIMIT)
    with room.share(known=False) as full, room.share(known=False) as later, room.share(known=True) as known:
        full.take(LIMIT + ALWAYS_TAKEN)
        later.take(ALWAYS_TAKEN)
        with pytest.raises(NoRoom):
            later.take(1)
        known.take(LIMIT)
    with room.share(known=False) as again:
        again.take(LIMIT + ALWAYS_TAKEN)
