"""Series, through the pretend Telegram: a rule typed or pressed, its meetings, what is missing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from time import monotonic, sleep
from typing import TypeVar

import pytest
from sqlmodel import Session, col, select

from bot import pacing
from bot.clock import DAILY
from handlers.dates import Monthly, NotUnderstood, parse_monthly
from storage.meetings import Meeting, MeetingState
from storage.schedule import Schedule
from storage.series import LAST, Series
from tests.town import BRANCH_2, BotThread, Town, unit_id

T = TypeVar("T")
PLACE = "Nhà văn hóa"


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """These are long talks with one person, in a Telegram that does not count: no waiting."""
    monkeypatch.setattr(pacing, "CHAT_EVERY", 0.02)


def ask(town: Town, question: Callable[[Session], T]) -> T:
    return town.database.run(question)


def all_series(town: Town) -> list[Series]:
    return ask(town, lambda s: list(s.exec(select(Series).order_by(col(Series.id))).all()))


def all_meetings(town: Town) -> list[Meeting]:
    return ask(town, lambda s: list(s.exec(select(Meeting).order_by(col(Meeting.starts_at))).all()))


# -- what people type --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("ngày 3 hằng tháng 19h30", Monthly(day=3, time=time(19, 30))),
        ("ngay 3 hang thang 19h30", Monthly(day=3, time=time(19, 30))),
        ("thu nam dau thang 19:30", Monthly(weekday=3, nth=1, time=time(19, 30))),
        ("thứ Năm đầu tháng", Monthly(weekday=3, nth=1)),
        ("T5 đầu tháng 19g30", Monthly(weekday=3, nth=1, time=time(19, 30))),
        ("thứ Năm cuối tháng 7 giờ tối", Monthly(weekday=3, nth=LAST, time=time(19))),
        ("chủ nhật tuần 2, 7h30", Monthly(weekday=6, nth=2, time=time(7, 30))),
        ("thứ sáu thứ ba của tháng 14h", Monthly(weekday=4, nth=3, time=time(14))),
        ("thứ tư tuần thứ tư 8h", Monthly(weekday=2, nth=4, time=time(8))),
        ("tối thứ năm đầu tháng 7h30", Monthly(weekday=3, nth=1, time=time(19, 30))),
        ("họp ngày mười lăm hằng tháng", Monthly(day=15)),
        ("mùng một 8 giờ", Monthly(day=1, time=time(8))),
        ("ngày ba mươi mốt", Monthly(day=31)),
        ("ngày cuối tháng 19h", Monthly(day=31, time=time(19))),
        ("the first Thursday 7:30pm", Monthly(weekday=3, nth=1, time=time(19, 30))),
        ("last friday of every month", Monthly(weekday=4, nth=LAST)),
        ("the 3rd of every month 19:30", Monthly(day=3, time=time(19, 30))),
        ("19h30", Monthly(time=time(19, 30))),
    ],
)
def test_a_day_of_every_month_is_read_as_people_type_it(text: str, meant: Monthly) -> None:
    assert parse_monthly(text) == meant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "bữa nào tiện",
        "thứ năm",  # which one?
        "thứ năm 2 giờ chiều",  # two o'clock, and not the second
        "ngày 3/8 19h30",  # a date
        "ngày 3 tháng 8",
        "15/8 19h30",
        "ngày 32",
        "ngày 0",
        "ngày mốt",
        "ngày mai",
        "ngày 3 và ngày 5",
        "thứ năm tuần 5",  # not every month has one
        "cuối tuần",
        "ngày 3 " * 20,
    ],
)
def test_what_is_no_day_of_every_month_is_not_guessed(text: str) -> None:
    with pytest.raises(NotUnderstood):
        parse_monthly(text)


# -- a series is begun -------------------------------------------------------------------------


def schedules(town: Town) -> None:
    town.an.send("Quản lý")
    town.an.wait_for("Quản lý")
    town.an.press("Các cuộc họp")
    town.an.wait_for("Chưa có cuộc họp nào")
    town.an.press("Lịch định kỳ")
    town.an.wait_for("Chưa có lịch họp định kỳ nào.")


def kept(town: Town, rule: str = "thu nam dau thang 19:30") -> Series:
    """An keeps a series that she has typed."""
    schedules(town)
    town.an.press("Thêm lịch")
    town.an.wait_for("Loại cuộc họp")
    town.an.press("Họp thường kỳ")
    town.an.wait_for("Họp ngày nào?")
    town.an.send(rule)
    town.an.wait_for("Họp ở đâu?")
    town.an.send(PLACE)
    town.an.wait_for("Trùng ngày lễ")
    town.an.press("Đúng, lưu lịch")
    town.an.wait_for("Đã lưu. Chưa báo cho ai.")
    return all_series(town)[-1]


def test_a_typed_rule_is_said_back_in_full_with_the_next_three_days(town: Town) -> None:
    schedules(town)
    town.an.press("Thêm lịch")
    town.an.press("Họp thường kỳ")
    town.an.wait_for("Họp ngày nào?")
    town.an.send("bữa nào tiện")
    town.an.wait_for("Chưa rõ 'bữa nào tiện'. Gõ như: ngày 3 19h30, thứ Năm đầu tháng.")
    town.an.send("ngày 2 hằng tháng 19h30")
    town.an.wait_for("Họp ở đâu?")
    town.an.send(PLACE)
    echo = town.an.wait_for("Trùng ngày lễ")
    assert echo.text.splitlines() == [
        "Họp thường kỳ · Chi bộ 1",
        f"Lịch: ngày 2 hằng tháng, 19:30 · {PLACE}",
        "thứ Năm 3/9/2026, 19:30 · dời vì nghỉ Quốc khánh",
        "thứ Sáu 2/10/2026, 19:30",
        "thứ Hai 2/11/2026, 19:30",
        "Trùng ngày lễ: dời sang ngày làm việc sau.",
    ]
    assert all_series(town) == []  # text alone changes nothing
    town.an.press("Khi trùng lễ")
    town.an.wait_for("dời về ngày làm việc trước")
    town.an.press("Khi trùng lễ")
    assert "thứ Tư 2/9/2026, 19:30" in town.an.wait_for("vẫn họp, không dời").text
    town.an.press("Đúng, lưu lịch")
    screen = town.an.wait_for("Đã lưu. Chưa báo cho ai.")
    assert "thứ Tư 2/9/2026, 19:30 · bản nháp" in screen.text
    assert [each.state for each in all_meetings(town)] == [MeetingState.DRAFT] * 2
    town.world.settle()
    assert PLACE not in town.huong.transcript()


def test_a_rule_is_pressed_without_typing(town: Town) -> None:
    kept(town)  # so that a place is known: that of a meeting that was held
    ask(town, lambda s: [setattr(each, "state", "called") for each in s.exec(select(Meeting))])
    town.an.press("‹ Lịch định kỳ")
    town.an.wait_for("Họp thường kỳ: thứ Năm đầu tháng, 19:30")
    town.an.press("Thêm lịch")
    assert "Họp thường kỳ" not in town.an.wait_for("Loại cuộc họp").buttons  # has one already
    town.an.press("Chuyên đề")
    town.an.wait_for("Họp vào tháng nào của mỗi quý?")
    town.an.press("Tháng giữa quý")
    town.an.wait_for("Họp ngày nào?")
    town.an.press("Thứ trong tuần")
    town.an.wait_for("Thứ mấy?")
    town.an.press("thứ Sáu")
    town.an.wait_for("Vào thứ Sáu nào trong tháng?")
    town.an.press("Cuối tháng")
    town.an.wait_for("Họp lúc mấy giờ?")
    town.an.press("19:00")
    town.an.wait_for("Họp ở đâu?")
    town.an.press(PLACE)
    echo = town.an.wait_for("Trùng ngày lễ").text
    assert "Lịch: thứ Sáu cuối tháng, tháng giữa mỗi quý, 19:00" in echo
    assert "thứ Sáu 28/8/2026, 19:00\nthứ Sáu 27/11/2026, 19:00\nthứ Sáu 26/2/2027" in echo
    town.an.press("Sửa")
    town.an.wait_for("Cần sửa mục nào?")
    town.an.press("Ngày")
    town.an.wait_for("Họp ngày nào?")
    town.an.press("Ngày trong tháng")
    town.an.wait_for("Ngày mấy?")
    town.an.press("31")
    echo = town.an.wait_for("Trùng ngày lễ").text
    assert "thứ Hai 31/8/2026, 19:00\nthứ Hai 30/11/2026" in echo


def test_the_form_survives_a_restart_and_a_double_press(town: Town) -> None:
    schedules(town)
    town.an.press("Thêm lịch")
    town.an.press("Họp thường kỳ")
    town.an.wait_for("Họp ngày nào?")
    town.close()
    town.bot = BotThread.start(town.settings(), town.database)
    town.an.send("ngày 31 19h30")
    town.an.wait_for("Họp ở đâu?")
    town.an.send(PLACE)
    echo = town.an.wait_for("Trùng ngày lễ")
    data = echo.button("Đúng, lưu lịch").data or ""
    town.an.press_data(echo, data, wait=False)
    town.an.press_data(echo, data)
    town.an.wait_for("thứ Hai 31/8/2026, 19:30 · bản nháp")
    town.world.settle()
    assert len(all_series(town)) == 1
    assert len(all_meetings(town)) == 3


# -- and goes on -------------------------------------------------------------------------------


def test_five_days_before_the_committee_sends_it_with_one_press(town: Town) -> None:
    kept(town, "ngày 13 hằng tháng 19h30")
    for name in ("an", "binh", "dung"):
        town.people[name].mark()
    town.world.advance(days=5)  # to the noon of 8 August
    offer = town.binh.wait_for("Sắp đến kỳ họp, chưa báo cho ai.")
    assert "thứ Năm 13/8/2026, 19:30" in offer.text
    town.an.wait_for("Sắp đến kỳ họp")
    town.binh.press("Gửi thông báo")
    town.binh.wait_for("Sẽ gửi sau 60 giây.")
    town.an.press("Gửi thông báo")  # a little later: the same meeting
    town.an.wait_for("Sẽ gửi sau 60 giây.")
    town.world.advance(seconds=61)
    assert "thứ Năm 13/8/2026" in town.dung.wait_for("Kính mời").text
    town.world.settle()
    assert town.dung.transcript().count("Kính mời") == 1
    assert "Sắp đến kỳ họp" not in town.dung.transcript()


def test_one_that_sends_itself_needs_no_press(town: Town) -> None:
    kept(town, "ngày 13 hằng tháng 19h30")
    town.an.press("Tự gửi thông báo")
    town.an.wait_for("Bot tự gửi thông báo trước 5 ngày (mặc định).")
    town.world.advance(days=5)
    deadline = monotonic() + 10
    while all_meetings(town)[0].state != MeetingState.CALLED:
        assert monotonic() < deadline, "the clock did not call it"
        sleep(0.05)
    town.world.advance(seconds=61)
    assert "thứ Năm 13/8/2026" in town.dung.wait_for("Kính mời").text
    assert "Sắp đến kỳ họp" not in town.an.transcript()


def test_one_meeting_is_skipped_and_the_series_ended(town: Town) -> None:
    kept(town)
    town.an.press("Kỳ 3/9")
    assert "Bản nháp, chưa gửi cho ai." in town.an.wait_for("thứ Năm 3/9/2026").text
    town.an.press("Bỏ kỳ này")
    town.an.wait_for("Bỏ kỳ họp này?")
    town.an.press("Đúng, bỏ kỳ này")
    screen = town.an.wait_for("Đã bỏ kỳ này. Các kỳ khác giữ nguyên.")
    assert "thứ Năm 3/9/2026, 19:30 · đã bỏ" in screen.text
    town.an.press("Kết thúc lịch")
    town.an.wait_for("2 kỳ chưa báo cho ai sẽ được bỏ.")
    town.an.press("Đúng, kết thúc")
    town.an.wait_for("Lịch này đã kết thúc.")
    assert {each.state for each in all_meetings(town)} == {MeetingState.CANCELLED}


def test_an_old_offer_says_what_has_become_of_the_meeting(town: Town) -> None:
    kept(town, "ngày 13 hằng tháng 19h30")
    town.world.advance(days=5)
    offer = town.an.wait_for("Sắp đến kỳ họp")
    town.an.press("Đổi ngày, nơi họp")
    town.an.wait_for("Triệu tập 7 người")
    town.an.press("Sửa")
    town.an.press("Ngày")
    town.an.send("14/8")
    town.an.wait_for("thứ Sáu 14/8/2026, 19:30")
    town.an.press("Lưu nháp")
    town.an.wait_for("Bản nháp")
    town.an.press_data(offer, offer.button("Gửi thông báo").data or "")
    town.an.wait_for("Kỳ họp vừa được sửa; chưa gửi gì.")
    assert MeetingState.CALLED not in {each.state for each in all_meetings(town)}


# -- what is missing ---------------------------------------------------------------------------


def test_a_branch_without_its_meeting_is_told_on_the_twentieth_in_private(town: Town) -> None:
    group = town.group()
    for name in ("an", "chi", "dung", "oanh"):
        town.people[name].mark()
    town.world.advance(days=17)
    note = town.an.wait_for("Chi bộ 1 chưa triệu tập sinh hoạt thường kỳ tháng 8.")
    assert "Cần triệu tập trước ngày 20 hằng tháng (mặc định)." in note.text
    assert note.buttons == ["Tạo cuộc họp", "Lịch định kỳ", "‹ Quản lý"]
    town.chi.wait_for("chưa triệu tập")
    town.world.advance(days=2)
    town.world.settle()
    assert town.an.transcript().count("chưa triệu tập") == 1
    for name in ("dung", "oanh"):
        assert "chưa triệu tập" not in town.people[name].transcript()
    assert "chưa triệu tập" not in group.transcript()


def test_a_house_winds_its_clock_once(town: Town) -> None:
    town.close()
    town.bot = BotThread.start(town.settings(), town.database)
    town.an.send("/start")
    town.an.wait_for("Đồng chí")
    rows = ask(town, lambda s: s.exec(select(Schedule).where(Schedule.subject == "house")).all())
    assert [each.kind for each in rows] == list(DAILY)


# -- in the form of a single meeting -----------------------------------------------------------


def test_every_kind_of_meeting_is_one_press_away(town: Town) -> None:
    town.an.send("/taohop")
    kinds = town.an.wait_for("Loại cuộc họp").buttons
    assert kinds == [
        *(
            "Họp thường kỳ",
            "Chuyên đề",
            "Ghép chuyên đề",
            "Họp chi ủy",
            "Họp bất thường",
            "Đại hội",
            "Hủy",
        )
    ]
    town.an.press("Đại hội")
    town.an.wait_for("Họp ngày nào")


def test_a_committee_above_chooses_the_branches_that_it_calls(town: Town) -> None:
    town.oanh.send("/taohop")
    town.oanh.press("Họp thường kỳ")
    town.oanh.wait_for("Họp ngày nào")
    town.oanh.send("thứ 5 tuần sau 19 giờ")
    town.oanh.wait_for("Đúng không?")
    town.oanh.press("Đúng")
    town.oanh.wait_for("Họp ở đâu")
    town.oanh.send(PLACE)
    town.oanh.wait_for("Triệu tập 10 người")
    town.oanh.press("Sửa")
    town.oanh.wait_for("Cần sửa mục nào?")
    town.oanh.press("Đơn vị được mời")
    town.oanh.wait_for("Mời tất cả đơn vị trực thuộc.")
    town.oanh.press("Chi bộ 2")
    assert "✓ Chi bộ 2" in town.oanh.wait_for("Mời: Chi bộ 2").buttons
    town.oanh.press("‹ Xem lại")
    town.oanh.wait_for("Triệu tập 3 người")
    town.oanh.press("Gửi thông báo")
    town.oanh.wait_for("Sẽ gửi sau 60 giây.")
    town.world.advance(seconds=61)
    town.minh.wait_for("Kính mời")
    town.world.settle()
    assert "Kính mời" not in town.huong.transcript()


def test_a_branch_cannot_tick_a_unit_that_is_not_below_it(town: Town) -> None:
    town.an.send("/taohop")
    town.an.press("Họp thường kỳ")
    town.an.send("thứ 5 tuần sau 19 giờ")
    town.an.wait_for("Đúng không?")
    town.an.press("Đúng")
    town.an.wait_for("Họp ở đâu")
    town.an.send(PLACE)
    preview = town.an.wait_for("Triệu tập 7 người")
    token = (preview.button("Sửa").data or "").split(":")[1]
    other = ask(town, lambda s: unit_id(s, BRANCH_2))
    town.an.press_data(preview, f"newmeeting_call:{token}:{other}:0")
    town.an.wait_for("không có hoặc không dành cho đồng chí")
    town.world.settle()
    assert "Chi bộ 2" not in town.an.transcript()
