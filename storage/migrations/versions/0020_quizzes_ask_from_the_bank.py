"""Quizzes ask questions of the bank, those of lessons move there; what was missed comes back."""

from __future__ import annotations

import hashlib
import json

import sqlalchemy as sa
from alembic import op

from storage.folding import fold

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lesson_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lesson_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["bank_item.id"], name=op.f("fk_lesson_item_item_id_bank_item")
        ),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["lesson.id"], name=op.f("fk_lesson_item_lesson_id_lesson")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson_item")),
        sa.UniqueConstraint("lesson_id", "item_id", name=op.f("uq_lesson_item_lesson_id_item_id")),
    )
    with op.batch_alter_table("lesson_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lesson_item_item_id"), ["item_id"], unique=False)
    op.create_table(
        "bank_half",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("asked", sa.String(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("given", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["bank_item.id"], name=op.f("fk_bank_half_item_id_bank_item")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_bank_half_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_half")),
        sa.UniqueConstraint(
            "person_id", "asked", "item_id", name=op.f("uq_bank_half_person_id_asked_item_id")
        ),
    )
    with op.batch_alter_table("bank_half", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bank_half_item_id"), ["item_id"], unique=False)
    _what_comes_back()
    with op.batch_alter_table("lesson", schema=None) as batch_op:
        batch_op.add_column(sa.Column("draw", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("topic", sa.String(), nullable=True))
    with op.batch_alter_table("quiz_run", schema=None) as batch_op:
        batch_op.add_column(sa.Column("items", sa.JSON(), nullable=False, server_default="[]"))
    with op.batch_alter_table("quiz_answer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("item_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("given", sa.JSON(), nullable=True))
    _move(op.get_bind())
    with op.batch_alter_table("quiz_answer", schema=None) as batch_op:
        batch_op.drop_constraint("uq_quiz_answer_run_id_question_id", type_="unique")
        batch_op.drop_constraint("fk_quiz_answer_question_id_quiz_question", type_="foreignkey")
        batch_op.drop_index("ix_quiz_answer_question_id")
        batch_op.drop_column("question_id")
        batch_op.drop_column("choice")
        batch_op.alter_column("item_id", existing_type=sa.Integer(), nullable=False)
        batch_op.alter_column("given", existing_type=sa.JSON(), nullable=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_quiz_answer_item_id_bank_item"), "bank_item", ["item_id"], ["id"]
        )
        batch_op.create_unique_constraint(
            batch_op.f("uq_quiz_answer_run_id_item_id"), ["run_id", "item_id"]
        )
        batch_op.create_index(batch_op.f("ix_quiz_answer_item_id"), ["item_id"], unique=False)
    op.drop_table("quiz_question")


def _what_comes_back() -> None:
    op.create_table(
        "repeater",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_repeater_person_id_person")
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_repeater")),
    )
    op.create_table(
        "repeated",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("stability", sa.Float(), nullable=False),
        sa.Column("difficulty", sa.Float(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("given", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["item_id"], ["bank_item.id"], name=op.f("fk_repeated_item_id_bank_item")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_repeated_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repeated")),
        sa.UniqueConstraint("person_id", "item_id", name=op.f("uq_repeated_person_id_item_id")),
    )
    with op.batch_alter_table("repeated", schema=None) as batch_op:
        batch_op.create_index("ix_repeated_due", ["person_id", "due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_repeated_item_id"), ["item_id"], unique=False)


def _move(bind: sa.Connection) -> None:
    """The questions that lessons have become the bank's, and answers to them answers to these."""
    tables = sa.MetaData()
    tables.reflect(
        bind,
        only=[
            "lesson",
            "campaign",
            "bank_item",
            "lesson_item",
            "quiz_question",
            "quiz_run",
            "quiz_answer",
        ],
    )
    lesson, campaign, item = (tables.tables[n] for n in ("lesson", "campaign", "bank_item"))
    question, run, answer = (tables.tables[f"quiz_{n}"] for n in ("question", "run", "answer"))
    link = tables.tables["lesson_item"]
    for table, column in ((item, "answer"), (question, "choices"), (run, "items")):
        table.c[column].type = sa.JSON()  # whatever the database calls it
    answer.c.given.type = sa.JSON()
    of_lesson: dict[int, list[int]] = {}
    asked = bind.execute(
        sa.select(question, campaign.c.unit_id)
        .join(lesson, lesson.c.id == question.c.lesson_id)
        .join(campaign, campaign.c.id == lesson.c.campaign_id)
        .order_by(question.c.lesson_id, question.c.place, question.c.id)
    ).all()
    for row in asked:
        what = ["single", fold(row.ask), [fold(each) for each in row.choices], [row.answer]]
        digest = hashlib.sha256(json.dumps(what).encode()).hexdigest()[:32]
        same = sa.select(item.c.id).where(item.c.unit_id == row.unit_id, item.c.digest == digest)
        found = bind.scalar(same)
        if found is None:
            # They were written for an order that stays, and may speak of it: fixed.
            values = [
                campaign.c.unit_id,
                sa.literal(""),
                sa.literal("single"),
                question.c.ask,
                question.c.choices,
                sa.literal([row.answer], sa.JSON()),
                question.c.why,
                sa.true(),
                sa.literal(digest),
                campaign.c.imported_at,
            ]
            names = [
                "unit_id",
                "topic",
                "kind",
                "ask",
                "choices",
                "answer",
                "why",
                "fixed",
                "digest",
                "created_at",
            ]
            bind.execute(
                item.insert().from_select(
                    names,
                    sa.select(*values)
                    .join_from(question, lesson, lesson.c.id == question.c.lesson_id)
                    .join(campaign, campaign.c.id == lesson.c.campaign_id)
                    .where(question.c.id == row.id),
                )
            )
            found = bind.scalar(same)
        held = of_lesson.setdefault(row.lesson_id, [])
        if found is not None and found not in held:
            held.append(found)
            bind.execute(
                link.insert().values(lesson_id=row.lesson_id, item_id=found, place=len(held))
            )
        taken = sa.select(answer.c.run_id).where(answer.c.item_id == found)
        mine = answer.c.question_id == row.id
        bind.execute(sa.delete(answer).where(mine, answer.c.run_id.in_(taken)))
        bind.execute(sa.update(answer).where(mine).values(item_id=found))
    for choice in bind.scalars(sa.select(answer.c.choice).distinct()).all():
        bind.execute(sa.update(answer).where(answer.c.choice == choice).values(given=[choice]))
    for lesson_id, items in of_lesson.items():
        bind.execute(sa.update(run).where(run.c.lesson_id == lesson_id).values(items=items))
