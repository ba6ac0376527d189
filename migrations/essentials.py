"""Rows without which the engine does not work with its kinds: the categories of e-mails."""

from typing import Any

from sqlalchemy import Connection

from adapters.postgres.essentials import insert_missing
from adapters.postgres.kind import KindStorage
from adapters.postgres.tables.engine.emails import NotificationCategory
from domain.account_emails import ACCOUNT_EMAIL_CATEGORIES


def insert_of_engine(connection: Connection) -> None:
    """The categories of e-mails about accounts; safe to repeat."""
    insert_missing(connection, NotificationCategory, ACCOUNT_EMAIL_CATEGORIES.values())


def insert_of_kind(connection: Connection, storage: KindStorage[Any]) -> None:
    """The categories of a kind's e-mails, and what else the kind needs; safe to repeat."""
    insert_missing(connection, NotificationCategory, storage.email_categories)
    storage.essentials(connection)
