"""What `make check` looks at beside format, lint, types and imports: `python -m checks` runs all of it.

Each module has ``problems(root)``: a line for each violation below that folder, none when all is well. A test of each
plants a violation and sees it refused.
"""
