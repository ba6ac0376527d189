"""What stands above the table of all settings."""

SETTINGS_PAGE = """# Settings

Written by `python -m checks.interface` from `settings.py` and `kinds/*/settings.py`; edit the docstrings there. What is
of a kind is read only by processes that serve it. Durations read as `90s`, `30m`, `48h`, `2d`, lists are separated by
commas, and an empty variable is as good as none. `TEMPORAL_*` is read by Temporal's own environment configuration and
not listed. "Needed by" is what does not start where the variable is not set, unless `REVCARE_ENVIRONMENT=development`
is; the supplier is needed where a kind has none of its own, `REVCARE_PUBLIC_URL` where the default kind is served.

Without `REVCARE_ENVIRONMENT` a process is one of production. None starts with a secret that everybody knows, a key for
tokens below 32 bytes, the same key twice, a wildcard among the origins, an address of its own machine for customers, a
test key, a sandbox of the provider, a previous webhook secret without an end, or backups that may be deleted on the day
that they are made: one line names every mistake, and the exit code is not 0. `REVCARE_REHEARSAL=1` lets the addresses,
the test key and the sandbox pass, nothing else, and never beside a live key. It stands in the first line of the log, in
`/health/ready`, at the foot of the pages and in the subject of every e-mail.
"""
