"""Resolutions written down as people type them, and [My tasks], through the pretend Telegram."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlmodel import Session, col, select

from bot import pacing
from handlers.tasks.reading import meant, read_line
from handlers.text import Reader
from storage import meetings, roster, speakers
from storage.meetings import MeetingKind, Plan
from storage.quiet import Quiet
from storage.roster import Person, names
from storage.tasks import Task
from tests.town import ACCOUNTS, BRANCH_1, NOON, Town, unit_id

QUIET = Quiet("21:30-06:30", "Asia/Ho_Chi_Minh")
LINE = "Hương lập danh sách hộ khó khăn, hạn 15/9"


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """These are long talks with one person, in a Telegram that does not count: no waiting."""
    monkeypatch.setattr(pacing, "CHAT_EVERY", 0.02)


# -- understood --------------------------------------------------------------------------------


def people(*full_names: str) -> list[Person]:
    return [
        Person(id=number, unit_id=1, **names(name)) for number, name in enumerate(full_names, 1)
    ]


ROLL = people(
    "Nguyễn Văn An",
    "Lê Thị Chi",
    "Vũ Hương Giang",
    "Nguyễn Thị Hương",
    "Đỗ Quốc Khánh",
    "Trần Thị Mai",
    "Phạm Thu Hường",
)
TASK, DUE = "Lập danh sách hộ khó khăn", date(2026, 9, 15)


@pytest.mark.parametrize(
    "typed",
    [
        LINE,
        "hương lập danh sách hộ khó khăn hạn 15/9",
        "Nguyễn Thị Hương: lập danh sách hộ khó khăn, trước ngày 15/9",
        "giao đ/c Hương lập danh sách hộ khó khăn, hạn chót: 15-9-2026",
        "Phân công đồng chí Thị Hương lập danh sách hộ khó khăn (hạn 15/9)",
        "chị Hương lập danh sách hộ khó khăn - 15/9",
        "lập danh sách hộ khó khăn: Hương, hạn thứ 3 15/9",
        "Lập danh sách hộ khó khăn (đ/c Hương), 15/9/2026",
        "lập danh sách hộ khó khăn – Nguyễn Hương, xong trước 15 tháng 9",
    ],
)
def test_a_resolution_in_one_line_is_understood(typed: str) -> None:
    line = read_line(typed, ROLL, NOON)
    assert (line.text, [each.full_name for each in line.people], line.due, line.problem) == (
        TASK,
        ["Nguyễn Thị Hương"],
        DUE,
        None,
    )


def test_what_is_typed_without_accents_means_any_name_that_it_may_be() -> None:
    line = read_line("huong lap danh sach ho kho khan han 15/9", ROLL, NOON)
    assert [each.full_name for each in line.people] == ["Nguyễn Thị Hương", "Phạm Thu Hường"]
    assert (line.text, line.due) == ("Lap danh sach ho kho khan", DUE)
    assert [each.full_name for each in meant("thi huong", ROLL)] == ["Nguyễn Thị Hương"]


def test_a_name_is_its_last_word_and_not_a_middle_one() -> None:
    assert [each.full_name for each in meant("Giang", ROLL)] == ["Vũ Hương Giang"]
    assert "Vũ Hương Giang" not in [each.full_name for each in meant("Hương", ROLL)]


def test_a_polite_word_is_no_name_and_a_name_no_day() -> None:
    line = read_line("chi Khánh trồng cây", ROLL, NOON)
    assert [each.full_name for each in line.people] == ["Đỗ Quốc Khánh"]
    line = read_line("Chi nộp báo cáo mai", ROLL, NOON)
    assert [each.full_name for each in line.people] == ["Lê Thị Chi"]
    assert line.due == date(2026, 8, 4)
    line = read_line("Thăm gia đình chị Mai", ROLL, NOON)
    assert (line.text, line.due) == ("Thăm gia đình chị Mai", None)


def test_what_is_missing_is_left_open() -> None:
    line = read_line("trồng cây ở đường chính", ROLL, NOON)
    assert (line.text, line.people, line.due) == ("Trồng cây ở đường chính", [], None)


def test_a_day_that_is_not_in_the_calendar_is_said() -> None:
    line = read_line("Hương trồng cây, hạn 29/2/2027", ROLL, NOON)
    assert line.text == "Trồng cây"
    assert line.due is None
    assert line.problem is not None
    assert "không có trong lịch" in Reader().plain(line.problem)
    assert read_line("Hương trồng cây, hạn 29/2/2028", ROLL, NOON).due == date(2028, 2, 29)


def test_before_may_begin_a_sentence_that_is_no_day() -> None:
    line = read_line("An dọn phòng trước khi họp, hạn 15/9", ROLL, NOON)
    assert (line.text, line.due) == ("Dọn phòng trước khi họp", DUE)


# -- written down ------------------------------------------------------------------------------


def met(town: Town) -> int:
    """A meeting of the branch in an hour; nobody has been told of it yet."""

    def call(session: Session) -> int:
        an = speakers.who(session, ACCOUNTS["an"], today=NOON.date(), owner=False)
        unit, starts = unit_id(session, BRANCH_1), NOON + timedelta(hours=1)
        plan = Plan(unit, MeetingKind.REGULAR, starts, "Hội trường")
        return meetings.call(session, an, plan, token="t", quiet=QUIET, now=NOON).id

    return town.database.run(call)


def the_list(town: Town, name: str = "an") -> None:
    """Up to the list of what the meeting has resolved."""
    who = town.people[name]
    who.send("/quanly")
    who.press("Các cuộc họp", who.wait_for("Quản lý"))
    who.press("Họp 3/8 13:00", who.wait_for("sắp họp"))
    who.press("Trong buổi họp", who.wait_for("Hội trường"))
    who.press("Nghị quyết", who.wait_for("TRONG BUỔI HỌP"))
    who.wait_for("NGHỊ QUYẾT")


def the_tasks(town: Town) -> list[Task]:
    return town.database.run(lambda s: list(s.exec(select(Task).order_by(col(Task.id))).all()))


def written(town: Town, line: str = LINE) -> Task:
    met(town)
    the_list(town)
    town.an.send(line)
    town.an.press("Ghi", town.an.wait_for("GHI NGHỊ QUYẾT"))
    town.an.wait_for("1. Lập danh sách hộ khó khăn")
    return the_tasks(town)[-1]


def test_one_line_is_shown_back_in_full_and_then_written_down(town: Town) -> None:
    met(town)
    the_list(town)
    town.an.send(LINE)
    back = town.an.wait_for("GHI NGHỊ QUYẾT")
    assert "Việc: Lập danh sách hộ khó khăn" in back.text
    assert "Người làm: Nguyễn Thị Hương · Tổ 1" in back.text
    assert "Hạn: thứ Ba 15/9/2026" in back.text
    assert back.buttons == ["Ghi", "Sửa", "Hủy"]
    assert the_tasks(town) == []
    data = back.button("Ghi").data or ""
    town.an.press_data(back, data, wait=False)
    town.an.press_data(back, data)
    town.an.wait_for("1. Lập danh sách hộ khó khăn – Nguyễn Thị Hương, hạn 15/9")
    town.world.settle()
    assert [(each.text, each.due) for each in the_tasks(town)] == [(TASK, DUE)]
    news = town.huong.wait_for("VIỆC MỚI, theo nghị quyết cuộc họp:")
    assert TASK in news.text
    assert news.buttons == ["Xong ✓", "Việc của tôi", "‹ Trang đầu"]


def test_step_by_step_asks_what_is_missing(town: Town) -> None:
    met(town)
    the_list(town)
    town.an.press("Thêm nghị quyết")
    town.an.wait_for("Việc gì?")
    town.an.send("trồng cây ở đường chính")
    town.an.wait_for("Ai làm?")
    town.an.send("khanh")
    town.an.wait_for("Hạn ngày nào?")
    town.an.send("30/2")
    town.an.wait_for("không có trong lịch")
    town.an.send("1/8")
    town.an.wait_for("Ngày đó đã qua")
    town.an.send("hôm nào rảnh")
    days = town.an.wait_for("Chưa rõ ngày 'hôm nào rảnh'")
    town.an.press("Thứ Hai 10/8", days)
    back = town.an.wait_for("Hạn: thứ Hai 10/8/2026")
    assert "Trồng cây ở đường chính" in back.text and "Đỗ Quốc Khánh · Tổ 2" in back.text
    town.an.press("Sửa", back)
    town.an.press("Người làm", town.an.wait_for("Sửa phần nào?"))
    town.an.press("Vũ Hương Giang", town.an.wait_for("Ai làm?"))
    town.an.press("Hủy", town.an.wait_for("Vũ Hương Giang · Tổ 1"))
    town.an.wait_for("Đã hủy")
    assert the_tasks(town) == []


def test_namesakes_are_told_apart_by_their_unit(town: Town) -> None:
    def namesake(session: Session) -> None:
        unit = roster.unit_at(session, f"{BRANCH_1} / Tổ 2")
        roster.new_person(session, unit, "Nguyễn Thị Hương")

    town.database.run(namesake)
    met(town)
    the_list(town)
    town.an.send(LINE)
    asked = town.an.wait_for("Có nhiều đồng chí tên như vậy")
    assert {"N. T. Hương Tổ 1", "N. T. Hương Tổ 2"} <= set(asked.buttons)
    town.an.press("N. T. Hương Tổ 2", asked)
    back = town.an.wait_for("Nguyễn Thị Hương · Tổ 2")
    told = town.an.press("Ghi", back)  # she has no account
    assert "Bot không nhắn được đồng chí Nguyễn Thị Hương" in (told.text or "")


def test_five_hundred_people_are_paged_and_found_by_a_part_of_a_name(town: Town) -> None:
    def crowd(session: Session) -> None:
        unit = roster.unit_at(session, f"{BRANCH_1} / Tổ 3")
        for number in range(493):
            word = f"{chr(97 + number // 26 % 26)}{chr(97 + number % 26)}"
            roster.new_person(session, unit, f"Lý Văn {word.title()}")

    town.database.run(crowd)
    met(town)
    the_list(town)
    town.an.send("dọn nhà văn hóa, hạn 15/9")
    asked = town.an.wait_for("Ai làm?")
    assert "1/63" in asked.buttons
    assert len(asked.buttons) <= 30
    town.an.press("›", asked)
    assert "2/63" in town.an.wait_for("Ai làm?").buttons
    town.an.send("quoc kh")
    town.an.wait_for("Đỗ Quốc Khánh · Tổ 2")


def test_an_old_form_says_what_became_of_it(town: Town) -> None:
    met(town)
    the_list(town)
    town.an.send(LINE)
    back = town.an.wait_for("GHI NGHỊ QUYẾT")
    town.an.press("Hủy", back)
    town.an.wait_for("Đã hủy")
    town.an.press_data(back, back.button("Ghi").data or "")
    town.an.wait_for("Việc này đã ghi hoặc đã hủy rồi.")
    assert the_tasks(town) == []


# -- done --------------------------------------------------------------------------------------


def test_an_owner_does_a_task_with_a_word_of_proof(town: Town) -> None:
    task = written(town)
    town.huong.press("Xong ✓", town.huong.wait_for("VIỆC MỚI"))
    town.huong.wait_for("Kết quả ra sao?")
    town.huong.send("đã gửi 12 hộ")
    back = town.huong.wait_for("Kết quả: đã gửi 12 hộ")
    assert the_tasks(town)[0].done_at is None
    town.huong.press("Ghi là xong", back)
    assert "ĐÃ XONG" in town.huong.wait_for("Kết quả: đã gửi 12 hộ").text
    town.world.settle()
    assert "đã gửi" not in town.an.transcript()  # no message for each task
    town.an.press_data(town.an.last, f"resolutions:{task.meeting_id}")
    town.an.wait_for("Nguyễn Thị Hương, đã xong")
    town.an.press_data(town.an.last, f"task:{task.id}")
    town.an.press("Mở lại", town.an.wait_for("Kết quả: đã gửi 12 hộ"))
    town.an.wait_for("Vì sao chưa xong?")
    town.an.send("thiếu 2 hộ")
    town.an.press("Mở lại việc này", town.an.wait_for("Làm lại vì: thiếu 2 hộ"))
    assert "Làm lại vì: thiếu 2 hộ" in town.huong.wait_for("MỞ LẠI").text


def test_the_home_screen_and_my_tasks_tell_what_is_to_do(town: Town) -> None:
    written(town)
    town.huong.send("/start")
    assert "Cần làm: 1 việc" in town.huong.wait_for("Cần làm").text
    town.huong.send("/viec")
    mine = town.huong.wait_for("Việc của tôi")
    assert "1. Lập danh sách hộ khó khăn – hạn 15/9" in mine.text
    town.huong.press("1", mine)
    town.huong.press("Xong ✓", town.huong.wait_for("Hạn: thứ Ba 15/9/2026"))
    town.huong.press("Không cần ghi", town.huong.wait_for("Kết quả ra sao?"))
    town.huong.wait_for("ĐÃ XONG")
    town.huong.send("/tasks")
    assert "Lập danh sách" not in town.huong.wait_for("Việc của tôi").text


def test_a_late_task_says_so_in_words_and_the_committee_hears_on_monday(town: Town) -> None:
    written(town, "Hương lập danh sách hộ khó khăn, hạn 7/8")
    town.huong.wait_for("VIỆC MỚI")
    town.world.settle()
    town.world.advance(hours=21)
    for _day in range(6):
        town.world.settle()
        town.world.advance(days=1)
    told = town.an.wait_for("QUÁ HẠN · Chi bộ 1 · 1 việc")
    assert "Nguyễn Thị Hương: Lập danh sách hộ khó khăn – quá hạn 3 ngày" in told.text
    town.huong.send("/viec")
    assert "quá hạn 3 ngày" in town.huong.wait_for("1. Lập danh sách").text
    assert "QUÁ HẠN" not in town.lan.transcript()
    assert town.huong.transcript().count("Nhắc việc:") <= 2


def test_another_date_is_shown_back_and_told(town: Town) -> None:
    task = written(town)
    town.huong.wait_for("VIỆC MỚI")
    town.world.settle()
    town.an.press("1")
    shown = town.an.wait_for("Người làm: Nguyễn Thị Hương")
    assert shown.buttons[:4] == ["Sửa hạn", "Giao người khác", "Xong ✓", "Bỏ việc"]
    town.an.press("Sửa hạn", shown)
    town.an.wait_for("Hạn ngày nào?")
    town.an.send("20/9")
    town.an.press("Đúng", town.an.wait_for("Hạn mới: Chủ nhật 20/9/2026. Đúng không?"))
    town.an.wait_for("Hạn: Chủ nhật 20/9/2026")
    assert "20/9/2026" in town.huong.wait_for("ĐỔI HẠN").text
    town.an.press_data(shown, f"task_drop_yes:{task.id}:0")
    town.an.wait_for("Có người vừa sửa việc này.")
    assert the_tasks(town)[0].dropped_at is None


def test_what_is_unfinished_stands_before_the_next_meeting(town: Town) -> None:
    written(town)

    def next_one(session: Session) -> int:
        an = speakers.who(session, ACCOUNTS["an"], today=NOON.date(), owner=False)
        unit, starts = unit_id(session, BRANCH_1), NOON + timedelta(days=30)
        plan = Plan(unit, MeetingKind.REGULAR, starts, "Hội trường")
        return meetings.call(session, an, plan, token="next", quiet=QUIET, now=NOON).id

    meeting_id = town.database.run(next_one)
    town.an.press_data(town.an.last, f"hub:{meeting_id}:before")
    hub = town.an.wait_for("Việc còn dở từ trước: 1")
    town.an.press("Việc còn dở", hub)
    town.an.wait_for("1. Lập danh sách hộ khó khăn – Nguyễn Thị Hương, hạn 15/9")


def test_a_neighbour_and_a_member_get_nothing_from_forged_buttons(town: Town) -> None:
    task = written(town)
    forged = (
        f"resolutions:{task.meeting_id}",
        f"resolve:{task.meeting_id}",
        f"task:{task.id}",
        f"task_date:{task.id}:0:2026-10-01",
        f"task_to_yes:{task.id}:0:{town.ids['giang']}",
        f"task_drop_yes:{task.id}:0",
        f"task_done_yes:{task.id}",
        f"task_plain:{task.id}",
        f"my_task:{task.id}",
        f"tasks_late:{task.unit_id}:0",
    )
    for name in ("lan", "giang", "minh"):
        who = town.people[name]
        who.send("/trogiup")
        screen = who.wait_for("Trợ giúp")
        for data in forged:
            who.press_data(screen, data)
        town.world.settle()
        assert "Lập danh sách" not in who.transcript()
    now = the_tasks(town)[0]
    assert (now.owner_id, now.due, now.done_at, now.dropped_at) == (task.owner_id, DUE, None, None)
