"""Push services."""

from adapters.push.fcm import FcmSender

__all__ = ["FcmSender"]
