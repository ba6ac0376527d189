"""Roles and their scopes: read by every authentication, changed by admins."""

from collections.abc import Collection

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import Conflict, Invalid, NotFound
from domain.people import Role

ROLES = """
    SELECT r.id, r.name, (SELECT coalesce(json_agg(p.name ORDER BY p.name), '[]') FROM role_permissions AS g
        JOIN permissions AS p ON p.id = g.permission_id WHERE g.role_id = r.id) AS scopes
    FROM roles AS r WHERE CAST(:id AS int) IS NULL OR r.id = :id
"""
SCOPES = """
    SELECT p.id, p.name, (SELECT coalesce(json_agg(r.name ORDER BY r.id), '[]') FROM role_permissions AS g
        JOIN roles AS r ON r.id = g.role_id WHERE g.permission_id = p.id) AS roles
    FROM permissions AS p
"""
KEYS_OF_THE_HOUSE = frozenset({"READ:RBAC", "UPDATE:RBAC"})
"""Without these nobody could give anything back."""

_ROLE = text("SELECT name FROM roles WHERE id = :id FOR UPDATE")
_KNOWN = text("SELECT id, name FROM permissions WHERE name = ANY(CAST(:names AS text[]))")
_TAKE = text("DELETE FROM role_permissions WHERE role_id = :role AND permission_id <> ALL(CAST(:scopes AS int[]))")
_GIVE = text(
    "INSERT INTO role_permissions (role_id, permission_id) SELECT :role, unnest(CAST(:scopes AS int[])) "
    "ON CONFLICT DO NOTHING"
)


async def grant_exactly(connection: AsyncConnection, role_id: int, scopes: Collection[str]) -> None:
    """These are the scopes of the role from the commit on.

    Raises:
        NotFound: there is no such role.
        Invalid: there is no such scope.
        Conflict: the admins would lose what is needed to undo it.
    """
    role = (await connection.execute(_ROLE, {"id": role_id})).scalar()
    if role is None:
        raise NotFound(f"there is no role {role_id}")
    known = {row.name: row.id for row in await connection.execute(_KNOWN, {"names": list(scopes)})}
    if unknown := sorted(set(scopes) - known.keys()):
        raise Invalid(f"there is no scope {', '.join(unknown)[:500]}", scopes=unknown)
    if role == Role.ADMIN and (missing := sorted(KEYS_OF_THE_HOUSE - known.keys())):
        raise Conflict(f"admins keep {' and '.join(missing)}: nobody could undo it", scopes=missing)
    grant = {"role": role_id, "scopes": sorted(known.values())}
    await connection.execute(_TAKE, grant)
    await connection.execute(_GIVE, grant)
