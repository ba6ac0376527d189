"""The HTTP API of vehicle services: its own routes, and those of the engine in its shapes."""

from kinds.vehicle_service.api.kind import API

__all__ = ["API"]
