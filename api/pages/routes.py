"""The pages' addresses. They show nothing by themselves: what is to be seen comes from the API, with a token."""

from functools import cache
from pathlib import Path

import jinja2
from fastapi import APIRouter, Response
from starlette.exceptions import HTTPException

from api.auth.login_by import LoginBy
from api.dependencies import OpenResources
from api.pages.protection import CheckoutSources, checkout_at, headers
from api.pages.static_files import StaticFiles

_HERE = Path(__file__).parent


def page_routes(kind_pages: Path | None, login_by: LoginBy, *, rehearsal: bool) -> APIRouter:
    """The engine's pages and scripts, and those of the kind in the folder: ``templates`` and ``static``.

    The kind's templates are ``bookings.html`` (login, then the list) and ``booking.html``; without a folder there are
    no pages of bookings. ``rehearsal``: each says so at its foot.
    """
    folders = [_HERE, *filter(None, [kind_pages])]
    files = StaticFiles([folder / "static" for folder in folders])
    loader = jinja2.FileSystemLoader([folder / "templates" for folder in folders])
    templates = jinja2.Environment(loader=loader, autoescape=True)
    router = APIRouter(include_in_schema=False)

    @cache
    def text(template: str, checkout: CheckoutSources | None) -> str:
        page = templates.get_template(template)
        facts = {"scripts": files.scripts(), "checkout": checkout, "login_by": login_by}
        return page.render(static=f"/static/{files.edition}", rehearsal=rehearsal, **facts)

    def page(template: str, checkout: CheckoutSources | None = None) -> Response:
        content = text(template, checkout)
        return Response(content, headers=headers(checkout), media_type="text/html; charset=utf-8")

    @router.get("/password")
    async def password() -> Response:
        """Ask for a link to set a password, or use one: its secret stands behind the "#", where no server sees it."""
        return page("password.html")

    @router.get("/contact")
    async def contact() -> Response:
        """Take back a change of phone or mail address, with the link from the mail."""
        return page("contact.html")

    @router.get("/second-factor")
    async def second_factor() -> Response:
        """Where an admin sets up the second factor: after the login, whose token may be good for nothing else."""
        return page("second_factor.html")

    @router.get("/static/{edition}/{name}")
    async def static(edition: str, name: str) -> Response:
        """Scripts, styles, the icon."""
        file = files.file(name)
        if file is None:
            raise HTTPException(404)
        return Response(file.content, headers={"Cache-Control": files.caching(edition)}, media_type=file.media_type)

    if kind_pages is not None:

        @router.get("/")
        async def bookings() -> Response:
            """Login, then the list of one's own bookings."""
            return page("bookings.html")

        @router.get("/bookings/{booking_id}")
        async def booking(opened: OpenResources) -> Response:
            """The same page for every booking, whether it exists or not: the script asks the API for it."""
            return page("booking.html", checkout_at(opened.settings.razorpay.base_url))

    return router
