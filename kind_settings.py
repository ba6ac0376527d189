"""Settings that each kind of booking may have of its own: ``REVCARE_<KIND>_PUBLIC_URL`` and so on.

``<KIND>`` is the kind's name in capitals. What is left out is the product's for the kind that an API serves where
``REVCARE_KIND`` is not set; any other kind shares the sender's name and, in development, the address, never documents.
"""

from collections.abc import Iterable, Iterator

from setting_types import Group, is_exposed, is_loopback, is_web_address, variable
from settings import Settings, Web

DEFAULT_KIND = str(Web.model_fields["kind"].default).replace("-", "_")


class KindSettings(Group):
    """What one kind has of its own: where its pages are, in whose name it writes, its database in MongoDB.

    In production whoever serves or writes e-mails for a kind that is not the default one needs its own public URL:
    links would lead to another kind's pages.
    """

    public_url: str | None = None
    from_name: str | None = None
    mongodb_db: str | None = None


def variable_of(kind: str, field: str) -> str:
    """The environment variable of a field for a kind."""
    return f"{_prefix(kind)}{field}".upper()


def settings_by_kind(kinds: Iterable[str], settings: Settings) -> dict[str, Settings]:
    """The settings with which each kind works.

    Raises:
        ValueError: two kinds would share a database of documents.
    """
    found = {kind: _settings_of(kind, settings) for kind in kinds}
    owners: dict[str, str] = {}
    for kind, own in found.items():
        database = own.stores.mongodb_db
        if (other := owners.setdefault(database, kind)) != kind:
            raise ValueError(
                f"{kind} and {other} have one MongoDB database, {database}: every kind needs one of its own"
            )
    return found


def without_address(kinds: Iterable[str], settings: Settings) -> list[str]:
    """The variables of those kinds that have no address of their own which customers could follow.

    In a rehearsal an address of this machine is one.
    """
    found = []
    for kind in kinds:
        own = KindSettings(_env_prefix=_prefix(kind)).public_url
        default = kind == DEFAULT_KIND
        nowhere = is_loopback(own or settings.web.public_url) and not settings.process.rehearsal
        if nowhere or not (default or own):
            found.append(variable(Web, "public_url") if default and not own else variable_of(kind, "public_url"))
    return found


def unfit_addresses(kinds: Iterable[str], settings: Settings) -> Iterator[str]:
    """A sentence for each address that one of those kinds has of its own, and that cannot be in a link of its mails.

    Only a rehearsal may have one that is not https, beyond its own network.
    """
    for kind in kinds:
        url, name = KindSettings(_env_prefix=_prefix(kind)).public_url, variable_of(kind, "public_url")
        if url and not is_web_address(url):
            yield f"{name} is no web address"
        elif url and is_exposed(url) and not settings.process.rehearsal:
            yield f"{name} is not https: passwords would cross the Internet in the clear"


def _settings_of(kind: str, settings: Settings) -> Settings:
    own = KindSettings(_env_prefix=_prefix(kind))
    default = kind == DEFAULT_KIND
    url = own.public_url or settings.web.public_url
    database = own.mongodb_db or (settings.stores.mongodb_db if default else f"{settings.stores.mongodb_db}_{kind}")
    return settings.model_copy(
        update={
            "web": settings.web.model_copy(update={"public_url": url}),
            "mail": settings.mail.model_copy(update={"from_name": own.from_name or settings.mail.from_name}),
            "stores": settings.stores.model_copy(update={"mongodb_db": database}),
        }
    )


def _prefix(kind: str) -> str:
    return f"REVCARE_{kind.upper()}_"
