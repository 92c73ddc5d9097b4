"""Calling a meeting.

A meeting exists from the moment its notice is ordered; the notice alone waits a minute, so that
it can be taken back (`undoing`). One form makes one meeting: the form's token is unique, whoever
presses twice or from two phones.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from storage import audit, groups, outbox
from storage.acts import Did
from storage.errors import NotFound, Refusal
from storage.folding import clean_name
from storage.meetings import reminding
from storage.meetings.finding import of_token, zone_of
from storage.meetings.seats import (
    ANNOUNCEMENT,
    CANCELLATION,
    CHANGE,
    INVITATION,
    invite,
    sync_seats,
    units_called,
)
from storage.meetings.tables import Meeting, MeetingKind, MeetingState, MeetingUnit
from storage.outbox import Class, to_group
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
    units: tuple[int, ...] = ()  # those below that are called; none: all of them


# -- rules -------------------------------------------------------------------------------------


def at_short_notice(starts_at: datetime, *, now: datetime) -> bool:
    """Whether people hear of the meeting less than a day ahead."""
    return starts_at - now < SHORT_NOTICE


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
    if any(plan.unit_id not in unit_lineage(session, each)[:-1] for each in plan.units):
        raise NotFound
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
    _call_units(session, meeting, plan.units)
    return meeting


def _call_units(session: Session, meeting: Meeting, units: Collection[int]) -> None:
    """Writes down which units below are called, in place of those that were."""
    if {unit.id for unit in units_called(session, meeting.id)} == set(units):
        return
    session.execute(delete(MeetingUnit).where(col(MeetingUnit.meeting_id) == meeting.id))
    session.add_all(MeetingUnit(meeting_id=meeting.id, unit_id=each) for each in set(units))
    session.flush()


def call(
    session: Session, actor: Actor, plan: Plan, *, token: str, quiet: Quiet, now: datetime
) -> Meeting:
    """Calls a meeting: from now on it exists, and in a minute everybody is told."""
    meeting = save(session, actor, plan, token=token, quiet=quiet, now=now)
    return send(session, actor, meeting, quiet=quiet, now=now)


def send(
    session: Session, actor: Actor, meeting: Meeting, *, quiet: Quiet, now: datetime
) -> Meeting:
    """Makes a draft, which the caller has locked, a meeting; what is one already stays so."""
    if meeting.state != MeetingState.DRAFT:
        return meeting
    meeting.state, meeting.called_at = MeetingState.CALLED, now
    session.add(meeting)
    session.flush()
    people = sync_seats(session, meeting, now=now)
    invite(session, meeting, people, at=now + UNDO, quiet=quiet, now=now)
    begins = meeting.starts_at
    announce(session, meeting, at=now + UNDO, valid_until=begins, quiet=quiet, now=now)
    reminding.plan(session, meeting, now=now)
    audit.record(session, actor, Did.MEETING_CALL, meeting.about, now=now, starts=begins)
    return meeting


def announce(
    session: Session,
    meeting: Meeting,
    *,
    at: datetime,
    valid_until: datetime,
    quiet: Quiet,
    now: datetime,
    facts: dict[str, Any] | None = None,
) -> None:
    """Owes the unit's group the time and place; a committee's meeting is nobody else's business.

    Where some of the units below are called, it is their groups that hear of it.
    """
    if meeting.kind == MeetingKind.COMMITTEE:
        return
    units = [unit.id for unit in units_called(session, meeting.id)] or [meeting.unit_id]
    rooms = [group for each in units if (group := groups.of_unit(session, each)) is not None]
    outbox.enqueue(
        session,
        ANNOUNCEMENT,
        meeting.subject,
        [to_group(group.id) for group in rooms],
        klass=Class.REMINDER,
        revision=meeting.revision,
        due_at=quiet.for_group(at),
        valid_until=valid_until,
        facts=facts,
        now=now,
    )
