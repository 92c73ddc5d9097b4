"""Late, gone early, by the signed sheet; what a member may have put right; what is odd."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, select

from storage import attendance, outbox, roomcode, rules
from storage.attendance import (
    Correction,
    Count,
    Presence,
    Signal,
    SpotCheck,
    Wrong,
)
from storage.errors import NotFound, Refusal
from storage.meetings import How, Meeting, MeetingState
from storage.outbox import Notice
from storage.roomcode import RoomCode
from storage.roster import Person, Unit
from tests.storage.test_attendance import (
    AFTER,
    DURING,
    QUIET,
    START,
    Cast,
    actor,
    enter,
    opened,
    seat_of,
    tap,
)
from tests.town import BRANCH_1, NOON, unit_id

BAR = START + timedelta(minutes=15)
HOUR = timedelta(hours=1)


def closed(session: Session, meeting: Meeting, at: datetime = AFTER) -> Meeting:
    return attendance.close(session, actor(session, "an"), meeting.id, now=at)


def late(session: Session, meeting: Meeting, cast: Cast, name: str, *, is_late: bool) -> None:
    seat = seat_of(session, meeting, cast, name)
    chi = actor(session, "chi")
    attendance.mark_late(session, chi, meeting.id, seat.id, late=is_late, now=AFTER)


def left(
    session: Session,
    meeting: Meeting,
    cast: Cast,
    name: str,
    *,
    has_left: bool = True,
    at: datetime = AFTER,
) -> None:
    seat = seat_of(session, meeting, cast, name)
    chi = actor(session, "chi")
    attendance.mark_left(session, chi, meeting.id, seat.id, left=has_left, now=at)


def asks(
    session: Session, meeting: Meeting, name: str, wrong: Wrong, at: datetime = AFTER
) -> Correction:
    return attendance.ask_correction(
        session, actor(session, name), meeting.id, wrong=wrong, quiet=QUIET, now=at
    )


def decides(session: Session, asked: Correction, *, granted: bool) -> None:
    an = actor(session, "an")
    attendance.decide_correction(session, an, asked.id, granted=granted, now=AFTER)


# -- late --------------------------------------------------------------------------------------


def test_who_comes_within_the_quarter_hour_is_in_time(session: Session, cast: Cast) -> None:
    meeting = opened(session)
    for name, at in (
        ("giang", START - timedelta(minutes=5)),
        ("huong", BAR),
        ("khanh", BAR + timedelta(seconds=1)),
        ("dung", BAR + timedelta(minutes=4)),
    ):
        tap(session, meeting, name, at)
    seats = {name: seat_of(session, meeting, cast, name) for name in cast if name in _convened()}
    assert {name for name, seat in seats.items() if seat.late} == {"khanh", "dung"}
    count = attendance.totals(session, meeting).all
    assert count == Count(present=4, absent=3, late=2)


def _convened() -> set[str]:
    return {"an", "binh", "chi", "dung", "giang", "huong", "khanh"}


def test_a_tap_says_that_it_was_late(session: Session, cast: Cast) -> None:
    meeting = opened(session)
    giang, when = actor(session, "giang"), BAR + timedelta(minutes=2)
    first = attendance.tap(session, giang, meeting.id, now=when)
    again = attendance.tap(session, giang, meeting.id, now=when + timedelta(minutes=1))
    assert (first.late, again.late, again.at) == (True, True, when)


def test_a_unit_that_has_no_such_rule_has_nobody_late(session: Session, cast: Cast) -> None:
    branch = session.get_one(Unit, unit_id(session, BRANCH_1))
    rules.set_own(session, "party", "late.after", branch, None, by=None, now=NOON)
    meeting = opened(session)
    tap(session, meeting, "giang", START + timedelta(minutes=19))
    assert not seat_of(session, meeting, cast, "giang").late


def test_the_committee_corrects_who_was_late(session: Session, cast: Cast) -> None:
    meeting = opened(session)
    tap(session, meeting, "giang", BAR + timedelta(minutes=1))
    tap(session, meeting, "huong")
    late(session, meeting, cast, "giang", is_late=False)
    late(session, meeting, cast, "huong", is_late=True)
    assert not seat_of(session, meeting, cast, "giang").late
    assert seat_of(session, meeting, cast, "huong").late


def test_whom_the_committee_enters_is_not_late_by_that(session: Session, cast: Cast) -> None:
    meeting = opened(session)
    seat = seat_of(session, meeting, cast, "khanh")
    an, when = actor(session, "an"), BAR + timedelta(minutes=2)
    attendance.enter(session, an, meeting.id, seat.id, Presence.PRESENT, now=when)
    assert not seat_of(session, meeting, cast, "khanh").late


# -- gone early --------------------------------------------------------------------------------


def test_who_leaves_early_was_there_all_the_same(session: Session, cast: Cast) -> None:
    meeting = opened(session)
    tap(session, meeting, "giang")
    left(session, meeting, cast, "giang")
    left(session, meeting, cast, "giang", at=AFTER + HOUR)
    seat = seat_of(session, meeting, cast, "giang")
    assert (seat.left_at, attendance.presence(seat)) == (AFTER, Presence.PRESENT)
    count = attendance.totals(session, meeting).all
    assert (count.present, count.left, count.convened) == (1, 1, 7)
    left(session, meeting, cast, "giang", has_left=False)
    assert seat_of(session, meeting, cast, "giang").left_at is None


def test_said_the_day_after_it_was_at_the_end(session: Session, cast: Cast) -> None:
    meeting = opened(session)
    tap(session, meeting, "giang")
    meeting.ended_at = START + 2 * HOUR
    session.flush()
    left(session, meeting, cast, "giang", at=START + 20 * HOUR)
    assert seat_of(session, meeting, cast, "giang").left_at == START + 2 * HOUR


def test_who_is_not_there_can_neither_be_late_nor_leave(session: Session, cast: Cast) -> None:
    meeting = opened(session)
    with pytest.raises(Refusal):
        late(session, meeting, cast, "giang", is_late=True)
    with pytest.raises(Refusal):
        left(session, meeting, cast, "giang")


def test_who_is_taken_off_the_roll_is_neither_late_nor_gone(session: Session, cast: Cast) -> None:
    meeting = opened(session)
    for name in ("giang", "huong"):
        tap(session, meeting, name, BAR + timedelta(minutes=1))
        left(session, meeting, cast, name)
    enter(session, meeting, cast, "giang", Presence.ABSENT)
    closed(session, meeting)
    enter(session, meeting, cast, "huong", Presence.EXCUSED)
    for name in ("giang", "huong"):
        seat = seat_of(session, meeting, cast, name)
        assert (seat.late, seat.left_at, seat.how) == (False, None, None)
    count = attendance.totals(session, meeting).all
    assert (count.late, count.left) == (0, 0)


@pytest.mark.parametrize("name", ["giang", "lan", "oanh"])
def test_nobody_else_says_who_was_late_or_left(session: Session, cast: Cast, name: str) -> None:
    meeting = opened(session)
    tap(session, meeting, "huong")
    seat, outsider = seat_of(session, meeting, cast, "huong"), actor(session, name)
    with pytest.raises(NotFound):
        attendance.mark_late(session, outsider, meeting.id, seat.id, late=True, now=AFTER)
    with pytest.raises(NotFound):
        attendance.mark_left(session, outsider, meeting.id, seat.id, left=True, now=AFTER)


def test_final_minutes_say_for_good_who_was_late(session: Session, cast: Cast) -> None:
    meeting = opened(session)
    tap(session, meeting, "giang", BAR + timedelta(minutes=1))
    closed(session, meeting)
    attendance.lock(session, actor(session, "an"), meeting.id, now=AFTER)
    with pytest.raises(Refusal):
        late(session, meeting, cast, "giang", is_late=False)
    with pytest.raises(Refusal):
        left(session, meeting, cast, "giang")


# -- by the signed sheet -----------------------------------------------------------------------


def test_who_signed_the_sheet_is_entered_as_such(session: Session, cast: Cast) -> None:
    meeting = opened(session)
    tap(session, meeting, "giang")
    an = actor(session, "an")
    for name in ("giang", "khanh"):
        seat = seat_of(session, meeting, cast, name)
        attendance.enter(session, an, meeting.id, seat.id, Presence.PRESENT, paper=True, now=DURING)
    assert seat_of(session, meeting, cast, "khanh").how == How.PAPER
    assert seat_of(session, meeting, cast, "giang").how == How.TAP  # the first mark stays
    listed = {person.id for _seat, person in attendance.to_enter(session, meeting.id)}
    assert cast["khanh"] in listed
    assert cast["giang"] not in listed


def test_a_typed_name_finds_who_has_checked_in_too(session: Session, cast: Cast) -> None:
    meeting = opened(session)
    tap(session, meeting, "giang")
    found = attendance.to_enter(session, meeting.id, query="giang")
    assert [person.id for _seat, person in found] == [cast["giang"]]


# -- put right ---------------------------------------------------------------------------------


def test_who_was_in_time_has_it_put_right(session: Session, cast: Cast) -> None:
    meeting = opened(session)
    tap(session, meeting, "giang", BAR + timedelta(minutes=1))
    closed(session, meeting)
    asked = asks(session, meeting, "giang", Wrong.LATE)
    assert asks(session, meeting, "giang", Wrong.LATE).id == asked.id
    decides(session, asked, granted=True)
    assert not seat_of(session, meeting, cast, "giang").late
    told = session.exec(select(Notice.person_id).where(Notice.kind == attendance.DECISION)).all()
    assert list(told) == [cast["giang"]]


def test_what_the_committee_does_not_believe_stays(session: Session, cast: Cast) -> None:
    meeting = opened(session)
    tap(session, meeting, "giang")
    left(session, meeting, cast, "giang")
    closed(session, meeting)
    decides(session, asks(session, meeting, "giang", Wrong.LEFT), granted=False)
    assert seat_of(session, meeting, cast, "giang").left_at is not None


def test_both_mistakes_can_be_named(session: Session, cast: Cast) -> None:
    meeting = opened(session)
    tap(session, meeting, "giang", BAR + timedelta(minutes=1))
    left(session, meeting, cast, "giang")
    for wrong in (Wrong.LATE, Wrong.LEFT):
        decides(session, asks(session, meeting, "giang", wrong), granted=True)
    seat = seat_of(session, meeting, cast, "giang")
    assert (seat.late, seat.left_at) == (False, None)
    assert seat.present_at == BAR + timedelta(minutes=1)


@pytest.mark.parametrize("wrong", [Wrong.LATE, Wrong.LEFT])
def test_what_is_not_written_needs_no_putting_right(
    session: Session, cast: Cast, wrong: Wrong
) -> None:
    meeting = opened(session)
    tap(session, meeting, "giang")
    for name in ("giang", "huong"):
        with pytest.raises(Refusal):
            asks(session, meeting, name, wrong)


def test_after_two_days_it_is_too_late_to_ask(session: Session, cast: Cast) -> None:
    meeting = closed(session, opened(session))
    end = AFTER + timedelta(hours=48)
    assert asks(session, meeting, "giang", Wrong.ABSENT, end).granted is None
    with pytest.raises(Refusal) as refused:
        asks(session, meeting, "huong", Wrong.ABSENT, end + timedelta(seconds=1))
    assert refused.value.values == {"hours": 48}
    again = asks(session, meeting, "giang", Wrong.ABSENT, end + HOUR)
    assert again.granted is None


def test_a_roll_closed_before_the_meeting_counts_from_its_beginning(
    session: Session, cast: Cast
) -> None:
    meeting = opened(session, at=NOON)
    closed(session, meeting, NOON)
    assert attendance.askable_from(meeting) == START


# -- what is odd -------------------------------------------------------------------------------


def spots(session: Session, meeting: Meeting) -> dict[str, SpotCheck]:
    found = session.exec(select(SpotCheck).where(SpotCheck.meeting_id == meeting.id)).all()
    return {Signal(each.signal).value: each for each in found}


def known_for_long(session: Session) -> None:
    for person in session.exec(select(Person)).all():
        person.linked_at = NOON - timedelta(days=30)
    session.flush()


def by_code(session: Session, meeting: Meeting, name: str, at: datetime) -> None:
    if session.get(RoomCode, meeting.id) is None:
        roomcode.show(session, actor(session, "an"), meeting.id, now=START)
    key = session.get_one(RoomCode, meeting.id).key
    code = roomcode.digits(key, roomcode.step_of(at))
    roomcode.check_in(session, actor(session, name), code, now=at)


def test_three_codes_in_one_second_are_asked_about_once(session: Session, cast: Cast) -> None:
    known_for_long(session)
    meeting = opened(session)
    for part, name in enumerate(("giang", "huong", "khanh")):
        by_code(session, meeting, name, DURING + timedelta(milliseconds=300 * part))
    by_code(session, meeting, "dung", DURING + timedelta(seconds=1))
    for minute in range(3):
        attendance.look(session, meeting.id, now=DURING + timedelta(minutes=1 + minute))
    found = spots(session, meeting)
    assert list(found) == ["together"]
    people = attendance.spotted(session, found["together"])
    assert {person.id for _seat, person in people} == {cast[n] for n in ("giang", "huong", "khanh")}
    owed = session.exec(select(Notice).where(Notice.kind == attendance.SPOT)).all()
    assert [each.person_id for each in owed] == [cast["an"]]


def test_two_codes_or_three_taps_in_one_second_are_nothing(session: Session, cast: Cast) -> None:
    known_for_long(session)
    meeting = opened(session)
    for name in ("giang", "huong"):
        by_code(session, meeting, name, DURING)
    for name in ("khanh", "dung", "binh"):
        tap(session, meeting, name, DURING)
    attendance.look(session, meeting.id, now=DURING)
    assert spots(session, meeting) == {}


def test_who_marks_themselves_long_before_or_after_is_asked_about(
    session: Session, cast: Cast
) -> None:
    known_for_long(session)
    meeting = opened(session, at=NOON)
    tap(session, meeting, "giang", START - HOUR - timedelta(seconds=1))
    tap(session, meeting, "huong", START - HOUR)
    enter(session, meeting, cast, "khanh", Presence.PRESENT)
    meeting.ended_at = START + timedelta(minutes=10)
    session.flush()
    tap(session, meeting, "dung", START + timedelta(minutes=11))
    attendance.look(session, meeting.id, now=DURING)
    people = attendance.spotted(session, spots(session, meeting)["outside"])
    assert {person.id for _seat, person in people} == {cast["giang"], cast["dung"]}


def test_a_new_account_among_old_ones_is_asked_about(session: Session, cast: Cast) -> None:
    known_for_long(session)
    session.get_one(Person, cast["giang"]).linked_at = START - timedelta(days=6)
    meeting = opened(session)
    tap(session, meeting, "giang")
    attendance.look(session, meeting.id, now=DURING)
    assert spots(session, meeting) == {}  # they are alone so far, and so they are most
    tap(session, meeting, "huong")
    attendance.look(session, meeting.id, now=DURING)
    people = attendance.spotted(session, spots(session, meeting)["young"])
    assert [person.id for _seat, person in people] == [cast["giang"]]


def test_where_all_accounts_are_new_nobody_is_asked(session: Session, cast: Cast) -> None:
    meeting = opened(session)
    for name in ("giang", "huong", "khanh"):
        tap(session, meeting, name)
    attendance.look(session, meeting.id, now=DURING)
    assert spots(session, meeting) == {}


def test_only_who_was_asked_sees_it_and_answers(session: Session, cast: Cast) -> None:
    known_for_long(session)
    meeting = opened(session, at=NOON)
    meeting.chair_id = cast["binh"]
    session.flush()
    tap(session, meeting, "giang", NOON)
    attendance.look(session, meeting.id, now=DURING)
    spot = spots(session, meeting)["outside"]
    for name in ("an", "chi", "giang", "lan", "oanh"):
        with pytest.raises(NotFound):
            attendance.spot_of(session, actor(session, name), spot.id)
        with pytest.raises(NotFound):
            attendance.answer_spot(session, actor(session, name), spot.id, now=AFTER)
    binh = actor(session, "binh")
    attendance.answer_spot(session, binh, spot.id, now=AFTER)
    attendance.answer_spot(session, binh, spot.id, now=AFTER + HOUR)
    assert (spot.answered_at, spot.answered_by) == (AFTER, cast["binh"])


def test_a_chair_who_may_not_take_the_roll_is_not_asked(session: Session, cast: Cast) -> None:
    known_for_long(session)
    meeting = opened(session, at=NOON)
    meeting.chair_id = cast["giang"]
    session.flush()
    tap(session, meeting, "huong", NOON)
    attendance.look(session, meeting.id, now=DURING)
    assert spots(session, meeting)["outside"].asked_of == cast["an"]


def test_it_looks_once_more_when_the_roll_is_closed(session: Session, cast: Cast) -> None:
    known_for_long(session)
    meeting = opened(session)
    for name in ("giang", "huong", "khanh"):
        by_code(session, meeting, name, DURING)
    closed(session, meeting)
    assert meeting.state == MeetingState.CLOSED
    attendance.look(session, meeting.id, now=AFTER)
    assert list(spots(session, meeting)) == ["together"]
    assert outbox.counts(session, spots(session, meeting)["together"].subject, attendance.SPOT)
