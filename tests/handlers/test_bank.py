"""The question bank in the chat: files taken, questions of every kind asked, figures told."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from bot.simulator.client import Message
from storage import bank
from storage.bank import Half, Item, ItemKind
from storage.bank_files import COLUMNS, NAME
from storage.campaigns import QuizAnswer, QuizRun
from storage.reading import read
from tests.handlers.test_campaigns import choose, letter_of, restart, take
from tests.storage.test_campaigns import campaign_toml, lesson_toml
from tests.town import Town

SINGLE = """
[[lesson.question]]
ask = "Họp thường kỳ bao lâu một lần?"
choices = ["mỗi tháng", "mỗi quý", "mỗi năm"]
answer = "A"
why = "Mỗi tháng một lần."
"""
MULTIPLE = """
[[lesson.question]]
ask = "Kết luận cần nêu gì?"
choices = ["việc gì", "ai làm", "ai nói nhiều", "bao giờ xong"]
answer = ["A", "B", "D"]
"""
TRUE_FALSE = """
[[lesson.question]]
ask = "Tài liệu gửi trước một ngày."
answer = true
"""
ORDER = """
[[lesson.question]]
kind = "order"
ask = "Xếp theo thứ tự."
choices = ["biểu quyết", "khai mạc", "thảo luận"]
answer = "B, C, A"
"""
SHORT = """
[[lesson.question]]
kind = "short"
ask = "Ít nhất bao nhiêu phút?"
answer = ["90", "chín mươi"]
"""
CSV = """Loại câu;Câu hỏi;A;B;C;Đáp án;Giải thích;Chủ đề
một đáp án;Câu một?;đúng;sai;;A;Vì vậy.;Điều lệ
nhiều đáp án;Câu hai?;đúng;cũng đúng;sai;A, B;;Điều lệ
"""


def begin(town: Town, folder: Path, *questions: str) -> Message:
    """Hương opens the quiz of a lesson with these questions."""
    lesson_id = take(town, folder, campaign_toml(lesson_toml("Bài 1") + "".join(questions)))[0]
    town.huong.send("/hoctap")
    screen = town.huong.wait_for("Học tập Chỉ thị 01")
    town.huong.press_data(screen, f"quiz:{lesson_id}")
    return town.huong.wait_for("Câu 1/")


def answers(town: Town) -> list[tuple[object, bool]]:
    """What has been given so far, in the order of giving."""
    kept = select(QuizAnswer).order_by(col(QuizAnswer.id))
    return town.database.run(lambda s: [(each.given, each.right) for each in s.exec(kept)])


def halves(town: Town) -> list[object]:
    return town.database.run(lambda s: list(s.exec(select(Half.given)).all()))


# -- each kind ---------------------------------------------------------------------------------


def test_true_or_false_takes_one_tap(town: Town, tmp_path: Path) -> None:
    asked = begin(town, tmp_path, TRUE_FALSE)
    assert asked.text.splitlines()[1:] == ["Tài liệu gửi trước một ngày.", "A. Đúng", "B. Sai"]
    town.huong.press("B")
    town.huong.wait_for("Chưa đúng. Đáp án: A. Đúng")
    assert answers(town) == [([1], False)]


def test_several_are_chosen_one_by_one_and_then_given(town: Town, tmp_path: Path) -> None:
    asked = begin(town, tmp_path, MULTIPLE)
    assert asked.text.splitlines()[-1] == "Chọn mọi ý đúng, rồi bấm Chốt."
    assert "Chốt" not in asked.buttons
    letters = {each: letter_of(asked, each) for each in ("việc gì", "ai làm", "bao giờ xong")}
    wrong = letter_of(asked, "ai nói nhiều")
    town.huong.press(letters["việc gì"])
    town.huong.wait_for(f"Đã chọn: {letters['việc gì']}")
    town.huong.press(wrong)
    chosen = ", ".join(sorted([letters["việc gì"], wrong]))
    town.huong.wait_for(f"Đã chọn: {chosen}")
    restart(town)
    town.huong.press(f"{wrong} ✓", timeout=20)  # taken back
    only = f"Đã chọn: {letters['việc gì']}"
    town.huong.wait_for(lambda message: message.text.endswith(only))
    town.huong.press(letters["ai làm"])
    town.huong.press(letters["bao giờ xong"])
    shown = town.huong.wait_for(f"Đã chọn: {', '.join(sorted(letters.values()))}")
    assert shown.id == asked.id
    assert answers(town) == []
    town.huong.press("Chốt")
    result = town.huong.wait_for("Đúng. ")
    assert "1/1 – ĐẠT" in result.text and "; " in result.text
    assert (answers(town), halves(town)) == ([([0, 1, 3], True)], [])


def test_one_right_answer_of_several_is_not_enough(town: Town, tmp_path: Path) -> None:
    asked = begin(town, tmp_path, MULTIPLE)
    town.huong.press(letter_of(asked, "việc gì"))
    town.huong.wait_for("Đã chọn:")
    town.huong.press("Chốt")
    town.huong.wait_for("Chưa đúng. Đáp án:")
    assert answers(town) == [([0], False)]


def test_a_tap_that_comes_twice_chooses_once(town: Town, tmp_path: Path) -> None:
    asked = begin(town, tmp_path, MULTIPLE)
    data = asked.button(letter_of(asked, "việc gì")).data or ""
    for _time in range(3):
        town.huong.press_data(asked, data, wait=False)
    town.world.settle()
    assert halves(town) == [[0]]


def test_an_order_is_pressed_letter_by_letter(town: Town, tmp_path: Path) -> None:
    asked = begin(town, tmp_path, ORDER)
    letters = [letter_of(asked, each) for each in ("khai mạc", "thảo luận", "biểu quyết")]
    assert letters != ["A", "B", "C"]  # it is not shown in the right order
    town.huong.press(letters[2])
    town.huong.wait_for(f"Thứ tự đã chọn: {letters[2]}")
    town.huong.press("Làm lại từ đầu")
    town.huong.wait_for("Bấm các chữ cái theo thứ tự đúng.")
    first = asked.button(letters[0]).data or ""
    town.huong.press_data(asked, first, wait=False)
    town.huong.press_data(asked, first)  # again: it has its place already
    town.world.settle()
    assert halves(town) == [[1]]
    restart(town)
    town.huong.press(letters[1], timeout=20)
    half = town.huong.wait_for(f"Thứ tự đã chọn: {letters[0]} → {letters[1]}")
    assert [each for each in half.buttons if len(each) == 1] == [letters[2]]
    assert "Chốt" not in half.buttons
    town.huong.press(letters[2])
    town.huong.wait_for(f"Thứ tự đã chọn: {' → '.join(letters)}")
    town.huong.press("Chốt")
    town.huong.wait_for("Đúng. ")
    assert answers(town) == [([1, 2, 0], True)]


def test_a_word_is_typed_shown_back_and_given(town: Town, tmp_path: Path) -> None:
    assert "Gõ câu trả lời rồi gửi." in begin(town, tmp_path, SHORT).text
    town.huong.send("60")
    town.huong.wait_for("Đồng chí trả lời: 60")
    assert answers(town) == []
    restart(town)
    town.huong.send("  CHIN MƯƠI. ")
    town.huong.wait_for("Đồng chí trả lời: CHIN MƯƠI.", timeout=20)
    town.huong.press("Chốt")
    town.huong.wait_for("Đúng. 90")
    assert answers(town) == [("CHIN MƯƠI.", True)]
    town.huong.send("90")  # the form is closed: this is a question again
    town.world.settle()
    assert answers(town) == [("CHIN MƯƠI.", True)]


def test_what_is_typed_after_a_pause_is_no_answer(town: Town, tmp_path: Path) -> None:
    begin(town, tmp_path, SHORT)
    town.huong.press("Tạm dừng")
    town.huong.wait_for("Đã tạm dừng")
    town.huong.send("90")
    town.world.settle()
    assert halves(town) == []


def test_nothing_chosen_is_no_answer_and_an_old_button_shows_the_present(
    town: Town, tmp_path: Path
) -> None:
    asked = begin(town, tmp_path, MULTIPLE, SINGLE)
    run, item = town.database.run(
        lambda s: (
            s.exec(select(QuizRun.id)).one(),
            s.exec(select(Item.id).where(Item.kind == ItemKind.MULTIPLE)).one(),
        )
    )
    town.huong.press_data(asked, f"quizgive:{run}:{item}")
    town.huong.wait_for("chưa trả lời xong câu này")
    town.huong.press(letter_of(asked, "việc gì"), asked)
    town.huong.wait_for("Đã chọn")
    town.huong.press("Chốt")
    town.huong.wait_for("Chưa đúng")
    town.huong.press_data(asked, asked.button(letter_of(asked, "ai làm")).data or "")
    town.world.settle()
    seen = town.huong.refresh(asked)
    assert seen is not None and "Chưa đúng" in seen.text  # the judgement, as before
    town.huong.press("Câu tiếp ›", seen)
    choose(town.huong, "mỗi tháng", "Câu 2/2")
    town.huong.wait_for("1/2 – ĐẠT")
    for old in (f"quizgive:{run}:{item}", f"quizpick:{run}:{item}:1:1"):
        town.huong.press_data(asked, old)
        town.world.settle()
        seen = town.huong.refresh(asked)
        assert seen is not None and "1/2 – ĐẠT" in seen.text
    assert (len(answers(town)), halves(town)) == (2, [])


def test_everybody_has_choices_in_an_order_of_their_own_that_stays(
    town: Town, tmp_path: Path
) -> None:
    eight = ", ".join(f'"số {n}"' for n in range(1, 9))
    question = f'[[lesson.question]]\nask = "Số nào?"\nchoices = [{eight}]\nanswer = "A"\n'
    hers = begin(town, tmp_path, question)
    lesson = hers.button("Tạm dừng").data or ""
    town.giang.send("/hoctap")
    town.giang.press_data(town.giang.wait_for("Chỉ thị 01"), lesson.replace("quizpause", "quiz"))
    his = town.giang.wait_for("Câu 1/1")
    assert hers.text != his.text
    assert sorted(each[3:] for each in hers.text.splitlines()[2:]) == sorted(
        each[3:] for each in his.text.splitlines()[2:]
    )
    town.huong.press("Tạm dừng")
    town.huong.wait_for("Đã tạm dừng")
    restart(town)
    town.huong.press("Làm tiếp", timeout=20)
    assert town.huong.wait_for("Câu 1/1").text == hers.text


# -- a file ------------------------------------------------------------------------------------


def items(town: Town) -> list[str]:
    return town.database.run(lambda s: [each.ask for each in s.exec(select(Item)).all()])


@pytest.mark.parametrize(
    ("name", "content", "asks"),
    [
        ("cau-hoi.csv", CSV, ["Câu một?", "Câu hai?"]),
        ("cau-hoi.gift", "Câu một? {=a ~b}\n\nCâu hai? {T}\n", ["Câu một?", "Câu hai?"]),
        ("cau-hoi.txt", "Câu một?\nA. a\nB. b\nANSWER: A\n", ["Câu một?"]),
        ("gift.txt", "Câu một? {=a ~b}", ["Câu một?"]),
    ],
)
def test_the_secretary_sends_questions_and_confirms_them(
    town: Town, name: str, content: str, asks: list[str]
) -> None:
    town.an.send_document(name, content.encode())
    told = town.an.wait_for("CHƯA GHI GÌ.", timeout=20)
    assert f"{name}: {len(asks)} câu hỏi" in told.text
    assert "Dùng cho Chi bộ 1 và mọi đơn vị bên dưới." in told.text
    assert items(town) == []
    town.an.press(f"Ghi {len(asks)} câu")
    town.an.wait_for("Đã ghi vào ngân hàng câu hỏi.")
    assert items(town) == asks
    town.an.send_document(name, content.encode())
    town.an.wait_for(f"Cả {len(asks)} câu đã có", timeout=20)


def test_nothing_is_written_when_one_row_is_wrong(town: Town) -> None:
    town.an.send_document("a.csv", (CSV + "một đáp án;Câu ba?;a;a;;A;;\n").encode())
    told = town.an.wait_for("Chưa nhận được tệp. Chưa ghi gì.", timeout=20)
    assert "Dòng 4: Có hai phương án giống nhau." in told.text
    town.an.send_document("a.gift", "Câu một? {=a ~b}\n\nViết đi. {}".encode())
    told = town.an.wait_for("Dòng 3: Chưa nhận câu tự luận", timeout=20)
    assert items(town) == []


def test_a_second_tap_on_write_writes_nothing_more(town: Town) -> None:
    town.an.send_document("a.csv", CSV.encode())
    told = town.an.wait_for("CHƯA GHI GÌ.", timeout=20)
    for _time in range(2):
        town.an.press_data(told, told.button("Ghi 2 câu").data or "")
    town.an.wait_for("Tệp này đã xử lý xong")
    assert len(items(town)) == 2


def test_a_member_cannot_send_questions(town: Town) -> None:
    town.huong.send_document("a.csv", CSV.encode())
    town.huong.wait_for("Tôi không nhận tệp từ đồng chí.")
    assert items(town) == []


def test_the_example_is_read_as_it_is_sent(town: Town) -> None:
    town.an.send("/chiendich")
    town.an.wait_for("Chiến dịch học tập")
    town.an.press("Ngân hàng câu hỏi")
    town.an.wait_for("Đang dùng: 0 · đã bỏ: 0")
    town.an.press("Tệp mẫu")
    sent = town.an.wait_for(lambda message: message.document is not None, timeout=20)
    assert sent.document is not None
    found = read("a.xlsx", sent.document.read(), {NAME: COLUMNS})
    assert {each.kind for each in bank.items_of(found.table)} == {*ItemKind}


# -- the committee -----------------------------------------------------------------------------


def test_the_secretary_looks_through_the_bank_and_takes_a_question_out(town: Town) -> None:
    town.an.send_document("a.csv", CSV.encode())
    town.an.wait_for("CHƯA GHI GÌ.", timeout=20)
    town.an.press("Ghi 2 câu")
    town.an.wait_for("Đã ghi vào")
    town.an.press("‹ Câu hỏi")
    desk = town.an.wait_for("Đang dùng: 2 · đã bỏ: 0")
    assert "Chủ đề: Điều lệ 2" in desk.text
    town.an.press("Mọi câu hỏi")
    town.an.wait_for("1. Câu một?")
    town.an.press("2")
    seen = town.an.wait_for("Đáp án: A. đúng; B. cũng đúng")
    assert "0 người trả lời: còn ít" in seen.text
    town.an.press("Bỏ câu này")
    town.an.wait_for("Câu hai? (đã bỏ)")
    town.an.press("‹ Câu hỏi")
    town.an.wait_for("Đang dùng: 1 · đã bỏ: 1")
    town.an.press("Mọi câu hỏi")
    town.an.wait_for("2. Câu hai? (đã bỏ)")
    town.an.press("2")
    town.an.wait_for("(đã bỏ)")
    town.an.press("Dùng lại câu này")
    town.an.wait_for(lambda message: "Bỏ câu này" in message.buttons)


def test_the_hardest_question_comes_first_and_the_workbook_counts_every_choice(
    town: Town, tmp_path: Path
) -> None:
    take(town, tmp_path, campaign_toml(lesson_toml("Bài 1") + SINGLE + TRUE_FALSE))

    def answered(session: Session) -> None:
        from storage import campaigns
        from storage.campaigns import Lesson
        from tests.storage.test_campaigns import actor
        from tests.town import NOON

        lesson = session.exec(select(Lesson)).one()
        taken = {"huong": 0, "giang": 0, "dung": 0, "khanh": 1, "an": 1, "binh": 1}
        for name, choice in taken.items():
            who = actor(session, name)
            quiz = campaigns.play(session, who, lesson.id, now=NOON)
            for question in quiz.questions:
                given = [choice] if question.kind == ItemKind.SINGLE else [0]
                campaigns.judge(session, who, quiz.run.id, question.id, given, now=NOON)

    town.database.run(answered)
    town.an.send("/chiendich")
    town.an.press("Ngân hàng câu hỏi", town.an.wait_for("Chiến dịch học tập"))
    town.an.press("Câu khó nhất", town.an.wait_for("Đang dùng: 2"))
    told = town.an.wait_for("Câu khó nhất\n").text.splitlines()
    assert told[1:] == [
        "1. Họp thường kỳ bao lâu một lần? · đúng 50% trong 6 người",
        "2. Tài liệu gửi trước một ngày. · đúng 100% trong 6 người",
    ]
    town.an.press("1")
    seen = town.an.wait_for("6 người trả lời, đúng 50%.")
    assert seen.text.splitlines()[1:4] == [
        "A. mỗi tháng · 3 người",
        "B. mỗi quý · 3 người",
        "C. mỗi năm · 0 người",
    ]
    assert "Hương" not in town.an.transcript()
    town.an.press("‹ Câu hỏi")
    town.an.press("Tải thống kê", town.an.wait_for("Đang dùng: 2"))
    sent = town.an.wait_for(lambda message: message.document is not None, timeout=20)
    assert sent.document is not None
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_filelike(io.BytesIO(sent.document.read()))
    questions, choices = (book.get_sheet_by_index(n).to_python() for n in (0, 1))
    assert questions[1:] == [
        [1, "Họp thường kỳ bao lâu một lần?", "một đáp án", "", 6, 3, 0.5, ""],
        [2, "Tài liệu gửi trước một ngày.", "đúng sai", "", 6, 6, 1, ""],
    ]
    assert [row[2:] for row in choices[1:4]] == [
        ["A", "mỗi tháng", 3, 0.5, "đúng"],
        ["B", "mỗi quý", 3, 0.5, ""],
        ["C", "mỗi năm", 0, 0, ""],
    ]
