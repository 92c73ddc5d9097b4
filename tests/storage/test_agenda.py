"""The agenda: written by the committee, taken in the room, each press once whoever presses."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session

from storage import agenda, attendance, chairing, meetings, rules
from storage.agenda import Content, Item, Point
from storage.chairing import Part
from storage.errors import NotFound, Refusal
from storage.meetings import Meeting, MeetingKind
from storage.roster import Unit
from tests.storage.test_meetings import QUIET, THURSDAY, Cast, actor, called
from tests.town import NOON

ITEMS = [
    Item("Khai mạc", Content.LEADERSHIP, 10),
    Item("Học Chỉ thị 01", Content.STUDY, 30),
    Item("Nhiệm vụ tháng tới", Content.PROFESSIONAL, 20),
]


def titles(session: Session, meeting: Meeting) -> list[str]:
    return [each.title for each in agenda.points(session, meeting.id)]


def written(session: Session, **other: object) -> tuple[Meeting, list[Point]]:
    """A called meeting with three points."""
    meeting = called(session, **other)
    return meeting, list(agenda.fill(session, actor(session, "an"), meeting.id, ITEMS))


def at(minutes: int) -> datetime:
    return THURSDAY + timedelta(minutes=minutes)


# -- written -----------------------------------------------------------------------------------


def test_a_template_pressed_twice_or_by_two_is_taken_once(session: Session, cast: Cast) -> None:
    meeting, first = written(session)
    again = agenda.fill(session, actor(session, "binh"), meeting.id, ITEMS)
    assert [each.id for each in again] == [each.id for each in first]
    assert agenda.outline(session, meeting.id) == agenda.Outline(3, 60)


def test_the_last_meetings_agenda_is_copied_without_its_times(session: Session, cast: Cast) -> None:
    old, points = written(session)
    agenda.begin(session, actor(session, "an"), old.id, now=at(0))
    agenda.end(session, actor(session, "an"), old.id, now=at(20))
    other_kind = called(session, token="t2", kind=MeetingKind.THEMATIC, starts_at=at(3 * 24 * 60))
    assert agenda.earlier(session, other_kind) is None
    new = called(session, token="t3", starts_at=THURSDAY + timedelta(days=28))
    copied = agenda.copy_last(session, actor(session, "an"), new.id)
    assert [(p.title, p.content, p.planned) for p in copied] == [
        (p.title, p.content, p.planned) for p in points
    ]
    assert {p.begun_at for p in copied} == {None}
    agenda.copy_last(session, actor(session, "binh"), new.id)
    assert len(agenda.points(session, new.id)) == 3


def test_a_point_that_is_pressed_up_twice_moves_one_place(session: Session, cast: Cast) -> None:
    meeting, points = written(session)
    an = actor(session, "an")
    for _press in range(2):
        agenda.move(session, an, points[2].id, seen=3, to=2)
    assert titles(session, meeting) == ["Khai mạc", "Nhiệm vụ tháng tới", "Học Chỉ thị 01"]
    agenda.move(session, an, points[0].id, seen=1, to=0)
    agenda.move(session, an, points[1].id, seen=3, to=4)
    assert [p.number for p in agenda.points(session, meeting.id)] == [1, 2, 3]
    assert titles(session, meeting)[0] == "Khai mạc"


def test_what_has_been_taken_stays_where_it_is(session: Session, cast: Cast) -> None:
    meeting, points = written(session)
    an = actor(session, "an")
    agenda.begin(session, an, meeting.id, now=at(0))
    agenda.move(session, an, points[2].id, seen=3, to=1)
    agenda.move(session, an, points[0].id, seen=1, to=2)
    assert titles(session, meeting)[0] == "Khai mạc"
    with pytest.raises(Refusal, match="stays on the agenda"):
        agenda.drop(session, an, meeting.id, points[0].id)
    agenda.drop(session, an, meeting.id, points[1].id)
    agenda.drop(session, an, meeting.id, points[1].id)
    assert [(p.number, p.title) for p in agenda.points(session, meeting.id)] == [
        (1, "Khai mạc"),
        (2, "Nhiệm vụ tháng tới"),
    ]


def test_nobody_writes_an_agenda_that_has_no_end(session: Session, cast: Cast) -> None:
    meeting = called(session)
    many = [Item(f"Mục {n}", Content.STUDY) for n in range(agenda.AT_MOST + 1)]
    with pytest.raises(Refusal):
        agenda.add(session, actor(session, "an"), meeting.id, many)
    with pytest.raises(Refusal):
        agenda.add(session, actor(session, "an"), meeting.id, [Item("M" * 201, Content.STUDY)])


@pytest.mark.parametrize("name", ["huong", "lan", "oanh"])
def test_who_is_not_on_the_committee_writes_no_agenda(
    session: Session, cast: Cast, name: str
) -> None:
    meeting, points = written(session)
    other = actor(session, name)
    for act in (
        lambda: agenda.add(session, other, meeting.id, ITEMS),
        lambda: agenda.drop(session, other, meeting.id, points[0].id),
        lambda: agenda.move(session, other, points[0].id, seen=1, to=2),
        lambda: agenda.classify(session, other, points[0].id, Content.STUDY),
        lambda: agenda.begin(session, other, meeting.id, now=at(0)),
        lambda: agenda.done(session, other, points[0].id, now=at(0)),
        lambda: chairing.name(session, other, meeting.id, Part.CHAIR, cast["an"], now=NOON),
    ):
        with pytest.raises(NotFound):
            act()


def test_only_who_is_convened_reads_it(session: Session, cast: Cast) -> None:
    meeting, _points = written(session, kind=MeetingKind.COMMITTEE)
    assert len(agenda.for_member(session, actor(session, "chi"), meeting.id)[1]) == 3
    with pytest.raises(NotFound):
        agenda.for_member(session, actor(session, "huong"), meeting.id)


def test_once_the_minutes_are_final_nothing_of_it_changes(session: Session, cast: Cast) -> None:
    meeting, points = written(session)
    an = actor(session, "an")
    attendance.open_roll(session, an, meeting.id, now=at(0))
    agenda.begin(session, an, meeting.id, now=at(0))
    attendance.close(session, an, meeting.id, now=at(20))
    agenda.done(session, an, points[0].id, now=at(25))  # the roll is closed, the session goes on
    agenda.end(session, an, meeting.id, now=at(95))
    attendance.lock(session, an, meeting.id, now=at(100))
    for act in (
        lambda: agenda.add(session, an, meeting.id, ITEMS),
        lambda: agenda.resume(session, an, meeting.id, now=at(101)),
        lambda: agenda.undo(session, an, points[1].id),
        lambda: chairing.name(session, an, meeting.id, Part.MINUTES, cast["chi"], now=at(101)),
    ):
        with pytest.raises(Refusal, match="final"):
            act()


# -- taken in the room -------------------------------------------------------------------------


def test_each_point_gets_the_minutes_that_it_took(session: Session, cast: Cast) -> None:
    meeting, points = written(session)
    an, binh = actor(session, "an"), actor(session, "binh")
    agenda.begin(session, an, meeting.id, now=at(2))
    agenda.done(session, an, points[0].id, now=at(12))
    agenda.done(session, binh, points[0].id, now=at(13))  # both press, one a little later
    agenda.done(session, an, points[1].id, now=at(57))
    agenda.end(session, an, meeting.id, now=at(95))
    agenda.end(session, binh, meeting.id, now=at(96))
    assert [p.minutes for p in agenda.points(session, meeting.id)] == [10, 45, 38]
    assert agenda.length(meeting) == 93
    assert agenda.minutes_by_content(session, meeting.id) == {
        Content.LEADERSHIP: 10,
        Content.STUDY: 45,
        Content.PROFESSIONAL: 38,
    }


def test_the_last_tick_is_taken_back_and_no_other(session: Session, cast: Cast) -> None:
    meeting, points = written(session)
    an = actor(session, "an")
    agenda.begin(session, an, meeting.id, now=at(0))
    agenda.done(session, an, points[0].id, now=at(10))
    agenda.done(session, an, points[1].id, now=at(11))
    agenda.undo(session, an, points[0].id)  # an older one: a button of before
    assert [p.minutes for p in agenda.points(session, meeting.id)] == [10, 1, None]
    agenda.undo(session, an, points[1].id)
    agenda.undo(session, an, points[1].id)
    order = agenda.points(session, meeting.id)
    assert [p.minutes for p in order] == [10, None, None]
    assert agenda.current(order) is order[1] and order[2].begun_at is None
    agenda.done(session, an, points[1].id, now=at(40))
    assert agenda.points(session, meeting.id)[1].minutes == 30


def test_an_end_that_was_said_too_early_is_taken_back(session: Session, cast: Cast) -> None:
    meeting, points = written(session)
    an = actor(session, "an")
    agenda.begin(session, an, meeting.id, now=at(0))
    agenda.end(session, an, meeting.id, now=at(10))
    agenda.done(session, an, points[0].id, now=at(11))
    assert agenda.current(agenda.points(session, meeting.id)) is None
    agenda.resume(session, an, meeting.id, now=at(12))
    agenda.resume(session, an, meeting.id, now=at(13))
    assert agenda.length(meeting) is None
    assert agenda.current(agenda.points(session, meeting.id)) is points[0]


def test_an_end_that_was_forgotten_is_put_where_it_was(session: Session, cast: Cast) -> None:
    meeting, points = written(session)
    an, morning = actor(session, "an"), at(12 * 60)
    agenda.begin(session, an, meeting.id, now=at(2))
    agenda.done(session, an, points[0].id, now=at(40))
    assert not agenda.forgotten(meeting, now=at(4 * 60))
    assert agenda.forgotten(meeting, now=morning)
    for after in (30, 13 * 60):  # before a point that was ticked off; in the time to come
        with pytest.raises(Refusal, match="cannot have ended then"):
            agenda.end(session, an, meeting.id, after=after, now=morning)
    agenda.end(session, an, meeting.id, after=95, now=morning)
    assert meeting.ended_at == at(97)
    assert agenda.length(meeting) == 95
    assert [p.minutes for p in agenda.points(session, meeting.id)] == [38, 57, None]
    assert not agenda.forgotten(meeting, now=morning)


def test_a_point_that_comes_up_in_the_room_is_begun_when_nothing_else_is(
    session: Session, cast: Cast
) -> None:
    meeting = called(session)
    an = actor(session, "an")
    agenda.begin(session, an, meeting.id, now=at(0))
    (point,) = agenda.add(session, an, meeting.id, ITEMS[:1])
    agenda.take(session, an, point.id, now=at(5))
    agenda.take(session, an, point.id, now=at(6))  # pressed twice it does not end
    assert agenda.current(agenda.points(session, meeting.id)) is point
    assert point.begun_at == at(5)


def test_a_session_begins_once_and_not_the_day_before(session: Session, cast: Cast) -> None:
    meeting, _points = written(session)
    an = actor(session, "an")
    with pytest.raises(Refusal, match="too early"):
        agenda.begin(session, an, meeting.id, now=at(-24 * 60))
    agenda.begin(session, an, meeting.id, now=at(-5))
    agenda.begin(session, actor(session, "binh"), meeting.id, now=at(3))
    assert meeting.begun_at == at(-5)
    assert meeting.chair_id == cast["an"]  # nobody was named: the secretary


# -- how long ----------------------------------------------------------------------------------


def test_the_length_of_a_session_is_measured_by_the_rule_of_its_kind(
    session: Session, cast: Cast
) -> None:
    regular, _points = written(session)
    committee = called(session, token="t2", kind=MeetingKind.COMMITTEE)
    rule = agenda.required(session, "party", regular)
    assert rule is not None and rule.value == 90 and rule.citation
    assert agenda.required(session, "party", committee) is None
    assert agenda.expected(session, "party", regular) == 90  # an hour is planned
    joint = agenda.required(session, "party", called(session, token="t3", kind=MeetingKind.JOINT))
    assert joint is not None and joint.value == 120
    unit = session.get_one(Unit, regular.unit_id)
    rules.set_own(session, "union", "meeting.minutes", unit, 45, by=None, now=NOON)
    assert agenda.expected(session, "union", regular) == 60


# -- who chairs --------------------------------------------------------------------------------


def test_the_chair_is_one_of_those_convened(session: Session, cast: Cast) -> None:
    meeting = called(session, kind=MeetingKind.COMMITTEE)
    an = actor(session, "an")
    chair, minutes = chairing.people(session, meeting)
    assert chair is not None and chair.id == cast["an"] and minutes is None
    chairing.name(session, an, meeting.id, Part.CHAIR, cast["binh"], now=NOON)
    chairing.name(session, an, meeting.id, Part.MINUTES, cast["chi"], now=NOON)
    found = chairing.people(session, meeting)
    assert [each and each.id for each in found] == [cast["binh"], cast["chi"]]
    with pytest.raises(NotFound):
        chairing.name(session, an, meeting.id, Part.CHAIR, cast["huong"], now=NOON)
    assert [p.full_name for p in chairing.convened(session, meeting.id, "tran thanh")] == [
        "Trần Thanh Bình"
    ]


def test_a_meeting_that_is_cancelled_gets_no_agenda(session: Session, cast: Cast) -> None:
    meeting, points = written(session)
    an = actor(session, "an")
    meetings.call_off(session, an, meeting.id, now=NOON)
    meetings.carry_out(session, meeting.id, quiet=QUIET, now=NOON + timedelta(minutes=2))
    for act in (
        lambda: agenda.fill(session, an, meeting.id, ITEMS),
        lambda: agenda.plan_minutes(session, an, points[0].id, 5),
        lambda: agenda.begin(session, an, meeting.id, now=at(0)),
    ):
        with pytest.raises(Refusal, match="cancelled"):
            act()
