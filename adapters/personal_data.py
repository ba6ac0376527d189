"""How it is said what is held of people, table by table and collection by collection.

Erasing a person, exporting what is held of them and ``docs/privacy.md`` walk the same entries, so none of them knows of
a table that the others forget. A test asks every table for one, and every column of text for a place in it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What the rows of one table hold of people. Statements have two parameters: ``:people``, ids of people of one
    kind, and ``:booking_kind``, its name."""

    personal: str = ""
    """Its columns that name or describe somebody, apart by spaces."""
    plain: str = ""
    """Its other columns of text, documents, bytes and dates, which do neither."""
    what: str = ""
    """What the personal ones hold, in words."""
    leaving: str = ""
    """What becomes of them when the person leaves; of what stays, why."""
    erase: str = ""
    """The statement that makes it so; without one nothing is changed."""
    theirs: str = ""
    """A condition over the table by its name ``t``: the rows about these people. An export needs it."""
    exported: str = ""
    """Its columns in an export, as in a SELECT; without any the table is left out."""
    left_out: str = ""
    """Why, where it is left out although it has something personal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldDocuments:
    """The same of a collection. ``asked_by``: the documents of these people in MongoDB's words; ``erased`` says whether
    they are deleted when the person leaves."""

    personal: str
    plain: str
    what: str
    leaving: str
    erased: bool = False
    asked_by: Callable[[list[str]], Mapping[str, Any]] | None = None
    exported: str = ""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A place outside both stores that knows people: what it holds, and until when."""

    where: str
    what: str
    until: str


ELSEWHERE = (
    Elsewhere(
        "Temporal",
        "the states of bookings (people by id, addresses, the GSTIN of a business), e-mails on their way, what was "
        "typed to ask for a new password",
        "the retention of its namespace is over, counted from the end of each workflow",
    ),
    Elsewhere(
        "the payment provider",
        "who paid what, with what they entered there",
        "its own rules say so: it is a party of its own",
    ),
    Elsewhere("the mail server and the readers' mailboxes", "e-mails that were sent", "they delete them"),
    Elsewhere(
        "backups in `BACKUP_DIR`",
        "both stores as they were",
        "`MAX_BACKUP_AGE_DAYS`; a restore erases again whoever has left since",
    ),
    Elsewhere(
        "files in `REVCARE_UPLOADS`",
        "pictures, stored without where and when they were taken and without whose they are",
        "somebody deletes the file: the report or review that names it stays as well",
    ),
    Elsewhere("logs", "ids of people and addresses of clients", "the operator's log rotation removes them"),
    Elsewhere("the browser", "the cookie `known_device`: the person's id, signed", "`REVCARE_KNOWN_DEVICE_DAYS`"),
)
