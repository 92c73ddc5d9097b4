"""Opinions before a meeting, through the pretend Telegram."""

from __future__ import annotations

import pytest

from bot import pacing
from storage import opinions
from storage.meetings import Meeting
from tests.handlers.test_agenda import prepare
from tests.handlers.test_meetings import ask, called
from tests.town import Town


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """These are long talks with one person, in a Telegram that does not count: no waiting."""
    monkeypatch.setattr(pacing, "CHAT_EVERY", 0.02)


def number(town: Town, meeting: Meeting) -> int:
    return ask(town, lambda session: opinions.number(session, meeting.id))


def open_form(town: Town) -> Meeting:
    """Hương is asked for her opinion."""
    meeting = called(town)
    town.huong.send("Lịch họp")
    town.huong.wait_for("Nhà văn hóa")
    town.huong.press("Góp ý trước họp")
    town.huong.wait_for("Xin gõ ý kiến")
    return meeting


def test_an_opinion_is_shown_back_sent_read_and_withdrawn(town: Town) -> None:
    meeting = open_form(town)
    town.huong.send("Đèn hẻm 12 <hỏng>")
    shown = town.huong.wait_for("Gửi ý kiến này?")
    assert "Đèn hẻm 12 <hỏng>" in shown.text
    assert number(town, meeting) == 0
    town.huong.press("Gửi có tên")
    town.huong.wait_for("1. Đèn hẻm 12 <hỏng>")
    town.huong.press_data(shown, f"opinion_send:{meeting.id}")
    town.world.settle()
    assert number(town, meeting) == 1

    prepare(town, meeting)
    assert "Ý kiến trước họp: 1" in town.an.last.text
    town.an.press("Ý kiến trước họp")
    read = town.an.wait_for("Nguyễn Thị Hương: Đèn hẻm 12 <hỏng>")
    assert "1 ý kiến" in read.text

    town.huong.press("Rút ý kiến 1")
    town.huong.wait_for(lambda each: each.buttons == ["Thêm ý kiến", "‹ Quay lại"])
    assert number(town, meeting) == 0


def test_who_has_sent_an_opinion_is_in_the_middle_of_nothing(town: Town) -> None:
    meeting = open_form(town)
    town.huong.send("Đèn hẻm 12 hỏng")
    town.huong.wait_for("Gửi ý kiến này?")
    town.huong.press("Gửi có tên")
    town.huong.wait_for("1. Đèn hẻm 12 hỏng")
    town.huong.send("mức đóng đảng phí")
    town.huong.wait_for("chưa tìm thấy câu trả lời")  # a question, and no second opinion
    assert number(town, meeting) == 1


def test_who_goes_back_from_the_form_is_out_of_it(town: Town) -> None:
    meeting = open_form(town)
    town.huong.press("‹ Quay lại")
    town.huong.wait_for("đang được tính là SẼ DỰ")
    town.huong.send("mức đóng đảng phí")
    town.huong.wait_for("chưa tìm thấy câu trả lời")
    assert number(town, meeting) == 0


def test_once_the_meeting_has_begun_the_door_is_gone(town: Town) -> None:
    meeting = called(town)
    town.huong.send("Lịch họp")
    assert "Góp ý trước họp" in town.huong.wait_for("Nhà văn hóa").buttons
    town.world.set_now(meeting.starts_at)
    town.huong.send("/trogiup")
    town.huong.press_data(town.huong.wait_for("Trợ giúp"), f"meeting:{meeting.id}")
    assert "Góp ý trước họp" not in town.huong.wait_for("Nhà văn hóa").buttons


def test_an_opinion_is_typed_anew_or_dropped(town: Town) -> None:
    meeting = open_form(town)
    town.huong.send("Một")
    town.huong.wait_for("Gửi ý kiến này?")
    town.huong.press("Sửa")
    town.huong.wait_for("Xin gõ ý kiến")
    town.huong.send("Hai")
    town.huong.wait_for("Hai")
    town.huong.press("Hủy")
    town.huong.wait_for("Đã hủy")
    assert number(town, meeting) == 0


def test_the_fourth_opinion_is_one_too_many(town: Town) -> None:
    meeting = open_form(town)
    for count in range(1, opinions.AT_MOST + 1):
        town.huong.send(f"Ý kiến {count}")
        town.huong.wait_for("Gửi ý kiến này?")
        town.huong.press("Gửi có tên")
        sent = town.huong.wait_for(f"{count}. Ý kiến {count}")
        if count < opinions.AT_MOST:
            town.huong.press("Thêm ý kiến", sent)
            town.huong.wait_for("Xin gõ ý kiến")
    assert "mức tối đa" in town.huong.last.text
    assert number(town, meeting) == opinions.AT_MOST


def test_a_group_never_sees_one(town: Town) -> None:
    group = town.group()
    meeting = open_form(town)
    town.huong.send("Chuyện riêng")
    town.huong.wait_for("Gửi ý kiến này?")
    town.huong.press("Gửi có tên")
    town.huong.wait_for("1. Chuyện riêng")
    town.world.settle()
    assert number(town, meeting) == 1
    assert not [each for each in group.messages() if "Chuyện riêng" in each.text]
