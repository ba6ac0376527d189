"""How settings are written in the environment: durations as ``90s``, ``30m``, ``48h``, ``2d``; lists with commas."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}


class Group(BaseSettings):
    """Settings that belong together; they do not change while a process runs, and an empty variable is none."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    def lacking(self) -> Iterable[str]:
        """What production has to set of a kind's own settings: a sentence for each, which begins with its variable."""
        return ()


def duration(text: Any) -> Any:
    """Read ``90s``, ``30m``, ``48h``, ``2d`` as a timedelta; anything else is left to pydantic."""
    if isinstance(text, str) and (found := re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)\s*", text)):
        return timedelta(seconds=float(found[1]) * _UNITS[found[2]])
    return text


def durations(text: Any) -> Any:
    """Read ``24h,4h`` as a tuple of timedeltas."""
    if isinstance(text, str):
        return tuple(duration(part) for part in text.split(",") if part.strip())
    return text


def words(text: Any) -> Any:
    """Read a comma-separated list as a tuple."""
    if isinstance(text, str):
        return tuple(part.strip() for part in text.split(",") if part.strip())
    return text


def moment(text: Any) -> Any:
    """Refuse at the start what would fail only when the moment is asked for."""
    if isinstance(text, str):
        datetime.fromisoformat(text)
    return text


def is_loopback(url: str) -> bool:
    """Whether an address can be reached from its own machine alone."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    try:
        return ip_address(host).is_loopback or ip_address(host).is_unspecified
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def is_web_address(url: str) -> bool:
    """Whether a browser or a client of HTTP could follow it."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def is_exposed(url: str) -> bool:
    """Whether what is sent there crosses the Internet in the clear: HTTP to a host beyond our own network."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    try:
        own = ip_address(host).is_private
    except ValueError:
        own = "." not in host or is_loopback(url)
    return urlsplit(url).scheme == "http" and not own


def web_address(text: Any) -> Any:
    """Refuse at the start what no client of HTTP can call."""
    if isinstance(text, str) and not is_web_address(text):
        raise ValueError("it is no web address (https://..)")
    return text


def variable(group: type[BaseSettings], name: str) -> str:
    """The environment variable that a field is read from."""
    alias = group.model_fields[name].validation_alias
    return str(alias or group.model_config.get("env_prefix", "") + name).upper()


def default_of(field: FieldInfo) -> str | None:
    """The default of a setting as one would write it; secrets are not told."""
    match field.default:
        case None:
            return None
        case SecretStr():
            return "for development only"
        case tuple(values):
            return ",".join(_written(value) for value in values) or None
        case value:
            return _written(value)


def _written(value: Any) -> str:
    if isinstance(value, timedelta):
        seconds = value.total_seconds()
        for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
            if seconds >= size and seconds % size == 0:
                return f"{seconds / size:.0f}{unit}"
        return f"{seconds:g}s"
    return str(value).lower() if isinstance(value, bool) else str(value)


Duration = Annotated[timedelta, BeforeValidator(duration)]
Durations = Annotated[tuple[timedelta, ...], NoDecode, BeforeValidator(durations)]
Limit = Annotated[timedelta, BeforeValidator(duration), Field(ge=timedelta(milliseconds=100), le=timedelta(hours=1))]
WebAddress = Annotated[str, BeforeValidator(web_address)]
Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(words)]
