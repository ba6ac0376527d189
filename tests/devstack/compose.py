"""docker-compose.yml as a container engine reads it: variables are filled in from an environment."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
TEXT = (REPOSITORY / "docker-compose.yml").read_text()
EXAMPLE = (REPOSITORY / "env.example").read_text()
PRODUCT = ("migrate", "bootstrap", "worker", "activities", "api", "api-local-services", "operator")
"""The services that run our image."""
FILLED_IN = {
    **dict.fromkeys(("POSTGRES_PASSWORD", "POSTGRES_REVCARE_PASSWORD", "POSTGRES_TEMPORAL_PASSWORD"), "a5f0c3"),
    **dict.fromkeys(("MONGO_PASSWORD", "MONGO_REVCARE_PASSWORD"), "b6e1d4"),
    "SECRET_KEY": "7c0e" * 16,
    "REFRESH_SECRET_KEY": "8d1f" * 16,
    "RAZORPAY_KEY_ID": "rzp_live_ofthisshop",
    "RAZORPAY_KEY_SECRET": "from the dashboard",
    "RAZORPAY_WEBHOOK_SECRET": "chosen by the shop",
    "REVCARE_PUBLIC_URL": "https://service.sahyadri.example",
    "REVCARE_SUPPLIER_NAME": "Sahyadri Motors",
    "REVCARE_SUPPLIER_GSTIN": "29AAGCB7383J1Z4",
    "REVCARE_SUPPLIER_STATE": "Karnataka",
    "REVCARE_SUPPLIER_ADDRESS": "7 Tank Road, Hubballi 580020",
    "MAIL_SERVER": "smtp.sahyadri.example",
    "MAIL_USERNAME": "shop",
    "MAIL_PASSWORD": "of the mail server",
    "MAIL_FROM": "service@sahyadri.example",
}
"""What somebody writes into the empty lines of env.example."""
LOCAL_SERVICES = {
    "REVCARE_KINDS": "kinds.vehicle_service,kinds.local_services",
    "COMPOSE_PROFILES": "local-services",
    "MONGO_DATABASES": "revcare,revcare_local_services",
    "REVCARE_LOCAL_SERVICES_PUBLIC_URL": "https://near.sahyadri.example",
    "REVCARE_LOCAL_SERVICES_SMS_URL": "https://sms.sahyadri.example/send",
}
"""What they need of the lines about the second kind, to have it as well."""
_VARIABLE = re.compile(r"\$(?:(\$)|\{(\w+)(?::([?-])([^}]*))?\})")


class Unset(LookupError):
    """A variable that has to be there, and is not."""


def written_env(**filled_in: str) -> dict[str, str]:
    """``.env``, made of the example with these values in its empty lines."""
    lines = dict(line.split("=", 1) for line in EXAMPLE.splitlines() if line and not line.startswith("#"))
    assert {name for name, value in lines.items() if not value} <= filled_in.keys()
    return {**lines, **filled_in}


def filled(text: str, env: Mapping[str, str]) -> str:
    """``$$``, ``${NAME}``, ``${NAME:-default}`` and ``${NAME:?why}`` replaced as Compose does it.

    Raises:
        Unset: a variable of the last form is empty or missing.
    """

    def value(found: re.Match[str]) -> str:
        escaped, name, form, words = found.groups()
        if escaped:
            return "$"
        if form == "?" and not env.get(name):
            raise Unset(name)
        return env.get(name) or (words if form == "-" else "")

    return _VARIABLE.sub(value, text)


@cache
def hosting() -> dict[str, Any]:
    """The whole file as it is written. Read once: it takes a tenth of a second, and dozens of tests look at it."""
    found: dict[str, Any] = yaml.safe_load(TEXT)
    return found


def services() -> dict[str, Any]:
    """Every service as it is written."""
    found: dict[str, Any] = hosting()["services"]
    return found


def environment_of(service: str, env: Mapping[str, str]) -> dict[str, str]:
    """What the process of a service finds; a variable without a value is passed on where ``env`` has it."""
    found = {}
    for name, value in services()[service]["environment"].items():
        if value is not None:
            found[name] = filled(str(value), env)
        elif name in env:
            found[name] = env[name]
    return found
