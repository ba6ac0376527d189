"""Providers of logins, as settings name them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Issuer:
    """One that speaks OpenID Connect. ``name`` is what it is called here, ``client_ids`` are ours there; its keys are
    at ``jwks_url``."""

    name: str
    issuer: str
    client_ids: tuple[str, ...]
    jwks_url: str
