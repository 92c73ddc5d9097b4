"""Moving a meeting and calling it off, through the pretend Telegram: undone, or told to all."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from bot import pacing
from bot.simulator.client import Message, Person
from storage.meetings import Answer, Leave, MeetingState
from tests.handlers.test_meetings import all_meetings, ask, called, seat
from tests.town import BotThread, Town


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """These are long talks with one person, in a Telegram that does not count: no waiting."""
    monkeypatch.setattr(pacing, "CHAT_EVERY", 0.02)


def moved(town: Town) -> tuple[Message, str]:
    """An orders a move; returns the screen that follows, and the address of her last press."""
    town.an.press("Xem cuộc họp")
    town.an.wait_for("Triệu tập 7")
    town.an.press("Đổi lịch")
    town.an.wait_for("Cần sửa mục nào?")
    town.an.press("Ngày")
    town.an.wait_for("Họp ngày nào")
    town.an.send("20/8")
    preview = town.an.wait_for("Sẽ báo lại cho 7 người.")
    data = preview.button("Báo mọi người").data or ""
    town.an.press("Báo mọi người")
    return town.an.wait_for("Sẽ gửi sau 60 giây."), data


def called_off(town: Town) -> Message:
    town.an.press("Xem cuộc họp")
    town.an.wait_for("Triệu tập 7")
    town.an.press("Hủy họp")
    town.an.wait_for("Sẽ báo cho 7 người.")
    town.an.press("Đúng, hủy họp")
    return town.an.wait_for("Sẽ gửi sau 60 giây.")


def heard_nothing(town: Town, person: Person) -> bool:
    town.world.settle(quiet=1.5)
    return "ĐỔI LỊCH HỌP" not in person.transcript() and "HỦY HỌP" not in person.transcript()


# -- moved -------------------------------------------------------------------------------------


def test_a_moved_meeting_asks_everybody_anew_once(town: Town) -> None:
    meeting = called(town)
    town.huong.press("Sẽ dự")
    town.huong.wait_for("đã báo")
    screen, data = moved(town)
    assert "Đang là: thứ Năm 13/8/2026, 19:00, Nhà văn hóa" in screen.text
    assert "đổi thành: thứ Năm 20/8/2026, 19:00, Nhà văn hóa" in screen.text
    assert screen.buttons == ["Hoàn tác", "Xem cuộc họp", "‹ Quản lý"]
    town.an.press_data(screen, data)
    assert heard_nothing(town, town.huong)
    town.world.advance(seconds=61)
    told = town.huong.wait_for("ĐỔI LỊCH HỌP").text
    assert "Thời gian: thứ Năm 20/8/2026, 19:00" in told
    assert "Trước đó: thứ Năm 13/8/2026, 19:00\n" in told
    town.world.settle()
    assert town.huong.transcript().count("ĐỔI LỊCH HỌP") == 1
    assert seat(town, "huong").answer == Answer.NONE
    assert [(each.id, each.revision) for each in all_meetings(town)] == [(meeting.id, 1)]


def test_the_group_is_told_what_was_before(town: Town) -> None:
    group = town.group()
    called(town)
    moved(town)
    town.world.advance(seconds=61)
    assert "Trước đó: thứ Năm 13/8/2026, 19:00" in group.wait_for("ĐỔI LỊCH HỌP").text


def test_a_move_undone_in_time_leaves_the_meeting_and_the_answers_as_they_were(town: Town) -> None:
    meeting = called(town)
    town.huong.press("Báo vắng")
    town.huong.wait_for("vì lý do gì")
    town.huong.press("Ốm")
    town.huong.wait_for("Chờ duyệt")
    town.an.wait_for("xin vắng họp")
    screen, _data = moved(town)
    data = screen.button("Hoàn tác").data or ""
    town.world.advance(seconds=50)
    town.an.press_data(screen, data, wait=False)
    town.an.press_data(screen, data)
    town.an.wait_for("Đã hoàn tác: cuộc họp giữ nguyên như cũ. Chưa ai nhận được thông báo.")
    town.world.advance(minutes=5)
    assert heard_nothing(town, town.huong)
    (now,) = all_meetings(town)
    assert (now.starts_at, now.place, now.revision) == (meeting.starts_at, meeting.place, 0)
    assert (seat(town, "huong").answer, seat(town, "huong").leave) == (Answer.LEAVE, Leave.PENDING)


def test_after_a_minute_undo_says_that_the_notice_is_out_and_what_can_be_done(town: Town) -> None:
    called(town)
    moved(town)
    town.world.advance(seconds=61)
    town.huong.wait_for("ĐỔI LỊCH HỌP")
    town.an.press("Hoàn tác")
    late = town.an.wait_for("Đã quá 60 giây, thông báo đang được gửi đi.")
    assert "Vẫn có thể đổi lịch lần nữa hoặc hủy họp" in late.text
    assert late.buttons == ["Đổi lịch", "Hủy họp", "Xem cuộc họp", "‹ Quản lý"]
    town.an.press("Đổi lịch", late)
    town.an.wait_for("Thời gian: thứ Năm 20/8/2026, 19:00")


def test_a_move_ordered_before_a_restart_can_be_undone_after_it(town: Town) -> None:
    called(town)
    moved(town)
    town.close()
    town.bot = BotThread.start(town.settings(), town.database)
    town.an.press("Hoàn tác")
    town.an.wait_for("Đã hoàn tác")
    town.world.advance(seconds=61)
    assert heard_nothing(town, town.huong)


def test_a_move_ordered_before_an_outage_is_told_after_it(town: Town) -> None:
    called(town)
    moved(town)
    town.close()
    town.world.advance(hours=2)
    town.bot = BotThread.start(town.settings(), town.database)
    assert "20/8/2026" in town.huong.wait_for("ĐỔI LỊCH HỌP").text


def test_of_two_secretaries_who_move_a_meeting_the_second_is_told_that_hers_is_not_kept(
    town: Town,
) -> None:
    meeting = called(town)
    town.binh.send("/lich")
    screen = town.binh.wait_for("Thời gian")
    town.binh.press_data(screen, f"newmeeting_move:{meeting.id}")
    town.binh.wait_for("Cần sửa mục nào?")
    town.binh.press("Ngày")
    town.binh.wait_for("Họp ngày nào")
    town.binh.send("21/8")
    town.binh.wait_for("Sẽ báo lại cho 7 người.")
    moved(town)
    town.binh.press("Báo mọi người")
    told = town.binh.wait_for("thay đổi của đồng chí chưa được ghi")
    assert "đổi thành: thứ Năm 20/8/2026" in told.text
    assert "Hoàn tác" in told.buttons
    town.binh.press_data(told, f"meeting_off:{meeting.id}")  # the screen stays as it is
    town.world.advance(seconds=61)
    assert "20/8/2026" in town.huong.wait_for("ĐỔI LỊCH HỌP").text
    assert all_meetings(town)[0].state == MeetingState.CALLED


# -- called off --------------------------------------------------------------------------------


def test_a_cancellation_undone_in_time_is_heard_by_nobody(town: Town) -> None:
    called(town)
    assert "Sẽ HỦY HỌP lúc 12:0" in called_off(town).text
    town.world.advance(seconds=50)
    town.an.press("Hoàn tác")
    assert "Đổi lịch" in town.an.wait_for("Đã hoàn tác").buttons
    town.world.advance(minutes=5)
    assert heard_nothing(town, town.huong)
    town.huong.press("Sẽ dự")
    town.huong.wait_for("Đồng chí đã báo: SẼ DỰ.")


def test_a_cancellation_that_is_out_leads_to_calling_the_meeting_anew(town: Town) -> None:
    called(town)
    called_off(town)
    town.world.advance(seconds=61)
    town.huong.wait_for("HỦY HỌP.")
    town.an.press("Hoàn tác")
    late = town.an.wait_for("Đã quá 60 giây, thông báo đang được gửi đi.")
    assert "Nếu vẫn họp, xin soạn lại" in late.text
    town.an.press("Soạn lại")
    town.an.wait_for("Triệu tập 7 người.")


def test_an_urgent_cancellation_at_night_waits_for_its_minute_and_not_for_the_morning(
    town: Town,
) -> None:
    called(town)
    town.world.advance(hours=10)
    screen = called_off(town)
    assert "Đang giờ nghỉ: 06:30 04/08" in screen.text
    town.an.press("Gửi ngay", screen)
    town.an.wait_for("Gửi khẩn")
    assert heard_nothing(town, town.huong)
    town.world.advance(seconds=61)
    town.huong.wait_for("HỦY HỌP.")


def test_check_in_waits_until_it_is_clear_whether_the_meeting_takes_place(town: Town) -> None:
    meeting = called(town, "hôm nay 15h")
    called_off(town)
    town.binh.send("/lich")
    screen = town.binh.wait_for("Thời gian")
    town.binh.press_data(screen, f"roll_open:{meeting.id}")
    town.binh.wait_for("sắp đổi lịch hoặc hủy. Xin đợi một phút.")
    assert all_meetings(town)[0].opened_at is None


def test_an_english_reader_undoes_in_english(town: Town) -> None:
    def english(session: Session) -> None:
        town.person(session, "an").language = "en"

    called(town)
    ask(town, english)
    town.an.send("/manage")
    screen = town.an.wait_for("Manage")
    town.an.press_data(screen, f"meeting_off:{all_meetings(town)[0].id}")
    assert "It is called off at 12:0" in town.an.wait_for("Will be sent in 60 seconds.").text
    town.an.press("Undo")
    town.an.wait_for("Undone: the meeting stays as it was. Nobody was told.")
