"""Notices: what people are told of a booking in the application and on their devices, beside e-mails.

A kind says who is told of the newest entry of a booking's timeline. The projection writes these with the version, keyed
by booking, version, person and type: each once, however often a version is written.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Notice:
    """What one person is told; a version tells a person one notice of each type.

    ``payload`` is for the application. ``title`` and ``body`` are for a device, where others may read them; without a
    title no device is told.
    """

    person_id: str
    type: str
    payload: Mapping[str, Any]
    title: str = ""
    body: str = ""
