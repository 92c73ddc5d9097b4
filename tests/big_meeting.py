"""A meeting of forty, with everything that minutes can say; for the tests of papers."""

from __future__ import annotations

from datetime import date, timedelta

from sqlmodel import Session, col, select

from storage import agenda, attendance, meetings, polls, roster, speakers, tasks
from storage.meetings import Answer, How, Leave, Meeting, MeetingKind, Plan, Seat
from storage.quiet import Quiet
from storage.roster import Kind, Person, Unit
from tests.town import ACCOUNTS, BRANCH_1, NOON, unit_id

START = NOON + timedelta(hours=7, minutes=30)
ENDED = START + timedelta(minutes=95)
LONGEST = [
    "Công Tằng Tôn Nữ Thị Ngọc Bích Phượng",
    "Nguyễn Phước Bảo Quốc Thiên Ân",
    "Trương Hoàng Nguyễn Phương Thảo Nguyên",
]
GIVEN = (
    "Ánh Bảo Cường Diệp Đông Hà Hải Hằng Hậu Hiền Hoa Hòa Huệ Hùng Khoa Lâm Liên Loan Long Mai "
    "Nam Nga Ngân Oanh Phong Quang Sương Thắng Tuyết Vinh"
)
PLAIN = ["đưa cháu đi khám ở Bệnh viện Nhi", "business", "illness"]
REASONS = ["đưa cháu đi khám ở B&B <khoa 2>", "trực {{ ca }} ở {% if %}", "illness"]
KINDS = [Kind.OFFICIAL] * 24 + [Kind.PROBATIONARY] * 3 + [Kind.TEMPORARY] * 3 + [Kind.EXEMPT] * 3
CONCLUSION = "Thống nhất phương hướng tháng 8 & tháng 9.\nGiao phó bí thư theo dõi <hằng tuần>."


def held(session: Session, cast: dict[str, int], reasons: list[str] | None = None) -> Meeting:
    """Chi bộ 1 and 33 more: 27 came, 3 are excused, 2 are undecided, the others stayed away."""
    an = speakers.who(session, ACCOUNTS["an"], today=NOON.date(), owner=False)
    _join(session)
    plan = Plan(unit_id(session, BRANCH_1), MeetingKind.REGULAR, START, "Nhà văn hóa Khu phố 3")
    quiet = Quiet("", "Asia/Ho_Chi_Minh")
    meeting = meetings.call(session, an, plan, token="big", quiet=quiet, now=NOON)
    attendance.open_roll(session, an, meeting.id, now=START)
    _sit(session, meeting, reasons or REASONS)
    attendance.close(session, an, meeting.id, now=START + timedelta(minutes=20))
    attendance.conclude(session, an, meeting.id, CONCLUSION, now=ENDED)
    meeting.chair_id, meeting.minute_taker_id = cast["an"], cast["chi"]
    meeting.begun_at, meeting.ended_at = START, ENDED
    _points(session, meeting, cast)
    session.flush()
    return meeting


def _join(session: Session) -> None:
    units = [roster.unit_at(session, f"{BRANCH_1} / Tổ {number}") for number in (1, 2, 3)]
    names = [*LONGEST, *(f"Đặng Minh {given}" for given in GIVEN.split())]
    for number, (name, kind) in enumerate(zip(names, KINDS, strict=True)):
        unit: Unit = units[number % 3]
        roster.new_person(session, unit, name, kind=kind)


def _sit(session: Session, meeting: Meeting, reasons: list[str]) -> None:
    seats = session.exec(
        select(Seat, Person)
        .join(Person, col(Person.id) == Seat.person_id)
        .where(Seat.meeting_id == meeting.id)
        .order_by(col(Person.telegram_id).is_not(None), col(Seat.id))
    ).all()
    assert len(seats) >= 40
    for seat, person in seats:
        if person.full_name in LONGEST:
            reason = reasons[LONGEST.index(person.full_name)]
            seat.leave, seat.leave_reason = Leave.APPROVED, reason
    others = [seat for seat, person in seats if person.full_name not in LONGEST]
    exempt = [seat for seat in others if seat.member_kind == Kind.EXEMPT]
    others = [seat for seat in others if seat.member_kind != Kind.EXEMPT]
    for seat in others[:2]:
        seat.leave, seat.leave_reason = Leave.PENDING, "family"
    for number, seat in enumerate([*others[8:], exempt[0]]):
        seat.present_at, seat.how = START, How.PRIVATE
        seat.late = number in (1, 2)
        seat.left_at = START + timedelta(minutes=50) if number == 3 else None
        seat.answer = Answer.ONLINE if number == 4 else Answer.COMING


def _points(session: Session, meeting: Meeting, cast: dict[str, int]) -> None:
    told = [
        ("Học tập chuyên đề quý III & liên hệ thực tế", agenda.Content.STUDY, 25),
        ("Kiểm điểm công tác tháng 7", agenda.Content.LEADERSHIP, 40),
        ("Xét kết nạp quần chúng ưu tú", agenda.Content.MEMBERS, None),
    ]
    for number, (title, content, minutes) in enumerate(told, start=1):
        done = START + timedelta(minutes=minutes) if minutes else None
        point = agenda.Point(
            meeting_id=meeting.id, number=number, title=title, content=content, planned=30,
            begun_at=START, done_at=done,
        )  # fmt: skip
        session.add(point)
    session.add(
        polls.Poll(
            meeting_id=meeting.id, token="p1", question="Sửa sân vào <tháng nào>?",
            options=["Tháng này", "Tháng sau"], opened_at=START, closes_at=ENDED, closed_at=ENDED,
            totals=[9, 12], asked=27,
        )
    )  # fmt: skip
    session.add(
        tasks.Task(
            unit_id=meeting.unit_id, meeting_id=meeting.id, text="Rà soát <hộ khó khăn>",
            owner_id=cast["giang"], due=date(2026, 8, 20), given_at=ENDED,
        )
    )  # fmt: skip
