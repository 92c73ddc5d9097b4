"""Making Telegram fail: what the bot sees, and what has happened all the same."""

import asyncio
import threading
from time import monotonic

import httpx
import pytest
from telegram.error import NetworkError, RetryAfter

from bot.simulator.client import Call, Person, World
from tests.simulator.conftest import OpenBot
from tests.simulator.test_strictness import buttons, call, send


def bot_texts(person: Person) -> list[str]:
    return [message.text for message in person.messages() if message.from_bot]


@pytest.mark.parametrize(
    ("how", "accepted"),
    [("502_before", False), ("502_after", True), ("cut_before", False), ("cut_after", True)],
)
def test_the_bot_cannot_tell_but_we_can(
    world: World, bot: OpenBot, an: Person, how: str, accepted: bool
) -> None:
    world.fail(how, method="sendMessage")

    async def run() -> None:
        async with bot() as telegram:
            with pytest.raises(NetworkError):
                await telegram.send_message(an.id, "một")
            await telegram.send_message(an.id, "hai")

    asyncio.run(run())
    assert bot_texts(an) == (["một", "hai"] if accepted else ["hai"])


def test_a_garbled_reply_has_had_its_effect(world: World, an: Person) -> None:
    world.fail("garbled")
    url = f"{world.api_url}/bot{world.token}/sendMessage"
    reply = httpx.post(url, json={"chat_id": an.id, "text": "một"}, trust_env=False)
    assert reply.status_code == 200
    with pytest.raises(ValueError):
        reply.json()
    assert bot_texts(an) == ["một"]


def test_a_429_may_strike_one_chat_while_the_others_go_on(
    world: World, bot: OpenBot, an: Person
) -> None:
    binh = world.person("Bình")
    binh.start()
    world.fail("429", chat_id=an.id, times=0, retry_after=7)

    async def run() -> None:
        async with bot() as telegram:
            with pytest.raises(RetryAfter, match="Retry in 7 seconds"):
                await telegram.send_message(an.id, "một")
            await telegram.send_message(binh.id, "hai")
            world.heal()
            await telegram.send_message(an.id, "ba")

    asyncio.run(run())
    assert bot_texts(an) == ["ba"]
    assert bot_texts(binh) == ["hai"]


@pytest.mark.parametrize(("how", "accepted"), [("hang", False), ("hang_after", True)])
def test_a_call_hangs_until_the_bot_gives_up(
    world: World, an: Person, how: str, accepted: bool
) -> None:
    world.fail(how)
    url = f"{world.api_url}/bot{world.token}/sendMessage"
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(url, json={"chat_id": an.id, "text": "một"}, timeout=0.3, trust_env=False)
    call(world, "sendMessage", chat_id=an.id, text="hai")
    assert bot_texts(an) == (["một", "hai"] if accepted else ["hai"])


def test_a_revoked_token_is_refused_everywhere_until_healed(world: World, an: Person) -> None:
    world.fail("revoked", times=0)
    assert call(world, "getUpdates")["error_code"] == 401
    assert send(world, an, "một")["error_code"] == 401
    world.heal()
    assert send(world, an, "hai")["ok"]


def test_a_paused_telegram_answers_503(world: World, an: Person) -> None:
    world.pause()
    url = f"{world.api_url}/bot{world.token}/sendMessage"
    reply = httpx.post(url, json={"chat_id": an.id, "text": "một"}, trust_env=False)
    assert reply.status_code == 503
    world.heal()
    assert send(world, an, "một")["ok"]


def test_a_slow_reply_is_only_slow(world: World, an: Person) -> None:
    world.fail(delay=0.3)
    started = monotonic()
    assert send(world, an, "một")["ok"]
    assert monotonic() - started >= 0.3


def test_a_burst_in_one_chat_meets_flood_control(world: World, an: Person) -> None:
    world.flood()
    results = [send(world, an, str(number)) for number in range(4)]
    assert [told["ok"] for told in results] == [True, True, True, False]
    assert results[3]["error_code"] == 429
    assert results[3]["parameters"]["retry_after"] == 1
    assert results[3]["description"] == "Too Many Requests: retry after 1"
    assert call(world, "getMe")["ok"]


def test_a_group_takes_20_a_minute_edits_included(world: World, an: Person) -> None:
    group = world.group("Chi bộ 1", [an])
    group.add_bot(an)
    world.flood()
    card = call(world, "sendMessage", chat_id=group.id, text="0")["result"]["message_id"]
    for number in range(1, 20):
        edit = {"chat_id": group.id, "message_id": card, "text": str(number)}
        assert call(world, "editMessageText", **edit)["ok"]
    refused = call(world, "sendMessage", chat_id=group.id, text="20")
    assert refused["error_code"] == 429
    assert 50 <= refused["parameters"]["retry_after"] <= 60
    world.advance(hours=1)
    assert call(world, "sendMessage", chat_id=group.id, text="20")["error_code"] == 429


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_call_is_held_at_a_barrier_and_let_go(world: World, an: Person, when: str) -> None:
    barrier = world.barrier(when, nth=2)
    assert send(world, an, "một")["ok"]
    assert not barrier.reached(timeout=0)
    thread = threading.Thread(target=send, args=(world, an, "hai"))
    thread.start()
    assert barrier.reached()
    assert barrier.call is not None
    assert barrier.call["method"] == "sendmessage"
    assert bot_texts(an) == (["một"] if when == "before" else ["một", "hai"])
    barrier.release()
    thread.join(timeout=5)
    assert bot_texts(an) == ["một", "hai"]


def test_a_call_held_before_dies_with_its_bot(world: World, an: Person) -> None:
    barrier = world.barrier("before")
    url = f"{world.api_url}/bot{world.token}/sendMessage"
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(url, json={"chat_id": an.id, "text": "một"}, timeout=0.3, trust_env=False)
    assert barrier.reached()
    barrier.release()
    assert send(world, an, "hai")["ok"]
    assert bot_texts(an) == ["hai"]


def test_the_log_tells_every_call_and_how_it_ended(world: World, an: Person) -> None:
    before = world.last_call
    send(world, an, "một")
    send(world, an, "")
    one, two = world.calls("sendMessage", since=before)
    assert isinstance(one, Call)
    assert (one.status, one.chat_id, one.params["text"]) == (200, an.id, "một")
    assert (two.status, two.description) == (400, "Bad Request: message text is empty")
    assert two.seq > one.seq


def test_200_presses_are_spread_and_each_answer_is_timed(world: World) -> None:
    people = [world.person(f"P{number}") for number in range(20)]
    group = world.group("Chi bộ 1", people)
    group.add_bot(people[0])
    call(world, "sendMessage", chat_id=group.id, text="thẻ", reply_markup=buttons("ci:1"))
    card = group.last
    stop = threading.Event()

    def answer() -> None:
        offset = 0
        while not stop.is_set():
            for update in call(world, "getUpdates", offset=offset, timeout=1)["result"]:
                offset = update["update_id"] + 1
                if "callback_query" in update:
                    query = update["callback_query"]
                    call(
                        world,
                        "answerCallbackQuery",
                        callback_query_id=query["id"],
                        text=query["from"]["first_name"],
                    )

    thread = threading.Thread(target=answer)
    thread.start()
    wanted = [(person, card, "Bấm") for person in people]
    answers = world.presses(wanted, over_seconds=0.5, each_twice=True)
    world.settle()
    stop.set()
    thread.join(timeout=5)
    assert len(answers) == 40
    assert {answer.text for answer in answers} == {f"P{number}" for number in range(20)}
    assert all(answer.latency is not None for answer in answers)
