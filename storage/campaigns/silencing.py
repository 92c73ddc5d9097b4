"""Whoever wants no reminders: of one campaign, or of any. Rule 7 of the policy in `rules.py`."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, delete, or_, update
from sqlmodel import Session, col, select

from storage import outbox
from storage.campaigns.studying import REMINDER, TOMORROW, course_of, lessons_of, units_of
from storage.campaigns.tables import Campaign, Lesson, Silence
from storage.errors import NotFound
from storage.outbox import Notice, State
from storage.powers import Actor
from storage.schedule import Schedule

# -- actions -----------------------------------------------------------------------------------


def stop(session: Session, actor: Actor, campaign_id: int | None, *, now: datetime) -> None:
    """A member wants no reminders of a campaign, or of any (None); twice changes nothing."""
    person_id = _person(session, actor, campaign_id)
    if stopped(session, person_id, campaign_id):
        return
    session.add(Silence(person_id=person_id, campaign_id=campaign_id, at=now))
    lessons = _lessons(session, person_id, campaign_id)
    subjects = [lesson.subject for lesson in lessons]
    session.execute(
        update(Notice)
        .where(col(Notice.kind) == REMINDER, col(Notice.subject).in_(subjects))
        .where(col(Notice.person_id) == person_id, col(Notice.state).in_(outbox.UNSENT))
        .values(state=State.CANCELLED)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        delete(Schedule)
        .where(col(Schedule.kind) == TOMORROW, col(Schedule.subject).in_(subjects))
        .where(col(Schedule.slot_name) == f"p{person_id}")
    )
    session.flush()


def allow(session: Session, actor: Actor, campaign_id: int, *, now: datetime) -> None:
    """A member wants the reminders of a campaign again; having stopped them all, all."""
    person_id = _person(session, actor, campaign_id)
    session.execute(delete(Silence).where(col(Silence.person_id) == person_id, _of(campaign_id)))
    session.flush()


# -- questions ---------------------------------------------------------------------------------


def stopped(session: Session, person_id: int, campaign_id: int | None) -> bool:
    """Whether somebody has stopped the reminders of a campaign, or all of them (None)."""
    about = col(Silence.campaign_id).is_(None) if campaign_id is None else _of(campaign_id)
    found = select(Silence.id).where(Silence.person_id == person_id, about).limit(1)
    return session.exec(found).first() is not None


def silenced(session: Session, campaign_id: int) -> set[int]:
    """Who wants no reminders of a campaign."""
    return set(session.exec(select(Silence.person_id).where(_of(campaign_id))).all())


def _of(campaign_id: int) -> ColumnElement[bool]:
    return or_(col(Silence.campaign_id) == campaign_id, col(Silence.campaign_id).is_(None))


def _person(session: Session, actor: Actor, campaign_id: int | None) -> int:
    if actor.person_id is None:
        raise NotFound
    if campaign_id is not None:
        course_of(session, actor, campaign_id)
    return actor.person_id


def _lessons(session: Session, person_id: int, campaign_id: int | None) -> list[Lesson]:
    if campaign_id is not None:
        return lessons_of(session, campaign_id)
    found = (
        select(Lesson)
        .join(Campaign, col(Campaign.id) == Lesson.campaign_id)
        .where(col(Campaign.unit_id).in_(units_of(session, person_id)))
    )
    return list(session.exec(found).all())
