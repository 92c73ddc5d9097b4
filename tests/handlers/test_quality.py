"""The score of a session, through the pretend Telegram: points, members, the committee above."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import Session

from bot.simulator.client import Message, Person
from storage import quality
from storage.meetings import Meeting
from storage.quality import Grade, SheetState
from tests.handlers.test_attendance import NOT_FOR_YOU, START, opened
from tests.town import Town

LATER = START + timedelta(hours=1)


def held(town: Town) -> tuple[int, Message]:
    """Six were at the meeting, Dũng was not; its roll is closed, and An scores it."""
    meeting_id, card = opened(town, town.group())
    panel = town.an.wait_for("Chưa 7")
    for name in ("an", "binh", "chi", "giang", "huong", "khanh"):
        town.people[name].press("Tôi có mặt", card)
    town.world.set_now(LATER)
    town.an.wait_for("KẾT QUẢ HỌP 3/8")
    town.an.press_data(panel, f"hub:{meeting_id}:after")
    town.an.wait_for("SAU BUỔI HỌP")
    town.an.press("Chấm điểm")
    return meeting_id, town.an.wait_for("CHẤM ĐIỂM · Họp 3/8 · dự kiến")


def give(who: Person, criterion: str, points: str) -> None:
    who.press(criterion)
    who.wait_for(f"{criterion} · Họp 3/8")
    who.send(points)
    who.wait_for(f"{points} trên")
    who.press("Lưu")
    who.wait_for("Gõ số điểm, hoặc bấm nút.")
    who.press("‹ Quay lại")
    who.wait_for("CHẤM ĐIỂM")


def scored(town: Town, meeting_id: int) -> tuple[SheetState, int | None, Grade | None]:
    def look(session: Session) -> tuple[SheetState, int | None, Grade | None]:
        found = quality.scored(session, "party", session.get_one(Meeting, meeting_id))
        return found.state, found.total, found.grade

    return town.database.run(look)


def test_a_score_from_the_first_point_to_the_last_word(town: Town) -> None:
    meeting_id, first = held(town)
    assert "Chuẩn bị …/15 · Dự họp 20/20 (tự tính)" in first.text
    assert "Hỏi đảng viên" not in first.buttons
    town.an.press("Dự họp")
    town.an.wait_for("20 trên 20 điểm.")
    town.an.press("Vì sao?")
    reasons = town.an.wait_for("Có mặt 6 trên 7: 85,7%.")
    assert "Tỷ lệ dự sinh hoạt cần đạt: 85%." in reasons.text
    town.an.press("‹ Quay lại")
    town.an.wait_for("Gõ số điểm, hoặc bấm nút.")
    town.an.press("‹ Quay lại")
    town.an.wait_for("CHẤM ĐIỂM")
    give(town.an, "Chuẩn bị", "14")
    give(town.an, "Tiến hành", "40")
    town.an.press("Kết thúc")
    town.an.wait_for("Chưa chấm, tối đa 20 điểm.")
    town.an.press("Đủ 20")
    town.an.wait_for("20 trên 20 điểm.")
    town.an.press("−5")
    lower = town.an.wait_for("15 trên 20 điểm.")
    assert lower.buttons == ["−1", "+1", "−5", "+5", "Đủ 20", "‹ Quay lại"]
    town.an.press("+5")
    town.an.wait_for("20 trên 20 điểm.")
    town.an.press("−1")
    town.an.wait_for("19 trên 20 điểm.")
    town.an.press("‹ Quay lại")
    town.an.wait_for("Tổng 93/100: tốt")
    town.an.press("Hỏi đảng viên")
    town.an.wait_for("Sẽ hỏi 6 đồng chí đã dự họp sau 60 giây.")
    town.world.set_now(LATER + timedelta(minutes=2))
    asked = town.giang.wait_for("Cấp ủy dự kiến điểm như trên.")
    assert asked.buttons == ["Đồng ý", "Góp ý", "‹ Trang đầu"]
    assert len(asked.text.split("\n")) <= 6
    for _press in range(2):
        assert town.giang.press_data(asked, f"score_say:{meeting_id}:0:yes").text == (
            "Đã ghi: đồng ý."
        )
    town.world.settle()
    noted = town.giang.refresh(asked)
    assert noted is not None and "Đồng chí đã ĐỒNG Ý." in noted.text
    town.huong.wait_for("Cấp ủy dự kiến điểm như trên.")
    town.huong.press("Góp ý")
    town.huong.wait_for("Mời đồng chí gõ góp ý.")
    town.huong.send("Kết thúc hơi muộn")
    town.huong.wait_for("Góp ý của đồng chí: Kết thúc hơi muộn")
    town.huong.press("Gửi góp ý")
    town.huong.wait_for("Góp ý của đồng chí: Kết thúc hơi muộn")
    assert not [m for m in town.dung.messages() if "Cấp ủy dự kiến" in m.text]  # was not there

    town.an.press("‹ Quay lại")
    town.an.wait_for("Đồng ý 1 · góp ý 1 · chưa trả lời 4")
    town.an.press("1 góp ý")
    town.an.wait_for("Đồng chí Nguyễn Thị Hương: Kết thúc hơi muộn")
    town.an.press("‹ Quay lại")
    town.an.press("Chốt điểm")
    town.an.wait_for("Sau đó chuyển cấp trên xác nhận.")
    town.an.press("Đúng")
    town.an.wait_for("chờ cấp trên xác nhận")
    told = town.oanh.wait_for("chờ cấp trên xác nhận")
    assert "Chi bộ 1" in told.text and told.buttons == ["Xác nhận cấp trên", "‹ Trang đầu"]
    town.oanh.press("Xác nhận cấp trên")
    town.oanh.wait_for("đã xác nhận")
    again = town.oanh.press_data(told, f"score_confirm:{meeting_id}:0")
    assert again.text == "Đã xác nhận điểm."
    assert scored(town, meeting_id) == (SheetState.CONFIRMED, 93, Grade.GOOD)
    town.an.press("Cả năm")
    year = town.an.wait_for("ĐIỂM SINH HOẠT 2026 · Chi bộ 1")
    assert "Tốt 1 · khá 0 · trung bình 0 · kém 0" in year.text
    assert len(year.text.split("\n")) <= 6


def test_a_question_is_taken_back_before_anybody_reads_it(town: Town) -> None:
    meeting_id, sheet = held(town)
    for criterion in ("preparation:15", "attendance:20", "conduct:45", "closing:20"):
        town.an.press_data(sheet, f"score_set:{meeting_id}:{criterion}")
    town.an.press("‹ Quay lại")
    town.an.press("Hỏi đảng viên")
    town.an.wait_for("sau 60 giây")
    town.an.press("Hoàn tác")
    town.an.wait_for("Họp 3/8 · dự kiến")
    town.world.set_now(LATER + timedelta(minutes=2))
    town.world.settle()
    assert not [m for m in town.giang.messages() if "Cấp ủy dự kiến" in m.text]


def test_an_old_button_shows_what_became_of_the_score(town: Town) -> None:
    meeting_id, sheet = held(town)
    for criterion in ("preparation:15", "attendance:20", "conduct:45", "closing:20"):
        town.an.press_data(sheet, f"score_set:{meeting_id}:{criterion}")
    town.an.press("‹ Quay lại")
    town.an.press("Hỏi đảng viên")
    town.an.wait_for("sau 60 giây")
    town.world.set_now(LATER + timedelta(minutes=2))
    asked = town.giang.wait_for("Cấp ủy dự kiến điểm như trên.")
    town.an.press_data(sheet, f"score_set:{meeting_id}:conduct:1")
    town.an.wait_for("1 trên 45 điểm.")
    town.giang.press("Đồng ý", asked)
    town.giang.wait_for("Điểm này đã sửa hoặc đã chốt.")
    assert scored(town, meeting_id) == (SheetState.PROPOSED, 56, Grade.AVERAGE)


def test_nobody_scores_another_branch(town: Town) -> None:
    meeting_id, _sheet = held(town)
    town.lan.send("/quanly")
    here = town.lan.wait_for("Quản lý")
    for data in ("score:{}", "score_set:{}:conduct:9", "score_ask:{}", "score_above:{}"):
        assert town.lan.press_data(here, data.format(meeting_id)).text == NOT_FOR_YOU
