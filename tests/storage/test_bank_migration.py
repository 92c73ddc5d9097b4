"""Quizzes that were taken before there was a bank, and what becomes of them in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Connection, Engine, MetaData, make_url, text
from sqlmodel import Session, col, select

from storage import migrate
from storage.bank import Item, ItemKind, NewItem
from storage.campaigns import LessonItem, QuizAnswer, QuizRun
from storage.db import make_engine

AT = datetime(2026, 8, 3, 5, tzinfo=UTC)
DAY = date(2026, 8, 1)
CHOICES = ["một", "hai", "Cả A và B"]


@pytest.fixture(params=["sqlite", "postgresql"])
def before(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database as it was before, with two lessons, one question in both, and two attempts."""
    url, admin = f"sqlite:///{tmp_path / 'chibo.db'}", None
    if request.param == "postgresql":
        server = make_url(request.getfixturevalue("postgres"))
        admin = make_engine(server).connect().execution_options(isolation_level="AUTOCOMMIT")
        admin.execute(text("CREATE DATABASE quizzes"))
        url = server.set(database="quizzes").render_as_string(hide_password=False)
    engine = make_engine(url)
    with engine.begin() as connection:
        command.upgrade(migrate._config(connection), "0019")
        fill(connection)
    yield engine
    engine.dispose()
    if admin is not None:
        admin.execute(text("DROP DATABASE quizzes WITH (FORCE)"))
        admin.close()


def fill(connection: Connection) -> None:
    tables = MetaData()
    tables.reflect(connection)

    def add(table: str, **values: object) -> None:
        connection.execute(tables.tables[table].insert().values(values))

    unit = {"name": "Chi bộ", "folded": "chi bo", "lineage": "/1/"}
    add("unit", id=1, expects_everyone=True, names_in_group=False, **unit)
    person = {"full_name": "Lý Thị Na", "folded": "ly thi na", "sort_key": "na", "kind": "official"}
    add("person", id=1, unit_id=1, started=True, **person)
    campaign = {"name": "Đợt", "folded": "dot", "citation": "", "zone": "UTC", "passing": 0.5}
    add("campaign", id=1, unit_id=1, starts=DAY, ends=DAY, imported_at=AT, **campaign)
    for number in (1, 2):
        add("lesson", id=number, campaign_id=1, place=number, title="Bài", opens=DAY, due=DAY)
    # The third is the first in other letters, in the other lesson.
    asked = [(11, 1, 1, "Một?"), (12, 1, 2, "Hai?"), (13, 2, 1, "MỘT?")]
    for question_id, lesson_id, place, ask in asked:
        add(
            "quiz_question", id=question_id, lesson_id=lesson_id, place=place, ask=ask,
            choices=CHOICES, answer=1, why="Vì vậy.",
        )  # fmt: skip
    runs = [(21, 1, AT), (22, 2, None)]
    for run_id, lesson_id, finished in runs:
        add(
            "quiz_run", id=run_id, person_id=1, lesson_id=lesson_id, attempt=1, started_at=AT,
            finished_at=finished, score=1, total=2,
        )  # fmt: skip
    for run_id, question_id, choice in ((21, 11, 1), (21, 12, 0), (22, 13, 2)):
        right = choice == 1
        add(
            "quiz_answer", run_id=run_id, question_id=question_id, choice=choice, right=right, at=AT
        )


def test_questions_answers_and_attempts_move_into_the_bank(before: Engine) -> None:
    assert migrate.upgrade(before.url.render_as_string(hide_password=False))
    with Session(before) as session:
        one, two = session.exec(select(Item).order_by(col(Item.id))).all()
        same = NewItem(ItemKind.SINGLE, "một?", tuple(CHOICES), (1,))
        assert (one.ask, one.choices, one.answer, one.why) == ("Một?", CHOICES, [1], "Vì vậy.")
        assert (one.kind, one.unit_id, one.digest) == (ItemKind.SINGLE, 1, same.digest)
        assert (one.fixed, one.created_at, two.ask) == (True, AT, "Hai?")
        linked = session.exec(select(LessonItem).order_by(col(LessonItem.id))).all()
        assert [(each.lesson_id, each.item_id, each.place) for each in linked] == [
            (1, one.id, 1),
            (1, two.id, 2),
            (2, one.id, 1),
        ]
        answers = session.exec(select(QuizAnswer).order_by(col(QuizAnswer.id))).all()
        assert [(each.run_id, each.item_id, each.given, each.right) for each in answers] == [
            (21, one.id, [1], True),
            (21, two.id, [0], False),
            (22, one.id, [2], False),
        ]
        assert [each.at for each in answers] == [AT] * 3
        runs = session.exec(select(QuizRun).order_by(col(QuizRun.id))).all()
        assert [(each.items, each.score) for each in runs] == [([one.id, two.id], 1), ([one.id], 1)]
