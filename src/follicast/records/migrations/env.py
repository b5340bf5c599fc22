"""Where Alembic begins: it takes the connection that it is handed, in the transaction that is open on it."""

from alembic import context

from follicast.records.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table="follicast_schema",
)
with context.begin_transaction():
    context.run_migrations()
