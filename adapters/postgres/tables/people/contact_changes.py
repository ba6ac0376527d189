"""How people could be reached before."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from adapters.postgres.tables.base import PeopleBase


class ContactChange(PeopleBase):
    """The phone and the mail address of a person before a change of one of them.

    The address is told of it. A change that ``can_be_undone`` can be taken back with the link in that mail, once, as
    long as it is good and nothing has spent it; so long nobody else gets what was changed.
    """

    __tablename__ = "contact_changes"

    id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    phone: Mapped[str]
    email: Mapped[str]
    can_be_undone: Mapped[bool]
    changed_at: Mapped[datetime]
    good_until: Mapped[datetime] = mapped_column(index=True)
    spent_at: Mapped[datetime | None]
