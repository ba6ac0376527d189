"""What production has to set itself, asked of each process for what it reads, and what no process of it takes.

Production is where nobody says otherwise: development has a value for everything, and ``REVCARE_ENVIRONMENT`` has to
name it. A value that must never get to production keeps every process from starting that finds it, a value that is
missing each process that reads it.
"""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum

from pydantic import SecretStr

from backup_settings import Backups
from kind_settings import unfit_addresses, without_address
from push_settings import FIREBASE, PushService
from setting_types import Group, is_loopback, is_web_address, variable
from settings import DEVELOPMENT_SECRET, PROVIDER, Process, Razorpay, Secrets, Settings, Web

KEY_BYTES = 32
"""How long a key that signs tokens is at least: whoever guesses it is anybody."""
_LIVE, _TEST = "rzp_live_", "rzp_test_"


class Part(StrEnum):
    """What runs by itself and reads settings of its own; a worker of both roles is two of these."""

    API = "API"
    WORKFLOWS = "worker workflows"
    ACTIVITIES = "worker activities"
    INVITATIONS = "operations add-admin"
    OPERATIONS = "operations"
    BOOKS = "operations books"
    MIGRATIONS = "migrations"


NEEDED: Mapping[Part, Mapping[str, tuple[str, ...]]] = {
    Part.API: {
        "secrets": ("secret_key", "refresh_secret_key"),
        "razorpay": ("key_id", "key_secret", "webhook_secret"),
        "web": ("public_url",),
        "company": ("supplier_gstin",),
    },
    Part.WORKFLOWS: {"company": ("supplier_name", "supplier_gstin", "supplier_address")},
    Part.ACTIVITIES: {
        "secrets": ("secret_key",),
        "razorpay": ("key_id", "key_secret"),
        "mail": ("server",),
        "web": ("public_url",),
    },
    Part.BOOKS: {"razorpay": ("key_id", "key_secret")},
    Part.INVITATIONS: {"secrets": ("secret_key",), "web": ("public_url",)},
}
"""By part and group, the fields that production sets. ``company`` is read for kinds without a supplier of their own:
the workflows role issues documents, and an API may ask in which State the supplier is registered."""


def mistakes(settings: Settings, parts: Iterable[Part], kinds: Iterable[str], *, supplier: bool) -> list[str]:
    """What keeps these parts from starting for these kinds, each a sentence that begins with its variable.

    ``supplier``: one of the kinds has no supplier of its own.
    """
    parts, kinds = tuple(parts), tuple(kinds)
    found = list(_beside_rehearsal(settings))
    if settings.process.environment == "production":
        needed = {f"{name} is not set": None for part in parts for name in _missing(settings, part, supplier=supplier)}
        found += needed
        if any("web" in NEEDED.get(part, {}) for part in parts):
            found += [
                f"{name} is not set to an address that customers reach" for name in without_address(kinds, settings)
            ]
        found += [*unfit_addresses(kinds, settings), *_refused(settings)]
    return _first_of_each(found)


def _missing(settings: Settings, part: Part, *, supplier: bool) -> Iterator[str]:
    """The variables that still have development's value, but for addresses."""
    for group, fields in NEEDED.get(part, {}).items():
        if group == "web" or (group == "company" and not supplier):
            continue
        values: Group = getattr(settings, group)
        for name in fields:
            # A mail server on the same machine is one as any other; that of development is not meant.
            if _is_default(values, name) if group != "mail" else name not in values.model_fields_set:
                yield variable(type(values), name)


def _is_default(values: Group, name: str) -> bool:
    value, default = getattr(values, name), type(values).model_fields[name].default
    return bool(value == default or (isinstance(value, SecretStr) and not _text(value)))


def _beside_rehearsal(settings: Settings) -> Iterator[str]:
    if settings.process.rehearsal and settings.razorpay.key_id.startswith(_LIVE):
        yield f"{variable(Process, 'rehearsal')} is not for a live key (RAZORPAY_KEY_ID)"


def _refused(settings: Settings) -> Iterator[str]:
    """What is set, and must not be."""
    yield from _secrets(settings.secrets, settings.razorpay)
    yield from _previous(settings.razorpay)
    yield from _open_to_all(settings.web)
    yield from _unkept(settings.backups)
    yield from _addresses(settings)


def _secrets(secrets: Secrets, razorpay: Razorpay) -> Iterator[str]:
    groups: tuple[tuple[Group, tuple[str, ...]], ...] = (
        (secrets, ("secret_key", "refresh_secret_key")),
        (razorpay, ("key_secret", "webhook_secret")),
    )
    for group, names in groups:
        for name in names:
            if name in group.model_fields_set:
                text = _text(getattr(group, name))
                if text.startswith(DEVELOPMENT_SECRET):
                    yield f"{variable(type(group), name)} is one that everybody knows"
                elif group is secrets and (length := len(text.encode())) < KEY_BYTES:
                    yield f"{variable(type(group), name)} has {length} bytes, a key needs {KEY_BYTES}"
    if secrets.hashing != "strong":
        yield f"{variable(Secrets, 'hashing')} makes stolen passwords easy to guess"
    if secrets.secret_key == secrets.refresh_secret_key:
        yield "SECRET_KEY and REFRESH_SECRET_KEY must differ"


def _previous(razorpay: Razorpay) -> Iterator[str]:
    if razorpay.webhook_secret_previous and not razorpay.webhook_secret_previous_until:
        name = variable(Razorpay, "webhook_secret_previous_until")
        yield f"{name} is not set: the previous secret would be good for ever"


def _open_to_all(web: Web) -> Iterator[str]:
    if any("*" in origin or origin == "null" for origin in web.cors_origins):
        yield f"{variable(Web, 'cors_origins')} lets every website in"


def _unkept(backups: Backups) -> Iterator[str]:
    if backups.min_backup_age_days < 1:
        yield f"{variable(Backups, 'min_backup_age_days')} lets a stolen login delete every backup at once"


def _addresses(settings: Settings) -> Iterator[str]:
    """What only a rehearsal may have: its own machine, a test key, a sandbox."""
    url = settings.web.public_url
    if not is_web_address(url):
        yield f"{variable(Web, 'public_url')} is no web address"
    if settings.process.rehearsal:
        return
    if "public_url" in settings.web.model_fields_set and is_loopback(url):
        yield f"{variable(Web, 'public_url')} is an address of this machine"
    if settings.razorpay.base_url.rstrip("/") != PROVIDER:
        yield f"{variable(Razorpay, 'base_url')} is a sandbox"
    if settings.pushes.base_url.rstrip("/") != FIREBASE:
        yield f"{variable(PushService, 'base_url')} is a sandbox"
    if settings.razorpay.key_id.startswith(_TEST) and "key_id" in settings.razorpay.model_fields_set:
        yield f"{variable(Razorpay, 'key_id')} is a test key"


def _text(secret: SecretStr) -> str:
    return secret.get_secret_value().strip()


def _first_of_each(sentences: list[str]) -> list[str]:
    """One sentence for each variable."""
    found: dict[str, str] = {}
    for sentence in sentences:
        found.setdefault(sentence.partition(" ")[0], sentence)
    return list(found.values())
