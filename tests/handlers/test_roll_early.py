"""A roll opened or closed ahead of its meeting, through the pretend Telegram: nothing is lost."""

from __future__ import annotations

from datetime import timedelta

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
    assert invited.buttons == ["Tôi có mặt", "Sẽ dự", "Báo vắng", "‹ Trang đầu"]


def test_an_invitation_that_comes_after_the_start_says_where_everybody_is(town: Town) -> None:
    at_noon(town)
    open_in_private(town)
    evening(town, 5)
    invited = town.huong.wait_for("Kính mời đồng chí dự họp.")
    assert "Đang điểm danh" in invited.text
    assert invited.buttons == ["Tôi có mặt", "‹ Trang đầu"]


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
