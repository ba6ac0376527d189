"""The embedded development stack: real servers as supervised children of one process.

Only development and tests use it; the product reads the same environment variables wherever it runs.
"""
