"""What happens by itself before a meeting: reminders, and seats for who joins the roll.

Reminders go to those who have not answered, at most two for each.

Their slots are schedule rows, so that they outlive every process. A slot that comes late, because
the bot was down, still fires before the meeting, unless a later slot is due by now as well: nobody
is reminded twice in a minute.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlmodel import Session, col, select

from storage import outbox, schedule
from storage.meetings.seats import PAPERS, REMINDER, ROLL, invite, sync_seats, unheard, uninvited
from storage.meetings.tables import Answer, Meeting, Seat
from storage.outbox import Class, Notice, to_person
from storage.quiet import Quiet
from storage.roster import Kind, Person

BEFORE = {"3d": timedelta(days=3), "1d": timedelta(days=1), "2h": timedelta(hours=2)}
AT_MOST = 2
EVERY_MORNING = "0 8 * * *"
AFTER_NEWS = timedelta(minutes=30)  # no reminder on the heels of the invitation itself


# -- rules -------------------------------------------------------------------------------------


def slots(starts_at: datetime, *, now: datetime) -> dict[str, datetime]:
    """When to remind of a meeting that people hear of now."""
    times = {name: starts_at - before for name, before in BEFORE.items()}
    return {name: at for name, at in times.items() if at > now + AFTER_NEWS}


def overtaken(slot_name: str, starts_at: datetime, *, now: datetime) -> bool:
    """Whether a later slot is due, too: then this one says nothing."""
    later = [before for before in BEFORE.values() if before < BEFORE[slot_name]]
    return any(starts_at - before <= now for before in later)


# -- actions -----------------------------------------------------------------------------------


def plan(session: Session, meeting: Meeting, *, now: datetime) -> None:
    """Schedules what happens by itself, in place of what was to happen."""
    schedule.drop(session, meeting.subject)
    for name, at in slots(meeting.starts_at, now=now).items():
        schedule.once(session, REMINDER, meeting.subject, at, zone=meeting.zone, slot_name=name)
    schedule.once(session, PAPERS, meeting.subject, now, zone=meeting.zone)
    schedule.repeat(
        session,
        ROLL,
        meeting.subject,
        EVERY_MORNING,
        zone=meeting.zone,
        now=now,
        until=meeting.starts_at,
    )


def welcome(session: Session, meeting_id: int, *, quiet: Quiet, now: datetime) -> int:
    """Gives seats to whoever joined the roll and invites who never heard; returns how many."""
    meeting = _ahead(session, meeting_id, now)
    if meeting is None:
        return 0
    sync_seats(session, meeting, now=now)
    return invite(session, meeting, unheard(session, meeting), at=now, quiet=quiet, now=now)


def remind(
    session: Session, meeting_id: int, slot_name: str, *, quiet: Quiet, now: datetime
) -> int:
    """Owes a reminder to everybody who has not answered; returns to how many.

    Whom the quiet hours would keep from hearing it before the meeting is left alone.
    """
    welcome(session, meeting_id, quiet=quiet, now=now)
    meeting = _ahead(session, meeting_id, now)
    if meeting is None or overtaken(slot_name, meeting.starts_at, now=now):
        return 0
    if meeting.starts_at - BEFORE[slot_name] > now:
        return 0  # the slot was given out in the very tick that moved the meeting
    take_back(session, meeting)
    due = {
        person.id: quiet.for_person(person, now)
        for person in _unanswered(session, meeting, uninvited(session, meeting))
    }
    reached = {person_id: at for person_id, at in due.items() if at < meeting.starts_at}
    session.execute(
        update(Seat)
        .where(col(Seat.meeting_id) == meeting.id, col(Seat.person_id).in_(reached))
        .values(reminders=Seat.reminders + 1)
        .execution_options(synchronize_session="fetch")
    )
    return outbox.enqueue(
        session,
        REMINDER,
        meeting.subject,
        [{**to_person(person_id), "due_at": at} for person_id, at in reached.items()],
        klass=Class.REMINDER,
        revision=meeting.revision * len(BEFORE) + list(BEFORE).index(slot_name),
        facts={"revision": meeting.revision},
        valid_until=meeting.starts_at,
        now=now,
    )


def take_back(session: Session, meeting: Meeting, *, person_id: int | None = None) -> None:
    """Cancels the reminders that have not left yet; they do not count as given."""
    unsent = select(Notice.person_id).where(
        Notice.subject == meeting.subject,
        Notice.kind == REMINDER,
        col(Notice.state).in_(outbox.UNSENT),
    )
    if person_id is not None:
        unsent = unsent.where(Notice.person_id == person_id)
    people = session.exec(unsent).all()
    if not people:
        return
    recipient = None if person_id is None else f"p{person_id}"
    outbox.cancel(session, meeting.subject, kind=REMINDER, recipient=recipient)
    session.execute(
        update(Seat)
        .where(col(Seat.meeting_id) == meeting.id, col(Seat.person_id).in_(people))
        .values(reminders=Seat.reminders - 1)
        .execution_options(synchronize_session="fetch")
    )


def _ahead(session: Session, meeting_id: int, now: datetime) -> Meeting | None:
    """The meeting, if it is still to come."""
    meeting = session.get(Meeting, meeting_id)
    return meeting if meeting is not None and meeting.ahead(now) else None


def _unanswered(session: Session, meeting: Meeting, uninvited: set[int]) -> list[Person]:
    """Who can be reminded: no answer yet, fewer than two reminders, expected to come at all."""
    found = session.exec(
        select(Person)
        .join(Seat, col(Seat.person_id) == Person.id)
        .where(Seat.meeting_id == meeting.id, Seat.answer == Answer.NONE)
        .where(Seat.reminders < AT_MOST, Seat.member_kind != Kind.EXEMPT)
        .where(col(Seat.present_at).is_(None))
        .where(col(Person.telegram_id).is_not(None), col(Person.ended).is_(None))
    ).all()
    return [person for person in found if person.id not in uninvited]
