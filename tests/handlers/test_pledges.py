"""Commitments as people meet them: started, written, signed, compared, taken away."""

from __future__ import annotations

import io
from datetime import datetime

from docx import Document
from python_calamine import CalamineWorkbook
from sqlmodel import Session, select

from bot.simulator.client import Message
from storage import pledges
from storage.pledges import PledgeYear, Signed
from storage.roster import Kind
from tests.storage.test_pledges import HEADINGS, NOON, actor, signed, started, written
from tests.town import Town


def begun(town: Town) -> int:
    """Chi bộ 1 has started its commitment; its number."""
    return town.database.run(lambda session: started(session).id)


def ready(town: Town, name: str) -> None:
    """Somebody has written under every heading, and not signed."""

    def write(session: Session) -> None:
        written(session, session.exec(select(PledgeYear)).one(), name)

    town.database.run(write)


def has_signed(town: Town, *names: str, now: datetime = NOON) -> None:
    def sign(session: Session) -> None:
        for name in names:
            signed(session, session.exec(select(PledgeYear)).one(), name, now=now)

    town.database.run(sign)


def signatures(town: Town) -> int:
    return town.database.run(lambda session: len(session.exec(select(Signed)).all()))


def text_of(content: bytes) -> str:
    """All words of a Word file, tables included."""
    made = Document(io.BytesIO(content))
    cells = [cell.text for table in made.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(each.text for each in made.paragraphs), *cells])


def desk(town: Town) -> Message:
    town.an.send("/chiendich")
    town.an.wait_for("Chiến dịch học tập")
    town.an.press("Cam kết năm")
    town.an.wait_for("CAM KẾT HẰNG NĂM")
    town.an.press("Bản cam kết 2026")
    return town.an.wait_for("BẢN CAM KẾT 2026 · Chi bộ 1")


# -- the committee starts it ---------------------------------------------------------------------


def test_a_secretary_starts_a_year_and_everybody_hears_of_it_a_minute_later(town: Town) -> None:
    town.an.send("/chiendich")
    town.an.wait_for("Chiến dịch học tập")
    town.an.press("Cam kết năm")
    town.an.wait_for("Chưa có năm nào")
    town.an.press("Bắt đầu 2026")
    town.an.wait_for("Hạn ký là ngày nào?")
    town.an.send("31/8")
    shown = town.an.wait_for("Hạn ký: thứ Hai 31/8/2026")
    assert "1. Tư tưởng chính trị · 2. Đạo đức, lối sống, nêu gương" in shown.text
    town.an.press("Mục khác")
    town.an.wait_for("mỗi dòng một mục")
    town.an.send("Tư tưởng\nNhiệm vụ")
    assert "1. Tư tưởng · 2. Nhiệm vụ" in town.an.wait_for("Các mục").text
    town.an.press("Bắt đầu và báo")
    town.an.wait_for("Đã bắt đầu cho 7 người. Sẽ báo sau 60 giây.")
    town.world.settle()
    assert "Xin đồng chí viết" not in town.huong.transcript()
    town.world.advance(seconds=61)
    told = town.huong.wait_for("Xin đồng chí viết điều cam kết", timeout=20)
    assert told.buttons == ["Mở bản cam kết"]
    assert "cam kết" not in town.lan.transcript()


def test_a_start_is_undone_within_its_minute_and_nobody_hears_of_it(town: Town) -> None:
    town.an.send("/chiendich")
    town.an.wait_for("Chiến dịch học tập")
    town.an.press("Cam kết năm")
    town.an.wait_for("Chưa có năm nào")
    town.an.press("Bắt đầu 2026")
    town.an.wait_for("Hạn ký là ngày nào?")
    town.an.send("31/8")
    town.an.wait_for("Hạn ký: thứ Hai 31/8/2026")
    town.an.press("Bắt đầu và báo")
    town.an.wait_for("Sẽ báo sau 60 giây")
    town.an.press("Hoàn tác")
    assert "Bắt đầu 2026" in town.an.wait_for("Đã hoàn tác").buttons
    town.world.advance(minutes=2)
    town.world.settle()
    assert "cam kết" not in town.huong.transcript()
    assert town.database.run(lambda s: s.exec(select(PledgeYear)).all()) == []


def test_the_exempt_are_invited(town: Town) -> None:
    def exempt(session: Session) -> None:
        town.person(session, "khanh").kind = Kind.EXEMPT

    town.database.run(exempt)
    begun(town)
    town.world.advance(seconds=61)
    town.khanh.wait_for("Mời đồng chí cùng viết; không bắt buộc.", timeout=20)
    assert "Được miễn, chỉ mời: 1, đã ký 0" in desk(town).text
    assert "Đã ký 0/6" in town.an.last.text


# -- a member ------------------------------------------------------------------------------------


def test_a_member_writes_each_heading_reads_it_all_and_signs(town: Town) -> None:
    begun(town)
    town.huong.send("/hoctap")
    town.huong.wait_for("chưa có đợt học tập")
    town.huong.press("Bản cam kết 2026")
    screen = town.huong.wait_for("Chưa viết mục: 1, 2, 3.")
    assert "Hạn ký: thứ Hai 31/8/2026" in screen.text
    town.huong.press("1")
    for place, heading in enumerate(HEADINGS, 1):
        town.huong.wait_for(f"{place}/3. {heading}")
        town.huong.send(f"Giữ vững mục {place}")
        shown = town.huong.wait_for("Ghi chưa phải là ký.")
        assert f"Giữ vững mục {place}" in shown.text
        town.huong.press("Ghi lại")
    town.huong.wait_for("Đã viết đủ.")
    assert signatures(town) == 0
    town.huong.press("Đọc và ký")
    read = town.huong.wait_for("2. Đạo đức\nGiữ vững mục 2")
    answer = town.huong.press("Ký cam kết")
    assert answer.text == "Đã ký."
    done = town.huong.wait_for("ĐÃ KÝ")
    assert "(bản 1)" in done.text and "12:0" in done.text
    town.huong.press_data(read, read.button("Ký cam kết").data or "")  # the same button once more
    town.world.settle()
    assert signatures(town) == 1


def test_a_change_after_signing_waits_for_another_signature(town: Town) -> None:
    year = begun(town)
    has_signed(town, "huong")
    town.huong.send("/hoctap")
    town.huong.wait_for("chưa có đợt học tập")
    town.huong.press("Bản cam kết 2026")
    town.huong.wait_for("sửa xong phải ký lại")
    town.huong.press("2")
    town.huong.wait_for("xin gõ lại")
    town.huong.send("Khác hẳn")
    town.huong.wait_for("Khác hẳn")
    town.huong.press("Ghi lại")
    town.huong.wait_for("Đã sửa sau khi ký")
    read = town.database.run(
        lambda s: pledges.own_signed(s, actor(s, "huong"), year)[1].written[1].text
    )
    assert read == "làm 2"
    town.huong.press("Đọc và ký")
    town.huong.wait_for("Khác hẳn")
    town.huong.press("Ký cam kết")
    assert "(bản 2)" in town.huong.wait_for("ĐÃ KÝ").text


def test_words_changed_on_another_phone_are_not_signed_by_the_old_button(town: Town) -> None:
    begun(town)
    ready(town, "huong")
    town.huong.send("/hoctap")
    town.huong.wait_for("chưa có đợt học tập")
    town.huong.press("Bản cam kết 2026")
    town.huong.wait_for("Đã viết đủ.")
    town.huong.press("Đọc và ký")
    town.huong.wait_for("làm 1")
    town.database.run(
        lambda s: written(s, s.exec(select(PledgeYear)).one(), "huong", "chỗ khác") and None
    )
    town.huong.press("Ký cam kết")
    town.huong.wait_for("Nội dung vừa thay đổi")
    assert signatures(town) == 0


def test_a_form_is_shown_back_and_a_text_too_long_is_asked_for_again(town: Town) -> None:
    begun(town)
    town.huong.send("/hoctap")
    town.huong.wait_for("chưa có đợt học tập")
    town.huong.press("Bản cam kết 2026")
    town.huong.wait_for("Chưa viết mục")
    town.huong.press("1")
    town.huong.wait_for("1/3. Tư tưởng")
    town.huong.send("a" * 1501)
    town.huong.wait_for("Mỗi mục viết tối đa 1.500 ký tự.")
    town.huong.send("<b>& ngắn</b>")
    town.huong.wait_for("<b>& ngắn</b>")
    town.huong.press("Hủy")
    town.huong.wait_for("Đã hủy")


def test_a_member_downloads_their_own_as_word(town: Town) -> None:
    begun(town)
    has_signed(town, "huong")
    town.huong.send("/hoctap")
    town.huong.wait_for("chưa có đợt học tập")
    town.huong.press("Bản cam kết 2026")
    town.huong.wait_for("ĐÃ KÝ")
    town.huong.press("Tải Word")
    file = town.huong.wait_for(lambda message: message.document is not None)
    assert file.document is not None and file.document.name == "cam-ket-2026.docx"
    words = text_of(file.document.read())
    for said in ("BẢN CAM KẾT", "Nguyễn Thị Hương", "1. Tư tưởng", "làm 1", "ký lúc 12 giờ 00"):
        assert said in words


# -- the committee follows it --------------------------------------------------------------------


def test_the_committee_sees_who_has_signed_and_how_to_reach_the_others(town: Town) -> None:
    def hard_to_reach(session: Session) -> None:
        giang, khanh = town.person(session, "giang"), town.person(session, "khanh")
        giang.telegram_id, giang.phone = None, "+84912345678"
        khanh.blocked_at = NOON

    begun(town)
    town.database.run(hard_to_reach)
    has_signed(town, "huong")
    assert "Đã ký 1/7" in desk(town).text
    town.an.press("Chưa ký (6)")
    shown = town.an.wait_for("Chưa ký: 6 người")
    assert "Vũ Hương Giang (0912 345 678)" in shown.text
    assert "Đỗ Quốc Khánh" in shown.text.split("chặn bot")[1]
    town.an.press("‹ Quay lại")
    town.an.wait_for("Đã ký 1/7")
    town.an.press("Đã ký (1)")
    assert "1. Nguyễn Thị Hương" in town.an.wait_for("Hương").text
    town.an.press("1")
    read = town.an.wait_for("Bản 1/1")
    assert "2. Đạo đức\nlàm 2" in read.text


def test_old_versions_are_read_beside_the_new_one(town: Town) -> None:
    begun(town)
    has_signed(town, "huong")
    year = town.database.run(lambda s: s.exec(select(PledgeYear.id)).one())
    town.database.run(lambda s: signed(s, s.get_one(PledgeYear, year), "huong", "sửa") and None)
    desk(town)
    town.an.press("Đã ký (1)")
    town.an.wait_for("1. Nguyễn Thị Hương")
    town.an.press("1")
    assert "sửa 1" in town.an.wait_for("Bản 2/2").text
    town.an.press("Bản 1")
    assert "làm 1" in town.an.wait_for("Bản 1/2").text


def test_all_commitments_are_downloaded_as_word_and_excel(town: Town) -> None:
    begun(town)
    has_signed(town, "huong", "an")
    has_signed(town, "giang", now=datetime.fromisoformat("2026-09-01T00:00:00+07:00"))
    desk(town)
    town.an.press("Tải Word")
    file = town.an.wait_for(lambda message: message.document is not None)
    assert file.document is not None
    words = text_of(file.document.read())
    order = [words.index(f"Họ và tên: {name}") for name in ("Nguyễn Văn An", "Vũ Hương Giang")]
    assert order == sorted(order) and "Nguyễn Thị Hương" in words and "ký quá hạn" in words
    town.an.mark()
    town.an.press("Tải Excel", town.an.messages()[-2])
    table = town.an.wait_for(lambda message: message.document is not None)
    assert table.document is not None
    book = CalamineWorkbook.from_filelike(io.BytesIO(table.document.read()))
    people = book.get_sheet_by_name("Ai đã ký").to_python()
    assert [(row[0], row[4]) for row in people[1:]] == [
        ("Nguyễn Văn An", "đã ký"),
        ("Trần Thanh Bình", "chưa ký"),
        ("Lê Thị Chi", "chưa ký"),
        ("Phạm Tiến Dũng", "chưa ký"),
        ("Vũ Hương Giang", "ký quá hạn"),
        ("Nguyễn Thị Hương", "đã ký"),
        ("Đỗ Quốc Khánh", "chưa ký"),
    ]
    texts = book.get_sheet_by_name("Nội dung cam kết").to_python()
    assert len(texts) == 1 + 3 * 3
    assert texts[1][:3] == ["Nguyễn Văn An", "Tư tưởng", "làm 1"]


def test_at_years_end_a_member_compares_and_the_committee_reads_it(town: Town) -> None:
    begun(town)
    has_signed(town, "huong")
    desk(town)
    town.an.press("So cuối năm")
    town.an.wait_for("Hỏi 1 người đã ký")
    town.an.press("Đúng, hỏi đi")
    town.an.wait_for("Đã so cuối năm: 0/1")
    town.world.advance(seconds=61)
    town.huong.wait_for("từng mục đã làm đến đâu", timeout=20)
    town.huong.press("So cuối năm")
    town.huong.wait_for("Còn 3 mục chưa nói")
    town.huong.press("So cuối năm")
    town.huong.wait_for("1/3. Tư tưởng")
    town.huong.press("Làm một phần")
    town.huong.wait_for("→ làm một phần")
    town.huong.press("Thêm lời")
    town.huong.wait_for("Xin gõ vài lời")
    town.huong.send("Còn thiếu hai buổi học")
    town.huong.wait_for("Ghi lời này?")
    town.huong.press("Ghi lại")
    town.huong.wait_for("→ làm một phần: Còn thiếu hai buổi học")
    for place in (2, 3):
        town.huong.press("›")
        town.huong.wait_for(f"{place}/3.")
        town.huong.press("Đã làm")
        town.huong.wait_for("→ đã làm")
    assert "Đã so cuối năm: 1/1" in desk(town).text
    town.an.press("Đã ký (1)")
    town.an.wait_for("đã so 3/3 mục")
    town.an.press("1")
    assert "→ làm một phần: Còn thiếu hai buổi học" in town.an.wait_for("Bản 1/1").text


def test_a_reminder_comes_in_the_morning_to_who_has_not_signed(town: Town) -> None:
    begun(town)
    has_signed(town, "huong")
    town.world.set_now(datetime.fromisoformat("2026-08-24T08:00:05+07:00"))
    town.giang.wait_for("Đồng chí chưa ký.", timeout=20)
    town.world.settle()
    assert "Đồng chí chưa ký." not in town.huong.transcript()
    town.world.set_now(datetime.fromisoformat("2026-08-30T08:00:05+07:00"))
    town.giang.mark()
    town.giang.wait_for("Đồng chí chưa ký.", timeout=20)
    town.world.set_now(datetime.fromisoformat("2026-08-31T20:00:00+07:00"))
    town.world.settle(quiet=1.2)
    assert town.giang.transcript().count("Đồng chí chưa ký.") == 2


def test_the_last_day_and_the_headings_are_changed(town: Town) -> None:
    begun(town)
    desk(town)
    town.an.press("Đổi hạn ký")
    town.an.wait_for("Hạn ký là ngày nào?")
    town.an.send("10/9")
    town.an.wait_for("Hạn ký: thứ Năm 10/9/2026")
    town.an.press("Đúng")
    assert "thứ Năm 10/9/2026" in town.an.wait_for("Đã ký 0/7").text
    town.an.press("Sửa các mục")
    town.an.wait_for("mỗi dòng một mục")
    town.an.send("Một\nHai")
    town.an.wait_for("1. Một · 2. Hai")
    town.an.press("Đúng")
    town.an.wait_for("Đã ký 0/7")
    headings = town.database.run(lambda s: s.exec(select(PledgeYear)).one().headings)
    assert [words for _key, words in headings] == ["Một", "Hai"]


def test_a_neighbours_secretary_and_a_member_open_nothing(town: Town) -> None:
    year = begun(town)
    has_signed(town, "giang")
    person = town.ids["giang"]
    for name in ("lan", "huong"):
        who = town.people[name]
        who.send("/trogiup")
        screen = who.wait_for("Trợ giúp")
        for data in (f"pledge_desk:{year}", f"pledge_read:{year}:{person}:0:0"):
            who.mark()
            who.press_data(screen, data)
            who.wait_for(lambda message: "làm 1" not in message.text)
        assert "làm 1" not in who.transcript()
    town.lan.press_data(town.lan.last, f"pledge:{year}")
    town.lan.wait_for("không")
    assert "BẢN CAM KẾT" not in town.lan.transcript()
