"""Runs the migrations on the connection and in the transaction of `storage/migrate.py`."""

from alembic import context

from storage.migrate import compared, metadata, rendered

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata(),
    include_object=compared,
    render_item=rendered,
    render_as_batch=True,
)
context.run_migrations()
