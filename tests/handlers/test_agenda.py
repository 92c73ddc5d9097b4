"""The agenda, through the pretend Telegram: written, read by members, ticked off in the room."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session

from bot import pacing
from handlers.agenda.showing import read_lines
from handlers.agenda.templates import TEMPLATES
from storage import agenda, speakers
from storage.agenda import Content, Point
from storage.meetings import Meeting, MeetingKind
from storage.rules import written
from tests.handlers.test_meetings import all_meetings, ask, called
from tests.town import ACCOUNTS, NOON, Town


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """These are long talks with one person, in a Telegram that does not count: no waiting."""
    monkeypatch.setattr(pacing, "CHAT_EVERY", 0.02)


def points(town: Town, meeting: Meeting) -> list[Point]:
    return ask(town, lambda session: list(agenda.points(session, meeting.id)))


def prepare(town: Town, meeting: Meeting) -> None:
    """An has the hub in front of her."""
    town.an.send("Quản lý")
    town.an.wait_for("muốn làm việc gì")
    town.an.press("Các cuộc họp")
    town.an.wait_for("Các cuộc họp")
    town.an.press("Họp 13/8 19:00")
    town.an.wait_for("Triệu tập 7")
    town.an.press("Chuẩn bị")
    town.an.wait_for("CHUẨN BỊ")


# -- typed -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("1. Học Chỉ thị 01 (20')", [("Học Chỉ thị 01", 20)]),
        ("Học Chỉ thị 01 20 phút", [("Học Chỉ thị 01", 20)]),
        ("- Học Chỉ thị 01 - 20p", [("Học Chỉ thị 01", 20)]),
        ("2) Báo cáo quý 3: 15-20 phút.", [("Báo cáo quý 3", 20)]),
        ("Học Chỉ thị 01", [("Học Chỉ thị 01", None)]),
        ("Kế hoạch 15/8 và 2/9", [("Kế hoạch 15/8 và 2/9", None)]),
        ("15/8 ra quân dọn hẻm 12", [("15/8 ra quân dọn hẻm 12", None)]),
        ("3.5 triệu tiền quỹ", [("3.5 triệu tiền quỹ", None)]),
        ("Việc gấp (0 phút)", [("Việc gấp", None)]),
        ("1. Khai mạc 5'\n\n2. Kết luận\n", [("Khai mạc", 5), ("Kết luận", None)]),
        ("  \n", []),
    ],
)
def test_a_line_per_point_is_forgiven(typed: str, found: list[tuple[str, int | None]]) -> None:
    assert read_lines(typed) == found


@pytest.mark.parametrize("kind", MeetingKind)
def test_every_kind_of_meeting_has_a_usual_agenda(kind: MeetingKind) -> None:
    usual = TEMPLATES[kind]
    assert usual[0].title.source.startswith("Opening")
    assert usual[-1].title.source == "Approving the minutes"
    assert len(usual) <= agenda.AT_MOST


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        (MeetingKind.REGULAR, "meeting.minutes"),
        (MeetingKind.THEMATIC, "meeting.minutes"),
        (MeetingKind.JOINT, "meeting.minutes_joint"),
    ],
)
def test_a_usual_agenda_is_as_long_as_the_rule_wants(kind: MeetingKind, key: str) -> None:
    rule = written("party", key, NOON.date()).value
    assert rule is not None and sum(each.minutes for each in TEMPLATES[kind]) >= rule
    assert any(each.content is Content.STUDY for each in TEMPLATES[kind])


# -- before ------------------------------------------------------------------------------------


def test_the_usual_agenda_is_changed_by_presses_and_members_read_it(town: Town) -> None:
    meeting = called(town)
    prepare(town, meeting)
    town.an.press("Chương trình")
    town.an.wait_for("Chưa có chương trình.")
    town.an.press("Dùng mẫu")
    shown = town.an.wait_for("9 mục, 95 phút")
    assert "2. Thông tin thời sự; học tập và làm theo · 15 phút" in shown.text
    town.an.press("2")
    town.an.wait_for("Loại nội dung: Học tập")
    town.an.press("Chuyên môn")
    town.an.wait_for("Loại nội dung: Chuyên môn")
    town.an.press("+ 5 phút")
    town.an.wait_for("20 phút")
    town.an.press("Lên trên")
    town.an.wait_for("Mục 1")
    town.an.press("‹ Quay lại")
    town.an.wait_for("9 mục, 100 phút")
    first = points(town, meeting)[0]
    assert (first.content, first.planned) == (Content.PROFESSIONAL, 20)

    town.huong.send("Lịch họp")
    town.huong.wait_for("Chương trình: 9 mục, khoảng 100 phút")
    town.huong.press("Chương trình")
    seen = town.huong.wait_for("1. Thông tin thời sự")
    assert "Sửa" not in str(seen)
    town.huong.press("‹ Quay lại")
    town.huong.wait_for("Nhà văn hóa")


def test_typed_points_are_shown_back_and_written_with_the_press_that_names_their_kind(
    town: Town,
) -> None:
    meeting = called(town)
    prepare(town, meeting)
    town.an.press("Chương trình")
    town.an.wait_for("Chưa có chương trình.")
    town.an.press("Thêm mục")
    town.an.wait_for("mỗi dòng một mục")
    town.an.send("1. Học Chỉ thị 01 (20')\n2. Bài học cho chi bộ (10 phút)")
    shown = town.an.wait_for("Nội dung thuộc loại nào?")
    assert "Học Chỉ thị 01 · 20 phút" in shown.text
    assert points(town, meeting) == []
    pressed = town.an.press("Học tập")
    again = town.an.press_data(shown, f"agenda_write:{meeting.id}:study")
    assert pressed.answered and again.answered
    town.world.settle()
    assert [(p.title, p.content, p.planned) for p in points(town, meeting)] == [
        ("Học Chỉ thị 01", "study", 20),
        ("Bài học cho chi bộ", "study", 10),
    ]
    town.an.press("‹ Quay lại")
    warned = town.an.wait_for("cần ít nhất 90 phút")
    assert "Dự kiến 30 phút" in warned.text


def test_an_invitation_tells_of_the_agenda_in_a_line(town: Town) -> None:
    meeting = called(town)
    prepare(town, meeting)
    town.an.press("Chương trình")
    town.an.wait_for("Chưa có chương trình.")
    town.an.press("Dùng mẫu")
    town.an.wait_for("9 mục, 95 phút")
    town.huong.mark()
    town.world.set_now(meeting.starts_at - timedelta(days=3))
    told = town.huong.wait_for("Nhắc")
    assert "Chương trình: 9 mục, khoảng 95 phút" in told.text


def test_the_chair_and_the_minute_taker_are_found_by_a_part_of_their_name(town: Town) -> None:
    meeting = called(town)
    prepare(town, meeting)
    town.an.press("Chủ trì, thư ký")
    town.an.wait_for("Chủ trì: Nguyễn Văn An")
    town.an.press("Chọn thư ký")
    town.an.wait_for("Ai làm thư ký?")
    town.an.send("tran thanh")
    town.an.wait_for("Ai làm thư ký?")
    town.an.press("Trần Thanh Bình")
    town.an.wait_for("Thư ký: Trần Thanh Bình")
    town.an.press("Chọn chủ trì")
    town.an.wait_for("Ai chủ trì?")
    town.an.press("Lê Thị Chi")
    town.an.wait_for("Chủ trì: Lê Thị Chi")
    (now,) = all_meetings(town)
    assert (now.chair_id, now.minute_taker_id) == (town.ids["chi"], town.ids["binh"])


# -- in the room -------------------------------------------------------------------------------


def test_the_agenda_is_ticked_off_by_two_and_the_roll_may_close_meanwhile(town: Town) -> None:
    meeting = called(town)
    prepare(town, meeting)
    town.an.press("Chương trình")
    town.an.wait_for("Chưa có chương trình.")
    town.an.press("Dùng mẫu")
    town.an.wait_for("9 mục, 95 phút")
    town.world.set_now(meeting.starts_at)
    town.world.settle()
    town.an.send("Quản lý")
    town.an.wait_for("muốn làm việc gì")
    town.an.press("Các cuộc họp")
    town.an.wait_for("Các cuộc họp")
    town.an.press("Họp 13/8 19:00")
    town.an.wait_for("Triệu tập 7")
    town.an.press("Trong buổi họp")
    town.an.wait_for("TRONG BUỔI HỌP")
    town.an.press("Chương trình")
    town.an.wait_for("9 mục, 95 phút")
    town.an.press("Bắt đầu họp")
    card = town.an.wait_for("đang bàn, 0/10 phút")
    first = points(town, meeting)[0]
    town.world.advance(minutes=12)
    town.an.press("✓ Xong mục 1")
    town.an.wait_for("đã xong, 12/10 phút")
    town.an.press_data(card, f"session_done:{first.id}")  # pressed once more on an old screen
    town.world.advance(minutes=20)
    town.an.press("Cập nhật")
    town.an.wait_for("Đã họp 32/90 phút")
    town.an.press("Hoàn tác mục 1")
    town.an.wait_for("đang bàn, 32/10 phút")
    town.an.press("✓ Xong mục 1")
    town.an.wait_for("đã xong, 32/10 phút")
    town.an.press("Vì sao?")
    why = town.an.wait_for("dài ít nhất 90 phút")
    assert "42-HD/BTCTW" in why.text
    town.an.press("‹ Quay lại")
    town.an.wait_for("Đã họp 32/90 phút")
    town.world.advance(minutes=60)
    town.an.press("Kết thúc họp")
    town.an.wait_for("Kết thúc 20:32: 92/90 phút")
    town.an.press("‹ Quay lại")
    assert "Chương trình" in town.an.wait_for("TRONG BUỔI HỌP").buttons  # from where one came
    assert [p.minutes for p in points(town, meeting)][:3] == [32, 60, None]
    (now,) = all_meetings(town)
    assert agenda.length(now) == 92


def test_two_of_the_committee_who_press_at_the_same_moment_tick_one_point_off(town: Town) -> None:
    meeting = called(town)
    town.world.set_now(meeting.starts_at)
    town.world.settle()

    def begun(session: Session) -> None:
        an = speakers.who(session, ACCOUNTS["an"], today=NOON.date(), owner=False)
        items = [agenda.Item(f"Mục {n}", Content.STUDY, 5) for n in range(4)]
        agenda.fill(session, an, meeting.id, items)
        agenda.begin(session, an, meeting.id, now=meeting.starts_at)

    town.database.run(begun)
    first = points(town, meeting)[0]
    cards = []
    for person in (town.an, town.binh):
        person.mark()
        person.press_data(person.last, f"session:{meeting.id}")
        cards.append((person, person.wait_for("đang bàn"), "✓ Xong mục 1"))
    told = town.world.presses(cards, over_seconds=0.1, each_twice=True)
    assert len(told) == 4 and all(each.answered for each in told)
    town.world.settle()
    assert [p.done_at is not None for p in points(town, meeting)] == [True, False, False, False]
    following = agenda.current(points(town, meeting))
    assert following is not None and following.number == first.number + 1


def test_who_forgot_to_end_the_meeting_is_asked_when_it_was(town: Town) -> None:
    meeting = called(town)
    town.world.set_now(meeting.starts_at)
    town.world.settle()
    town.an.send("/trogiup")
    town.an.press_data(town.an.wait_for("Trợ giúp"), f"session:{meeting.id}")
    town.an.press("Bắt đầu họp", town.an.wait_for("Chưa có chương trình."))
    town.an.wait_for("Đã họp 0/90 phút")
    town.world.advance(hours=14)
    town.an.press("Kết thúc họp")
    asked = town.an.wait_for("Bắt đầu lúc 19:00. Buổi họp kết thúc lúc mấy giờ?")
    assert asked.buttons == [
        *("20:00", "20:15", "20:30", "20:45", "21:00", "21:30", "Vừa xong", "‹ Quay lại")
    ]
    town.an.press("20:45", asked)
    town.an.wait_for("Kết thúc 20:45: 105/90 phút")
