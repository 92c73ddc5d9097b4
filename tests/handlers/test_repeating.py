"""What was missed comes back in the chat, to who wants it and to nobody else."""

from __future__ import annotations

from pathlib import Path

from sqlmodel import Session, select

from bot.simulator.client import Message
from storage.repeating import Repeated
from tests.handlers.test_bank import MULTIPLE, SHORT, SINGLE
from tests.handlers.test_campaigns import letter_of, restart, take
from tests.storage.test_campaigns import campaign_toml, lesson_toml
from tests.town import Town

EVENING = "Ôn lại câu sai: hôm nay"
QUIZ = campaign_toml(lesson_toml("Bài 1") + SINGLE, remind=None)


def evenings(town: Town, name: str) -> int:
    """How many messages of an evening somebody has had."""
    return sum(EVENING in message.text for message in town.people[name].messages())


def misses(town: Town, name: str, lesson_id: int) -> Message:
    """Somebody takes the quiz and has its question wrong."""
    person = town.people[name]
    person.send("/hoctap")
    person.press_data(person.wait_for("Học tập Chỉ thị 01"), f"quiz:{lesson_id}")
    person.press(letter_of(person.wait_for("Câu 1/"), "mỗi năm"))
    return person.wait_for("Chưa đúng.")


def switches_on(town: Town, name: str) -> None:
    person = town.people[name]
    person.send("/hoctap")
    person.wait_for("Học tập Chỉ thị 01")
    person.press("Ôn lại câu sai")
    person.wait_for("Mỗi ngày nhiều nhất một tin")
    person.press("Bật ôn lại")
    person.wait_for("Đang bật.")


def test_a_missed_question_comes_the_next_evening_and_then_later(
    town: Town, tmp_path: Path
) -> None:
    lesson_id = take(town, tmp_path, QUIZ)[0]
    for name in ("huong", "giang"):
        misses(town, name, lesson_id)
    switches_on(town, "huong")
    town.world.advance(hours=7, minutes=30)  # Monday, 19:30
    town.world.settle(quiet=1.2)
    assert evenings(town, "huong") == 0
    town.world.advance(hours=23, minutes=31)
    told = town.huong.wait_for("Ôn lại câu sai: hôm nay có 1 câu.", timeout=20)
    town.huong.press("Ôn ngay", told)
    asked = town.huong.wait_for("Họp thường kỳ bao lâu một lần?")
    assert asked.id == told.id and "Ôn lại câu sai · còn 1 câu" in asked.text
    town.huong.press(letter_of(asked, "mỗi tháng"))
    judged = town.huong.wait_for("Câu này trở lại ngày")
    assert "Đúng. " in judged.text and "Câu tiếp ›" not in judged.buttons
    before = len(town.huong.messages())
    town.world.advance(days=1)
    town.world.settle(quiet=1.2)
    assert (len(town.huong.messages()), evenings(town, "giang")) == (before, 0)


def test_who_switches_it_off_hears_nothing_more(town: Town, tmp_path: Path) -> None:
    lesson_id = take(town, tmp_path, QUIZ)[0]
    misses(town, "huong", lesson_id)
    switches_on(town, "huong")
    town.huong.press("Tắt ôn lại")
    town.huong.wait_for("Đã tắt.")
    town.world.advance(days=1, hours=8)
    town.world.settle(quiet=1.2)
    assert evenings(town, "huong") == 0
    assert town.database.run(lambda s: s.exec(select(Repeated)).all()) == []


def test_an_evening_message_that_waits_is_not_sent_to_who_has_switched_off(
    town: Town, tmp_path: Path
) -> None:
    lesson_id = take(town, tmp_path, QUIZ)[0]
    misses(town, "huong", lesson_id)
    switches_on(town, "huong")
    town.huong.send("/hoctap")
    town.huong.wait_for("Học tập Chỉ thị 01")
    town.huong.press("Ôn lại câu sai")
    off = town.huong.wait_for("Đang bật.")

    def sleeps_early(session: Session) -> None:
        town.person(session, "huong").quiet_hours = "18:00-07:00"

    town.database.run(sleeps_early)
    town.world.advance(days=1, hours=8)  # Tuesday evening: it waits for the morning
    town.world.settle(quiet=1.2)
    town.huong.press_data(off, "repeatoff")
    town.huong.wait_for("Đã tắt.")
    town.world.advance(hours=13)
    town.world.settle(quiet=1.2)
    assert evenings(town, "huong") == 0


def test_every_kind_comes_back_and_a_half_answer_survives_a_restart(
    town: Town, tmp_path: Path
) -> None:
    text = campaign_toml(lesson_toml("Bài 1") + MULTIPLE + SHORT, remind=None)
    lesson_id = take(town, tmp_path, text)[0]
    switches_on(town, "huong")
    town.huong.send("/hoctap")
    town.huong.press_data(town.huong.wait_for("Chỉ thị 01"), f"quiz:{lesson_id}")
    town.huong.press(letter_of(town.huong.wait_for("Câu 1/2"), "ai nói nhiều"))
    town.huong.wait_for("Đã chọn")
    town.huong.press("Chốt")
    town.huong.wait_for("Chưa đúng")
    town.huong.press("Câu tiếp ›")
    town.huong.wait_for("Gõ câu trả lời")
    town.huong.send("45")
    town.huong.wait_for("Đồng chí trả lời: 45")
    town.huong.press("Chốt")
    town.huong.wait_for("0/2 – CHƯA ĐẠT")
    town.world.advance(days=1, hours=7, minutes=1)
    town.huong.press("Ôn ngay", town.huong.wait_for("hôm nay có 2 câu", timeout=20))
    asked = town.huong.wait_for("Chọn mọi ý đúng")
    for choice in ("việc gì", "ai làm"):
        town.huong.press(letter_of(asked, choice), asked)
        asked = town.huong.wait_for("Đã chọn")
    restart(town)
    town.huong.press(letter_of(asked, "bao giờ xong"), asked, timeout=20)
    town.huong.wait_for("Đã chọn")
    town.huong.press("Chốt")
    judged = town.huong.wait_for("Đúng. ")
    town.huong.press_data(asked, asked.button("Chốt").data or "")  # again
    town.world.settle()
    seen = town.huong.refresh(judged)
    assert seen is not None and seen.text == judged.text
    town.huong.press("Câu tiếp ›", seen)
    town.huong.wait_for("Gõ câu trả lời")
    town.huong.send("chín mươi")
    town.huong.wait_for("Đồng chí trả lời: chín mươi")
    town.huong.press("Chốt")
    assert "Câu tiếp ›" not in town.huong.wait_for("Đúng. 90").buttons
    town.huong.press_data(judged, "repeatnow")
    town.huong.wait_for("Hôm nay không còn câu nào phải ôn.")
