"""Yearly commitments, and essays of a campaign."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "essay_call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["person.id"], name=op.f("fk_essay_call_asked_by_person")
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_essay_call_campaign_id_campaign")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_essay_call")),
        sa.UniqueConstraint("campaign_id", name=op.f("uq_essay_call_campaign_id")),
    )
    op.create_table(
        "pledge_year",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("headings", sa.JSON(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_by", sa.Integer(), nullable=True),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("compared_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["started_by"], ["person.id"], name=op.f("fk_pledge_year_started_by_person")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_pledge_year_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pledge_year")),
        sa.UniqueConstraint("unit_id", "year", name=op.f("uq_pledge_year_unit_id_year")),
    )
    with op.batch_alter_table("pledge_year", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pledge_year_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "essay",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_by", sa.Integer(), nullable=True),
        sa.Column("word", sa.String(), nullable=False),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["call_id"], ["essay_call.id"], name=op.f("fk_essay_call_id_essay_call")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_essay_person_id_person")
        ),
        sa.ForeignKeyConstraint(["seen_by"], ["person.id"], name=op.f("fk_essay_seen_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_essay")),
        sa.UniqueConstraint("call_id", "number", name=op.f("uq_essay_call_id_number")),
        sa.UniqueConstraint("token", name=op.f("uq_essay_token")),
    )
    with op.batch_alter_table("essay", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_essay_call_id"), ["call_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_essay_person_id"), ["person_id"], unique=False)
        batch_op.create_index(
            "ix_essay_standing",
            ["call_id", "person_id"],
            unique=True,
            sqlite_where=sa.text("taken_back_at IS NULL"),
            postgresql_where=sa.text("taken_back_at IS NULL"),
        )

    op.create_table(
        "pledge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("year_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_pledge_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["year_id"], ["pledge_year.id"], name=op.f("fk_pledge_year_id_pledge_year")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pledge")),
        sa.UniqueConstraint("year_id", "person_id", name=op.f("uq_pledge_year_id_person_id")),
    )
    with op.batch_alter_table("pledge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pledge_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_pledge_year_id"), ["year_id"], unique=False)

    op.create_table(
        "essay_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("essay_id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.String(), nullable=False),
        sa.Column("unique_id", sa.String(), nullable=False),
        sa.Column("photo", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["essay_id"], ["essay.id"], name=op.f("fk_essay_file_essay_id_essay")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_essay_file")),
        sa.UniqueConstraint("essay_id", "unique_id", name=op.f("uq_essay_file_essay_id_unique_id")),
    )
    with op.batch_alter_table("essay_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_essay_file_essay_id"), ["essay_id"], unique=False)

    op.create_table(
        "pledge_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pledge_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("stamp", sa.String(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seal", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["pledge_id"], ["pledge.id"], name=op.f("fk_pledge_version_pledge_id_pledge")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pledge_version")),
        sa.UniqueConstraint("pledge_id", "number", name=op.f("uq_pledge_version_pledge_id_number")),
    )
    with op.batch_alter_table("pledge_version", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_pledge_version_pledge_id"), ["pledge_id"], unique=False
        )

    op.create_table(
        "pledge_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("heading", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("word", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["pledge_version.id"],
            name=op.f("fk_pledge_mark_version_id_pledge_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pledge_mark")),
        sa.UniqueConstraint(
            "version_id", "heading", name=op.f("uq_pledge_mark_version_id_heading")
        ),
    )
    with op.batch_alter_table("pledge_mark", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pledge_mark_version_id"), ["version_id"], unique=False)
