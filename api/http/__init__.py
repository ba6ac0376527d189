"""The HTTP server and what wraps every request: log, limits, paths."""
