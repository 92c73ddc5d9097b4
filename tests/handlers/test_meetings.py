"""Meetings, through the pretend Telegram: created, moved, answered, reminded of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

import pytest
from sqlmodel import Session, col, select

from bot import pacing
from storage import meetings
from storage.meetings import Answer, Leave, Meeting, MeetingState, Seat
from storage.outbox import Notice, State
from storage.roster import Unit
from tests.town import BRANCH_1, BRANCH_2, NOON, BotThread, Town, unit_id

T = TypeVar("T")
PLACE = "Nhà văn hóa"


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """These are long talks with one person, in a Telegram that does not count: no waiting."""
    monkeypatch.setattr(pacing, "CHAT_EVERY", 0.02)


def ask(town: Town, question: Callable[[Session], T]) -> T:
    return town.database.run(question)


def all_meetings(town: Town) -> list[Meeting]:
    return ask(town, lambda s: list(s.exec(select(Meeting).order_by(col(Meeting.id))).all()))


def seat(town: Town, name: str) -> Seat:
    person_id = town.ids[name]
    return ask(
        town,
        lambda s: (
            s.exec(
                select(Seat).where(Seat.person_id == person_id).order_by(col(Seat.id).desc())
            ).first()
            or pytest.fail(f"{name} has no seat")
        ),
    )


def ready_to_send(town: Town, when: str = "thứ 5 tuần sau 19 giờ", place: str = PLACE) -> None:
    """An has filled in the form, up to the preview."""
    town.an.send("/taohop")
    town.an.wait_for("Loại cuộc họp")
    town.an.press("Họp thường kỳ")
    town.an.wait_for("Họp ngày nào")
    town.an.send(when)
    town.an.wait_for("Đúng không?")
    town.an.press("Đúng")
    town.an.wait_for("Họp ở đâu")
    town.an.send(place)
    town.an.wait_for("Triệu tập 7 người")


def called(town: Town, when: str = "thứ 5 tuần sau 19 giờ") -> Meeting:
    """A meeting of the branch, called and told to everybody."""
    ready_to_send(town, when)
    town.an.press("Gửi thông báo")
    town.an.wait_for("Sẽ gửi sau 60 giây.")
    town.huong.mark()
    town.world.advance(seconds=61)
    town.huong.wait_for("Kính mời đồng chí dự họp.")
    town.world.settle()
    return all_meetings(town)[-1]


# -- creating ----------------------------------------------------------------------------------


def test_six_taps_lead_to_the_preview(town: Town) -> None:
    ready_to_send(town)
    town.an.press("Gửi thông báo")
    town.an.wait_for("Sẽ gửi sau 60 giây.")
    town.an.send("Quản lý")  # the label below the typing field: the first tap
    town.an.wait_for("Quản lý")
    taps = 1
    for label, question in (
        ("Tạo cuộc họp", "Loại cuộc họp"),
        ("Họp chi ủy", "Họp ngày nào"),
        ("Thứ Năm 6/8", "Họp lúc mấy giờ"),
        ("19:30", "Họp ở đâu"),
        (PLACE, "Triệu tập 3 người."),
    ):
        town.an.press(label)
        screen = town.an.wait_for(question)
        taps += 1
    assert taps == 6
    assert "thứ Năm 6/8/2026, 19:30" in screen.text
    assert screen.buttons == ["Gửi thông báo", "Sửa", "Lưu nháp", "Hủy"]
    town.an.press("Gửi thông báo")
    town.an.wait_for("Sẽ gửi sau 60 giây.")


def test_a_typed_day_and_time_answer_both_steps_and_are_said_back(town: Town) -> None:
    town.an.send("/newmeeting")
    town.an.wait_for("Loại cuộc họp")
    town.an.send("chuyên đề")
    town.an.wait_for("Họp ngày nào")
    town.an.send("thứ 5 tuần sau 19 giờ")
    town.an.wait_for("thứ Năm 13/8/2026, 19:00. Đúng không?")
    town.an.press("Đúng")
    town.an.wait_for("Họp ở đâu")
    town.an.send("Hội trường tầng 2")
    preview = town.an.wait_for("Triệu tập 7 người.")
    assert "Hội trường tầng 2" in preview.text
    assert "thứ Năm 13/8/2026, 19:00" in preview.text


def test_a_day_and_a_time_may_be_typed_one_after_the_other(town: Town) -> None:
    town.an.send("/taohop")
    town.an.press("Họp thường kỳ")
    town.an.send("15/8")
    town.an.wait_for("Ngày họp: thứ Bảy 15/8/2026.")
    town.an.send("7h30")
    assert "thứ Bảy 15/8/2026, 07:30" in town.an.wait_for("Họp ở đâu").text


def test_what_is_not_understood_leads_to_the_calendar(town: Town) -> None:
    town.an.send("/taohop")
    town.an.press("Họp thường kỳ")
    town.an.wait_for("Họp ngày nào")
    town.an.send("bữa nào tiện")
    town.an.wait_for("Chưa rõ 'bữa nào tiện'. Gõ như: 15/8 19h30, mai 7h30.")
    town.an.press("Chọn trên lịch")
    month = town.an.wait_for("Tháng 8/2026")
    assert "3" in month.buttons
    assert "2" not in month.buttons  # yesterday cannot be pressed
    assert "7/2026" not in month.buttons
    town.an.press("9/2026")
    town.an.wait_for("Tháng 9/2026")
    town.an.press("17")
    town.an.wait_for("Ngày họp: thứ Năm 17/9/2026.")


def test_a_moment_in_the_past_is_refused_and_asked_again(town: Town) -> None:
    town.an.send("/taohop")
    town.an.press("Họp thường kỳ")
    town.an.send("1/8 19h30")
    town.an.wait_for("Thời điểm đó đã qua")
    town.an.send("hôm nay 11h")
    town.an.wait_for("Thời điểm đó đã qua")
    town.an.send("hôm nay 15h")
    town.an.wait_for("thứ Hai 3/8/2026, 15:00. Đúng không?")
    town.an.send("đúng")
    town.an.wait_for("Họp ở đâu")
    town.an.send(PLACE)
    town.an.wait_for("chưa đầy 1 ngày")


def test_the_form_survives_a_restart(town: Town) -> None:
    town.an.send("/taohop")
    town.an.press("Họp thường kỳ")
    town.an.send("thứ 5 tuần sau 19 giờ")
    town.an.wait_for("Đúng không?")
    town.close()
    town.bot = BotThread.start(town.settings(), town.database)
    town.an.press("Đúng")
    town.an.wait_for("Họp ở đâu")
    town.an.send(PLACE)
    town.an.wait_for("Triệu tập 7 người.")


def test_a_double_press_of_send_calls_one_meeting(town: Town) -> None:
    ready_to_send(town)
    preview = town.an.last
    data = preview.button("Gửi thông báo").data or ""
    town.an.press_data(preview, data, wait=False)
    town.an.press_data(preview, data)
    town.an.wait_for("Sẽ gửi sau 60 giây.")
    town.world.settle()
    assert [each.state for each in all_meetings(town)] == [MeetingState.CALLED]
    town.world.advance(seconds=61)
    town.huong.wait_for("Kính mời")
    town.world.settle()
    assert town.huong.transcript().count("Kính mời") == 1


def test_undo_within_a_minute_leaves_everybody_undisturbed(town: Town) -> None:
    ready_to_send(town)
    town.an.press("Gửi thông báo")
    town.an.wait_for("Sẽ gửi sau 60 giây.")
    town.world.advance(seconds=50)
    town.an.press("Hoàn tác")
    town.an.wait_for("Chưa ai nhận được thông báo.")
    town.world.advance(minutes=5)
    town.world.settle()
    assert "Kính mời" not in town.huong.transcript()
    assert all_meetings(town)[0].state == MeetingState.CANCELLED
    town.an.press("Soạn lại")
    town.an.wait_for("Triệu tập 7 người.")


def test_after_a_minute_undo_offers_to_call_the_meeting_off(town: Town) -> None:
    called(town)
    town.an.press("Hoàn tác")
    town.an.wait_for("Đã quá 60 giây")
    town.an.press("Hủy họp")
    town.an.wait_for("Sẽ báo cho 7 người.")
    town.huong.mark()
    town.an.press("Đúng, hủy họp")
    town.an.wait_for("Sẽ gửi sau 60 giây.")
    town.world.advance(seconds=61)
    town.huong.wait_for("HỦY HỌP.")


def test_a_saved_draft_is_found_again_and_sent(town: Town) -> None:
    ready_to_send(town)
    town.an.press("Lưu nháp")
    town.an.wait_for("Bản nháp, chưa gửi cho ai.")
    town.an.press("‹ Các cuộc họp")
    town.an.wait_for("Các cuộc họp")
    town.an.press("Nháp 13/8 19:00")
    town.an.wait_for("Bản nháp")
    town.an.press("Mở bản nháp")
    town.an.wait_for("Triệu tập 7 người.")
    town.an.press("Gửi thông báo")
    town.an.wait_for("Sẽ gửi sau 60 giây.")
    assert len(all_meetings(town)) == 1


def test_two_meetings_of_one_day_are_told_apart(town: Town) -> None:
    called(town)
    ready_to_send(town, "thứ 5 tuần sau 20 giờ")
    town.an.press("Lưu nháp")
    town.an.press("‹ Các cuộc họp", town.an.wait_for("Bản nháp, chưa gửi cho ai."))
    desk = town.an.wait_for("Các cuộc họp")
    assert desk.buttons[:2] == ["Họp 13/8 19:00", "Nháp 13/8 20:00"]
    assert "13/8 19:00 · Họp thường kỳ · sắp họp" in desk.text
    assert "13/8 20:00 · Họp thường kỳ · bản nháp" in desk.text


def test_meetings_at_the_same_time_are_numbered(town: Town) -> None:
    called(town)
    town.an.send("/taohop")
    town.an.press("Họp chi ủy", town.an.wait_for("Loại cuộc họp"))
    town.an.wait_for("Họp ngày nào")
    town.an.send("thứ 5 tuần sau 19 giờ")
    town.an.press("Đúng", town.an.wait_for("Đúng không?"))
    town.an.press(PLACE, town.an.wait_for("Họp ở đâu"))
    town.an.press("Gửi thông báo", town.an.wait_for("Triệu tập 3 người."))
    town.an.wait_for("Sẽ gửi sau 60 giây.")
    town.an.send("/quanly")
    town.an.press("Các cuộc họp", town.an.wait_for("Đồng chí muốn làm việc gì?"))
    desk = town.an.wait_for("Họp chi ủy · sắp họp")
    assert desk.buttons[:2] == ["1. 13/8 19:00", "2. 13/8 19:00"]
    assert "2. 13/8 19:00 · Họp chi ủy" in desk.text


def test_a_place_can_be_edited_in_the_preview(town: Town) -> None:
    ready_to_send(town)
    town.an.press("Sửa")
    town.an.wait_for("Cần sửa mục nào?")
    town.an.press("Địa điểm")
    town.an.wait_for("Họp ở đâu")
    town.an.send("Trạm y tế")
    assert "Trạm y tế" in town.an.wait_for("Triệu tập 7 người.").text


def test_in_quiet_hours_the_notice_waits_unless_it_is_sent_as_urgent(town: Town) -> None:
    town.world.advance(hours=10)  # 22:00
    ready_to_send(town)
    town.an.press("Gửi thông báo")
    screen = town.an.wait_for("Sẽ gửi sau 60 giây.")
    assert "Đang giờ nghỉ: 06:30 04/08" in screen.text
    town.world.advance(seconds=50)
    town.world.settle()
    town.an.press("Gửi ngay")
    town.an.wait_for("Gửi khẩn")
    town.world.advance(seconds=11)
    town.huong.wait_for("Kính mời")


def test_an_old_button_of_a_form_says_what_became_of_it(town: Town) -> None:
    town.an.send("/taohop")
    kinds = town.an.wait_for("Loại cuộc họp")
    data = kinds.button("Họp thường kỳ").data or ""
    town.an.send("/huy")
    town.an.wait_for("Đã hủy")
    town.an.press_data(kinds, data)
    town.an.wait_for("Biểu mẫu này đã đóng")
    assert all_meetings(town) == []


@pytest.mark.parametrize("name", ["huong", "oanh"])
def test_only_a_committee_creates_meetings_of_its_unit(town: Town, name: str) -> None:
    branch = ask(town, lambda s: unit_id(s, BRANCH_1))
    ready_to_send(town)
    person = town.people[name]
    person.send("/lich")
    message = person.wait_for("Sắp tới chưa có cuộc họp")
    token = (town.an.last.button("Gửi thông báo").data or "").split(":")[1]
    person.press_data(message, f"newmeeting_unit:{token}:{branch}")
    person.press_data(message, f"newmeeting_send:{token}")
    town.world.settle()
    assert all_meetings(town) == []


# -- answering ---------------------------------------------------------------------------------


def test_a_member_says_that_she_comes_and_thinks_better_of_it(town: Town) -> None:
    called(town)
    around = ["Góp ý trước họp", "Thêm vào lịch", "‹ Trang đầu"]
    assert town.huong.last.buttons == ["Sẽ dự", "Báo vắng", *around]
    town.huong.press("Sẽ dự")
    town.huong.wait_for("Đồng chí đã báo: SẼ DỰ.")
    town.huong.press("Báo vắng")
    town.huong.wait_for("vì lý do gì")
    town.huong.press("Ốm")
    town.huong.wait_for("Đã gửi cấp ủy. Chờ duyệt.")
    assert seat(town, "huong").leave == Leave.PENDING
    town.huong.press("Rút lại")
    town.huong.wait_for("Đồng chí đang được tính là SẼ DỰ.")
    assert seat(town, "huong").answer == Answer.NONE


def test_the_committee_agrees_once_and_the_member_is_told_even_at_night(town: Town) -> None:
    called(town)
    town.huong.press("Báo vắng")
    town.huong.wait_for("vì lý do gì")
    town.huong.press("Việc gia đình")
    for judge in (town.an, town.binh):
        assert "Việc gia đình" in judge.wait_for("Đ/c Nguyễn Thị Hương xin vắng họp.").text
    town.world.advance(hours=11)
    town.binh.press("Đồng ý")
    town.binh.wait_for("Đ/c Trần Thanh Bình đã ĐỒNG Ý")
    town.huong.wait_for("Cấp ủy ĐỒNG Ý cho đồng chí vắng.")
    town.an.press("Không đồng ý")
    town.an.wait_for("Đ/c Trần Thanh Bình đã ĐỒNG Ý")
    assert seat(town, "huong").leave == Leave.APPROVED
    assert "gia đình" not in town.giang.transcript()


def test_a_unit_that_asks_each_time_counts_nobody_as_coming(town: Town) -> None:
    def asks(session: Session) -> None:
        session.get_one(Unit, unit_id(session, BRANCH_1)).expects_everyone = False

    ask(town, asks)
    called(town)
    invitation = town.huong.last
    assert "Họp thường kỳ tháng 8 · Chi bộ 1" in invitation.text
    assert "Đồng chí có dự được không?" in invitation.text
    town.huong.press("Sẽ dự")
    town.huong.wait_for("Đồng chí đã báo: SẼ DỰ.")


def test_a_reason_in_own_words_is_shown_back_before_it_is_sent(town: Town) -> None:
    called(town)
    town.huong.press("Báo vắng")
    town.huong.wait_for("vì lý do gì")
    town.huong.press("Lý do khác")
    town.huong.wait_for("Xin gõ lý do")
    town.huong.send("cưới con <b>gái</b>")
    town.huong.wait_for("Lý do: cưới con <b>gái</b>")
    assert seat(town, "huong").answer == Answer.NONE
    town.huong.press("Gửi cấp ủy")
    town.huong.wait_for("Chờ duyệt")
    town.chi.wait_for("cưới con <b>gái</b>")


def test_the_committee_writes_back_what_it_was_shown(town: Town) -> None:
    called(town)
    town.huong.press("Báo vắng")
    town.huong.press("Công tác")
    town.an.wait_for("xin vắng họp")
    town.an.press("Nhắn lại")
    town.an.wait_for("Xin gõ lời nhắn")
    town.an.send("Đồng chí về kịp buổi tối không?")
    shown = town.an.wait_for("Gửi đ/c Nguyễn Thị Hương:")
    assert "về kịp" not in town.huong.transcript()
    data = shown.button("Gửi trả lời").data or ""
    town.an.press("Gửi trả lời")
    town.an.wait_for("Đã gửi.")
    town.an.press_data(shown, data)
    town.huong.wait_for("về kịp buổi tối không?")
    town.world.settle()
    assert town.huong.transcript().count("về kịp") == 1


def test_requests_wait_in_a_list_of_the_committee(town: Town) -> None:
    called(town)
    town.giang.wait_for("Kính mời")
    for person in (town.huong, town.giang):
        person.press("Báo vắng")
        person.wait_for("vì lý do gì")
        person.press("Ốm")
        person.wait_for("Chờ duyệt")
    town.an.send("/vang")
    first = town.an.wait_for("Đơn xin vắng · 1/2")
    assert "Nguyễn Thị Hương" in first.text
    town.an.press("›", first)
    assert "Vũ Hương Giang" in town.an.wait_for("Đơn xin vắng · 2/2").text
    town.an.press("Không đồng ý", first)
    town.an.press("Không nêu lý do", town.an.wait_for("Vì sao không đồng ý?"))
    town.giang.wait_for("Cấp ủy KHÔNG ĐỒNG Ý")
    town.lan.send("/vang")
    town.lan.wait_for("Không có đơn xin vắng")


def test_forged_presses_of_outsiders_change_nothing(town: Town) -> None:
    meeting = called(town)
    town.huong.press("Báo vắng")
    town.huong.press("Ốm")
    town.an.wait_for("xin vắng họp")
    seat_id = seat(town, "huong").id
    for person in (town.lan, town.minh, town.giang):
        person.send("/trogiup")
        help_ = person.wait_for("Trợ giúp")
        for data in (
            f"leave:{seat_id}:1:yes",
            f"leave_show:{seat_id}:1",
            f"meeting_off:{meeting.id}",
            f"newmeeting_undo:{meeting.id}",
            f"meeting_desk:{meeting.id}",
            f"absences_at:{seat_id}",
        ):
            person.press_data(help_, data)
        town.world.settle()
        assert "Ốm" not in person.transcript()
    for person in (town.lan, town.minh):
        person.send("/lich")
        person.press_data(person.wait_for("Sắp tới chưa có cuộc họp"), f"rsvp:{meeting.id}:0:yes")
        person.wait_for("không")
    assert all_meetings(town)[0].state == MeetingState.CALLED
    assert seat(town, "huong").leave == Leave.PENDING


def test_an_answer_after_the_meeting_was_called_off_says_so(town: Town) -> None:
    meeting = called(town)
    invitation = town.huong.last
    town.an.send("/lich")
    screen = town.an.wait_for("Thời gian")
    town.an.press_data(screen, f"meeting_off:{meeting.id}")
    town.an.wait_for("Sẽ HỦY HỌP")
    town.world.advance(seconds=61)
    town.huong.wait_for("HỦY HỌP.")
    town.huong.press("Sẽ dự", invitation)
    town.huong.wait_for("Cuộc họp này đã hủy.")
    assert seat(town, "huong").answer == Answer.NONE


# -- where and when ----------------------------------------------------------------------------


def test_the_next_meeting_is_a_tap_away(town: Town) -> None:
    called(town)
    town.giang.send("Lịch họp")
    screen = town.giang.wait_for("Thời gian: thứ Năm 13/8/2026, 19:00")
    assert "Địa điểm: Nhà văn hóa" in screen.text
    assert "SẼ DỰ" in screen.text


def test_a_group_hears_time_and_place_and_no_more(town: Town) -> None:
    group = town.group()
    called(town)
    told = group.wait_for("THÔNG BÁO HỌP")
    assert "thứ Năm 13/8/2026, 19:00" in told.text
    town.huong.press("Báo vắng")
    town.huong.press("Ốm")
    town.huong.send("/lich", chat=group)
    listed = group.wait_for("Thời gian: thứ Năm 13/8/2026, 19:00")
    assert "SẼ DỰ" not in listed.text
    assert "Ốm" not in group.transcript()
    assert listed.buttons == ["Mở chat riêng"]


def test_a_button_of_the_old_invitation_answers_for_no_other_day(town: Town) -> None:
    called(town)
    invitation = town.huong.last
    town.huong.press("Báo vắng", invitation)
    reasons = town.huong.wait_for("vì lý do gì")
    old = {label: reasons.button(label).data or "" for label in ("Ốm", "Lý do khác")}
    town.an.press("Xem cuộc họp")
    town.an.press("Đổi lịch")
    town.an.press("Ngày")
    town.an.wait_for("Họp ngày nào")
    town.an.send("20/8")
    town.an.wait_for("Sẽ báo lại cho 7 người.")
    town.an.press("Báo mọi người")
    town.an.wait_for("Sẽ gửi sau 60 giây.")
    town.world.advance(seconds=61)
    moved = town.huong.wait_for("ĐỔI LỊCH HỌP")
    yes = f"rsvp:{all_meetings(town)[0].id}:0:yes"
    town.huong.press_data(reasons, yes)
    assert "20/8/2026" in town.huong.wait_for("Cuộc họp đã thay đổi, chưa ghi nhận gì.").text
    for data in old.values():
        assert "chưa ghi nhận gì" in town.huong.press_data(reasons, data).text
    assert seat(town, "huong").answer == Answer.NONE
    town.huong.press("Sẽ dự", moved)
    town.huong.wait_for("Đồng chí đã báo: SẼ DỰ.")
    assert seat(town, "huong").answer == Answer.COMING


def test_a_reason_typed_for_the_old_day_is_not_sent_for_the_new_one(town: Town) -> None:
    called(town)
    town.huong.press("Báo vắng")
    town.huong.press("Lý do khác")
    town.huong.wait_for("Xin gõ lý do")
    town.an.press("Xem cuộc họp")
    town.an.press("Đổi lịch")
    town.an.press("Ngày")
    town.an.send("20/8")
    town.an.wait_for("Sẽ báo lại cho 7 người.")
    town.an.press("Báo mọi người")
    town.an.wait_for("Sẽ gửi sau 60 giây.")
    town.world.advance(seconds=61)
    town.huong.wait_for("ĐỔI LỊCH HỌP")
    town.huong.send("đi công tác")
    town.huong.wait_for("Cuộc họp đã thay đổi, chưa ghi nhận gì.")
    assert seat(town, "huong").leave is None


def test_reminders_come_on_time_to_those_who_have_not_answered(town: Town) -> None:
    called(town)  # Thursday 13/8, 19:00
    town.huong.press("Sẽ dự")
    town.huong.wait_for("đã báo")
    town.world.set_now(datetime.fromisoformat("2026-08-10T18:59:30+07:00"))
    town.world.settle()
    assert "Nhắc lịch họp" not in town.giang.transcript()
    for now in ("10T19:00:05", "12T19:00:05", "13T17:00:05"):
        town.world.set_now(datetime.fromisoformat(f"2026-08-{now}+07:00"))
        if not now.startswith("13"):
            town.giang.wait_for("Nhắc lịch họp")
    town.world.settle(quiet=1.5)
    assert town.giang.transcript().count("Nhắc lịch họp") == 2
    assert "Nhắc lịch họp" not in town.huong.transcript()
    assert seat(town, "giang").reminders == 2


def test_who_acts_in_two_units_is_asked_once_which(town: Town) -> None:
    from storage import roster
    from storage.powers import Role
    from tests.town import NOON

    def second_role(session: Session) -> None:
        roster.give_role(
            session,
            town.person(session, "an"),
            unit_id(session, BRANCH_2),
            Role.COMMITTEE,
            today=NOON.date(),
            by=None,
        )

    ask(town, second_role)
    town.an.send("/taohop")
    assert "Chi bộ 2" in town.an.wait_for("Họp của đơn vị nào?").buttons
    town.an.send("chi bộ 2")
    assert "Chi bộ 2" in town.an.wait_for("Loại cuộc họp").text


def test_an_english_reader_creates_a_meeting_in_english(town: Town) -> None:
    def english(session: Session) -> None:
        town.person(session, "an").language = "en"

    ask(town, english)
    town.an.send("/newmeeting")
    town.an.wait_for("What kind of meeting?")
    town.an.press("Committee meeting")
    town.an.wait_for("Which day?")
    town.an.send("next thursday 7pm")
    town.an.wait_for("Thursday 6/8/2026, 19:00")
    town.an.press("Yes")
    town.an.send(PLACE)
    town.an.wait_for("3 people are called.")


def test_nothing_about_another_branch_can_be_found(town: Town) -> None:
    meeting = called(town)
    found = ask(town, lambda s: meetings.next_for(s, town.ids["minh"], meeting.starts_at))
    assert found is None


# -- whom no message reaches -------------------------------------------------------------------


def test_the_desk_tells_whom_the_invitation_reached_and_who_is_to_be_called(town: Town) -> None:
    def lose(session: Session) -> None:
        giang, khanh = town.person(session, "giang"), town.person(session, "khanh")
        giang.telegram_id, giang.phone = None, "+84912000111"
        khanh.consented_at = None
        town.person(session, "dung").blocked_at = NOON

    town.database.run(lose)
    ready_to_send(town)
    assert "Không nhận được tin: 3." in town.an.last.text
    town.an.press("Gửi thông báo")
    town.an.wait_for("Sẽ gửi sau 60 giây.")
    town.world.advance(seconds=61)
    town.huong.wait_for("Kính mời đồng chí dự họp.")
    town.world.settle()
    meeting = all_meetings(town)[-1]
    town.an.press_data(town.an.last, f"meeting_desk:{meeting.id}")
    desk = town.an.wait_for("chưa mở bot 2 · chặn bot 1")
    town.an.press("Cần gọi điện", message=desk)
    shown = town.an.wait_for("CẦN GỌI ĐIỆN · 3 người").text
    assert "chỉ có điện thoại: Vũ Hương Giang (0912 000 111)" in shown
    assert "chặn bot: Phạm Tiến Dũng" in shown
    assert "Đỗ Quốc Khánh" in shown
    assert "Hương" not in shown.replace("Hương Giang", ""), "a message reaches her"


def test_the_desk_counts_nobody_twice(town: Town) -> None:
    """Of seven: one blocked us afterwards, one has not agreed, one is in doubt, one is refused."""

    def lose(session: Session) -> None:
        town.person(session, "khanh").consented_at = None

    town.database.run(lose)
    meeting = called(town)

    def go_on(session: Session) -> None:
        town.person(session, "dung").blocked_at = NOON
        for name, state in (("huong", State.UNKNOWN), ("giang", State.DEAD)):
            statement = select(Notice).where(
                Notice.kind == meetings.INVITATION, Notice.person_id == town.ids[name]
            )
            session.exec(statement).one().state = state

    town.database.run(go_on)
    invited = ask(town, lambda s: [(each.person_id, each.state) for each in s.exec(select(Notice))])
    assert (town.ids["khanh"], State.DEAD) in invited
    assert (town.ids["dung"], State.SENT) in invited
    town.an.send("/quanly")
    town.an.wait_for("Quản lý")
    town.an.press_data(town.an.last, f"meeting_desk:{meeting.id}")
    lines = town.an.wait_for("chưa mở bot 1 · chặn bot 1").text.splitlines()
    assert "Nhận 3 · chưa mở bot 1 · chặn bot 1" in lines
    assert "Đang chờ gửi 0 · có thể không tới 1" in lines
    assert "Không tới 1" in lines
