"""The results of a campaign as its committee meets them: screens, files, the card, paper."""

from __future__ import annotations

import io
from pathlib import Path

from docx import Document
from PIL import Image
from python_calamine import CalamineWorkbook
from sqlmodel import Session, select

from bot.simulator.client import Message, Person
from handlers.follow import card, files
from handlers.report import charts
from handlers.text import Reader
from storage import bank, follow
from storage.campaigns import Campaign, Lesson
from tests.storage.test_campaigns import actor
from tests.storage.test_follow import THREE, by_hand
from tests.town import BRANCH_1, NOON, Town, unit_id


def studied(town: Town, folder: Path, text: str = THREE) -> int:
    """The campaign of the table in tests/storage/test_follow.py; its number."""
    return town.database.run(lambda s: by_hand(s, town.ids, folder, text).id)


def results(town: Town, person: Person | None = None) -> Message:
    who = person or town.an
    who.send("/chiendich")
    who.wait_for("Chiến dịch học tập")
    who.press("Học tập Chỉ thị 01")
    who.wait_for("1/8 – 31/8")
    who.press("Kết quả")
    return who.wait_for("KẾT QUẢ")


def file_of(person: Person) -> bytes:
    got = person.wait_for(lambda message: message.document is not None, timeout=60)
    assert got.document is not None
    return got.document.read()


def words_of(content: bytes) -> str:
    made = Document(io.BytesIO(content))
    cells = [cell.text for table in made.tables for row in table.rows for cell in row.cells]
    heads = [each.text for part in made.sections for each in part.header.paragraphs]
    return "\n".join([*heads, *(each.text for each in made.paragraphs), *cells])


def test_the_results_stand_in_six_lines(town: Town, tmp_path: Path) -> None:
    studied(town, tmp_path)
    shown = results(town)
    assert shown.text.splitlines() == [
        "KẾT QUẢ · Học tập Chỉ thị 01",
        "1/8 – 31/8 · đã mở 2/3 bài",
        "▰▰▰▰▰▰▰▰▱▱ Tham gia 4/5 (80%)",
        "▰▰▱▱▱▱▱▱▱▱ Học xong 1/5 (20%)",
        "Câu hỏi ôn: trung bình 6,2, đạt 3/4",
        "Khó nhất: bài 1, câu 1: 50% sai",
    ]
    town.an.press("Vì sao?")
    assert "Tính 5 người đang sinh hoạt" in town.an.wait_for("1 người được miễn").text


def test_who_has_not_begun_is_listed_by_how_to_reach_them(town: Town, tmp_path: Path) -> None:
    studied(town, tmp_path)

    def by_phone(session: Session) -> None:
        giang = town.person(session, "giang")
        giang.telegram_id, giang.phone = None, "+84912345678"

    town.database.run(by_phone)
    results(town)
    town.an.press("Chưa học (1)")
    shown = town.an.wait_for("Chưa bắt đầu: 1 người")
    assert "chỉ có điện thoại: Vũ Hương Giang (0912 345 678)" in shown.text


def test_people_and_units_have_bars(town: Town, tmp_path: Path) -> None:
    studied(town, tmp_path)
    results(town)
    town.an.press("Theo người")
    shown = town.an.wait_for("Nguyễn Văn An")
    assert "▰▰▰▰▰▰▰▰▰▰ Nguyễn Văn An: 2/2, trung bình 10" in shown.text
    assert "▱▱▱▱▱▱▱▱▱▱ Vũ Hương Giang: 0/2" in shown.text
    assert "Khánh" not in shown.text
    town.an.press("‹ Quay lại")
    town.an.wait_for("Tham gia 4/5")
    town.an.press("Theo đơn vị")
    assert "▰▰▰▰▰▱▱▱▱▱ Tổ 1: tham gia 1/2, học xong 0" in town.an.wait_for("Tổ 1").text
    town.an.press("‹ Quay lại")
    town.an.wait_for("Tham gia 4/5")
    town.an.press("Câu khó nhất")
    town.an.wait_for("1. Bài 1, câu 1 – bài 1, câu 1: 50% sai trong 4 người")


def test_the_excel_file_has_the_figures_counted_by_hand(town: Town, tmp_path: Path) -> None:
    studied(town, tmp_path)
    results(town)
    town.an.press("Tải Excel")
    book = CalamineWorkbook.from_filelike(io.BytesIO(file_of(town.an)))
    assert book.sheet_names == [
        "Theo đơn vị",
        "Theo bài",
        "Theo người",
        "Câu khó nhất",
        "Cách tính",
    ]
    units = book.get_sheet_by_name("Theo đơn vị").to_python()
    assert units[-1] == ["Tổng cộng", 5, 4, 1, 0.4, 6.25]
    lessons = book.get_sheet_by_name("Theo bài").to_python()
    assert lessons[1] == [1, "Bài 1", 3, 5, 4, 3, 6.25]
    assert lessons[2][:4] == [2, "Bài 2", 1, 5]
    people = book.get_sheet_by_name("Theo người").to_python()
    assert [(row[0], row[2], row[4]) for row in people[1:]] == [
        ("Nguyễn Văn An", 2, 10),
        ("Trần Thanh Bình", 1, 10),
        ("Lê Thị Chi", 1, 5),
        ("Vũ Hương Giang", 0, ""),
        ("Nguyễn Thị Hương", 0, 0),
    ]
    assert book.get_sheet_by_name("Câu khó nhất").to_python()[1][2:] == [
        "Bài 1, câu 1",
        "hai",
        4,
        2,
    ]


def test_the_committee_above_gets_no_names_on_any_way(town: Town, tmp_path: Path) -> None:
    campaign = studied(town, tmp_path)
    shown = results(town, town.oanh)
    assert "Tham gia 4/5" in shown.text
    assert not {"Theo người", "Chưa học (1)", "Thẻ cho nhóm"} & set(shown.buttons)
    for data in (f"follow_people:{campaign}:0", f"follow_unstarted:{campaign}:0"):
        town.oanh.press_data(shown, data)
        town.oanh.wait_for("KẾT QUẢ")
    town.oanh.press_data(shown, f"follow_excel:{campaign}")
    town.oanh.wait_for("không")
    town.oanh.press_data(shown, f"follow_file:{campaign}:excel")
    book = CalamineWorkbook.from_filelike(io.BytesIO(file_of(town.oanh)))
    cells = [
        str(cell)
        for name in book.sheet_names
        for row in book.get_sheet_by_name(name).to_python()
        for cell in row
    ]
    said = town.oanh.transcript() + " ".join(cells)
    assert not any(name in said for name in ("Văn An", "Thanh Bình", "Hương Giang", "Thị Hương"))


def test_a_branch_follows_a_campaign_from_above_for_its_own(town: Town, tmp_path: Path) -> None:
    studied(town, tmp_path, THREE.replace('unit = "Chi bộ 1"', 'unit = "Đảng bộ Sở Y tế"'))
    town.lan.send("/chiendich")
    town.lan.wait_for("Chiến dịch học tập")
    town.lan.press("Của cấp trên")
    town.lan.wait_for("Đợt học của cấp trên")
    town.lan.press("Học tập Chỉ thị 01")
    assert "Tham gia 0/2 (0%)" in town.lan.wait_for("KẾT QUẢ").text
    town.lan.press("Theo người")
    shown = town.lan.wait_for("Hoàng Thị Lan")
    assert "Bùi Đức Minh" in shown.text and "Nguyễn Văn An" not in shown.text


def test_the_word_report_says_the_same_and_names_nobody(town: Town, tmp_path: Path) -> None:
    studied(town, tmp_path)
    results(town)
    town.an.press("Tải Word")
    words = words_of(file_of(town.an))
    for said in (
        "BÁO CÁO KẾT QUẢ HỌC TẬP",
        "Chỉ thị 01-CT/TW ngày 23/01/2026",
        "01/08/2026 – 31/08/2026",
        "Tham gia 4/5 (80%).",
        "Học xong 1/5 (20%).",
        "3/5 (60%)",
        "1. Bài 1, câu 1 (bài 1, câu 1: 50% sai; đáp án: hai)",
    ):
        assert said in words
    assert "Hương" not in words and "Giang" not in words


# -- pictures ------------------------------------------------------------------------------------


def test_the_chart_comes_as_a_picture_for_a_telephone(town: Town, tmp_path: Path) -> None:
    studied(town, tmp_path)
    results(town)
    town.an.press("Biểu đồ")
    picture = Image.open(io.BytesIO(file_of(town.an)))
    assert (picture.format, picture.width) == ("PNG", 1080)


def test_no_letter_of_a_picture_is_small_and_all_figures_are_in_it(
    town: Town, tmp_path: Path
) -> None:
    number = studied(town, tmp_path)

    def drawn(session: Session) -> tuple[charts.Picture, charts.Picture]:
        own = follow.outcome(session, actor(session, "an"), number, now=NOON)
        whole = follow.total(session, number, now=NOON)
        assert whole is not None
        return files.drawing(own, Reader()), card.drawing(whole, Reader())

    chart, posted = town.database.run(drawn)
    rows = [("Tham gia", 80), ("Học xong", 20), ("Bài 1", 60), ("Bài 2", 20)]
    assert list(chart.months) == list(posted.months) == rows
    assert list(chart.content) == [("đã học xong", 20), ("đang học", 60), ("chưa bắt đầu", 20)]
    assert charts.TEXT >= 36 and charts.WIDTH == 1080
    for each in (chart, posted):
        assert Image.open(io.BytesIO(charts.draw(each))).width == 1080


def test_a_hundred_lessons_are_a_picture_that_telegram_takes() -> None:
    rows = [(f"Bài {number}", 50.0) for number in range(1, 101)]
    picture = charts.Picture("Kết quả", "Chi bộ 1", rows, 0, "", "", "7 người", [("xong", 100)])
    made = Image.open(io.BytesIO(charts.draw(picture)))
    assert made.width + made.height <= 10_000 and made.height / made.width <= 20


def test_the_card_is_looked_at_and_then_posted_once_with_totals_only(
    town: Town, tmp_path: Path
) -> None:
    group = town.group()
    studied(town, tmp_path)
    results(town)
    town.an.press("Thẻ cho nhóm")
    town.an.wait_for("chỉ có số tổng")
    assert Image.open(io.BytesIO(file_of(town.an))).width == 1080
    screen = next(each for each in town.an.messages() if "Đăng vào nhóm" in each.buttons)
    town.world.settle()
    assert not any(each.document for each in group.messages())
    assert town.an.press("Đăng vào nhóm", screen).text == "Thẻ đang được đăng vào nhóm."
    posted = group.wait_for(lambda message: message.document is not None, timeout=30)
    assert posted.document is not None and posted.document.is_photo
    assert "▰▰▰▰▰▰▰▰▱▱ Tham gia 4/5 (80%)" in posted.text
    assert not any(name in posted.text for name in ("Hương", "Giang", "Khánh"))
    again = town.an.press_data(screen, screen.button("Đăng vào nhóm").data or "")
    assert again.text == "Hôm nay nhóm đã có thẻ rồi."
    town.world.settle()
    assert sum(each.document is not None for each in group.messages()) == 1


def test_a_neighbour_has_neither_figures_nor_card(town: Town, tmp_path: Path) -> None:
    campaign = studied(town, tmp_path)
    lesson = town.database.run(lambda s: s.exec(select(Lesson.id)).first())
    for person in (town.lan, town.huong):
        person.send("/trogiup")
        screen = person.wait_for("Trợ giúp")
        for data in (
            f"follow:{campaign}",
            f"follow_people:{campaign}:0",
            f"follow_post:{campaign}",
            f"follow_lesson:{lesson}",
            f"follow_print:{lesson}:answers",
        ):
            person.press_data(screen, data)
            person.wait_for(lambda message: message.buttons == ["‹ Trang đầu"])
        assert "KẾT QUẢ" not in person.transcript()
        assert not any(each.document for each in person.messages())


# -- paper ---------------------------------------------------------------------------------------


def printed(town: Town, label: str) -> str:
    results(town)
    town.an.press("In bài học")
    shown = town.an.wait_for("1. Bài 1")
    assert "3. Bài 3" in shown.text  # one that opens later can be printed beforehand
    town.an.press("1")
    town.an.wait_for("Tệp Word để in.")
    town.an.press(label)
    return words_of(file_of(town.an))


def test_a_lesson_is_printed(town: Town, tmp_path: Path) -> None:
    studied(town, tmp_path)
    words = printed(town, "Bài học")
    for said in ("CHI BỘ 1 · Học tập Chỉ thị 01", "BÀI 1", "Nội dung Bài 1", "hạn 8/8/2026"):
        assert said in words


def test_a_quiz_is_printed_without_its_answers(town: Town, tmp_path: Path) -> None:
    studied(town, tmp_path)
    words = printed(town, "Câu hỏi ôn")
    assert "1. Bài 1, câu 1\nA. một\nB. hai\nC. ba" in words
    assert "Họ và tên:" in words and "Đáp án" not in words and "Vì vậy" not in words


def test_a_quiz_with_answers_says_whom_it_is_for(town: Town, tmp_path: Path) -> None:
    studied(town, tmp_path)
    words = printed(town, "Câu hỏi, đáp án")
    assert words.startswith("CÓ ĐÁP ÁN – DÀNH CHO CẤP ỦY")
    assert "Đáp án: B. Vì vậy." in words


def test_questions_of_every_kind_are_printed(town: Town, tmp_path: Path) -> None:
    kinds = [
        bank.NewItem(bank.ItemKind.MULTIPLE, "Những gì?", ("một", "hai", "ba"), (0, 2), topic="Số"),
        bank.NewItem(bank.ItemKind.ORDER, "Theo thứ tự?", ("một", "hai"), (0, 1), topic="Số"),
        bank.NewItem(bank.ItemKind.SHORT, "Mấy phút?", ("90", "chín mươi"), topic="Số"),
    ]

    def put(session: Session) -> None:
        unit = unit_id(session, BRANCH_1)
        bank.put(session, actor(session, "an"), unit, kinds, now=NOON)
        session.exec(select(Lesson).where(Lesson.title == "Bài 1")).one().topic = "Số"

    studied(town, tmp_path)
    town.database.run(put)
    words = printed(town, "Câu hỏi, đáp án")
    for said in (
        "3. Những gì?\nA. một\nB. hai\nC. ba\nĐáp án: A, C.",
        "4. Theo thứ tự?\nA. hai\nB. một\nĐáp án: B → A.",
        "5. Mấy phút?\nTrả lời: ............................................................"
        "\nĐáp án: 90 / chín mươi.",
    ):
        assert said in words


def test_a_campaign_that_nobody_studies_has_a_report_all_the_same(
    town: Town, tmp_path: Path
) -> None:
    studied(town, tmp_path)

    def before(session: Session) -> None:
        for lesson in session.exec(select(Lesson)).all():
            lesson.opens = session.exec(select(Campaign.ends)).one()

    town.database.run(before)
    assert "đã mở 0/3 bài" in results(town).text
    town.an.press("Tải Word")
    assert "Tham gia 0/5 (0%)." in words_of(file_of(town.an))
    town.an.press("Biểu đồ", town.an.messages()[-2])
    assert Image.open(io.BytesIO(file_of(town.an))).width == 1080
