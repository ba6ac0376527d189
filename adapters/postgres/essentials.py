"""Rows without which the code does not work: names with fixed ids, roles and their scopes.

They come with the schema, not with the demo data. Everything is "insert what is missing": what an administrator
changed since (another role's scopes, a further status) stays.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, insert, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import DeclarativeBase

from adapters.postgres.numbering import continue_rows, sequence_of
from adapters.postgres.tables.people.roles import Permission, Role, RolePermission
from domain.people import RoleSpec


def insert_names(connection: Connection, table: type[DeclarativeBase], names: Iterable[str]) -> None:
    """Names with the ids 1, 2, 3 .."""
    rows = [{"id": number, "name": name} for number, name in enumerate(names, start=1)]
    connection.execute(upsert(table).on_conflict_do_nothing(), rows)
    connection.execute(continue_rows(table.__tablename__))


def insert_missing(connection: Connection, table: type[DeclarativeBase], names: Iterable[str]) -> set[str]:
    """Names with whatever ids come next; answers those that were missing."""
    name = table.__table__.c.name
    known = set(connection.scalars(select(name)))
    missing = [each for each in dict.fromkeys(names) if each not in known]
    if missing:
        connection.execute(insert(table), [{"name": each} for each in missing])
    return set(missing)


def insert_roles(connection: Connection, roles: Sequence[RoleSpec]) -> None:
    """Roles that are missing, in their order, with the sequences of their people's ids and with their scopes.

    A role that was there is only granted scopes that this schema has never seen: taking one away is for good.
    """
    for sequence in dict.fromkeys(sequence_of(role) for role in roles):
        connection.execute(text(f"CREATE SEQUENCE IF NOT EXISTS {sequence} OWNED BY users.id"))
    new_roles = insert_missing(connection, Role, (role.name for role in roles))
    new_scopes = insert_missing(connection, Permission, sorted(frozenset().union(*(role.scopes for role in roles))))
    role_ids = {name: number for number, name in connection.execute(select(Role.id, Role.name))}
    scope_ids = {name: number for number, name in connection.execute(select(Permission.id, Permission.name))}
    grants = [
        {"role_id": role_ids[role.name], "permission_id": scope_ids[scope]}
        for role in roles
        for scope in sorted(role.scopes)
        if scope in new_scopes or role.name in new_roles
    ]
    if grants:
        connection.execute(insert(RolePermission), grants)
