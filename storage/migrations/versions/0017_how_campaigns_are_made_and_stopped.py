"""How campaigns are made in the chat, paused and ended, and who wants no reminders of them.

Reminders are due in the zone of each person: a schedule row is named after its zone.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("campaign", schema=None) as batch_op:
        batch_op.add_column(sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("token", sa.String(), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("uq_campaign_token"), ["token"])

    with op.batch_alter_table("lesson", schema=None) as batch_op:
        batch_op.add_column(sa.Column("meeting_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_lesson_meeting_id"), ["meeting_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_lesson_meeting_id_meeting"), "meeting", ["meeting_id"], ["id"]
        )

    op.create_table(
        "lesson_part",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lesson_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("html", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=True),
        sa.Column("file_id", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["lesson.id"], name=op.f("fk_lesson_part_lesson_id_lesson")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson_part")),
    )
    with op.batch_alter_table("lesson_part", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lesson_part_lesson_id"), ["lesson_id"], unique=False)

    op.create_table(
        "study_silence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_study_silence_campaign_id_campaign")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_study_silence_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study_silence")),
    )
    with op.batch_alter_table("study_silence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_study_silence_person_id"), ["person_id"], unique=False)

    op.execute("UPDATE schedule SET slot_name = zone WHERE kind = 'campaign.reminder'")
