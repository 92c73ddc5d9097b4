"""A roll opened or closed ahead of its meeting, through the pretend Telegram: nothing is lost."""

from __future__ import annotations

from datetime import timedelta

from bot.simulator.client import Message
from storage.meetings import Leave
from tests.handlers.test_attendance import START, called, evening, seat
from tests.town import NOON, Town


def at_noon(town: Town) -> int:
    """It is noon; this evening's meeting has just been called, and nobody has been told yet."""
    town.world.set_now(NOON)
    meeting_id = called(town)
    town.world.settle()
    return meeting_id


def open_in_private(town: Town) -> None:
    town.an.send("/diemdanh")
    town.an.wait_for("Chưa mở điểm danh")
    town.an.press("Mở điểm danh")
    town.an.wait_for("Chưa 7")


# -- opened early ------------------------------------------------------------------------------


def test_an_invitation_still_goes_out_when_check_in_was_opened_before_it(town: Town) -> None:
    at_noon(town)
    open_in_private(town)
    town.world.advance(seconds=61)
    invited = town.huong.wait_for("Kính mời đồng chí dự họp.")
    assert "19:30" in invited.text
    assert "Nhà văn hóa" in invited.text
    around = ["Góp ý trước họp", "Thêm vào lịch", "‹ Trang đầu"]
    assert invited.buttons == ["Tôi có mặt", "Sẽ dự", "Báo vắng", *around]


def test_an_invitation_that_comes_after_the_start_says_where_everybody_is(town: Town) -> None:
    at_noon(town)
    open_in_private(town)
    evening(town, 5)
    invited = town.huong.wait_for("Kính mời đồng chí dự họp.")
    assert "Đang điểm danh" in invited.text
    assert invited.buttons == ["Tôi có mặt", "Thêm vào lịch", "‹ Trang đầu"]


def test_the_first_screen_names_and_has_the_button_while_check_in_is_open(town: Town) -> None:
    at_noon(town)
    open_in_private(town)
    evening(town, 5)
    town.giang.send("/start")
    home = town.giang.wait_for("Đang điểm danh: mời đồng chí bấm [Tôi có mặt].")
    town.giang.press("Tôi có mặt", home)
    town.giang.wait_for("Đã ghi: có mặt lúc 19:35")


def test_leave_is_asked_until_the_meeting_begins_though_check_in_is_open(town: Town) -> None:
    meeting_id = at_noon(town)
    open_in_private(town)
    town.world.advance(seconds=61)
    town.huong.wait_for("Kính mời đồng chí dự họp.")
    town.huong.press("Báo vắng")
    town.huong.wait_for("vì lý do gì")
    town.huong.press("Ốm")
    town.huong.wait_for("Chờ duyệt")
    assert seat(town, meeting_id, "huong").leave == Leave.PENDING
    town.world.set_now(START + timedelta(minutes=1))
    town.giang.wait_for("Kính mời")
    town.giang.press("Báo vắng")
    town.giang.wait_for("Đang điểm danh")
    assert seat(town, meeting_id, "giang").leave is None


def test_the_desk_does_not_say_that_a_meeting_has_begun_before_its_hour(town: Town) -> None:
    meeting_id = at_noon(town)
    open_in_private(town)
    town.an.press_data(town.an.last, f"meeting_desk:{meeting_id}")
    assert "đã bắt đầu" not in town.an.wait_for("Triệu tập 7").text


def test_a_meeting_opened_early_is_moved_and_its_card_says_so(town: Town) -> None:
    group = town.group()
    meeting_id = at_noon(town)
    town.an.send("/diemdanh", chat=group)
    card = group.wait_for("ĐIỂM DANH · Họp 3/8 · đến 19:50")
    panel = town.an.wait_for("Chưa 7")
    town.an.press_data(panel, f"meeting_desk:{meeting_id}")
    town.an.wait_for("Triệu tập 7")
    town.an.press("Hủy họp")
    town.an.wait_for("Hủy cuộc họp này?")
    town.an.press("Đúng, hủy họp")
    town.an.wait_for("Sẽ gửi sau 60 giây.")
    town.world.advance(seconds=61)
    gone = group.wait_for("Đã bỏ thẻ điểm danh này")
    assert (gone.id, gone.buttons) == (card.id, [])


def test_a_meeting_to_which_somebody_came_says_why_it_cannot_be_moved(town: Town) -> None:
    meeting_id = at_noon(town)
    open_in_private(town)
    assert "Đã ghi: có mặt" in (town.an.press("Tôi có mặt").text or "")
    town.an.wait_for("1/7")
    town.an.press_data(town.an.last, f"meeting_desk:{meeting_id}")
    town.an.wait_for("Triệu tập 7")
    for label in ("Đổi lịch", "Hủy họp"):
        assert "Đã có người được ghi có mặt" in (town.an.press(label).text or "")
        refused = town.an.wait_for("Đã có người được ghi có mặt")
        town.an.press_data(refused, f"meeting_desk:{meeting_id}")
        town.an.wait_for("Triệu tập 7")


# -- closed early ------------------------------------------------------------------------------


def test_a_roll_closed_before_the_hour_asks_plainly_and_is_opened_again(town: Town) -> None:
    group = town.group()
    meeting_id = at_noon(town)
    town.an.send("/diemdanh", chat=group)
    card = group.wait_for("đến 19:50")
    town.giang.press("Tôi có mặt", card)
    panel = town.an.wait_for("Chưa 7")
    town.an.press("Đóng điểm danh", panel)
    town.an.wait_for("Cuộc họp chưa bắt đầu (19:30). Vẫn đóng?")
    town.an.press("Đúng, đóng")
    result = town.an.wait_for("KẾT QUẢ HỌP 3/8 – bản nháp")
    assert "Chốt biên bản" not in result.buttons
    town.huong.send("/lich")
    shown = town.huong.wait_for("Điểm danh 3/8 đã đóng lúc 12:00.")
    assert "Sẽ dự" in shown.buttons
    answer = town.an.press("Mở lại điểm danh", result)
    assert answer.text == "Đã mở lại điểm danh."
    new = group.wait_for(lambda message: message.id != card.id and "1/7" in message.text)
    assert "đến 19:50" in new.text
    denied = town.giang.press_data(shown_in(town), f"roll_reopen:{meeting_id}")
    assert denied.text == "Việc này do bí thư làm (đ/c An)."


def shown_in(town: Town) -> Message:
    town.giang.send("/help")
    return town.giang.wait_for("Trợ giúp")
