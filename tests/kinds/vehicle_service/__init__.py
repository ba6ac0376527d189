"""Tests of the vehicle service, and bookings of it for other tests: every one made by the rules themselves."""
