"""Refusals about accounts of local services; their status is that of the family."""

from domain.errors import Conflict, Invalid, NotAllowed


class AccountBlocked(NotAllowed):
    """This account is blocked"""


class CodeRefused(Invalid):
    """The code is not right, or not good any more"""


class NoEmail(Invalid):
    """There is no mail address to send it to"""


class AlreadyVerified(Conflict):
    """That is confirmed already"""


class PreferenceFixed(Invalid):
    """That cannot be switched off"""
