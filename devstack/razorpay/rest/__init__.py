"""The REST API under ``/v1``: requests are read and answered in the provider's field names and shapes."""
