"""Backups and restores, started as workflows."""
