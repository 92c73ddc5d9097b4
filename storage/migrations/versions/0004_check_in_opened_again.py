"""Check-in that was closed and opened again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attendance_reopening",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reopened_by", sa.Integer(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["closed_by"], ["person.id"], name=op.f("fk_attendance_reopening_closed_by_person")
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_attendance_reopening_meeting_id_meeting")
        ),
        sa.ForeignKeyConstraint(
            ["reopened_by"], ["person.id"], name=op.f("fk_attendance_reopening_reopened_by_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance_reopening")),
    )
    op.create_index(
        op.f("ix_attendance_reopening_meeting_id"), "attendance_reopening", ["meeting_id"]
    )
