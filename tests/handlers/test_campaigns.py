"""Study, as members and the committee see it: reminders, lessons, quizzes, who is where."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from bot.simulator.client import Message as Seen
from bot.simulator.client import Person
from handlers.campaigns.showing import bar, pages_of
from storage import campaigns
from storage.campaigns import Lesson, QuizAnswer, QuizRun
from tests.storage.test_campaigns import TWO_LESSONS, ZONE, campaign_toml, from_file, lesson_toml
from tests.town import NOON, Town


def take(town: Town, folder: Path, text: str = TWO_LESSONS) -> list[int]:
    """Imports a campaign beside the running bot; gives the ids of its lessons."""
    file = folder / "campaign.toml"
    file.write_text(text, "utf-8")

    def work(session: Session) -> list[int]:
        campaigns.import_campaign(session, from_file(file), zone=ZONE, now=NOON)
        found = session.exec(select(Lesson).order_by(col(Lesson.place)))
        return [lesson.id for lesson in found]

    return town.database.run(work)


def reminders(town: Town, name: str) -> int:
    """How many reminders of lessons somebody has had."""
    return sum("Mở bài" in message.buttons for message in town.people[name].messages())


def restart(town: Town) -> None:
    town.close()
    town.open()


# -- reminders ---------------------------------------------------------------------------------


def test_a_reminder_comes_at_its_minute_and_not_to_the_one_who_has_finished(
    town: Town, tmp_path: Path
) -> None:
    take(town, tmp_path)
    town.giang.send("/hoctap")
    town.giang.wait_for("Học tập Chỉ thị 01")
    town.giang.press("Bài 1 · hạn 8/8")
    town.giang.wait_for("Nội dung Bài 1")
    town.giang.press("Đã học ✓")
    town.giang.wait_for("đã học xong bài 1/2")
    town.world.advance(hours=7, minutes=29, seconds=30)
    assert "Mở bài" not in town.huong.transcript()
    town.world.advance(seconds=40)
    told = town.huong.wait_for("Bài 1/2 · khoảng 8 phút · hạn 8/8", timeout=20)
    assert told.text.splitlines()[1] == "▱▱ đã xong 0/2"
    assert [[each.text for each in row] for row in told.rows] == [
        ["Mở bài"],
        ["Đã học ✓", "Nhắc tối mai"],
    ]
    town.dung.wait_for("Bài 1/2", timeout=20)
    town.world.settle()
    assert reminders(town, "giang") == reminders(town, "minh") == 0


def test_nobody_is_reminded_a_third_time(town: Town, tmp_path: Path) -> None:
    take(town, tmp_path, campaign_toml(lesson_toml("Bài 1")))
    for day in (1, 2):
        town.world.settle()  # yesterday's counts as sent yesterday
        town.huong.mark()
        town.world.advance(hours=8 if day == 1 else 24)
        town.huong.wait_for("Bài 1/1", timeout=20)
    town.world.advance(hours=24)
    town.world.settle(quiet=1.5)
    assert reminders(town, "huong") == 2


def test_the_reminder_opens_the_lesson_in_its_place_and_studied_ends_it(
    town: Town, tmp_path: Path
) -> None:
    take(town, tmp_path)
    town.world.advance(hours=8)
    told = town.huong.wait_for("Bài 1/2", timeout=20)
    town.huong.press("Mở bài", told)
    opened = town.huong.wait_for("Nội dung Bài 1")
    assert opened.id == told.id
    answer = town.huong.press("Đã học ✓", opened)
    assert answer.text == "Đã ghi."
    assert "▰▱ đã xong 1/2" in town.huong.wait_for("đã học xong bài 1/2").text
    town.huong.press_data(told, told.button("Đã học ✓").data or "")  # the old button, again
    town.world.settle()
    shown = town.huong.refresh(told)
    assert shown is not None and "▰▱ đã xong 1/2" in shown.text


def test_tomorrow_evening_is_one_reminder_more(town: Town, tmp_path: Path) -> None:
    take(town, tmp_path, TWO_LESSONS.replace("19:30", "30 19 * * mon"))
    town.world.advance(hours=8)
    town.huong.wait_for("Bài 1/2", timeout=20)
    town.huong.press("Nhắc tối mai")
    town.huong.wait_for("thứ Ba 4/8/2026, 19:30")
    town.world.advance(hours=22)  # Tuesday, 18:00
    town.world.settle(quiet=1.2)
    assert reminders(town, "huong") == 0
    town.world.advance(hours=2)
    town.huong.wait_for("Bài 1/2 · khoảng 8 phút", timeout=20)
    assert reminders(town, "huong") == 1
    assert reminders(town, "dung") == 1  # Monday's


def test_a_reminder_at_night_waits_for_the_morning_and_is_dropped_when_done(
    town: Town, tmp_path: Path
) -> None:
    lesson_id = take(town, tmp_path, TWO_LESSONS.replace("19:30", "22:00"))[0]
    town.world.advance(hours=10, minutes=5)
    town.world.settle(quiet=1.2)
    assert reminders(town, "huong") == reminders(town, "giang") == 0
    town.huong.send("/hoctap")
    screen = town.huong.wait_for("Học tập Chỉ thị 01")
    town.huong.press_data(screen, f"studied:{lesson_id}")
    town.huong.press("Đã học ✓", town.huong.wait_for("Nội dung Bài 1"))  # first it is shown
    town.world.settle()
    town.world.advance(hours=8, minutes=30)
    town.giang.wait_for("Bài 1/2", timeout=20)
    town.world.settle(quiet=1.2)
    assert reminders(town, "huong") == 0


def test_a_slot_missed_while_the_bot_was_down_comes_once(town: Town, tmp_path: Path) -> None:
    take(town, tmp_path)
    town.close()
    town.world.advance(days=2)
    town.open()
    town.huong.wait_for("Bài 1/2", timeout=20)
    town.world.settle(quiet=1.2)
    assert reminders(town, "huong") == 1


def test_the_group_is_told_totals_only(town: Town, tmp_path: Path) -> None:
    group = town.group()
    lesson_id = take(town, tmp_path, campaign_toml(lesson_toml("Bài 1"), remind=None))[0]
    town.huong.send("/hoctap")
    town.huong.press_data(town.huong.wait_for("Chỉ thị 01"), f"lesson:{lesson_id}:0")
    town.huong.press("Đã học ✓", town.huong.wait_for("Nội dung Bài 1"))
    town.huong.wait_for("đã học xong bài 1/1")
    town.world.advance(days=6, hours=20, minutes=1)
    told = group.wait_for("Bài 1: 1/7 đã xong", timeout=20)
    assert "Hương" not in told.text


# -- lessons -----------------------------------------------------------------------------------


def test_a_long_lesson_is_read_in_pages(town: Town, tmp_path: Path) -> None:
    paragraphs = "\n\n".join(f"Đoạn {number}. " + "chữ " * 100 for number in range(20))
    text = lesson_toml("Bài 1").replace('"Nội dung Bài 1"', f'"""{paragraphs}"""')
    take(town, tmp_path, campaign_toml(text))
    town.huong.send("/hoctap")
    town.huong.wait_for("Học tập Chỉ thị 01")
    town.huong.press("Bài 1 · hạn 8/8")
    town.huong.wait_for("Đoạn 0.")
    town.huong.press("›")
    second = town.huong.wait_for("Đoạn 7.")
    assert "2/3" in second.buttons
    assert "Đoạn 0." not in second.text


def test_a_lesson_that_is_a_file_comes_once_and_again_when_asked(
    town: Town, tmp_path: Path
) -> None:
    (tmp_path / "bai-1.pdf").write_bytes(b"%PDF lesson one")
    text = lesson_toml("Bài 1").replace('text = "Nội dung Bài 1"', 'file = "bai-1.pdf"')
    take(town, tmp_path, campaign_toml(text))
    town.huong.send("/hoctap")
    screen = town.huong.wait_for("Học tập Chỉ thị 01")
    town.huong.press("Bài 1 · hạn 8/8")
    sent = town.huong.wait_for(lambda message: message.document is not None)
    assert sent.document is not None
    assert (sent.document.name, sent.document.read()) == ("bai-1.pdf", b"%PDF lesson one")
    data = screen.button("Bài 1 · hạn 8/8").data or ""
    town.huong.press_data(screen, data)
    town.world.settle()
    assert sum(each.document is not None for each in town.huong.messages()) == 1
    town.huong.press("Tải tệp")
    town.huong.wait_for(lambda message: message.document is not None)


def test_a_lesson_that_is_a_link_shows_its_address(town: Town, tmp_path: Path) -> None:
    text = lesson_toml("Bài 1").replace(
        'text = "Nội dung Bài 1"', 'url = "https://hoctap.example/bai?so=1&trang=2"'
    )
    lesson_id = take(town, tmp_path, campaign_toml(text))[0]
    town.huong.send("/hoctap")
    town.huong.press_data(town.huong.wait_for("Chỉ thị 01"), f"lesson:{lesson_id}:0")
    town.huong.wait_for("https://hoctap.example/bai?so=1&trang=2")


def test_somebody_of_another_branch_has_no_way_in(town: Town, tmp_path: Path) -> None:
    lesson_id = take(town, tmp_path)[0]
    town.lan.send("/hoctap")
    screen = town.lan.wait_for("Hiện chưa có đợt học tập")
    for data in (f"lesson:{lesson_id}:0", f"studied:{lesson_id}", f"quiz:{lesson_id}"):
        assert "Nội dung" not in town.lan.press_data(screen, data).text
        town.lan.wait_for("không")
    assert "Nội dung" not in town.lan.transcript()


def test_an_overdue_lesson_is_called_so_wherever_it_is_seen(town: Town, tmp_path: Path) -> None:
    take(town, tmp_path)
    town.world.set_now(datetime.fromisoformat("2026-08-09T08:00:00+07:00"))
    town.huong.send("/start")
    assert "bài 1 (quá hạn 8/8) và 1 bài nữa" in town.huong.wait_for("Cần làm").text
    town.huong.send("/viec")
    town.huong.wait_for("bài 1 (quá hạn 8/8) và 1 bài nữa")
    town.huong.send("/hoctap")
    screen = town.huong.wait_for("Tiếp theo: bài 1, quá hạn 8/8")
    assert screen.buttons[:2] == ["Bài 1 · quá hạn", "Bài 2 · hạn 15/8"]
    town.huong.press("Bài 1 · quá hạn")
    town.huong.wait_for("Bài 1/2 · khoảng 8 phút · quá hạn 8/8")
    town.huong.press("Đã học ✓")
    town.huong.wait_for("Tiếp theo: bài 2, hạn 15/8")
    data = screen.button("Bài 1 · quá hạn").data or ""
    town.huong.press_data(screen, data)
    assert "· hạn 8/8" in town.huong.wait_for("Nội dung Bài 1").text  # done, it is not late


def test_a_reminder_of_an_overdue_lesson_says_so(town: Town, tmp_path: Path) -> None:
    take(town, tmp_path, campaign_toml(lesson_toml("Bài 1")))
    town.world.set_now(datetime.fromisoformat("2026-08-09T19:30:05+07:00"))
    town.huong.wait_for("Bài 1/1 · khoảng 8 phút · quá hạn 8/8", timeout=20)


def test_an_english_reader_is_told_of_an_overdue_lesson_in_english(
    town: Town, tmp_path: Path
) -> None:
    def english(session: Session) -> None:
        town.person(session, "huong").language = "en"

    town.database.run(english)
    take(town, tmp_path)
    town.world.set_now(datetime.fromisoformat("2026-08-09T08:00:00+07:00"))
    town.huong.send("/study")
    screen = town.huong.wait_for("Next: lesson 1, overdue, was due 8/8")
    assert "Lesson 1 overdue" in screen.buttons


# -- the quiz ----------------------------------------------------------------------------------


def begin_quiz(town: Town, tmp_path: Path) -> int:
    lesson_id = take(town, tmp_path)[0]
    town.huong.send("/hoctap")
    town.huong.press_data(town.huong.wait_for("Chỉ thị 01"), f"lesson:{lesson_id}:0")
    town.huong.wait_for("Nội dung Bài 1")
    town.huong.press("Làm bài kiểm tra")
    return lesson_id


def letter_of(message: Seen, choice: str) -> str:
    """The letter that a choice has for the one who reads this: each has an order of their own."""
    line = next(line for line in message.text.splitlines() if line[1:] == f". {choice}")
    return line[0]


def choose(person: Person, choice: str, asked: str = "Câu ") -> None:
    """Answers the question that was shown last."""
    person.press(letter_of(person.wait_for(asked), choice))


def test_a_quiz_is_played_in_one_message(town: Town, tmp_path: Path) -> None:
    begin_quiz(town, tmp_path)
    first = town.huong.wait_for("Câu 1/2 ▰▱")
    _number, ask, *choices = first.text.splitlines()
    assert (ask, {each[3:] for each in choices}) == ("Bài 1, câu 1", {"một", "hai", "ba"})
    assert [each[:3] for each in choices] == ["A. ", "B. ", "C. "]
    assert [[each.text for each in row] for row in first.rows] == [["A", "B", "C"], ["Tạm dừng"]]
    wrong, right = letter_of(first, "một"), letter_of(first, "hai")
    town.huong.press(wrong)
    town.huong.wait_for(f"Chưa đúng. Đáp án: {right}. hai\nVì vậy.")
    town.huong.press("Câu tiếp ›")
    choose(town.huong, "hai", "Câu 2/2 ▰▰")
    result = town.huong.wait_for("1/2 – ĐẠT. Chi bộ: 1/7 đã làm.")
    assert result.id == first.id
    assert result.buttons == ["Xem câu sai", "Làm lại", "‹ Trang đầu"]
    town.huong.press("Xem câu sai")
    town.huong.wait_for(f"Đồng chí chọn: {wrong}. một\nĐáp án: {right}. hai")
    town.huong.press("Làm lại")
    town.huong.wait_for("Câu 1/2")


def test_the_average_stays_untold_until_three_others_have_finished(
    town: Town, tmp_path: Path
) -> None:
    begin_quiz(town, tmp_path)
    for name in ("giang", "khanh", "dung"):
        told = takes_quiz(town, name)
        assert "trung bình" not in told
    assert "2/2 – ĐẠT. Chi bộ: 4/7 đã làm, trung bình 10." in takes_quiz(town, "huong")


def takes_quiz(town: Town, name: str) -> str:
    """Somebody answers both questions rightly; returns the result as it is told."""
    person, lesson_id = town.people[name], town.database.run(first_lesson)
    person.send("/hoctap")
    person.press_data(person.wait_for("Chỉ thị 01"), f"quiz:{lesson_id}")
    choose(person, "hai", "Câu 1/2")
    person.wait_for("Đúng.")
    person.press("Câu tiếp ›")
    choose(person, "hai", "Câu 2/2")
    return person.wait_for("ĐẠT").text


def first_lesson(session: Session) -> int:
    return session.exec(select(Lesson.id).order_by(col(Lesson.place))).first() or 0


def test_a_quiz_goes_on_where_it_was_after_a_restart(town: Town, tmp_path: Path) -> None:
    begin_quiz(town, tmp_path)
    question = town.huong.wait_for("Câu 1/2")
    right, wrong = letter_of(question, "hai"), letter_of(question, "ba")
    town.huong.press(right)
    town.huong.wait_for(f"Đúng. {right}. hai")
    restart(town)
    town.huong.press("Câu tiếp ›", timeout=20)
    town.huong.wait_for("Câu 2/2")
    town.huong.press("Tạm dừng")
    town.huong.wait_for("Đã tạm dừng ở câu 2/2")
    restart(town)
    town.huong.press_data(question, question.button(wrong).data or "", timeout=20)
    town.huong.wait_for(f"Đúng. {right}. hai")  # an old button changes nothing
    town.huong.press("Câu tiếp ›")
    choose(town.huong, "hai", "Câu 2/2")
    town.huong.wait_for("2/2 – ĐẠT")


def test_a_double_tap_is_judged_once(town: Town, tmp_path: Path) -> None:
    begin_quiz(town, tmp_path)
    question = town.huong.wait_for("Câu 1/2")
    wrong, right = (question.button(letter_of(question, each)) for each in ("một", "hai"))
    town.huong.press_data(question, wrong.data or "", wait=False)
    town.huong.press_data(question, right.data or "")
    town.world.settle()
    kept = town.database.run(lambda s: s.exec(select(QuizAnswer.given)).all())
    assert kept == [[0]]
    shown = town.huong.refresh(question)
    assert shown is not None and "Chưa đúng" in shown.text


def test_nobody_answers_for_another(town: Town, tmp_path: Path) -> None:
    begin_quiz(town, tmp_path)
    question = town.huong.wait_for("Câu 1/2")
    run, asked = town.database.run(
        lambda s: (
            s.exec(select(QuizRun.id)).one(),
            (question.button("A").data or "").split(":")[2],
        )
    )
    town.giang.send("/hoctap")
    screen = town.giang.wait_for("Chỉ thị 01")
    of_run = (f"quizpick:{run}:{asked}:1:1", f"quizgive:{run}:{asked}", f"missed:{run}:0")
    for data in (*of_run, f"again:{run}", "quizpick:9:9:9:9"):
        town.giang.press_data(screen, data)
        town.giang.wait_for(lambda message: "không" in message.text)
    assert town.database.run(lambda s: s.exec(select(QuizAnswer)).all()) == []


# -- the committee -----------------------------------------------------------------------------


def test_the_secretary_sees_who_is_not_done_and_how_to_reach_them(
    town: Town, tmp_path: Path
) -> None:
    lesson_id = take(town, tmp_path)[0]
    town.huong.send("/hoctap")
    town.huong.press_data(town.huong.wait_for("Chỉ thị 01"), f"lesson:{lesson_id}:0")

    def unreachable(session: Session) -> None:
        dung, khanh = town.person(session, "dung"), town.person(session, "khanh")
        dung.telegram_id, dung.phone = None, "0912000111"
        khanh.blocked_at = NOON

    town.database.run(unreachable)
    town.an.send("/chiendich")
    town.an.wait_for("Chiến dịch học tập")
    town.an.press("Học tập Chỉ thị 01")
    seen = town.an.wait_for("1/8 – 31/8")
    assert "Đã xong 0 · đang học 1 · chưa học 4" in seen.text
    assert "Chưa học được qua bot (không tính): 2" in seen.text
    assert "Bài 1: 0/5 đã xong" in seen.text
    town.an.press("Chưa xong (7)")
    first = town.an.wait_for("chưa xong: 7")
    assert "Phạm Tiến Dũng · 0/2 · điện thoại 0912000111" in first.text
    town.an.press("›")
    second = town.an.wait_for("Đỗ Quốc Khánh")
    assert "Đỗ Quốc Khánh · 0/2 · chặn bot" in second.text


def test_every_lesson_of_a_campaign_is_on_the_committees_screen(town: Town, tmp_path: Path) -> None:
    take(town, tmp_path, campaign_toml(*[lesson_toml(f"Bài {n}") for n in range(1, 15)]))
    town.an.send("/chiendich")
    town.an.press("Học tập Chỉ thị 01", town.an.wait_for("Chiến dịch học tập"))
    seen = town.an.wait_for("1/8 – 31/8").text
    assert all(f"Bài {number}: 0/7" in seen for number in range(1, 13))
    assert "… và 2 bài nữa" in seen
    assert len(seen.splitlines()) <= 6


def test_an_overdue_lesson_stays_on_the_committees_screen(town: Town, tmp_path: Path) -> None:
    take(town, tmp_path)
    first = town.database.run(lambda s: s.exec(select(Lesson).order_by(col(Lesson.place))).first())
    assert first is not None
    town.world.advance(days=(first.due - NOON.date()).days + 1)
    town.an.send("/chiendich")
    town.an.wait_for("Chiến dịch học tập")
    town.an.press("Học tập Chỉ thị 01")
    assert "Bài 1: 0/7 đã xong, quá hạn" in town.an.wait_for("1/8 – 31/8").text


def test_a_member_cannot_follow_others(town: Town, tmp_path: Path) -> None:
    take(town, tmp_path)
    town.huong.send("/chiendich")
    town.world.settle()
    assert "Chiến dịch học tập" not in town.huong.transcript()


def test_the_secretary_sends_a_campaign_and_confirms_it(town: Town, tmp_path: Path) -> None:
    town.an.send_document("chien-dich.toml", TWO_LESSONS.encode())
    town.an.wait_for("CHƯA GHI GÌ.")
    assert town.database.run(lambda s: s.exec(select(Lesson)).all()) == []
    town.an.press("Ghi chiến dịch")
    town.an.wait_for("Đã ghi: Học tập Chỉ thị 01, 2 bài.")
    town.an.send_document("chien-dich.toml", TWO_LESSONS.encode())
    town.an.wait_for("Nội dung tệp đã có đủ")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            TWO_LESSONS.replace('"B"', '"D"', 1),
            'Bài 1, câu 1: đáp án "D" không có trong các lựa chọn',
        ),
        (TWO_LESSONS.replace('"Chi bộ 1"', '"Chi bộ 9"'), 'không có đơn vị "Chi bộ 9"'),
        (TWO_LESSONS.replace('"Chi bộ 1"', '"Chi bộ 2"'), "không"),
    ],
)
def test_a_campaign_that_cannot_be_taken_says_why(town: Town, text: str, said: str) -> None:
    town.an.send_document("chien-dich.toml", text.encode())
    town.an.wait_for(said)
    assert town.database.run(lambda s: s.exec(select(Lesson)).all()) == []


# -- how it is shown ---------------------------------------------------------------------------


def test_a_bar_has_a_cell_for_each_step_up_to_ten() -> None:
    assert [bar(1, 5), bar(3, 10), bar(20, 20), bar(0, 0)] == [
        "▰▱▱▱▱",
        "▰▰▰" + "▱" * 7,
        "▰" * 10,
        "▱",
    ]


@pytest.mark.parametrize("limit", [10, 50, 3000])
def test_the_pages_of_a_text_hold_all_of_it_and_fit(limit: int) -> None:
    text = "\n\n".join(["câu một. " * 30, "x" * 120, "🎉" * 70, f"{date(2026, 8, 1)}"])
    pages = pages_of(text, limit)
    assert all(0 < len(page.encode("utf-16-le")) <= 2 * limit for page in pages)
    assert "".join("".join(pages).split()) == "".join(text.split())
