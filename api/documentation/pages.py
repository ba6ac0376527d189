"""Swagger and ReDoc with their scripts from this server: the usual pages load them from elsewhere and stay blank
on a machine without a way out.
"""

import base64
import hashlib
import re
from pathlib import Path

import fastapi_offline
from fastapi import FastAPI
from fastapi.openapi.docs import get_redoc_html, get_swagger_ui_html, swagger_ui_default_parameters
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

from api.documentation import openapi

_SCRIPTS = Path(fastapi_offline.__file__).parent / "static"
_AT = "/reference"
_INLINE = re.compile(rb"<script>(.*?)</script>", re.DOTALL)
_COMPILES = "'unsafe-eval'"
"""ReDoc makes functions of the schemas that it reads."""
_CODES = b"<script>\n" + (Path(__file__).parent / "swagger_codes.js").read_bytes() + b"</script>\n"
_BUNDLE, _WITH_CODES = b"SwaggerUIBundle({", b"SwaggerUIBundle({\n...codes,"
_SWAGGER = {"docExpansion": "none", "defaultModelsExpandDepth": -1, "filter": True}
"""Groups are closed at first and models shown where they are used: all at once keep a browser busy for a minute."""
_REHEARSAL = b"<footer><strong>Rehearsal: nothing here is real</strong></footer>\n"


def install(app: FastAPI, *, rehearsal: bool) -> None:
    """Add both pages; the application is made without FastAPI's own. ``rehearsal``: each says so at its foot."""
    swagger = get_swagger_ui_html(
        openapi_url=openapi.URL,
        title=f"{app.title}: try it out",
        swagger_js_url=f"{_AT}/swagger-ui-bundle.js",
        swagger_css_url=f"{_AT}/swagger-ui.css",
        swagger_favicon_url=f"{_AT}/favicon.png",
        swagger_ui_parameters={**swagger_ui_default_parameters, **_SWAGGER},
    )
    redoc = get_redoc_html(
        openapi_url=openapi.URL,
        title=f"{app.title}: reference",
        redoc_js_url=f"{_AT}/redoc.standalone.js",
        redoc_favicon_url=f"{_AT}/favicon.png",
        with_google_fonts=False,
    )

    swagger.body = bytes(swagger.body).replace(_BUNDLE, _WITH_CODES, 1).replace(b"<script>", _CODES + b"<script>", 1)
    for page, *more in ((swagger,), (redoc, _COMPILES)):
        page.headers["Content-Security-Policy"] = _policy(bytes(page.body), *more)
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


def _policy(page: bytes, *more: str) -> str:
    """Nothing from elsewhere, and of scripts within the page only those that it came with: who tries a call out has a
    token in the page. Both tools write styles of their own; ReDoc searches in a worker."""
    hashes = [base64.b64encode(hashlib.sha256(script).digest()).decode() for script in _INLINE.findall(page)]
    rules = {
        "default-src": ["'none'"],
        "script-src": ["'self'", *(f"'sha256-{each}'" for each in hashes), *more],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "worker-src": ["'self'", "blob:"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in rules.items())
