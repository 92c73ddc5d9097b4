"""The same month of one branch, played in the page, on a phone and on a desk.

Who only fills the ranks acts through the client; whoever the story is about uses the page.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest

from bot.simulator.client import Message, Person, World
from tests.journeys.branch import (
    BINH,
    HUONG,
    ON_PAPER,
    PATIENCE,
    PLACE,
    UNIT,
    Branch,
)
from tests.journeys.browser import Screen, opened
from tests.journeys.month import is_reminder
from tests.town import NOON

pytestmark = pytest.mark.browser


@pytest.fixture
def branch(telegram: str, tmp_path: Path) -> Iterator[Branch]:
    """Its files are read and its bot runs."""
    world = World.create(telegram, bot_username="chibo_bot", bot_name="Trợ lý Chi bộ", now=NOON)
    made = Branch(world, tmp_path)
    made.files_are_read()
    made.office.start()
    yield made
    made.office.stop()


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_a_branch_lives_through_a_month_in_the_page(branch: Branch, size: str) -> None:
    with opened(branch.world, size, patience=PATIENCE) as screen:
        for step in (
            the_others_join,
            one_joins_by_link,
            the_group_is_linked,
            the_committee_meets_first,
            a_meeting_is_called_in_six_taps,
            people_answer,
            the_reminder_comes_at_its_minute,
            a_lesson_is_studied,
            the_roll_is_taken,
            the_result_stands,
            a_question_finds_its_answer,
            another_goes_to_the_committee_and_back,
            the_roll_of_members_is_in_the_chat,
        ):
            began = monotonic()
            step(branch, screen)
            print(f"{step.__name__}: {monotonic() - began:.1f} s")
        screen.is_sound()


def the_others_join(branch: Branch, _screen: Screen) -> None:
    """Whoever the roster has linked already is asked for consent only."""
    others = [each for each in branch.people.values() if each is not branch.huong]
    for person in others:
        person.start()
    for person in others:
        person.wait_for("đồng ý để chi bộ lưu", timeout=PATIENCE)
        person.press("Đồng ý", wait=False)
    for person in others:
        person.wait_for("·", timeout=PATIENCE)


def one_joins_by_link(branch: Branch, screen: Screen) -> None:
    """Hương opens the link that the secretary has given her."""
    screen.held_by(branch.huong, link=branch.invitation_of(HUONG))
    screen.press_start()
    screen.sees(f"Đồng chí là {HUONG}?")
    screen.picture("welcome")
    screen.press("Đúng, là tôi")
    screen.sees("đồng ý để chi bộ lưu")
    screen.picture("consent")
    screen.press("Đồng ý")
    screen.sees("Đồng chí Hương · Chi bộ Khu phố 3")
    screen.picture("home")


def the_group_is_linked(branch: Branch, screen: Screen) -> None:
    """The bot is added; the secretary says whose group it is."""
    branch.group.add_bot(by=branch.an)
    screen.held_by(branch.an, branch.group)
    screen.sees("Nhóm này của chi bộ nào?")
    screen.press(UNIT)
    screen.sees(f"Đây là nhóm của {UNIT}.")
    screen.picture("group-linked")


def the_committee_meets_first(branch: Branch, _screen: Screen) -> None:
    """An earlier meeting, so that the bot knows where this branch meets."""
    branch.binh.send("/taohop")
    branch.binh.press("Họp chi ủy")
    branch.binh.send("mai 19h30")
    branch.binh.press("Đúng")
    branch.binh.wait_for("Họp ở đâu", timeout=PATIENCE)
    branch.binh.send(PLACE)
    branch.binh.press("Gửi thông báo")


def a_meeting_is_called_in_six_taps(branch: Branch, screen: Screen) -> None:
    """Six taps lead to the preview; one more sends, and can be undone for a minute."""
    screen.held_by(branch.an)
    screen.key("Quản lý")
    screen.sees("Đồng chí muốn làm việc gì?")
    screen.picture("manage")
    screen.press("Tạo cuộc họp")
    screen.sees("Loại cuộc họp nào?")
    screen.picture("meeting-kind")
    screen.press("Họp thường kỳ")
    screen.sees("Họp ngày nào?")
    screen.picture("meeting-day")
    screen.press("Lịch tháng…")
    screen.sees("Tháng 8/2026")
    screen.press("13")
    screen.sees("Họp lúc mấy giờ?")
    screen.picture("meeting-time")
    screen.press("19:30")
    screen.sees("Họp ở đâu?")
    screen.picture("meeting-place")
    screen.press(PLACE)
    preview = screen.sees("Triệu tập 40 người")
    assert "thứ Năm 13/8/2026, 19:30" in preview.inner_text()
    screen.picture("meeting-preview")
    screen.press("Gửi thông báo")
    screen.sees("Sẽ gửi sau 60 giây.")
    screen.picture("meeting-sent")


def people_answer(branch: Branch, screen: Screen) -> None:
    """Tuesday morning: Hương will come; Bình asks leave, An agrees, and Bình is told."""
    branch.settled()
    screen.turn_clock_to(4, "08:00")
    branch.settled()
    screen.held_by(branch.huong)
    screen.sees("Kính mời đồng chí dự họp.")
    screen.picture("meeting-phone")
    screen.press("Sẽ dự")
    screen.sees("Đồng chí đã báo: SẼ DỰ.")
    screen.held_by(branch.binh)
    screen.press("Báo vắng", on="Họp thường kỳ tháng 8")
    screen.sees("Đồng chí vắng vì lý do gì?")
    screen.press("Công tác")
    screen.sees("Đã gửi cấp ủy. Chờ duyệt.")
    screen.held_by(branch.an)
    screen.press("Sẽ dự", on="Họp thường kỳ tháng 8")
    screen.is_told("Đã ghi: đồng chí sẽ dự.")
    screen.sees(f"Đ/c {BINH} xin vắng họp.")
    screen.picture("absence-approval")
    screen.press("Đồng ý", on="xin vắng họp")
    screen.sees("đã ĐỒNG Ý")
    screen.held_by(branch.binh)
    screen.sees("Cấp ủy ĐỒNG Ý cho đồng chí vắng.")


def the_reminder_comes_at_its_minute(branch: Branch, screen: Screen) -> None:
    """Wednesday 19:30: Hương is reminded, Giang, who has finished, is not."""
    screen.held_by(branch.giang)
    screen.key("Học tập")
    screen.press("Bài 1 · hạn 15/8")
    screen.press("Đã học ✓")
    screen.sees("đã học xong bài 1/2")
    screen.held_by(branch.huong)
    branch.settled()
    screen.turn_clock_to(5, "19:29")
    branch.settled()
    screen.sees_nowhere("Học tập Chỉ thị 01 · Bài 1/2")
    screen.turn_clock_to(5, "19:30")
    screen.sees("Học tập Chỉ thị 01 · Bài 1/2")
    screen.picture("study-reminder")
    branch.settled()
    about = [each for each in branch.giang.messages() if is_reminder(each)]
    assert [each for each in about if "Bài 1/2" in each.text] == []


def a_lesson_is_studied(branch: Branch, screen: Screen) -> None:
    """Hương reads, answers three questions, and has one of them wrong."""
    screen.press("Mở bài")
    screen.sees("Một buổi sinh hoạt tốt bắt đầu từ trước")
    screen.picture("lesson")
    screen.press("Làm bài kiểm tra")
    screen.sees("Câu 1/3")
    letter = screen.choose("Trước ít nhất một ngày")
    screen.sees(f"Đúng. {letter}. Trước ít nhất một ngày")
    screen.press("Câu tiếp ›")
    screen.sees("Câu 2/3")
    screen.picture("quiz-phone")
    screen.choose("Buổi sau họp ở đâu")
    screen.sees("Chưa đúng. Đáp án:")
    screen.press("Câu tiếp ›")
    screen.sees("Phê bình thế nào là đúng?")
    screen.choose("Nói vào việc, kèm cách sửa")
    screen.sees("2/3 – ĐẠT.")


def the_roll_is_taken(branch: Branch, screen: Screen) -> None:
    """Thursday evening: two tap in the page, the others on phones of their own."""
    branch.settled()
    screen.turn_clock_to(13, "17:30")
    branch.giang.wait_for("Nhắc lịch họp.", timeout=PATIENCE)
    branch.settled()
    screen.turn_clock_to(13, "19:25")
    branch.settled()
    screen.held_by(branch.an, branch.group)
    screen.write("/diemdanh")
    screen.sees("0/40")
    screen.press("Tôi có mặt")
    screen.is_told("Đã ghi: có mặt lúc 19:2")
    card = branch.group.wait_for(lambda message: "Tôi có mặt" in message.buttons, timeout=PATIENCE)
    here = (branch.an, branch.huong)
    others = [each for each in branch.people.values() if each not in (*here, branch.binh)]
    assert len(others) == 27
    _tap(branch, others[:17], card)
    screen.held_by(branch.huong, branch.group)
    screen.sees("18/40")
    screen.press("Tôi có mặt")
    screen.is_told("Đã ghi: có mặt lúc 19:2")
    screen.picture("checkin-phone", toast=True)
    screen.sees("19/40")
    _tap(branch, others[17:], card)
    screen.sees("29/40")
    screen.picture("checkin-desk", on="desk")


def _tap(branch: Branch, people: list[Person], card: Message) -> None:
    """Each on their own phone, within two seconds."""
    pressed = [(person, card, "Tôi có mặt") for person in people]
    answers = branch.world.presses(pressed, over_seconds=2)
    assert all("có mặt lúc 19:2" in answer.text for answer in answers)


def the_result_stands(branch: Branch, screen: Screen) -> None:
    """An enters one who has no phone, closes, and has the result: thirty of forty."""
    screen.held_by(branch.an)
    screen.press("Cập nhật")
    screen.sees("29/40")
    screen.picture("roll-panel")
    screen.press("Điểm danh hộ")
    screen.sees("Bấm tên, hoặc gõ một phần tên để tìm.")
    screen.picture("mark-others")
    screen.write("le thi hoa")
    screen.press("Lê Thị Hoa")
    screen.is_told("Đã ghi có mặt: Lê Thị Hoa")
    screen.press("‹ Quay lại")
    screen.sees("30/40")
    screen.press("Còn 9 người")
    screen.sees("Lê Thị Mai (0912 000 030)")
    screen.picture("roll-missing")
    screen.press("‹ Quay lại")
    screen.press("Đóng điểm danh")
    screen.press("Đúng, đóng")
    result = screen.sees("KẾT QUẢ HỌP 13/8").inner_text()
    assert "Triệu tập 40 · Có mặt 30 (75%)" in result
    assert "Vắng có lý do 1 · Không lý do 9" in result
    screen.picture("result")
    screen.press("Tải Excel")
    screen.sees_file(".xlsx")


def a_question_finds_its_answer(branch: Branch, screen: Screen) -> None:
    """Without accents, from the base, with its source."""
    screen.held_by(branch.giang)
    screen.write("dang phi dong bao nhieu")
    screen.sees("1. Đảng phí đóng bao nhiêu?")
    screen.press("1")
    assert "Sổ tay, mục 4.2" in screen.sees("Người hưởng lương đóng 1%").inner_text()
    screen.picture("question-answered")


def another_goes_to_the_committee_and_back(branch: Branch, screen: Screen) -> None:
    """The base knows nothing of it; the committee answers, and the answer comes back."""
    screen.held_by(branch.huong)
    screen.write("Bao giờ chi bộ đi thực tế ở vùng cao?")
    screen.press("Gửi cho cấp ủy")
    screen.sees("Gửi câu hỏi này?")
    screen.press("Gửi có tên")
    screen.sees("Đã gửi cấp ủy")
    screen.held_by(branch.an)
    screen.key("Hộp thư")
    screen.sees("HỘP THƯ · 1 chưa trả lời")
    screen.picture("inbox")
    screen.press("Trả lời")
    screen.sees("Xin gõ câu trả lời.")
    screen.write("Dự kiến tháng 10, sẽ báo sau.")
    screen.sees("Gửi câu trả lời này?")
    screen.press("Gửi trả lời")
    screen.sees("Đã gửi trả lời #1.")
    screen.held_by(branch.huong)
    screen.sees("Dự kiến tháng 10, sẽ báo sau.")


def the_roll_of_members_is_in_the_chat(branch: Branch, screen: Screen) -> None:
    """Who has no link yet gets one there, to be scanned from the screen."""
    screen.held_by(branch.an)
    screen.key("Quản lý")
    screen.press("Danh sách")
    screen.sees(f"DANH SÁCH {UNIT} · 40 người")
    screen.picture("roster")
    screen.press("Tìm")
    screen.sees("Gõ tên hoặc một phần tên")
    screen.write(ON_PAPER[0])
    screen.sees("tìm thấy 1")
    screen.press("1")
    screen.press("Liên kết mới")
    screen.sees(f"Liên kết chỉ dành cho {ON_PAPER[0]}")
    screen.sees_image()
    screen.picture("invitation-link")
