"""Essays as people meet them: asked for, written in several messages, receipted, read, seen."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlmodel import Session, select

from bot.simulator.client import Message
from storage.essays import Essay, EssayCall, EssayFile
from storage.outbox import Notice
from storage.roster import Kind
from tests.storage.test_campaigns import TWO_LESSONS
from tests.storage.test_essays import asked, hand_in
from tests.storage.test_essays import take as take_in
from tests.town import Town

SECRET = "Qua học tập tôi nhận thấy mình còn ngại va chạm"


def begun(town: Town, folder: Path) -> int:
    """The campaign of Chi bộ 1 asks for an essay; its number."""
    return town.database.run(lambda session: asked(session, folder).id)


def has_handed_in(town: Town, name: str, **more: datetime) -> int:
    """Somebody has handed an essay in; its number in the database."""

    def work(session: Session) -> int:
        call = session.exec(select(EssayCall)).one()
        essay = hand_in(session, call, name, SECRET, **more).essay
        assert essay is not None
        return essay.id

    return town.database.run(work)


def kept(town: Town) -> list[tuple[str, int]]:
    """The text of each essay and how many files it has."""

    def work(session: Session) -> list[tuple[str, int]]:
        files = session.exec(select(EssayFile.essay_id)).all()
        found = session.exec(select(Essay).order_by(Essay.id)).all()
        return [(each.text, files.count(each.id)) for each in found]

    return town.database.run(work)


def own_screen(town: Town, name: str = "huong") -> Message:
    person = town.people[name]
    person.send("/hoctap")
    person.wait_for("Học tập Chỉ thị 01")
    person.press("Bài thu hoạch")
    return person.wait_for("BÀI THU HOẠCH")


def desk(town: Town) -> Message:
    town.an.send("/chiendich")
    town.an.wait_for("Chiến dịch học tập")
    town.an.press("Học tập Chỉ thị 01")
    town.an.wait_for("1/8 – 31/8")
    town.an.press("Thu hoạch")
    return town.an.wait_for("BÀI THU HOẠCH")


# -- asking --------------------------------------------------------------------------------------


def test_the_secretary_asks_for_an_essay_and_the_exempt_are_invited(
    town: Town, tmp_path: Path
) -> None:
    def prepare(session: Session) -> None:
        take_in(session, tmp_path, TWO_LESSONS)
        town.person(session, "khanh").kind = Kind.EXEMPT

    town.database.run(prepare)
    assert "Xin gõ đề bài" in desk(town).text
    town.an.send("Liên hệ bản thân")
    town.an.wait_for("Hạn nộp là ngày nào?")
    town.an.send("20/8")
    town.an.wait_for("Hạn nộp: thứ Năm 20/8/2026")
    town.an.press("Giao bài và báo")
    told = town.an.wait_for("Sẽ báo từng người sau 60 giây")
    assert "Đã nộp 0/6" in told.text and "Hoàn tác" in told.buttons
    assert "thu hoạch" not in town.huong.transcript().lower()
    town.world.advance(seconds=61)
    assert "không bắt buộc" not in town.huong.wait_for("Liên hệ bản thân", timeout=20).text
    assert "không bắt buộc" in town.khanh.wait_for("Liên hệ bản thân", timeout=20).text
    assert "Liên hệ" not in town.lan.transcript()


def test_a_question_is_undone_within_its_minute(town: Town, tmp_path: Path) -> None:
    begun(town, tmp_path)
    desk(town)
    town.an.press("Hoàn tác")
    town.an.wait_for("Đã hoàn tác")
    town.world.advance(minutes=2)
    town.world.settle()
    assert "thu hoạch" not in town.huong.transcript().lower()


def test_topic_and_last_day_are_changed(town: Town, tmp_path: Path) -> None:
    begun(town, tmp_path)
    desk(town)
    town.an.press("Sửa đề bài")
    town.an.wait_for("Xin gõ đề bài")
    town.an.send("Đề mới")
    town.an.wait_for("Đề bài: Đề mới")
    town.an.press("Ghi lại")
    town.an.wait_for("Đề bài: Đề mới")
    town.an.press("Đổi hạn nộp")
    town.an.wait_for("Hạn nộp là ngày nào?")
    town.an.send("25/8")
    town.an.wait_for("Hạn nộp: thứ Ba 25/8/2026")
    town.an.press("Ghi lại")
    town.an.wait_for("Hạn nộp: thứ Ba 25/8/2026")
    call = town.database.run(lambda s: s.exec(select(EssayCall)).one())
    assert (call.topic, call.due.day) == ("Đề mới", 25)


# -- handing in ----------------------------------------------------------------------------------


def test_an_essay_is_written_in_several_messages_and_receipted(town: Town, tmp_path: Path) -> None:
    begun(town, tmp_path)
    screen = own_screen(town)
    assert "Hạn nộp: thứ Năm 20/8/2026" in screen.text
    town.huong.press("Viết bài")
    town.huong.wait_for("Xin gõ bài trong một hay nhiều tin")
    town.huong.send("Phần một")
    town.huong.wait_for("Đã nhận: 1 tin, 8 ký tự, 0 tệp.")
    town.huong.send("Phần hai")
    town.huong.wait_for("Đã nhận: 2 tin, 18 ký tự, 0 tệp.")
    assert kept(town) == []
    town.huong.press("Xong")
    shown = town.huong.wait_for("Nộp bài này?")
    assert "Phần một\n\nPhần hai" in shown.text and "18 ký tự, 0 tệp" in shown.text
    assert town.huong.press("Nộp bài").text == "Đã nộp."
    receipt = town.huong.wait_for("BIÊN NHẬN số 1")
    assert "đúng hạn" in receipt.text and "Mã bài: " in receipt.text
    town.huong.press_data(shown, shown.button("Nộp bài").data or "")  # the same press again
    town.world.settle()
    assert kept(town) == [("Phần một\n\nPhần hai", 0)]


def test_photos_and_a_file_are_kept_by_their_numbers_and_never_fetched(
    town: Town, tmp_path: Path
) -> None:
    begun(town, tmp_path)
    own_screen(town)
    town.huong.press("Viết bài")
    town.huong.wait_for("Xin gõ bài")
    since = town.world.last_call
    town.huong.send_photo(b"trang mot", caption="Trang 1")
    town.huong.wait_for("1 tin, 7 ký tự, 1 tệp")
    town.huong.send_document("bai.docx", b"PK bai thu hoach")
    town.huong.wait_for("1 tin, 7 ký tự, 2 tệp")
    town.huong.press("Xong")
    shown = town.huong.wait_for("Nộp bài này?")
    assert "Ảnh 1, bai.docx" in shown.text
    town.huong.press("Nộp bài")
    town.huong.wait_for("BIÊN NHẬN số 1")
    assert town.world.calls("getFile", since=since) == []
    desk(town)
    town.an.press("Đã nộp (1)")
    town.an.wait_for("1. Nguyễn Thị Hương")
    town.an.press("1")
    town.an.wait_for("7 ký tự, 2 tệp")
    town.an.press("Lấy tệp của bài")
    got = town.an.wait_for(lambda m: m.document is not None and m.document.name == "bai.docx")
    assert got.document is not None and got.document.read() == b"PK bai thu hoach"
    assert town.world.calls("getFile", since=since) == []


def test_an_essay_after_the_last_day_is_taken_and_marked_late(town: Town, tmp_path: Path) -> None:
    begun(town, tmp_path)
    town.world.set_now(datetime.fromisoformat("2026-08-21T00:00:01+07:00"))
    assert "vẫn nhận bài, ghi là quá hạn" in own_screen(town).text
    town.huong.press("Viết bài")
    town.huong.wait_for("Xin gõ bài")
    town.huong.send(SECRET)
    town.huong.wait_for("Đã nhận: 1 tin")
    town.huong.press("Xong")
    town.huong.wait_for("Bài sẽ ghi QUÁ HẠN.")
    town.huong.press("Nộp bài")
    town.huong.wait_for("QUÁ HẠN")
    assert "trong đó quá hạn 1" in desk(town).text


def test_a_restart_in_the_middle_loses_nothing(town: Town, tmp_path: Path) -> None:
    begun(town, tmp_path)
    own_screen(town)
    town.huong.press("Viết bài")
    town.huong.wait_for("Xin gõ bài")
    town.huong.send("Phần một")
    town.huong.wait_for("1 tin")
    town.close()
    town.open()
    town.huong.send("Phần hai")
    town.huong.wait_for("Đã nhận: 2 tin, 18 ký tự")


def test_an_essay_is_taken_back_until_the_committee_opens_it(town: Town, tmp_path: Path) -> None:
    begun(town, tmp_path)
    has_handed_in(town, "huong")
    has_handed_in(town, "giang")
    own_screen(town)
    town.huong.press("Rút bài")
    town.huong.wait_for("Rút bài số 1?")
    town.huong.press("Đúng, rút bài")
    town.huong.wait_for("Hạn nộp")
    assert kept(town) == [("", 0), (SECRET, 0)]
    old = own_screen(town, "giang")
    assert "Rút bài" in old.buttons
    desk(town)
    town.an.press("Đã nộp (1)")
    town.an.wait_for("1. Vũ Hương Giang")
    town.an.press("1")
    town.an.wait_for(SECRET)
    town.giang.press("Rút bài", old)
    again = town.giang.wait_for("Cấp ủy đã mở bài.")
    assert "Rút bài" not in again.buttons
    assert kept(town)[1] == (SECRET, 0)


def test_who_reads_their_own_essay_sees_all_of_it(town: Town, tmp_path: Path) -> None:
    begun(town, tmp_path)
    has_handed_in(town, "huong")
    own_screen(town)
    town.huong.press("Xem bài đã nộp")
    town.huong.wait_for(SECRET)


# -- the committee -------------------------------------------------------------------------------


def test_the_committee_marks_an_essay_as_seen_with_a_word(town: Town, tmp_path: Path) -> None:
    begun(town, tmp_path)
    has_handed_in(town, "huong")
    assert "Đã nộp 1/7, trong đó quá hạn 0 · chưa xem 1" in desk(town).text
    town.an.press("Đã nộp (1)")
    assert "· mới" in town.an.wait_for("1. Nguyễn Thị Hương").text
    town.an.press("1")
    town.an.wait_for(SECRET)
    town.an.press("Thêm lời")
    town.an.wait_for("Xin gõ lời nhắn")
    town.an.send("Bài viết thật lòng")
    town.an.wait_for("Gửi lời này cho người viết?")
    town.an.press("Gửi lời nhắn")
    town.an.wait_for("Đã xem,")
    told = town.huong.wait_for("Cấp ủy đã xem bài thu hoạch số 1", timeout=20)
    assert "Cấp ủy nhắn: Bài viết thật lòng" in told.text and SECRET not in told.text
    town.huong.press("Mở bài thu hoạch")
    town.huong.wait_for("Cấp ủy đã xem,")


def test_seen_without_a_word_is_told_once(town: Town, tmp_path: Path) -> None:
    begun(town, tmp_path)
    essay = has_handed_in(town, "huong")
    desk(town)
    town.an.press("Đã nộp (1)")
    town.an.wait_for("1. Nguyễn Thị Hương")
    town.an.press("1")
    screen = town.an.wait_for(SECRET)
    town.an.press("Đã xem ✓")
    town.an.wait_for("Đã xem,")
    town.an.press_data(screen, f"essay_seen:{essay}")
    town.huong.wait_for("Cấp ủy đã xem bài thu hoạch số 1", timeout=20)
    town.world.settle()
    assert town.huong.transcript().count("Cấp ủy đã xem bài thu hoạch") == 1


def test_the_committee_sees_who_has_not_handed_in(town: Town, tmp_path: Path) -> None:
    begun(town, tmp_path)
    has_handed_in(town, "huong")
    desk(town)
    town.an.press("Còn 6 người")
    shown = town.an.wait_for("Chưa nộp: 6 người")
    assert "Đỗ Quốc Khánh" in shown.text and "Hương," not in shown.text


def test_no_group_no_notice_and_no_neighbour_reads_an_essay(town: Town, tmp_path: Path) -> None:
    group = town.group()
    begun(town, tmp_path)
    essay = has_handed_in(town, "huong")
    town.world.advance(seconds=61)
    for name in ("lan", "minh", "giang", "oanh"):
        who = town.people[name]
        who.send("/trogiup")
        screen = who.wait_for("Trợ giúp")
        for data in (f"essay_read:{essay}:0", f"essay_files:{essay}", f"essay_back_yes:{essay}"):
            who.press_data(screen, data)
            who.wait_for(lambda message: message.buttons == ["‹ Trang đầu"])
        assert SECRET not in who.transcript()
    town.world.settle()
    assert SECRET not in group.transcript()
    facts = town.database.run(lambda s: [str(each.facts) for each in s.exec(select(Notice)).all()])
    assert SECRET not in "".join(facts)
    opened = town.database.run(lambda s: s.get_one(Essay, essay).opened_at)
    assert opened is None
