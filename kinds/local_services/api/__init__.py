"""The HTTP API of local services."""
