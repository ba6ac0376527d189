"""The rules of a request for a local service: plain data and pure functions."""
