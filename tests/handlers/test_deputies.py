"""Answering for an elder, taking part online, and what the committee says to a request."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

import pytest
from sqlmodel import Session, col, select

from bot import pacing
from storage import attendance, meetings, roster, speakers
from storage.attendance import Presence
from storage.meetings import Answer, How, Leave, Meeting, MeetingKind, Plan, Seat
from storage.quiet import Quiet
from tests.handlers.test_meetings import seat
from tests.town import ACCOUNTS, BRANCH_1, NOON, Town, unit_id

T = TypeVar("T")
QUIET = Quiet("21:30-06:30", "Asia/Ho_Chi_Minh")
ELDER = "Lý Thị Sáu"


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "CHAT_EVERY", 0.02)


def ask(town: Town, question: Callable[[Session], T]) -> T:
    return town.database.run(question)


def elder(town: Town, **fields: Any) -> int:
    """Somebody without a telephone, on the roll of the branch."""
    return ask(
        town,
        lambda s: roster.new_person(s, roster.unit_at(s, BRANCH_1), ELDER, **fields).id,
    )


def elders_seat(town: Town, person_id: int) -> Seat:
    def latest(session: Session) -> Seat:
        wanted = select(Seat).where(Seat.person_id == person_id).order_by(col(Seat.id).desc())
        found = session.exec(wanted).first()
        assert found is not None
        return found

    return ask(town, latest)


def named(town: Town, person_id: int) -> None:
    """An has named Hương, through the elder's page."""
    town.an.send("/trogiup")
    help_ = town.an.wait_for("Trợ giúp")
    town.an.press_data(help_, f"member:{person_id}")
    town.an.press("Người trả lời hộ", town.an.wait_for(ELDER))
    town.an.press("Cử người", town.an.wait_for("Chưa có ai."))
    town.an.wait_for("Cử ai trả lời hộ")
    town.an.send("hương")
    town.an.press("Nguyễn Thị Hương", town.an.wait_for("Cử ai trả lời hộ"))
    town.an.press("Đúng", town.an.wait_for("báo có mặt hộ đ/c Lý Thị Sáu?"))
    town.an.wait_for("Nguyễn Thị Hương, từ")


def test_a_deputy_answers_for_the_elder_and_for_nobody_else(town: Town) -> None:
    person_id = elder(town)
    named(town, person_id)
    town.huong.wait_for("Từ nay đ/c Nguyễn Thị Hương được trả lời hộ đ/c Lý Thị Sáu")
    called_for_eight(town)
    town.huong.send("/lich")
    screen = town.huong.wait_for("Đồng chí đang được tính là SẼ DỰ")
    town.huong.press("Trả lời hộ", screen)
    screen = town.huong.wait_for("TRẢ LỜI HỘ đ/c Lý Thị Sáu")
    town.huong.press("Báo vắng", screen)
    town.huong.press("Ốm", town.huong.wait_for("Vắng vì lý do gì?"))
    town.huong.wait_for("Chờ duyệt.")
    request = town.an.wait_for("Đ/c Lý Thị Sáu xin vắng họp (do đ/c Nguyễn Thị Hương báo hộ).")
    found = elders_seat(town, person_id)
    assert (found.answer, found.answered_by) == (Answer.LEAVE, town.ids["huong"])
    assert seat(town, "huong").answer == Answer.NONE
    town.an.press("Không đồng ý", request)
    town.an.wait_for("Vì sao không đồng ý?")
    town.an.send("họp quan trọng")
    town.an.press("Gửi trả lời", town.an.wait_for("họp quan trọng"))
    told = town.huong.wait_for("Cấp ủy KHÔNG ĐỒNG Ý")
    assert "Lý do: họp quan trọng" in told.text
    assert "Đồng chí đã xin hộ đ/c Lý Thị Sáu." in told.text
    assert "Sẽ dự" not in told.buttons  # these would speak for Hương herself


def called_for_eight(town: Town, days: int = 2) -> Meeting:
    """A meeting called without the form; everybody is told a minute later."""

    def call(session: Session) -> Meeting:
        an = speakers.who(session, ACCOUNTS["an"], today=NOON.date(), owner=False)
        at = NOON + timedelta(days=days)
        plan = Plan(unit_id(session, BRANCH_1), MeetingKind.REGULAR, at, "Nhà văn hóa")
        return meetings.call(session, an, plan, token=f"f{days}", quiet=QUIET, now=NOON)

    meeting = ask(town, call)
    town.world.advance(seconds=61)
    town.huong.wait_for("Kính mời đồng chí dự họp.")
    town.world.settle()
    return meeting


def test_a_deputy_says_that_the_elder_is_here(town: Town) -> None:
    person_id = elder(town)
    named(town, person_id)
    meeting = called_for_eight(town)
    town.world.advance(hours=48)

    def open_it(session: Session) -> None:
        an = speakers.who(session, ACCOUNTS["an"], today=NOON.date(), owner=False)
        attendance.open_roll(session, an, meeting.id, now=meeting.starts_at)

    ask(town, open_it)
    town.huong.send("/lich")
    town.huong.press("Trả lời hộ", town.huong.wait_for("Đang điểm danh"))
    town.huong.press("Có mặt", town.huong.wait_for("TRẢ LỜI HỘ"))
    town.huong.wait_for("Đã ghi: có mặt lúc")
    found = elders_seat(town, person_id)
    assert (found.how, found.marked_by) == (How.DEPUTY, town.ids["huong"])
    assert seat(town, "huong").present_at is None


def test_an_elder_who_comes_late_is_late_though_a_deputy_says_so(town: Town) -> None:
    person_id = elder(town)
    named(town, person_id)
    meeting = called_for_eight(town)

    def open_it(session: Session) -> None:
        an = speakers.who(session, ACCOUNTS["an"], today=NOON.date(), owner=False)
        attendance.open_roll(session, an, meeting.id, now=meeting.starts_at)

    town.world.set_now(meeting.starts_at)
    ask(town, open_it)
    after = ask(town, lambda s: s.get_one(Meeting, meeting.id).late_after)
    assert after is not None
    town.world.set_now(after + timedelta(seconds=1))
    town.huong.send("/lich")
    town.huong.press("Trả lời hộ", town.huong.wait_for("Đang điểm danh"))
    town.huong.press("Có mặt", town.huong.wait_for("TRẢ LỜI HỘ"))
    town.huong.wait_for("Đã ghi: có mặt lúc")
    assert elders_seat(town, person_id).late


def test_both_see_who_answers_and_each_can_end_it(town: Town) -> None:
    person_id = elder(town)
    named(town, person_id)
    note = town.huong.wait_for("Từ nay đ/c Nguyễn Thị Hương được trả lời hộ")
    town.huong.press("Người trả lời hộ", note)
    mine = town.huong.wait_for("Đồng chí trả lời hộ đ/c Lý Thị Sáu, từ 3/8/2026.")
    town.huong.press("Thôi: Lý Thị Sáu", mine)
    town.huong.wait_for("Không ai trả lời hộ đồng chí")
    called_for_eight(town)
    town.huong.send("/lich")
    assert "Trả lời hộ" not in town.huong.wait_for("đang được tính là SẼ DỰ").buttons


def test_taking_part_online_is_a_third_answer_only_where_it_is_allowed(town: Town) -> None:
    meeting = called_for_eight(town)
    town.huong.send("/lich")
    usual = town.huong.wait_for("đang được tính là SẼ DỰ")
    assert "Dự trực tuyến" not in usual.buttons
    town.an.send("/trogiup")
    help_ = town.an.wait_for("Trợ giúp")
    town.an.press_data(help_, f"hub:{meeting.id}:before")
    town.an.press("Dự trực tuyến", town.an.wait_for("CHUẨN BỊ"))
    town.an.wait_for("Chỉ họp tại chỗ.")
    town.an.send("https://hop.example.vn/abc")
    town.an.press("Lưu đường dẫn", town.an.wait_for("Đường dẫn: https://hop.example.vn/abc"))
    town.an.wait_for("Cho phép dự trực tuyến.")
    town.huong.send("/lich")
    town.huong.press("Dự trực tuyến", town.huong.wait_for("đang được tính là SẼ DỰ"))
    assert "https://hop.example.vn/abc" in town.huong.wait_for("DỰ TRỰC TUYẾN").text
    assert seat(town, "huong").answer == Answer.ONLINE
    town.an.send("/trogiup")
    town.an.press_data(town.an.wait_for("Trợ giúp"), f"meeting_desk:{meeting.id}")
    town.an.wait_for("Trong đó trực tuyến: 1")


FOURTH = "Đã vắng có lý do 3 lần liền trong năm (không quá 3; Hướng dẫn 12-HD/BTCTW"


def three_excused(town: Town) -> None:
    """Hương was away with a reason at three meetings of the past."""

    def history(session: Session) -> None:
        an = speakers.who(session, ACCOUNTS["an"], today=NOON.date(), owner=False)
        for number in range(3):
            at = NOON + timedelta(hours=number + 1)
            plan = Plan(unit_id(session, BRANCH_1), MeetingKind.REGULAR, at, "Nhà văn hóa")
            token = f"past{number}"
            past = meetings.call(session, an, plan, token=token, quiet=QUIET, now=NOON)
            attendance.open_roll(session, an, past.id, now=NOON)
            wanted = select(Seat).where(
                Seat.meeting_id == past.id, Seat.person_id == town.ids["huong"]
            )
            found = session.exec(wanted).one()
            attendance.enter(
                session, an, past.id, found.id, Presence.EXCUSED, reason="family", now=NOON
            )
            attendance.close(session, an, past.id, now=NOON)

    ask(town, history)


def test_a_fourth_excuse_in_a_row_is_seen_asked_about_and_explained(town: Town) -> None:
    three_excused(town)
    meeting = called_for_eight(town)
    town.world.advance(hours=5)
    town.huong.send("/trogiup")
    town.huong.press_data(town.huong.wait_for("Trợ giúp"), f"meeting:{meeting.id}")
    town.huong.press("Báo vắng", town.huong.wait_for("đang được tính là SẼ DỰ"))
    asked = town.huong.wait_for(FOURTH)
    town.huong.press("Vì sao?", asked)
    assert "3/8 (Việc gia đình)" in town.huong.wait_for("Các lần:").text
    town.huong.press("‹ Quay lại")
    town.huong.press("Ốm", town.huong.wait_for("vì lý do gì"))
    request = town.an.wait_for(FOURTH)
    town.an.press("Đồng ý", request)
    again = town.an.wait_for("Vẫn đồng ý thêm một lần nữa?")
    assert seat_at(town, meeting).leave == Leave.PENDING
    town.an.press("Vẫn đồng ý", again)
    town.an.wait_for("đã ĐỒNG Ý")
    assert seat_at(town, meeting).leave == Leave.APPROVED


def test_who_is_entered_as_excused_on_the_roll_for_the_fourth_time_is_seen_so(town: Town) -> None:
    three_excused(town)
    meeting = called_for_eight(town)

    def roll(session: Session) -> None:
        an = speakers.who(session, ACCOUNTS["an"], today=NOON.date(), owner=False)
        attendance.open_roll(session, an, meeting.id, now=meeting.starts_at)
        attendance.close(session, an, meeting.id, now=meeting.starts_at)

    town.world.set_now(meeting.starts_at)
    ask(town, roll)
    town.an.send("/trogiup")
    help_ = town.an.wait_for("Trợ giúp")
    town.an.press_data(help_, f"roll_seat:{meeting.id}:{seat_at(town, meeting).id}:0")
    town.an.press("Vắng có lý do", town.an.wait_for("Nguyễn Thị Hương"))
    assert FOURTH in town.an.wait_for("vắng vì lý do gì").text


def seat_at(town: Town, meeting: Meeting) -> Seat:
    wanted = select(Seat).where(Seat.meeting_id == meeting.id, Seat.person_id == town.ids["huong"])
    return ask(town, lambda s: s.exec(wanted).one())
