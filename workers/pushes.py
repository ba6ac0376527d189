"""How this process reaches the push service: what speaks to it is loaded only where somebody is to be pushed to."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from activities.pushes import PushSender
from push_settings import PushService

_FIELDS = {"project_id", "client_email", "private_key", "token_uri"}


def must_be_usable(pushes: PushService) -> None:
    """Look at the file of the service account, if one is named.

    Raises:
        ValueError: it is not there, or is none of a service account.
    """
    if pushes.credentials is None:
        return
    try:
        described = json.loads(pushes.credentials.read_bytes())
    except (OSError, ValueError) as fault:
        raise ValueError(f"FCM_CREDENTIALS: {pushes.credentials} cannot be read ({type(fault).__name__})") from None
    if not isinstance(described, dict) or not described.keys() >= _FIELDS:
        raise ValueError(f"FCM_CREDENTIALS: {pushes.credentials} is no file of a service account")


def unusable(pushes: PushService) -> list[str]:
    """What keeps this process from pushing: a sentence that begins with its variable, or nothing."""
    try:
        must_be_usable(pushes)
    except ValueError as fault:
        return [str(fault)]
    return []


@asynccontextmanager
async def push_sender(pushes: PushService) -> AsyncIterator[PushSender | None]:
    """The way to the push service for as long as the block runs; None where there is none."""
    if pushes.credentials is None:
        yield None
        return
    from adapters.push import FcmSender

    sender = FcmSender(pushes.credentials, pushes.base_url)
    try:
        yield sender
    finally:
        await sender.close()
