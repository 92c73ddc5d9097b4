"""Rounds of quizzes in a group, and what Telegram counts of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "live_round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("started_by", sa.Integer(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id"], ["group_chat.id"], name=op.f("fk_live_round_group_id_group_chat")
        ),
        sa.ForeignKeyConstraint(
            ["started_by"], ["person.id"], name=op.f("fk_live_round_started_by_person")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_live_round_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_round")),
        sa.UniqueConstraint("token", name=op.f("uq_live_round_token")),
    )
    with op.batch_alter_table("live_round", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_live_round_unit_id"), ["unit_id"], unique=False)
        batch_op.create_index(
            "ix_live_round_open",
            ["group_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "live_question",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["item_id"], ["bank_item.id"], name=op.f("fk_live_question_item_id_bank_item")
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["live_round.id"], name=op.f("fk_live_question_round_id_live_round")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_question")),
        sa.UniqueConstraint("round_id", "place", name=op.f("uq_live_question_round_id_place")),
    )
    with op.batch_alter_table("live_question", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_live_question_item_id"), ["item_id"], unique=False)

    op.create_table(
        "sent_poll",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("poll_id", sa.String(), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["outbox.id"], name=op.f("fk_sent_poll_notice_id_outbox")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sent_poll")),
        sa.UniqueConstraint("poll_id", name=op.f("uq_sent_poll_poll_id")),
    )
    with op.batch_alter_table("sent_poll", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sent_poll_notice_id"), ["notice_id"], unique=False)
