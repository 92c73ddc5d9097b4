"""Papers for a meeting: who gets them, and what stands on them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session

from handlers import prints as papers
from handlers.text import Reader
from storage import prints, roster, speakers
from storage.errors import NotFound, Refusal
from storage.meetings import Meeting, MeetingState
from storage.roster import Kind, Person
from tests.big_meeting import LONGEST, held
from tests.handlers.test_attendance import NOT_FOR_YOU, called
from tests.handlers.test_minutes import has_file, text_of
from tests.town import ACCOUNTS, BRANCH_1, NOON, Town

SOON = NOON + timedelta(hours=1)


def actor(session: Session, name: str) -> speakers.Actor:
    return speakers.who(session, ACCOUNTS[name], today=NOON.date(), owner=False)


# -- what stands on them -----------------------------------------------------------------------


def test_the_sheet_has_everybody_once_by_group_and_given_name(
    session: Session, cast: dict[str, int]
) -> None:
    roster.new_person(session, roster.unit_at(session, f"{BRANCH_1} / Tổ 10"), "Lý & <Sơn>")
    meeting = held(session, cast)
    an = actor(session, "an")
    groups = prints.sheet(session, an, meeting.id, now=NOON)
    assert [each.name for each in groups] == ["Chi bộ 1", "Tổ 1", "Tổ 2", "Tổ 3", "Tổ 10"]
    assert [each.name.split()[-1] for each in groups[0].lines] == ["An", "Bình", "Chi", "Dũng"]
    said = text_of(papers.sheet_paper(prints.printable(session, an, meeting.id), groups, Reader()))
    assert "41\nLý & <Sơn>\nchính thức" in said
    assert said.startswith("Chi bộ 1 · Họp thường kỳ tháng 8 · 19:30, 03/08/2026 · Nhà văn hóa")
    assert all(said.count(name) == 1 for name in LONGEST)
    assert "Danh sách: 41 đồng chí." in said


def test_the_letter_lists_only_whom_no_message_reaches(
    session: Session, cast: dict[str, int]
) -> None:
    khanh = session.get_one(Person, cast["khanh"])
    khanh.telegram_id, khanh.phone = None, "+84912345678"
    session.flush()
    meeting = held(session, cast)
    an = actor(session, "an")
    people = prints.unreached(session, an, meeting.id, now=NOON)
    assert people[0] == prints.Invited("Đỗ Quốc Khánh", "Tổ 2", prints.Reach.PHONE, "+84912345678")
    assert len(people) == 34
    printed, points = (
        prints.printable(session, an, meeting.id),
        prints.points(session, an, meeting.id),
    )
    letter = text_of(papers.letter_paper(printed, people, points, Reader(), today=SOON.date()))
    assert "Đỗ Quốc Khánh\nTổ 2\nchỉ có điện thoại\n0912 345 678" in letter
    assert "Nguyễn Thị Hương" not in letter
    assert "1. Học tập chuyên đề quý III & liên hệ thực tế" in letter


def test_an_agenda_without_points_has_lines_to_write_on(
    session: Session, cast: dict[str, int]
) -> None:
    meeting = held(session, cast)
    printed = prints.printable(session, actor(session, "an"), meeting.id)
    points = prints.points(session, actor(session, "an"), meeting.id)
    full, empty = (text_of(papers.agenda_paper(printed, each, Reader())) for each in (points, []))
    assert "2\nKiểm điểm công tác tháng 7\n30" in full
    assert "6" in empty and "Kiểm điểm" not in empty


def test_a_profile_has_its_own_words_and_no_head_of_the_party(
    session: Session, cast: dict[str, int]
) -> None:
    meeting = held(session, cast)
    printed = prints.printable(session, actor(session, "an"), meeting.id)
    letter = papers.letter_paper(printed, [], [], Reader(profile="youth"), today=SOON.date())
    said = text_of(letter)
    assert "ĐẢNG CỘNG SẢN" not in said and "T/M BCH" in said


# -- who ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["giang", "oanh", "lan"])
def test_nobody_but_the_units_own_committee_prints(
    session: Session, cast: dict[str, int], name: str
) -> None:
    meeting, other = held(session, cast), actor(session, name)
    for ask in (prints.sheet, prints.unreached):
        with pytest.raises(NotFound):
            ask(session, other, meeting.id, now=NOON)
    for look in (prints.printable, prints.points):
        with pytest.raises(NotFound):
            look(session, other, meeting.id)


def test_a_draft_is_called_before_it_is_printed(session: Session, cast: dict[str, int]) -> None:
    meeting: Meeting = held(session, cast)
    meeting.state = MeetingState.DRAFT
    session.flush()
    with pytest.raises(Refusal, match="call the meeting first"):
        prints.sheet(session, actor(session, "an"), meeting.id, now=NOON)


def test_the_secretary_takes_all_three_from_the_desk(town: Town) -> None:
    meeting_id = called(town)
    town.an.send("/help")
    town.an.press_data(town.an.wait_for("Trợ giúp"), f"meeting_desk:{meeting_id}")
    town.an.press("Chuẩn bị", town.an.wait_for("Triệu tập 7"))
    town.an.press("In ra giấy", town.an.wait_for("CHUẨN BỊ"))
    screen = town.an.wait_for("IN RA GIẤY")
    for label, name, words in (
        ("Danh sách ký", "danh-sach-ky-2026-08-03.docx", "Vũ Hương Giang"),
        ("Chương trình họp", "chuong-trinh-2026-08-03.docx", "CHƯƠNG TRÌNH HỌP"),
        ("Giấy mời", "giay-moi-2026-08-03.docx", "Kính gửi đồng chí:"),
    ):
        town.an.press(label, screen)
        file = town.an.wait_for(has_file)
        assert file.document is not None and file.document.name == name
        assert words in text_of(file.document.read())
    town.lan.send("/help")
    message = town.lan.wait_for("Trợ giúp")
    assert town.lan.press_data(message, f"print_paper:{meeting_id}:sheet").text == NOT_FOR_YOU


def test_every_kind_of_member_is_named_on_the_sheet(session: Session, cast: dict[str, int]) -> None:
    meeting, an = held(session, cast), actor(session, "an")
    kinds = [
        line.kind
        for group in prints.sheet(session, an, meeting.id, now=NOON)
        for line in group.lines
    ]
    assert [kinds.count(each) for each in list(Kind)[:4]] == [31, 3, 3, 3]
