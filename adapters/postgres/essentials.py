"""Rows without which the code does not work: names with fixed ids, roles and their scopes.

They come with the schema, not with the demo data. Everything is "insert what is missing": what an administrator
changed since (another role's scopes, a further status) stays.
"""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import DeclarativeBase

from adapters.postgres.numbering import continue_rows
from adapters.postgres.tables.people.access import Permission, Role, RolePermission
from domain.people import RoleSpec


def insert_names(connection: Connection, table: type[DeclarativeBase], names: Iterable[str]) -> None:
    """Names with the ids 1, 2, 3 .."""
    rows = [{"id": number, "name": name} for number, name in enumerate(names, start=1)]
    connection.execute(upsert(table).on_conflict_do_nothing(), rows)
    connection.execute(continue_rows(table.__tablename__))


def insert_roles(connection: Connection, roles: Mapping[str, RoleSpec]) -> None:
    """Roles in the order of their ids, and their scopes.

    Only a scope that this schema has never seen is granted: taking one away from a role is for good.
    """
    insert_names(connection, Role, roles)
    known = set(connection.scalars(select(Permission.name)))
    new = sorted({scope for role in roles.values() for scope in role.scopes} - known)
    if not new:
        return
    connection.execute(insert(Permission), [{"name": scope} for scope in new])
    numbers = {name: number for number, name in connection.execute(select(Permission.id, Permission.name))}
    grants = [
        {"role_id": role_id, "permission_id": numbers[scope]}
        for role_id, role in enumerate(roles.values(), start=1)
        for scope in new
        if scope in role.scopes
    ]
    connection.execute(insert(RolePermission), grants)
