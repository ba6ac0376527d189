"""Uploads of images, and the images as they are served."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, File, Path, Request, Response, UploadFile

from adapters.images.uploads import Uploads
from api.dependencies import LoggedIn, OpenResources
from api.pictures import kept_picture
from api.responses import reply
from api.schemas.images import UploadAnswer

router = APIRouter(prefix="/utils/images", tags=["utils"])
shown = APIRouter(prefix="/uploads", tags=["utils"])

_FOR_GOOD = "public, max-age=31536000, immutable"
_PICTURES: dict[int | str, dict[str, Any]] = {
    200: {"content": {kind: {} for kind in ("image/jpeg", "image/png", "image/webp")}}
}


@router.post(
    "", status_code=201, response_model=UploadAnswer, summary="Store a picture: JPEG, PNG, WebP or AVIF up to 15 MB"
)
async def upload(
    person: LoggedIn, opened: OpenResources, file: Annotated[UploadFile, File(description="The picture, as it is")]
) -> Response:
    """Its path goes into the `images` of reports, analyses, services and reviews. Everybody who knows it can see it.

    It is stored upright, with at most 2,560 pixels on its longer side, as JPEG, or as PNG where something may show
    through; nothing else of the file is kept, neither where and when it was taken nor what stands behind its end. A
    JPEG, PNG or WebP that is like that already stays as it is. HEIC is taken where the server has a decoder for it. A
    picture that cannot be decoded is 422; while other pictures are being decoded it may be 503, with `Retry-After`. So
    is every picture while the disk is nearly full. What one person may upload in a day has a limit (429).

    A picture that nothing names is deleted after a day.
    """
    name = await kept_picture(opened, person.id, file)
    path = f"/uploads/{name}"
    return reply({"path": path, "url": opened.settings.web.public_url.rstrip("/") + path}, 201)


@shown.get("/{name}", response_class=Response, responses=_PICTURES, summary="A stored picture")
async def picture(request: Request, opened: OpenResources, name: Annotated[str, Path(max_length=200)]) -> Response:
    """A name is never used twice, so it may be kept for good."""
    headers = {"Cache-Control": _FOR_GOOD, "ETag": f'"{name}"'}
    found = await asyncio.to_thread(Uploads(opened.settings.web.uploads).read, name)
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(found.content, headers=headers | _AS_A_PICTURE, media_type=found.media_type)


# Whatever else a file contains: browsers show it as an image and never run it.
_AS_A_PICTURE = {
    "Content-Disposition": "inline",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
