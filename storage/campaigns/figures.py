"""What the answers of quizzes tell of the questions: of each person the first, for afterwards the
answer is known."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, String, cast, func
from sqlmodel import Session, col, select

from storage import bank
from storage.bank import Answered, Figures, Item
from storage.campaigns.tables import QuizAnswer, QuizRun
from storage.powers import Actor


def hardest(session: Session, actor: Actor, unit_id: int) -> list[Figures]:
    """Of the questions of a unit's own, the hardest first; for its committee and those above."""
    items = bank.own(session, actor, unit_id)
    return bank.tally(items, _answers(session, _about(items)))


def figures_of(session: Session, actor: Actor, item_id: int) -> Figures:
    """Of one question."""
    item = bank.one(session, actor, item_id)
    (found,) = bank.tally([item], _answers(session, _about([item])))
    return found


def among(session: Session, lessons: Collection[int], people: Collection[int]) -> list[Figures]:
    """Of the questions in use that these lessons have asked these people, the hardest first."""
    asked = col(QuizRun.lesson_id).in_(lessons) & col(QuizRun.person_id).in_(people)
    answers = _answers(session, asked)
    ids = {each.item_id for each in answers}
    items = select(Item).where(col(Item.id).in_(ids), col(Item.retired_at).is_(None))
    return bank.tally(session.exec(items.order_by(col(Item.id))).all(), answers)


def _about(items: Sequence[Item]) -> ColumnElement[bool]:
    return col(QuizAnswer.item_id).in_([item.id for item in items])


def _answers(session: Session, asked: ColumnElement[bool]) -> list[Answered]:
    first = (
        select(func.min(QuizAnswer.id))
        .join(QuizRun, col(QuizRun.id) == QuizAnswer.run_id)
        .where(asked)
        .group_by(col(QuizRun.person_id), col(QuizAnswer.item_id))
    )
    given = cast(col(QuizAnswer.given), String)  # what is JSON cannot be grouped by
    found = session.exec(
        select(QuizAnswer.item_id, given, QuizAnswer.right, func.count())
        .where(col(QuizAnswer.id).in_(first))
        .group_by(col(QuizAnswer.item_id), given, col(QuizAnswer.right))
    ).all()
    return [Answered(item, json.loads(given), right, times) for item, given, right, times in found]
