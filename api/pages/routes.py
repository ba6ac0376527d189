"""The pages' addresses. They show nothing by themselves: what is to be seen comes from the API, with a token."""

from functools import cache
from pathlib import Path

import jinja2
from fastapi import APIRouter, Response
from starlette.exceptions import HTTPException

from api.dependencies import OpenResources
from api.pages.protection import Checkout, checkout_at, headers
from api.pages.static_files import StaticFiles

router = APIRouter(include_in_schema=False)

_HERE = Path(__file__).parent
_STATIC = StaticFiles(_HERE / "static")
_TEMPLATES = jinja2.Environment(loader=jinja2.FileSystemLoader(_HERE / "templates"), autoescape=True)
_READ = ["GET", "HEAD"]


@router.api_route("/", methods=_READ)
async def login() -> Response:
    """Login, then the list of one's own bookings."""
    return _page("login.html", None)


@router.api_route("/bookings/{booking_id}", methods=_READ)
async def booking(opened: OpenResources) -> Response:
    """The same page for every booking, whether it exists or not: the script reads the address and asks the API."""
    return _page("booking.html", checkout_at(opened.settings.razorpay.base_url))


@router.api_route("/password", methods=_READ)
async def password() -> Response:
    """Ask for a link to set a password, or use one: its secret stands behind the "#", where no server sees it."""
    return _page("password.html", None)


@router.api_route("/static/{edition}/{name}", methods=_READ)
async def static(edition: str, name: str) -> Response:
    """Scripts, styles, the icon."""
    file = _STATIC.file(name)
    if file is None:
        raise HTTPException(404)
    return Response(file.content, headers={"Cache-Control": _STATIC.caching(edition)}, media_type=file.media_type)


def _page(template: str, checkout: Checkout | None) -> Response:
    return Response(_text(template, checkout), headers=headers(checkout), media_type="text/html; charset=utf-8")


@cache
def _text(template: str, checkout: Checkout | None) -> str:
    page = _TEMPLATES.get_template(template)
    return page.render(static=f"/static/{_STATIC.edition}", scripts=_STATIC.scripts(), checkout=checkout)
