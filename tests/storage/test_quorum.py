"""Quorum: who is enough, who has a vote, and what half of a number is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from storage import attendance, quorum, rules
from storage.attendance import Presence
from storage.meetings import Leave, Meeting, MeetingKind, Seat
from storage.roster import Kind, Unit
from storage.rules import Rule
from tests.storage.test_attendance import DURING, START, Cast, actor, called
from tests.town import NOON


@pytest.mark.parametrize(
    ("percent", "number", "needed"),
    [
        (50, 0, 0),
        (50, 1, 1),
        (50, 200, 100),
        (50, 201, 101),
        (85, 200, 170),
        (85, 7, 6),
        (85.5, 200, 171),
        (66.67, 6, 4),  # two thirds, not a hair more
        (66.67, 300, 200),
        (66.67, 7, 5),
        (33.33, 3, 1),
        (33.33, 10, 4),
        (100, 7, 7),
        (0, 7, 0),
    ],
)
def test_at_least_a_share_of_so_many_people(percent: float, number: int, needed: int) -> None:
    assert quorum.at_least(percent, number) == needed


@pytest.mark.parametrize(
    ("percent", "number", "needed"),
    [
        (50, 1, 1),
        (50, 2, 2),  # exactly half is not more than half
        (50, 3, 2),
        (50, 170, 86),
        (50, 171, 86),
        (66.67, 6, 5),
        (66.67, 7, 5),
    ],
)
def test_more_than_a_share_of_so_many_people(percent: float, number: int, needed: int) -> None:
    assert quorum.more_than(percent, number) == needed


@pytest.mark.parametrize(
    ("present", "convened", "bar", "reached"),
    [
        (171, 200, 85, True),
        (170, 200, 85, True),
        (169, 200, 85, False),
        (4, 6, 66.67, True),
        (3, 6, 66.67, False),
        (3, 6, 50, True),
        (0, 0, 50, False),  # nobody is convened, or all are exempt
        (0, 6, 0, True),
        (3, 6, None, None),
    ],
)
def test_enough_have_come(
    present: int, convened: int, bar: float | None, reached: bool | None
) -> None:
    assert quorum.Coming(present, convened, Rule("quorum.regular", bar)).reached is reached


def test_nobody_decides_where_nobody_has_a_vote() -> None:
    assert quorum.Votes(0, 3, 0, Rule("decision.above", 50)).needed == 0


def in_the_room(session: Session) -> Meeting:
    """Seven convened: one is exempt and came, one on probation, one temporary, one excused."""
    meeting = called(session)
    attendance.open_roll(session, actor(session, "an"), meeting.id, now=START)
    seats = {
        each.person_id: each
        for each in session.exec(select(Seat).where(Seat.meeting_id == meeting.id)).all()
    }
    kinds = [Kind.OFFICIAL, Kind.OFFICIAL, Kind.EXEMPT, Kind.PROBATIONARY, Kind.TEMPORARY]
    *rest, excused, absent = seats.values()
    for seat, kind in zip(rest, kinds, strict=True):
        seat.member_kind, seat.present_at = kind, DURING
        session.add(seat)
    excused.leave = Leave.APPROVED
    session.add_all([excused, absent])
    session.flush()
    return meeting


def test_the_exempt_who_came_vote_and_those_on_probation_do_not(
    session: Session, cast: Cast
) -> None:
    found = quorum.votes(session, "party", in_the_room(session))
    assert (found.entitled, found.without, found.left, found.needed) == (3, 2, 0, 2)


def test_a_unit_may_give_temporary_members_a_vote(session: Session, cast: Cast) -> None:
    meeting = in_the_room(session)
    unit = session.get_one(Unit, meeting.unit_id)
    rules.set_own(session, "party", "vote.temporary", unit, 1, by=None, now=NOON)
    found = quorum.votes(session, "party", meeting)
    assert (found.entitled, found.without, found.needed) == (4, 1, 3)


def test_who_has_left_decides_nothing_any_more(session: Session, cast: Cast) -> None:
    meeting = in_the_room(session)
    gone = session.exec(
        select(Seat).where(Seat.meeting_id == meeting.id, Seat.member_kind == Kind.EXEMPT)
    ).one()
    gone.left_at = DURING + timedelta(minutes=30)
    session.add(gone)
    session.flush()
    found = quorum.votes(session, "party", meeting)
    assert (found.entitled, found.left, found.needed) == (2, 1, 2)
    assert quorum.coming(session, "party", meeting).present == 5  # they did come


def test_an_ordinary_meeting_has_no_bar_until_the_unit_sets_one(
    session: Session, cast: Cast
) -> None:
    meeting = in_the_room(session)
    found = quorum.coming(session, "party", meeting)
    assert (found.present, found.convened, found.needed, found.reached) == (5, 7, None, None)
    unit = session.get_one(Unit, meeting.unit_id)
    rules.set_own(session, "party", "quorum.regular", unit, 66.67, by=None, now=NOON)
    found = quorum.coming(session, "party", meeting)
    assert (found.needed, found.reached, found.percent) == (5, True, 71.4)


def test_a_congress_takes_two_thirds(session: Session, cast: Cast) -> None:
    meeting = called(session, kind=MeetingKind.CONGRESS)
    attendance.open_roll(session, actor(session, "an"), meeting.id, now=START)
    found = quorum.coming(session, "party", meeting)
    assert (found.convened, found.needed, found.reached) == (7, 5, False)
    assert found.rule.citation == "Điều lệ Đảng, Điều 11"


def test_an_exempt_member_who_does_not_come_counts_in_neither(session: Session, cast: Cast) -> None:
    meeting = called(session)
    attendance.open_roll(session, actor(session, "an"), meeting.id, now=START)
    for seat in session.exec(select(Seat).where(Seat.meeting_id == meeting.id)).all():
        seat.member_kind = Kind.EXEMPT
        session.add(seat)
    session.flush()
    assert {attendance.presence(s) for s in session.exec(select(Seat)).all()} == {Presence.EXEMPT}
    assert quorum.coming(session, "party", meeting).convened == 0
    assert quorum.votes(session, "party", meeting).needed == 0
