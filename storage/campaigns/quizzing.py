"""A quiz: one question after the other, each answer judged here and kept once.

Which questions an attempt has is drawn when it begins; which is next follows from the answers
given, so that a restart loses nothing and an old button leads to the present state. The best
attempt counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from storage import bank, repeating
from storage.bank import Given, Item
from storage.campaigns.rules import passed
from storage.campaigns.studying import asked_of, finish, lesson_for
from storage.campaigns.tables import Campaign, Lesson, QuizAnswer, QuizRun
from storage.db import upsert
from storage.errors import NotFound, Refusal
from storage.powers import Actor
from storage.roster import Person, Unit, within

# An average less one's own score is the sum of the others': of one other it is that person's score,
# and of two, either of them knows the other's. Three others can only be known all together.
ENOUGH_OTHERS = 3


@dataclass(frozen=True, slots=True)
class Judged:
    """A question with the answer that was given."""

    question: Item
    given: Given
    right: bool


@dataclass(frozen=True, slots=True)
class Quiz:
    """An attempt as it stands. `just` is the answer that was given last, when that is asked for."""

    campaign: Campaign
    lesson: Lesson
    run: QuizRun
    questions: Sequence[Item]
    answers: dict[int, QuizAnswer]
    just: Judged | None = None

    @property
    def current(self) -> Item | None:
        """The first question without an answer; None once the attempt is finished."""
        if self.run.finished_at is not None:
            return None
        return next((each for each in self.questions if each.id not in self.answers), None)

    @property
    def passed(self) -> bool:
        """Whether the finished attempt passes."""
        return passed(self.run.score, self.run.total, self.campaign.passing)

    @property
    def missed(self) -> list[Judged]:
        """The questions that were answered wrongly."""
        return [
            Judged(each, answer.given, False)
            for each in self.questions
            if (answer := self.answers.get(each.id)) is not None and not answer.right
        ]

    @property
    def asked(self) -> str:
        """What half-given answers of this attempt are kept under; the seed of its orders."""
        return f"quiz:{self.run.id}"

    def number(self, question: Item) -> int:
        """The place of a question, counted from 1."""
        return [each.id for each in self.questions].index(question.id) + 1

    def order(self, question: Item) -> list[int]:
        """The order in which this person is shown the choices."""
        return bank.shown(question, self.asked)


@dataclass(frozen=True, slots=True)
class UnitResult:
    """How the people of a campaign have done: everybody's best attempt, on a scale of 10."""

    done: int
    people: int
    average: float | None  # None while it would tell too much of too few


# -- actions -----------------------------------------------------------------------------------


def play(session: Session, actor: Actor, lesson_id: int, *, now: datetime) -> Quiz:
    """The member's latest attempt as it stands; the first one begins here."""
    lesson, campaign = lesson_for(session, actor, lesson_id, now=now)
    run = _latest(session, actor, lesson.id)
    if run is None:
        run = _begin(session, actor, lesson, attempt=1, now=now)
    return _settled(session, campaign, lesson, run, now=now)


def judge(
    session: Session, actor: Actor, run_id: int, item_id: int, given: Given, *, now: datetime
) -> Quiz:
    """Judges an answer to the current question, once.

    A second tap shows the same judgement. Any other question of the quiz, and an attempt that is
    not the latest, changes nothing and shows the present state.
    """
    quiz, question = _asked(session, actor, run_id, item_id, now=now)
    if question is None:
        return quiz
    if not bank.complete(question, given):
        raise NotFound
    if quiz.current is question:
        right = bank.right(question, given)
        _keep(session, quiz.run, question, given, right, now=now)
        if not right:
            repeating.note_missed(session, quiz.run.person_id, [question.id], now=now)
        bank.forget(session, quiz.run.person_id, quiz.asked, question.id)
        quiz = _settled(session, quiz.campaign, quiz.lesson, quiz.run, now=now)
    return _told(quiz, question)


def pick(
    session: Session,
    actor: Actor,
    run_id: int,
    item_id: int,
    index: int,
    mark: int,
    *,
    now: datetime,
) -> Quiz:
    """A tap on a choice: the answer itself, or a part of it where it takes several."""
    quiz, question = _asked(session, actor, run_id, item_id, now=now)
    if question is None:
        return quiz
    if not bank.takes_several(question):
        return judge(session, actor, run_id, item_id, [index], now=now)
    if quiz.current is not question:
        return _told(quiz, question)
    bank.pick(session, quiz.run.person_id, quiz.asked, question, index, mark)
    return quiz


def jot(
    session: Session, actor: Actor, run_id: int, item_id: int, text: str, *, now: datetime
) -> Quiz:
    """Typed, and shown back before it counts; what is typed to another question is not kept."""
    quiz, question = _asked(session, actor, run_id, item_id, now=now)
    if question is not None and quiz.current is question:
        bank.jot(session, quiz.run.person_id, quiz.asked, question, text)
    return quiz


def submit(session: Session, actor: Actor, run_id: int, item_id: int, *, now: datetime) -> Quiz:
    """What has been chosen or typed is the answer."""
    quiz, question = _asked(session, actor, run_id, item_id, now=now)
    if question is None or quiz.current is not question:
        return quiz if question is None else _told(quiz, question)
    given = bank.half(session, quiz.run.person_id, quiz.asked, question)
    if not bank.complete(question, given):
        raise Refusal("This is not an answer yet.")
    return judge(session, actor, run_id, item_id, given, now=now)


def _asked(
    session: Session, actor: Actor, run_id: int, item_id: int, *, now: datetime
) -> tuple[Quiz, Item | None]:
    """The latest attempt, and its question that a button names; none where it is of an older one,
    NotFound where there is no such question."""
    quiz = attempt_of(session, actor, run_id, now=now)
    if quiz.run.id != run_id:
        return quiz, None
    question = next((each for each in quiz.questions if each.id == item_id), None)
    if question is None:
        raise NotFound
    return quiz, question


def _told(quiz: Quiz, question: Item) -> Quiz:
    """The attempt with the judgement of this question, if no other has been answered since."""
    given = quiz.answers.get(question.id)
    if given is None or any(each.id > given.id for each in quiz.answers.values()):
        return quiz
    return replace(quiz, just=Judged(question, given.given, given.right))


def try_again(session: Session, actor: Actor, run_id: int, *, now: datetime) -> Quiz:
    """Begins another attempt after this one; where that has been done, shows how it stands."""
    quiz = attempt_of(session, actor, run_id, now=now)
    if quiz.run.id != run_id or quiz.run.finished_at is None:
        return quiz
    run = _begin(session, actor, quiz.lesson, attempt=quiz.run.attempt + 1, now=now)
    return _settled(session, quiz.campaign, quiz.lesson, run, now=now)


def _begin(
    session: Session, actor: Actor, lesson: Lesson, *, attempt: int, now: datetime
) -> QuizRun:
    _insert(
        session,
        QuizRun,
        person_id=actor.person_id,
        lesson_id=lesson.id,
        attempt=attempt,
        started_at=now,
        score=0,
        total=0,
        items=[],
    )
    run = _latest(session, actor, lesson.id)
    if run is None:
        raise NotFound
    return run


def _keep(
    session: Session,
    run: QuizRun,
    question: Item,
    given: Given,
    right: bool,
    *,
    now: datetime,
) -> None:
    _insert(
        session,
        QuizAnswer,
        run_id=run.id,
        item_id=question.id,
        given=given,
        right=right,
        at=now,
    )


def _insert(session: Session, table: type[QuizRun | QuizAnswer], **values: object) -> None:
    """One row, unless another process has just written it."""
    session.execute(upsert(session, table).values(**values).on_conflict_do_nothing())


def _settled(
    session: Session, campaign: Campaign, lesson: Lesson, run: QuizRun, *, now: datetime
) -> Quiz:
    """The attempt as it stands; one whose last question has been answered is finished here."""
    questions = _questions(session, campaign, lesson, run)
    if not questions:
        raise NotFound
    answers = {
        each.item_id: each
        for each in session.exec(select(QuizAnswer).where(QuizAnswer.run_id == run.id)).all()
    }
    if run.finished_at is None and all(each.id in answers for each in questions):
        score = sum(answers[each.id].right for each in questions)
        session.execute(
            update(QuizRun)
            .where(col(QuizRun.id) == run.id, col(QuizRun.finished_at).is_(None))
            .values(finished_at=now, score=score, total=len(questions))
            .execution_options(synchronize_session="fetch")
        )
        session.refresh(run)
        if passed(run.score, run.total, campaign.passing):
            finish(session, run.person_id, lesson, now=now)
    return Quiz(campaign, lesson, run, questions, answers)


# -- questions ---------------------------------------------------------------------------------


def attempt_of(session: Session, actor: Actor, run_id: int, *, now: datetime) -> Quiz:
    """The latest attempt at the quiz of which this is one; NotFound for another person's."""
    named = session.get(QuizRun, run_id)
    if named is None or named.person_id != actor.person_id:
        raise NotFound
    return play(session, actor, named.lesson_id, now=now)


def missed_items(session: Session, actor: Actor) -> list[int]:
    """The questions of quizzes that somebody has answered wrongly the last time."""
    if actor.person_id is None:
        raise NotFound
    found = session.exec(
        select(QuizAnswer.item_id, QuizAnswer.right)
        .join(QuizRun, col(QuizRun.id) == QuizAnswer.run_id)
        .where(QuizRun.person_id == actor.person_id)
        .order_by(col(QuizAnswer.id))
    ).all()
    return [item_id for item_id, right in dict(found).items() if not right]


def unit_result(session: Session, quiz: Quiz) -> UnitResult:
    """How everybody whom the campaign is for has done in this quiz, as one of them may know it."""
    unit = session.get_one(Unit, quiz.campaign.unit_id)
    people = (
        select(Person.id)
        .join(Unit, col(Unit.id) == Person.unit_id)
        .where(within(unit), col(Person.ended).is_(None))
    )
    best = session.exec(
        select(QuizRun.person_id, func.max(QuizRun.score * 10.0 / QuizRun.total))
        .where(QuizRun.lesson_id == quiz.lesson.id, col(QuizRun.finished_at).is_not(None))
        .where(QuizRun.total > 0, col(QuizRun.person_id).in_(people))
        .group_by(col(QuizRun.person_id))
    ).all()
    count = session.exec(select(func.count()).select_from(people.subquery())).one()
    others = [person_id for person_id, _score in best if person_id != quiz.run.person_id]
    if len(others) < ENOUGH_OTHERS:
        return UnitResult(len(best), count, None)
    average = sum(float(score) for _person_id, score in best) / len(best)
    return UnitResult(len(best), count, average)


def _latest(session: Session, actor: Actor, lesson_id: int) -> QuizRun | None:
    return session.exec(
        select(QuizRun)
        .where(QuizRun.person_id == actor.person_id, QuizRun.lesson_id == lesson_id)
        .order_by(col(QuizRun.attempt).desc())
    ).first()


def _questions(session: Session, campaign: Campaign, lesson: Lesson, run: QuizRun) -> list[Item]:
    """What the attempt asks; a question that was taken out of use before its end makes room for
    another, and one that was not drawn yet is drawn."""
    rows = session.exec(select(Item).where(col(Item.id).in_(run.items))).all()
    held = sorted(rows, key=lambda item: run.items.index(item.id))
    in_use = [item for item in held if item.retired_at is None]
    if run.finished_at is not None or (held and len(in_use) == len(held)):
        return held
    drawn = _drawn(asked_of(session, campaign, lesson), in_use, lesson.draw, f"{run.id}")
    run.items = [item.id for item in drawn]
    session.add(run)
    session.flush()
    return drawn


def _drawn(pool: list[Item], kept: list[Item], number: int | None, seed: str) -> list[Item]:
    """Those that were drawn already and as many more as there are to be."""
    if number is None:
        return pool
    left = [item for item in pool if item not in kept]
    return kept + bank.draw(left, number - len(kept), seed)
