"""Calling a meeting, taking it back, moving it and calling it off.

A meeting exists from the moment its notice is ordered; the notice alone waits a minute, so that
it can be taken back. One form makes one meeting: the form's token is unique, whoever presses
twice or from two phones.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from storage import groups, outbox, schedule
from storage.errors import Refusal
from storage.folding import clean_name
from storage.meetings import reminding
from storage.meetings.finding import managed, of_token, zone_of
from storage.meetings.seats import (
    ANNOUNCEMENT,
    CANCELLATION,
    CHANGE,
    INVITATION,
    ROLL_CARD,
    invite,
    reachable,
    sync_seats,
    told,
    uninvited,
)
from storage.meetings.tables import Answer, Meeting, MeetingKind, MeetingState, Seat
from storage.outbox import Class, Notice, to_group, to_person
from storage.powers import Actor, require
from storage.quiet import Quiet
from storage.roster import unit_lineage

UNDO = timedelta(seconds=60)
SHORT_NOTICE = timedelta(days=1)
PLACE_LIMIT = 200
NEWS = (INVITATION, CHANGE, CANCELLATION, ANNOUNCEMENT)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a form has gathered about a meeting."""

    unit_id: int
    kind: MeetingKind
    starts_at: datetime
    place: str


# -- rules -------------------------------------------------------------------------------------


def at_short_notice(starts_at: datetime, *, now: datetime) -> bool:
    """Whether people hear of the meeting less than a day ahead."""
    return starts_at - now < SHORT_NOTICE


def undoable(meeting: Meeting, *, now: datetime) -> bool:
    """Whether the call can still be taken back: nobody has been told."""
    if meeting.state != MeetingState.CALLED or meeting.called_at is None:
        return False
    untouched = meeting.opened_at is None and meeting.revision == 0
    return untouched and now < meeting.called_at + UNDO


def movable(meeting: Meeting, *, now: datetime) -> bool:
    """Whether it may be moved or called off: until check-in is open and its hour has come."""
    called = meeting.state == MeetingState.CALLED
    return called and (meeting.opened_at is None or now < meeting.starts_at)


def check_moment(starts_at: datetime, *, now: datetime) -> None:
    """Nobody can be called to the past."""
    if starts_at <= now:
        raise Refusal("That moment has passed. Please choose a later one.")


def check_place(place: str) -> str:
    """The place as it is stored."""
    tidy = clean_name(place)
    if not tidy:
        raise Refusal("Please say where the meeting is.")
    if len(tidy) > PLACE_LIMIT:
        raise Refusal("A place takes at most {limit} letters.", limit=PLACE_LIMIT)
    return tidy


# -- actions -----------------------------------------------------------------------------------


def save(
    session: Session, actor: Actor, plan: Plan, *, token: str, quiet: Quiet, now: datetime
) -> Meeting:
    """Keeps what a form has gathered as a draft; what was called already stays as it is."""
    require(actor, "meeting.create", unit_lineage(session, plan.unit_id))
    check_moment(plan.starts_at, now=now)
    meeting = of_token(session, actor, token)
    if meeting is not None and meeting.state != MeetingState.DRAFT:
        return meeting
    gathered: dict[str, Any] = {
        "unit_id": plan.unit_id,
        "kind": plan.kind,
        "starts_at": plan.starts_at,
        "place": check_place(plan.place),
        "zone": zone_of(session, plan.unit_id, quiet.zone),
    }
    if meeting is None:
        meeting = Meeting(token=token, created_by=actor.person_id, **gathered)
    else:
        meeting.sqlmodel_update(gathered)
    try:
        with session.begin_nested():
            session.add(meeting)
    except IntegrityError:  # the same form, at the same moment, in another process
        meeting = of_token(session, actor, token)
        if meeting is None:
            raise
    return meeting


def call(
    session: Session, actor: Actor, plan: Plan, *, token: str, quiet: Quiet, now: datetime
) -> Meeting:
    """Calls a meeting: from now on it exists, and in a minute everybody is told."""
    meeting = save(session, actor, plan, token=token, quiet=quiet, now=now)
    if meeting.state != MeetingState.DRAFT:
        return meeting
    meeting.state, meeting.called_at = MeetingState.CALLED, now
    session.add(meeting)
    session.flush()
    people = sync_seats(session, meeting, now=now)
    invite(session, meeting, people, at=now + UNDO, quiet=quiet, now=now)
    _announce(session, meeting, at=now + UNDO, quiet=quiet, now=now)
    reminding.plan(session, meeting, now=now)
    return meeting


def undo(session: Session, actor: Actor, meeting_id: int, *, now: datetime) -> bool:
    """Takes a call back while nobody has been told; False when it is too late for that."""
    meeting = managed(session, actor, meeting_id)
    if meeting.state == MeetingState.CANCELLED:
        return meeting.revision == 0  # called off, its revision has grown
    if not undoable(meeting, now=now):
        return False
    _withdraw(session, meeting)
    return True


def send_now(session: Session, actor: Actor, meeting_id: int, *, now: datetime) -> int:
    """Lets the news of a meeting out of the quiet hours, as urgent; the minute to undo stays."""
    meeting = managed(session, actor, meeting_id)
    due_at = max(now, (meeting.called_at or now) + UNDO)
    return outbox.hasten(session, meeting.subject, NEWS, due_at=due_at)


def move(
    session: Session,
    actor: Actor,
    meeting_id: int,
    *,
    revision: int,
    starts_at: datetime,
    place: str,
    quiet: Quiet,
    now: datetime,
) -> Meeting:
    """Gives a meeting another time or place and tells everybody; another day asks them anew.

    `revision` is what the one who moves it has seen: moved meanwhile, it is left as it is.
    """
    meeting = managed(session, actor, meeting_id)
    place = check_place(place)
    same = (meeting.starts_at, meeting.place) == (starts_at, place)
    if same or meeting.revision != revision:
        return meeting
    check_movable(session, meeting, now=now)
    check_moment(starts_at, now=now)
    asks = _day(meeting.starts_at, meeting.zone) != _day(starts_at, meeting.zone)
    reminding.take_back(session, meeting)
    if asks:
        _ask_anew(session, meeting)
    waiting, knowing = uninvited(session, meeting), told(session, meeting)
    outbox.cancel(session, meeting.subject)
    _withdraw_roll(session, meeting)
    meeting.starts_at, meeting.place = starts_at, place
    meeting.revision += 1
    session.add(meeting)
    session.flush()
    late = [each for each in reachable(session, meeting.id) if each.id in waiting]
    at = max(now, (meeting.called_at or now) + UNDO)
    invite(session, meeting, late, at=at, quiet=quiet, now=now)
    outbox.enqueue(
        session,
        CHANGE,
        meeting.subject,
        [{**to_person(each.id), "due_at": quiet.for_person(each, now)} for each in knowing],
        klass=Class.REMINDER,
        revision=meeting.revision,
        facts={"asks": asks},
        valid_until=starts_at,
        now=now,
    )
    _announce(session, meeting, at=now, quiet=quiet, now=now)
    reminding.plan(session, meeting, now=now)
    return meeting


def call_off(
    session: Session, actor: Actor, meeting_id: int, *, quiet: Quiet, now: datetime
) -> Meeting:
    """Cancels a meeting and tells those who know of it; a draft is simply thrown away."""
    meeting = managed(session, actor, meeting_id)
    if meeting.state == MeetingState.CANCELLED:
        return meeting
    check_movable(session, meeting, now=now)
    knowing = told(session, meeting) if meeting.state == MeetingState.CALLED else []
    announced = _announced(session, meeting)
    _withdraw(session, meeting)
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
        valid_until=meeting.starts_at,
        now=now,
    )
    if announced:
        _announce(session, meeting, at=now, quiet=quiet, now=now)
    return meeting


def check_movable(session: Session, meeting: Meeting, *, now: datetime) -> None:
    """Refuses to move or call off what has begun, or what somebody has come to."""
    if meeting.state == MeetingState.CANCELLED:
        raise Refusal("This meeting has been cancelled.")
    if meeting.state != MeetingState.DRAFT and not movable(meeting, now=now):
        raise Refusal("Check-in for this meeting has been opened already.")
    here = select(Seat.id).where(Seat.meeting_id == meeting.id, col(Seat.present_at).is_not(None))
    if session.exec(here.limit(1)).first() is not None:
        raise Refusal("Somebody is checked in already. Take that back before you move or cancel.")


# -- questions ---------------------------------------------------------------------------------


def held_until(session: Session, meeting: Meeting, *, now: datetime) -> datetime | None:
    """Until when quiet hours hold back news of the meeting; None when they hold none."""
    return session.exec(
        select(func.max(Notice.due_at))
        .where(Notice.subject == meeting.subject, col(Notice.kind).in_(NEWS))
        .where(Notice.state == outbox.State.QUEUED, Notice.due_at > now + UNDO)
    ).one()


# -- parts -------------------------------------------------------------------------------------


def _withdraw_roll(session: Session, meeting: Meeting) -> None:
    """A check-in that was opened ahead, and to which nobody came, is as if it had not been."""
    if meeting.opened_at is None:
        return
    meeting.opened_at, meeting.opened_by, meeting.closes_at = None, None, None
    session.add(meeting)
    session.flush()
    schedule.drop(session, meeting.roll_subject)
    outbox.cancel(session, meeting.roll_subject)
    outbox.refresh(session, ROLL_CARD, meeting.roll_subject)


def _withdraw(session: Session, meeting: Meeting) -> None:
    """Nothing more is owed or scheduled about the meeting."""
    _withdraw_roll(session, meeting)
    meeting.state = MeetingState.CANCELLED
    session.add(meeting)
    session.flush()
    reminding.take_back(session, meeting)
    outbox.cancel(session, meeting.subject)
    schedule.drop(session, meeting.subject)
    _drop_requests(session, meeting)


def _ask_anew(session: Session, meeting: Meeting) -> None:
    """Forgets what people have said: they said it about another day."""
    _drop_requests(session, meeting)
    session.execute(
        update(Seat)
        .where(col(Seat.meeting_id) == meeting.id)
        .values(
            answer=Answer.NONE,
            answered_at=None,
            leave_reason=None,
            leave=None,
            decided_by=None,
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


def _announce(
    session: Session, meeting: Meeting, *, at: datetime, quiet: Quiet, now: datetime
) -> None:
    """Owes the unit's group the time and place; a committee's meeting is nobody else's business."""
    group = groups.of_unit(session, meeting.unit_id)
    if group is None or meeting.kind == MeetingKind.COMMITTEE:
        return
    outbox.enqueue(
        session,
        ANNOUNCEMENT,
        meeting.subject,
        [to_group(group.id)],
        klass=Class.REMINDER,
        revision=meeting.revision,
        due_at=quiet.for_group(at),
        valid_until=meeting.starts_at,
        now=now,
    )


def _announced(session: Session, meeting: Meeting) -> bool:
    """Whether a group has been told, or may have been."""
    states = outbox.counts(session, meeting.subject, ANNOUNCEMENT)
    unsent = (*outbox.UNSENT, outbox.State.CANCELLED)
    return any(number for state, number in states.items() if state not in unsent)


def _day(moment: datetime, zone: str) -> object:
    return moment.astimezone(ZoneInfo(zone)).date()
