"""Who was told of missed months."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "missed_months",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("months", sa.String(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_by", sa.Integer(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_missed_months_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["seen_by"], ["person.id"], name=op.f("fk_missed_months_seen_by_person")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["unit.id"], name=op.f("fk_missed_months_unit_id_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_missed_months")),
        sa.UniqueConstraint(
            "person_id", "year", "count", name=op.f("uq_missed_months_person_id_year_count")
        ),
    )
    with op.batch_alter_table("missed_months", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_missed_months_person_id"), ["person_id"], unique=False)
