"""Presence with evidence."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "room_code",
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("shown_by", sa.Integer(), nullable=True),
        sa.Column("shown_until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_room_code_meeting_id_meeting")
        ),
        sa.ForeignKeyConstraint(
            ["shown_by"], ["person.id"], name=op.f("fk_room_code_shown_by_person")
        ),
        sa.PrimaryKeyConstraint("meeting_id", name=op.f("pk_room_code")),
    )
    op.create_table(
        "wrong_digits",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_wrong_digits_person_id_person")
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_wrong_digits")),
    )
    op.create_table(
        "spot_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("signal", sa.String(), nullable=False),
        sa.Column("seats", sa.JSON(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_of", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["person.id"], name=op.f("fk_spot_check_answered_by_person")
        ),
        sa.ForeignKeyConstraint(
            ["asked_of"], ["person.id"], name=op.f("fk_spot_check_asked_of_person")
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_spot_check_meeting_id_meeting")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spot_check")),
        sa.UniqueConstraint("meeting_id", "signal", name=op.f("uq_spot_check_meeting_id_signal")),
    )
    with op.batch_alter_table("meeting", schema=None) as batch_op:
        batch_op.add_column(sa.Column("late_after", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("attendance_correction", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("wrong", sa.String(), nullable=False, server_default="absent")
        )
        batch_op.drop_constraint(batch_op.f("uq_attendance_correction_seat_id"), type_="unique")
        batch_op.create_unique_constraint(
            batch_op.f("uq_attendance_correction_seat_id_wrong"), ["seat_id", "wrong"]
        )
