"""Campaigns made in the chat, and last year's once more."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from storage import attendance, campaigns, meetings, schedule
from storage.campaigns import LessonItem, Made, NewPart, Outline, Progress, spread
from storage.campaigns.making import years_on
from storage.errors import NotFound, Refusal
from storage.meetings import MeetingKind, Plan
from storage.meetings.settling import STUDIED
from storage.outbox import Notice
from tests.storage.test_campaigns import QUIET, TWO_LESSONS, ZONE, actor, lessons, take
from tests.town import BRANCH_1, BRANCH_2, NOON, unit_id

MADE = [
    Made("Bài mở đầu", [NewPart("<b>Một</b>"), NewPart(kind="voice", file_id="V", seconds=300)]),
    Made("Bài hai", [NewPart("chữ " * 900)]),
]


def outline(session: Session) -> Outline:
    return Outline(
        unit_id(session, BRANCH_1),
        "Đợt học tháng 8",
        "Chỉ thị 01",
        date(2026, 8, 3),
        date(2026, 8, 12),
        None,
        MADE,
    )


def test_a_campaign_from_the_chat_is_made_once_however_often_it_is_pressed(
    session: Session, cast: dict[str, int]
) -> None:
    an = actor(session, "an")
    plan = outline(session)
    made = campaigns.begin(session, an, plan, token="f1", zone=ZONE, now=NOON)
    assert campaigns.begin(session, an, plan, token="f1", zone=ZONE, now=NOON).id == made.id
    first, second = lessons(session)
    assert [(each.opens, each.due) for each in (first, second)] == [
        (date(2026, 8, 3), date(2026, 8, 7)),
        (date(2026, 8, 8), date(2026, 8, 12)),
    ]
    assert (first.minutes, second.minutes) == (5, 4)
    assert [part.kind for part in campaigns.parts_of(session, first.id)] == [None, "voice"]
    days = {f"{ZONE} 2026-08-{day}" for day in ("07", "08", "12")}  # the first morning is past
    rows = session.exec(select(schedule.Schedule)).all()
    assert {row.slot_name for row in rows if row.kind == campaigns.REMINDER} == days
    with pytest.raises(Refusal, match="already"):
        campaigns.begin(session, an, plan, token="f2", zone=ZONE, now=NOON)


@pytest.mark.parametrize("name", ["chi", "huong", "lan"])
def test_only_the_leaders_of_the_unit_may_begin_one(
    session: Session, cast: dict[str, int], name: str
) -> None:
    who = actor(session, name)
    with pytest.raises(NotFound):
        campaigns.begin(session, who, outline(session), token="f1", zone=ZONE, now=NOON)


def test_a_campaign_cannot_end_in_the_past_or_have_no_lesson(
    session: Session, cast: dict[str, int]
) -> None:
    plan, an = outline(session), actor(session, "an")
    for wrong in (
        replace(plan, starts=date(2026, 7, 1), ends=date(2026, 8, 2)),
        replace(plan, ends=date(2026, 8, 1)),
        replace(plan, lessons=()),
        replace(plan, name="  "),
        replace(plan, remind="mỗi tối"),
    ):
        with pytest.raises(Refusal):
            campaigns.begin(session, an, wrong, token="f1", zone=ZONE, now=NOON)


@pytest.mark.parametrize("number", [1, 2, 7, 10, 11, 30])
def test_lessons_fill_the_days_from_the_first_to_the_last(number: int) -> None:
    starts, ends = date(2026, 8, 3), date(2026, 8, 12)
    days = spread(starts, ends, number)
    assert (days[0][0], days[-1][1]) == (starts, ends)
    assert all(starts <= opens <= due <= ends for opens, due in days)
    assert days == sorted(days)


def test_last_years_campaign_comes_again_with_its_days_moved_and_nobodys_progress(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    old = take(
        session, tmp_path, TWO_LESSONS.replace('Chỉ thị 01"\ncit', 'Chỉ thị 01 năm 2026"\ncit')
    )
    first = lessons(session)[0]
    campaigns.studying.finish(session, cast["huong"], first, now=NOON)
    an = actor(session, "an")
    again = campaigns.repeat(session, an, old.id, now=NOON)
    assert campaigns.repeat(session, an, old.id, now=NOON).id == again.id
    assert (again.starts, again.ends) == (date(2027, 8, 1), date(2027, 8, 31))
    assert again.name == "Học tập Chỉ thị 01 năm 2027"
    new = [each.lesson for each in campaigns.course_of(session, an, again.id).steps]
    assert [each.due for each in new] == [date(2027, 8, 8), date(2027, 8, 15)]
    ids = [each.id for each in new]
    assert len(session.exec(select(LessonItem).where(LessonItem.lesson_id == ids[0])).all()) == 2
    assert session.exec(select(Progress).where(col(Progress.lesson_id).in_(ids))).all() == []
    assert years_on(date(2028, 2, 29), 1) == date(2029, 2, 28)


def test_whoever_was_absent_from_the_theme_gets_its_lesson_once_the_roll_is_settled(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    take(session, tmp_path, TWO_LESSONS)
    lesson, other = lessons(session)
    an, plan = (
        actor(session, "an"),
        Plan(
            unit_id=unit_id(session, BRANCH_1),
            kind=MeetingKind.THEMATIC,
            starts_at=NOON + timedelta(hours=2),
            place="Hội trường",
        ),
    )
    meeting = meetings.call(session, an, plan, token="t", quiet=QUIET, now=NOON)
    campaigns.link(session, an, lesson.id, meeting.id, now=NOON)
    attendance.open_roll(session, an, meeting.id, now=plan.starts_at)
    for name in ("an", "binh", "dung", "huong"):
        attendance.tap(session, actor(session, name), meeting.id, now=plan.starts_at)
    campaigns.studying.finish(session, cast["giang"], lesson, now=NOON)
    over = plan.starts_at + timedelta(hours=2)
    attendance.close(session, an, meeting.id, now=over)
    assert campaigns.make_up(session, meeting.id, quiet=QUIET, now=over) == 0  # not settled yet
    settled = over + timedelta(hours=48)
    due = [each for each in schedule.claim_due(session, now=settled) if each.kind == STUDIED]
    assert [each.subject for each in due] == [f"studied:{meeting.id}"]
    assert campaigns.make_up(session, meeting.id, quiet=QUIET, now=settled) == 2
    assert campaigns.make_up(session, meeting.id, quiet=QUIET, now=settled) == 0
    kinds = select(Notice.person_id, Notice.subject).where(Notice.kind == campaigns.MAKE_UP)
    told = set(session.exec(kinds).all())
    assert told == {(cast[name], lesson.subject) for name in ("chi", "khanh")}
    assert campaigns.to_make_up(session, lesson.id, cast["khanh"]) is not None
    assert campaigns.to_make_up(session, lesson.id, cast["huong"]) is None
    assert campaigns.to_make_up(session, other.id, cast["khanh"]) is None


def test_a_lesson_is_linked_to_a_thematic_meeting_of_its_units_only(
    session: Session, cast: dict[str, int], tmp_path: Path
) -> None:
    take(session, tmp_path, TWO_LESSONS)
    lesson = lessons(session)[0]
    for name, path, kind in (
        ("lan", BRANCH_2, MeetingKind.THEMATIC),
        ("an", BRANCH_1, MeetingKind.REGULAR),
    ):
        who, unit = actor(session, name), unit_id(session, path)
        plan = Plan(unit_id=unit, kind=kind, starts_at=NOON + timedelta(hours=2), place="Phòng")
        meeting = meetings.call(session, who, plan, token=name, quiet=QUIET, now=NOON)
        with pytest.raises(NotFound):
            campaigns.link(session, actor(session, "an"), lesson.id, meeting.id, now=NOON)
