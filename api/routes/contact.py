"""Taking back a change of phone and mail address, with the link that the address from before was sent."""

from fastapi import APIRouter, Request, Response

from adapters.auth.contact_links import SPENT
from adapters.postgres.people import contact_changes
from api.dependencies import Auth, OpenResources
from api.responses import done
from api.schemas.answers import Message
from api.schemas.contact import ContactUndo
from domain.errors import Invalid

router = APIRouter(prefix="/auth/contact", tags=["auth"])


@router.post("/undo", response_model=Message, summary="Take back a change of phone or mail address, by the mailed link")
async def undo(body: ContactUndo, request: Request, opened: OpenResources, auth: Auth) -> Response:
    """Works once. Later changes are taken back with it, every session ends, links for a password are spent.

    Whoever made the change knows the password: with ``new_password`` it is another one from now on. 409 when somebody
    else has that phone or mail address.
    """
    change = opened.contact_links.read(request.app.state.kind.name, body.token)
    new = await opened.passwords.hash(body.new_password) if body.new_password else None
    async with auth.writing() as connection:
        if not await contact_changes.undo(connection, change, new):
            raise Invalid(SPENT)
    return done("phone and mail address are as they were before; everybody was logged out")
