"""The socket: what a person is told live, and a shorter way to send messages."""

from fastapi import APIRouter, WebSocket

from kinds.local_services.api.sockets.conversation import Conversation
from kinds.local_services.api.sockets.hub import Sockets

router = APIRouter(prefix="/messages", tags=["messages"])


@router.websocket("/ws")
async def socket(socket: WebSocket) -> None:
    """Refused by a code after it was accepted; see ``api.http.handshakes`` for what is refused before."""
    await Conversation(socket, _sockets_of(socket)).hold()


def _sockets_of(socket: WebSocket) -> Sockets:
    """Those of this process; the first one makes them."""
    state = socket.app.state
    if not hasattr(state, "sockets"):
        state.sockets = Sockets(state.resources, state.authenticator)
    found: Sockets = state.sockets
    return found
