"""Reports through the pretend Telegram: the year, its picture, its file, and the private card."""

from __future__ import annotations

import io
from datetime import timedelta

from PIL import Image
from python_calamine import CalamineWorkbook
from sqlmodel import Session, select

from bot.simulator.client import Message
from handlers.report.charts import Picture, draw
from storage.meetings import Meeting, Seat
from storage.meetings.settling import await_settling
from storage.report import Missed
from tests.handlers.test_attendance import NOT_FOR_YOU, ask, sheet
from tests.pictures import keep
from tests.storage.test_report import EVERYBODY, held
from tests.town import BRANCH_1, BRANCH_2, NOON, Town, unit_id


def met(town: Town) -> None:
    """March was well attended, May was not; Giang had leave once and missed May."""

    def write(session: Session) -> None:
        held(session, 3, present=EVERYBODY, excused=("giang",), cast=town.ids)
        held(session, 5, present=("an", "binh", "huong"), cast=town.ids)
        held(session, 4, path=BRANCH_2, present=("lan", "minh"), cast=town.ids)

    ask(town, write)


def summary(town: Town) -> Message:
    town.an.send("/baocao")
    return town.an.wait_for("BÁO CÁO 2026")


def test_a_secretary_reads_the_year_in_six_lines(town: Town) -> None:
    met(town)
    shown = summary(town)
    assert shown.text.split("\n") == [
        "BÁO CÁO 2026 · Chi bộ 1",
        "Đã họp 2: thường kỳ 2 · chuyên đề 0",
        "Có mặt 9/14 lượt (64,3%): DƯỚI mức 85%",
        "Vắng có lý do 1 · Không lý do 4 (có lý do: công tác 0, ốm 1, việc gia đình 0, khác 0)",
        "Đến muộn 0 · về sớm 0 · Thời lượng: chưa buổi nào ghi giờ bắt đầu, kết thúc.",
        "Nội dung: chưa mục nào ghi thời gian.",
    ]
    assert shown.buttons == [
        *("Theo tháng", "Theo người", "Biểu đồ", "Tải Excel", "Theo đơn vị"),
        *("Vì sao?", "‹ Quản lý"),
    ]


def test_the_way_there_is_on_the_committees_screen(town: Town) -> None:
    town.an.send("/quanly")
    town.an.press("Báo cáo")
    assert town.an.wait_for("BÁO CÁO 2026").text.endswith("chưa có cuộc họp nào đóng điểm danh.")


def test_each_month_each_person_and_the_rule_are_a_press_away(town: Town) -> None:
    met(town)
    summary(town)
    town.an.press("Theo tháng")
    shown = town.an.wait_for("Tháng 3: 85,7%")
    assert "Tháng 5: 42,9%" in shown.text
    assert shown.text.endswith("Dưới mức 85%: tháng 5")
    town.an.press("‹ Quay lại")
    town.an.wait_for("Đã họp 2")
    town.an.press("Theo người")
    assert "Vũ Hương Giang 0/2, không lý do 1" in town.an.wait_for("Nguyễn Văn An 2/2").text
    town.an.press("Vì sao?")
    shown = town.an.wait_for("Người được miễn chỉ tính khi đến dự")
    assert "85 (Hướng dẫn 12-HD/BTCTW (2018), mặc định)" in shown.text
    assert "90 (Hướng dẫn 42-HD/BTCTW (2025))" in shown.text


def test_the_committee_above_compares_branches_and_reads_no_names(town: Town) -> None:
    met(town)
    town.oanh.send("/baocao")
    shown = town.oanh.wait_for("BÁO CÁO 2026 · Đảng bộ Sở Y tế")
    assert "Có mặt 11/16" in shown.text
    assert "ốm" not in shown.text
    town.oanh.press("Theo đơn vị")
    shown = town.oanh.wait_for("1. Chi bộ 1: 64,3%, DƯỚI mức 85%")
    assert "2. Chi bộ 2: 100%" in shown.text
    town.oanh.press("1")
    shown = town.oanh.wait_for("BÁO CÁO 2026 · Chi bộ 1")
    assert "Theo người" not in shown.buttons
    assert "ốm" not in shown.text
    branch = ask(town, lambda session: unit_id(session, BRANCH_1))
    assert town.oanh.press_data(shown, f"report_people:{branch}:2026:0").text == NOT_FOR_YOU
    town.oanh.press("Cấp trên")
    town.oanh.wait_for("BÁO CÁO 2026 · Đảng bộ Sở Y tế")


def test_a_year_that_is_yet_to_come_has_no_report(town: Town) -> None:
    met(town)
    shown = summary(town)
    branch = ask(town, lambda session: unit_id(session, BRANCH_1))
    answer = town.an.press_data(shown, f"report_of:{branch}:2027")
    assert "2027" in answer.text


def test_the_excel_file_has_figures_as_figures(town: Town) -> None:
    met(town)
    summary(town)
    town.an.press("Tải Excel")
    file = town.an.wait_for(lambda message: message.document is not None)
    assert file.document is not None
    book = CalamineWorkbook.from_filelike(io.BytesIO(file.document.read()))
    assert book.sheet_names == ["Theo tháng", "Theo người", "Cuộc họp", "Cách tính"]
    header, *rows = sheet(file)
    march = dict(zip(header, rows[2], strict=True))
    assert (march["Triệu tập"], march["Có mặt"], march["Có lý do"]) == (7, 6, 1)
    assert march["Tỷ lệ"] == 6 / 7
    whole = dict(zip(header, rows[12], strict=True))
    assert (whole["Tháng"], whole["Không lý do"]) == ("Cả năm", 4)
    people = {row[0]: row for row in sheet(file, 1)}
    assert people["Vũ Hương Giang"][2:4] == [2, 0]


def test_the_file_for_the_committee_above_names_nobody(town: Town) -> None:
    met(town)
    branch = ask(town, lambda session: unit_id(session, BRANCH_1))
    town.oanh.send("/baocao")
    shown = town.oanh.wait_for("BÁO CÁO")
    town.oanh.press_data(shown, f"report_excel:{branch}:2026")
    file = town.oanh.wait_for(lambda message: message.document is not None)
    assert file.document is not None
    book = CalamineWorkbook.from_filelike(io.BytesIO(file.document.read()))
    assert book.sheet_names == ["Theo tháng", "Cuộc họp", "Cách tính"]
    cells = [str(cell) for number in range(3) for row in sheet(file, number) for cell in row]
    assert not any("Giang" in cell or "ốm" in cell for cell in cells)


def test_the_chart_comes_as_a_picture_for_a_telephone(town: Town) -> None:
    met(town)
    summary(town)
    town.an.press("Biểu đồ")
    # The first picture of a process loads Matplotlib, and of a machine looks for its letters.
    shown = town.an.wait_for(lambda message: message.document is not None, timeout=60)
    assert shown.document is not None and shown.document.is_photo
    picture = Image.open(io.BytesIO(shown.document.read()))
    assert (picture.format, picture.width) == ("PNG", 1080)


def test_a_long_name_makes_the_picture_higher_and_not_wider() -> None:
    def drawn(unit: str) -> Image.Image:
        months = [(f"Tháng {number}", 90.0) for number in range(1, 13)]
        picture = Picture("Tỷ lệ", unit, months, 85, "mức 85%", "dưới mức", "Nội dung", [])
        return Image.open(io.BytesIO(draw(picture)))

    short, long = drawn("Chi bộ 1"), drawn("Đảng bộ Trường Trung học phổ thông " * 4)
    assert (short.width, long.width) == (1080, 1080)
    assert long.height > short.height
    margin = long.convert("L").crop((1060, 0, 1080, long.height))
    assert margin.getextrema()[0] > 250  # no letter runs out of it


def test_a_reader_of_the_year_sees_which_months_stayed_below_the_bar() -> None:
    """The picture of the guide; what is below is amber, and striped for who sees no colours."""
    percents = [92.5, 96.3, 78.9, 88.2, 90, 85, None, 93.1, 82.4, 95, 100, 91.7]
    year = [(f"Tháng {number}", each) for number, each in enumerate(percents, 1)]
    content = [("học tập", 31.2), ("lãnh đạo", 22.5), ("chuyên môn", 34.1)]
    content.append(("công tác đảng viên", 12.1))
    picture = Picture(
        *("Tỷ lệ dự họp 2026 (%)", "Chi bộ Khu phố 3", year, 85),
        *("mức 85%", "dưới mức", "Nội dung sinh hoạt", content),
    )
    drawn = draw(picture)
    keep("ty-le-du-hop", drawn)
    assert len(drawn) < 150_000
    seen = Image.open(io.BytesIO(drawn)).convert("RGB")
    first, step, column = 313, 72, 300  # pixels: the middle of January's bar, and of the next
    bars = [
        {seen.getpixel((column, first + step * month + line)) for line in range(-12, 13)}
        for month in range(12)
    ]
    amber, blue = (240, 180, 41), (43, 108, 176)
    below = [number for number, colours in enumerate(bars, 1) if amber in colours]
    assert below == [3, 9]
    assert [number for number, colours in enumerate(bars, 1) if blue not in colours] == [3, 7, 9]


# -- missed months -----------------------------------------------------------------------------


def missed(town: Town) -> int:
    """Giang alone was absent from March and from May; the roll of May is settled now."""

    def write(session: Session) -> int:
        held(session, 3, present=EVERYBODY, cast=town.ids)
        meeting = held(session, 5, present=EVERYBODY, cast=town.ids)
        await_settling(session, meeting, now=NOON)
        return meeting.id

    return ask(town, write)


def test_the_committee_is_told_in_private_and_notes_it(town: Town) -> None:
    group = town.group()
    missed(town)
    card = town.an.wait_for("Vắng không lý do 2 tháng · Chi bộ 1 · riêng cấp ủy")
    assert "Đồng chí Vũ Hương Giang: tháng 3, 5 năm 2026." in card.text
    assert "Điều lệ Đảng, Điều 8" in card.text
    assert card.buttons == ["Đã nắm", "‹ Quản lý"]
    town.binh.wait_for("Vắng không lý do 2 tháng")
    town.an.press("Đã nắm")
    noted = town.an.wait_for("Đồng chí Nguyễn Văn An đã nắm")
    assert noted.buttons == ["‹ Quản lý"]
    town.binh.press("Đã nắm")
    town.binh.wait_for("Đồng chí Nguyễn Văn An đã nắm")
    for told in (town.giang.messages(), town.oanh.messages(), group.messages()):
        assert not any("Vắng không lý do" in message.text for message in told)


def test_who_was_told_hears_that_it_is_not_so(town: Town) -> None:
    meeting_id = missed(town)
    town.an.wait_for("Vắng không lý do 2 tháng")
    town.world.settle()

    def put_right(session: Session) -> None:
        meeting = session.get_one(Meeting, meeting_id)
        wanted = select(Seat).where(Seat.meeting_id == meeting_id)
        for seat in session.exec(wanted.where(Seat.person_id == town.ids["giang"])).all():
            seat.present_at = meeting.starts_at
        session.flush()
        await_settling(session, meeting, now=NOON + timedelta(minutes=1))

    ask(town, put_right)
    town.world.set_now(NOON + timedelta(minutes=2))
    town.world.settle()
    told = town.an.wait_for("không còn là vắng 2 tháng trong năm 2026")
    assert "Vũ Hương Giang" in told.text
    (row,) = ask(town, lambda session: list(session.exec(select(Missed)).all()))
    assert row.withdrawn_at is not None
