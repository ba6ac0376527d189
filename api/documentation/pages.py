"""Swagger and ReDoc with their scripts from this server: the usual pages load them from elsewhere and stay blank
on a machine without a way out.
"""

from pathlib import Path

import fastapi_offline
from fastapi import FastAPI
from fastapi.openapi.docs import get_redoc_html, get_swagger_ui_html
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

from api.documentation import openapi

_SCRIPTS = Path(fastapi_offline.__file__).parent / "static"
_AT = "/reference"
# Whoever tries a call out here has a token in the page: it is not to be clicked through somebody else's.
_ALONE = {"Content-Security-Policy": "frame-ancestors 'none'", "X-Frame-Options": "DENY"}

_REHEARSAL = b"<footer><strong>Rehearsal: nothing here is real</strong></footer>\n"


def install(app: FastAPI, *, rehearsal: bool) -> None:
    """Add both pages; the application is made without FastAPI's own. ``rehearsal``: each says so at its foot."""
    swagger = get_swagger_ui_html(
        openapi_url=openapi.URL,
        title=f"{app.title}: try it out",
        swagger_js_url=f"{_AT}/swagger-ui-bundle.js",
        swagger_css_url=f"{_AT}/swagger-ui.css",
        swagger_favicon_url=f"{_AT}/favicon.png",
    )
    redoc = get_redoc_html(
        openapi_url=openapi.URL,
        title=f"{app.title}: reference",
        redoc_js_url=f"{_AT}/redoc.standalone.js",
        redoc_favicon_url=f"{_AT}/favicon.png",
        with_google_fonts=False,
    )

    for page in (swagger, redoc):
        page.headers.update(_ALONE)
        if rehearsal:
            page.body = bytes(page.body).replace(b"</body>", _REHEARSAL + b"</body>")
            page.headers["Content-Length"] = str(len(page.body))

    @app.get("/docs", include_in_schema=False)
    async def try_it_out() -> HTMLResponse:
        return swagger

    @app.get("/redoc", include_in_schema=False)
    async def read_it() -> HTMLResponse:
        return redoc

    app.mount(_AT, StaticFiles(directory=_SCRIPTS), name="reference")
