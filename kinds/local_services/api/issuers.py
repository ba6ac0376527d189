"""The providers of logins of one application; the keys of each are fetched once in a while."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends, Request

from adapters.auth.identity_tokens import IdentityTokens
from domain.errors import NotFound
from kinds.local_services.api.policy import PolicyNow

Issuers = Mapping[str, IdentityTokens]


async def _issuers(request: Request, policy: PolicyNow) -> Issuers:
    state = request.app.state
    if not hasattr(state, "identity_issuers"):
        state.identity_issuers = {each.name: IdentityTokens(each) for each in policy.oidc}
    found: Issuers = state.identity_issuers
    return found


async def issuer_named(provider: str, issuers: Annotated[Issuers, Depends(_issuers)]) -> IdentityTokens:
    """Reads the ID tokens of the provider in the path.

    Raises:
        NotFound: there is none of that name.
    """
    if provider not in issuers:
        raise NotFound("there is no such provider of logins")
    return issuers[provider]


IssuerInPath = Annotated[IdentityTokens, Depends(issuer_named)]
