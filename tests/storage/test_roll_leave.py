"""A roll that closes over requests for leave, and what the desk and the result make of them."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import Session

from storage import attendance, meetings
from storage.attendance import Count, Presence
from storage.meetings import Leave, Meeting, Seat, Tally
from storage.roster import Kind, Person
from tests.storage.test_attendance import (
    AFTER,
    NOON,
    QUIET,
    START,
    Cast,
    actor,
    called,
    cards,
    enter,
    seat_of,
    tap,
)


def asked(session: Session, name: str = "huong") -> tuple[Meeting, Seat]:
    """A meeting whose roll is open, and a request for leave that nobody has answered."""
    meeting = called(session)
    seat = meetings.ask_leave(
        session, actor(session, name), meeting.id, "illness", revision=0, quiet=QUIET, now=NOON
    )
    attendance.open_roll(session, actor(session, "an"), meeting.id, now=START)
    return meeting, seat


def close(session: Session, meeting: Meeting) -> None:
    attendance.close(session, actor(session, "an"), meeting.id, now=AFTER)


def test_an_undecided_request_is_no_absence_without_reason(session: Session, cast: Cast) -> None:
    meeting, _seat = asked(session)
    close(session, meeting)
    assert attendance.totals(session, meeting).all == Count(0, 0, 6, pending=1)
    missing = {person.full_name for _how, person in attendance.missing(session, meeting.id)}
    assert "Nguyễn Thị Hương" in missing


def test_a_request_decided_after_the_end_changes_the_result(session: Session, cast: Cast) -> None:
    meeting, seat = asked(session)
    close(session, meeting)
    later = AFTER + timedelta(days=2)
    (waiting,) = meetings.requests(session, [meeting.unit_id], later)
    assert waiting[0].id == seat.id
    assert meetings.decide(
        session, actor(session, "an"), seat.id, seat.requests, approve=True, now=later
    )
    assert attendance.totals(session, meeting).all == Count(0, 1, 6)
    assert [notice.person_id for notice in cards(session, meetings.DECISION)] == [cast["huong"]]


def test_final_minutes_refuse_what_was_never_decided_and_say_so(
    session: Session, cast: Cast
) -> None:
    meeting, seat = asked(session)
    close(session, meeting)
    attendance.lock(session, actor(session, "an"), meeting.id, now=AFTER)
    assert seat_of(session, meeting, cast, "huong").leave == Leave.REFUSED
    assert [notice.person_id for notice in cards(session, meetings.DECISION)] == [cast["huong"]]
    assert meetings.requests(session, [meeting.unit_id], AFTER) == []
    assert not meetings.decide(
        session, actor(session, "an"), seat.id, seat.requests, approve=True, now=AFTER
    )


def test_a_mark_taken_back_leaves_a_request_as_it_was(session: Session, cast: Cast) -> None:
    meeting, _seat = asked(session)
    enter(session, meeting, cast, "huong", Presence.PRESENT)
    enter(session, meeting, cast, "huong", Presence.ABSENT)
    assert seat_of(session, meeting, cast, "huong").leave == Leave.PENDING


def test_entering_somebody_as_excused_answers_their_request(session: Session, cast: Cast) -> None:
    meeting, _seat = asked(session)
    close(session, meeting)
    enter(session, meeting, cast, "huong", Presence.EXCUSED)
    assert attendance.totals(session, meeting).all == Count(0, 1, 6)
    assert [notice.person_id for notice in cards(session, meetings.DECISION)] == [cast["huong"]]


def test_the_desk_and_the_result_convene_the_same_people(session: Session, cast: Cast) -> None:
    session.get_one(Person, cast["dung"]).kind = Kind.EXEMPT
    meeting, _seat = asked(session)
    for name, leave in (("giang", Leave.APPROVED), ("khanh", Leave.REFUSED)):
        seat_of(session, meeting, cast, name).leave = leave
    session.flush()
    said = meetings.tally(session, meeting.id)
    assert said == Tally(silent=3, granted=1, pending=1, refused=1, exempt=1)
    count = attendance.totals(session, meeting).all
    assert (said.convened, said.exempt) == (count.convened, count.exempt) == (6, 1)
    tap(session, meeting, "dung")
    said, count = meetings.tally(session, meeting.id), attendance.totals(session, meeting).all
    assert (said.convened, said.exempt) == (count.convened, count.exempt) == (7, 0)
