"""Keeping a series: begun, changed and ended by people, carried on by itself every morning.

The months ahead are meetings already: drafts that nobody has been told of. Some days before, the
committee gets such a draft to send with one press, or it is called by itself where the committee
has said so. A month is made once (`Turn`); what people do with its meeting afterwards is between
them and the meeting.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from storage import audit, meetings, outbox, rules, schedule
from storage.acts import Did
from storage.audit import CLOCK
from storage.db import upsert
from storage.errors import NotFound, Refusal
from storage.meetings import Meeting, MeetingState
from storage.outbox import Class, to_person
from storage.powers import COMMITTEE, Actor, require
from storage.quiet import Quiet
from storage.roster import Unit, holders, unit_lineage
from storage.series.rules import Plan, check, comes_in, date_in, months_kept
from storage.series.tables import Series, Turn

TEND = "series.tend"  # what happens every morning
TURN = "series.turn"  # to the committee: a meeting that waits for a press
EVERY_MORNING = "0 8 * * *"
LEAD = "series.lead"

# -- actions: by people ------------------------------------------------------------------------


def start(
    session: Session, actor: Actor, plan: Plan, *, token: str, quiet: Quiet, now: datetime
) -> Series:
    """Begins a series; one form begins one, and a unit has one of a kind."""
    require(actor, "meeting.create", unit_lineage(session, plan.unit_id))
    check(plan)
    found = of_token(session, actor, token)
    if found is not None:
        return found
    series = Series(
        token=token,
        unit_id=plan.unit_id,
        kind=plan.kind,
        created_by=actor.person_id,
        created_at=now,
        **_columns(plan),
    )
    try:
        with session.begin_nested():
            session.add(series)
    except IntegrityError:
        found = of_token(session, actor, token)
        if found is not None:
            return found
        raise Refusal("There is such a schedule already. Please change that one.") from None
    zone = zone_of(session, series.unit_id, quiet)
    schedule.repeat(session, TEND, series.subject, EVERY_MORNING, zone=zone, now=now)
    _make_turns(session, series, zone, now)
    audit.record(session, actor, Did.SERIES_START, series.about, now=now)
    return series


def change(
    session: Session,
    actor: Actor,
    series_id: int,
    plan: Plan,
    *,
    revision: int,
    quiet: Quiet,
    now: datetime,
) -> Series:
    """Another rule, time or place: for the meetings that nobody has been told of.

    What somebody has moved by hand stays where it was put, and so does the meeting of a month
    whose new day has passed.
    """
    series = managed(session, actor, series_id)
    plan = Plan(**{**_fields(plan), "unit_id": series.unit_id, "kind": series.kind})
    check(plan)
    if series.ended_at is not None:
        raise Refusal("This schedule has ended.")
    if series.revision != revision:
        raise Refusal("This schedule was changed meanwhile. Please look at it again.")
    series.sqlmodel_update({**_columns(plan), "revision": revision + 1})
    session.add(series)
    session.flush()
    zone = zone_of(session, series.unit_id, quiet)
    for turn, meeting in untold(session, series, now=now):
        if not comes_in(plan, turn.month):
            _withdraw(session, turn, meeting)
        elif (meeting.starts_at, meeting.place) == (turn.starts_at, turn.place):
            _follow(session, turn, meeting, plan, zone, now)
    _make_turns(session, series, zone, now)
    audit.record(session, actor, Did.SERIES_CHANGE, series.about, now=now)
    return series


def end(session: Session, actor: Actor, series_id: int, *, now: datetime) -> Series:
    """Ends a series; what nobody has been told of is withdrawn, the rest takes place."""
    series = managed(session, actor, series_id)
    if series.ended_at is not None:
        return series
    series.ended_at, series.ended_by = now, actor.person_id
    session.add(series)
    session.flush()
    schedule.drop(session, series.subject)
    for turn, meeting in untold(session, series, now=now):
        _withdraw(session, turn, meeting)
    audit.record(session, actor, Did.SERIES_END, series.about, now=now)
    return series


def send_itself(
    session: Session, actor: Actor, series_id: int, *, itself: bool, now: datetime
) -> Series:
    """Whether the meetings of the series are called without a press."""
    series = managed(session, actor, series_id)
    if series.sends_itself != itself and series.ended_at is None:
        series.sends_itself = itself
        session.add(series)
        session.flush()
        audit.record(session, actor, Did.SERIES_CHANGE, series.about, now=now, itself=int(itself))
    return series


def send(
    session: Session,
    actor: Actor,
    meeting_id: int,
    *,
    seen: datetime | None = None,
    quiet: Quiet,
    now: datetime,
) -> Meeting:
    """Calls the meeting of a turn with one press, unless it is another than was `seen`."""
    meeting = meetings.managed(session, actor, meeting_id)
    if turn_of(session, meeting_id) is None:
        raise NotFound
    if meeting.state != MeetingState.DRAFT or seen not in (None, meeting.starts_at):
        return meeting
    meetings.check_moment(meeting.starts_at, now=now)
    return meetings.send(session, actor, meeting, quiet=quiet, now=now)


# -- actions: by itself ------------------------------------------------------------------------


def tend(session: Session, series_id: int, *, profile: str, quiet: Quiet, now: datetime) -> None:
    """Every morning: the months ahead have their meetings, and those close by are on their way."""
    series = _locked(session, series_id)
    if series is None or series.ended_at is not None:
        return
    zone = zone_of(session, series.unit_id, quiet)
    _make_turns(session, series, zone, now)
    today = now.astimezone(ZoneInfo(zone)).date()
    unit = session.get_one(Unit, series.unit_id)
    lead = rules.rule(session, profile, LEAD, unit, on=today).value
    if lead is None:
        return
    for _turn, meeting in untold(session, series, now=now):
        day = meeting.starts_at.astimezone(ZoneInfo(zone)).date()
        if day > today + timedelta(days=int(lead)):
            continue
        if _held_otherwise(session, series, day.replace(day=1), zone):
            continue  # somebody has called this month's meeting by hand
        if series.sends_itself:
            meetings.send(session, CLOCK, meeting, quiet=quiet, now=now)
        else:
            _propose(session, series, meeting, today=today, quiet=quiet, now=now)


def _propose(
    session: Session, series: Series, meeting: Meeting, *, today: date, quiet: Quiet, now: datetime
) -> None:
    """Owes the committee the draft; who has had it is not asked twice."""
    outbox.enqueue(
        session,
        TURN,
        meeting.subject,
        [
            {**to_person(person.id), "due_at": quiet.for_person(person, now)}
            for person in holders(session, series.unit_id, COMMITTEE, today=today)
            if person.telegram_id is not None
        ],
        klass=Class.REMINDER,
        valid_until=meeting.starts_at,
        now=now,
    )


def _make_turns(session: Session, series: Series, zone: str, now: datetime) -> None:
    """Makes the meetings of the months ahead that have none; each month once, whoever asks."""
    plan, today = plan_of(series), now.astimezone(ZoneInfo(zone)).date()
    for month in months_kept(plan, today):
        found = date_in(plan, month, zone)
        if found.starts_at <= now or _held_otherwise(session, series, month, zone):
            continue
        values = {
            "series_id": series.id,
            "month": month,
            "starts_at": found.starts_at,
            "place": series.place,
            "why": found.why,
        }
        new = upsert(session, Turn).values(**values).on_conflict_do_nothing()
        turn_id = session.execute(new.returning(col(Turn.id))).scalar()
        if turn_id is None:
            continue
        meeting = Meeting(
            unit_id=series.unit_id,
            kind=series.kind,
            starts_at=found.starts_at,
            zone=zone,
            place=series.place,
            token=secrets.token_hex(6),
        )
        session.add(meeting)
        session.flush()
        session.get_one(Turn, turn_id).meeting_id = meeting.id
        session.flush()


def _follow(
    session: Session, turn: Turn, meeting: Meeting, plan: Plan, zone: str, now: datetime
) -> None:
    """A meeting that nobody knows of yet becomes what the changed series says."""
    found = date_in(plan, turn.month, zone)
    meeting.place = turn.place = plan.place
    if found.starts_at > now:
        meeting.starts_at = turn.starts_at = found.starts_at
        meeting.zone, turn.why = zone, found.why
    session.add_all((meeting, turn))
    outbox.cancel(session, meeting.subject, kind=TURN)
    session.flush()


def _withdraw(session: Session, turn: Turn, meeting: Meeting) -> None:
    """No meeting in that month after all; a later change of mind may make one."""
    meetings.cancel(session, meeting)
    session.delete(turn)
    session.flush()


# -- questions ---------------------------------------------------------------------------------


def managed(session: Session, actor: Actor, series_id: int) -> Series:
    """A series over which the actor has a say, locked until the end of the transaction."""
    series = _locked(session, series_id)
    if series is None:
        raise NotFound
    require(actor, "meeting.create", unit_lineage(session, series.unit_id))
    return series


def of_token(session: Session, actor: Actor, token: str) -> Series | None:
    """The series that a form has become, if it has."""
    found = session.exec(select(Series.id).where(Series.token == token)).first()
    return None if found is None else managed(session, actor, found)


def running(session: Session, unit_ids: Sequence[int]) -> Sequence[Series]:
    """The series that these units keep."""
    return session.exec(
        select(Series)
        .where(col(Series.unit_id).in_(unit_ids), col(Series.ended_at).is_(None))
        .order_by(col(Series.unit_id), col(Series.id))
    ).all()


def of_unit(session: Session, unit_id: int, kind: str) -> Series | None:
    """The running series of a kind that a unit keeps."""
    return next((each for each in running(session, [unit_id]) if each.kind == kind), None)


def coming(
    session: Session, series: Series, *, now: datetime, limit: int = 3
) -> list[tuple[Turn, Meeting]]:
    """The next meetings of the series, and what became of them."""
    return list(
        session.exec(
            select(Turn, Meeting)
            .join(Meeting, col(Meeting.id) == Turn.meeting_id)
            .where(Turn.series_id == series.id, Meeting.starts_at > now)
            .order_by(col(Meeting.starts_at), col(Meeting.id))
            .limit(limit)
        ).all()
    )


def untold(session: Session, series: Series, *, now: datetime) -> list[tuple[Turn, Meeting]]:
    """The meetings ahead that nobody has been told of, locked."""
    return list(
        session.exec(
            select(Turn, Meeting)
            .join(Meeting, col(Meeting.id) == Turn.meeting_id)
            .where(Turn.series_id == series.id, Meeting.starts_at > now)
            .where(Meeting.state == MeetingState.DRAFT)
            .order_by(col(Meeting.id))
            .with_for_update(of=Meeting)
            .execution_options(populate_existing=True)
        ).all()
    )


def turn_of(session: Session, meeting_id: int) -> Turn | None:
    """The month of a series that a meeting was made for."""
    return session.exec(select(Turn).where(Turn.meeting_id == meeting_id)).first()


def plan_of(series: Series) -> Plan:
    """What a form would say to make it."""
    return Plan(
        series.unit_id,
        series.kind,
        series.pattern,
        series.clock,
        series.place,
        series.quarter_month,
        series.shift,
    )


def zone_of(session: Session, unit_id: int, quiet: Quiet) -> str:
    """The zone in which the unit meets."""
    return meetings.zone_of(session, unit_id, quiet.zone)


def _held_otherwise(session: Session, series: Series, month: date, zone: str) -> bool:
    """Whether the unit has called such a meeting in that month without the series."""
    first = datetime(month.year, month.month, 1, tzinfo=ZoneInfo(zone))
    following = (month + timedelta(days=31)).replace(day=1)
    until = datetime(following.year, following.month, 1, tzinfo=ZoneInfo(zone))
    turns = select(Turn.meeting_id).where(
        Turn.series_id == series.id, col(Turn.meeting_id).is_not(None)
    )
    found = session.exec(
        select(Meeting.id)
        .where(Meeting.unit_id == series.unit_id, Meeting.kind == series.kind)
        .where(col(Meeting.state).in_((MeetingState.CALLED, MeetingState.CLOSED)))
        .where(Meeting.starts_at >= first, Meeting.starts_at < until)
        .where(col(Meeting.id).not_in(turns))
        .limit(1)
    ).first()
    return found is not None


def _locked(session: Session, series_id: int) -> Series | None:
    return session.exec(
        select(Series)
        .where(Series.id == series_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()


def _fields(plan: Plan) -> dict[str, Any]:
    return {name: getattr(plan, name) for name in Plan.__slots__}


def _columns(plan: Plan) -> dict[str, Any]:
    return {
        "day": plan.pattern.day,
        "weekday": plan.pattern.weekday,
        "nth": plan.pattern.nth,
        "clock": plan.clock,
        "place": meetings.check_place(plan.place),
        "quarter_month": plan.quarter_month,
        "shift": plan.shift,
    }
