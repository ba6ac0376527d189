"""Temporal: the client with our converters, signals to workflows, schedules, and the log of activities."""
