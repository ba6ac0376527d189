"""Gateways for text messages."""

from adapters.sms.http import HttpSmsSender, NotTaken

__all__ = ["HttpSmsSender", "NotTaken"]
