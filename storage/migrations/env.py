"""Runs the migrations on the connection and in the transaction of `storage/migrate.py`."""

from alembic import context

from storage.migrate import compared, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata(),
    include_object=compared,
    render_as_batch=True,
)
context.run_migrations()
