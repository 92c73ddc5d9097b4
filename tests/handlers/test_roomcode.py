"""The room's code, on one phone and in the members' chats; and what looks odd."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from python_calamine import CalamineWorkbook
from sqlmodel import Session, select

from bot.simulator.client import Message, Person
from storage import attendance, roster, speakers
from storage.attendance import Count, SpotCheck
from storage.meetings import How, MeetingKind
from tests.handlers.test_attendance import START, ask, called, count, evening, opened, seat
from tests.town import ACCOUNTS, NOON, Town

WRONG = "Mã chưa đúng, hoặc chưa mở điểm danh."


def check_in_is_open(town: Town, kind: MeetingKind = MeetingKind.REGULAR) -> int:
    """An has opened check-in in private, at half past seven."""
    meeting_id = called(town, kind=kind)
    evening(town)
    town.an.send("/diemdanh")
    town.an.press("Mở điểm danh", town.an.wait_for("Chưa mở điểm danh"))
    town.an.wait_for("Chưa ")
    return meeting_id


def code_on(person: Person) -> tuple[str, Message]:
    """The digits on somebody's phone."""
    screen = person.wait_for(lambda message: "đổi mã lúc" in message.text)
    return screen.text.splitlines()[0], screen


def shown(town: Town) -> str:
    town.an.press("Mã điểm danh")
    return code_on(town.an)[0]


def forged(person: Person, data: str) -> None:
    """A press whose address we write ourselves."""
    person.press_data(person.last, data)


def other(digits: str, by: int = 1) -> str:
    return f"{(int(digits) + by) % 10_000:04}"


def test_the_chair_holds_up_a_picture_and_four_digits(town: Town) -> None:
    check_in_is_open(town)
    town.an.press("Mã điểm danh")
    digits, screen = code_on(town.an)
    assert screen.text.splitlines()[1:] == [
        "Họp 3/8 · đổi mã lúc 19:30:30",
        "Quét hình này, hoặc nhắn riêng 4 chữ số trên cho @chibo_bot.",
    ]
    assert (len(digits), digits.isdecimal()) == (4, True)
    assert screen.document is not None
    assert screen.document.is_photo
    assert screen.document.read().startswith(b"\x89PNG")
    assert screen.buttons == ["Mã mới", "Cất mã", "Điểm danh"]


def test_the_one_message_turns_with_every_half_minute(town: Town) -> None:
    check_in_is_open(town)
    town.an.press("Mã điểm danh")
    digits, first = code_on(town.an)
    seen = [digits]
    for turn in range(1, 4):
        town.an.mark()
        town.world.set_now(START + timedelta(seconds=30 * turn))
        digits, screen = code_on(town.an)
        assert screen.id == first.id
        assert screen.document != first.document
        seen.append(digits)
    assert len(set(seen)) > 1
    town.giang.send(seen[-1])
    town.giang.wait_for("Đã ghi: có mặt lúc 19:31")


def test_a_member_types_the_four_digits(town: Town) -> None:
    meeting_id = check_in_is_open(town)
    digits = shown(town)
    town.giang.send(digits)
    told = town.giang.wait_for("Đã ghi: có mặt lúc 19:30")
    assert told.buttons == ["Họp tới", "‹ Trang đầu"]
    town.huong.send(f"{digits[:2]} {digits[2:]}")
    town.huong.wait_for("Đã ghi: có mặt lúc 19:30")
    assert [seat(town, meeting_id, each).how for each in ("giang", "huong")] == [How.CODE] * 2


def test_a_member_scans_the_picture(town: Town) -> None:
    meeting_id = check_in_is_open(town)
    digits = shown(town)
    town.giang.start(f"c{meeting_id}-{digits}")
    town.giang.wait_for("Đã ghi: có mặt lúc 19:30")
    town.minh.start(f"c{meeting_id}-{digits}")
    town.minh.wait_for(WRONG)
    assert count(town, meeting_id) == Count(present=1, absent=6)


def test_a_stranger_who_scans_it_is_told_nothing(town: Town) -> None:
    meeting_id = check_in_is_open(town)
    digits = shown(town)
    town.xuan.start(f"c{meeting_id}-{digits}")
    town.xuan.wait_for("Liên kết này không dùng được")
    assert count(town, meeting_id).present == 0


def test_wrong_digits_are_answered_alike_whether_there_is_a_meeting_or_not(town: Town) -> None:
    town.minh.send("1234")
    nowhere = town.minh.wait_for(WRONG)
    check_in_is_open(town)
    town.giang.send(other(shown(town), 17))
    here = town.giang.wait_for(WRONG)
    assert (here.text, here.buttons) == (nowhere.text, nowhere.buttons)


def test_after_five_wrong_codes_the_chair_is_the_way(town: Town) -> None:
    meeting_id = check_in_is_open(town)
    digits = shown(town)
    for number in range(5):
        town.giang.send(other(digits, 11 + number))
        town.giang.wait_for("Mã chưa đúng" if number < 4 else "Mời đồng chí hỏi người điều hành")
    town.giang.send(digits)
    town.giang.wait_for("Mời đồng chí hỏi người điều hành")
    assert seat(town, meeting_id, "giang").present_at is None


def test_an_open_form_takes_digits_first(town: Town) -> None:
    meeting_id = check_in_is_open(town)
    digits = shown(town)
    town.an.send("/diemdanh")
    town.an.press("Điểm danh hộ", town.an.wait_for("Chưa 7"))
    town.an.wait_for("Bấm tên")
    town.an.send(digits)
    town.an.wait_for(f"Không tìm thấy ai theo '{digits}'")
    assert seat(town, meeting_id, "an").present_at is None


def test_a_code_in_the_group_checks_nobody_in(town: Town) -> None:
    group = town.group()
    meeting_id = check_in_is_open(town)
    digits = shown(town)
    town.giang.send(f"@chibo_bot {digits}", chat=group)
    town.giang.send(digits, chat=group)
    town.world.settle()
    assert seat(town, meeting_id, "giang").present_at is None


def test_a_committees_code_is_for_those_convened(town: Town) -> None:
    meeting_id = check_in_is_open(town, MeetingKind.COMMITTEE)
    digits = shown(town)
    town.giang.send(digits)
    town.giang.wait_for(WRONG)
    town.binh.send(digits)
    town.binh.wait_for("Đã ghi: có mặt lúc 19:30")
    assert count(town, meeting_id) == Count(present=1, absent=2)


def test_hidden_it_shows_no_digits_and_can_be_shown_again(town: Town) -> None:
    check_in_is_open(town)
    town.an.press("Mã điểm danh")
    digits, screen = code_on(town.an)
    town.an.press("Cất mã", screen)
    hidden = town.an.wait_for("Mã điểm danh của Họp 3/8 đã cất.")
    assert hidden.id == screen.id
    assert digits not in hidden.text
    town.an.press("Hiện mã", hidden)
    assert code_on(town.an)[1].id != screen.id
    town.an.wait_for(lambda each: each.id == screen.id and "tin mới hơn" in each.text)


def test_from_the_picture_one_gets_back_to_the_roll(town: Town) -> None:
    check_in_is_open(town)
    town.an.press("Mã điểm danh")
    _digits, screen = code_on(town.an)
    town.an.press("Điểm danh", screen)
    back = town.an.wait_for("Vắng có lý do 0 · Chưa 7")
    assert back.id != screen.id


def test_when_check_in_ends_the_code_goes(town: Town) -> None:
    check_in_is_open(town)
    town.an.press("Mã điểm danh")
    digits, screen = code_on(town.an)
    town.world.set_now(START + timedelta(minutes=21))
    gone = town.an.wait_for(lambda each: each.id == screen.id and "đã cất" in each.text)
    assert gone.buttons == ["Điểm danh"]
    town.giang.send(digits)
    town.giang.wait_for(WRONG)


def test_the_code_is_behind_the_door_of_the_room(town: Town) -> None:
    meeting_id = check_in_is_open(town)
    forged(town.an, f"hub:{meeting_id}:during")
    town.an.press("Mã điểm danh", town.an.wait_for("TRONG BUỔI HỌP"))
    code_on(town.an)


# -- late, gone early, by the sheet ------------------------------------------------------------


def test_who_comes_late_is_told_by_how_much(town: Town) -> None:
    group = town.group()
    meeting_id, card = opened(town, group)
    evening(town, 18)
    answer = town.giang.press("Tôi có mặt", card)
    assert answer.text == "Đã ghi: có mặt lúc 19:48 (muộn 18 phút)"
    assert seat(town, meeting_id, "giang").late


def test_the_committee_says_who_left_early_and_takes_it_back(town: Town) -> None:
    group = town.group()
    meeting_id, card = opened(town, group)
    panel = town.an.wait_for("Chưa 7")
    town.giang.press("Tôi có mặt", card)
    town.an.press("Điểm danh hộ", panel)
    town.an.wait_for("Bấm tên")
    town.an.send("giang")
    town.an.press("✓ Vũ Hương Giang", town.an.wait_for("Bấm tên"))
    town.an.press("Về sớm", town.an.wait_for("Đang ghi: có mặt."))
    town.an.press("Đến muộn", town.an.wait_for("Đang ghi: có mặt, về sớm."))
    town.an.press("Không về sớm", town.an.wait_for("Đang ghi: có mặt, đến muộn, về sớm."))
    town.an.wait_for("Đang ghi: có mặt, đến muộn.")
    stands = seat(town, meeting_id, "giang")
    assert (stands.late, stands.left_at) == (True, None)


def test_the_signed_sheet_is_entered_name_by_name(town: Town) -> None:
    group = town.group()
    meeting_id, _card = opened(town, group)
    town.an.press("Điểm danh hộ", town.an.wait_for("Chưa 7"))
    town.an.press("Ghi theo giấy", town.an.wait_for("Bấm tên"))
    sheet = town.an.wait_for("Ghi theo danh sách ký tên · Họp 3/8")
    town.an.press("Vũ Hương Giang", sheet)
    town.an.wait_for(lambda each: "✓ Vũ Hương Giang" in each.buttons)
    town.an.send("khanh")
    town.an.press("Đỗ Quốc Khánh", town.an.wait_for("Ghi theo danh sách ký tên"))
    town.world.settle()
    assert [seat(town, meeting_id, each).how for each in ("giang", "khanh")] == [How.PAPER] * 2
    town.an.press("Thôi ghi theo giấy")
    town.an.press("Nguyễn Thị Hương", town.an.wait_for("Điểm danh hộ · Họp 3/8"))
    town.world.settle()
    assert seat(town, meeting_id, "huong").how == How.COMMITTEE


def test_the_result_and_the_file_tell_who_was_late_and_who_left(town: Town) -> None:
    group = town.group()
    meeting_id, card = opened(town, group)
    town.huong.press("Tôi có mặt", card)
    evening(town, 18)
    town.giang.press("Tôi có mặt", card)
    forged(town.an, f"roll_close_yes:{meeting_id}")
    result = town.an.wait_for("KẾT QUẢ HỌP 3/8")
    assert "Đến muộn 1" in result.text.splitlines()
    gone = seat(town, meeting_id, "huong")
    forged(town.an, f"roll_left:{meeting_id}:{gone.id}:yes:0")
    forged(town.an, f"roll_result:{meeting_id}")
    result = town.an.wait_for("Đến muộn 1 · Về sớm 1")
    town.an.press("Tải Excel", result)
    file = town.an.wait_for(lambda each: each.document is not None)
    assert file.document is not None
    rows = CalamineWorkbook.from_filelike(io.BytesIO(file.document.read()))
    sheet = rows.get_sheet_by_index(0).to_python()
    assert sheet[0][-2:] == ["Đến muộn", "Về sớm"]
    by_name = {row[2]: row[-2:] for row in sheet[1:]}
    assert by_name["Vũ Hương Giang"] == ["có", ""]
    assert str(by_name["Nguyễn Thị Hương"][1]).startswith("2026-08-03 19:48")
    assert by_name["Đỗ Quốc Khánh"] == ["", ""]


def test_who_was_not_late_asks_and_is_told(town: Town) -> None:
    group = town.group()
    meeting_id, card = opened(town, group)
    evening(town, 18)
    town.giang.press("Tôi có mặt", card)
    forged(town.an, f"roll_close_yes:{meeting_id}")
    forged(town.giang, f"not_late:{meeting_id}")
    town.giang.wait_for("Đã gửi cấp ủy. Chờ duyệt.")
    request = town.an.wait_for("Vũ Hương Giang báo đã đến đúng giờ, xin sửa lại.")
    town.an.press("Sửa lại", request)
    town.an.wait_for("Đồng chí Nguyễn Văn An đã sửa lại")
    town.giang.wait_for("Cấp ủy đã sửa lại cho đồng chí.")
    assert not seat(town, meeting_id, "giang").late


def test_two_days_later_it_is_a_matter_of_speaking(town: Town) -> None:
    group = town.group()
    meeting_id, _card = opened(town, group)
    forged(town.an, f"roll_close_yes:{meeting_id}")
    town.an.wait_for("KẾT QUẢ HỌP")
    town.world.set_now(START + timedelta(hours=48, minutes=1))
    forged(town.giang, f"late:{meeting_id}")
    town.giang.wait_for("Việc này xin được trong 48 giờ sau khi đóng điểm danh.")


# -- what is odd -------------------------------------------------------------------------------


@pytest.fixture
def old_accounts(town: Town) -> None:
    def age(session: Session) -> None:
        for person in session.exec(select(roster.Person)).all():
            person.linked_at = NOON - timedelta(days=30)

    ask(town, age)


@pytest.mark.usefixtures("old_accounts")
def test_the_chair_is_asked_to_look_once_more_and_nobody_else_hears(town: Town) -> None:
    meeting_id = check_in_is_open(town)

    def in_one_second(session: Session) -> None:
        for name in ("giang", "huong", "khanh"):
            who = speakers.who(session, ACCOUNTS[name], today=START.date(), owner=False)
            attendance.tap(session, who, meeting_id, code=True, now=START)

    ask(town, in_one_second)
    town.world.set_now(START + timedelta(minutes=1))
    asked = town.an.wait_for("3 người vừa nhập mã trong cùng một giây.")
    assert "Giang" not in asked.text
    town.an.press("Xem danh sách", asked)
    listed = town.an.wait_for("Vũ Hương Giang · 19:30")
    assert len(listed.text.splitlines()) == 4
    town.an.press("Đã xem, đúng", listed)
    town.an.wait_for("Đã xem lúc")
    told = {
        name
        for name, person in town.people.items()
        if any(re.search("nhìn lại|nhập mã|Đã xem", each.text) for each in person.messages())
    }
    assert told == {"an"}
    spot = ask(town, lambda s: s.exec(select(SpotCheck)).one())
    assert (spot.answered_by, spot.signal) == (town.ids["an"], attendance.Signal.TOGETHER)
    forged(town.binh, f"spot_list:{spot.id}")
    refused = town.binh.wait_for("không có hoặc không dành cho đồng chí")
    assert "Giang" not in refused.text
