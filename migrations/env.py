"""Alembic's entry: the caller (``migrations.command``) brings the connection and its transaction."""

from alembic import context

from kinds.vehicle_service.postgres.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    compare_server_default=False,
)
with context.begin_transaction():
    context.run_migrations()
