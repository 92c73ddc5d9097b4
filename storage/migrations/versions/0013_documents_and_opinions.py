"""The documents of a meeting as Telegram knows them, and opinions before it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("meeting_paper", schema=None) as batch_op:
        batch_op.add_column(sa.Column("unique_id", sa.String(), nullable=False, server_default=""))
        batch_op.add_column(
            sa.Column("photo", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    # No feature has written documents yet; should there be any, each is a file of its own.
    op.execute("UPDATE meeting_paper SET unique_id = file_id")
    with op.batch_alter_table("meeting_paper", schema=None) as batch_op:
        batch_op.create_unique_constraint(
            batch_op.f("uq_meeting_paper_meeting_id_unique_id"), ["meeting_id", "unique_id"]
        )

    op.create_table(
        "opinion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_opinion_meeting_id_meeting")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_opinion_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinion")),
        sa.UniqueConstraint("token", name=op.f("uq_opinion_token")),
    )
    with op.batch_alter_table("opinion", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_opinion_meeting_id"), ["meeting_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_opinion_person_id"), ["person_id"], unique=False)
