"""Revisions of the tables of local services, one chain."""
