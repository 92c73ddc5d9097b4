"""A question typed in private or asked in a group, answered from the base."""

from __future__ import annotations

from datetime import date

import pytest

from storage import questions
from storage.powers import Actor
from storage.questions import NewEntry
from tests.town import BRANCH_1, NOON, Town, unit_id

BASE = [
    NewEntry("Mức đóng đảng phí", "Đảng viên hưởng lương đóng 1% <thu nhập>.", "Sổ tay, mục 4.2"),
    NewEntry("Miễn, giảm đảng phí", "Chi bộ đề nghị, cấp trên quyết định."),
    NewEntry("Chuyển sinh hoạt đảng", "Nộp giấy giới thiệu trong 30 ngày."),
    NewEntry("Sinh hoạt chi bộ thường kỳ", "Mỗi tháng một lần."),
]
ASKED = "dang phi dong bao nhieu"


@pytest.fixture(autouse=True)
def base(town: Town) -> None:
    """Everybody's base, and an entry of the first branch alone."""
    town.database.run(lambda s: questions.apply(s, Actor(1, owner=True), BASE, now=NOON))
    town.database.run(
        lambda s: questions.put(
            s, unit_id(s, BRANCH_1), NewEntry("Phòng họp ở đâu?", "Tầng hai nhà văn hóa.")
        )
    )


def test_a_question_without_accents_finds_its_answer(town: Town) -> None:
    town.huong.send(ASKED)
    found = town.huong.wait_for("1. Mức đóng đảng phí (Sổ tay, mục 4.2)")
    assert found.text.splitlines()[1] == "2. Miễn, giảm đảng phí"
    assert found.buttons[-2:] == ["Gửi cho cấp ủy", "‹ Trang đầu"]
    town.huong.press("1")
    answer = town.huong.wait_for("Đảng viên hưởng lương đóng 1% <thu nhập>.")
    assert answer.id == found.id
    assert "Nguồn: Sổ tay, mục 4.2" in answer.text
    town.huong.press("‹ Quay lại")
    assert town.huong.wait_for("1. Mức đóng đảng phí").buttons == found.buttons


def test_an_answer_tells_since_when_it_holds(town: Town) -> None:
    dated = NewEntry("Tuổi kết nạp đảng viên", "Đủ 18 tuổi.", valid_from=date(2026, 1, 1))
    town.database.run(lambda s: questions.put(s, None, dated))
    town.huong.send("/hoi tuoi ket nap dang vien")
    town.huong.wait_for("1. Tuổi kết nạp đảng viên")
    town.huong.press("1")
    assert "Hiệu lực từ 1/1/2026" in town.huong.wait_for("Đủ 18 tuổi.").text


def test_the_label_and_the_command_explain_how_to_ask(town: Town) -> None:
    for typed in ("Hỏi đáp", "/hoi", "/ask"):
        town.huong.send(typed)
        town.huong.wait_for("có dấu hay không dấu")
    town.huong.send("chuyen sinh hoat")
    town.huong.wait_for("1. Chuyển sinh hoạt đảng")


def test_an_open_result_takes_no_keyboard_label_for_a_question(town: Town) -> None:
    town.huong.send(ASKED)
    town.huong.wait_for("1. Mức đóng đảng phí")
    town.huong.send("Hỏi đáp")
    town.huong.wait_for("có dấu hay không dấu")


def test_what_nobody_has_answered_is_said_honestly(town: Town) -> None:
    town.huong.send("thời tiết hôm nay thế nào")
    said = town.huong.wait_for("chưa tìm thấy câu trả lời")
    assert said.buttons == ["Gửi cho cấp ủy", "‹ Trang đầu"]


def test_a_weak_likeness_is_not_passed_off_as_an_answer(town: Town) -> None:
    town.huong.send("cuối năm họp xét thi đua sinh hoạt hè cho các cháu")
    assert "1. " not in town.huong.wait_for("chưa").text.splitlines()[0]


def test_another_branchs_entry_cannot_be_opened_by_its_number(town: Town) -> None:
    town.huong.send("phong hop o dau")
    town.huong.wait_for("1. Phòng họp ở đâu?")
    data = town.huong.last.button("1").data
    assert data is not None
    town.minh.send("phong hop o dau")
    town.minh.wait_for("chưa")
    town.minh.press_data(town.minh.last, data)
    town.minh.wait_for("không dành cho")
    assert "Tầng hai" not in town.minh.transcript()


def test_a_result_whose_entries_are_gone_says_so(town: Town) -> None:
    town.huong.send(ASKED)
    found = town.huong.wait_for("1. Mức đóng đảng phí")
    town.huong.press_data(found, "found:998-999-x-")
    town.huong.wait_for("không còn nữa")


def test_a_result_pressed_after_a_restart_still_opens(town: Town) -> None:
    town.huong.send(ASKED)
    town.huong.wait_for("1. Mức đóng đảng phí")
    town.close()
    town.open()
    town.huong.press("1")
    town.huong.wait_for("đóng 1%")


def test_a_stranger_learns_nothing_from_the_base(town: Town) -> None:
    town.xuan.send(ASKED)
    town.xuan.send(f"/hoi {ASKED}")
    town.world.settle()
    assert "đảng phí" not in town.xuan.transcript().replace(ASKED, "")


def test_the_owner_reads_the_base_but_has_no_committee_to_ask(town: Town) -> None:
    town.quyen.send(ASKED)
    assert "Gửi cho cấp ủy" not in town.quyen.wait_for("1. Mức đóng đảng phí").buttons


def test_in_a_group_a_certain_answer_comes_as_a_reply(town: Town) -> None:
    group = town.group()
    asked = town.huong.send(f"/hoi {ASKED}", chat=group)
    answer = group.wait_for("đóng 1%")
    assert answer.reply_to == asked.id
    assert "Nguồn: Sổ tay, mục 4.2" in answer.text
    assert answer.buttons == []


def test_in_a_group_an_uncertain_question_is_led_to_the_private_chat(town: Town) -> None:
    group = town.group()
    town.huong.send("/hoi thời tiết hôm nay", chat=group)
    said = group.wait_for("hỏi riêng")
    assert said.button("Hỏi riêng").url == "https://t.me/chibo_bot"


def test_in_a_group_ask_alone_explains_itself(town: Town) -> None:
    group = town.group()
    town.huong.send("/hoi@chibo_bot", chat=group)
    group.wait_for("ngay sau /hoi")


def test_a_groups_other_messages_are_not_read(town: Town) -> None:
    group = town.group()
    town.huong.send(ASKED, chat=group)
    town.world.settle()
    assert not any("đảng phí" in message.text for message in group.messages() if message.from_bot)


def test_the_group_of_one_branch_does_not_hear_the_entries_of_another(town: Town) -> None:
    group = town.group("Đảng bộ Sở Y tế / Chi bộ 2", "Chi bộ 2")
    town.huong.send("/hoi phong hop o dau", chat=group)
    group.wait_for("hỏi riêng")


# -- a file of questions -----------------------------------------------------------------------

FILE = (
    "Câu hỏi;Trả lời;Hiệu lực từ\nĐảng phí của người nghỉ hưu;0,5% lương hưu.;1/1/2026\n".encode()
)


def test_a_file_is_shown_before_it_is_written_and_written_once(town: Town) -> None:
    town.an.send_document("hoi-dap.csv", FILE)
    shown = town.an.wait_for("1 mới, 0 thay đổi, 0 như cũ")
    assert "Dùng cho Chi bộ 1 và các đơn vị bên dưới." in shown.text
    town.huong.send("dang phi nguoi nghi huu")
    assert "nghỉ hưu" not in town.huong.wait_for("1. ").text
    data = shown.rows[0][0].data
    assert data is not None
    town.an.press_data(shown, data)
    town.an.wait_for("Đã ghi vào hỏi đáp.")
    town.an.press_data(shown, data)
    town.an.wait_for("Tệp này đã xử lý xong")
    town.huong.send("dang phi nguoi nghi huu")
    town.huong.wait_for("1. Đảng phí của người nghỉ hưu")
    town.an.send_document("hoi-dap.csv", FILE)
    town.an.wait_for("Cả 1 câu đã có trong hỏi đáp")


def test_a_file_with_mistakes_is_shown_row_and_column(town: Town) -> None:
    town.an.send_document("hoi-dap.csv", FILE.replace(b"1/1/2026", b"31/2/2026"))
    said = town.an.wait_for("Chưa ghi gì").text
    assert "2" in said and "Hiệu lực từ: 31/2/2026 không có trong lịch." in said


def test_a_member_cannot_write_to_the_base(town: Town) -> None:
    town.huong.send_document("hoi-dap.csv", FILE)
    town.huong.send("/trogiup")
    town.huong.press_data(town.huong.wait_for("Trợ giúp"), "questionswrite")
    town.huong.wait_for("Việc này do bí thư làm")
    town.giang.send("dang phi nguoi nghi huu")
    assert "nghỉ hưu" not in town.giang.wait_for("1. ").text
