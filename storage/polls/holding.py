"""A poll is held: put to a meeting, answered by those in the room, closed and forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from storage import attendance, audit, outbox, schedule
from storage.acts import Did
from storage.audit import CLOCK
from storage.db import upsert
from storage.errors import NotFound, Refusal
from storage.meetings import Meeting, MeetingState, managed, reachable
from storage.outbox import ANSWER, Class, to_group, to_person
from storage.polls.finding import HOLD, asked, count, held_by, locked, may_answer, of_form, present
from storage.polls.tables import Choice, Poll, check_options, check_question
from storage.powers import Actor
from storage.quiet import Quiet

CARD = "poll.card"  # to the group; standing
ASK = "poll.ask"  # to each person, where the unit has no group
CLOSING = "poll.close"
MINUTES = (3, 5, 10, 15, 30)
AHEAD = timedelta(hours=1)  # before the meeting begins
LASTS = timedelta(hours=4)

# -- actions: the chair ------------------------------------------------------------------------


def hold(
    session: Session,
    actor: Actor,
    meeting_id: int,
    question: str,
    options: Sequence[str],
    *,
    minutes: int,
    live: bool,
    token: str,
    quiet: Quiet,
    now: datetime,
) -> Poll:
    """Puts a question to the meeting; one form is one poll, and one is open at a time."""
    meeting = managed(session, actor, meeting_id, power=HOLD)
    sent = of_form(session, actor, token)
    if sent is not None:
        return sent
    _check_under_way(meeting, now)
    if _open_of(session, meeting_id, now) is not None:
        raise Refusal("Another question is open. Close it first.")
    if minutes not in MINUTES:
        raise NotFound
    ends = now + timedelta(minutes=minutes)
    poll = Poll(
        meeting_id=meeting_id,
        question=check_question(question),
        options=check_options(options),
        live=live,
        token=token,
        opened_by=actor.person_id,
        opened_at=now,
        closes_at=ends,
    )
    try:
        with session.begin_nested():
            session.add(poll)
    except IntegrityError:  # at the same moment, in another process
        raise Refusal("Another question is open. Close it first.") from None
    audit.record(session, actor, Did.POLL_OPEN, _about(poll, meeting), now=now)
    schedule.once(session, CLOSING, poll.subject, ends, zone=meeting.zone)
    _post(session, poll, meeting, quiet=quiet, now=now)
    return poll


def close(session: Session, actor: Actor, poll_id: int, *, now: datetime) -> Poll:
    """Adds up and forgets who chose what; closing twice is closing once."""
    poll, meeting = held_by(session, actor, poll_id)
    if poll.closed_at is None:
        _close(session, poll, meeting, actor, at=min(now, poll.closes_at), now=now)
        schedule.drop(session, poll.subject)
    return poll


def close_due(session: Session, poll_id: int, *, now: datetime) -> None:
    """The time that was set is over; however late that is noticed, the time stands."""
    poll = locked(session, poll_id)
    if poll is not None and poll.closed_at is None and poll.closes_at <= now:
        meeting = session.get_one(Meeting, poll.meeting_id)
        _close(session, poll, meeting, CLOCK, at=poll.closes_at, now=now)


# -- actions: those in the room ----------------------------------------------------------------


def answer(session: Session, actor: Actor, poll_id: int, choice: int, *, now: datetime) -> Poll:
    """One answer each, which may be changed until the poll closes; pressed twice, the same."""
    poll = locked(session, poll_id, share=True)  # answers go side by side, closing waits for them
    if poll is None:
        raise NotFound
    may_answer(session, actor, poll)
    if not poll.takes(now):
        raise Refusal("This question is closed; your answer was not taken.")
    if not 0 <= choice < len(poll.choices):
        raise NotFound
    new = upsert(session, Choice).values(poll_id=poll_id, person_id=actor.person_id, choice=choice)
    session.execute(
        new.on_conflict_do_update(
            index_elements=["poll_id", "person_id"], set_={"choice": new.excluded.choice}
        )
    )
    outbox.refresh(session, CARD, poll.subject)
    return poll


# -- parts -------------------------------------------------------------------------------------


def _check_under_way(meeting: Meeting, now: datetime) -> None:
    """A question is put to those in the room: check-in may be over, the meeting may not."""
    if meeting.state not in (MeetingState.CALLED, MeetingState.CLOSED):
        raise NotFound
    begun = meeting.starts_at if meeting.opened_at is None else meeting.opened_at
    if now < min(begun, meeting.starts_at - AHEAD):
        raise Refusal("A question can be put once the meeting is about to begin.")
    over = meeting.starts_at + LASTS
    if now >= over or meeting.ended_at is not None or meeting.locked_at is not None:
        raise Refusal("This meeting is over.")


def _open_of(session: Session, meeting_id: int, now: datetime) -> Poll | None:
    """The open poll of a meeting; one whose time is over is closed on the way."""
    found = session.exec(
        select(Poll.id).where(Poll.meeting_id == meeting_id, col(Poll.closed_at).is_(None))
    ).first()
    if found is None:
        return None
    close_due(session, found, now=now)
    poll = session.get_one(Poll, found)
    return poll if poll.closed_at is None else None


def _post(session: Session, poll: Poll, meeting: Meeting, *, quiet: Quiet, now: datetime) -> None:
    """One live message in the group; where there is none, a message to each who may answer."""
    group = attendance.room(session, meeting)
    if group is not None:
        outbox.enqueue(
            session,
            CARD,
            poll.subject,
            [to_group(group.id)],
            klass=Class.REMINDER,
            priority=ANSWER,
            standing=True,
            now=now,
        )
        return
    here = present(session, meeting)
    people = [
        (each, now if here is not None else quiet.for_person(each, now))
        for each in reachable(session, meeting.id, here)
    ]
    outbox.enqueue(
        session,
        ASK,
        poll.subject,
        [{**to_person(each.id), "due_at": at} for each, at in people if at < poll.closes_at],
        klass=Class.REMINDER,
        priority=ANSWER if here is not None else outbox.URGENT,
        valid_until=poll.closes_at,
        now=now,
    )


def _close(
    session: Session, poll: Poll, meeting: Meeting, actor: Actor, *, at: datetime, now: datetime
) -> None:
    poll.totals, poll.asked = list(count(session, poll)), asked(session, poll)
    poll.closed_at, poll.closed_by = at, actor.person_id
    session.add(poll)
    session.flush()
    session.execute(delete(Choice).where(col(Choice.poll_id) == poll.id))
    outbox.cancel(session, poll.subject, kind=ASK)
    outbox.refresh(session, CARD, poll.subject)
    audit.record(session, actor, Did.POLL_CLOSE, _about(poll, meeting), now=now)


def _about(poll: Poll, meeting: Meeting) -> dict[str, int]:
    return {"poll": poll.id, **meeting.about}
