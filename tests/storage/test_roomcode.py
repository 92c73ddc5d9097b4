"""The room's code: who reads it may check in, who guesses may not, and nobody learns by typing."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from storage import attendance, meetings, outbox, roomcode, schedule
from storage.attendance import Outcome, Tap
from storage.errors import NotFound, Refusal
from storage.meetings import How, Meeting, MeetingKind
from storage.outbox import Notice
from storage.roomcode import RoomCode, Unfit
from storage.schedule import Schedule
from tests.storage.test_attendance import (
    DURING,
    QUIET,
    START,
    Cast,
    actor,
    called,
    linked_group,
    opened,
    seat_of,
)
from tests.town import NOON

KEY = "7f" * 32


def shown(session: Session, meeting: Meeting, by: str = "an") -> str:
    """The digits on the phone of the committee at this moment."""
    roomcode.show(session, actor(session, by), meeting.id, now=DURING)
    found = roomcode.shown(session, meeting, DURING)
    assert found is not None
    return found[1]


def other(digits: str) -> str:
    """Four digits that are not these, nor those of the half minute before."""
    return f"{(int(digits) + 1) % 10_000:04}"


def wrong(session: Session, meeting: Meeting) -> str:
    key = session.get_one(RoomCode, meeting.id).key
    near = {roomcode.digits(key, roomcode.step_of(DURING) + each) for each in range(-3, 40)}
    return next(f"{each:04}" for each in range(10_000) if f"{each:04}" not in near)


def types(
    session: Session, name: str, digits: str, *, after: float = 0, meeting_id: int | None = None
) -> Outcome | Unfit:
    now = DURING + timedelta(seconds=after)
    found = roomcode.check_in(session, actor(session, name), digits, meeting_id=meeting_id, now=now)
    return found.outcome if isinstance(found, Tap) else found


# -- the digits --------------------------------------------------------------------------------


@given(st.integers(0, 10**6))
def test_whoever_is_slow_has_the_half_minute_after(seconds: int) -> None:
    moment = START + timedelta(seconds=seconds)
    told = roomcode.digits(KEY, roomcode.step_of(moment))
    assert len(told) == 4
    assert told.isdecimal()
    assert roomcode.fits(KEY, told, moment)
    assert roomcode.fits(KEY, told, roomcode.ends_at(moment) + timedelta(seconds=29))
    assert timedelta() < roomcode.ends_at(moment) - moment <= timedelta(seconds=30)


def test_a_code_of_a_minute_ago_is_no_good() -> None:
    steps = range(roomcode.step_of(START), roomcode.step_of(START) + 200)
    old = [s for s in steps if roomcode.digits(KEY, s) not in _two(s + 2)]
    assert len(old) > 190
    for step in old:
        late = START + timedelta(seconds=30 * (step - roomcode.step_of(START) + 2))
        assert not roomcode.fits(KEY, roomcode.digits(KEY, step), late)


def _two(step: int) -> set[str]:
    return {roomcode.digits(KEY, step), roomcode.digits(KEY, step - 1)}


def test_two_meetings_have_codes_of_their_own(session: Session, cast: Cast) -> None:
    first, second = opened(session), opened(session, starts_at=START + timedelta(minutes=5))
    for meeting in (first, second):
        shown(session, meeting)
    keys = session.exec(select(RoomCode.key)).all()
    assert len(set(keys)) == 2


def test_what_the_picture_says_fits_a_start_link() -> None:
    told = roomcode.payload(999_999_999, "0042")
    assert len(told) <= 64
    assert roomcode.read_payload(told) == (999_999_999, "0042")
    for link in ("c42", "c42-12", "42-1234", "c42-12345", "", "AAAAAAAAAAAAAAAAAAAAAA", "c٤٢-1234"):
        assert roomcode.read_payload(link) is None


# -- who is there ------------------------------------------------------------------------------


def test_who_reads_the_code_checks_in_with_it(session: Session, cast: Cast) -> None:
    linked_group(session)
    meeting = opened(session)
    code = shown(session, meeting)
    assert types(session, "giang", code) == Outcome.RECORDED
    seat = seat_of(session, meeting, cast, "giang")
    assert (seat.how, seat.present_at, seat.late) == (How.CODE, DURING, False)
    assert types(session, "giang", code, after=5) == Outcome.ALREADY
    assert seat_of(session, meeting, cast, "giang").present_at == DURING


def test_the_card_follows_a_code(session: Session, cast: Cast) -> None:
    linked_group(session)
    meeting = opened(session)
    code = shown(session, meeting)
    before = attendance.live_card(session, meeting.id)
    assert before is not None
    version = before.version
    types(session, "giang", code)
    session.refresh(before)
    assert before.version == version + 1


def test_a_committees_code_is_for_the_committee(session: Session, cast: Cast) -> None:
    meeting = opened(session, kind=MeetingKind.COMMITTEE)
    code = shown(session, meeting)
    assert types(session, "giang", code) == Unfit.WRONG
    assert types(session, "lan", code) == Unfit.WRONG
    assert types(session, "binh", code) == Outcome.RECORDED


def test_a_code_works_only_while_check_in_is_open(session: Session, cast: Cast) -> None:
    meeting = opened(session)
    code = shown(session, meeting)
    attendance.close(session, actor(session, "an"), meeting.id, now=DURING)
    assert types(session, "giang", code) == Unfit.WRONG
    assert seat_of(session, meeting, cast, "giang").present_at is None


def test_a_picture_counts_for_its_own_meeting(session: Session, cast: Cast) -> None:
    meeting = opened(session)
    elsewhere = opened(session, starts_at=START + timedelta(minutes=5))
    code = shown(session, meeting)
    shown(session, elsewhere)
    if code != shown(session, elsewhere):
        assert types(session, "giang", code, meeting_id=elsewhere.id) == Unfit.WRONG
    assert types(session, "giang", code, meeting_id=meeting.id) == Outcome.RECORDED


def test_nobody_learns_of_a_meeting_by_typing(session: Session, cast: Cast) -> None:
    meeting = opened(session)
    shown(session, meeting)
    bad = wrong(session, meeting)
    convened = [types(session, "giang", bad) for _ in range(6)]
    elsewhere = [types(session, "minh", bad) for _ in range(6)]
    assert convened == elsewhere == [Unfit.WRONG] * 4 + [Unfit.TOO_MANY] * 2


def test_who_guesses_five_times_has_to_ask_the_chair(session: Session, cast: Cast) -> None:
    meeting = opened(session)
    code, bad = shown(session, meeting), wrong(session, meeting)
    for _ in range(4):
        assert types(session, "giang", bad) == Unfit.WRONG
    assert types(session, "giang", bad) == Unfit.TOO_MANY
    assert types(session, "giang", code) == Unfit.TOO_MANY
    assert types(session, "huong", code) == Outcome.RECORDED
    later = DURING + roomcode.WITHIN
    found = roomcode.shown(session, meeting, later)
    assert found is not None
    tap = roomcode.check_in(session, actor(session, "giang"), found[1], now=later)
    assert isinstance(tap, Tap)
    assert tap.outcome == Outcome.RECORDED


def test_a_stranger_types_in_vain(session: Session, cast: Cast) -> None:
    meeting = opened(session)
    code = shown(session, meeting)
    unknown = type(actor(session, "an"))(1)
    assert roomcode.check_in(session, unknown, code, now=DURING) == Unfit.WRONG


# -- who shows it ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["giang", "lan", "oanh"])
def test_only_the_units_own_committee_shows_the_code(
    session: Session, cast: Cast, name: str
) -> None:
    meeting = opened(session)
    with pytest.raises(NotFound):
        roomcode.show(session, actor(session, name), meeting.id, now=DURING)
    with pytest.raises(NotFound):
        roomcode.hide(session, actor(session, name), meeting.id, now=DURING)


def test_there_is_no_code_before_check_in_is_open(session: Session, cast: Cast) -> None:
    meeting = called(session)
    with pytest.raises(Refusal):
        roomcode.show(session, actor(session, "an"), meeting.id, now=NOON)
    assert session.exec(select(RoomCode)).all() == []


def test_the_code_stands_on_one_phone_at_a_time(session: Session, cast: Cast) -> None:
    meeting = opened(session)
    shown(session, meeting)
    key = session.get_one(RoomCode, meeting.id).key
    shown(session, meeting, by="binh")
    assert session.get_one(RoomCode, meeting.id).key == key
    found = session.exec(
        select(Notice.kind, Notice.person_id)
        .where(Notice.subject == roomcode.subject(meeting.id))
        .order_by(col(Notice.id))
    ).all()
    assert list(found) == [(roomcode.RETIRED, cast["an"]), (roomcode.SCREEN, cast["binh"])]


def test_the_screen_turns_every_half_minute_and_stops_by_itself(
    session: Session, cast: Cast
) -> None:
    meeting = opened(session)
    shown(session, meeting)
    moment, turns = DURING, 0
    while True:
        due = [each for each in _claims(session, moment) if each == "roomcode.turn"]
        turns += len(due)
        if due:
            roomcode.turn(session, meeting.id, now=moment)
        if moment > DURING + roomcode.SHOWN + timedelta(minutes=1):
            break
        moment += timedelta(seconds=10)
    # The check-in of this meeting ends at 19:50, which is before the twenty minutes are over.
    assert turns == (START + attendance.LENGTH - DURING) / timedelta(seconds=30)
    notice = outbox.standing(
        session, roomcode.SCREEN, roomcode.subject(meeting.id), f"p{cast['an']}"
    )
    assert notice is not None


def _claims(session: Session, moment: datetime) -> list[str]:
    return [each.kind for each in schedule.claim_due(session, now=moment)]


def test_a_hidden_code_still_works_for_who_has_read_it(session: Session, cast: Cast) -> None:
    meeting = opened(session)
    code = shown(session, meeting)
    roomcode.hide(session, actor(session, "an"), meeting.id, now=DURING)
    assert roomcode.shown(session, meeting, DURING) is None
    assert types(session, "giang", code) == Outcome.RECORDED
    roomcode.turn(session, meeting.id, now=DURING + timedelta(seconds=30))
    planned = session.exec(select(Schedule).where(Schedule.kind == "roomcode.turn")).one()
    assert planned.next_at is not None  # the slot that was planned when it was shown, and no other
    assert planned.next_at <= DURING + timedelta(seconds=30)


def test_a_meeting_that_is_called_off_has_no_code(session: Session, cast: Cast) -> None:
    meeting = called(session, starts_at=START + timedelta(hours=2))
    attendance.open_roll(session, actor(session, "an"), meeting.id, now=DURING)
    code = shown(session, meeting)
    meetings.call_off(session, actor(session, "an"), meeting.id, now=DURING)
    after = DURING + timedelta(minutes=2)
    meetings.carry_out(session, meeting.id, quiet=QUIET, now=after)
    assert types(session, "giang", code) == Unfit.WRONG
    assert roomcode.shown(session, meeting, DURING) is None
