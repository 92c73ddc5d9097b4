"""Who holds what, what somebody has to decide about, and the pace that processes share."""

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
    op.add_column("outbox", sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "pace",
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("full", sa.Float(), nullable=False),
        sa.Column("held", sa.Float(), nullable=False),
        sa.Column("wary", sa.Integer(), nullable=False),
        sa.Column("minute", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("chat_id", name=op.f("pk_pace")),
    )
    op.create_index(
        "ix_outbox_doubtful",
        "outbox",
        ["recipient"],
        sqlite_where=sa.text("unknowns > 0 AND message_id IS NULL"),
        postgresql_where=sa.text("unknowns > 0 AND message_id IS NULL"),
    )
    op.create_index(
        "ix_handled_update_unsaid",
        "handled_update",
        ["worker"],
        sqlite_where=sa.text("reply IS NOT NULL"),
        postgresql_where=sa.text("reply IS NOT NULL"),
    )
