"""Which services can be named, by the product's own variables, and what is done there."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass

GIVEN = "VERIFY_GIVEN"
"""Where the command leaves for its tests what the environment said: `tests/conftest.py` forgets everything else."""
MAIL_TO = "VERIFY_MAIL_TO"
_OURS = ("RAZORPAY_", "MONGODB_", "TEMPORAL_", "MAIL_")
_LIVE = "rzp_live_"


class Refused(ValueError):
    """What is named must not be tried."""


@dataclass(frozen=True)
class Service:
    """A service, the file of its tests, the variables that name it, what is compared there, and what it leaves."""

    name: str
    tests: str
    needs: tuple[str, ...]
    compared: str
    leaves: str


SERVICES = (
    Service(
        "Razorpay, test mode",
        "test_provider.py",
        ("RAZORPAY_KEY_ID", "RAZORPAY_KEY_SECRET"),
        "orders, refusals and their words, captures, refunds and their keys, the lists of payments, refunds and "
        "disputes, the signatures of callbacks and webhooks",
        "some orders that nobody pays, and refunds of payments that you make for it (the provider deletes nothing)",
    ),
    Service(
        "MongoDB",
        "test_documents.py",
        ("MONGODB_URI",),
        "indexes, the GST percent, texts, questions page by page, collections exchanged as a restore does it",
        "nothing: a database of its own, revcare_verify_..., which is dropped",
    ),
    Service(
        "a Temporal cluster",
        "test_workflows.py",
        ("TEMPORAL_ADDRESS",),
        "the namespace and its search attributes, payloads, refusals, repeats and schedules as the product relies on",
        "nothing: workflows, a queue and a schedule named revcare-verify-..., which are deleted",
    ),
    Service(
        "an SMTP relay",
        "test_mail.py",
        ("MAIL_SERVER", "MAIL_FROM", MAIL_TO),
        "login, encryption, two mails over one connection",
        f"two mails in the mailbox of {MAIL_TO}",
    ),
)


def given_by(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that name services.

    Raises:
        Refused: the key is one with which money moves.
    """
    found = {name: value for name, value in environment.items() if value and name.startswith((*_OURS, MAIL_TO))}
    if found.get("RAZORPAY_KEY_ID", "").startswith(_LIVE):
        raise Refused("RAZORPAY_KEY_ID is a live key: with a test key no money moves (dashboard, test mode, API keys)")
    return found


def given(service: str) -> dict[str, str]:
    """What the tests of this file were given; nothing when the embedded server is meant."""
    known: dict[str, str] = json.loads(os.environ.get(GIVEN, "{}"))
    needs = next(each.needs for each in SERVICES if each.tests == service)
    return known if all(known.get(name) for name in needs) else {}


def plan(known: Mapping[str, str]) -> tuple[list[Service], str]:
    """The services that are named, and what is told of all."""
    named, lines = [], []
    for service in SERVICES:
        missing = [name for name in service.needs if not known.get(name)]
        lines.append(f"{service.name}: {'compared' if not missing else 'not named, needs ' + ', '.join(missing)}")
        lines += [f"    compares {service.compared}", f"    leaves {service.leaves}"]
        if not missing:
            named.append(service)
    return named, "\n".join(lines)
