"""The log of mails, and sending one again."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import StringConstraints

from adapters.postgres.email_log import LOGS, stored
from api.bookings.dependencies import Services
from api.dependencies import CurrentUser, OpenResources, ReadConnection, requires
from api.emails import email_queue
from api.emails.resending import resent_mail
from api.lists import WantedPage
from api.responses import reply
from api.schemas.fields import LARGEST_ID, Day, NoNul
from api.schemas.notifications import MailResent, NotificationAnswer
from domain.errors import NotFound

router = APIRouter(prefix="/notification", tags=["notifications"])


Words = Annotated[str, StringConstraints(max_length=254), NoNul]
Admin = Annotated[CurrentUser, requires("READ:NOTIFICATION_LOG")]


@router.get("/logs", response_model=list[NotificationAnswer], summary="Every attempt to send a mail, newest first")
@router.get(
    "/notifications/logs",
    name="logs_by_long_path",
    response_model=list[NotificationAnswer],
    summary="The same as /notification/logs",
)
async def logs(
    _: Admin,
    services: Services,
    opened: OpenResources,
    connection: ReadConnection,
    wanted: WantedPage,
    notification_category: Annotated[Words | None, Query(description="By name or id")] = None,
    recipient: Annotated[Words | None, Query(description="A mail address")] = None,
    since: Annotated[Day | None, Query(alias="from", description="On that date or later")] = None,
    until: Annotated[Day | None, Query(alias="to", description="On that date or earlier")] = None,
) -> Response:
    """Dates are the shop's."""
    narrowed: dict[str, Any] = {"category": notification_category, "recipient": recipient}
    narrowed |= {"since": since, "until": until, "zone": opened.settings.company.shop_timezone}
    narrowed["booking_kind"] = services.kind.name
    return await wanted.of(connection, LOGS, **narrowed)


@router.post("/{notification_id}/resend", status_code=202, response_model=MailResent, summary="Send a mail again")
async def resend(
    notification_id: Annotated[int, Path(ge=1, le=LARGEST_ID)],
    _: Annotated[CurrentUser, requires("WRITE:NOTIFICATION_LOG")],
    services: Services,
    connection: ReadConnection,
    opened: OpenResources,
) -> Response:
    """It says what it said then and goes to the address that its reader has today; a link in it is a fresh one.
    While one is on its way, asking again does not make it two."""
    found = await stored(connection, services.kind.name, notification_id)
    if found is None:
        raise NotFound(f"there is no notification {notification_id}")
    mail = resent_mail(found, services.kind.name, opened.settings.web)
    await email_queue.send(opened, mail)
    recipient = found.email or mail.to
    return reply({"message": f"the mail goes to {recipient} again", "recipient_email": recipient}, 202)
