"""Revisions of the vehicle service's own tables."""
