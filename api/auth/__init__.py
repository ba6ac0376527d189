"""Logins: what limits wrong passwords."""
