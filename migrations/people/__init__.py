"""Revisions of the tables of people, in the schema of each kind."""
