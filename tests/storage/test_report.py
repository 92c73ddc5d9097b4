"""The year of a unit: what counts, where a month begins, who may see what, who is told of whom."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import Session, col, select

from storage import attendance, meetings, outbox, report, roster, rules, schedule, speakers
from storage.agenda import Content, Point
from storage.attendance import Presence
from storage.errors import NotFound
from storage.meetings import Leave, Meeting, MeetingKind, MeetingState, Plan, Seat
from storage.meetings.settling import SETTLED
from storage.outbox import Notice, State
from storage.powers import Actor
from storage.quiet import Quiet
from storage.report import TOLD, WITHDRAWN, Missed, Reasons, Report
from storage.roster import Kind, Person, Unit
from tests.town import ACCOUNTS, BRANCH_1, BRANCH_2, NOON, PARTY, unit_id

ZONE = "Asia/Ho_Chi_Minh"
QUIET = Quiet("", ZONE)
NOW = datetime.fromisoformat("2026-12-28T12:00:00+07:00")
Cast = dict[str, int]


def actor(session: Session, name: str) -> Actor:
    return speakers.who(session, ACCOUNTS[name], today=NOW.date(), owner=False)


def held(
    session: Session,
    month: int,
    *,
    path: str = BRANCH_1,
    present: tuple[str, ...] = (),
    excused: tuple[str, ...] = (),
    cast: Cast | None = None,
    **other: Any,
) -> Meeting:
    """A meeting whose roll is closed and settled; whoever is not named was absent."""
    starts = other.pop("starts_at", datetime(2026, month, 5, 12, 30, tzinfo=UTC))
    values: dict[str, Any] = {
        "unit_id": unit_id(session, path),
        "kind": MeetingKind.REGULAR,
        "starts_at": starts,
        "zone": ZONE,
        "place": "Nhà văn hóa",
        "state": MeetingState.CLOSED,
        "opened_at": starts,
        "closed_at": starts + timedelta(minutes=20),
    }
    meeting = Meeting(**{**values, **other})
    session.add(meeting)
    session.flush()
    for person in roster.members(session, session.get_one(Unit, meeting.unit_id)):
        name = next((name for name, number in (cast or {}).items() if number == person.id), "")
        seat = Seat(
            meeting_id=meeting.id,
            person_id=person.id,
            unit_id=person.unit_id,
            member_kind=person.kind,
        )
        if name in present:
            seat.present_at = starts
        if name in excused:
            seat.leave, seat.leave_reason = Leave.APPROVED, "illness"
        session.add(seat)
    session.flush()
    return meeting


def told(session: Session, name: str = "an", path: str = BRANCH_1, year: int = 2026) -> Report:
    return report.report(
        session,
        actor(session, name),
        unit_id(session, path),
        year,
        profile="party",
        zone=ZONE,
        now=NOW,
    )


def seat_of(session: Session, meeting: Meeting, person_id: int) -> Seat:
    wanted = select(Seat).where(Seat.meeting_id == meeting.id, Seat.person_id == person_id)
    return session.exec(wanted.execution_options(populate_existing=True)).one()


# -- what counts -------------------------------------------------------------------------------


def test_a_month_is_the_one_where_the_meeting_is(session: Session, cast: Cast) -> None:
    """Three in the morning of 1 June in Việt Nam is still May in Berlin."""
    moment = datetime(2026, 5, 31, 20, 30, tzinfo=UTC)
    held(session, 5, starts_at=moment, zone="Europe/Berlin")
    held(session, 5, starts_at=moment)
    months = told(session).months
    assert [each.meetings for each in months][4:6] == [1, 1]


def test_a_year_begins_where_the_meeting_is(session: Session, cast: Cast) -> None:
    held(session, 1, starts_at=datetime(2025, 12, 31, 18, tzinfo=UTC))
    held(session, 1, starts_at=datetime(2025, 12, 31, 16, tzinfo=UTC))
    assert told(session).months[0].meetings == told(session).whole.meetings == 1
    assert told(session, year=2025).whole.meetings == 1
    assert told(session).first == 2025


def test_a_committees_own_meeting_is_held_and_makes_no_rate(session: Session, cast: Cast) -> None:
    held(session, 3, kind=MeetingKind.COMMITTEE, present=("an",), cast=cast)
    whole = told(session).whole
    assert (whole.held[MeetingKind.COMMITTEE], whole.count.convened) == (1, 0)
    assert told(session).reaches is None


@pytest.mark.parametrize("state", [MeetingState.DRAFT, MeetingState.CALLED, MeetingState.CANCELLED])
def test_what_was_not_closed_was_not_held(session: Session, cast: Cast, state: str) -> None:
    held(session, 3, state=state)
    assert told(session).whole.meetings == 0


def test_a_roll_closed_ahead_of_its_meeting_does_not_count_yet(
    session: Session, cast: Cast
) -> None:
    held(session, 12, starts_at=NOW + timedelta(hours=1))
    assert told(session).whole.meetings == 0


def test_the_exempt_count_only_when_they_come(session: Session, cast: Cast) -> None:
    session.get_one(Person, cast["dung"]).kind = Kind.EXEMPT
    session.get_one(Person, cast["chi"]).kind = Kind.EXEMPT
    held(session, 3, present=("an", "chi"), cast=cast)
    count = told(session).whole.count
    assert (count.present, count.convened, count.exempt) == (2, 6, 1)


def test_reasons_are_counted_and_own_words_are_others(session: Session, cast: Cast) -> None:
    meeting = held(session, 3, excused=("giang", "huong", "khanh"), cast=cast)
    seat_of(session, meeting, cast["huong"]).leave_reason = "đưa cháu đi khám"
    seat_of(session, meeting, cast["khanh"]).leave_reason = None
    session.flush()
    assert told(session).reasons == Reasons(illness=1, other=2)


def test_late_and_early_leaving_count_only_of_who_was_there(session: Session, cast: Cast) -> None:
    meeting = held(session, 3, present=("an", "binh"), cast=cast)
    for name in ("an", "giang"):
        seat = seat_of(session, meeting, cast[name])
        seat.late, seat.left_at = True, meeting.starts_at
    session.flush()
    assert (told(session).whole.late, told(session).whole.left) == (1, 1)


def test_a_duration_nobody_noted_is_not_taken_for_a_short_one(session: Session, cast: Cast) -> None:
    for month, minutes in ((1, 90), (2, 89), (3, None)):
        meeting = held(session, month)
        meeting.begun_at = meeting.starts_at
        meeting.ended_at = meeting.starts_at + timedelta(minutes=minutes) if minutes else None
    session.flush()
    whole = told(session).whole
    assert (whole.timed, whole.short, whole.untimed, whole.minutes) == (2, 1, 1, 90)


def test_two_meetings_in_one_have_to_last_longer(session: Session, cast: Cast) -> None:
    for month, kind in ((3, MeetingKind.REGULAR), (4, MeetingKind.JOINT), (5, MeetingKind.JOINT)):
        meeting = held(session, month, kind=kind, cast=cast)
        meeting.begun_at = meeting.starts_at
        meeting.ended_at = meeting.starts_at + timedelta(minutes=119 + (month == 5))
    session.flush()
    whole = told(session).whole
    assert (whole.timed, whole.short) == (3, 1)


@pytest.mark.parametrize(("professional", "heavy"), [(50, False), (51, True)])
def test_a_branch_is_heavy_above_half_of_the_time(
    session: Session, cast: Cast, professional: int, heavy: bool
) -> None:
    meeting = held(session, 3)
    begun = meeting.starts_at
    spans = ((Content.PROFESSIONAL, professional), (Content.STUDY, 100 - professional))
    for number, (kind, minutes) in enumerate(spans, start=1):
        session.add(
            Point(
                meeting_id=meeting.id,
                number=number,
                title="Mục",
                content=kind,
                begun_at=begun,
                done_at=begun + timedelta(minutes=minutes),
            )
        )
    session.add(
        Point(meeting_id=meeting.id, number=3, title="Bỏ", content=Content.MEMBERS, begun_at=begun)
    )
    session.flush()
    found = told(session)
    assert (found.professional, found.is_heavy) == (float(professional), heavy)


def test_a_branch_that_noted_no_time_is_neither(session: Session, cast: Cast) -> None:
    held(session, 3)
    assert (told(session).professional, told(session).is_heavy) == (None, None)


def test_a_unit_that_has_set_its_own_bar_is_measured_by_it(session: Session, cast: Cast) -> None:
    held(session, 3, present=("an", "binh", "chi", "dung", "giang", "huong"), cast=cast)
    assert told(session).whole.count.percent == 85.7
    assert told(session).reaches is True
    branch = roster.unit_at(session, BRANCH_1)
    rules.set_own(session, "party", "attendance.bar", branch, 90, by=None, now=NOON)
    assert (told(session).reaches, told(session).bar.own) == (False, True)


def test_a_unit_that_never_met_has_an_empty_year(session: Session, cast: Cast) -> None:
    found = told(session)
    assert (found.whole.meetings, found.units, found.content, found.first) == (0, [], {}, 2026)
    assert (found.reaches, found.whole.minutes) == (None, None)


# -- who may see what --------------------------------------------------------------------------


def test_the_committee_above_sees_figures_and_neither_names_nor_reasons(
    session: Session, cast: Cast
) -> None:
    held(session, 3, excused=("giang",), cast=cast)
    held(session, 4, path=BRANCH_2, present=("lan",), cast=cast)
    above = told(session, "oanh", PARTY)
    assert [(unit.name, each.count.present) for unit, each in above.units] == [
        ("Chi bộ 1", 0),
        ("Chi bộ 2", 1),
    ]
    assert above.whole.count.convened == 9
    assert above.reasons == Reasons()  # of its own meetings, of which there were none
    branch = told(session, "oanh")
    assert (branch.own, branch.reasons, branch.whole.count.excused) == (False, None, 1)
    with pytest.raises(NotFound):
        report.members(session, actor(session, "oanh"), branch.unit.id, 2026, now=NOW)
    top = report.members(session, actor(session, "oanh"), above.unit.id, 2026, now=NOW)
    assert top == []


@pytest.mark.parametrize("name", ["dung", "lan", "minh"])
def test_nobody_else_sees_a_report(session: Session, cast: Cast, name: str) -> None:
    held(session, 3)
    branch = unit_id(session, BRANCH_1)
    with pytest.raises(NotFound):
        told(session, name)
    for ask in (report.members, report.sittings):
        with pytest.raises(NotFound):
            ask(session, actor(session, name), branch, 2026, now=NOW)
    with pytest.raises(NotFound):
        report.below(session, actor(session, name), branch)


def test_the_own_committee_reads_each_years_by_given_name(session: Session, cast: Cast) -> None:
    held(session, 3, present=("an", "huong"), excused=("giang",), cast=cast)
    held(session, 4, present=("huong",), cast=cast)
    branch = unit_id(session, BRANCH_1)
    found = report.members(session, actor(session, "chi"), branch, 2026, now=NOW)
    assert [each.name.split()[-1] for each in found[:2]] == ["An", "Bình"]
    counts = {each.person_id: each.figures.count for each in found}
    assert (counts[cast["huong"]].present, counts[cast["giang"]].absent) == (2, 1)


# -- how fast ----------------------------------------------------------------------------------


@contextmanager
def statements(session: Session) -> Iterator[list[str]]:
    said: list[str] = []
    engine = session.get_bind().engine

    def hear(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        said.append(statement)

    event.listen(engine, "before_cursor_execute", hear)
    yield said
    event.remove(engine, "before_cursor_execute", hear)


def test_two_hundred_branches_are_counted_in_as_few_statements_as_one(
    session: Session, cast: Cast
) -> None:
    """A report is sums that the database makes: rows come back by unit and month, not by seat."""
    oanh, lan = actor(session, "oanh"), actor(session, "lan")
    top, one = unit_id(session, PARTY), unit_id(session, BRANCH_2)
    held(session, 3, path=BRANCH_2)
    with statements(session) as small:
        report.report(session, lan, one, 2026, profile="party", zone=ZONE, now=NOW)
    for number in range(3, 203):
        held(session, 1 + number % 12, path=f"{PARTY} / Chi bộ {number}")
    session.flush()
    with statements(session) as large:
        found = report.report(session, oanh, top, 2026, profile="party", zone=ZONE, now=NOW)
    assert found.whole.meetings == 201
    assert len(large) <= len(small) + 2 <= 16


# -- missed months -----------------------------------------------------------------------------

EVERYBODY = ("an", "binh", "chi", "dung", "huong", "khanh")


def weigh(session: Session, meeting: Meeting, now: datetime = NOW) -> None:
    report.weigh(session, meeting.id, profile="party", quiet=QUIET, now=now)


def notices(session: Session, kind: str) -> list[tuple[int | None, State]]:
    found = session.exec(
        select(Notice)
        .where(Notice.kind == kind)
        .order_by(col(Notice.id))
        .execution_options(populate_existing=True)
    )
    return [(each.person_id, State(each.state)) for each in found]


def two_missed(session: Session, cast: Cast) -> Meeting:
    """Giang was absent in March and in May; everybody else was there."""
    held(session, 3, present=EVERYBODY, cast=cast)
    return held(session, 5, present=EVERYBODY, cast=cast)


def test_the_committee_is_told_at_the_second_month_and_once(session: Session, cast: Cast) -> None:
    weigh(session, held(session, 3, present=EVERYBODY, cast=cast))
    assert notices(session, TOLD) == []
    second = held(session, 5, present=EVERYBODY, cast=cast)
    weigh(session, second)
    weigh(session, second)
    committee = [cast[name] for name in ("an", "binh", "chi")]
    assert [person for person, _state in notices(session, TOLD)] == committee
    (missed,) = session.exec(select(Missed)).all()
    assert (missed.person_id, missed.count, missed.months) == (cast["giang"], 2, "3,5")


def test_no_group_and_nobody_outside_hears_of_it(session: Session, cast: Cast) -> None:
    weigh(session, two_missed(session, cast))
    found = session.exec(select(Notice).where(Notice.kind == TOLD)).all()
    assert {each.group_id for each in found} == {None}
    assert cast["oanh"] not in {each.person_id for each in found}


def test_who_is_on_the_committee_is_not_told_of_themselves(session: Session, cast: Cast) -> None:
    others = tuple(name for name in (*EVERYBODY, "giang") if name != "binh")
    held(session, 3, present=others, cast=cast)
    weigh(session, held(session, 5, present=others, cast=cast))
    assert [person for person, _state in notices(session, TOLD)] == [cast["an"], cast["chi"]]


@pytest.mark.parametrize("saved", ["present", "excused", "pending", "exempt"])
def test_a_month_is_saved_by_coming_once_leave_or_exemption(
    session: Session, cast: Cast, saved: str
) -> None:
    meeting = two_missed(session, cast)
    seat = seat_of(session, held(session, 5, present=EVERYBODY, cast=cast), cast["giang"])
    if saved == "present":
        seat.present_at = NOW
    elif saved == "exempt":
        for each in session.exec(select(Seat).where(Seat.person_id == cast["giang"])).all():
            each.member_kind = Kind.EXEMPT
    else:
        seat.leave = Leave.APPROVED if saved == "excused" else Leave.PENDING
    session.flush()
    weigh(session, meeting)
    assert session.exec(select(Missed)).all() == []


def test_a_thematic_meeting_makes_no_missed_month(session: Session, cast: Cast) -> None:
    held(session, 3, present=EVERYBODY, cast=cast)
    weigh(session, held(session, 5, kind=MeetingKind.THEMATIC, present=EVERYBODY, cast=cast))
    assert session.exec(select(Missed)).all() == []


def test_a_meeting_that_is_regular_and_thematic_makes_one(session: Session, cast: Cast) -> None:
    held(session, 3, present=EVERYBODY, cast=cast)
    weigh(session, held(session, 5, kind=MeetingKind.JOINT, present=EVERYBODY, cast=cast))
    assert len(session.exec(select(Missed)).all()) == 1


def test_months_of_two_years_are_not_added(session: Session, cast: Cast) -> None:
    held(session, 1, starts_at=datetime(2025, 12, 31, 16, tzinfo=UTC), present=EVERYBODY, cast=cast)
    weigh(session, held(session, 1, present=EVERYBODY, cast=cast))
    assert session.exec(select(Missed)).all() == []


def test_a_roll_that_may_still_be_put_right_is_waited_for(session: Session, cast: Cast) -> None:
    meeting = two_missed(session, cast)
    assert meeting.closed_at is not None
    early = meeting.closed_at + timedelta(hours=47)
    weigh(session, meeting, early)
    assert session.exec(select(Missed)).all() == []
    (due,) = schedule.claim_due(session, now=meeting.closed_at + timedelta(hours=48))
    assert (due.kind, due.slot) == (SETTLED, meeting.closed_at + timedelta(hours=48))
    weigh(session, meeting, due.slot)
    assert len(session.exec(select(Missed)).all()) == 1


def test_final_minutes_need_no_waiting(session: Session, cast: Cast) -> None:
    meeting = two_missed(session, cast)
    assert meeting.closed_at is not None
    soon = meeting.closed_at + timedelta(hours=1)
    attendance.lock(session, actor(session, "an"), meeting.id, now=soon)
    (due,) = schedule.claim_due(session, now=soon)
    weigh(session, meeting, due.slot)
    assert len(session.exec(select(Missed)).all()) == 1


def test_it_is_taken_back_when_the_roll_is_put_right(session: Session, cast: Cast) -> None:
    meeting = two_missed(session, cast)
    weigh(session, meeting)
    an_was_told = select(Notice).where(Notice.kind == TOLD, Notice.person_id == cast["an"])
    sent = session.exec(an_was_told).one()
    sent.state = State.SENT
    session.add(sent)
    session.flush()
    seat, later = seat_of(session, meeting, cast["giang"]), NOW + timedelta(hours=1)
    attendance.enter(
        session, actor(session, "an"), meeting.id, seat.id, Presence.PRESENT, now=later
    )
    (due,) = schedule.claim_due(session, now=later)
    weigh(session, meeting, due.slot)
    # Who has read it is told so; the others never read either.
    assert notices(session, TOLD) == [
        (cast["an"], State.SENT),
        (cast["binh"], State.CANCELLED),
        (cast["chi"], State.CANCELLED),
    ]
    assert notices(session, WITHDRAWN) == [(cast["an"], State.QUEUED)]
    # Missed again, it is told again.
    third = held(session, 7, present=EVERYBODY, cast=cast)
    weigh(session, third)
    (missed,) = session.exec(select(Missed).execution_options(populate_existing=True)).all()
    assert (missed.months, missed.revision, missed.withdrawn_at) == ("3,7", 1, None)
    assert len(notices(session, TOLD)) == 6


def test_the_third_month_is_told_as_well(session: Session, cast: Cast) -> None:
    weigh(session, two_missed(session, cast))
    weigh(session, held(session, 9, present=EVERYBODY, cast=cast))
    counts = session.exec(select(Missed.count).order_by(col(Missed.count))).all()
    assert counts == [2, 3]


def test_who_has_left_the_roll_is_not_told_of(session: Session, cast: Cast) -> None:
    meeting = two_missed(session, cast)
    session.get_one(Person, cast["giang"]).ended = NOW.date()
    session.flush()
    weigh(session, meeting)
    assert session.exec(select(Missed)).all() == []


def test_the_first_who_notes_it_is_kept_and_others_may_not(session: Session, cast: Cast) -> None:
    weigh(session, two_missed(session, cast))
    (missed,) = session.exec(select(Missed)).all()
    for name in ("giang", "lan", "oanh", "dung"):
        with pytest.raises(NotFound):
            report.acknowledge(session, actor(session, name), missed.id, now=NOW)
    for name in ("binh", "an"):
        seen, _person = report.acknowledge(session, actor(session, name), missed.id, now=NOW)
        assert seen.seen_by == cast["binh"]


def test_a_real_meeting_schedules_the_look_when_its_roll_is_closed(
    session: Session, cast: Cast
) -> None:
    starts = NOON + timedelta(hours=7)
    plan = Plan(unit_id(session, BRANCH_1), MeetingKind.REGULAR, starts, "Nhà văn hóa")
    an = actor(session, "an")
    meeting = meetings.call(session, an, plan, token="t", quiet=QUIET, now=NOON)
    attendance.open_roll(session, an, meeting.id, now=starts)
    attendance.close(session, an, meeting.id, now=starts + timedelta(minutes=30))
    wanted = select(schedule.Schedule).where(schedule.Schedule.kind == SETTLED)
    (row,) = session.exec(wanted).all()
    assert row.next_at == starts + timedelta(minutes=30, hours=48)
    assert outbox.counts(session, f"missed:{meeting.id}", TOLD) == {}
