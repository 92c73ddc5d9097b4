"""How tasks are carried out, and what a meeting is asked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.add_column(sa.Column("done_by", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("reopened", sa.String(), nullable=True))
        batch_op.add_column(
            sa.Column("tells", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.add_column(
            sa.Column("reminders", sa.Integer(), nullable=False, server_default="0")
        )
        batch_op.add_column(sa.Column("revision", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("token", sa.String(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_task_done_by_person"), "person", ["done_by"], ["id"]
        )
        batch_op.create_unique_constraint(batch_op.f("uq_task_token"), ["token"])
