"""What becomes of a campaign on its way: paused, gone on with, moved, ended early.

Each change moves what is scheduled and what waits to be sent, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import update
from sqlmodel import Session, col

from storage import audit
from storage.acts import Did
from storage.campaigns.planning import plan_reminders
from storage.campaigns.rules import day_of, runs
from storage.campaigns.studying import lessons_of
from storage.campaigns.tables import Campaign, Lesson
from storage.errors import NotFound, Refusal
from storage.powers import Actor, require
from storage.roster import unit_lineage

# -- actions -----------------------------------------------------------------------------------


def pause(session: Session, actor: Actor, campaign_id: int, *, now: datetime) -> Campaign:
    """Nothing is sent until the campaign goes on; its lessons stay readable."""
    campaign = managed(session, actor, campaign_id)
    return _settle(session, actor, campaign, "pause", {"paused_at": now}, "paused_at", now)


def go_on(session: Session, actor: Actor, campaign_id: int, *, now: datetime) -> Campaign:
    """The campaign goes on; what has come up meanwhile does not come up any more."""
    campaign = managed(session, actor, campaign_id)
    if campaign.paused_at is None:
        return campaign
    campaign.paused_at = None
    return _changed(session, actor, campaign, "go_on", now)


def end(session: Session, actor: Actor, campaign_id: int, *, now: datetime) -> Campaign:
    """Today is its last day, and nothing more is sent but the last total."""
    campaign = managed(session, actor, campaign_id)
    today = day_of(now, campaign.zone)
    if campaign.closed_at is None and today > campaign.ends:
        raise Refusal("This campaign is over.")
    values = {"closed_at": now, "ends": max(today, campaign.starts), "paused_at": None}
    return _settle(session, actor, campaign, "end", values, "closed_at", now)


def move(
    session: Session, actor: Actor, campaign_id: int, what: str, day: date, *, now: datetime
) -> Campaign:
    """Another first or last day ("starts", "ends"); the lessons' days stay within them."""
    campaign = managed(session, actor, campaign_id)
    check_move(campaign, what, day, now=now)
    if getattr(campaign, what) == day:
        return campaign
    old = (campaign.starts, campaign.ends)
    setattr(campaign, what, day)
    for lesson in lessons_of(session, campaign.id):
        lesson.opens, lesson.due = within_span(campaign, lesson.opens, lesson.due, old)
        session.add(lesson)
    return _changed(session, actor, campaign, what, now)


def move_lesson(
    session: Session, actor: Actor, lesson_id: int, what: str, day: date, *, now: datetime
) -> Lesson:
    """Another day on which a lesson opens, or its last ("opens", "due")."""
    lesson, campaign = managed_lesson(session, actor, lesson_id)
    check_lesson(campaign, lesson, what, day)
    if getattr(lesson, what) != day:
        setattr(lesson, what, day)
        session.add(lesson)
        _changed(session, actor, campaign, what, now, lesson=lesson.id)
    return lesson


def _settle(
    session: Session,
    actor: Actor,
    campaign: Campaign,
    what: str,
    values: Mapping[str, object],
    once: str,
    now: datetime,
) -> Campaign:
    """A change that is made once, whoever presses first."""
    changed = session.execute(
        update(Campaign)
        .where(col(Campaign.id) == campaign.id, getattr(Campaign, once).is_(None))
        .values(values)
        .returning(col(Campaign.id))
        .execution_options(synchronize_session="fetch")
    ).first()
    return campaign if changed is None else _changed(session, actor, campaign, what, now)


def _changed(
    session: Session, actor: Actor, campaign: Campaign, what: str, now: datetime, **about: int
) -> Campaign:
    session.add(campaign)
    session.flush()
    plan_reminders(session, campaign, now=now)
    told = {"campaign": campaign.id, "unit": campaign.unit_id, **about}
    audit.record(session, actor, Did.CAMPAIGN_CHANGE, told, now=now, what=what)
    return campaign


# -- rules -------------------------------------------------------------------------------------


def check_move(campaign: Campaign, what: str, day: date, *, now: datetime) -> None:
    """Raises Refusal for a day that the campaign cannot begin or end on."""
    if what not in ("starts", "ends"):
        raise NotFound
    if campaign.closed_at is not None:
        raise Refusal("This campaign is over.")
    if what == "ends" and day < day_of(now, campaign.zone):
        raise Refusal("The last day cannot lie in the past.")
    first, last = (day, campaign.ends) if what == "starts" else (campaign.starts, day)
    if last < first:
        raise Refusal("The last day cannot come before the first.")


def check_lesson(campaign: Campaign, lesson: Lesson, what: str, day: date) -> None:
    """Raises Refusal for a day that the lesson cannot open or end on."""
    if what not in ("opens", "due"):
        raise NotFound
    if not campaign.starts <= day <= campaign.ends:
        raise Refusal("That day lies outside the campaign.")
    opens, due = (day, lesson.due) if what == "opens" else (lesson.opens, day)
    if due < opens:
        raise Refusal("A lesson cannot end before it opens.")


def within_span(
    campaign: Campaign, opens: date, due: date, old: tuple[date, date]
) -> tuple[date, date]:
    """A lesson's days within the campaign's; what stood on its first or last day stays there."""
    opens = campaign.starts if opens == old[0] else opens
    due = campaign.ends if due == old[1] else due
    opens = min(max(opens, campaign.starts), campaign.ends)
    return opens, max(min(due, campaign.ends), opens)


# -- questions ---------------------------------------------------------------------------------


def managed(session: Session, actor: Actor, campaign_id: int) -> Campaign:
    """A campaign that the actor may change; raises NotFound."""
    campaign = session.get(Campaign, campaign_id)
    if campaign is None:
        raise NotFound
    require(actor, "campaign.manage", unit_lineage(session, campaign.unit_id))
    return campaign


def managed_lesson(session: Session, actor: Actor, lesson_id: int) -> tuple[Lesson, Campaign]:
    """A lesson that the actor may change, and its campaign; raises NotFound."""
    lesson = session.get(Lesson, lesson_id)
    if lesson is None or lesson.place is None:
        raise NotFound
    return lesson, managed(session, actor, lesson.campaign_id)


def standing(campaign: Campaign, now: datetime) -> str:
    """ "ahead", "runs", "paused" or "over"."""
    if campaign.closed_at is not None or day_of(now, campaign.zone) > campaign.ends:
        return "over"
    if campaign.paused_at is not None:
        return "paused"
    return "runs" if runs(campaign, now) else "ahead"
