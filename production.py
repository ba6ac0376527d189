"""What production has to set itself, asked of each process for what it reads.

Development has a value for everything. With ``REVCARE_ENVIRONMENT=production`` no process starts with one that must
never get there: a secret that everybody knows, an address of this machine, the supplier of the example.
"""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum

from pydantic import SecretStr
from pydantic_settings import BaseSettings

from kind_settings import without_address
from setting_types import variable
from settings import DEVELOPMENT_SECRET, Settings


class Part(StrEnum):
    """What runs by itself and reads settings of its own; a worker of both roles is two of these."""

    API = "API"
    WORKFLOWS = "worker workflows"
    ACTIVITIES = "worker activities"
    INVITATIONS = "operations add-admin"


NEEDED: Mapping[Part, Mapping[str, tuple[str, ...]]] = {
    Part.API: {
        "secrets": ("secret_key", "refresh_secret_key"),
        "razorpay": ("key_id", "key_secret", "webhook_secret"),
        "web": ("public_url",),
        "company": ("supplier_gstin",),
    },
    Part.WORKFLOWS: {"company": ("supplier_name", "supplier_gstin", "supplier_address")},
    Part.ACTIVITIES: {"secrets": ("secret_key",), "razorpay": ("key_id", "key_secret"), "web": ("public_url",)},
    Part.INVITATIONS: {"secrets": ("secret_key",), "web": ("public_url",)},
}
"""By part and group, the fields that production sets. ``company`` is read for kinds without a supplier of their own:
the workflows role issues documents, and an API may ask in which State the supplier is registered."""


def must_be_complete(settings: Settings, part: Part, kinds: Iterable[str], *, supplier: bool) -> None:
    """Nothing that this part reads for these kinds is left as it is for development, if this is production.

    ``supplier``: one of the kinds has no supplier of its own.

    Raises:
        ValueError: what has to be set, or two keys that must differ.
    """
    if settings.process.environment != "production":
        return
    missing = sorted(_missing(settings, part, supplier=supplier))
    if "web" in NEEDED[part]:
        missing += without_address(kinds, settings)
    if missing:
        raise ValueError(f"production needs its own {', '.join(missing)}")
    secrets = settings.secrets
    if "refresh_secret_key" in NEEDED[part].get("secrets", ()) and secrets.secret_key == secrets.refresh_secret_key:
        raise ValueError("SECRET_KEY and REFRESH_SECRET_KEY must differ")


def _missing(settings: Settings, part: Part, *, supplier: bool) -> Iterator[str]:
    """The variables that still have development's value, but for addresses."""
    for group, fields in NEEDED[part].items():
        if group == "web" or (group == "company" and not supplier):
            continue
        values: BaseSettings = getattr(settings, group)
        for name in fields:
            value, default = getattr(values, name), type(values).model_fields[name].default
            if value == default or (
                isinstance(value, SecretStr) and value.get_secret_value().startswith(DEVELOPMENT_SECRET)
            ):
                yield variable(type(values), name)
