"""The minutes as a Word file, and their way from draft to final through the pretend Telegram."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import TypeVar

import pytest
from docx import Document as read_docx
from sqlmodel import Session, select

from bot.simulator.client import Message
from handlers.minutes.document import Filling
from handlers.text import PROFILES, Reader
from storage import attendance, minutes, speakers
from storage.meetings import Meeting
from storage.minutes import MinutesFacts
from storage.polls import Poll
from storage.quiet import Quiet
from tests.big_meeting import ENDED, LONGEST, REASONS, held
from tests.town import ACCOUNTS, NOON, Town

T = TypeVar("T")
NOT_FOR_YOU = "Mục này không có hoặc không dành cho đồng chí."
BY_SECRETARY = "Việc này do bí thư làm (đ/c An)."
USUAL = {"illness": "Ốm", "business": "Công tác"}
QUIET = Quiet("", "Asia/Ho_Chi_Minh")


def text_of(content: bytes) -> str:
    """Everything that stands in a Word file, headers and tables too, in order."""
    paper = read_docx(io.BytesIO(content))
    parts = [each.text for section in paper.sections for each in section.header.paragraphs]
    for element in paper.element.body.iter():
        if element.tag.endswith("}p"):
            parts.append("".join(each.text or "" for each in element.iter() if is_text(each.tag)))
    return "\n".join(parts)


def is_text(tag: object) -> bool:
    return isinstance(tag, str) and tag.endswith("}t")


def minutes_of(session: Session, meeting: Meeting, reader: Reader | None = None) -> bytes:
    taken = minutes.take_away(
        session,
        speakers.who(session, ACCOUNTS["an"], today=NOON.date(), owner=False),
        meeting.id,
        profile="party",
        now=ENDED,
    )
    return Filling(taken, reader or Reader(), draft=meeting.locked_at is None).build()


def says_everything(
    said: str, facts: MinutesFacts, count: attendance.Count, reasons: list[str] = REASONS
) -> None:
    """Every figure of the roll, and everybody who was away, with the reason."""
    said = re.sub(r"\s+", " ", said)
    assert f"Triệu tập: {count.convened} đồng chí (chính thức" in said
    assert f"Có mặt: {count.present} đồng chí (chính thức" in said
    assert f"tỷ lệ {count.percent}%".replace(".", ",") in said
    assert f"Vắng có lý do: {count.excused} đồng chí" in said
    assert f"Vắng không lý do: {count.absent} đồng chí" in said
    assert f"Được miễn, không dự (không tính): {count.exempt} đồng chí" in said
    assert f"Trong đó dự trực tuyến: {facts.online} đồng chí" in said
    for kinds in (facts.convened, facts.present):
        for kind, word in zip(
            kinds, ("chính thức", "dự bị", "sinh hoạt tạm thời", "được miễn"), strict=True
        ):
            assert f"{word} {kinds[kind]}" in said
    assert count.present and count.excused and count.absent and count.exempt and count.pending
    for number, each in enumerate(facts.absent, start=1):
        assert f"{number}. {each.name}" in said
    for name, reason in zip(LONGEST, reasons, strict=True):
        assert f"{name} – {USUAL.get(reason, reason)}" in said
    for away in facts.pending:
        assert f"{away.name} – Việc gia đình" in said
    assert f"Đến muộn: {facts.late[0]}; {facts.late[1]}." in said
    assert f"Về sớm: {facts.left[0][0]} – 20 giờ 20." in said


# -- the document ------------------------------------------------------------------------------


def test_every_figure_and_every_name_stands_in_the_minutes(
    session: Session, cast: dict[str, int]
) -> None:
    meeting = held(session, cast)
    facts = minutes.facts_of(session, meeting)
    said = text_of(minutes_of(session, meeting))
    says_everything(said, facts, attendance.totals(session, meeting).all)
    for words in (
        "ĐẢNG CỘNG SẢN VIỆT NAM",
        "ĐẢNG BỘ SỞ Y TẾ",
        "CHI BỘ 1",
        "ngày 03 tháng 8 năm 2026",
        "từ 19 giờ 30 đến 21 giờ 05",
        "Học tập chuyên đề quý III & liên hệ thực tế",
        "Rà soát <hộ khó khăn>",
        "20/08/2026",
        "Thống nhất phương hướng tháng 8 & tháng 9.\nGiao phó bí thư theo dõi <hằng tuần>.",
        "Nguyễn Văn An",
        "Lê Thị Chi",
    ):
        assert words in said
    assert said.startswith("BẢN NHÁP")
    assert "{%" not in said.replace(REASONS[1], "")


def test_what_the_room_was_asked_stands_there_and_is_called_no_vote(
    session: Session, cast: dict[str, int]
) -> None:
    meeting = held(session, cast)
    said = text_of(minutes_of(session, meeting))
    assert "Lấy ý kiến, không thay biểu quyết:" in said
    assert "1. Sửa sân vào <tháng nào>?: Tháng này 9 · Tháng sau 12 (trả lời 21/27)" in said
    session.delete(session.exec(select(Poll)).one())
    session.flush()
    assert "Lấy ý kiến" not in text_of(minutes_of(session, meeting))


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_only_the_partys_papers_bear_its_name(
    session: Session, cast: dict[str, int], profile: str, language: str
) -> None:
    meeting = held(session, cast)
    said = text_of(minutes_of(session, meeting, Reader(language, profile=profile)))
    named = "ĐẢNG CỘNG SẢN" in said or "COMMUNIST PARTY" in said
    assert named is (profile == "party")
    assert "comrade" not in said or profile == "party"


def test_final_minutes_are_no_draft_and_carry_what_was_corrected(
    session: Session, cast: dict[str, int]
) -> None:
    meeting = held(session, cast)
    an = speakers.who(session, ACCOUNTS["an"], today=NOON.date(), owner=False)
    attendance.make_final(session, an, meeting, now=ENDED)
    minutes.correct(session, an, meeting.id, "Mục 8 <thừa> & một tên.", now=ENDED)
    said = text_of(minutes_of(session, meeting))
    assert "BẢN NHÁP" not in said
    assert said.endswith("ĐÍNH CHÍNH\n1. Mục 8 <thừa> & một tên. (Nguyễn Văn An, 21:05 03/08/2026)")


# -- from draft to final -----------------------------------------------------------------------


def ask(town: Town, question: Callable[[Session], T]) -> T:
    return town.database.run(question)


def draft(town: Town) -> tuple[int, Message]:
    """The meeting of forty is held; An looks at its result."""
    meeting_id = ask(town, lambda session: held(session, town.ids).id)
    ask(town, lambda session: settle_requests(session, meeting_id))
    town.world.set_now(ENDED)
    town.world.settle()
    town.an.send("/help")
    town.an.press_data(town.an.wait_for("Trợ giúp"), f"roll_result:{meeting_id}")
    return meeting_id, town.an.wait_for("KẾT QUẢ HỌP")


def settle_requests(session: Session, meeting_id: int) -> None:
    an = speakers.who(session, ACCOUNTS["an"], today=NOON.date(), owner=False)
    for seat, person in attendance.to_enter(session, meeting_id, everybody=True):
        if seat.leave == "pending":
            attendance.enter(
                session, an, meeting_id, seat.id, attendance.Presence.EXCUSED, now=ENDED
            )
            assert person.full_name


def word(person: object, message: Message) -> str:
    assert message.document is not None
    assert message.document.name == "bien-ban-2026-08-03.docx"
    return text_of(message.document.read())


def has_file(message: Message) -> bool:
    return message.document is not None


def test_the_minutes_are_confirmed_by_both_and_then_final(town: Town) -> None:
    meeting_id, result = draft(town)
    assert result.buttons[:4] == ["Sửa điểm danh", "Nhập kết luận", "Tải Word", "Tải Excel"]
    town.an.press("Tải Word", result)
    assert "BẢN NHÁP" in word(town.an, town.an.wait_for(has_file))
    town.an.press("Chốt biên bản", result)
    town.an.press("Biên bản", town.an.wait_for("Cần chủ trì và thư ký xác nhận"))
    screen = town.an.wait_for("chưa gửi xác nhận")
    assert "Xác nhận" not in screen.buttons
    town.an.press("Gửi xác nhận", screen)
    shown = town.an.wait_for("Lê Thị Chi – đã gửi, chưa trả lời")
    assert "Xác nhận" in shown.buttons  # who runs the meeting may confirm here as well
    asked = town.chi.wait_for("Mời đồng chí xem và xác nhận biên bản họp 3/8.")
    assert asked.buttons == ["Tải Word", "Xác nhận", "Cần sửa", "‹ Trang đầu"]
    town.chi.press("Tải Word", asked)
    assert LONGEST[0] in word(town.chi, town.chi.wait_for(has_file))
    town.chi.press("Xác nhận", asked)
    town.chi.wait_for("Đồng chí đã xác nhận biên bản")
    own = town.an.wait_for("Mời đồng chí xem và xác nhận")
    assert "Cần sửa" in own.buttons
    town.an.press("Xác nhận", shown)
    town.an.wait_for("Đã chốt biên bản.")
    told = town.an.wait_for("Chủ trì và thư ký đã xác nhận biên bản họp 3/8.")
    locked_at = ask(town, lambda s: s.get_one(Meeting, meeting_id)).locked_at
    assert locked_at is not None and locked_at >= ENDED
    town.an.press("Biên bản", told)
    final = town.an.wait_for("BIÊN BẢN họp 3/8 – đã chốt")
    town.an.press("Thêm đính chính", final)
    town.an.wait_for("Biên bản giữ nguyên")
    town.an.send("Mục 8 thừa một tên.")
    town.an.press("Ghi đính chính", town.an.wait_for("không rút lại"))
    town.an.wait_for("Đính chính: 1. Mới nhất: Mục 8 thừa một tên.")


def test_who_signs_says_what_is_to_be_mended(town: Town) -> None:
    _meeting_id, result = draft(town)
    town.an.press_data(result, f"minutes_send:{_meeting_id}")
    asked = town.chi.wait_for("Mời đồng chí xem và xác nhận")
    town.chi.press("Cần sửa", asked)
    town.chi.wait_for("gõ điều cần sửa")
    town.chi.send("Thiếu <mục> 3.")
    town.chi.press("Gửi đi", town.chi.wait_for("Thiếu <mục> 3."))
    town.chi.wait_for('Đã gửi bí thư: "Thiếu <mục> 3."')
    told = town.an.wait_for("Đồng chí Lê Thị Chi đề nghị sửa biên bản họp 3/8:")
    assert "Thiếu <mục> 3." in told.text
    town.an.press("Biên bản", told)
    town.an.wait_for('Lê Thị Chi – cần sửa: "Thiếu <mục> 3."')


def test_a_change_is_told_and_asked_again(town: Town) -> None:
    meeting_id, result = draft(town)
    town.an.press_data(result, f"minutes_send:{meeting_id}")
    asked = town.chi.wait_for("Mời đồng chí xem và xác nhận")
    ask(town, lambda session: concluded(session, meeting_id))
    assert "đã thay đổi sau khi gửi" in (town.chi.press("Xác nhận", asked).text or "")
    town.an.press_data(result, f"minutes:{meeting_id}")
    screen = town.an.wait_for("biên bản đã thay đổi, cần gửi xác nhận lại")
    town.an.press("Gửi xác nhận", screen)
    again = town.chi.wait_for("Kết luận: Kết luận khác.")
    town.chi.press("Xác nhận", again)
    town.chi.wait_for("Đồng chí đã xác nhận biên bản")


def concluded(session: Session, meeting_id: int) -> None:
    an = speakers.who(session, ACCOUNTS["an"], today=NOON.date(), owner=False)
    attendance.conclude(session, an, meeting_id, "Kết luận khác.", now=ENDED)


def test_the_secretary_writes_down_who_chaired_after_the_meeting(town: Town) -> None:
    meeting_id, result = draft(town)
    town.an.press_data(result, f"minutes:{meeting_id}")
    town.an.press("Chủ trì, thư ký", town.an.wait_for("Thư ký: Lê Thị Chi"))
    town.an.press("Chọn chủ trì", town.an.wait_for("CHỦ TRÌ, THƯ KÝ"))
    names = town.an.wait_for("Ai chủ trì?")
    town.an.press(names.buttons[1])
    town.an.press("‹ Quay lại", town.an.wait_for("Thư ký: Lê Thị Chi"))
    town.an.wait_for("SAU BUỔI HỌP")
    town.an.press_data(result, f"minutes:{meeting_id}")
    town.an.wait_for("bot không liên lạc được")  # on the roll, without an account


def test_neither_a_member_nor_the_committee_above_reads_the_minutes(town: Town) -> None:
    meeting_id, _result = draft(town)
    for person in (town.giang, town.oanh, town.lan):
        person.send("/help")
        message = person.wait_for("Trợ giúp")
        for data in ("minutes_word:{}", "minutes:{}", "minutes_send:{}", "minutes_mend:{}"):
            answer = person.press_data(message, data.format(meeting_id))
            assert answer.text in (NOT_FOR_YOU, BY_SECRETARY), (data, answer)
        assert not [each for each in person.messages() if has_file(each)]
