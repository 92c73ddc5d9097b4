"""The roll call, through the pretend Telegram: one card, taps, entering others, the result."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import TypeVar

import httpx
import pytest
from python_calamine import CalamineWorkbook
from sqlmodel import Session, col, select

from bot.simulator.client import Group, Message
from storage import attendance, meetings, outbox, roster, speakers, upkeep
from storage.acts import Did
from storage.attendance import Count, Presence
from storage.audit import Deed
from storage.meetings import Leave, Meeting, MeetingKind, MeetingState, Plan, Seat
from storage.outbox import sending
from storage.quiet import Quiet
from storage.upkeep import Mark
from tests.town import ACCOUNTS, BRANCH_1, BRANCH_2, NOON, Town, unit_id

T = TypeVar("T")
START = datetime.fromisoformat("2026-08-03T19:30:00+07:00")
NOT_FOR_YOU = "Mục này không có hoặc không dành cho đồng chí."
QUIET = Quiet("", "Asia/Ho_Chi_Minh")


def ask(town: Town, question: Callable[[Session], T]) -> T:
    return town.database.run(question)


def called(
    town: Town,
    *,
    unit: str = BRANCH_1,
    by: str = "an",
    at: datetime = START,
    kind: MeetingKind = MeetingKind.REGULAR,
    token: str = "t1",
) -> int:
    """A meeting this evening."""

    def call(session: Session) -> int:
        actor = speakers.who(session, ACCOUNTS[by], today=date(2026, 8, 3), owner=False)
        plan = Plan(unit_id(session, unit), kind, at, "Nhà văn hóa")
        return meetings.call(session, actor, plan, token=token, quiet=QUIET, now=NOON).id

    return ask(town, call)


def evening(town: Town, minutes: int = 0) -> None:
    """It is 19:30, or so many minutes later."""
    town.world.set_now(START + timedelta(minutes=minutes))
    town.world.settle()


def opened(town: Town, group: Group) -> tuple[int, Message]:
    """Check-in of this evening's meeting is open; its card is in the group."""
    meeting_id = called(town)
    evening(town)
    town.an.send("/diemdanh", chat=group)
    return meeting_id, group.wait_for("ĐIỂM DANH · Họp 3/8 · đến 19:50")


def cards(group: Group) -> list[Message]:
    return [message for message in group.messages() if "ĐIỂM DANH ·" in message.text]


def count(town: Town, meeting_id: int) -> Count:
    return ask(town, lambda s: attendance.totals(s, s.get_one(Meeting, meeting_id)).all)


def seat(town: Town, meeting_id: int, name: str) -> Seat:
    return ask(
        town,
        lambda s: s.exec(
            select(Seat).where(Seat.meeting_id == meeting_id, Seat.person_id == town.ids[name])
        ).one(),
    )


def change_unit(town: Town, **fields: object) -> None:
    def change(session: Session) -> None:
        roster.unit_at(session, BRANCH_1).sqlmodel_update(fields)

    ask(town, change)


# -- the card ----------------------------------------------------------------------------------


def test_the_committee_opens_check_in_with_one_word(town: Town) -> None:
    group = town.group()
    _meeting_id, card = opened(town, group)
    assert card.text.split("\n") == [
        "ĐIỂM DANH · Họp 3/8 · đến 19:50",
        "▱▱▱▱▱▱▱▱▱▱ 0/7",
        "Vắng có lý do 0 · Chưa 7",
        "Tổ 1: 0/2 · Tổ 2: 0/1 · Ngoài tổ: 0/4",
    ]
    assert card.buttons == ["Tôi có mặt", "Xem của tôi"]
    controls = town.an.wait_for("Chưa 7")
    assert controls.buttons[:2] == ["Điểm danh hộ", "Còn 7 người"]


def test_a_tap_is_answered_at_once_and_the_one_card_follows(town: Town) -> None:
    group = town.group()
    meeting_id, card = opened(town, group)
    evening(town, 4)
    for name in ("giang", "khanh"):
        answer = town.people[name].press("Tôi có mặt", card)
        assert (answer.text, answer.show_alert) == ("Đã ghi: có mặt lúc 19:34", False)
    again = town.giang.press("Tôi có mặt", card)
    assert again.text == "Đã ghi: có mặt lúc 19:34"
    shown = group.wait_for("2/7")
    assert shown.id == card.id
    assert "Tổ 1: 1/2 · Tổ 2: 1/1" in shown.text
    assert len(cards(group)) == 1
    assert count(town, meeting_id) == Count(2, 0, 5)


def test_the_card_is_edited_at_a_pace_that_makes_at_most_eighteen_in_a_minute(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "STANDING_PACE", outbox.STANDING_PACE)
    group = town.group()
    _meeting_id, card = opened(town, group)
    pressed = [
        (town.people[name], card, "Tôi có mặt")
        for name in ("an", "binh", "chi", "dung", "giang", "huong", "khanh")
    ]
    town.world.presses(pressed, over_seconds=6)
    group.wait_for("7/7", timeout=8)
    edits = [
        call.monotonic
        for call in town.world.calls("editMessageText")
        if call.chat_id == group.chat_id
    ]
    assert 1 <= len(edits) <= 3
    assert all(after - before >= 60 / 18 for before, after in pairwise(edits))
    assert len(cards(group)) == 1


def test_everybody_sees_their_own_state_and_nobody_elses(town: Town) -> None:
    group = town.group()
    _meeting_id, card = opened(town, group)
    town.giang.press("Tôi có mặt", card)
    mine = town.giang.press("Xem của tôi", card)
    assert (mine.text, mine.show_alert) == ("Đã ghi: có mặt lúc 19:30", True)
    assert town.huong.press("Xem của tôi", card).text == "Đồng chí chưa được ghi có mặt."
    assert "không có tên" in town.lan.press("Xem của tôi", card).text


def test_who_is_not_convened_is_told_so_and_not_recorded(town: Town) -> None:
    group = town.group()
    meeting_id, card = opened(town, group)
    for person in (town.lan, town.oanh):
        answer = person.press("Tôi có mặt", card)
        assert answer.show_alert
        assert "không có tên trong danh sách" in answer.text
    assert town.xuan.press("Tôi có mặt", card).show_alert
    assert count(town, meeting_id).present == 0


def test_given_again_the_card_is_posted_anew_and_the_older_loses_its_buttons(
    town: Town,
) -> None:
    group = town.group()
    meeting_id, card = opened(town, group)
    town.giang.press("Tôi có mặt", card)
    group.wait_for("1/7")
    town.binh.send("/diemdanh", chat=group)
    new = group.wait_for(lambda message: message.id != card.id and "1/7" in message.text)
    old = group.wait_for("thẻ bên dưới")
    assert (old.id, old.buttons) == (card.id, [])
    town.huong.press("Tôi có mặt", new)
    assert group.wait_for("2/7").id == new.id
    late = town.khanh.press_data(card, f"attend:{meeting_id}")
    assert late.text == "Đã ghi: có mặt lúc 19:30"
    assert group.wait_for("3/7").id == new.id


def test_a_card_that_was_deleted_is_posted_anew_without_a_ghost(town: Town) -> None:
    group = town.group()
    _meeting_id, card = opened(town, group)
    address = f"{town.world.api_url}/bot{town.world.token}/deleteMessage"
    httpx.post(address, json={"chat_id": group.chat_id, "message_id": card.id}).raise_for_status()
    town.an.send("/diemdanh", chat=group)
    group.wait_for(lambda message: message.id != card.id and "0/7" in message.text)
    town.world.settle()
    assert not [message for message in group.messages() if "thẻ bên dưới" in message.text]


def test_a_member_is_led_to_the_card(town: Town) -> None:
    group = town.group()
    _meeting_id, card = opened(town, group)
    town.world.settle()
    town.giang.send("/diemdanh", chat=group)
    reply = group.wait_for("Thẻ điểm danh ở trên đây")
    assert reply.reply_to == card.id
    assert len(cards(group)) == 1


def test_who_asks_before_the_card_has_arrived_hears_that_it_comes(town: Town) -> None:
    group = town.group()
    meeting_id = called(town)
    evening(town)
    ask(town, lambda s: upkeep.note(s, Mark.OUTBOX_PAUSED, now=NOON))  # the card has to wait
    town.an.send("/diemdanh", chat=group)
    town.world.settle()
    assert ask(town, lambda s: s.get_one(Meeting, meeting_id).opened_at) is not None
    town.giang.send("/diemdanh", chat=group)
    group.wait_for("Đang điểm danh: thẻ sẽ hiện ở đây ngay.")


def test_a_member_cannot_open_check_in(town: Town) -> None:
    group = town.group()
    meeting_id = called(town)
    evening(town)
    for person in (town.giang, town.lan, town.oanh):
        person.send("/diemdanh", chat=group)
        group.wait_for("Chưa mở điểm danh")
    assert ask(town, lambda s: s.get_one(Meeting, meeting_id).opened_at) is None


def test_of_several_meetings_the_committee_chooses(town: Town) -> None:
    group = town.group()
    called(town)
    called(town, at=START + timedelta(hours=1), token="t2", kind=MeetingKind.THEMATIC)
    called(town, at=START + timedelta(hours=2), token="t3", kind=MeetingKind.COMMITTEE)
    evening(town)
    town.an.send("/diemdanh", chat=group)
    asked = group.wait_for("Điểm danh cuộc họp nào?")
    assert asked.buttons == ["Họp 3/8, 19:30", "Họp 3/8, 20:30"]
    denied = town.giang.press("Họp 3/8, 20:30", asked)
    assert (denied.text, denied.show_alert) == (NOT_FOR_YOU, True)
    assert not [message for message in group.messages() if message.text == NOT_FOR_YOU]
    town.an.press("Họp 3/8, 20:30", asked)
    group.wait_for("ĐIỂM DANH · Họp 3/8 · đến 20:50")


def test_without_a_meeting_there_is_nothing_to_open(town: Town) -> None:
    group = town.group()
    town.an.send("/diemdanh", chat=group)
    group.wait_for("Không có cuộc họp nào")


def test_a_small_unit_may_show_who_tapped_by_given_name(town: Town) -> None:
    change_unit(town, names_in_group=True)
    group = town.group()
    _meeting_id, card = opened(town, group)
    for name in ("khanh", "giang", "an"):
        town.people[name].press("Tôi có mặt", card)
    shown = group.wait_for("3/7")
    names = ["Nguyễn Văn An", "Vũ Hương Giang", "Đỗ Quốc Khánh"]
    assert shown.text.split("\n")[-3:] == names
    assert "<blockquote expandable>" in shown.html
    assert "Hương Giang" in shown.text
    assert "Nguyễn Thị Hương" not in shown.text


def test_the_longest_names_still_fit_on_the_card(town: Town) -> None:
    change_unit(town, names_in_group=True)

    def fill(session: Session) -> None:
        for number in range(23):
            group = roster.unit_at(session, f"{BRANCH_1} / {'Tổ 𝕏' * 120} {number}")
            name = " ".join(["𝕏" * 9] * 50)
            roster.new_person(
                session,
                group,
                name,
                telegram_id=700 + number,
                consented_at=NOON,
                started=True,
            )

    ask(town, fill)
    group = town.group()
    meeting_id, _card = opened(town, group)

    def everybody(session: Session) -> None:
        for number in range(23):
            actor = speakers.who(session, 700 + number, today=date(2026, 8, 3), owner=False)
            attendance.tap(session, actor, meeting_id, now=START)

    ask(town, everybody)
    shown = group.wait_for("23/30")
    assert len(shown.text.encode("utf-16-le")) // 2 <= 4096
    assert "13 tổ khác" in shown.text


def test_the_card_follows_the_group_into_a_supergroup(town: Town) -> None:
    group = town.group()
    _meeting_id, card = opened(town, group)
    moved = group.migrate()
    town.world.settle()
    town.giang.press_data(card, f"attend:{_meeting_id}")
    shown = moved.wait_for("1/7")
    assert shown.buttons == ["Tôi có mặt", "Xem của tôi"]


# -- in private --------------------------------------------------------------------------------


def test_check_in_is_opened_and_closed_in_private_just_as_well(town: Town) -> None:
    group = town.group()
    meeting_id = called(town)
    evening(town)
    town.an.send("/diemdanh")
    town.an.wait_for("Chưa mở điểm danh")
    town.an.press("Mở điểm danh")
    town.an.wait_for("Chưa 7")
    group.wait_for("ĐIỂM DANH · Họp 3/8")
    town.huong.send("/diemdanh")
    town.huong.wait_for("chưa được ghi có mặt")
    town.huong.press("Tôi có mặt")
    town.huong.wait_for("Đã ghi: có mặt lúc 19:30")
    town.giang.send("/lich")
    town.giang.press("Tôi có mặt")
    town.giang.wait_for("Đã ghi: có mặt lúc 19:30")
    group.wait_for("2/7")
    town.an.press("Cập nhật")
    town.an.wait_for("2/7")
    town.an.press("Đóng điểm danh")
    town.an.wait_for("Còn 5 đồng chí chưa có mặt")
    town.an.press("Đúng, đóng")
    town.an.wait_for("KẾT QUẢ HỌP 3/8 – bản nháp")
    final = group.wait_for("ĐÃ ĐÓNG ĐIỂM DANH")
    assert final.buttons == ["Xin bổ sung", "Họp tới"]
    assert "2/7" in final.text
    assert count(town, meeting_id).present == 2
    town.an.send("/diemdanh")
    town.an.wait_for("không có điểm danh nào đang mở")
    town.an.press("Các cuộc họp")
    town.an.wait_for("Các cuộc họp")
    town.an.press("Họp 3/8 19:30")
    town.an.press("Kết quả")
    town.an.wait_for("KẾT QUẢ HỌP 3/8 – bản nháp")


def test_a_unit_without_a_group_takes_its_roll_in_private(town: Town) -> None:
    meeting_id = called(town)
    evening(town)
    town.an.send("/diemdanh")
    town.an.press("Mở điểm danh")
    panel = town.an.wait_for("Chưa 7")
    assert "Đăng lại thẻ" not in panel.buttons
    assert town.an.press("Tôi có mặt", panel).text == "Đã ghi: có mặt lúc 19:30"
    shown = town.an.wait_for("1/7")  # who takes the roll keeps it before them
    assert "Tôi có mặt" not in shown.buttons and "Đóng điểm danh" in shown.buttons
    again = town.an.press_data(shown, f"roll_here:{meeting_id}")
    assert again.text == "Đã ghi: có mặt lúc 19:30"


def test_closing_twice_shows_the_same_result(town: Town) -> None:
    group = town.group()
    meeting_id, _card = opened(town, group)
    panel = town.an.wait_for("Chưa 7")
    for _time in range(2):
        answer = town.an.press_data(panel, f"roll_close_yes:{meeting_id}")
        assert answer.text == "Đã đóng điểm danh."
    town.world.settle()
    shown = town.an.refresh(panel)
    assert shown is not None
    assert "KẾT QUẢ HỌP 3/8 – bản nháp" in shown.text
    meeting = ask(town, lambda s: s.get_one(Meeting, meeting_id))
    assert (meeting.state, meeting.closed_by) == (MeetingState.CLOSED, town.ids["an"])


def test_it_closes_by_itself_and_tells_who_opened_it(town: Town) -> None:
    group = town.group()
    _meeting_id, card = opened(town, group)
    town.giang.press("Tôi có mặt", card)
    group.wait_for("1/7")
    evening(town, 21)
    final = group.wait_for("ĐÃ ĐÓNG ĐIỂM DANH · Họp 3/8 · lúc 19:50")
    assert (final.id, final.buttons) == (card.id, ["Xin bổ sung", "Họp tới"])
    assert "Vắng có lý do 0 · Không lý do 6" in final.text
    result = town.an.wait_for("KẾT QUẢ HỌP 3/8 – bản nháp")
    assert "Triệu tập 7 · Có mặt 1 (14,3%)" in result.text


# -- too late ----------------------------------------------------------------------------------


def closed(town: Town, group: Group) -> tuple[int, Message]:
    meeting_id, card = opened(town, group)
    evening(town, 21)
    group.wait_for("ĐÃ ĐÓNG")
    town.an.wait_for("KẾT QUẢ HỌP")
    return meeting_id, card


def test_who_comes_too_late_asks_and_the_committee_decides(town: Town) -> None:
    group = town.group()
    meeting_id, card = closed(town, group)
    answer = town.giang.press_data(card, f"attend:{meeting_id}")
    assert answer.show_alert
    assert "Điểm danh 3/8 đã đóng lúc 19:50." in answer.text
    told = town.giang.wait_for("Điểm danh 3/8 đã đóng lúc 19:50.")
    assert told.buttons == ["Xin bổ sung", "Họp tới", "‹ Trang đầu"]
    for _time in range(2):
        town.giang.press_data(told, f"late:{meeting_id}")
    town.world.settle()
    assert "Chờ duyệt" in town.giang.last.text
    request = town.binh.wait_for("Vũ Hương Giang báo có dự họp")
    town.an.wait_for("Vũ Hương Giang báo có dự họp")
    town.binh.press("Ghi có mặt", request)
    town.binh.wait_for("ĐÃ GHI có mặt")
    town.giang.wait_for("Cấp ủy đã ghi đồng chí có mặt")
    town.an.press("Không")
    assert "Trần Thanh Bình ĐÃ GHI" in town.an.wait_for("ĐÃ GHI có mặt").text
    assert seat(town, meeting_id, "giang").marked_by == town.ids["binh"]
    asked = [m for m in town.binh.messages() if "xin bổ sung" in m.text or "ĐÃ GHI" in m.text]
    assert len(asked) == 1


def test_who_taps_too_late_in_private_sees_the_way_on(town: Town) -> None:
    group = town.group()
    meeting_id, _card = closed(town, group)
    town.huong.send("/lich")
    town.huong.wait_for(lambda message: True)
    town.huong.press_data(town.huong.last, f"attend:{meeting_id}")
    shown = town.huong.wait_for("Điểm danh 3/8 đã đóng lúc 19:50.")
    assert shown.buttons == ["Xin bổ sung", "Họp tới", "‹ Trang đầu"]


# -- entering others ---------------------------------------------------------------------------


def test_the_committee_enters_others_and_takes_it_back(town: Town) -> None:
    group = town.group()
    meeting_id, card = opened(town, group)
    panel = town.an.wait_for("Chưa 7")
    town.an.press("Tôi có mặt", card)
    town.an.press("Điểm danh hộ", panel)
    listed = town.an.wait_for("Bấm tên, hoặc gõ")
    assert listed.buttons == [
        "Trần Thanh Bình",
        "Lê Thị Chi",
        "Phạm Tiến Dũng",
        "Vũ Hương Giang",
        "Nguyễn Thị Hương",
        "Đỗ Quốc Khánh",
        "Ghi theo giấy",
        "‹ Quay lại",
    ]
    answer = town.an.press("Vũ Hương Giang", listed)
    assert answer.text == "Đã ghi có mặt: Vũ Hương Giang"
    giang = seat(town, meeting_id, "giang")
    assert (giang.how, giang.marked_by) == ("committee", town.ids["an"])
    town.an.press_data(listed, f"roll_enter:{meeting_id}:{giang.id}:0")  # a double tap
    assert seat(town, meeting_id, "giang").present_at is not None
    town.an.press("✓ Vũ Hương Giang")
    town.an.wait_for("Bỏ ghi có mặt cho đồng chí này?")
    town.an.press("Rút lại")
    town.an.wait_for("Bấm tên")
    assert seat(town, meeting_id, "giang").present_at is None


def test_a_part_of_a_name_finds_somebody(town: Town) -> None:
    group = town.group()
    meeting_id, _card = opened(town, group)
    town.an.press("Điểm danh hộ", town.an.wait_for("Chưa 7"))
    town.an.wait_for("Bấm tên")
    town.an.send("huong")
    found = town.an.wait_for("Bấm tên")
    names = ["Vũ Hương Giang", "Nguyễn Thị Hương"]
    assert found.buttons == [*names, "Ghi theo giấy", "Tất cả", "‹ Quay lại"]
    town.an.press("Nguyễn Thị Hương", found)
    assert town.an.wait_for("Bấm tên").buttons[:2] == ["Vũ Hương Giang", "✓ Nguyễn Thị Hương"]
    assert seat(town, meeting_id, "huong").present_at is not None


def test_the_missing_are_listed_in_private_by_how_they_can_be_reached(town: Town) -> None:
    def lose(session: Session) -> None:
        khanh = town.person(session, "khanh")
        khanh.telegram_id, khanh.phone = None, "0912 345 678"
        town.person(session, "binh").phone = "+84912345679"

    ask(town, lose)
    group = town.group()
    opened(town, group)
    town.an.press("Còn 7 người", town.an.wait_for("Chưa 7"))
    lines = town.an.wait_for("còn 7 người").text.split("\n")
    assert lines[1].startswith("đã kết nối: Nguyễn Văn An, Trần Thanh Bình (0912 345 679), ")
    assert lines[2] == "chỉ có điện thoại: Đỗ Quốc Khánh (0912 345 678)"
    assert not [m for m in group.messages() if "Quốc Khánh" in m.text]


def test_forged_presses_from_the_branch_beside_do_nothing(town: Town) -> None:
    group = town.group()
    meeting_id, _card = opened(town, group)
    giang = seat(town, meeting_id, "giang")
    town.lan.send("/help")
    message = town.lan.wait_for("Trợ giúp")
    for action in ("roll", "roll_open", "roll_post", "roll_group", "roll_result", "roll_excel"):
        assert town.lan.press_data(message, f"{action}:{meeting_id}").text == NOT_FOR_YOU
    for action in ("roll_close", "roll_close_yes", "roll_lock", "roll_lock_yes"):
        assert town.lan.press_data(message, f"{action}:{meeting_id}").text == NOT_FOR_YOU
    for action in ("conclusion", "conclusion_keep"):
        assert town.lan.press_data(message, f"{action}:{meeting_id}").text == NOT_FOR_YOU
    for action in ("roll_missing", "roll_for", "roll_found"):
        assert town.lan.press_data(message, f"{action}:{meeting_id}:0").text == NOT_FOR_YOU
    for action in ("roll_enter:{}:{}:0", "roll_seat:{}:{}:0", "roll_set:{}:{}:present:0"):
        data = action.format(meeting_id, giang.id)
        assert town.lan.press_data(message, data).text == NOT_FOR_YOU
    meeting = ask(town, lambda s: s.get_one(Meeting, meeting_id))
    assert (meeting.state, meeting.locked_at) == (MeetingState.CALLED, None)
    assert seat(town, meeting_id, "giang").present_at is None


# -- the result --------------------------------------------------------------------------------


def test_the_result_is_corrected_concluded_and_made_final(town: Town) -> None:
    group = town.group()
    meeting_id, _card = closed(town, group)
    town.an.press("Sửa điểm danh")
    town.an.press("Vũ Hương Giang", town.an.wait_for("Sửa điểm danh"))
    town.an.wait_for("Đang ghi: vắng không lý do.")
    town.an.press("Vắng có lý do")
    town.an.press("Công tác", town.an.wait_for("vắng vì lý do gì?"))
    town.an.press("Nguyễn Thị Hương", town.an.wait_for("Bấm tên"))
    town.an.press("Có mặt", town.an.wait_for("Nguyễn Thị Hương · Tổ 1"))
    town.an.wait_for("✓")
    assert count(town, meeting_id) == Count(1, 1, 5)
    group.wait_for("Vắng có lý do 1 · Không lý do 5")
    town.an.press("‹ Quay lại")
    town.an.press("Nhập kết luận", town.an.wait_for("KẾT QUẢ HỌP"))
    town.an.wait_for("gõ kết luận")
    town.an.send("Nhất trí <b>kế hoạch</b>.")
    town.an.wait_for("Nhất trí <b>kế hoạch</b>.")
    town.an.press("Lưu kết luận")
    town.an.wait_for("Kết luận: Nhất trí <b>kế hoạch</b>.")
    town.an.press("Chốt biên bản")
    town.an.wait_for("không sửa được")
    town.an.press("Đúng, chốt")
    final = town.an.wait_for("đã chốt")
    assert final.buttons == ["Tải Word", "Tải Excel", "Sau buổi họp", "‹ Quản lý"]
    giang = seat(town, meeting_id, "giang")
    late = town.an.press_data(final, f"roll_set:{meeting_id}:{giang.id}:present:0")
    assert late.text == "Biên bản đã chốt, không sửa được nữa."
    assert giang.leave == Leave.APPROVED


def test_the_committee_above_sees_the_figures_and_changes_nothing(town: Town) -> None:
    group = town.group()
    meeting_id, _card = closed(town, group)
    town.oanh.send("/help")
    message = town.oanh.wait_for("Trợ giúp")
    town.oanh.press_data(message, f"roll_result:{meeting_id}")
    assert town.oanh.wait_for("KẾT QUẢ HỌP").buttons == ["Tải Excel", "‹ Quản lý"]
    answer = town.oanh.press_data(message, f"roll_lock_yes:{meeting_id}")
    assert answer.text == NOT_FOR_YOU


def sheet(message: Message, number: int = 0) -> list[list[object]]:
    assert message.document is not None
    book = CalamineWorkbook.from_filelike(io.BytesIO(message.document.read()))
    return book.get_sheet_by_index(number).to_python()


def test_the_excel_file_tells_who_was_there_and_who_entered_whom(town: Town) -> None:
    group = town.group()
    meeting_id, card = opened(town, group)
    town.giang.press("Tôi có mặt", card)

    with_seats = {name: seat(town, meeting_id, name) for name in ("khanh", "huong")}

    def change(session: Session) -> None:
        an = speakers.who(session, ACCOUNTS["an"], today=date(2026, 8, 3), owner=False)
        khanh, huong = with_seats["khanh"].id, with_seats["huong"].id
        attendance.enter(session, an, meeting_id, khanh, Presence.PRESENT, now=START)
        row = session.get_one(Seat, huong)
        row.leave, row.leave_reason = Leave.APPROVED, "illness"
        attendance.close(session, an, meeting_id, now=START + timedelta(minutes=5))
        attendance.conclude(session, an, meeting_id, "Thống nhất quyên góp.", now=START)

    ask(town, change)
    town.an.send("/diemdanh")
    town.an.press_data(town.an.wait_for("Hiện không có"), f"roll_excel:{meeting_id}")
    file = town.an.wait_for(lambda message: message.document is not None)
    assert file.document is not None
    assert file.document.name == "diem-danh-2026-08-03.xlsx"
    header, *rows = sheet(file)
    by_name = {row[2]: dict(zip(header, row, strict=True)) for row in rows}
    assert len(rows) == 7
    assert by_name["Vũ Hương Giang"]["Cách ghi"] == "tự bấm trong nhóm"
    assert by_name["Nguyễn Thị Hương"]["Lý do"] == "Ốm"
    assert by_name["Đỗ Quốc Khánh"]["Người ghi"] == "Nguyễn Văn An"
    assert by_name["Phạm Tiến Dũng"]["Kết quả"] == "vắng không lý do"
    (_titles, entry) = sheet(file, 1)
    assert entry[1:] == ["Đỗ Quốc Khánh", "vắng không lý do", "có mặt", "Nguyễn Văn An"]
    facts = dict(sheet(file, 2))
    assert facts["Đơn vị"] == "Chi bộ 1"
    assert facts["Thời gian"] == "thứ Hai 3/8/2026, 19:30"
    assert facts["Địa điểm"] == "Nhà văn hóa"
    assert (facts["Triệu tập"], facts["có mặt"], facts["vắng có lý do"]) == (7, 2, 1)
    assert facts["chính thức: có mặt / danh sách"] == "2 / 7"
    assert facts["Kết luận"] == "Thống nhất quyên góp."
    above = town.oanh
    above.send("/help")
    above.press_data(above.wait_for("Trợ giúp"), f"roll_excel:{meeting_id}")
    shown = sheet(above.wait_for(lambda message: message.document is not None))
    assert "Ốm" not in {cell for row in shown for cell in row}
    taken = select(Deed.actor).where(Deed.did == Did.EXPORT_ATTENDANCE).order_by(col(Deed.id))
    by = [f"person:{town.ids[name]}" for name in ("an", "oanh")]
    assert ask(town, lambda session: list(session.exec(taken).all())) == by


def test_a_branchs_own_group_opens_its_own_meeting_only(town: Town) -> None:
    called(town)
    called(town, unit=BRANCH_2, by="lan", token="t2", at=START + timedelta(minutes=5))
    second = town.group(BRANCH_2, "Chi bộ 2")
    evening(town)
    town.lan.send("/diemdanh", chat=second)
    assert "0/2" in second.wait_for("ĐIỂM DANH · Họp 3/8 · đến 19:55").text
