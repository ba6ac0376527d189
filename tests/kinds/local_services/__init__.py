"""The tests of local services."""
