"""RequestMetrics against real servers: what is promised about load, in figures. Never part of the tests."""
