"""What may not have arrived: the committee is shown it, decides, or a press settles it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlmodel import Session, col, select

from bot.simulator.client import Message
from handlers.kit import Button, Say
from storage import outbox
from storage.acts import Did
from storage.audit import Deed
from storage.outbox import Class, Notice, State
from tests.bot.post import AGAIN, Post
from tests.town import NOON, Town


@pytest.fixture
def post(town: Town) -> Post:
    found = Post(town)
    found.words = lambda note: Say(f"Về {note.notice.subject}", buttons=[[HELP]])
    return found


HELP = Button("Trợ giúp", "help")


def leave_in_doubt(town: Town, post: Post, *names: str, klass: Class = Class.ONCE) -> None:
    """Telegram takes the message and the answer is lost."""
    for name in names:
        town.world.fail("cut_after", method="sendMessage", chat_id=town.people[name].id)
    post.owe(*names, klass=klass)
    post.until(lambda each: each.unknowns == 1)


def manage(town: Town, name: str) -> Message:
    person = town.people[name]
    person.mark()
    person.send("/quanly")
    return person.wait_for("Quản lý")


def test_the_committee_sees_what_is_unsure_and_sends_it_again(town: Town, post: Post) -> None:
    leave_in_doubt(town, post, "huong", "giang")
    assert "2 chưa chắc tới" in manage(town, "an").buttons
    town.an.press("2 chưa chắc tới")
    shown = town.an.wait_for("CHƯA CHẮC ĐÃ TỚI · 2 thông báo")
    assert "Nguyễn Thị Hương" in shown.text or "Vũ Hương Giang" in shown.text
    assert "test:1" not in shown.text, "a list tells what it is about, never its words"
    town.an.press("Gửi lại")
    town.an.wait_for("CHƯA CHẮC ĐÃ TỚI · 1 thông báo")
    town.an.press("Bỏ qua")
    town.an.wait_for("Không có thông báo nào chưa chắc đã tới.")
    post.until(lambda each: each.state == State.SENT or each.closed_at is not None)
    town.world.settle()
    said = sorted(post.said_to(name) for name in ("huong", "giang"))
    assert said == [["Về test:1"], ["Về test:1", f"{AGAIN}\nVề test:1"]]
    assert not any("chưa chắc" in label for label in manage(town, "an").buttons)


def test_all_of_an_outage_are_sent_again_with_two_taps(town: Town, post: Post) -> None:
    leave_in_doubt(town, post, "huong", "giang", "dung")
    leave_in_doubt(town, post, "minh")  # of another branch
    pass_by(town, "dung")
    manage(town, "an")
    town.an.press("3 chưa chắc tới")
    town.an.press("Gửi lại tất cả")
    asked = town.an.wait_for("GỬI LẠI · 2 thông báo")
    assert "Có người có thể nhận hai lần" in asked.text
    assert "Còn 1 thông báo ở lại danh sách" in asked.text
    town.an.press("Gửi lại 2")
    town.an.wait_for("CHƯA CHẮC ĐÃ TỚI · 1 thông báo")
    post.until(lambda each: each.state != State.QUEUED)
    town.world.settle()
    for name in ("huong", "giang"):
        assert post.said_to(name) == ["Về test:1", f"{AGAIN}\nVề test:1"]
        assert post.row(name).state == State.SENT
    for name in ("dung", "minh"):
        assert post.row(name).state == State.UNKNOWN
    numbers = {post.row(name).id for name in ("huong", "giang")}
    assert town.database.run(audited) == sorted(numbers), "each is written down, as by itself"
    assert "Gửi lại tất cả" not in town.an.last.buttons


def pass_by(town: Town, name: str) -> None:
    """The time of somebody's notice passes."""
    town.database.run(
        lambda session: session.execute(
            update(Notice).where(col(Notice.person_id) == town.ids[name]).values(valid_until=NOON)
        )
    )


def audited(session: Session) -> list[int]:
    """The notices that were sent again, by the audit."""
    found = session.exec(select(Deed).where(Deed.did == Did.NOTICE_RESEND)).all()
    return sorted(each.about["notice"] for each in found)


def test_what_was_not_seen_at_the_first_tap_is_not_sent_again(town: Town, post: Post) -> None:
    leave_in_doubt(town, post, "huong", "giang")
    seen = max(each.id for each in post.rows())
    leave_in_doubt(town, post, "dung")
    press_forged(town, "lan", f"unsure_all_yes:{seen}")
    for _twice in range(2):
        press_forged(town, "an", f"unsure_all_yes:{seen}")
    town.world.settle()
    post.until(lambda each: each.state != State.QUEUED)
    town.world.settle()
    assert post.said_to("huong") == ["Về test:1", f"{AGAIN}\nVề test:1"]
    assert (post.row("dung").state, post.said_to("dung")) == (State.UNKNOWN, ["Về test:1"])


def test_what_is_sent_again_at_night_comes_in_the_morning(town: Town, post: Post) -> None:
    leave_in_doubt(town, post, "huong")
    town.world.advance(hours=12, minutes=31)
    manage(town, "an")
    town.an.press("1 chưa chắc tới")
    town.an.press("Gửi lại")
    town.an.wait_for("Không có thông báo nào chưa chắc đã tới.")
    morning = NOON.replace(hour=6, minute=30) + timedelta(days=1)
    post.until(lambda each: (each.state, each.due_at) == (State.QUEUED, morning))
    assert post.said_to("huong") == ["Về test:1"]
    town.world.advance(hours=6)
    post.until_settled()
    assert post.said_to("huong") == ["Về test:1", f"{AGAIN}\nVề test:1"]


def test_a_neighbour_sees_nothing_of_it(town: Town, post: Post) -> None:
    leave_in_doubt(town, post, "huong")
    number = post.row("huong").id
    assert not any("chưa chắc" in label for label in manage(town, "lan").buttons)
    for name in ("lan", "minh"):
        for data in ("unsure:0", f"unsure_again:{number}", f"unsure_close:{number}", "to_call:0"):
            press_forged(town, name, data)
    town.world.settle()
    row = post.row("huong")
    assert (row.state, row.closed_at) == (State.UNKNOWN, None)
    told = [each.text for name in ("lan", "minh") for each in town.people[name].messages()]
    assert not any("Hương" in text for text in told)


def press_forged(town: Town, name: str, data: str) -> None:
    person = town.people[name]
    user = {"id": person.id, "is_bot": False, "first_name": name}
    chat = {"id": person.id, "type": "private", "first_name": name}
    message = {"message_id": 900_000, "date": 1, "chat": chat, "text": "…"}
    query = {"id": data, "from": user, "chat_instance": "1", "message": message, "data": data}
    town.world.raw_update({"callback_query": query})


def test_who_may_be_asked_twice_sends_it_once(town: Town, post: Post) -> None:
    leave_in_doubt(town, post, "huong")
    number = post.row("huong").id
    for name in ("an", "binh", "an"):
        press_forged(town, name, f"unsure_again:{number}")
    town.world.settle()
    post.until_settled()
    assert post.said_to("huong") == ["Về test:1", f"{AGAIN}\nVề test:1"]
    assert post.row("huong").state == State.SENT


def test_an_answer_to_a_question_is_listed_without_a_name(town: Town) -> None:
    def owe(session: Session) -> None:
        to = [outbox.to_person(town.ids["huong"])]
        outbox.enqueue(session, "ticket.answered", "ticket:9", to, klass=Class.ONCE, now=NOON)
        (claimed,) = outbox.claim(session, now=NOON, limit=1)
        outbox.begin(session, [claimed.notice.id], now=NOON)
        outbox.settle_unknown(session, claimed.notice.id, reason="cut", now=NOON)

    town.database.run(owe)
    manage(town, "an")
    town.an.press("1 chưa chắc tới")
    shown = town.an.wait_for("CHƯA CHẮC ĐÃ TỚI · 1 thông báo")
    assert "Trả lời câu hỏi · (giữ kín)" in shown.text and "Hương" not in shown.text


def test_a_press_on_the_message_proves_that_it_arrived(town: Town, post: Post) -> None:
    leave_in_doubt(town, post, "huong")
    message = town.huong.wait_for("Về test:1")
    town.huong.press("Trợ giúp", message=message)
    town.world.settle()
    row = post.row("huong")
    assert (row.state, row.message_id) == (State.SENT, message.id)
    assert not any("chưa chắc" in label for label in manage(town, "an").buttons)


def test_a_reminder_that_was_pressed_is_not_repeated(town: Town, post: Post) -> None:
    leave_in_doubt(town, post, "huong", klass=Class.REMINDER)
    town.huong.press("Trợ giúp", message=town.huong.wait_for("Về test:1"))
    town.world.settle()
    town.world.advance(minutes=10)
    town.world.settle()
    assert [text for text in post.said_to("huong") if AGAIN in text] == []
    assert post.row("huong").state == State.SENT


def test_a_press_on_another_message_proves_nothing(town: Town, post: Post) -> None:
    town.world.fail("cut_before", method="sendMessage", chat_id=town.huong.id)
    post.owe("huong")
    post.until(lambda each: each.unknowns == 1)
    town.huong.send("/trogiup")
    town.huong.press("‹ Trang đầu", message=town.huong.wait_for("Trợ giúp"))
    town.huong.press("Việc của tôi")
    town.world.settle()
    assert post.row("huong").state == State.UNKNOWN


def test_a_tap_on_a_card_in_doubt_keeps_it_from_being_posted_twice(town: Town) -> None:
    group = town.group()
    post = Post(town)
    tap = Button("Xem của tôi", "attend_mine", 1)
    post.words = lambda note: Say("ĐIỂM DANH", "0/7", buttons=[[tap]])
    town.world.fail("cut_after", method="sendMessage", chat_id=group.chat_id)
    post.owe_group(group.chat_id, klass=Class.REMINDER, standing=True)
    post.until(lambda each: each.unknowns == 1)
    card = group.wait_for("ĐIỂM DANH")
    town.huong.press("Xem của tôi", message=card)
    town.world.advance(minutes=10)
    post.until_settled()
    (row,) = post.rows()
    assert (row.state, row.message_id) == (State.SENT, card.id)
    cards = [each for each in group.messages() if each.text.startswith("ĐIỂM DANH")]
    assert len(cards) == 1


def test_those_whom_no_message_reaches_are_to_be_called(town: Town) -> None:
    def lose(session: Session) -> None:
        for name, phone in (("giang", "+84912000111"), ("khanh", None)):
            person = town.person(session, name)
            person.telegram_id, person.phone = None, phone
        town.person(session, "dung").blocked_at = NOON
        town.person(session, "minh").telegram_id = None

    town.database.run(lose)
    assert "Cần gọi điện" in manage(town, "an").buttons
    town.an.press("Cần gọi điện")
    shown = town.an.wait_for("CẦN GỌI ĐIỆN · 3 người").text
    assert "chặn bot: Phạm Tiến Dũng" in shown
    assert "chỉ có điện thoại: Vũ Hương Giang (0912 000 111)" in shown
    assert "giấy: Đỗ Quốc Khánh" in shown
    assert "Minh" not in shown, "he is of another branch"
