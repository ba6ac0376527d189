"""The HTTP API of local services."""

from kinds.local_services.api.kind import API

__all__ = ["API"]
