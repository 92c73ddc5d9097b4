"""Minutes: confirmed, final, corrected, in the unit's own form."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "minutes_confirmation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("objected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("objection", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["person.id"], name=op.f("fk_minutes_confirmation_asked_by_person")
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_minutes_confirmation_meeting_id_meeting")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_minutes_confirmation_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_minutes_confirmation")),
        sa.UniqueConstraint(
            "meeting_id",
            "person_id",
            "digest",
            name=op.f("uq_minutes_confirmation_meeting_id_person_id_digest"),
        ),
    )
    with op.batch_alter_table("minutes_confirmation", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_minutes_confirmation_meeting_id"), ["meeting_id"], unique=False
        )

    op.create_table(
        "minutes_final",
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_minutes_final_meeting_id_meeting")
        ),
        sa.PrimaryKeyConstraint("meeting_id", name=op.f("pk_minutes_final")),
    )

    op.create_table(
        "minutes_erratum",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Integer(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_minutes_erratum_by_person")),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_minutes_erratum_meeting_id_meeting")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_minutes_erratum")),
        sa.UniqueConstraint(
            "meeting_id", "number", name=op.f("uq_minutes_erratum_meeting_id_number")
        ),
    )
    with op.batch_alter_table("minutes_erratum", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_minutes_erratum_meeting_id"), ["meeting_id"], unique=False
        )

    op.create_table(
        "minutes_template",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("set_by", sa.Integer(), nullable=True),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["set_by"], ["person.id"], name=op.f("fk_minutes_template_set_by_person")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["unit.id"], name=op.f("fk_minutes_template_unit_id_unit")
        ),
        sa.PrimaryKeyConstraint("unit_id", name=op.f("pk_minutes_template")),
    )
