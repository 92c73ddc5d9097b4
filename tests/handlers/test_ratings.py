"""The anonymous rating, through the pretend Telegram: three taps, and nobody's name anywhere."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text
from sqlmodel import Session, SQLModel, select

from bot.app import FEATURES
from bot.simulator.client import Message, Person
from handlers.dispatch import Conversation
from handlers.kit import House
from storage.outbox import Claimed, Notice
from storage.quality.rating import Counter, Paper
from tests.handlers.test_attendance import START, opened
from tests.town import ACCOUNTS, Town

PRESENT = ("an", "binh", "chi", "giang", "huong")
MORNING = START + timedelta(hours=12)
OVER = START + timedelta(days=4)
FIRST = "Khâu CHUẨN BỊ của buổi họp thế nào?"


def asked(town: Town) -> int:
    """Five were there; it is the morning after, and they have their papers."""
    meeting_id, card = opened(town, town.group())
    town.an.wait_for("Chưa 7")
    for name in PRESENT:
        town.people[name].press("Tôi có mặt", card)
    town.world.set_now(START + timedelta(minutes=21))
    town.an.wait_for("KẾT QUẢ HỌP 3/8")
    town.world.settle()
    town.world.set_now(MORNING)
    return meeting_id


def tap(who: Person, *labels: str) -> Message:
    message = who.wait_for(FIRST)
    for number, label in enumerate(labels, 2):
        who.press(label, message)
        if number <= len(labels):
            who.wait_for(f"{number}/3")
    return who.wait_for("Cảm ơn đồng chí. Đã tính, không ghi tên.")


def counters(town: Town) -> dict[tuple[int, str], int]:
    found = town.database.run(lambda s: s.exec(select(Counter)).all())
    return {(each.question, each.grade): each.number for each in found}


def test_three_taps_on_one_message_are_a_rating(town: Town) -> None:
    meeting_id = asked(town)
    message = town.giang.wait_for(FIRST)
    assert message.text.split("\n") == [
        "ĐÁNH GIÁ ẨN DANH · Họp 3/8 · 1/3",
        FIRST,
        "Chỉ lưu tổng số, không lưu ai chọn gì.",
    ]
    assert message.buttons == ["Tốt", "Khá", "Trung bình", "Kém", "‹ Trang đầu"]
    town.giang.press("Kém", message)
    town.giang.wait_for("2/3")
    town.giang.press("‹ Chọn lại", message)
    town.giang.wait_for("1/3")
    town.giang.press("Tốt", message)
    town.giang.wait_for("2/3")
    town.giang.press("Khá", message)
    third = town.giang.wait_for("3/3")
    data = third.button("Trung bình").data
    for _press in range(2):
        town.giang.press_data(third, str(data))
    done = town.giang.wait_for("Phiếu này đã được tính rồi.")
    assert done.id == message.id
    assert counters(town) == {(0, "good"): 1, (1, "fair"): 1, (2, "average"): 1}
    town.giang.press("Kết quả chung")
    town.giang.wait_for("Kết quả có từ thứ Năm 6/8/2026, 20:50.")
    assert not [m for m in town.dung.messages() if FIRST in m.text]  # was not there
    assert town.database.run(lambda s: len(s.exec(select(Paper)).all())) == 1
    assert meeting_id


def test_nothing_is_kept_of_a_tap_that_knows_whose_it_was(town: Town) -> None:
    """No table has Giang's account, her id or her chat in a row with her paper or her taps."""
    asked(town)
    message = town.giang.wait_for(FIRST)
    papers = [str(message.button("Tốt").data).split(":")[2]]
    town.giang.press("Tốt", message)
    town.giang.wait_for("2/3")
    town.giang.press("Khá", message)
    town.giang.wait_for("3/3")
    town.giang.press("Kém", message)
    town.giang.wait_for("Cảm ơn đồng chí.")
    town.world.settle()

    def rows(session: Session) -> list[tuple[str, str]]:
        return [
            (name, repr(tuple(row)))
            for name in SQLModel.metadata.tables
            for row in session.execute(text(f'SELECT * FROM "{name}"'))
        ]

    found = [(name, row) for name, row in town.database.run(rows) if papers[0] in row]
    assert [name for name, _row in found] == ["rating_paper"]
    assert str(ACCOUNTS["giang"]) not in found[0][1]


def test_figures_come_when_the_time_is_over(town: Town) -> None:
    meeting_id = asked(town)
    for name in PRESENT[:4]:
        tap(town.people[name], "Tốt", "Khá", "Kém")
    town.an.press("Kết quả chung")
    town.an.wait_for("Kết quả có từ thứ Năm 6/8/2026, 20:50.")
    tap(town.huong, "Kém", "Khá", "Kém")
    town.world.set_now(OVER)
    town.huong.press("Kết quả chung")
    shown = town.huong.wait_for("Chuẩn bị: 3,4 trên 4")
    assert "Nội dung: 3 trên 4\nKết luận: 1 trên 4" in shown.text
    town.chi.press_data(town.chi.last, f"rating:{meeting_id}")
    seen = town.chi.wait_for("Đã có 5 phiếu.")
    assert "Chuẩn bị: tốt 4 · khá 0 · trung bình 0 · kém 1" in seen.text
    assert "Thôi hỏi" not in seen.buttons  # the leaders decide that


def test_too_few_ratings_are_shown_to_nobody(town: Town) -> None:
    meeting_id = asked(town)
    for name in PRESENT[:4]:
        tap(town.people[name], "Tốt", "Khá", "Kém")
    town.world.set_now(OVER)
    town.an.press_data(town.an.last, f"rating:{meeting_id}")
    seen = town.an.wait_for("Chưa đủ 5 ý kiến, không hiện kết quả.")
    assert "tốt" not in seen.text
    town.an.press("Thôi hỏi")
    town.an.wait_for("Hỏi ẩn danh đảng viên sau mỗi kỳ: không.")


def test_a_paper_that_may_have_arrived_is_never_followed_by_another(town: Town) -> None:
    """Asked to send it again, the bot has nothing to say: it would be a second vote."""
    meeting_id = asked(town)
    town.giang.wait_for(FIRST)

    def again(session: Session, unknowns: int) -> bool:
        notice = session.exec(
            select(Notice).where(
                Notice.subject == f"rating:{meeting_id}", Notice.person_id == town.ids["giang"]
            )
        ).one()
        notice.unknowns, notice.message_id = unknowns, None
        claimed, house = Claimed(notice, ACCOUNTS["giang"]), House()
        wording = Conversation(FEATURES, house).wording
        return wording.word(session, claimed, now=MORNING) is not None

    assert town.database.run(lambda session: again(session, 0))
    assert not town.database.run(lambda session: again(session, 1))
