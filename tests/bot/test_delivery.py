"""The outbox keeps its promise, whatever Telegram does: nothing lost, nothing twice unsaid."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import Counter
from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from bot.simulator.client.values import Call
from handlers.kit import Note, Say
from storage import roster
from storage.drafts import DraftRow
from storage.outbox import Class, State
from storage.updates import HandledUpdate
from tests.bot.post import AGAIN, Post, Road
from tests.faults import harm
from tests.town import Town

# What may happen to a message of which we then cannot know, and how many of it arrive.
UNKNOWN = {
    "an": ("cut_before", 0),
    "binh": ("cut_after", 1),
    "chi": ("500", 0),
    "dung": ("502_before", 0),
    "giang": ("502_after", 1),
    "huong": ("garbled", 1),
    "khanh": ("hang", 0),
    "lan": ("hang_after", 1),
}


@pytest.fixture
def post(town: Town) -> Post:
    return Post(town)


def trouble(town: Town, *, times: int = 1) -> None:
    """Gives everybody in UNKNOWN a trouble of their own."""
    assert town.bot is not None
    town.bot.chibo.application.bot.request.timeout = 0.4
    for name, (how, _arrived) in UNKNOWN.items():
        chat_id = town.people[name].id
        town.world.fail(how, method="sendMessage", chat_id=chat_id, times=times)


def sends(town: Town, chat_id: int | None = None) -> list[Call]:
    calls = town.world.calls("sendMessage")
    return [each for each in calls if chat_id in (None, each.chat_id)]


def person(town: Town, name: str) -> roster.Person:
    return town.database.run(lambda s: town.person(s, name))


def test_what_is_of_class_once_never_comes_twice_and_is_listed_where_uncertain(
    town: Town, post: Post
) -> None:
    trouble(town)
    post.owe(*UNKNOWN, "minh", "oanh")
    post.until_settled()
    town.world.advance(minutes=10)
    town.world.settle()
    outcome = {name: (post.row(name).state, post.said_to(name)) for name in (*UNKNOWN, "minh")}
    wanted = {
        name: (State.UNKNOWN, ["test:1"] * arrived) for name, (_how, arrived) in UNKNOWN.items()
    }
    assert outcome == {**wanted, "minh": (State.SENT, ["test:1"])}
    assert len(sends(town)) == 10


def test_a_reminder_comes_once_more_and_says_so(town: Town, post: Post) -> None:
    trouble(town)
    post.owe(*UNKNOWN, klass=Class.REMINDER)
    waiting = post.until(lambda each: each.unknowns == 1 and each.state == State.QUEUED)
    waits = [each.due_at - (each.settled_at or each.due_at) for each in waiting]
    assert all(timedelta(seconds=30) <= wait <= timedelta(seconds=60) for wait in waits)
    town.world.advance(seconds=60)
    assert {each.state for each in post.until_settled()} == {State.SENT}
    for name, (_how, arrived) in UNKNOWN.items():
        assert post.said_to(name) == ["test:1"] * arrived + [f"{AGAIN}\ntest:1"], name


def test_a_reminder_that_is_uncertain_twice_is_listed_and_not_sent_a_third_time(
    town: Town, post: Post
) -> None:
    trouble(town, times=9)
    post.owe(*UNKNOWN, klass=Class.REMINDER)
    post.until(lambda each: each.unknowns == 1 and each.state == State.QUEUED)
    town.world.advance(seconds=60)
    assert {each.state for each in post.until_settled()} == {State.UNKNOWN}
    town.world.heal()
    town.world.advance(minutes=10)
    town.world.settle()
    for name, (_how, arrived) in UNKNOWN.items():
        assert post.said_to(name) == ["test:1", f"{AGAIN}\ntest:1"][: 2 * arrived], name


def test_an_answer_of_503_leaves_us_uncertain(town: Town, post: Post) -> None:
    town.huong.send("/help")
    town.huong.wait_for("Trợ giúp")  # it runs
    town.world.pause()
    post.owe("an")
    assert post.until_settled()[0].state == State.UNKNOWN
    town.world.pause(False)
    town.world.settle()
    assert post.said_to("an") == []


def test_without_a_route_nothing_is_uncertain_and_all_of_it_comes_later(town: Town) -> None:
    town.close()
    road = Road(town.world.api_url)
    town.world.api_url = road.url
    town.open()
    post = Post(town)
    town.world.settle()
    road.close()
    post.owe("an", "binh", "chi")
    rows = post.until(lambda each: each.state == State.QUEUED and each.settled_at is not None)
    assert {(each.attempts, each.unknowns) for each in rows} == {(0, 0)}
    assert sends(town) == []
    road.reopen()
    town.world.advance(minutes=10)
    assert {each.state for each in post.until_settled()} == {State.SENT}
    assert [post.said_to(name) for name in ("an", "binh", "chi")] == [["test:1"]] * 3
    town.close()
    road.close()


class TestTooManyRequests:
    """429."""

    def test_one_slow_chat_does_not_hold_up_the_others(self, town: Town, post: Post) -> None:
        town.world.fail("429", method="sendMessage", chat_id=town.an.id, retry_after=2)
        others = [name for name in town.ids if name != "an"]
        for about in ("test:1", "test:2"):
            post.owe("an", about=about)
        post.owe(*others)
        post.until(lambda each: each.state == State.SENT or each.person_id == town.ids["an"])
        assert post.said_to("an") == []
        assert {each.state for each in post.until_settled()} == {State.SENT}
        assert sorted(post.said_to("an")) == ["test:1", "test:2"]
        assert [post.said_to(name) for name in others] == [["test:1"]] * len(others)
        refused, *taken = sends(town, town.an.id)
        assert taken[0].monotonic - refused.monotonic >= 2

    def test_a_storm_is_probed_once_in_each_window(self, town: Town, post: Post) -> None:
        town.world.fail("429", method="sendMessage", times=0, retry_after=1)
        for about in ("test:1", "test:2"):
            post.owe(*town.ids, about=about)
        time.sleep(2.5)
        town.world.heal()
        assert {each.state for each in post.until_settled()} == {State.SENT}
        refused = [each for each in sends(town) if each.status == 429]
        for chat_id in {each.chat_id for each in refused}:
            times = [each.monotonic for each in refused if each.chat_id == chat_id]
            assert all(after - before >= 1 for before, after in itertools.pairwise(times))
        assert len(refused) <= 3 * 5, "everybody probes for themselves"
        accepted = Counter(each.chat_id for each in sends(town) if each.status == 200)
        assert set(accepted.values()) == {2} and len(accepted) == len(town.ids)

    def test_how_long_to_wait_is_not_forgotten_by_a_restart(self, town: Town, post: Post) -> None:
        town.world.fail("429", method="sendMessage", chat_id=town.an.id, retry_after=8)
        for about in ("test:1", "test:2", "test:3"):
            post.owe("an", about=about)
        soon = town.world.now + timedelta(seconds=2)
        post.until(lambda each: each.state == State.QUEUED and each.due_at > soon)
        post.restart()
        town.world.advance(seconds=65)  # our notices are due; Telegram's seconds have not passed
        moving = (State.QUEUED, State.LEASED, State.SENDING)
        rows = post.until(lambda each: each.state not in moving, timeout=25)
        assert {each.state for each in rows} == {State.SENT}
        refused, *taken = sends(town)
        assert refused.status == 429 and {each.status for each in taken} == {200}
        assert taken[0].monotonic - refused.monotonic >= 8
        assert sorted(post.said_to("an")) == ["test:1", "test:2", "test:3"]

    def test_a_reply_that_is_refused_again_and_again_is_said_in_the_end(
        self, town: Town, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("bot.pacing.RETRIES", 1)
        town.world.fail("429", method="sendMessage", times=2, retry_after=1)
        town.huong.send("/help")
        town.huong.wait_for("Trợ giúp")
        assert len([each for each in town.huong.messages() if each.from_bot]) == 1


class TestOutOfReach:
    """Telegram refuses for good."""

    def test_who_cannot_be_written_to_is_listed_and_the_rest_goes_on(
        self, town: Town, post: Post
    ) -> None:
        def lose(session: Session) -> None:
            town.person(session, "chi").telegram_id = 999_000_001  # no chat is known by it
            town.person(session, "dung").started = False

        town.database.run(lose)
        town.binh.deactivate()
        holding = town.world.barrier("before", method="sendMessage")
        post.owe("an")
        assert holding.reached()
        town.an.block()
        holding.release()
        post.owe("binh", "chi", "dung", "giang")
        post.until_settled()
        assert {name: post.row(name).state for name in ("an", "binh", "chi", "dung", "giang")} == {
            "an": State.BLOCKED,
            "binh": State.BLOCKED,
            "chi": State.BLOCKED,
            "dung": State.DEAD,
            "giang": State.SENT,
        }
        assert "blocked by the user" in (post.row("an").reason or "")
        assert "deactivated" in (post.row("binh").reason or "")
        assert post.row("chi").reason == "Chat not found"
        assert post.row("dung").reason == "cannot be reached"
        blocked = {name for name in town.ids if person(town, name).blocked_at is not None}
        assert {"binh", "chi"} <= blocked <= {"an", "binh", "chi"}

    @pytest.mark.parametrize("word", ["/start", "chào đồng chí"])
    def test_who_comes_back_is_written_to_again(self, town: Town, post: Post, word: str) -> None:
        def block(session: Session) -> None:
            town.person(session, "an").blocked_at = town.world.now

        town.database.run(block)
        post.owe("an", about="test:1")
        assert post.until_settled()[0].state == State.DEAD
        town.an.send(word)
        town.world.settle()
        assert person(town, "an").blocked_at is None
        post.owe("an", about="test:2")
        town.an.wait_for("test:2")


class TestToken:
    """The token is refused."""

    def test_the_sender_stops_and_goes_on_when_the_token_works_again(
        self, town: Town, post: Post
    ) -> None:
        assert town.bot is not None
        town.bot.chibo.delivery.probe_every = 0.2
        for method in ("sendMessage", "getMe"):
            town.world.fail("revoked", method=method, times=0)
        post.owe(*town.ids)
        deadline = time.monotonic() + 10
        while not town.bot.chibo.delivery.revoked:
            assert time.monotonic() < deadline, "the sender has not noticed"
            time.sleep(0.05)
        time.sleep(0.5)  # long enough for it to try again and again, if it were to
        rows = post.until(lambda each: each.state == State.QUEUED)  # one may be held for a moment
        assert {each.attempts for each in rows} == {0}
        assert len(sends(town)) <= 6
        town.world.heal()
        assert {each.state for each in post.until_settled()} == {State.SENT}
        assert [post.said_to(name) for name in town.ids] == [["test:1"]] * len(town.ids)

    def test_a_reply_waits_in_the_database_for_the_token(self, town: Town) -> None:
        town.world.fail("revoked", method="sendMessage", times=1)
        town.huong.send("/help")
        town.world.settle()
        kept = select(HandledUpdate).where(col(HandledUpdate.reply).is_not(None))
        assert town.database.run(lambda s: len(s.exec(kept).all())) == 1
        town.world.advance(minutes=5)
        town.giang.send("/help")
        town.giang.wait_for("Trợ giúp")  # by now the bot has heard how late it is
        assert town.bot is not None
        catching_up = town.bot.chibo.clock.catch_up()
        asyncio.run_coroutine_threadsafe(catching_up, town.bot.loop).result(10)
        town.huong.wait_for("Trợ giúp")


class TestWording:
    """The words are found when a notice is sent."""

    def test_words_that_break_stop_no_other_notice(self, town: Town, post: Post) -> None:
        def words(note: Note) -> Say | None:
            match note.notice.subject:
                case "test:2":
                    raise RuntimeError("a secret of somebody's")
                case "test:3":
                    twice = [DraftRow(telegram_id=1, form="x", at=note.now) for _ in range(2)]
                    note.session.add_all(twice)
                    note.session.flush()
                case "test:4":
                    return None
            return Say(note.notice.subject)

        post.words = words
        for number in range(1, 6):
            post.owe(list(town.ids)[number], about=f"test:{number}")
        rows = {each.subject: (each.state, each.reason) for each in post.until_settled()}
        assert rows == {
            "test:1": (State.SENT, None),
            "test:2": (State.DEAD, "no words: RuntimeError"),
            "test:3": (State.DEAD, "no words: IntegrityError"),
            "test:4": (State.CANCELLED, None),
            "test:5": (State.SENT, None),
        }

    def test_one_that_cannot_even_be_given_up_does_not_end_the_sending(
        self, town: Town, post: Post
    ) -> None:
        def words(note: Note) -> Say | None:
            if note.notice.subject == "test:1":
                raise RuntimeError
            return Say(note.notice.subject)

        post.words = words
        with harm.nobody_given_up(town.url):
            post.owe("an", about="test:1")
            deadline = time.monotonic() + 10
            assert town.bot is not None
            pulse = town.bot.chibo.delivery.watch.delivery
            while pulse.good_at == pulse.round_at:
                assert time.monotonic() < deadline, "nothing has failed"
                time.sleep(0.02)
        post.owe("binh", about="test:2")
        states = [each.state for each in post.until_settled()]
        assert states == [State.DEAD, State.SENT]


def test_a_stopped_bot_finishes_what_is_in_flight_and_keeps_the_rest(
    town: Town, post: Post
) -> None:
    names = post.crowd(30)
    town.world.fail(how=None, method="sendMessage", delay=1.5, times=0)
    post.owe(*names)
    deadline = time.monotonic() + 20
    while sum(each.state == State.SENDING for each in post.rows()) < 10:
        assert time.monotonic() < deadline, "nothing is being sent"
        time.sleep(0.05)
    begun = time.monotonic()
    town.close()
    assert time.monotonic() - begun < 20
    left = Counter(each.state for each in post.rows())
    assert set(left) <= {State.SENT, State.QUEUED} and left[State.SENT] >= 10
    assert left[State.SENT] == len(sends(town))
    town.world.heal()
    town.open()
    assert {each.state for each in post.until_settled()} == {State.SENT}
    assert [post.said_to(name) for name in names] == [["test:1"]] * 30


def test_a_notice_whose_lease_runs_out_while_it_waits_keeps_its_place(
    town: Town, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A computer that slept, a process that stood still: the leases are over, the line is not."""
    assert town.bot is not None
    pacer = town.bot.chibo.delivery.pacer
    turns: list[int] = []
    monkeypatch.setattr(pacer, "waited", lambda _priority, _seconds: turns.append(1))
    for number in range(4):
        post.owe("an", about=f"test:{number}")
    while not all(each.state != State.QUEUED for each in post.rows()):
        time.sleep(0.01)
    for _ in range(6):  # while the last of them waits for An's second
        town.world.advance(seconds=45)
        time.sleep(0.3)
    assert {each.state for each in post.until_settled()} == {State.SENT}
    assert len(turns) == 4
    assert sorted(post.said_to("an")) == [f"test:{number}" for number in range(4)]
