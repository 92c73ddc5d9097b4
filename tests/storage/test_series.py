"""Series: the days that they come to, the meetings that they make, and who misses one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from storage import meetings, outbox, roster, rules, schedule, series, speakers
from storage.acts import Did
from storage.audit import Deed
from storage.db import Database
from storage.errors import NotFound, Refusal
from storage.meetings import Meeting, MeetingKind, MeetingState, Seat
from storage.outbox import Notice, State
from storage.powers import Actor
from storage.quiet import Quiet
from storage.series import LAST, Pattern, Plan, Series, Shift, Turn
from storage.series.rules import day_in, shifted
from tests.town import ACCOUNTS, BRANCH_1, NOON, settle, unit_id

ZONE = "Asia/Ho_Chi_Minh"
QUIET = Quiet("21:30-06:30", ZONE)
PLACE = "Nhà văn hóa"
FIRST_THURSDAY = Pattern(weekday=3, nth=1)
Cast = dict[str, int]


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+07:00")


def actor(session: Session, name: str, now: datetime = NOON) -> Actor:
    return speakers.who(session, ACCOUNTS[name], today=now.date(), owner=False)


def plan(session: Session, pattern: Pattern = FIRST_THURSDAY, **other: Any) -> Plan:
    values: dict[str, Any] = {
        "unit_id": unit_id(session, BRANCH_1),
        "kind": MeetingKind.REGULAR,
        "pattern": pattern,
        "clock": "19:30",
        "place": PLACE,
    }
    return Plan(**{**values, **other})


def started(
    session: Session,
    pattern: Pattern = FIRST_THURSDAY,
    *,
    token: str = "s1",
    now: datetime = NOON,
    **other: Any,
) -> Series:
    return series.start(
        session,
        actor(session, "an", now),
        plan(session, pattern, **other),
        token=token,
        quiet=QUIET,
        now=now,
    )


def tended(session: Session, row: Series, now: datetime) -> None:
    series.tend(session, row.id, profile="party", quiet=QUIET, now=now)


def local(meeting: Meeting) -> str:
    from zoneinfo import ZoneInfo

    return f"{meeting.starts_at.astimezone(ZoneInfo(meeting.zone)):%Y-%m-%d %H:%M}"


def made(session: Session, row: Series) -> list[Meeting]:
    """The meetings of a series, in order."""
    found = select(Meeting).join(Turn, col(Turn.meeting_id) == Meeting.id)
    found = found.where(Turn.series_id == row.id).order_by(col(Meeting.starts_at))
    return list(session.exec(found.execution_options(populate_existing=True)).all())


def days(session: Session, row: Series) -> list[str]:
    return [local(each) for each in made(session, row)]


def owed(session: Session, kind: str) -> set[int | None]:
    found = select(Notice).where(Notice.kind == kind, Notice.state == State.QUEUED)
    return {each.person_id for each in session.exec(found).all()}


# -- the days ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "month", "day"),
    [
        (Pattern(day=3), "2026-08-01", 3),
        (Pattern(day=31), "2026-02-01", 28),
        (Pattern(day=31), "2028-02-01", 29),
        (Pattern(day=29), "2027-02-01", 28),
        (Pattern(day=29), "2028-02-01", 29),
        (Pattern(day=31), "2026-04-01", 30),
        (Pattern(weekday=3, nth=1), "2026-10-01", 1),  # the month begins on a Thursday
        (Pattern(weekday=2, nth=1), "2026-10-01", 7),
        (Pattern(weekday=3, nth=LAST), "2026-10-01", 29),
        (Pattern(weekday=3, nth=LAST), "2026-08-01", 27),
        (Pattern(weekday=6, nth=LAST), "2027-02-01", 28),  # of four weeks exactly
        (Pattern(weekday=0, nth=4), "2026-08-01", 24),
    ],
)
def test_a_pattern_means_one_day_of_each_month(pattern: Pattern, month: str, day: int) -> None:
    assert day_in(pattern, date.fromisoformat(month)).day == day


@pytest.mark.parametrize(
    ("day", "shift", "held", "why"),
    [
        ("2026-08-13", Shift.AFTER, "2026-08-13", None),
        ("2026-08-15", Shift.AFTER, "2026-08-15", None),  # a Saturday is no holiday
        ("2026-02-17", Shift.AFTER, "2026-02-23", "tet"),  # over the week-end, too
        ("2026-02-17", Shift.BEFORE, "2026-02-13", "tet"),
        ("2026-02-17", Shift.STAYS, "2026-02-17", None),
        ("2027-02-06", Shift.AFTER, "2027-02-10", "tet"),
        ("2027-02-06", Shift.BEFORE, "2027-02-03", "tet"),
        ("2026-04-30", Shift.AFTER, "2026-04-29", "liberation"),  # stays in April
        ("2026-05-01", Shift.BEFORE, "2026-05-04", "labour"),  # stays in May
        ("2027-01-01", Shift.BEFORE, "2027-01-04", "new_year"),
        ("2026-09-02", Shift.AFTER, "2026-09-03", "national"),
        ("2026-09-02", Shift.BEFORE, "2026-09-03", "national"),  # before it lies August
    ],
)
def test_a_meeting_makes_room_for_a_holiday_within_its_month(
    day: str, shift: Shift, held: str, why: str | None
) -> None:
    assert shifted(date.fromisoformat(day), shift) == (date.fromisoformat(held), why)


def test_a_series_goes_over_tet_of_two_years(session: Session, cast: Cast) -> None:
    row = started(session, Pattern(day=17), now=at("2026-01-05T12:00"))
    assert days(session, row) == ["2026-01-17 19:30", "2026-02-23 19:30", "2026-03-17 19:30"]
    turns = session.exec(select(Turn).order_by(col(Turn.month))).all()
    assert [each.why for each in turns] == [None, "tet", None]
    sixth = series.change(
        session,
        actor(session, "an"),
        row.id,
        plan(session, Pattern(day=6), shift=Shift.BEFORE),
        revision=0,
        quiet=QUIET,
        now=at("2026-12-20T12:00"),
    )
    tended(session, sixth, at("2026-12-21T08:00"))
    assert days(session, row)[-2:] == ["2027-01-06 19:30", "2027-02-03 19:30"]


def test_a_year_of_a_series_has_twelve_meetings_on_leap_days_too(
    session: Session, cast: Cast
) -> None:
    now = at("2027-12-15T12:00")
    row = started(session, Pattern(day=31), now=now, shift=Shift.STAYS)
    while now < at("2028-12-01T00:00"):
        now += timedelta(days=9)
        tended(session, row, now)
    found = [each for each in days(session, row) if each.startswith("2028")]
    assert len(found) == 12
    assert "2028-02-29 19:30" in found and "2028-04-30 19:30" in found


def test_a_branch_in_berlin_meets_at_the_same_hour_in_summer_and_winter(
    session: Session, cast: Cast
) -> None:
    session.get_one(roster.Unit, unit_id(session, BRANCH_1)).zone = "Europe/Berlin"
    row = started(session, Pattern(weekday=6, nth=LAST), now=at("2026-09-01T12:00"))
    found = made(session, row)
    assert [local(each) for each in found] == [
        "2026-09-27 19:30",
        "2026-10-25 19:30",  # the very day on which winter time begins
        "2026-11-29 19:30",
    ]
    assert [each.starts_at.hour for each in found] == [17, 18, 18]  # UTC
    session.flush()
    kept = session.exec(select(schedule.Schedule).where(schedule.Schedule.kind == series.TEND))
    assert kept.one().zone == "Europe/Berlin"


def test_a_thematic_meeting_comes_in_one_month_of_each_quarter(
    session: Session, cast: Cast
) -> None:
    row = started(session, Pattern(day=10), kind=MeetingKind.THEMATIC, quarter_month=2)
    assert days(session, row) == ["2026-08-10 19:30", "2026-11-10 19:30"]


@pytest.mark.parametrize(
    "other",
    [
        {"pattern": Pattern(day=0)},
        {"pattern": Pattern(day=32)},
        {"pattern": Pattern(weekday=7, nth=1)},
        {"pattern": Pattern(weekday=1, nth=5)},
        {"pattern": Pattern(day=3, weekday=1, nth=1)},
        {"pattern": Pattern()},
        {"kind": MeetingKind.CONGRESS},
        {"kind": MeetingKind.THEMATIC},
        {"quarter_month": 2},
    ],
)
def test_a_forged_rule_is_refused(session: Session, cast: Cast, other: dict[str, Any]) -> None:
    with pytest.raises(Refusal):
        started(session, **other)


# -- the meetings ------------------------------------------------------------------------------


def test_the_months_ahead_are_drafts_that_nobody_is_told_of(session: Session, cast: Cast) -> None:
    row = started(session)
    assert days(session, row) == ["2026-08-06 19:30", "2026-09-03 19:30", "2026-10-01 19:30"]
    assert {each.state for each in made(session, row)} == {MeetingState.DRAFT}
    assert session.exec(select(Notice)).all() == []


def test_a_day_that_has_passed_is_not_made(session: Session, cast: Cast) -> None:
    row = started(session, Pattern(day=3), clock="11:30")  # it is noon
    assert days(session, row) == ["2026-09-03 11:30", "2026-10-03 11:30"]


def test_one_form_begins_one_series_and_a_unit_keeps_one_of_a_kind(
    session: Session, cast: Cast
) -> None:
    row = started(session)
    assert started(session).id == row.id
    with pytest.raises(Refusal, match="already"):
        started(session, token="s2")
    other = started(session, token="s3", kind=MeetingKind.COMMITTEE)
    assert other.id != row.id


def test_a_month_that_was_called_by_hand_gets_no_second_meeting(
    session: Session, cast: Cast
) -> None:
    by_hand = meetings.Plan(
        unit_id(session, BRANCH_1), MeetingKind.REGULAR, at("2026-08-20T19:30"), PLACE
    )
    an = actor(session, "an")
    meetings.call(session, an, by_hand, token="t", quiet=QUIET, now=NOON)
    assert days(session, started(session)) == ["2026-09-03 19:30", "2026-10-01 19:30"]


def test_a_draft_is_offered_to_the_committee_once_and_sent_with_one_press(
    session: Session, cast: Cast
) -> None:
    row = started(session)
    tended(session, row, at("2026-08-28T08:00"))
    assert owed(session, series.TURN) == set()
    for day in ("2026-08-29", "2026-08-30"):  # five days before
        tended(session, row, at(f"{day}T08:00"))
    assert owed(session, series.TURN) == {cast[name] for name in ("an", "binh", "chi")}
    meeting = made(session, row)[1]
    now = at("2026-08-30T09:00")
    binh = actor(session, "binh")
    for _press in range(2):
        series.send(session, binh, meeting.id, seen=meeting.starts_at, quiet=QUIET, now=now)
    assert meeting.state == MeetingState.CALLED
    assert len(session.exec(select(Seat).where(Seat.meeting_id == meeting.id)).all()) == 7
    assert len(owed(session, meetings.INVITATION)) == 7


def test_an_old_offer_does_not_send_a_meeting_that_was_moved_since(
    session: Session, cast: Cast
) -> None:
    row = started(session)
    meeting = made(session, row)[1]
    seen = meeting.starts_at
    moved_by_hand(session, meeting, at("2026-09-10T19:30"))
    series.send(session, actor(session, "an"), meeting.id, seen=seen, quiet=QUIET, now=NOON)
    assert meeting.state == MeetingState.DRAFT


def moved_by_hand(session: Session, meeting: Meeting, starts_at: datetime) -> None:
    """[Open draft], another day, [Save draft]."""
    other = meetings.Plan(meeting.unit_id, MeetingKind(meeting.kind), starts_at, meeting.place)
    token = meeting.token or ""
    an = actor(session, "an")
    assert meetings.save(session, an, other, token=token, quiet=QUIET, now=NOON).id == meeting.id


def test_a_series_that_sends_itself_calls_its_meeting_when_its_days_have_come(
    session: Session, cast: Cast
) -> None:
    row = started(session)
    series.send_itself(session, actor(session, "an"), row.id, itself=True, now=NOON)
    for day in ("2026-08-28", "2026-08-29", "2026-08-30"):
        tended(session, row, at(f"{day}T08:00"))
    states = [each.state for each in made(session, row)]
    assert states == [MeetingState.DRAFT, MeetingState.CALLED, MeetingState.DRAFT]
    did = session.exec(select(Deed).where(Deed.did == Did.MEETING_CALL)).one()
    assert (did.actor, did.about["meeting"]) == ("clock", made(session, row)[1].id)
    assert owed(session, series.TURN) == set()
    assert len(owed(session, meetings.INVITATION)) == 7


def test_a_unit_says_itself_how_many_days_before(session: Session, cast: Cast) -> None:
    row = started(session)
    unit = session.get_one(roster.Unit, row.unit_id)
    rules.set_own(session, "party", "series.lead", unit, 10, by=None, now=NOON)
    tended(session, row, at("2026-08-24T08:00"))
    assert owed(session, series.TURN)
    rules.set_own(session, "party", "series.lead", unit, None, by=None, now=NOON)
    outbox.cancel(session, made(session, row)[1].subject)
    tended(session, row, at("2026-09-30T08:00"))
    assert owed(session, series.TURN) == set()


def test_a_meeting_called_by_hand_meanwhile_is_not_called_again(
    session: Session, cast: Cast
) -> None:
    row = started(session)
    series.send_itself(session, actor(session, "an"), row.id, itself=True, now=NOON)
    by_hand = meetings.Plan(row.unit_id, MeetingKind.REGULAR, at("2026-09-07T19:30"), PLACE)
    meetings.call(session, actor(session, "an"), by_hand, token="t", quiet=QUIET, now=NOON)
    tended(session, row, at("2026-08-30T08:00"))
    assert made(session, row)[1].state == MeetingState.DRAFT


def test_two_clocks_at_once_make_one_meeting_of_a_month(database: Database) -> None:
    database.run(settle)
    row = database.run(lambda s: started(s))

    def clock(_number: int) -> None:
        now = at("2026-10-02T08:00")
        database.run(lambda s: series.tend(s, row.id, profile="party", quiet=QUIET, now=now))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(clock, range(4)))
    found = database.run(lambda s: days(s, row))
    assert found == sorted(set(found))
    assert [each[:7] for each in found] == [f"2026-{month:02}" for month in range(8, 13)]


# -- one of them -------------------------------------------------------------------------------


def test_one_that_is_moved_asks_anew_and_is_not_made_again(session: Session, cast: Cast) -> None:
    row = started(session)
    an, meeting = actor(session, "an"), made(session, row)[0]
    series.send(session, an, meeting.id, quiet=QUIET, now=NOON)
    told_at = NOON + timedelta(minutes=2)
    session.exec(select(Notice)).all()
    for notice in session.exec(select(Notice)).all():
        notice.state = State.SENT
    meetings.come(session, actor(session, "huong"), meeting.id, revision=0, now=told_at)
    to = at("2026-08-10T19:30")
    meetings.move(session, an, meeting.id, revision=0, starts_at=to, place=PLACE, now=told_at)
    meetings.carry_out(session, meeting.id, quiet=QUIET, now=told_at + timedelta(minutes=1))
    answers = session.exec(select(Seat.answer).where(Seat.meeting_id == meeting.id)).all()
    assert set(answers) == {meetings.Answer.NONE}
    tended(session, row, at("2026-08-05T08:00"))
    assert days(session, row) == ["2026-08-10 19:30", "2026-09-03 19:30", "2026-10-01 19:30"]


def test_one_that_is_moved_into_another_month_leaves_that_month_its_own(
    session: Session, cast: Cast
) -> None:
    row = started(session)
    moved_by_hand(session, made(session, row)[0], at("2026-09-01T19:30"))
    tended(session, row, at("2026-08-05T08:00"))
    assert days(session, row) == ["2026-09-01 19:30", "2026-09-03 19:30", "2026-10-01 19:30"]


def test_one_that_is_skipped_leaves_the_others(session: Session, cast: Cast) -> None:
    row = started(session)
    meetings.call_off(session, actor(session, "an"), made(session, row)[1].id, now=NOON)
    for day in ("2026-08-05", "2026-08-30"):
        tended(session, row, at(f"{day}T08:00"))
    states = [each.state for each in made(session, row)]
    assert states == [MeetingState.DRAFT, MeetingState.CANCELLED, MeetingState.DRAFT]
    assert owed(session, series.TURN) != set()  # of August alone
    subjects = session.exec(select(Notice.subject).where(Notice.kind == series.TURN)).all()
    assert set(subjects) == {made(session, row)[0].subject}


# -- changed and ended -------------------------------------------------------------------------


def changed(session: Session, row: Series, pattern: Pattern, **other: Any) -> Series:
    return series.change(
        session,
        actor(session, "an"),
        row.id,
        plan(session, pattern, **{"kind": row.kind, **other}),
        revision=row.revision,
        quiet=QUIET,
        now=NOON,
    )


def test_a_change_leaves_what_people_know_and_what_was_moved_by_hand(
    session: Session, cast: Cast
) -> None:
    row = started(session)
    known, by_hand, _last = made(session, row)
    series.send(session, actor(session, "an"), known.id, quiet=QUIET, now=NOON)
    moved_by_hand(session, by_hand, at("2026-09-09T18:00"))
    changed(session, row, Pattern(day=20), clock="14:00", place="Hội trường")
    assert days(session, row) == ["2026-08-06 19:30", "2026-09-09 18:00", "2026-10-20 14:00"]
    assert [each.place for each in made(session, row)] == [PLACE, PLACE, "Hội trường"]


def test_a_month_whose_new_day_has_passed_keeps_its_meeting(session: Session, cast: Cast) -> None:
    row = started(session)
    changed(session, row, Pattern(day=1))
    assert days(session, row) == ["2026-08-06 19:30", "2026-09-03 19:30", "2026-10-01 19:30"]


def test_another_month_of_the_quarter_is_another_meeting(session: Session, cast: Cast) -> None:
    thematic = {"kind": MeetingKind.THEMATIC, "quarter_month": 2}
    row = started(session, Pattern(day=10), **thematic)
    changed(session, row, Pattern(day=10), quarter_month=3)
    assert days(session, row) == ["2026-09-10 19:30", "2026-12-10 19:30"]
    changed(session, row, Pattern(day=10), quarter_month=2)
    assert days(session, row) == ["2026-08-10 19:30", "2026-11-10 19:30"]


def test_who_changes_what_they_have_not_seen_is_told_so(session: Session, cast: Cast) -> None:
    row = started(session)
    changed(session, row, Pattern(day=5))
    with pytest.raises(Refusal, match="changed meanwhile"):
        series.change(
            session,
            actor(session, "an"),
            row.id,
            plan(session, Pattern(day=6)),
            revision=0,
            quiet=QUIET,
            now=NOON,
        )


def test_an_ended_series_takes_back_what_nobody_knows_and_makes_no_more(
    session: Session, cast: Cast
) -> None:
    row = started(session)
    known = made(session, row)[0]
    drafts = made(session, row)[1:]
    an = actor(session, "an")
    series.send(session, an, known.id, quiet=QUIET, now=NOON)
    for _press in range(2):
        series.end(session, an, row.id, now=NOON)
    tended(session, row, at("2026-10-05T08:00"))
    assert known.state == MeetingState.CALLED
    assert {each.state for each in drafts} == {MeetingState.CANCELLED}
    assert days(session, row) == ["2026-08-06 19:30"]
    assert (
        session.exec(
            select(schedule.Schedule).where(schedule.Schedule.subject == row.subject)
        ).all()
        == []
    )
    with pytest.raises(Refusal, match="ended"):
        changed(session, row, Pattern(day=5))
    assert days(session, started(session, token="s2"))[0] == "2026-09-03 19:30"


@pytest.mark.parametrize("name", ["lan", "minh", "dung", "oanh"])
def test_only_the_committee_of_the_unit_keeps_its_series(
    session: Session, cast: Cast, name: str
) -> None:
    row, who = started(session), actor(session, name)
    meeting = made(session, row)[0]
    for act in (
        lambda: series.start(session, who, plan(session), token="x", quiet=QUIET, now=NOON),
        lambda: series.change(
            session, who, row.id, plan(session), revision=0, quiet=QUIET, now=NOON
        ),
        lambda: series.end(session, who, row.id, now=NOON),
        lambda: series.send_itself(session, who, row.id, itself=True, now=NOON),
        lambda: series.send(session, who, meeting.id, quiet=QUIET, now=NOON),
    ):
        with pytest.raises(NotFound):
            act()
