"""Who forgot to tap finds the way to be added, wherever they look for it."""

from __future__ import annotations

from tests.handlers.test_attendance import closed, evening, opened
from tests.town import Town


def test_the_closed_card_leads_to_being_added_and_tells_nobody_else(town: Town) -> None:
    group = town.group()
    closed(town, group)
    (card,) = [message for message in group.messages() if "Xin bổ sung" in message.buttons]
    asked = town.giang.press("Xin bổ sung", card)
    assert (asked.text, asked.show_alert) == ("Đã gửi cấp ủy. Chờ duyệt.", True)
    town.an.wait_for("Vũ Hương Giang báo có dự họp")
    coming = town.giang.press("Họp tới", card)
    assert coming.show_alert
    town.world.settle()
    (after,) = [message for message in group.messages() if message.id == card.id]
    assert (after.text, after.buttons) == (card.text, card.buttons)


def test_asked_in_the_group_after_the_end_it_says_that_check_in_was_closed(town: Town) -> None:
    group = town.group()
    closed(town, group)
    for person in (town.giang, town.an):
        person.send("/diemdanh", chat=group)
        told = group.wait_for("Điểm danh 3/8 đã đóng lúc 19:50.")
        assert told.buttons == ["Xin bổ sung", "Họp tới"]


def test_in_private_who_missed_it_asks_to_be_added_until_the_minutes_are_final(
    town: Town,
) -> None:
    group = town.group()
    meeting_id, card = opened(town, group)
    town.khanh.press("Tôi có mặt", card)
    evening(town, 21)
    result = town.an.wait_for("KẾT QUẢ HỌP")
    town.giang.send("/diemdanh")
    told = town.giang.wait_for("Điểm danh 3/8 đã đóng lúc 19:50.")
    assert told.buttons == ["Xin bổ sung", "Họp tới", "‹ Trang đầu"]
    town.giang.press_data(told, f"meeting:{meeting_id}")
    shown = town.giang.wait_for("Cuộc họp này đã kết thúc.")
    assert shown.buttons == ["Xin bổ sung", "Họp tới", "Thêm vào lịch", "‹ Trang đầu"]
    town.khanh.send("/diemdanh")
    assert town.khanh.wait_for("không có điểm danh").buttons == ["‹ Trang đầu"]
    town.an.press_data(result, f"roll_lock_yes:{meeting_id}")
    town.an.wait_for("đã chốt")
    group.wait_for(lambda message: message.id == card.id and message.buttons == ["Họp tới"])
    town.giang.send("/diemdanh")
    assert "Xin bổ sung" not in town.giang.wait_for("không có điểm danh").buttons
