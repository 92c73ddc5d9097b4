"""Closing a roll over requests for leave, and marks taken back: what the committee reads."""

from __future__ import annotations

from sqlmodel import Session

from storage import meetings, speakers
from storage.roster import Kind
from tests.handlers.test_attendance import QUIET, ask, called, closed, evening, opened
from tests.town import ACCOUNTS, NOON, Town


def ask_leave(town: Town, meeting_id: int, name: str) -> None:
    def request(session: Session) -> None:
        actor = speakers.who(session, ACCOUNTS[name], today=NOON.date(), owner=False)
        meetings.ask_leave(session, actor, meeting_id, "illness", revision=0, quiet=QUIET, now=NOON)

    ask(town, request)


def test_closing_names_the_requests_that_wait_and_leads_to_them(town: Town) -> None:
    group = town.group()
    meeting_id = called(town)
    ask_leave(town, meeting_id, "huong")
    evening(town)
    town.an.send("/diemdanh", chat=group)
    town.an.press("Đóng điểm danh", town.an.wait_for("Chưa 7"))
    asked = town.an.wait_for("Có 1 đơn xin vắng chờ duyệt.")
    assert asked.buttons == ["Xin vắng (1)", "Đúng, đóng", "‹ Quay lại"]
    town.an.press("Đúng, đóng")
    result = town.an.wait_for("Vắng có lý do 0 · Không lý do 6 · Đơn chờ duyệt 1")
    town.an.press("Xin vắng (1)", result)
    town.an.wait_for("Nguyễn Thị Hương xin vắng")
    town.an.press("Đồng ý")
    town.an.wait_for("đã ĐỒNG Ý")
    told = town.huong.wait_for("Cấp ủy ĐỒNG Ý")
    assert told.buttons == ["Họp tới", "‹ Trang đầu"]
    group.wait_for("Vắng có lý do 1 · Không lý do 6")


def test_a_mark_taken_back_while_the_roll_is_open_is_no_absence(town: Town) -> None:
    group = town.group()
    opened(town, group)
    town.an.press("Điểm danh hộ", town.an.wait_for("Chưa 7"))
    town.an.press("Vũ Hương Giang", town.an.wait_for("Bấm tên"))
    town.an.press("✓ Vũ Hương Giang", town.an.wait_for("Bấm tên"))
    town.an.wait_for("Bỏ ghi có mặt")
    assert town.an.press("Rút lại").text == "Vũ Hương Giang: chưa có mặt"


def test_the_desk_says_who_is_left_out_and_how_requests_stand(town: Town) -> None:
    def spare(session: Session) -> None:
        town.person(session, "dung").kind = Kind.EXEMPT

    ask(town, spare)
    group = town.group()
    meeting_id, _card = closed(town, group)
    (result,) = [m for m in town.an.messages() if "KẾT QUẢ HỌP" in m.text]
    assert "Triệu tập 6 (miễn 1, không tính) · Có mặt 0" in result.text
    town.an.press_data(result, f"meeting_desk:{meeting_id}")
    town.an.wait_for("Triệu tập 6 (miễn 1, không tính) · sẽ dự 0 · chưa trả lời 6")


def test_the_desk_tells_granted_waiting_and_refused_apart(town: Town) -> None:
    meeting_id = called(town)
    ask_leave(town, meeting_id, "huong")
    town.an.send("/help")
    town.an.press_data(town.an.wait_for("Trợ giúp"), f"meeting_desk:{meeting_id}")
    desk = town.an.wait_for("Triệu tập 7 · tính là dự 6 (0 đã trả lời)")
    assert "Xin vắng: đồng ý 0 · chờ duyệt 1 · không đồng ý 0" in desk.text
