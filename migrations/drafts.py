"""Drafts of revisions, for developers: the difference between the tables of a stream and the mapped classes."""

import re
from typing import Any

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from adapters.postgres.database import search_path
from migrations.streams import Stream, streams

_TEMPLATE = '''"""{message}."""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = {previous!r}
branch_labels = None
depends_on = None


def upgrade() -> None:
    {upgrades}


def downgrade() -> None:
    {downgrades}
'''


def draft(connection: Connection, name: str, message: str) -> str:
    """Write the next revision of a stream; says which file that is.

    Raises:
        LookupError: there is no stream of that name.
    """
    every = {stream.name: stream for stream in streams()}
    if name not in every:
        raise LookupError(f"there is no stream {name}, only {', '.join(every)}")
    stream = every[name]
    previous = stream.script.get_current_head()
    revision = f"{int(previous or 0) + 1:04d}"
    slug = re.sub(r"[^a-z0-9]+", "_", message.lower()).strip("_")
    path = stream.folder / f"v{revision}_{slug}.py"
    upgrades, downgrades = _difference(connection, stream, [each for each in every.values() if each is not stream])
    path.write_text(
        _TEMPLATE.format(
            message=message, revision=revision, previous=previous, upgrades=upgrades, downgrades=downgrades
        )
    )
    return f"wrote {path.name}: read it before you trust it"


def _difference(connection: Connection, stream: Stream, others: list[Stream]) -> tuple[str, str]:
    elsewhere = {name for other in others for name in (*other.metadata.tables, other.version_table)}

    def is_its_own(_object: Any, name: str | None, kind: str, _reflected: bool, _compared_to: Any) -> bool:
        return not (kind == "table" and name in elsewhere)

    connection.execute(text(f"SET LOCAL search_path = {search_path(stream.schema)}"))
    context = MigrationContext.configure(connection, opts={"include_object": is_its_own})
    found = produce_migrations(context, stream.metadata)
    if found.upgrade_ops is None or found.downgrade_ops is None:
        return "pass", "pass"
    return render_python_code(found.upgrade_ops), render_python_code(found.downgrade_ops)
