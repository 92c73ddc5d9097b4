"""Documents of a meeting, through the pretend Telegram: sent once, handed on by their number."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session

from bot import pacing
from storage import papers
from storage.meetings import Meeting
from storage.papers import Paper
from tests.handlers.test_agenda import prepare
from tests.handlers.test_meetings import ask, called
from tests.town import Town

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 50


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """These are long talks with one person, in a Telegram that does not count: no waiting."""
    monkeypatch.setattr(pacing, "CHAT_EVERY", 0.02)


def kept(town: Town, meeting: Meeting) -> list[Paper]:
    return ask(town, lambda session: list(papers.papers(session, meeting.id)))


def add_form(town: Town) -> Meeting:
    """An has been asked for files."""
    meeting = called(town)
    prepare(town, meeting)
    town.an.press("Tài liệu")
    town.an.wait_for("Chưa có tài liệu.")
    town.an.press("Thêm tài liệu")
    town.an.wait_for("Xin gửi tệp vào đây")
    return meeting


def test_a_file_and_a_photo_become_documents_and_reach_members_by_their_number(town: Town) -> None:
    meeting = add_form(town)
    town.an.send_document("Báo cáo tháng 8.docx", b"PK report")
    town.an.wait_for("Báo cáo tháng 8.docx")
    town.an.send_photo(PNG, caption="Sơ đồ hội trường")
    shown = town.an.wait_for("Sơ đồ hội trường")
    assert "Báo cáo tháng 8.docx" in shown.text
    assert kept(town, meeting) == []
    town.an.press("Thêm")
    town.an.wait_for("1. Báo cáo tháng 8.docx")
    town.an.press_data(shown, f"papers_keep:{meeting.id}")
    town.world.settle()
    assert [(each.name, each.photo) for each in kept(town, meeting)] == [
        ("Báo cáo tháng 8.docx", False),
        ("Sơ đồ hội trường", True),
    ]

    town.huong.send("Lịch họp")
    town.huong.wait_for("Nhà văn hóa")
    since = town.world.last_call
    town.huong.press("Tài liệu (2)")
    report = town.huong.wait_for(lambda message: message.document is not None)
    picture = town.huong.wait_for(lambda message: message.document is not None)
    assert report.document is not None and picture.document is not None
    assert report.document.read() == b"PK report" and picture.document.is_photo
    assert [
        call.method for call in town.world.calls(since=since) if call.method.startswith("send")
    ] == [
        "senddocument",
        "sendphoto",
    ]
    assert not town.world.calls("getFile")  # nothing of them passed through here


def test_who_asks_for_a_file_that_telegram_has_lost_is_told_so(town: Town) -> None:
    meeting = add_form(town)
    town.an.send_document("Báo cáo tháng 8.docx", b"PK report")
    town.an.wait_for("Báo cáo tháng 8.docx")
    town.an.press("Thêm")
    town.an.wait_for("1. Báo cáo tháng 8.docx")

    def lose(session: Session) -> None:
        for paper in papers.papers(session, meeting.id):
            paper.file_id = "BQACAgUAAxkBAAI"

    ask(town, lose)
    town.huong.send("Lịch họp")
    town.huong.press("Tài liệu (1)", town.huong.wait_for("Nhà văn hóa"))
    told = town.huong.wait_for("Telegram không còn giữ")
    assert "Báo cáo tháng 8.docx" in told.text


def test_a_file_that_is_no_documents_goes_where_files_go(town: Town) -> None:
    meeting = add_form(town)
    town.an.press("‹ Quay lại")
    town.an.wait_for("Chưa có tài liệu.")
    town.an.send_document("danh sach.csv", "Họ và tên;Đơn vị\nAn;Chi bộ 1".encode())
    town.an.wait_for("Đang kiểm tra")
    town.world.settle()
    assert kept(town, meeting) == []


def test_text_is_no_document_and_a_form_can_be_left(town: Town) -> None:
    meeting = add_form(town)
    town.an.send("báo cáo")
    town.an.wait_for("Xin gửi tệp vào đây")
    town.an.send_document("a.pdf", b"%PDF")
    town.an.wait_for("Thêm vào tài liệu")
    town.an.press("Hủy")
    town.an.wait_for("Đã hủy")
    assert kept(town, meeting) == []


def test_a_photo_without_a_form_is_left_alone(town: Town) -> None:
    since = town.world.last_call
    town.an.send_photo(PNG)
    town.world.settle()
    assert not [each for each in town.world.calls(since=since) if each.method.startswith("send")]


def test_a_document_is_looked_at_and_removed(town: Town) -> None:
    meeting = add_form(town)
    town.an.send_document("a.pdf", b"%PDF")
    town.an.wait_for("Thêm vào tài liệu")
    town.an.press("Thêm")
    town.an.wait_for("1. a.pdf")
    town.an.press("1")
    card = town.an.wait_for("a.pdf")
    town.an.press("Xem tài liệu")
    town.an.wait_for(lambda message: message.document is not None)
    (paper,) = kept(town, meeting)
    town.an.press("Bỏ tài liệu này", card)
    town.an.wait_for("Chưa có tài liệu.")
    town.an.press_data(card, f"papers_remove:{meeting.id}:{paper.id}")
    assert kept(town, meeting) == []


def test_the_committee_hears_that_documents_are_missing_and_nobody_else(town: Town) -> None:
    meeting = called(town)
    for person in (town.an, town.huong):
        person.mark()
    town.world.set_now(meeting.starts_at - timedelta(days=1))
    told = town.an.wait_for("chưa có tài liệu")
    assert "trước 1 ngày (Hướng dẫn 42-HD/BTCTW (2025))" in told.text
    town.huong.wait_for("Nhắc")
    assert not [each for each in town.huong.messages() if "chưa có tài liệu" in each.text]
    town.an.press("Thêm tài liệu", told)
    town.an.wait_for("Xin gửi tệp vào đây")
