"""The REST API under ``/v1``: reading what was sent in the provider's words, and answering in its shapes."""
