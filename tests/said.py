"""What a command has printed that ran in the process of the tests."""

import re

import pytest

_LOGGED = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \[\w+ *\] .*\n", re.MULTILINE)


def said(capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    """To both outputs since the last time, without what bookings of other tests log there meanwhile."""
    told = capsys.readouterr()
    return _LOGGED.sub("", told.out), _LOGGED.sub("", told.err)
