"""A contest through the pretend Telegram: made, played over a restart, closed, read."""

from __future__ import annotations

import io
import time
from collections.abc import Callable

import pytest
from PIL import Image
from sqlmodel import Session, select

from bot import pacing
from bot.simulator.client import Message
from handlers.contest import picture
from storage import bank, speakers
from storage.contest import Answer, Attempt, Contest, Round
from tests.handlers.test_attendance import sheet
from tests.storage.test_contest import CLOSES, OPENS, questions
from tests.town import ACCOUNTS, BRANCH_1, NOON, Town, unit_id


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """These are long talks with one person, in a Telegram that does not count: no waiting."""
    monkeypatch.setattr(pacing, "CHAT_EVERY", 0.02)


def fill_bank(town: Town, number: int = 6) -> None:
    def put(session: Session) -> None:
        an = speakers.who(session, ACCOUNTS["an"], today=NOON.date(), owner=False)
        bank.put(session, an, unit_id(session, BRANCH_1), questions(number), now=NOON)

    town.database.run(put)


def made(town: Town, kind: str = "Dự đoán số người", **figures: str) -> None:
    """An starts a contest of the branch in a few presses; named figures are typed."""
    fill_bank(town)
    town.an.send("/chiendich")
    town.an.press("Hội thi", town.an.wait_for("Chiến dịch học tập"))
    town.an.press("Tạo hội thi", town.an.wait_for("Chưa có hội thi nào."))
    town.an.press(kind, town.an.wait_for("Thi theo thể lệ nào?"))
    town.an.wait_for("Hội thi tên là gì?")
    town.an.send("Hội thi tìm hiểu Chỉ thị 01")
    shown = town.an.wait_for("Hội thi tìm hiểu Chỉ thị 01 · Chi bộ 1")
    for label, value in figures.items():
        town.an.press("Sửa thể lệ", shown)
        screen = town.an.wait_for(offers(label))
        town.an.press(next(each for each in screen.buttons if label in each), screen)
        town.an.wait_for("?")
        town.an.send(value)
        shown = town.an.wait_for(offers("Mở hội thi"))
    town.an.press("Mở hội thi", shown)
    town.an.wait_for("Còn 6 ngày 21 giờ")


def offers(label: str) -> Callable[[Message], bool]:
    return lambda message: any(label in each for each in message.buttons)


def enter(town: Town, name: str) -> Message:
    person = town.people[name]
    person.send("/hoctap")
    person.press("Hội thi", person.wait_for("đợt học tập nào"))
    return person.wait_for(offers("Thể lệ"))


def begin(town: Town, name: str, guess: str = "2") -> Message:
    person = town.people[name]
    person.press("Bắt đầu", enter(town, name))
    person.wait_for("bao nhiêu người trả lời đúng hết?")
    person.send(guess)
    person.press("Làm bài", person.wait_for(f"Dự đoán: {guess} người"))
    return person.wait_for("Câu 1/2")


def press_choice(town: Town, name: str, screen: Message, text: str = "đúng") -> None:
    """The letter before the choice that reads so."""
    line = next(each for each in screen.text.splitlines() if each[3:] == text)
    town.people[name].press(line[0], screen)


def play(town: Town, name: str, guess: str = "2") -> Message:
    press_choice(town, name, begin(town, name, guess))
    person = town.people[name]
    press_choice(town, name, person.wait_for("Câu 2/2"))
    person.press("Nộp bài", person.wait_for("Đã trả lời đủ 2 câu."))
    return person.wait_for("Đã nộp lúc")


def rows(town: Town) -> tuple[list[Attempt], list[Answer]]:
    def read(session: Session) -> tuple[list[Attempt], list[Answer]]:
        return list(session.exec(select(Attempt)).all()), list(session.exec(select(Answer)).all())

    return town.database.run(read)


def to_opening(town: Town) -> None:
    town.world.advance(seconds=(OPENS - town.world.now).total_seconds() + 1)


def close_round(town: Town) -> None:
    town.world.advance(seconds=(CLOSES - town.world.now).total_seconds() + 1)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        found = town.database.run(lambda s: s.exec(select(Round).where(Round.number == 1)).one())
        if found.sealed_at is not None:
            return
        time.sleep(0.05)
    raise AssertionError("the round was not sealed")


def test_a_member_plays_a_round_with_a_restart_in_between(town: Town) -> None:
    made(town, **{"Số câu": "2"})
    to_opening(town)
    told = town.huong.wait_for("Vòng 1: 10:00 10/8 – 09:00 17/8", timeout=20)
    assert told.buttons == ["Vào thi"]
    question = begin(town, "huong")
    press_choice(town, "huong", question)
    second = town.huong.wait_for("Câu 2/2 · đến 09:00 17/8")
    assert second.id == question.id  # one message, edited in place
    town.close()
    town.open()
    back = enter(town, "huong")  # on another telephone, say
    assert "Làm tiếp" in back.buttons
    town.huong.press("Làm tiếp", back)
    press_choice(town, "huong", town.huong.wait_for("Câu 2/2"), "sai")
    ready = town.huong.wait_for("Đã trả lời đủ 2 câu.")
    town.huong.press("2", ready)
    again = town.huong.wait_for("Câu 2/2")
    assert any(each.endswith("✓") for each in again.buttons)
    press_choice(town, "huong", again)
    ready = town.huong.wait_for("Đã trả lời đủ 2 câu.")
    data = ready.button("Nộp bài").data or ""
    town.huong.press_data(ready, data, wait=False)
    town.huong.press_data(ready, data)
    receipt = town.huong.wait_for("Đã nộp lúc 10:00:")
    assert "Dự đoán: 2 người đúng hết." in receipt.text
    assert "Có kết quả lúc 09:00 17/8." in receipt.text
    assert "đúng 2/2" not in receipt.text
    town.huong.press("Không nêu tên", receipt)
    town.huong.wait_for("Đồng chí đã thi 1 lượt")
    attempts, answers = rows(town)
    assert len(attempts) == 1 and len(answers) == 2


def test_results_are_hidden_until_the_round_is_over_and_names_without_consent(town: Town) -> None:
    made(town, **{"Số câu": "2"})
    to_opening(town)
    town.huong.press("Cho nêu tên tôi", play(town, "huong"))
    town.huong.wait_for("Đồng chí đã thi 1 lượt")
    town.giang.press("Không nêu tên", play(town, "giang", "5"))
    screen = town.giang.wait_for("Đồng chí đã thi 1 lượt")
    assert "Kết quả" not in " ".join(screen.buttons)
    early = town.giang.press_data(screen, "contest_results:1:0")
    assert "Hết vòng thi mới có kết quả." in (early.text or "") + town.giang.last.text
    close_round(town)
    told = town.huong.wait_for("vòng 1 đã kết thúc", timeout=20)
    assert "Đồng chí: hạng 1 trong 2 người · đúng 2/2 · đoán lệch 0" in told.text
    town.khanh.press("Kết quả chung", enter(town, "khanh"))
    seen = town.khanh.wait_for("2 người dự, 2 người đúng hết")
    assert "1. ★ Nguyễn Thị Hương · đúng 2/2" in seen.text
    assert "2. ★ Một đồng chí của Tổ 1 · đúng 2/2 · đoán lệch 3" in seen.text
    assert "Giang" not in seen.text
    assert "Giấy chứng nhận" not in seen.buttons
    town.huong.press("Xem kết quả", told)
    own = town.huong.wait_for("Đồng chí: hạng 1")
    town.huong.press("Xem đáp án", own)
    town.huong.wait_for("Đáp án: đúng")


def test_a_winner_gets_a_certificate_and_the_committee_a_protocol(town: Town) -> None:
    made(town, **{"Số câu": "2"})
    to_opening(town)
    play(town, "huong")
    close_round(town)
    told = town.huong.wait_for("vòng 1 đã kết thúc", timeout=20)
    town.huong.press("Xem kết quả", told)
    town.huong.press("Giấy chứng nhận", town.huong.wait_for("Đồng chí: hạng 1"))
    shown = town.huong.wait_for(
        lambda message: message.document is not None and message.document.is_photo, timeout=60
    )
    assert shown.document is not None
    with Image.open(io.BytesIO(shown.document.read())) as image:
        assert image.size == (picture.WIDTH, picture.HEIGHT)
    town.an.send("/chiendich")
    town.an.press("Hội thi", town.an.wait_for("Chiến dịch học tập"))
    town.an.press("Hội thi tìm hiểu…", town.an.wait_for("ngân hàng câu hỏi"))
    town.an.press("Kết quả vòng 1", town.an.wait_for("4 vòng"))
    jury = town.an.wait_for("Tên chỉ dành cho ban tổ chức.")
    assert "Nguyễn Thị Hương" in jury.text
    town.an.press("Biên bản (Excel)", jury)
    file = town.an.wait_for(lambda message: message.document is not None)
    header, row = sheet(file)
    assert row[: header.index("Đoán lệch")] == [1, "Nguyễn Thị Hương", "Tổ 1", 2, 2]
    assert (row[-1], row[header.index("Đoán lệch")]) == ("có", 1)


def test_an_answer_after_the_limit_does_not_count(town: Town) -> None:
    made(town, "Đúng và nhanh", **{"Số câu": "2"})
    to_opening(town)
    town.huong.press("Bắt đầu", enter(town, "huong"))
    press_choice(town, "huong", town.huong.wait_for("Câu 1/2 · còn 9 phút"))
    question = town.huong.wait_for("Câu 2/2")
    town.world.advance(minutes=10, seconds=5)
    line = next(each for each in question.text.splitlines() if each[3:] == "đúng")
    said = town.huong.press(line[0], question)
    assert "Đã hết giờ: câu trả lời này không tính." in (said.text or "")
    receipt = town.huong.wait_for("Đã nộp lúc 10:10:")
    assert "Đã trả lời 1/2 câu." in receipt.text
    assert len(rows(town)[1]) == 1


def test_a_second_tap_on_an_answer_is_harmless(town: Town) -> None:
    made(town, "Đúng và nhanh", **{"Số câu": "2"})
    to_opening(town)
    town.huong.press("Bắt đầu", enter(town, "huong"))
    question = town.huong.wait_for("Câu 1/2")
    line = next(each for each in question.text.splitlines() if each[3:] == "đúng")
    data = question.button(line[0]).data or ""
    town.huong.press_data(question, data, wait=False)
    town.huong.press_data(question, data)
    town.huong.wait_for("Câu 2/2")
    attempts, answers = rows(town)
    assert (len(attempts), len(answers)) == (1, 1)


def test_who_organises_sees_totals_and_cannot_take_part(town: Town) -> None:
    made(town, **{"Số câu": "2"})
    to_opening(town)
    screen = enter(town, "an")
    assert "Đồng chí thuộc ban tổ chức nên không dự thi." in screen.text
    assert "Bắt đầu" not in screen.buttons
    town.an.press_data(screen, "contest_begin:1:1:5")
    town.an.wait_for("Ban tổ chức không dự thi.")
    play(town, "huong")
    town.an.press_data(screen, "contest_desk:1")
    desk = town.an.wait_for("Đã dự thi: 1/5")
    assert "Tổ 1: 1/2" in desk.text
    assert "Hương" not in desk.text
    assert rows(town)[0][0].person_id == town.ids["huong"]


def test_somebody_of_another_branch_has_no_contest(town: Town) -> None:
    made(town, **{"Số câu": "2"})
    to_opening(town)
    town.minh.send("/hoctap")
    screen = town.minh.wait_for("đợt học tập nào")
    assert "Hội thi" not in screen.buttons
    town.minh.press_data(screen, "contest_begin:1:1:5")
    town.minh.wait_for("không dành cho đồng chí")
    assert rows(town) == ([], [])


def test_a_prediction_that_is_no_number_is_asked_again(town: Town) -> None:
    made(town, **{"Số câu": "2"})
    to_opening(town)
    town.huong.press("Bắt đầu", enter(town, "huong"))
    town.huong.wait_for("bao nhiêu người trả lời đúng hết?")
    town.huong.send("nhiều lắm")
    town.huong.wait_for("Xin gõ một số nguyên, như 120.")
    town.huong.send("1.200")
    town.huong.press("Làm bài", town.huong.wait_for("Dự đoán: 1.200 người"))
    town.huong.wait_for("Câu 1/2")
    assert [each.prediction for each in rows(town)[0]] == [1200]


def test_a_bank_that_is_too_small_is_said_before_anything_is_made(town: Town) -> None:
    fill_bank(town, 3)
    town.an.send("/chiendich")
    town.an.press("Hội thi", town.an.wait_for("Chiến dịch học tập"))
    town.an.press("Tạo hội thi", town.an.wait_for("Chưa có hội thi nào."))
    town.an.press("Dự đoán số người", town.an.wait_for("Thi theo thể lệ nào?"))
    town.an.wait_for("Hội thi tên là gì?")
    town.an.send("Hội thi thử")
    town.an.press("Mở hội thi", town.an.wait_for("Mọi chủ đề: 3 câu"))
    town.an.wait_for("Ngân hàng có 3 câu dùng được; hội thi cần 5 câu.")
    assert town.database.run(lambda s: s.exec(select(Contest)).all()) == []


def test_a_contest_is_stopped_after_a_second_press(town: Town) -> None:
    made(town, **{"Số câu": "2", "Số vòng": "3"})
    to_opening(town)
    town.an.press_data(town.an.last, "contest_desk:1")
    town.an.press("Dừng hội thi", town.an.wait_for("Đã dự thi: 0/5"))
    town.an.press("Dừng", town.an.wait_for("2 vòng chưa mở sẽ không diễn ra."))
    town.an.wait_for("1 vòng")
    assert len(town.database.run(lambda s: s.exec(select(Round)).all())) == 1
    assert "Bắt đầu" in enter(town, "huong").buttons


def test_a_long_name_stays_on_the_certificate() -> None:
    long = picture.Certificate(
        above="Đảng bộ Sở Y tế tỉnh " * 6,
        title="GIẤY CHỨNG NHẬN",
        given="Chứng nhận đồng chí",
        name="Nguyễn Trần Thị Phương Thảo Nguyên $x_1$ " * 3,
        unit="Chi bộ Khu phố 3 phường Bến Sông",
        lines=("đạt hạng 1 vòng 2", "Hội thi tìm hiểu " * 8, "đúng 5/5 câu"),
        below="Vòng thi kết thúc ngày 17/8/2026",
        mark="1a2b3c4d5e6f",
    )
    with Image.open(io.BytesIO(picture.draw(long))) as image:
        assert image.size == (1080, 1350)
        frame = image.convert("L").crop((70, 70, 1010, 1280))
        edges = [frame.crop((0, 0, 12, 1210)), frame.crop((928, 0, 940, 1210))]
        assert all(each.getextrema() == (255, 255) for each in edges)  # no letter runs out
