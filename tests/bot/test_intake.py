"""Updates in: confirmed after their effect, each handled once, a poison one parked."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, event, func
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, select

from bot.clock import CATCH_UP_SECONDS
from handlers import home
from handlers.kit import File, Say, Talk
from storage import updates
from storage.drafts import DraftRow
from storage.updates import HandledUpdate
from storage.workers import Worker
from tests.town import Town

AGAIN = "Gửi lại – nếu đã nhận, xin bỏ qua."


@contextmanager
def handler(town: Town, name: str, run: object, *, kind: str = "command") -> Iterator[None]:
    """Puts a function of the test in the place of a handler."""
    assert town.bot is not None
    routes = town.bot.chibo.conversation.routes
    old = routes[kind, name]
    from dataclasses import replace

    routes[kind, name] = replace(old, run=run)
    try:
        yield
    finally:
        routes[kind, name] = old


def count(town: Town, what: type[HandledUpdate] | type[DraftRow]) -> int:
    return town.database.run(lambda s: s.exec(select(func.count()).select_from(what)).one())


def test_the_same_update_five_times_has_one_effect(town: Town) -> None:
    def leave_a_mark(talk: Talk) -> Say:
        talk.session.add(DraftRow(telegram_id=next(numbers), form="mark", at=talk.now))
        return home.help_(talk)

    numbers = itertools.count(1)
    user = {"id": town.huong.id, "is_bot": False, "first_name": "Hương"}
    chat = {"id": town.huong.id, "type": "private", "first_name": "Hương"}
    entity = {"type": "bot_command", "offset": 0, "length": 5}
    message = {"message_id": 9_001, "date": 1, "chat": chat, "from": user, "text": "/help"}
    with handler(town, "help", leave_a_mark):
        for _time in range(5):
            town.world.raw_update(
                {"update_id": 424_242, "message": {**message, "entities": [entity]}}
            )
        town.huong.wait_for("Trợ giúp")
        town.world.settle()
    assert (count(town, DraftRow), count(town, HandledUpdate)) == (1, 1)
    assert len([each for each in town.huong.messages() if each.from_bot]) == 1


def test_an_update_is_not_confirmed_before_its_effect_is_committed(town: Town) -> None:
    entered, go_on = threading.Event(), threading.Event()

    def slow(talk: Talk) -> Say:
        entered.set()
        assert go_on.wait(10)
        return home.help_(talk)

    with handler(town, "help", slow):
        town.huong.send("/help")
        assert entered.wait(10)
        time.sleep(0.3)
        assert town.world.pending == 1
        go_on.set()
        town.huong.wait_for("Trợ giúp")
        town.world.settle()
    assert town.world.pending == 0


def test_a_poison_update_gets_three_tries_and_the_others_flow(town: Town) -> None:
    tries: list[int] = []

    def poison(talk: Talk) -> Say:
        tries.append(1)
        talk.session.add(DraftRow(telegram_id=1, form="half", at=talk.now))
        talk.session.flush()
        raise RuntimeError("Hương said something secret")

    with handler(town, "help", poison):
        town.huong.send("/help")
        town.giang.send("/caidat")
        town.giang.wait_for("Giờ yên lặng")
        town.huong.wait_for("Có trục trặc")
        town.world.settle()
    assert len(tries) == updates.TRIES
    assert count(town, DraftRow) == 0, "half an effect was committed"
    (parked,) = town.database.run(updates.parked)
    assert "RuntimeError" in parked.error and "secret" not in parked.error


def test_nothing_is_given_up_or_confirmed_while_the_database_is_away(town: Town) -> None:
    away = threading.Event()

    def begin(_connection: Connection) -> None:
        if away.is_set():
            raise OperationalError("BEGIN", {}, Exception("disk I/O error"))

    town.giang.send("/help")
    town.giang.wait_for("Trợ giúp")
    event.listen(town.database.engine, "begin", begin, insert=True)
    away.set()
    town.huong.send("/help")
    town.giang.send("/caidat")
    time.sleep(1.5)
    assert town.world.pending == 2
    away.clear()
    town.huong.wait_for("Trợ giúp")
    town.giang.wait_for("Giờ yên lặng")
    town.world.settle()
    assert town.world.pending == 0
    assert town.database.run(updates.parked) == []
    replies = select(HandledUpdate).where(col(HandledUpdate.reply).is_not(None))
    wait_until(lambda: town.database.run(lambda s: s.exec(replies).all()) == [])


def wait_until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not true():
        assert time.monotonic() < until
        time.sleep(0.1)


def test_a_reply_that_telegram_refuses_to_take_for_a_while_is_not_lost(town: Town) -> None:
    town.world.fail(how="cut_before", method="sendMessage", times=1)
    town.huong.send("/help")
    assert town.huong.wait_for("Trợ giúp").text.startswith(AGAIN)


def test_a_reply_that_was_taken_but_not_confirmed_comes_again_and_says_so(town: Town) -> None:
    town.world.fail(how="cut_after", method="sendMessage", times=1)
    town.huong.send("/help")
    town.huong.wait_for(AGAIN)
    said = [each.text for each in town.huong.messages() if each.from_bot]
    assert len(said) == 2
    assert [text.startswith(AGAIN) for text in said] == [False, True]


def test_a_reply_in_doubt_is_repeated_three_times_and_not_without_end(town: Town) -> None:
    """Somebody waits for it; and may have it already."""
    town.world.fail(how="cut_after", method="sendMessage", times=0)
    town.huong.send("/help")
    for _repeat in range(3):
        town.huong.wait_for(AGAIN, timeout=20)
    town.world.settle(quiet=2.0)
    said = [each.text for each in town.huong.messages() if each.from_bot]
    assert [text.startswith(AGAIN) for text in said] == [False, True, True, True]


def test_what_a_killed_process_left_unsaid_is_said_by_the_next(town: Town) -> None:
    town.close()
    another = Worker(town.database.engine)
    another.enter()

    def leave(session: Session) -> None:
        act = {
            "do": "send",
            "chat": town.huong.id,
            "language": "vi",
            "text": "Đã ghi.",
            "buttons": [],
        }
        updates.note_handled(session, 31, [act], now=town.world.now, worker=another.id)

    town.database.run(leave)
    town.huong.mark()
    town.open()
    if town.database.dialect == "postgresql":  # there it is still being said elsewhere
        time.sleep(2 * CATCH_UP_SECONDS + 1)
        assert town.huong.messages() == []
        another.leave()  # as the server sees a process that has been killed
    assert town.huong.wait_for("Đã ghi.").text.startswith(AGAIN)
    town.close()
    kept = town.database.run(
        lambda s: s.exec(
            select(HandledUpdate.update_id).where(col(HandledUpdate.reply).is_not(None))
        ).all()
    )
    assert kept == []


def test_who_asked_for_a_file_that_cannot_be_made_is_told_so(town: Town) -> None:
    def breaks(_talk: Talk, *_arguments: object) -> object:
        raise ZeroDivisionError

    def promises(_talk: Talk) -> Say:
        return Say("Tệp đây.", files=[File("qr", ("x",), "x.png")])

    with handler(town, "qr", breaks, kind="maker"), handler(town, "help", promises):
        town.an.send("/help")
        town.an.wait_for("Chưa tạo được tệp.")


def test_replies_are_forgotten_when_they_have_been_said(town: Town) -> None:
    town.huong.send("/help")
    town.huong.wait_for("Trợ giúp")
    town.close()
    kept = town.database.run(lambda s: s.exec(select(HandledUpdate.reply)).all())
    assert kept == [None]


@pytest.mark.parametrize(
    "update",
    [
        {"message": {"message_id": 1, "date": 1, "chat": {"id": 5, "type": "private"}}},
        {"channel_post": {"message_id": 1, "date": 1, "chat": {"id": -5, "type": "channel"}}},
        {"never_heard_of": {"x": 1}},
        {"edited_message": {"message_id": 1, "date": 1, "chat": {"id": 5, "type": "private"}}},
        {},
    ],
)
def test_an_odd_update_is_passed_over_and_the_next_is_answered(
    town: Town, update: dict[str, object]
) -> None:
    town.world.raw_update({"update_id": 77, **update})
    town.huong.send("/help")
    town.huong.wait_for("Trợ giúp")
    assert town.database.run(updates.parked) == []


def test_an_update_that_cannot_be_read_is_parked_and_keeps_nobody_waiting(town: Town) -> None:
    town.world.raw_update({"update_id": 78, "my_chat_member": {"chat": {"id": 5}, "secret": "x"}})
    town.huong.send("/help")
    town.huong.wait_for("Trợ giúp")
    (parked,) = town.database.run(updates.parked)
    assert parked.update_id == 78
    assert town.world.pending == 0


def test_a_refused_token_that_is_made_good_again_is_no_reason_to_leave(town: Town) -> None:
    town.world.fail(how="revoked", method="getUpdates", times=2)
    town.huong.send("/help")
    town.huong.wait_for("Trợ giúp")


def test_the_messages_of_one_chat_are_answered_in_their_order(town: Town) -> None:
    for text in ("/help", "/caidat", "/help", "/caidat"):
        town.huong.send(text)
    said: list[str] = []
    deadline = time.monotonic() + 15
    while len(said) < 4 and time.monotonic() < deadline:
        time.sleep(0.1)
        said = [each.text.split("\n")[0] for each in town.huong.messages() if each.from_bot]
    assert said == ["Trợ giúp", "Cài đặt", "Trợ giúp", "Cài đặt"]
