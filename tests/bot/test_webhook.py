"""Updates by webhook: only Telegram's are taken, whole, and confirmed after their effect."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import httpx
import pytest
from sqlalchemy import func
from sqlmodel import select

from bot.simulator.client import Person
from bot.webhook import BODY_LIMIT, Webhook
from handlers import home
from handlers.kit import Say, Talk
from storage import updates
from storage.updates import HandledUpdate
from tests.bot.reading import Desk, free_port
from tests.bot.test_intake import handler
from tests.conftest import Databases
from tests.town import ACCOUNTS, BotThread, Town

SECRET = "a-secret-of-the-webhook"
HEADERS = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
HEAD = (
    "POST /telegram HTTP/1.1\r\nHost: bot\r\n"
    f"X-Telegram-Bot-Api-Secret-Token: {SECRET}\r\n{{more}}\r\n\r\n"
)


@pytest.fixture
def desk(town: Town) -> Desk:
    opened = Desk(town)
    opened.open(public_url=opened.url, webhook_secret=SECRET)
    return opened


def webhook(town: Town) -> Webhook:
    assert town.bot is not None and town.bot.chibo.site is not None
    assert town.bot.chibo.site.webhook is not None
    return town.bot.chibo.site.webhook


def handled(town: Town) -> int:
    return town.database.run(
        lambda s: s.exec(select(func.count()).select_from(HandledUpdate)).one()
    )


def still_answers(desk: Desk) -> None:
    desk.town.huong.send("/help")
    desk.town.huong.wait_for("Trợ giúp")


def status_of(port: int, head: str, parts: Iterable[bytes] = ()) -> tuple[int, int]:
    """Speaks HTTP by hand; the status that is answered, and how much was sent until then."""
    with socket.create_connection(("127.0.0.1", port), timeout=15) as line:
        line.sendall(HEAD.format(more=head).encode())
        sent = 0
        with suppress(ConnectionError):  # cut off: what was answered before can still be read
            for part in parts:
                line.sendall(part)
                sent += len(part)
        answer = b""
        with suppress(ConnectionError):
            while b"\r\n" not in answer and (more := line.recv(4096)):
                answer += more
    return int(answer.split()[1]) if answer else 0, sent


def test_updates_come_by_webhook_too(desk: Desk) -> None:
    still_answers(desk)
    desk.until_ready()


@pytest.mark.parametrize("dialect", ["postgresql"])
def test_two_processes_handed_the_same_updates_at_once_answer_each_of_them_once(
    desk: Desk, databases: Databases
) -> None:
    """As behind one address, when Telegram asks again before the first has answered."""
    town, port = desk.town, free_port()
    people = [each for each in town.people.values() if each.id in ACCOUNTS.values()]
    settings = town.settings(listen=f"127.0.0.1:{port}", public_url=desk.url, webhook_secret=SECRET)
    other = BotThread.start(settings, databases.open(town.url))
    try:
        second = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=15, trust_env=False)
        desk.until(lambda: second.get("/readyz").status_code == 200)
        both = [desk.http, second]
        with ThreadPoolExecutor(2) as at_once:
            for number, who in enumerate(3 * people):  # a chat may have three replies at once
                body = written(who, number)
                posts = [at_once.submit(hand_in, each, body) for each in both]
                assert [post.result() for post in posts] == [200, 200]
        town.world.settle()
    finally:
        other.stop()
    assert handled(town) == 3 * len(people)
    for who in people:
        assert len([each for each in who.messages() if each.from_bot]) == 3


def written(who: Person, number: int) -> dict[str, object]:
    """Somebody asks for help, as Telegram would tell of it."""
    user = {"id": who.id, "is_bot": False, "first_name": "Hương"}
    chat = {"id": who.id, "type": "private", "first_name": "Hương"}
    entity = {"type": "bot_command", "offset": 0, "length": 5}
    message = {"message_id": 9_000 + number, "date": 1, "chat": chat, "from": user, "text": "/help"}
    return {"update_id": 5_000 + number, "message": {**message, "entities": [entity]}}


def hand_in(process: httpx.Client, body: dict[str, object]) -> int:
    return process.post("/telegram", json=body, headers=HEADERS).status_code


def test_a_forged_request_is_refused(desk: Desk) -> None:
    still_answers(desk)
    for header in ({}, {"X-Telegram-Bot-Api-Secret-Token": "guess"}, {**HEADERS, "Host": "x"}):
        header = {name: value.replace(SECRET, SECRET[:-1]) for name, value in header.items()}
        reply = desk.http.post("/telegram", json={"update_id": 1}, headers=header)
        assert reply.status_code == 403
    assert handled(desk.town) == 1


def test_a_forger_is_sent_away_before_anything_is_read(desk: Desk) -> None:
    head = "Content-Length: 100000000"
    with socket.create_connection(("127.0.0.1", desk.port), timeout=15) as line:
        line.sendall(HEAD.replace(SECRET, "guess").format(more=head).encode())
        assert line.recv(4096).split()[1] == b"403"


def test_a_huge_request_is_refused(desk: Desk) -> None:
    reply = desk.http.post("/telegram", content=b"x" * (2 * BODY_LIMIT), headers=HEADERS)
    assert reply.status_code == 413
    still_answers(desk)


def test_a_body_without_an_end_is_cut_off_while_it_is_read(desk: Desk) -> None:
    def chunks() -> Iterator[bytes]:
        for _time in range(1_000):  # a thousand times the limit
            yield b"%x\r\n" % BODY_LIMIT + b"[" * BODY_LIMIT + b"\r\n"

    status, sent = status_of(desk.port, "Transfer-Encoding: chunked", chunks())
    assert status in (413, 0)  # 0: cut off before the answer could be read
    assert sent < 50 * BODY_LIMIT
    still_answers(desk)


@pytest.mark.parametrize("length", ["abc", "-1", "1e3", "٣", "9" * 30, "5, 6", ""])
def test_a_length_that_is_none_is_refused(desk: Desk, length: str) -> None:
    assert status_of(desk.port, f"Content-Length: {length}", [b"{}"])[0] in (400, 413)
    still_answers(desk)


def test_who_promises_more_than_comes_is_not_waited_for_long(desk: Desk) -> None:
    webhook(desk.town).body_seconds = 0.3
    begun = time.monotonic()
    assert status_of(desk.port, "Content-Length: 500", [b'{"update_id": 1}'])[0] == 408
    assert time.monotonic() - begun < 5
    still_answers(desk)


def test_who_hangs_up_in_the_middle_does_no_harm(desk: Desk) -> None:
    with socket.create_connection(("127.0.0.1", desk.port)) as line:
        line.sendall(HEAD.format(more="Content-Length: 500").encode() + b"{")
    still_answers(desk)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no json",
        b"\xff\xfe",
        b"[]",
        b"null",
        b'"text"',
        b"{}",
        b'{"update_id": "1"}',
        b'{"update_id": true}',
        b'{"update_id": -1}',
        b'{"update_id": 9223372036854775808}',
        b'{"update_id": 1.5}',
        b'{"update_id": 1',
        b'{"update_id": ' + b"9" * 5_000 + b"}",
        b"[" * 100_000,
    ],
)
@pytest.mark.parametrize("dialect", ["sqlite"])
def test_what_is_no_update_is_refused(desk: Desk, body: bytes) -> None:
    assert desk.http.post("/telegram", content=body, headers=HEADERS).status_code == 400
    assert handled(desk.town) == 0


def test_an_update_that_cannot_be_read_is_parked_and_confirmed(desk: Desk) -> None:
    update = {"update_id": 78, "my_chat_member": {"chat": {"id": 5}, "secret": "x"}}
    assert desk.http.post("/telegram", json=update, headers=HEADERS).status_code == 200
    (parked,) = desk.town.database.run(updates.parked)
    assert parked.update_id == 78


def test_nothing_but_telegrams_path_takes_updates(desk: Desk) -> None:
    for path in ("/", "/healthz", "/metrics", "/telegram/x"):
        assert desk.http.post(path, json={"update_id": 1}, headers=HEADERS).status_code in (
            404,
            405,
        )
    assert desk.http.get("/telegram", headers=HEADERS).status_code == 405


@pytest.mark.parametrize("stopping", [False, True])
def test_an_update_is_confirmed_when_its_effect_is_committed_even_at_the_very_end(
    desk: Desk, stopping: bool
) -> None:
    town, entered, go_on = desk.town, threading.Event(), threading.Event()
    bot = town.bot
    assert bot is not None

    def slow(talk: Talk) -> Say:
        entered.set()
        assert go_on.wait(10)
        return home.help_(talk)

    with handler(town, "help", slow), ThreadPoolExecutor() as threads:
        town.huong.send("/help")
        assert entered.wait(10)
        if stopping:
            ending = threads.submit(town.close)
            desk.until(bot.chibo.intake.stopping.is_set)
        time.sleep(0.3)
        assert town.world.pending == 1
        go_on.set()
        town.huong.wait_for("Trợ giúp")
        if stopping:
            ending.result()
        town.world.settle()
    assert (handled(town), town.world.pending) == (1, 0)


def test_a_webhook_that_somebody_led_elsewhere_is_red_until_it_is_back(desk: Desk) -> None:
    desk.until_ready()
    world = desk.town.world
    call = f"{world.api_url}/bot{world.token}/setWebhook"
    for url, red in (
        ("https://elsewhere.example.org/", {"intake"}),
        (desk.url + "/telegram", set()),
    ):
        httpx.post(call, json={"url": url, "secret_token": SECRET}, trust_env=False)
        look(desk.town)
        desk.until(lambda red=red: set(desk.red()) == red)


def test_a_webhook_that_telegram_cannot_reach_is_red(town: Town) -> None:
    desk, nobody = Desk(town), Desk(town)
    desk.open(public_url=nobody.url, webhook_secret=SECRET)
    town.huong.send("/help")

    def red() -> str:
        look(town)
        return desk.red().get("intake", "")

    assert desk.until(red) == "Telegram cannot reach the webhook"


def look(town: Town) -> None:
    """Asks Telegram how the webhook fares, now and not in half a minute."""
    assert town.bot is not None
    asyncio.run_coroutine_threadsafe(webhook(town).look(), town.bot.loop).result(10)
