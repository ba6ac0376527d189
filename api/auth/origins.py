"""Where a login comes from, in words that its person understands."""

import re

from fastapi import Request

from adapters.postgres.people.sessions import Origin
from api.http.rate_limits import address_of

_READ = 500
"""Characters of a User-Agent that are looked at."""
# The first that is found: browsers say that they are each other.
_BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "CriOS": "Chrome",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
_SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "CrOS": "ChromeOS",
    "Mac OS X": "macOS",
    "Linux": "Linux",
}
# No dot: it is printed in mails, where programs make links of whatever looks like an address.
_PROGRAM = re.compile(r"[A-Za-z][A-Za-z-]{0,29}(?=/|$)")


def origin_of(request: Request) -> Origin:
    """The device and the network of a request."""
    return Origin(device_in(request.headers.get("user-agent", "")), address_of(request))


def device_in(user_agent: str) -> str | None:
    """ "Firefox on Linux"; of what is no browser its first word, if that is one. None: it does not say what it is."""
    said = user_agent[:_READ]
    browser = next((name for mark, name in _BROWSERS.items() if mark in said), None)
    system = next((name for mark, name in _SYSTEMS.items() if mark in said), None)
    if browser:
        return f"{browser} on {system}" if system else browser
    program = _PROGRAM.match(said)
    return program[0] if program else None
