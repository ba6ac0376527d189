"""What people want to be told by mail and on their devices: everything, but for what they switch off.

The application tells everything always. Mails about money and whatever concerns the account cannot be switched off.
"""

from collections.abc import Mapping

from kinds.local_services.domain.account_errors import PreferenceFixed
from kinds.local_services.domain.notices import FIXED, FIXED_MAIL

Preferences = Mapping[str, Mapping[str, bool]]
"""Type of notification -> "push" or "email" -> whether it is wanted; what is absent is."""


def merged(known: Preferences, chosen: Preferences) -> dict[str, dict[str, bool]]:
    """What somebody wants from now on: of types and channels that ``chosen`` leaves out, what was ``known``.

    Raises:
        PreferenceFixed: something is switched off that cannot be.
    """
    for kind, wanted in chosen.items():
        for channel, on in wanted.items():
            if not on and (kind in FIXED or (channel == "email" and kind in FIXED_MAIL)):
                raise PreferenceFixed(f"{channel} of {kind} cannot be switched off")
    return {kind: {**known.get(kind, {}), **chosen.get(kind, {})} for kind in {**known, **chosen}}
