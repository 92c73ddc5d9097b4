"""Moving a meeting and calling it off.

What is ordered waits a minute as a `Change`, and only then comes about, together with its notices
(`carry_out`, from the clock). Until then the meeting is what everybody has been told, so taking
the order back has nothing to restore: no answer was dropped, no seat, no reminder, no notice.
What was about to be said or to happen in that minute is only put off until after it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import update
from sqlmodel import Session, col, select

from storage import audit, outbox, schedule
from storage.acts import Did
from storage.audit import CLOCK
from storage.errors import NotFound, Refusal
from storage.meetings import reminding
from storage.meetings.calling import NEWS, UNDO, announce, check_moment, check_place, movable
from storage.meetings.finding import locked, managed, waiting_change
from storage.meetings.seats import (
    ANNOUNCEMENT,
    CANCELLATION,
    CHANGE,
    ROLL_CARD,
    invite,
    reachable,
    told,
    uninvited,
)
from storage.meetings.tables import (
    UNDER_WAY,
    Answer,
    Change,
    ChangeState,
    Meeting,
    MeetingState,
    Seat,
)
from storage.outbox import Class, Notice, to_person
from storage.powers import Actor
from storage.quiet import Quiet

# Between a change and what was put off for it: the clock that carries it out comes first. Should
# an invitation slip through, its reader is among those who hear of the change.
PUT_OFF = UNDO + timedelta(seconds=5)


# -- actions: ordered --------------------------------------------------------------------------


def move(
    session: Session,
    actor: Actor,
    meeting_id: int,
    *,
    revision: int,
    starts_at: datetime,
    place: str,
    now: datetime,
) -> Change | None:
    """Orders another time or place; returns the change that waits now, whoever ordered it.

    `revision` is what the one who moves it has seen: changed meanwhile, the meeting is left as it
    is. So it is while another change waits.
    """
    meeting = managed(session, actor, meeting_id)
    place = check_place(place)
    waiting = waiting_change(session, meeting)
    same = (meeting.starts_at, meeting.place) == (starts_at, place)
    if waiting is not None or same or meeting.revision != revision:
        return waiting
    check_movable(session, meeting, now=now)
    check_moment(starts_at, now=now)
    return _order(session, actor, meeting, starts_at=starts_at, place=place, now=now)


def call_off(session: Session, actor: Actor, meeting_id: int, *, now: datetime) -> Change | None:
    """Orders a cancellation; returns the change that waits now. A draft is thrown away at once."""
    meeting = managed(session, actor, meeting_id)
    if meeting.state == MeetingState.CANCELLED:
        return None
    if meeting.state == MeetingState.DRAFT:
        cancel(session, meeting)
        meeting.revision += 1
        session.flush()
        return None
    waiting = waiting_change(session, meeting)
    if waiting is not None:
        return waiting
    check_movable(session, meeting, now=now)
    return _order(session, actor, meeting, now=now)


def _order(
    session: Session,
    actor: Actor,
    meeting: Meeting,
    *,
    starts_at: datetime | None = None,
    place: str | None = None,
    now: datetime,
) -> Change:
    change = Change(
        meeting_id=meeting.id,
        starts_at=starts_at,
        place=place,
        ordered_by=actor.person_id,
        due_at=now + UNDO,
    )
    session.add(change)
    session.flush()
    outbox.postpone(session, meeting.subject, until=now + PUT_OFF)
    schedule.postpone(session, meeting.subject, until=now + PUT_OFF)
    schedule.once(session, CHANGE, meeting.subject, change.due_at, zone=meeting.zone)
    about = {**meeting.about, "change": change.id}
    if starts_at is None:
        audit.record(session, actor, Did.MEETING_CANCEL, about, now=now)
    else:
        times = {"was": meeting.starts_at, "starts": starts_at}
        audit.record(session, actor, Did.MEETING_MOVE, about, now=now, **times)
    return change


def check_movable(session: Session, meeting: Meeting, *, now: datetime) -> None:
    """Refuses to move or call off what has begun, or what somebody has come to."""
    if meeting.state == MeetingState.DRAFT:
        raise NotFound
    if meeting.state == MeetingState.CANCELLED:
        raise Refusal("This meeting has been cancelled.")
    if not movable(meeting, now=now):
        raise Refusal("Check-in for this meeting has been opened already.")
    here = select(Seat.id).where(Seat.meeting_id == meeting.id, col(Seat.present_at).is_not(None))
    if session.exec(here.limit(1)).first() is not None:
        raise Refusal("Somebody is checked in already. Take that back before you move or cancel.")


# -- actions: carried out ----------------------------------------------------------------------


def carry_out(session: Session, meeting_id: int, *, quiet: Quiet, now: datetime) -> None:
    """The minute is over: the change that waits comes about, and everybody is told."""
    meeting = locked(session, meeting_id)
    change = None if meeting is None else waiting_change(session, meeting)
    if meeting is None or change is None:
        return
    change.state = ChangeState.DONE
    session.add(change)
    about = {**meeting.about, "change": change.id}
    audit.record(session, CLOCK, Did.CHANGE_DONE, about, now=now)
    if change.starts_at is not None and change.place is not None:
        _move(session, meeting, change.starts_at, change.place, quiet=quiet, now=now)
    else:
        _call_off(session, meeting, quiet=quiet, now=now)
    if change.urgent:
        outbox.hasten(session, meeting.subject, NEWS, due_at=now)


def _move(
    session: Session,
    meeting: Meeting,
    starts_at: datetime,
    place: str,
    *,
    quiet: Quiet,
    now: datetime,
) -> None:
    """Another time or place for everybody; another day asks them anew."""
    asks = _day(meeting.starts_at, meeting.zone) != _day(starts_at, meeting.zone)
    reminding.take_back(session, meeting)
    if asks:
        _ask_anew(session, meeting)
    waiting, knowing = uninvited(session, meeting), told(session, meeting)
    untold = _untold(session, meeting)
    before = {"starts_at": meeting.starts_at.isoformat(), "place": meeting.place}
    outbox.cancel(session, meeting.subject)
    _withdraw_roll(session, meeting)
    meeting.starts_at, meeting.place = starts_at, place
    meeting.revision += 1
    session.add(meeting)
    session.flush()
    late = [each for each in reachable(session, meeting.id) if each.id in waiting]
    invite(session, meeting, late, at=now, quiet=quiet, now=now)
    outbox.enqueue(
        session,
        CHANGE,
        meeting.subject,
        [
            {
                **to_person(each.id),
                "due_at": quiet.for_person(each, now),
                # Who has not heard of the last move is told what they know, not what lay between.
                "facts": {
                    "before": before,
                    **(old := untold.get(each.id, {})),
                    "asks": asks or old.get("asks", False),
                },
            }
            for each in knowing
        ],
        klass=Class.REMINDER,
        revision=meeting.revision,
        valid_until=starts_at,
        now=now,
    )
    facts = untold.get(None, {"before": before})
    announce(session, meeting, at=now, valid_until=starts_at, quiet=quiet, now=now, facts=facts)
    reminding.plan(session, meeting, now=now)


def _call_off(session: Session, meeting: Meeting, *, quiet: Quiet, now: datetime) -> None:
    """No meeting; those who know of it are told, also who may already stand before the door."""
    knowing, announced = told(session, meeting), _announced(session, meeting)
    over = meeting.starts_at + UNDER_WAY
    cancel(session, meeting)
    meeting.revision += 1
    session.add(meeting)
    session.flush()
    outbox.enqueue(
        session,
        CANCELLATION,
        meeting.subject,
        [{**to_person(each.id), "due_at": quiet.for_person(each, now)} for each in knowing],
        klass=Class.REMINDER,
        revision=meeting.revision,
        valid_until=over,
        now=now,
    )
    if announced:
        announce(session, meeting, at=now, valid_until=over, quiet=quiet, now=now)


# -- parts -------------------------------------------------------------------------------------


def cancel(session: Session, meeting: Meeting) -> None:
    """Nothing more is owed or scheduled about the meeting."""
    _withdraw_roll(session, meeting)
    meeting.state = MeetingState.CANCELLED
    session.add(meeting)
    session.flush()
    reminding.take_back(session, meeting)
    outbox.cancel(session, meeting.subject)
    schedule.drop(session, meeting.subject)
    _drop_requests(session, meeting)


def _withdraw_roll(session: Session, meeting: Meeting) -> None:
    """A check-in that was opened ahead is as if it had not been, and so are taps on it."""
    if meeting.opened_at is None:
        return
    meeting.opened_at, meeting.opened_by, meeting.closes_at = None, None, None
    session.add(meeting)
    session.flush()
    session.execute(
        update(Seat)
        .where(col(Seat.meeting_id) == meeting.id)
        .values(present_at=None, how=None, marked_by=None, late=False, left_at=None)
        .execution_options(synchronize_session="fetch")
    )
    schedule.drop(session, meeting.roll_subject)
    outbox.cancel(session, meeting.roll_subject)
    outbox.refresh(session, ROLL_CARD, meeting.roll_subject)


def _ask_anew(session: Session, meeting: Meeting) -> None:
    """Forgets what people have said: they said it about another day."""
    _drop_requests(session, meeting)
    session.execute(
        update(Seat)
        .where(col(Seat.meeting_id) == meeting.id)
        .values(
            answer=Answer.NONE,
            answered_at=None,
            answered_by=None,
            leave_reason=None,
            leave=None,
            decided_by=None,
            decision_reason=None,
            decided_at=None,
            reminders=0,
        )
        .execution_options(synchronize_session="fetch")
    )


def _drop_requests(session: Session, meeting: Meeting) -> None:
    """What is unsent about people's requests is not sent."""
    asked = select(Seat).where(Seat.meeting_id == meeting.id, Seat.requests > 0)
    for seat in session.exec(asked).all():
        outbox.cancel(session, seat.subject)


def _announced(session: Session, meeting: Meeting) -> bool:
    """Whether a group has been told, or may have been."""
    states = outbox.counts(session, meeting.subject, ANNOUNCEMENT)
    unsent = (*outbox.UNSENT, outbox.State.CANCELLED)
    return any(number for state, number in states.items() if state not in unsent)


def _untold(session: Session, meeting: Meeting) -> dict[int | None, dict[str, Any]]:
    """What the news that has not left yet says to each; the group's is under None."""
    found = session.exec(
        select(Notice.person_id, Notice.facts)
        .where(Notice.subject == meeting.subject)
        .where(col(Notice.kind).in_((CHANGE, ANNOUNCEMENT)))
        .where(col(Notice.state).in_(outbox.UNSENT))
    ).all()
    return {person_id: dict(facts) for person_id, facts in found}


def _day(moment: datetime, zone: str) -> object:
    return moment.astimezone(ZoneInfo(zone)).date()
