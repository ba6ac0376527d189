"""What the driver sends to PostgreSQL: every statement is a round trip, BEGIN and COMMIT as well."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from adapters.postgres.database import Database, counting


@contextmanager
def sent_to(database: Database) -> Iterator[list[str]]:
    """The statements of the pool, while the block lasts."""

    def note(query: Any) -> None:
        statements.sent.append(query.query)  # the driver tells of what is not prepared: begin and end

    def watch(connection: Any, _record: Any, _proxy: Any) -> None:
        connection.driver_connection.add_query_logger(note)

    def unwatch(connection: Any, _record: Any) -> None:
        if connection is not None:
            connection.driver_connection.remove_query_logger(note)

    engine = database.write.sync_engine
    event.listen(engine, "checkout", watch)
    event.listen(engine, "checkin", unwatch)
    try:
        with counting(database) as statements:
            yield statements.sent
    finally:
        event.remove(engine, "checkout", watch)
        event.remove(engine, "checkin", unwatch)
