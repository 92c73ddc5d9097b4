"""We wait instead of being refused: shown on a loop whose clock jumps to the next timer."""

from __future__ import annotations

import asyncio
import itertools
import selectors
import time
from collections.abc import Coroutine
from typing import Any

import pytest
from sqlmodel import Session

from bot.app import DRAIN_SECONDS
from bot.pacing import BULK, REPLY, Pacer
from storage import updates
from storage.outbox import Class
from storage.workers import Worker
from tests.bot.post import Post
from tests.town import BotThread, Town

PRIVATE, GROUP = 7, -100


class _Jump(selectors.SelectSelector):
    now = 1_000.0

    def select(self, timeout: float | None = None) -> list[Any]:
        self.now += timeout or 0.0
        return super().select(0)


class _Loop(asyncio.SelectorEventLoop):
    """Waits for nothing: a minute takes a moment."""

    def __init__(self) -> None:
        self.jump = _Jump()
        super().__init__(self.jump)

    def time(self) -> float:
        return self.jump.now


def run(work: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=_Loop) as runner:
        runner.run(work)


async def moments(pacer: Pacer, turns: list[tuple[int, int]]) -> list[float]:
    """When each of these (chat, priority) gets its turn, in seconds from now."""
    loop = asyncio.get_running_loop()
    begun = loop.time()

    async def one(chat_id: int, priority: int) -> float:
        await pacer.turn(chat_id, priority)
        return loop.time() - begun

    return list(await asyncio.gather(*(one(*each) for each in turns)))


def most_within(times: list[float], seconds: float) -> int:
    """The largest number of moments in any window of that length."""
    return max(sum(0 <= each - start < seconds for each in times) for start in times)


def test_three_replies_in_a_private_chat_go_at_once_and_then_one_a_second() -> None:
    async def work() -> None:
        times = await moments(Pacer(), [(PRIVATE, REPLY)] * 6)
        assert times[2] < 0.2
        gaps = [after - before for before, after in itertools.pairwise(times[2:])]
        assert all(1.0 <= gap <= 1.1 for gap in gaps[1:]) and times[3] >= 1.0

    run(work())


def test_a_chat_of_whose_last_second_nothing_is_known_has_to_wait_for_it_once() -> None:
    async def play() -> None:
        pacer = Pacer()
        pacer.spend(PRIVATE)
        times = await moments(pacer, [(PRIVATE, REPLY)] * 3)
        assert times == pytest.approx([1.05, 2.1, 3.15], abs=0.02)

    run(play())


def test_bulk_goes_one_a_second_and_leaves_room_for_replies() -> None:
    async def work() -> None:
        pacer = Pacer()
        times = await moments(pacer, [(PRIVATE, BULK)] * 3)
        assert [round(each) for each in times] == [0, 1, 2]
        assert (await moments(pacer, [(PRIVATE, REPLY)]))[0] < 0.1

    run(work())


def test_who_waits_with_bulk_is_sent_away_at_once_when_the_bot_ends_and_replies_are_not() -> None:
    async def work() -> None:
        pacer = Pacer()
        assert await pacer.turn(PRIVATE, BULK)
        begun = asyncio.get_running_loop().time()
        bulk, reply = (
            asyncio.create_task(pacer.turn(chat_id, priority))
            for chat_id, priority in ((PRIVATE, BULK), (GROUP, REPLY))
        )
        await asyncio.sleep(0)
        pacer.dismiss(BULK)
        assert not await bulk and await reply
        assert asyncio.get_running_loop().time() - begun < 0.1

    run(work())


def test_a_group_never_gets_more_than_eighteen_in_a_minute() -> None:
    async def work() -> None:
        times = await moments(Pacer(), [(GROUP, BULK)] * 30 + [(GROUP, REPLY)] * 15)
        assert most_within(times, 60) == 18
        assert max(times) < 180

    run(work())


def test_a_group_whose_minute_is_used_up_says_how_long_to_wait() -> None:
    async def work() -> None:
        pacer = Pacer()
        await moments(pacer, [(GROUP, BULK)] * 18)
        assert 40 < pacer.wait(GROUP, BULK) <= 60
        assert await pacer.turn(GROUP, BULK, patience=3) is False
        assert await pacer.turn(PRIVATE, BULK, patience=3) is True

    run(work())


def test_replies_pass_the_bulk_and_all_together_stay_under_the_limit() -> None:
    async def work() -> None:
        bulk = [(number, BULK) for number in range(1, 61)]
        replies = [(number, REPLY) for number in range(101, 111)]
        times = await moments(Pacer(), bulk + replies)
        assert max(times[60:]) < 0.5
        assert most_within(times, 1) <= 30
        assert 70 / max(times) >= 25

    run(work())


def test_a_refused_chat_waits_then_probes_once_and_the_others_go_on() -> None:
    async def work() -> None:
        pacer = Pacer()
        pacer.hold(PRIVATE, 10)
        times = await moments(pacer, [(PRIVATE, REPLY)] * 3 + [(8, BULK)])
        assert times[0] >= 10 and times[3] < 0.1
        assert all(after - before >= 1 for before, after in itertools.pairwise(times[:3]))

    run(work())


def test_who_has_no_patience_for_a_refusal_leaves_at_once() -> None:
    async def work() -> None:
        pacer = Pacer()
        await pacer.turn(PRIVATE, BULK)
        loop = asyncio.get_running_loop()
        begun = loop.time()
        waiting = [asyncio.create_task(pacer.turn(PRIVATE, BULK, patience=3)) for _ in range(2)]
        await asyncio.sleep(0.1)
        pacer.hold(PRIVATE, 10)
        assert await asyncio.gather(*waiting) == [False, False]
        assert loop.time() - begun < 0.2

    run(work())


def test_several_refused_people_mean_that_all_have_to_wait() -> None:
    async def work() -> None:
        pacer = Pacer()
        for chat_id in (1, 2):
            pacer.hold(chat_id, 10)
        pacer.hold(GROUP, 40)
        assert pacer.wait(9) == 0
        pacer.hold(3, 10)
        assert pacer.wait(9) == pytest.approx(10)

    run(work())


def test_sixty_people_are_told_while_ten_get_their_answers_and_nobody_is_refused(
    town: Town,
) -> None:
    post = Post(town)
    names = post.crowd(60)
    town.huong.send("/help")
    town.huong.wait_for("Trợ giúp")
    town.world.flood(True)
    since = town.world.last_call
    post.owe(*names)
    asking = [town.people[name] for name in town.ids if name not in names]
    asked = {}
    for who in asking:
        who.send("/help")
        asked[who.id] = who.chat_id
    post.until_settled()
    town.world.settle()
    calls = town.world.calls("sendMessage", since=since)
    assert [each.status for each in calls] == [200] * 70
    order = [each.chat_id for each in calls]
    assert max(order.index(chat_id) for chat_id in asked.values()) < 69, "replies came last"


@pytest.mark.parametrize("dialect", ["postgresql"])
def test_three_processes_together_keep_to_the_limits_of_one(town: Town) -> None:
    post = Post(town)
    names = post.crowd(60)
    others = [BotThread.start(town.settings(), town.database, routes=town.routes) for _ in "ab"]
    bots = [town.bot, *others]
    try:
        deadline = time.monotonic() + 20
        while any(bot is None or bot.chibo.delivery.pacer.processes < 3 for bot in bots):
            assert time.monotonic() < deadline, "they do not know of each other"
            time.sleep(0.1)
        town.world.flood(True)
        since = town.world.last_call
        group = town.group()  # where the bot says who it is: that counts as well
        for number in range(30):
            post.owe_group(group.chat_id, klass=Class.ONCE, about=f"test:{number}")
        post.owe(*names)
        for about in ("test:2", "test:3"):
            post.owe("huong", about=about)
        people = {town.people[name].id for name in (*names, "huong")}
        deadline = time.monotonic() + 50
        while (sent := (told(town, people, since), told(town, {group.chat_id}, since))) != (62, 18):
            assert time.monotonic() < deadline, f"{sent} were sent"
            time.sleep(0.2)
        time.sleep(2)
        assert (told(town, people, since), told(town, {group.chat_id}, since)) == (62, 18)
        calls = town.world.calls(since=since)
        assert [each.method for each in calls if each.status == 429] == []
    finally:
        begun = time.monotonic()
        for bot in others:
            bot.stop()
    assert time.monotonic() - begun < DRAIN_SECONDS, "they kept what has no turn for a minute"


def test_one_who_writes_without_end_makes_nobody_else_wait(town: Town) -> None:
    town.huong.start()
    town.huong.wait_for("· Chi bộ 1")
    town.world.flood(True)
    since = town.world.last_call
    for _number in range(40):
        town.huong.send("/help")
    others = [town.people[name] for name in ("an", "binh", "dung", "giang", "khanh")]
    for who in others:
        who.send("/help")
    for who in others:
        who.wait_for("Trợ giúp", timeout=30)
    order = [each.chat_id for each in town.world.calls("sendMessage", since=since)]
    last = max(order.index(who.chat_id) for who in others)
    assert order[:last].count(town.huong.chat_id) < 10, "they stood in the line of one"
    assert [each.status for each in town.world.calls(since=since) if each.status == 429] == []


def told(town: Town, chats: set[int], since: int) -> int:
    calls = town.world.calls("sendMessage", since=since)
    return sum(each.chat_id in chats and each.status == 200 for each in calls)


def test_what_telegram_told_us_to_wait_is_kept_over_a_restart_for_replies_too(town: Town) -> None:
    town.world.fail("429", method="sendMessage", chat_id=town.huong.id, retry_after=4, times=1)
    town.huong.send("/help")
    deadline = time.monotonic() + 10
    while not (refused := [each for each in town.world.calls("sendMessage") if each.status == 429]):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(0.3)  # the row is written beside
    assert town.bot is not None
    town.close()
    town.open()
    town.huong.wait_for("Trợ giúp", timeout=15)
    taken = [each for each in town.world.calls("sendMessage") if each.status == 200]
    assert taken[0].monotonic - refused[0].monotonic >= 4


def test_what_a_killed_process_left_unsaid_is_said_one_by_one_for_it_may_have_used_the_burst(
    town: Town,
) -> None:
    town.close()
    dead = Worker(town.database.engine)
    dead.enter()

    def leave(session: Session) -> None:
        for number in range(3):
            act = {"do": "send", "chat": town.huong.id, "language": "vi", "text": f"Số {number}"}
            updates.note_handled(session, number, [act], now=town.world.now, worker=dead.id)

    town.database.run(leave)
    dead.leave()
    since = town.world.last_call
    town.open()
    town.huong.wait_for("Số 2", timeout=15)
    times = [each.monotonic for each in town.world.calls("sendMessage", since=since)]
    assert len(times) == 3
    assert all(later - one >= 1 for one, later in itertools.pairwise(times))
