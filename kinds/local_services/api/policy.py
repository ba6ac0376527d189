"""The windows, rates and limits of local services, as routes read them."""

from typing import Annotated

from fastapi import Depends, Request

from kinds.local_services.settings import LocalServicesSettings


async def policy_now(request: Request) -> LocalServicesSettings:
    """Those that were read when the application was made."""
    found: LocalServicesSettings = request.app.state.policy
    return found


PolicyNow = Annotated[LocalServicesSettings, Depends(policy_now)]
