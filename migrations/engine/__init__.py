"""Revisions of the engine's tables, in the schema public."""
