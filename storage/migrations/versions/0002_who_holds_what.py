"""Who holds what: the process that says a reply or sends a notice."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("handled_update", "outbox"):
        op.add_column(table, sa.Column("worker", sa.Integer(), nullable=False, server_default="0"))
    op.create_index(
        "ix_handled_update_unsaid",
        "handled_update",
        ["worker"],
        sqlite_where=sa.text("reply IS NOT NULL"),
        postgresql_where=sa.text("reply IS NOT NULL"),
    )
