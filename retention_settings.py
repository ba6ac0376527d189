"""How long rows are kept that nobody needs for ever."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from setting_types import Duration, Group

_DAY = timedelta(days=1)


class Retention(Group):
    """How long rows are kept that nobody needs for ever; docs/operations.md says it of every table.

    ``keep_webhooks``: what the payment provider sent, personal data of payers in it; shorter than the provider repeats
    a webhook (a day), and one that comes late counts as another. ``keep_email_log``: which e-mail left for whom, the
    e-mails of open bookings longer. ``keep_reconciliations``: comparisons of the books; the default is longer than the
    72 months for which Indian tax law asks for accounts (CGST Act 2017, section 36).
    """

    model_config = SettingsConfigDict(env_prefix="REVCARE_")

    keep_webhooks: Annotated[Duration, Field(ge=7 * _DAY)] = 180 * _DAY
    keep_email_log: Annotated[Duration, Field(ge=30 * _DAY)] = 730 * _DAY
    keep_reconciliations: Annotated[Duration, Field(ge=30 * _DAY)] = 2922 * _DAY
