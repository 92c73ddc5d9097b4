"""Forms that stand open: nothing else kills them, and they take nothing that is not for them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

import pytest
from sqlmodel import Session, select

from bot import pacing
from storage import drafts, meetings
from storage.drafts import DraftRow
from storage.meetings import MeetingKind, Plan
from storage.quiet import Quiet
from storage.roster import Kind
from storage.speakers import who
from tests.town import ACCOUNTS, BRANCH_1, NOON, Town, unit_id

T = TypeVar("T")
THURSDAY = datetime.fromisoformat("2026-08-13T19:30:00+07:00")
QUIET = Quiet("21:30-06:30", "Asia/Ho_Chi_Minh")
CALLED_AT = NOON - timedelta(hours=1)


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """These are long talks with one person, in a Telegram that does not count: no waiting."""
    monkeypatch.setattr(pacing, "CHAT_EVERY", 0.02)


def ask(town: Town, question: Callable[[Session], T]) -> T:
    return town.database.run(question)


def open_form(town: Town, name: str) -> str | None:
    """The name of the form that somebody has open."""
    return ask(
        town,
        lambda s: s.exec(
            select(DraftRow.form).where(DraftRow.telegram_id == ACCOUNTS[name])
        ).first(),
    )


def hold(town: Town, name: str, form: str, **data: object) -> None:
    """Somebody has that form open."""
    ask(town, lambda s: drafts.keep(s, ACCOUNTS[name], drafts.Draft(form, data), now=NOON))


def call(session: Session) -> int:
    """The branch is called for Thursday; everybody has been told."""
    an = who(session, ACCOUNTS["an"], today=NOON.date(), owner=False)
    plan = Plan(unit_id(session, BRANCH_1), MeetingKind.REGULAR, THURSDAY, "Nhà văn hóa")
    return meetings.call(session, an, plan, token="t1", quiet=QUIET, now=CALLED_AT).id


def request_of_huong(session: Session) -> int:
    """Hương asks leave of the meeting; the number of her seat."""
    huong = who(session, ACCOUNTS["huong"], today=NOON.date(), owner=False)
    return meetings.ask_leave(
        session, huong, call(session), "illness", revision=0, quiet=QUIET, now=NOON
    ).id


# -- leaving a form ------------------------------------------------------------------------------


def test_who_has_nothing_open_is_not_told_that_something_was_cancelled(town: Town) -> None:
    town.huong.send("/huy")
    assert "Đã hủy" not in town.huong.wait_for("Không có gì đang làm dở.").text


def test_a_group_hears_nothing_of_anybodys_form(town: Town) -> None:
    group = town.group()
    hold(town, "huong", "absence_reason", meeting=1, revision=0)
    town.huong.send("/huy", chat=group)
    group.wait_for("khung chat riêng")
    assert "làm dở" not in group.transcript()
    assert open_form(town, "huong") == "absence_reason"


def test_an_old_cancel_button_does_not_deny_what_was_sent(town: Town) -> None:
    town.huong.send("/gopy")
    asked = town.huong.wait_for("gõ ý kiến góp ý")
    town.huong.send("Nên họp sớm hơn nửa giờ")
    town.huong.wait_for("Gửi góp ý")
    town.huong.press("Gửi có tên")
    town.huong.wait_for("Đã gửi")
    town.huong.press("Hủy", asked)
    town.huong.wait_for("Không có gì đang làm dở.")
    assert "không gửi" not in town.huong.transcript()


def test_an_old_cancel_button_leaves_another_form_alone(town: Town) -> None:
    town.an.send("/taohop")
    old = town.an.wait_for("Loại cuộc họp")
    hold(town, "an", "inbox.answer", ticket=1, save=False)
    town.an.press("Hủy", old)
    town.an.wait_for("Biểu mẫu này đã đóng")
    assert open_form(town, "an") == "inbox.answer"


def test_home_leaves_what_is_unfinished_and_says_so(town: Town) -> None:
    town.huong.send("/trogiup")
    help_ = town.huong.wait_for("Trợ giúp")
    hold(town, "huong", "ask.send", kind="question")
    town.huong.press("‹ Trang đầu", help_)
    town.huong.wait_for("Đang làm dở: câu hỏi hoặc góp ý.")
    assert open_form(town, "huong") == "ask.send"


def test_the_way_back_on_an_old_request_closes_no_other_form(town: Town) -> None:
    seat = ask(town, request_of_huong)
    town.an.send("/trogiup")
    help_ = town.an.wait_for("Trợ giúp")
    hold(town, "an", "inbox.answer", ticket=1, save=False)
    town.an.press_data(help_, f"leave_show:{seat}:1")
    town.an.wait_for("xin vắng họp")
    assert open_form(town, "an") == "inbox.answer"


def test_a_form_that_gives_way_to_another_is_named(town: Town) -> None:
    seat = ask(town, request_of_huong)
    town.an.send("/taohop")
    asked = town.an.wait_for("Loại cuộc họp")
    town.an.press_data(asked, f"leave_write:{seat}")
    town.an.wait_for("Phần đang làm dở (cuộc họp) đã được thay")


# -- the keys below the typing field -------------------------------------------------------------


def test_a_key_of_the_keyboard_is_no_answer_to_an_open_form(town: Town) -> None:
    seat = ask(town, request_of_huong)
    town.an.send("/trogiup")
    town.an.press_data(town.an.wait_for("Trợ giúp"), f"leave_write:{seat}")
    town.an.wait_for("Xin gõ lời nhắn")
    for key, screen in (("Quản lý", "muốn làm việc gì"), ("Lịch họp", "Thời gian")):
        town.an.send(key)
        shown = town.an.wait_for(screen)
        assert "Đang làm dở: lời nhắn về việc xin vắng." in shown.text
    town.an.send("Đồng chí về kịp không?")
    town.an.wait_for("Gửi đ/c Nguyễn Thị Hương:")


def test_a_search_is_left_without_a_word(town: Town) -> None:
    hold(town, "an", "roster.find", unit=1)
    town.an.send("Quản lý")
    assert "làm dở" not in town.an.wait_for("muốn làm việc gì").text
    assert open_form(town, "an") is None


# -- the committee's work ------------------------------------------------------------------------


def test_a_member_hears_who_does_the_committees_work(town: Town) -> None:
    for typed in ("/taohop", "/hopthu", "Quản lý"):
        town.huong.mark()
        town.huong.send(typed)
        town.huong.wait_for("Việc này do bí thư làm (đ/c An).")


def test_a_secretary_hears_of_nothing_in_another_unit(town: Town) -> None:
    seat = ask(town, request_of_huong)
    town.lan.send("/trogiup")
    help_ = town.lan.wait_for("Trợ giúp")
    for number in (seat, seat + 1000):
        said = town.lan.press_data(help_, f"leave_write:{number}")
        assert said.text == "Mục này không có hoặc không dành cho đồng chí."


# -- the day of a meeting ------------------------------------------------------------------------


def asked_for_the_day(town: Town) -> None:
    town.an.send("/taohop")
    town.an.wait_for("Loại cuộc họp")
    town.an.press("Họp thường kỳ")
    town.an.wait_for("Họp ngày nào")


def test_a_correction_that_is_not_understood_offers_no_yes_to_the_old_day(town: Town) -> None:
    asked_for_the_day(town)
    town.an.send("thứ 5 tuần sau 19 giờ")
    town.an.wait_for("Đúng không?")
    town.an.send("bữa nào tiện")
    shown = town.an.wait_for("Chưa rõ 'bữa nào tiện'. Gõ như:")
    assert "Chọn trên lịch" in shown.buttons
    assert "Đúng" not in shown.buttons
    town.an.send("thứ 6 tuần sau 19 giờ")
    town.an.wait_for("thứ Sáu 14/8/2026, 19:00. Đúng không?")


def test_a_day_that_falls_on_another_weekday_is_named(town: Town) -> None:
    asked_for_the_day(town)
    town.an.send("thứ năm 13/8/2027")
    town.an.wait_for("13/8/2027 là thứ Sáu.")


def test_a_day_far_ahead_is_pointed_out(town: Town) -> None:
    asked_for_the_day(town)
    town.an.send("2/6 19h30")
    assert "còn hơn 6 tháng nữa" in town.an.wait_for("2/6/2027, 19:30. Đúng không?").text


def test_a_time_that_was_typed_before_the_day_is_said_back(town: Town) -> None:
    asked_for_the_day(town)
    town.an.send("20h")
    town.an.wait_for("20:00. Họp ngày nào?")
    town.an.send("13/8")
    town.an.wait_for("thứ Năm 13/8/2026, 20:00")


def test_a_day_that_does_not_exist_is_called_so(town: Town) -> None:
    asked_for_the_day(town)
    town.an.send("30/2 19h")
    town.an.wait_for("'30/2 19h': ngày này không có trong lịch.")


def test_the_english_hint_of_the_day_step_is_understood(town: Town) -> None:
    town.an.send("/caidat")
    town.an.press("English", town.an.wait_for("Ngôn ngữ"))
    town.an.wait_for("Language: English")
    town.an.send("/newmeeting")
    town.an.press("Regular meeting", town.an.wait_for("What kind of meeting?"))
    town.an.wait_for("type it like: 15/8 19h30, tomorrow 7:30pm.")
    town.an.send("tomorrow 7:30pm")
    town.an.wait_for("You mean: Tuesday 4/8/2026, 19:30.")


def test_who_looks_at_another_day_may_go_back_to_the_preview(town: Town) -> None:
    asked_for_the_day(town)
    town.an.send("thứ 5 tuần sau 19 giờ")
    town.an.press("Đúng", town.an.wait_for("Đúng không?"))
    town.an.wait_for("Họp ở đâu")
    town.an.send("Nhà văn hóa")
    town.an.wait_for("Triệu tập 7 người")
    for label, question in (
        ("Ngày", "Họp ngày nào"),
        ("Giờ", "lúc mấy giờ"),
        ("Địa điểm", "ở đâu"),
    ):
        town.an.press("Sửa")
        town.an.wait_for("Cần sửa mục nào?")
        town.an.press(label)
        town.an.wait_for(question)
        town.an.press("‹ Xem lại")
        preview = town.an.wait_for("Triệu tập 7 người")
        assert "thứ Năm 13/8/2026, 19:00" in preview.text
        assert "Nhà văn hóa" in preview.text
    town.an.press("Sửa")
    town.an.press("Giờ", town.an.wait_for("Cần sửa mục nào?"))
    town.an.wait_for("lúc mấy giờ")
    town.an.send("20h")
    assert "thứ Năm 13/8/2026, 20:00" in town.an.wait_for("Triệu tập 7 người").text


def test_moving_a_meeting_is_left_without_calling_it_off(town: Town) -> None:
    meeting = ask(town, call)
    town.an.send("/trogiup")
    town.an.press_data(town.an.wait_for("Trợ giúp"), f"newmeeting_move:{meeting}")
    shown = town.an.wait_for("Cần sửa mục nào?")
    assert "Hủy" not in shown.buttons
    town.an.press("‹ Cuộc họp")
    town.an.wait_for("tính là dự 7 (0 đã trả lời)")
    assert open_form(town, "an") is None


# -- writing back and forth ----------------------------------------------------------------------


def test_who_was_written_to_about_an_absence_can_answer(town: Town) -> None:
    seat = ask(town, request_of_huong)
    town.an.send("/trogiup")
    town.an.press_data(town.an.wait_for("Trợ giúp"), f"leave_write:{seat}")
    town.an.wait_for("Xin gõ lời nhắn")
    town.an.send("Đồng chí về kịp không?")
    town.an.press("Gửi trả lời", town.an.wait_for("Gửi đ/c"))
    town.huong.press("Trả lời", town.huong.wait_for("về kịp không?"))
    town.huong.wait_for("gõ câu trả lời gửi cấp ủy")
    town.huong.send("Tôi về kịp ạ")
    shown = town.huong.wait_for("Gửi cấp ủy:")
    assert "về kịp ạ" not in town.an.transcript()
    data = shown.button("Gửi trả lời").data or ""
    town.huong.press("Gửi trả lời")
    town.huong.wait_for("Đã gửi cấp ủy.")
    town.huong.press_data(shown, data)
    town.an.wait_for("Đ/c Nguyễn Thị Hương trả lời về việc xin vắng")
    town.world.settle()
    assert town.an.transcript().count("Tôi về kịp ạ") == 1
    assert "Tôi về kịp ạ" not in town.binh.transcript()
    assert town.giang.send("/trogiup")
    help_ = town.giang.wait_for("Trợ giúp")
    assert "không dành cho" in town.giang.press_data(help_, f"leave_reply:{seat}:1").text


def test_a_letter_that_gives_way_to_one_for_somebody_else_is_named(town: Town) -> None:
    seat = ask(town, request_of_huong)
    hold(town, "an", "leave_message", seat=seat + 1, text="Đồng chí Giang ơi", letter=1)
    town.an.send("/trogiup")
    help_ = town.an.wait_for("Trợ giúp")
    town.an.press_data(help_, f"leave_show:{seat}:1")
    town.an.wait_for("xin vắng họp")
    assert open_form(town, "an") == "leave_message"
    town.an.press("Nhắn lại")
    town.an.wait_for("Phần đang làm dở (lời nhắn về việc xin vắng) đã được thay")


def test_the_preview_counts_as_the_card_does(town: Town) -> None:
    def spare(session: Session) -> None:
        town.person(session, "dung").kind = Kind.EXEMPT

    ask(town, spare)
    town.an.send("/taohop")
    town.an.press("Họp thường kỳ", town.an.wait_for("Loại cuộc họp"))
    town.an.wait_for("Họp ngày nào")
    town.an.send("13/8 19h30")
    town.an.press("Đúng", town.an.wait_for("Đúng không?"))
    town.an.wait_for("Họp ở đâu")
    town.an.send("Nhà văn hóa")
    preview = town.an.wait_for("Triệu tập 6 người (miễn 1, không tính).")
    town.an.press("Lưu nháp", preview)
    town.an.press("Mở bản nháp", town.an.wait_for("Bản nháp"))
    town.an.press("Gửi thông báo", town.an.wait_for("Triệu tập 6 người"))
    town.an.press("Xem cuộc họp", town.an.wait_for("Sẽ gửi sau 60 giây."))
    town.an.wait_for("Triệu tập 6 (miễn 1, không tính) · tính là dự 6 (0 đã trả lời)")


# -- two places of a meeting ---------------------------------------------------------------------


def places(town: Town, *names: str) -> tuple[str, list[str]]:
    """What the form says and offers where the branch has met at those places."""

    def meet(session: Session) -> None:
        an = who(session, ACCOUNTS["an"], today=NOON.date(), owner=False)
        for number, name in enumerate(names):
            begins = THURSDAY + timedelta(days=number)
            plan = Plan(unit_id(session, BRANCH_1), MeetingKind.REGULAR, begins, name)
            meetings.call(session, an, plan, token=f"p{number}", quiet=QUIET, now=CALLED_AT)

    ask(town, meet)
    town.an.send("/taohop")
    town.an.press("Chuyên đề", town.an.wait_for("Loại cuộc họp"))
    town.an.wait_for("Họp ngày nào")
    town.an.send("20/8 19h30")
    town.an.press("Đúng", town.an.wait_for("Đúng không?"))
    screen = town.an.wait_for("Họp ở đâu")
    return screen.text, [each for each in screen.buttons if "…" in each]


def test_two_places_that_begin_alike_are_told_apart_by_their_end(town: Town) -> None:
    _text, buttons = places(town, "Nhà văn hóa Khu phố 1", "Nhà văn hóa Khu phố 2")
    assert sorted(buttons) == ["Nhà văn…Khu phố 1", "Nhà văn…Khu phố 2"]


def test_two_places_that_differ_in_the_middle_are_numbered_and_named_in_full(town: Town) -> None:
    one, other = "Trường học số 1, phường An Bình", "Trường học số 2, phường An Bình"
    text, buttons = places(town, one, other)
    assert f"1. {other}" in text
    assert f"2. {one}" in text
    assert [each[:3] for each in buttons] == ["1. ", "2. "]
