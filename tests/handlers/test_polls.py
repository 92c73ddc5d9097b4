"""A show of hands, through the pretend Telegram: asked, pressed in the group, closed."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from bot import pacing
from storage import attendance, meetings, speakers
from storage.meetings import MeetingKind, Plan
from storage.polls import Choice, Poll
from storage.quiet import Quiet
from tests.town import ACCOUNTS, BRANCH_1, NOON, Town, unit_id

QUIET = Quiet("21:30-06:30", "Asia/Ho_Chi_Minh")
HEAD = "LẤY Ý KIẾN · không thay biểu quyết"


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """These are long talks with one person, in a Telegram that does not count: no waiting."""
    monkeypatch.setattr(pacing, "CHAT_EVERY", 0.02)


def met(town: Town, *present: str) -> int:
    """A meeting of the branch that is about to begin, with the roll taken where anybody is."""

    def call(session: Session) -> int:
        an = speakers.who(session, ACCOUNTS["an"], today=NOON.date(), owner=False)
        unit, starts = unit_id(session, BRANCH_1), NOON + timedelta(minutes=30)
        plan = Plan(unit, MeetingKind.REGULAR, starts, "Hội trường")
        meeting = meetings.call(session, an, plan, token="t", quiet=QUIET, now=NOON)
        if present:
            attendance.open_roll(session, an, meeting.id, now=NOON)
        for name in present:
            who = speakers.who(session, ACCOUNTS[name], today=NOON.date(), owner=False)
            attendance.tap(session, who, meeting.id, now=NOON)
        return meeting.id

    return town.database.run(call)


def the_form(town: Town, meeting_id: int) -> None:
    town.an.send("/trogiup")
    town.an.press_data(town.an.wait_for("Trợ giúp"), f"hub:{meeting_id}:during")
    town.an.press("Lấy ý kiến", town.an.wait_for("TRONG BUỔI HỌP"))
    town.an.press("Câu hỏi mới", town.an.wait_for("Chưa lấy ý kiến câu nào."))
    town.an.wait_for("Hỏi gì?")


def choices(town: Town) -> list[int]:
    return town.database.run(lambda s: [each.choice for each in s.exec(select(Choice)).all()])


def the_poll(town: Town) -> Poll:
    return town.database.run(lambda s: s.exec(select(Poll)).one())


def test_a_question_is_shown_back_and_asked_in_the_group(town: Town) -> None:
    group = town.group()
    meeting_id = met(town)
    the_form(town, meeting_id)
    town.an.send("Chủ nhật dọn vệ sinh?")
    back = town.an.wait_for("Lựa chọn: Đồng ý · Không đồng ý · Ý kiến khác")
    assert back.text.startswith(HEAD)
    assert back.buttons[0] == "Gửi"
    data = back.button("Gửi").data or ""
    town.an.press_data(back, data, wait=False)
    town.an.press_data(back, data)
    town.an.wait_for("Đã trả lời 0/7")
    card = group.wait_for("Chủ nhật dọn vệ sinh?")
    assert card.text.startswith(HEAD)
    assert card.buttons == ["Đồng ý", "Không đồng ý", "Ý kiến khác"]
    assert len(town.database.run(lambda s: s.exec(select(Poll)).all())) == 1


def test_the_group_sees_totals_at_the_end_and_never_who(town: Town) -> None:
    group = town.group()
    the_form(town, met(town))
    town.an.send("Dọn vệ sinh? Tuần này / Tuần sau")
    town.an.press("Gửi", town.an.wait_for("Lựa chọn: Tuần này · Tuần sau"))
    card = group.wait_for("Dọn vệ sinh?")
    for name, label in (("huong", "Tuần này"), ("giang", "Tuần này"), ("giang", "Tuần sau")):
        pressed = town.people[name].press(label, card)
        assert f"Đã ghi: {label}." in (pressed.text or "")
    live = group.wait_for("Đã trả lời 2/7")
    assert "Tuần này 1" not in live.text
    assert "chỉ" not in (town.minh.press("Tuần này", card).text or "")
    assert sorted(choices(town)) == [0, 1]
    town.an.press_data(town.an.last, f"poll_close:{the_poll(town).id}")
    town.an.press("Đóng", town.an.wait_for("Chỉ giữ tổng số."))
    town.an.wait_for("Tuần này 1 · Tuần sau 1")
    closed = group.wait_for("Tuần này 1 · Tuần sau 1")
    assert closed.text.startswith(HEAD)
    assert closed.buttons == []
    assert choices(town) == []
    for name in ("Hương", "Giang"):
        assert name not in closed.text
    late = town.huong.press_data(card, f"poll_answer:{the_poll(town).id}:0")
    assert "Đã đóng lấy ý kiến" in (late.text or "")


def test_a_unit_without_a_group_is_asked_in_private_and_it_closes_by_itself(town: Town) -> None:
    meeting_id = met(town, "an", "huong", "giang")
    the_form(town, meeting_id)
    town.an.send("Dọn vệ sinh?")
    town.an.press("Gửi", town.an.wait_for("Lựa chọn: Đồng ý"))
    asked = town.huong.wait_for("Mời đồng chí chọn.")
    assert asked.text.startswith(HEAD)
    town.huong.press("Không đồng ý", asked)
    town.huong.wait_for("Đã ghi: Không đồng ý.")
    town.giang.press("Đồng ý", town.giang.wait_for("Mời đồng chí chọn."))
    town.giang.wait_for("Đã ghi: Đồng ý.")
    assert "Mời đồng chí chọn" not in town.khanh.transcript()
    town.world.advance(minutes=10)
    deadline = time.monotonic() + 10
    while the_poll(town).closed_at is None and time.monotonic() < deadline:
        time.sleep(0.05)
    assert the_poll(town).totals == [1, 1, 0]
    assert choices(town) == []
    town.huong.press("Đồng ý", asked)
    told = town.huong.wait_for("câu trả lời này không được ghi")
    assert "Đồng ý 1 · Không đồng ý 1 · Ý kiến khác 0" in told.text


def test_totals_show_at_once_where_the_chair_wants_it(town: Town) -> None:
    group = town.group()
    the_form(town, met(town))
    town.an.send("Dọn vệ sinh?")
    town.an.press("Hiện số: ngay", town.an.wait_for("Tổng số hiện khi đóng."))
    town.an.press("10 phút", town.an.wait_for("Tổng số hiện ngay cho mọi người."))
    town.an.press("Gửi", town.an.wait_for("Mở 15 phút"))
    town.huong.press("Đồng ý", group.wait_for("Dọn vệ sinh?"))
    group.wait_for("Đồng ý 1 · Không đồng ý 0")


def test_answers_of_ones_own_are_typed_and_corrected(town: Town) -> None:
    the_form(town, met(town))
    town.an.send("Dọn vệ sinh?\nTuần này")
    town.an.wait_for("Xin cho 2 đến 6 lựa chọn.")
    town.an.send("Dọn vệ sinh?\nTuần này\nTuần sau")
    town.an.press("Sửa lựa chọn", town.an.wait_for("Tuần này · Tuần sau"))
    town.an.wait_for("Gõ 2 đến 6 lựa chọn ngắn")
    town.an.send("Sáng / Chiều / Tối")
    town.an.press("Hủy", town.an.wait_for("Lựa chọn: Sáng · Chiều · Tối"))
    town.an.wait_for("Đã hủy")
    assert town.database.run(lambda s: s.exec(select(Poll)).all()) == []
