"""One's own sessions: on which devices one is logged in, and the end of one of them."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from adapters.postgres.people.own_sessions import OPEN_SESSIONS, end_session_of
from api.dependencies import LoggedIn, ReadConnection, WriteTransaction
from api.lists import WantedPage
from api.responses import done
from api.schemas.answers import Message
from api.schemas.auth import SessionAnswer
from domain.errors import NotFound

router = APIRouter(prefix="/auth/sessions", tags=["auth"])

SessionId = Annotated[str, Path(pattern="^[A-Za-z0-9_-]{1,100}$", examples=["9vKx0rT4mWq8uZ1bN7cJdQ"])]


@router.get("", response_model=list[SessionAnswer], summary="Where I am logged in, newest first")
async def sessions(person: LoggedIn, connection: ReadConnection, wanted: WantedPage) -> Response:
    """`device` and `address` are those of the login, or of the last time that its tokens were renewed."""
    return await wanted.of(connection, OPEN_SESSIONS, person=person.id, jti=person.jti)


@router.delete("/{session_id}", response_model=Message, summary="End one of my sessions everywhere, at once")
async def end(person: LoggedIn, connection: WriteTransaction, session_id: SessionId) -> Response:
    """Its tokens are refused from now on by every process, and its live streams end. Ending the current one is a
    logout."""
    if not await end_session_of(connection, person.id, session_id):
        raise NotFound(f"there is no session {session_id}")
    return done("the session was ended")
