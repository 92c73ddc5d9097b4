"""Contests: rounds, attempts and answers, and what came of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("rules", sa.String(), nullable=False),
        sa.Column("order", sa.String(), nullable=False),
        sa.Column("questions", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("personal", sa.Boolean(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("unit_places", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_contest_campaign_id_campaign")
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["person.id"], name=op.f("fk_contest_created_by_person")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_contest_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contest")),
        sa.UniqueConstraint("token", name=op.f("uq_contest_token")),
    )
    with op.batch_alter_table("contest", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contest_campaign_id"), ["campaign_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_contest_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "contest_naming",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contest_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contest_id"], ["contest.id"], name=op.f("fk_contest_naming_contest_id_contest")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_contest_naming_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contest_naming")),
        sa.UniqueConstraint(
            "contest_id", "person_id", name=op.f("uq_contest_naming_contest_id_person_id")
        ),
    )
    op.create_table(
        "contest_round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contest_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seed", sa.String(), nullable=False),
        sa.Column("pool", sa.JSON(), nullable=True),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("took_part", sa.Integer(), nullable=True),
        sa.Column("perfect", sa.Integer(), nullable=True),
        sa.Column("seal", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["contest_id"], ["contest.id"], name=op.f("fk_contest_round_contest_id_contest")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contest_round")),
        sa.UniqueConstraint(
            "contest_id", "number", name=op.f("uq_contest_round_contest_id_number")
        ),
    )
    op.create_table(
        "contest_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("prediction", sa.Integer(), nullable=True),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_contest_attempt_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["contest_round.id"],
            name=op.f("fk_contest_attempt_round_id_contest_round"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contest_attempt")),
        sa.UniqueConstraint(
            "round_id",
            "person_id",
            "number",
            name=op.f("uq_contest_attempt_round_id_person_id_number"),
        ),
    )
    with op.batch_alter_table("contest_attempt", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_contest_attempt_person_id"), ["person_id"], unique=False
        )

    op.create_table(
        "contest_unit_result",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.Column("took_part", sa.Integer(), nullable=False),
        sa.Column("known", sa.String(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.Column("gain_place", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["contest_round.id"],
            name=op.f("fk_contest_unit_result_round_id_contest_round"),
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["unit.id"], name=op.f("fk_contest_unit_result_unit_id_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contest_unit_result")),
        sa.UniqueConstraint(
            "round_id", "unit_id", name=op.f("uq_contest_unit_result_round_id_unit_id")
        ),
    )
    op.create_table(
        "contest_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("choice", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["contest_attempt.id"],
            name=op.f("fk_contest_answer_attempt_id_contest_attempt"),
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["bank_item.id"], name=op.f("fk_contest_answer_item_id_bank_item")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contest_answer")),
        sa.UniqueConstraint(
            "attempt_id", "item_id", name=op.f("uq_contest_answer_attempt_id_item_id")
        ),
    )
    op.create_table(
        "contest_result",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("right", sa.Integer(), nullable=False),
        sa.Column("of", sa.Integer(), nullable=False),
        sa.Column("off", sa.Integer(), nullable=True),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["contest_attempt.id"],
            name=op.f("fk_contest_result_attempt_id_contest_attempt"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_contest_result_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["contest_round.id"],
            name=op.f("fk_contest_result_round_id_contest_round"),
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["unit.id"], name=op.f("fk_contest_result_team_id_unit")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["unit.id"], name=op.f("fk_contest_result_unit_id_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contest_result")),
        sa.UniqueConstraint(
            "round_id", "person_id", name=op.f("uq_contest_result_round_id_person_id")
        ),
    )
    with op.batch_alter_table("contest_result", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_contest_result_person_id"), ["person_id"], unique=False
        )
