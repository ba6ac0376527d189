"""Bookings on a real Temporal server, with fakes behind the real activities."""
