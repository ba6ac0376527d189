"""Fields of a request's head, as the server has read them."""

from collections.abc import Iterable


def first_header(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> str:
    """The value of the first field of this name, in lower case; empty if there is none."""
    return next((value.decode("latin-1") for field, value in headers if field == name), "")
