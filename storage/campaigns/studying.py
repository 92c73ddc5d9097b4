"""A member's study: which lessons there are for them, opened, read, done."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from storage import bank, outbox
from storage.bank import Item
from storage.campaigns.rules import day_of
from storage.campaigns.tables import (
    Campaign,
    Lesson,
    LessonFile,
    LessonItem,
    Progress,
    QuizRun,
)
from storage.db import upsert
from storage.errors import NotFound, Refusal
from storage.powers import Actor, require
from storage.roster import Person, Unit, lineage_ids, unit_lineage

REMINDER = "campaign.reminder"
TOMORROW = "campaign.tomorrow"
LINGERS = timedelta(days=31)  # how long an ended campaign stays in sight


@dataclass(frozen=True, slots=True)
class Step:
    """One lesson as one person has it."""

    lesson: Lesson
    opened: bool
    done: bool


@dataclass(frozen=True, slots=True)
class Course:
    """A campaign as one person has it."""

    campaign: Campaign
    steps: tuple[Step, ...]

    @property
    def done(self) -> int:
        """How many lessons are finished."""
        return sum(step.done for step in self.steps)

    def today(self, now: datetime) -> date:
        """The campaign's day."""
        return day_of(now, self.campaign.zone)

    def step(self, lesson_id: int) -> Step:
        """One of its lessons."""
        return next(step for step in self.steps if step.lesson.id == lesson_id)

    def next_open(self, today: date) -> Step | None:
        """The unfinished open lesson that is due first."""
        waiting = [s for s in self.steps if not s.done and s.lesson.opens <= today]
        return min(waiting, key=lambda s: (s.lesson.due, s.lesson.place), default=None)


@dataclass(frozen=True, slots=True)
class Todo:
    """An open lesson that somebody has yet to finish; `number` of `total` in its campaign."""

    campaign: Campaign
    lesson: Lesson
    number: int
    total: int


# -- actions -----------------------------------------------------------------------------------


def open_lesson(
    session: Session, actor: Actor, lesson_id: int, *, now: datetime
) -> tuple[Course, bool]:
    """Notes that a member has opened a lesson; returns whether for the first time."""
    lesson, campaign = lesson_for(session, actor, lesson_id, now=now)
    note_progress(session, [_self(actor)], [lesson.id])
    first_time = _set_once(session, _self(actor), lesson.id, "opened_at", now)
    return course(session, _self(actor), campaign), first_time


def mark_done(session: Session, actor: Actor, lesson_id: int, *, now: datetime) -> Course:
    """Notes that a member has studied a lesson that they have opened; twice changes nothing."""
    lesson, campaign = lesson_for(session, actor, lesson_id, now=now)
    if not course(session, _self(actor), campaign).step(lesson.id).opened:
        raise Refusal("Please open the lesson first.")
    finish(session, _self(actor), lesson, now=now)
    return course(session, _self(actor), campaign)


def finish(session: Session, person_id: int, lesson: Lesson, *, now: datetime) -> None:
    """The lesson is done; what was still to remind of it is taken back."""
    note_progress(session, [person_id], [lesson.id])
    _set_once(session, person_id, lesson.id, "opened_at", now)
    _set_once(session, person_id, lesson.id, "done_at", now)
    outbox.cancel(session, lesson.subject, kind=REMINDER, recipient=f"p{person_id}")


def note_progress(session: Session, people: Collection[int], lessons: Collection[int]) -> None:
    """Makes sure that there is a row for each of each; two processes at once make one."""
    session.execute(
        upsert(session, Progress).on_conflict_do_nothing(),
        [
            {"person_id": person_id, "lesson_id": lesson_id, "reminders": 0}
            for person_id in people
            for lesson_id in lessons
        ],
    )


def _set_once(session: Session, person_id: int, lesson_id: int, column: str, now: datetime) -> bool:
    """Sets what is not set yet; returns whether that was so."""
    changed = session.execute(
        update(Progress)
        .where(col(Progress.person_id) == person_id, col(Progress.lesson_id) == lesson_id)
        .where(getattr(Progress, column).is_(None))
        .values({column: now})
        .returning(col(Progress.id))
        .execution_options(synchronize_session="fetch")
    )
    return changed.first() is not None


# -- questions ---------------------------------------------------------------------------------


def lesson_for(
    session: Session, actor: Actor, lesson_id: int, *, now: datetime
) -> tuple[Lesson, Campaign]:
    """A lesson that the actor may study now; NotFound for another's, Refusal before it opens."""
    lesson = session.get(Lesson, lesson_id)
    if lesson is None or lesson.place is None:
        raise NotFound
    campaign = session.get_one(Campaign, lesson.campaign_id)
    require(actor, "study.own", unit_lineage(session, campaign.unit_id))
    _self(actor)
    if day_of(now, campaign.zone) < lesson.opens:
        raise Refusal("This lesson opens on {day}.", day=f"{lesson.opens.day}/{lesson.opens.month}")
    return lesson, campaign


def attachment(session: Session, actor: Actor, lesson_id: int, *, now: datetime) -> bytes:
    """The content of a lesson that is a file."""
    lesson, _campaign = lesson_for(session, actor, lesson_id, now=now)
    found = session.get(LessonFile, lesson.id)
    if found is None:
        raise NotFound
    return found.content


def course_of(session: Session, actor: Actor, campaign_id: int) -> Course:
    """A campaign as the actor has it; NotFound for another's."""
    campaign = session.get(Campaign, campaign_id)
    if campaign is None:
        raise NotFound
    require(actor, "study.own", unit_lineage(session, campaign.unit_id))
    return course(session, _self(actor), campaign)


def lessons_of(session: Session, campaign_id: int) -> list[Lesson]:
    """The lessons of a campaign, in their order."""
    return list(
        session.exec(
            select(Lesson)
            .where(Lesson.campaign_id == campaign_id, col(Lesson.place).is_not(None))
            .order_by(col(Lesson.place))
        ).all()
    )


def course(session: Session, person_id: int, campaign: Campaign) -> Course:
    """A campaign as one person has it."""
    return courses(session, person_id, [campaign])[0]


def courses(session: Session, person_id: int, campaigns: Sequence[Campaign]) -> list[Course]:
    """Several campaigns as one person has them; one query."""
    found = session.exec(
        select(Lesson, Progress)
        .outerjoin(
            Progress,
            (col(Progress.lesson_id) == col(Lesson.id)) & (col(Progress.person_id) == person_id),
        )
        .where(col(Lesson.campaign_id).in_([campaign.id for campaign in campaigns]))
        .where(col(Lesson.place).is_not(None))
        .order_by(col(Lesson.place))
    ).all()
    steps: dict[int, list[Step]] = {campaign.id: [] for campaign in campaigns}
    for lesson, progress in found:
        opened = progress is not None and progress.opened_at is not None
        done = progress is not None and progress.done_at is not None
        steps[lesson.campaign_id].append(Step(lesson, opened, done))
    return [Course(campaign, tuple(steps[campaign.id])) for campaign in campaigns]


def mine(session: Session, actor: Actor, *, now: datetime) -> list[Course]:
    """A member's campaigns: those that run, then those that ended a short while ago."""
    found = session.exec(
        select(Campaign)
        .where(col(Campaign.unit_id).in_(units_of(session, _self(actor))))
        .order_by(col(Campaign.ends), col(Campaign.id))
    ).all()
    days = {campaign.id: day_of(now, campaign.zone) for campaign in found}
    shown = [each for each in found if each.starts <= days[each.id] <= each.ends + LINGERS]
    shown.sort(key=lambda campaign: campaign.ends < days[campaign.id])
    return courses(session, _self(actor), shown)


def items_of(session: Session, lesson_id: int) -> list[Item]:
    """The questions of the lesson's own that are in use, in their order."""
    return list(
        session.exec(
            select(Item)
            .join(LessonItem, col(LessonItem.item_id) == Item.id)
            .where(LessonItem.lesson_id == lesson_id, col(Item.retired_at).is_(None))
            .order_by(col(LessonItem.place))
        ).all()
    )


def asked_of(session: Session, campaign: Campaign, lesson: Lesson) -> list[Item]:
    """All that its quiz may ask: the lesson's own questions, then those of its topic."""
    own = items_of(session, lesson.id)
    if lesson.topic is None:
        return own
    more = bank.of_unit(session, campaign.unit_id, topic=lesson.topic)
    return own + [item for item in more if item not in own]


def has_quiz(session: Session, lesson_id: int) -> bool:
    """Whether anything is asked after the lesson."""
    own = (
        select(LessonItem.id)
        .join(Item, col(Item.id) == LessonItem.item_id)
        .where(LessonItem.lesson_id == lesson_id, col(Item.retired_at).is_(None))
    )
    if session.exec(own.limit(1)).first() is not None:
        return True
    lesson = session.get_one(Lesson, lesson_id)
    if lesson.topic is None:
        return False
    campaign = session.get_one(Campaign, lesson.campaign_id)
    return bool(bank.of_unit(session, campaign.unit_id, topic=lesson.topic))


def todo(session: Session, person_id: int, today: date) -> list[Todo]:
    """The open lessons of running campaigns that a person has yet to finish, by due day."""
    running = session.exec(
        select(Campaign)
        .where(col(Campaign.unit_id).in_(units_of(session, person_id)))
        .where(col(Campaign.starts) <= today, col(Campaign.ends) >= today)
        .where(col(Campaign.paused_at).is_(None), col(Campaign.closed_at).is_(None))
    ).all()
    waiting = [
        Todo(each.campaign, step.lesson, step.lesson.place or 0, len(each.steps))
        for each in courses(session, person_id, running)
        for step in each.steps
        if not step.done and step.lesson.opens <= today
    ]
    return sorted(waiting, key=lambda item: (item.lesson.due, item.campaign.id, item.number))


def record_of(session: Session, person_id: int, year: int) -> tuple[int, int, float | None]:
    """Of the lessons due in a year: how many are done, how many there are, and the average of the
    best quiz results on a scale of 10 (None without any)."""
    lessons = session.exec(
        select(Lesson.id)
        .join(Campaign, col(Campaign.id) == Lesson.campaign_id)
        .where(col(Campaign.unit_id).in_(units_of(session, person_id)))
        .where(col(Lesson.due).between(date(year, 1, 1), date(year, 12, 31)))
        .where(col(Lesson.place).is_not(None))
    ).all()
    done = session.exec(
        select(func.count())
        .select_from(Progress)
        .where(Progress.person_id == person_id, col(Progress.lesson_id).in_(lessons))
        .where(col(Progress.done_at).is_not(None))
    ).one()
    best = session.exec(
        select(func.max(QuizRun.score * 10.0 / QuizRun.total))
        .where(QuizRun.person_id == person_id, col(QuizRun.lesson_id).in_(lessons))
        .where(col(QuizRun.finished_at).is_not(None), QuizRun.total > 0)
        .group_by(col(QuizRun.lesson_id))
    ).all()
    average = sum(float(each) for each in best) / len(best) if best else None
    return done, len(lessons), average


def units_of(session: Session, person_id: int) -> tuple[int, ...]:
    """The units whose campaigns are a person's: their own and those above."""
    lineage = session.exec(
        select(Unit.lineage)
        .join(Person, col(Person.unit_id) == Unit.id)
        .where(Person.id == person_id)
    ).first()
    return lineage_ids(lineage) if lineage else ()


def _self(actor: Actor) -> int:
    if actor.person_id is None:
        raise NotFound
    return actor.person_id
