"""Who watches the bot sees at once whether it lives and whether it can do its work."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
import threading
import timeit
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from math import isnan
from pathlib import Path

import httpx
import pytest
from sqlalchemy import create_engine, make_url, text
from sqlmodel import Session

from bot.request import Request
from bot.watch import Watch
from handlers.kit import Say, Talk
from storage.db import Database
from tests.bot.post import Post, Road
from tests.bot.reading import Desk, free_port
from tests.town import ACCOUNTS, BotThread, Town


@pytest.fixture
def desk(town: Town) -> Desk:
    opened = Desk(town)
    opened.open()
    hurry(town)
    return opened


def hurry(town: Town) -> None:
    """Patience is measured in seconds here, and not in minutes."""
    assert town.bot is not None
    chibo = town.bot.chibo
    chibo.intake.poll_seconds, chibo.intake.poll_grace = 1, 0.5
    chibo.health.silence, chibo.health.idleness = 3.0, 2.0
    assert isinstance(chibo.application.bot.request, Request)
    chibo.application.bot.request.timeout = 2.0
    town.huong.send("/help")  # ends the long poll that began before
    town.huong.wait_for("Trợ giúp")
    town.world.settle()


@contextmanager
def away(database: Database) -> Iterator[None]:
    """The database is lost: SQLite to another program's lock, PostgreSQL's lets nobody in."""
    url = database.engine.url
    if database.dialect == "sqlite":
        other = sqlite3.connect(str(url.database), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")
        other.close()
        return
    admin = create_engine(make_url(url).set(database="postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"ALTER DATABASE {url.database} ALLOW_CONNECTIONS false"))
        connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"),
            {"name": url.database},
        )
        yield
        connection.execute(text(f"ALTER DATABASE {url.database} ALLOW_CONNECTIONS true"))
    admin.dispose()


def test_a_bot_at_work_is_alive_and_ready(desk: Desk) -> None:
    desk.until_ready()
    assert desk.alive() == {}


def test_a_bot_that_is_told_no_place_to_listen_serves_nothing(town: Town) -> None:
    assert town.bot is not None
    assert town.settings().listen == ""
    assert town.bot.chibo.site is None


def test_while_telegram_is_away_at_the_start_the_bot_is_alive_and_says_what_it_waits_for(
    town: Town,
) -> None:
    town.close()
    desk = Desk(town)
    town.world.pause()
    town.bot = BotThread.start(
        town.settings(listen=f"127.0.0.1:{desk.port}"), town.database, town.pacer
    )
    desk.until_red("intake", "delivery", "clock")
    assert desk.alive() == {}
    town.world.heal()
    desk.until_ready()


def test_a_poll_that_hangs_is_given_up_and_updates_go_on(desk: Desk) -> None:
    town = desk.town
    town.world.fail(how="hang", method="getUpdates", times=2)
    town.huong.send("/help")
    town.huong.wait_for("Trợ giúp")
    town.giang.send("/help")
    town.giang.wait_for("Trợ giúp")
    assert desk.figures()["polls_total stalled"] >= 2


def test_a_connection_that_died_without_a_word_is_replaced(town: Town) -> None:
    town.close()
    road = Road(town.world.api_url)
    town.world.api_url = road.url
    desk = Desk(town)
    desk.open()
    hurry(town)
    road.swallow()
    town.giang.send("/help")
    town.giang.wait_for("Trợ giúp", timeout=30)
    desk.until_ready()
    assert desk.figures()["polls_total stalled"] >= 1
    town.close()


def test_whose_polls_are_never_answered_is_red_until_they_are(desk: Desk) -> None:
    desk.until_ready()
    with desk.town.world.failing("hang", method="getUpdates"):
        assert "of no use for" in desk.until_red("intake")["intake"]
        assert desk.alive() == {}
    desk.until_ready()


def test_whose_token_is_refused_is_red_until_it_is_taken(desk: Desk) -> None:
    desk.until_ready()
    with desk.town.world.failing("revoked"):
        desk.until_red("token", "intake")
    desk.until_ready()


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_on_sqlite_another_poller_makes_it_red_for_nobody_can_stand_by_there(desk: Desk) -> None:
    desk.until_ready()
    world = desk.town.world
    stop = threading.Event()

    def interfere() -> None:
        with httpx.Client(timeout=30, trust_env=False) as http:
            while not stop.is_set():
                http.post(f"{world.api_url}/bot{world.token}/getUpdates", json={"timeout": 1})

    other = threading.Thread(target=interfere)
    other.start()
    try:
        found = desk.until(lambda: desk.red().get("intake"))
    finally:
        stop.set()
        other.join()
    assert found == "somebody else polls with this token"


def test_whose_database_is_lost_is_red_but_alive_and_well_again_afterwards(desk: Desk) -> None:
    desk.until_ready()
    with away(desk.town.database):
        found = desk.until(
            lambda: set(red := desk.red()) == {"database", "delivery", "clock"} and red
        )
        assert re.fullmatch(r"OperationalError|does not answer within 3 s", found["database"])
        assert desk.alive() == {}
        figures = desk.figures()
        assert isnan(figures["queue_notices due"])
        assert figures["red database"] == 1
        assert figures["red token"] == 0
    desk.until_ready()
    desk.town.huong.send("/caidat")
    desk.town.huong.wait_for("Giờ yên lặng")


def test_however_many_ask_the_database_is_tried_once(desk: Desk) -> None:
    desk.until_ready()
    begun = desk.figures()["commit_batch_sum"]
    for _time in range(50):
        desk.red()
    ticks = 30  # of clock and delivery meanwhile
    assert desk.figures()["commit_batch_sum"] - begun < ticks


def test_an_old_program_on_a_newer_schema_is_red(desk: Desk) -> None:
    desk.until_ready()

    def become(revision: str) -> str:
        def change(session: Session) -> str:
            before = session.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
            session.execute(text("UPDATE alembic_version SET version_num = :r"), {"r": revision})
            return str(before)

        return desk.town.database.run(change)

    before = become("9999")
    assert "9999" in desk.until_red("schema")["schema"]
    become(before)
    desk.until_ready()


def test_the_figures_count_what_was_done(desk: Desk) -> None:
    town = desk.town
    post = Post(town)
    town.an.deactivate()
    desk.until(lambda: desk.figures()["replies_total said"] == 1)  # of what was asked before
    town.world.fail(how="cut_before", method="sendMessage", chat_id=town.chi.id)
    before = desk.figures()
    post.owe("an", "binh", "chi")
    post.until_settled()
    town.giang.send("/help")
    town.giang.wait_for("Trợ giúp")
    expected = {
        "notices_total test sent": 1,
        "notices_total test blocked": 1,
        "notices_total test unknown": 1,
        "updates_total handled": 1,
        "update_seconds_count": 1,
        "replies_total said": 1,
        "telegram_answers_total 403": 1,
        "turn_seconds_count reply": 1,
        "turn_seconds_count bulk": 3,
    }

    def grown() -> dict[str, float]:
        after = desk.figures()
        return {name: after.get(name, 0) - before.get(name, 0) for name in expected}

    desk.until(lambda: grown() == expected)
    for name in ("clock_ticks_total done", "commit_batch_count", "commit_seconds_sum"):
        desk.until(lambda name=name: desk.figures()[name] > before[name])


def test_the_figures_count_what_went_wrong(desk: Desk) -> None:
    town = desk.town
    assert town.bot is not None
    town.world.fail(how="429", method="sendMessage", retry_after=1)
    town.giang.send("/help")
    town.giang.wait_for("Trợ giúp")
    town.world.raw_update({"my_chat_member": {"chat": {"id": 5}}})
    routes = town.bot.chibo.conversation.routes

    def broken(_talk: Talk) -> Say:
        raise RuntimeError("Hương said something secret")

    routes["command", "help"] = replace(routes["command", "help"], run=broken)
    town.huong.send("/help")
    town.huong.wait_for("Có trục trặc")
    town.world.settle()
    figures = desk.until(lambda: (found := desk.figures())["updates_total parked"] == 1 and found)
    assert figures["telegram_answers_total 429"] == 1
    assert figures["updates_total unreadable"] == 1
    assert figures["updates_total failed"] == 2


def test_the_figures_tell_how_much_is_queued_and_since_when(desk: Desk) -> None:
    town = desk.town
    post = Post(town)
    with town.world.failing("429", method="sendMessage", retry_after=600):
        post.owe("an", "binh")
        post.until(lambda each: each.state == "queued" and each.settled_at is not None)
        figures = desk.figures()
        assert figures["queue_notices later"] == 2
        assert figures["queue_notices due"] == 0
        assert figures["queue_oldest_seconds"] == 0


def test_no_figure_tells_anything_about_people(desk: Desk) -> None:
    town = desk.town
    post = Post(town)
    post.owe("an", "binh")
    post.until_settled()
    town.huong.send("điều không ai được biết")
    town.world.settle()
    page = desk.http.get("/metrics").text + desk.http.get("/readyz").text
    accounts = map(str, ACCOUNTS.values())
    for secret in (town.world.token, "điều không", "test:1", "Hương", "chibo_bot", *accounts):
        assert secret not in page
    for name in desk.figures():
        for value in name.split()[1:]:
            assert re.fullmatch(r"[a-z_.]+|[0-9.]{1,5}|\+Inf", value), name


def test_two_bots_in_one_process_do_not_count_as_one(town: Town) -> None:
    one, other = Watch(), Watch()
    one.update("handled", 0.1)
    assert b'chibo_updates_total{outcome="handled"} 1.0' in one.show({}, None)
    assert b'chibo_updates_total{outcome="handled"} 0.0' in other.show({}, None)


def test_an_answer_of_a_kind_unheard_of_is_counted_and_breaks_nothing() -> None:
    watch = Watch()
    for status in (999, 520, 0, 302):
        watch.answered(status)
    assert b'chibo_telegram_answers_total{status="other"} 4.0' in watch.show({}, None)


def test_what_is_told_of_each_update_costs_next_to_nothing() -> None:
    """All that the watch is told on the way of one text and its reply: some 20 µs on two cores."""
    watch, number = Watch(), 2_000

    def once() -> None:
        watch.update("handled", 0.01)
        watch.committed(8, 0.01)
        watch.waited(0, 0.0)
        watch.answered(200)
        watch.reply("said")
        watch.poll("answered")

    assert min(timeit.repeat(once, number=number, repeat=5)) / number < 0.0005


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_a_place_to_listen_that_is_taken_is_one_line_that_names_the_setting(
    town: Town, tmp_path: Path
) -> None:
    desk = Desk(town)
    desk.open()
    done = subprocess.run(
        [sys.executable, "-m", "bot", "run"],
        cwd=tmp_path,
        env={
            "CHIBO_TOKEN": town.world.token,
            "CHIBO_API_URL": town.world.api_url,
            "CHIBO_LISTEN": f"127.0.0.1:{desk.port}",
            "PYTHONPATH": str(Path(__file__).parents[2]),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    line = done.stderr.strip().splitlines()[-1]
    assert (done.returncode, "CHIBO_LISTEN" in line) == (2, True), done.stderr
    assert free_port() != desk.port
