"""How updates reach the bot, and when they are gone."""

import asyncio
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from json import loads
from time import monotonic
from typing import Any

import httpx
import pytest
from telegram.error import Conflict

from bot.simulator.client import Person, World
from tests.simulator.conftest import OpenBot
from tests.simulator.test_strictness import buttons, call, send


def test_an_update_stays_until_a_higher_offset_confirms_it(world: World, an: Person) -> None:
    an.send("một")
    first, second = call(world, "getUpdates")["result"]
    assert first["message"]["text"] == "/start"
    assert first["message"]["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]
    assert call(world, "getUpdates", offset=second["update_id"])["result"] == [second]
    assert world.pending == 1
    assert call(world, "getUpdates", offset=second["update_id"] + 1)["result"] == []
    assert world.pending == 0


def test_a_second_instance_ends_the_first_ones_poll(bot: OpenBot, an: Person) -> None:
    async def run() -> None:
        async with bot() as one, bot() as two:
            updates = await one.get_updates()
            offset = updates[-1].update_id + 1
            waiting = asyncio.create_task(one.get_updates(offset=offset, timeout=20))
            await asyncio.sleep(0.3)
            await two.get_updates(offset=offset, timeout=1)
            with pytest.raises(Conflict, match="other getUpdates request"):
                await waiting

    asyncio.run(run())


def test_a_waiting_poll_returns_when_the_clock_is_moved(world: World, an: Person) -> None:
    offset = call(world, "getUpdates")["result"][-1]["update_id"] + 1
    url = f"{world.api_url}/bot{world.token}/getUpdates"
    replies: list[httpx.Response] = []

    def poll() -> None:
        body = {"offset": offset, "timeout": 20}
        replies.append(httpx.post(url, json=body, timeout=30, trust_env=False))

    thread = threading.Thread(target=poll)
    started = monotonic()
    thread.start()
    while not world.calls("getUpdates"):
        pass
    threading.Event().wait(0.3)
    world.advance(days=1)
    thread.join(timeout=10)
    assert monotonic() - started < 5
    assert replies[0].json()["result"] == []
    assert replies[0].headers["date"].startswith("Fri, 14 Aug 2026 12:30")


def test_a_clock_moved_between_two_polls_is_told_with_the_next(world: World, an: Person) -> None:
    offset = call(world, "getUpdates")["result"][-1]["update_id"] + 1
    world.advance(days=1)
    url = f"{world.api_url}/bot{world.token}/getUpdates"
    body = {"offset": offset, "timeout": 20}
    reply = httpx.post(url, json=body, timeout=10, trust_env=False)
    assert reply.json()["result"] == []
    assert reply.headers["date"].startswith("Fri, 14 Aug 2026")
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(url, json=body, timeout=0.5, trust_env=False)


def test_a_press_waits_150_seconds_and_a_message_a_day(world: World, an: Person) -> None:
    send(world, an, "a", reply_markup=buttons("a:1"))
    an.press("Bấm", wait=False)
    assert world.pending == 2
    world.advance(seconds=151)
    assert world.pending == 1
    world.advance(days=1)
    assert world.pending == 0


def test_after_a_quiet_week_update_ids_may_start_anywhere(world: World, an: Person) -> None:
    old = call(world, "getUpdates")["result"][-1]["update_id"]
    call(world, "getUpdates", offset=old + 1)
    world.advance(days=8)
    an.send("lại đây")
    found = call(world, "getUpdates", offset=old + 1)["result"]
    assert [update["message"]["text"] for update in found] == ["lại đây"]
    assert found[0]["update_id"] != old + 1


def test_in_groups_the_bot_reads_only_what_is_for_it(world: World, an: Person) -> None:
    group = world.group("Chi bộ 1", [an])
    group.add_bot(an)
    card = call(world, "sendMessage", chat_id=group.id, text="thẻ")["result"]
    for text in ("riêng tư", "/diemdanh", "/lich@chibo_demo_bot", "/lich@other_bot", "15/8 nhé"):
        an.send(text, chat=group)
    an.send("chào @chibo_demo_bot", chat=group)
    an.send("trả lời", chat=group, reply_to=group.last)
    assert group.last.id == card["message_id"]
    heard = [
        update["message"].get("text", "joined")
        for update in call(world, "getUpdates")["result"]
        if "message" in update and update["message"]["chat"]["id"] == group.id
    ]
    assert heard == [
        "joined",
        "/diemdanh",
        "/lich@chibo_demo_bot",
        "chào @chibo_demo_bot",
        "trả lời",
    ]


def test_coming_and_going_is_told_as_telegram_tells_it(world: World, an: Person) -> None:
    group = world.group("Chi bộ 1", [an])
    group.add_bot(an)
    an.block()
    an.unblock()
    group.kick_bot(an)
    changes = [
        (u["my_chat_member"]["chat"]["id"], u["my_chat_member"]["new_chat_member"]["status"])
        for u in call(world, "getUpdates")["result"]
        if "my_chat_member" in u
    ]
    assert changes == [
        (group.id, "member"),
        (an.id, "kicked"),
        (an.id, "member"),
        (group.id, "kicked"),
    ]


@pytest.mark.parametrize("new_first", [False, True])
def test_a_migration_is_told_twice_in_either_order(
    world: World, an: Person, new_first: bool
) -> None:
    group = world.group("Chi bộ 1", [an])
    group.add_bot(an)
    new = group.migrate(new_first=new_first)
    told = [u["message"] for u in call(world, "getUpdates")["result"][-2:]]
    expected = [
        {"chat": group.id, "migrate_to_chat_id": new.id},
        {"chat": new.id, "migrate_from_chat_id": group.id},
    ]
    kinds = ("migrate_to_chat_id", "migrate_from_chat_id")
    found = [{"chat": m["chat"]["id"]} | {k: m[k] for k in kinds if k in m} for m in told]
    assert found == (expected[::-1] if new_first else expected)


def test_any_update_may_come_and_the_same_one_twice(world: World, an: Person) -> None:
    strange = {"update_id": 77, "purchased_paid_media": {"from": {"id": 1}}}
    world.raw_update(strange)
    world.raw_update(strange)
    group = world.group("Chi bộ 1", [an])
    group.add_bot(an)
    group.send_anonymously("/diemdanh")
    updates = call(world, "getUpdates")["result"]
    assert updates.count(strange) == 2
    assert updates[-1]["message"]["from"]["id"] == 1087968824
    assert updates[-1]["message"]["sender_chat"]["id"] == group.id


class Hook:
    """A bot's end of a webhook, which refuses its first deliveries."""

    def __init__(self, refusals: int) -> None:
        self.received: list[tuple[str | None, dict[str, Any]]] = []
        self.refusals = refusals
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = loads(self.rfile.read(int(self.headers["content-length"])))
                refuse = hook.refusals > 0
                hook.refusals -= refuse
                if not refuse:
                    secret = self.headers.get("X-Telegram-Bot-Api-Secret-Token")
                    hook.received.append((secret, body))
                self.send_response(503 if refuse else 200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def hook() -> Iterator[Hook]:
    hook = Hook(refusals=2)
    yield hook
    hook.server.shutdown()
    hook.server.server_close()


def test_a_webhook_gets_every_update_in_order_until_it_says_200(
    world: World, an: Person, hook: Hook
) -> None:
    assert call(world, "setWebhook", url=hook.url, secret_token="s3", max_connections=5)["ok"]
    assert call(world, "getUpdates")["error_code"] == 409
    for number in range(5):
        an.send(str(number))
    world.settle()
    assert [body["message"]["text"] for _, body in hook.received] == ["/start", *"01234"]
    assert {secret for secret, _ in hook.received} == {"s3"}
    info = call(world, "getWebhookInfo")["result"]
    assert info["pending_update_count"] == 0
    assert "503" in info["last_error_message"]
    assert call(world, "deleteWebhook")["ok"]
    assert call(world, "getUpdates")["ok"]
