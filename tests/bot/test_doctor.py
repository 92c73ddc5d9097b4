"""The doctor: what it looks at, what it says, what it keeps to itself."""

from __future__ import annotations

import json
import shutil
import sqlite3
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import text
from sqlmodel import Session, select
from typer.testing import CliRunner

from bot.cli import app
from bot.config import Settings
from bot.doctor import LOOK, OK, WRONG, Check, examine, next_backup
from bot.simulator.client import World
from bot.single import alone
from storage import audit, migrate, outbox, roster, schedule, updates, upkeep
from storage.acts import Did
from storage.db import Database, make_engine
from storage.outbox import Class, Notice, State
from storage.powers import SHELL
from storage.upkeep import Mark
from storage.workers import Worker
from tests.storage.test_backup import use_tools_of_the_server

NOW = datetime.now(UTC)


@pytest.fixture
def here(telegram: str) -> World:
    """A Telegram whose clock shows our own time."""
    return World.create(telegram, bot_username="chibo_bot")


@pytest.fixture
def url(tmp_path: Path) -> str:
    address = f"sqlite:///{tmp_path / 'chibo.db'}"
    migrate.upgrade(address)
    return address


def settings(world: World, url: str, **more: Any) -> Settings:
    given = {"token": SecretStr(world.token), "api_url": world.api_url, **more}
    return Settings(_env_file=None, database_url=SecretStr(url), **given)


def checks(world: World, url: str, **more: Any) -> dict[str, Check]:
    return {each.name: each for each in examine(settings(world, url, **more), probe_seconds=0)}


def change(url: str, work: Callable[[Session], object]) -> None:
    database = Database(url)
    database.run(work)
    database.close()


def owe(session: Session, *, due: datetime = NOW, state: State = State.QUEUED) -> None:
    person = roster.new_person(session, roster.unit_at(session, "Chi bộ 1"), "Hương")
    recipient = outbox.to_person(person.id)
    outbox.enqueue(session, "x", "x:1", [recipient], klass=Class.ONCE, now=NOW, due_at=due)
    notice = session.exec(select(Notice)).one()
    notice.state, notice.settled_at = state, None if state is State.QUEUED else NOW
    session.add(notice)


def test_a_house_in_order_has_nothing_wrong(here: World, url: str) -> None:
    found = checks(here, url)
    assert {name for name, each in found.items() if each.wrong} == set()
    assert found["token"].found == "@chibo_bot"
    assert [found[name].state for name in ("clock", "database", "migrations", "queue")] == [OK] * 4


def test_a_refused_token_is_wrong_and_not_shown(here: World, url: str) -> None:
    wrong = "123456789:" + "C" * 35
    found = checks(here, url, token=SecretStr(wrong))
    assert found["token"].state == WRONG
    assert wrong not in " ".join(each.line() for each in found.values())


def test_a_telegram_that_does_not_answer_is_wrong(here: World, url: str) -> None:
    assert checks(here, url, api_url="http://127.0.0.1:1")["token"].state == WRONG


def test_a_clock_that_is_off_is_wrong(here: World, url: str) -> None:
    here.advance(minutes=10)
    assert checks(here, url)["clock"].state == WRONG
    assert checks(here, url, clock="server")["clock"].state == OK


def test_a_second_bot_elsewhere_is_found(here: World, url: str) -> None:
    done = threading.Event()

    def poll() -> None:
        while not done.is_set():
            address = f"{here.api_url}/bot{here.token}/getUpdates"
            httpx.post(address, json={"timeout": 5}, timeout=10, trust_env=False)

    elsewhere = threading.Thread(target=poll)
    elsewhere.start()
    try:
        found = {each.name: each for each in examine(settings(here, url))}
        assert found["second bot"].state == WRONG
    finally:
        done.set()
        elsewhere.join(20)


def test_an_audit_that_somebody_has_changed_is_shown(here: World, url: str) -> None:
    def write(session: Session) -> None:
        audit.record(session, SHELL, Did.RESTORE, {}, now=NOW)
        audit.seal(session)

    change(url, write)
    assert checks(here, url)["audit"].state == OK
    change(url, lambda session: session.execute(text("UPDATE audit SET actor = 'clock'")))
    found = checks(here, url)["audit"]
    assert (found.state, found.found) == (LOOK, "entry 1 is changed")


def test_the_loss_of_the_audits_key_is_told(here: World, url: str, tmp_path: Path) -> None:
    def write(session: Session) -> None:
        audit.record(session, SHELL, Did.RESTORE, {}, now=NOW)
        audit.seal(session)

    change(url, write)
    (tmp_path / "audit.key").unlink()
    found = checks(here, url)["audit"]
    assert (found.state, found.found) == (LOOK, "entry 1 is signed with another key")
    assert "the key is lost" in found.advice


def test_a_running_bot_is_not_disturbed(here: World, url: str) -> None:
    with alone(url):
        assert checks(here, url)["second bot"].state == OK
    assert here.calls("getUpdates") == []


def test_what_the_running_bot_saw_of_a_second_one_is_told(here: World, url: str) -> None:
    now = datetime.now(UTC)
    change(url, lambda session: upkeep.note(session, Mark.CONFLICT, now=now))
    assert checks(here, url)["polling"].state == WRONG
    before = now - timedelta(hours=1)
    change(url, lambda session: upkeep.note(session, Mark.CONFLICT, now=before))
    assert checks(here, url)["polling"].state == OK


@pytest.mark.parametrize("dialect", ["postgresql"])
def test_processes_that_take_turns_at_polling_are_in_order(here: World, database: Database) -> None:
    url = database.engine.url.render_as_string(hide_password=False)
    both = [Worker(database.engine) for _ in range(2)]
    database.run(lambda session: upkeep.note(session, Mark.CONFLICT, now=datetime.now(UTC)))
    both[0].enter()
    assert checks(here, url)["polling"].state == WRONG
    both[1].enter()
    assert checks(here, url)["polling"].state == OK
    for each in both:
        each.leave()


def test_a_damaged_database_is_wrong_and_left_alone(here: World, tmp_path: Path) -> None:
    file = tmp_path / "chibo.db"
    file.write_bytes(b"SQLite format 3\x00" + b"\x55" * 8192)
    found = checks(here, f"sqlite:///{file}")
    assert found["database"].state == WRONG
    assert "restore" in found["database"].advice
    assert file.stat().st_size == 8208


def test_a_database_from_the_future_is_wrong(here: World, url: str, tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "chibo.db")
    connection.execute("DELETE FROM alembic_version")
    connection.execute("INSERT INTO alembic_version VALUES ('9999')")
    connection.commit()
    connection.close()
    assert checks(here, url)["migrations"].state == WRONG


def test_a_database_server_that_is_away_is_wrong(here: World) -> None:
    url = "postgresql+psycopg://chibo:secret-word@127.0.0.1:1/chibo"
    found = checks(here, url)
    assert found["database"].state == WRONG
    assert "secret-word" not in " ".join(each.line() for each in found.values())


def test_a_queue_that_stands_still_is_wrong_while_the_bot_runs(here: World, url: str) -> None:
    change(url, lambda session: owe(session, due=NOW - timedelta(hours=3)))
    assert checks(here, url)["queue"].state == LOOK
    with alone(url):
        assert checks(here, url)["queue"].state == WRONG


def test_a_paused_outbox_says_how_it_goes_on(here: World, url: str) -> None:
    change(url, lambda session: upkeep.note(session, Mark.OUTBOX_PAUSED, now=NOW))
    found = checks(here, url)["queue"]
    assert (found.state, "outbox resume" in found.advice) == (LOOK, True)


@pytest.mark.parametrize(
    ("state", "name"),
    [(State.UNKNOWN, "uncertain"), (State.DEAD, "dead"), (State.EXPIRED, "expired")],
)
def test_notices_that_need_somebody_are_counted(
    here: World, url: str, state: State, name: str
) -> None:
    change(url, lambda session: owe(session, state=state))
    found = checks(here, url)[name]
    assert found.state == LOOK
    assert found.found.startswith("1 ")
    assert found.advice.endswith(f"`chibo outbox list --state {state}`")


def test_updates_that_were_given_up_are_told_without_their_words(here: World, url: str) -> None:
    def park(session: Session) -> None:
        for _try in range(updates.TRIES):
            updates.park(session, 7, "ValueError at home.py:7 start", now=NOW)

    change(url, park)
    found = checks(here, url)["parked"]
    assert (found.state, "home.py:7" in found.advice) == (LOOK, True)


def test_a_broken_schedule_is_wrong(here: World, url: str) -> None:
    def breaking(session: Session) -> None:
        schedule.once(session, "meeting.reminder", "meeting:1", NOW, zone="Asia/Ho_Chi_Minh")
        for due in schedule.claim_due(session, now=NOW):
            schedule.set_aside(session, due.schedule_id, "KeyError")

    change(url, breaking)
    assert checks(here, url)["schedules"].state == WRONG


def test_an_old_backup_is_told(here: World, url: str) -> None:
    assert checks(here, url)["backup"].state == LOOK
    old = NOW - timedelta(days=3)
    change(url, lambda session: upkeep.backed_up(session, sealed=True, now=old))
    found = checks(here, url)["backup"]
    assert (found.state, found.found) == (LOOK, "3 days ago, encrypted")
    change(url, lambda session: upkeep.backed_up(session, sealed=False, now=NOW))
    found = checks(here, url)["backup"]
    assert (found.state, "not encrypted" in found.found) == (OK, True)


def test_a_night_whose_backup_failed_is_told(here: World, url: str) -> None:
    change(url, lambda session: upkeep.backed_up(session, sealed=False, now=NOW))
    change(url, lambda session: upkeep.note(session, Mark.BACKUP_FAILED, now=NOW))
    found = checks(here, url)["backup"]
    assert (found.state, "failed" in found.found) == (LOOK, True)


def test_the_room_for_the_next_backup_is_told(here: World, url: str, tmp_path: Path) -> None:
    found = checks(here, url)["next backup"]
    assert (found.state, str(tmp_path / "backups") in found.found) == (OK, True)
    with (tmp_path / "chibo.db").open("ab") as file:  # so large that nobody would look it through
        file.truncate(shutil.disk_usage(tmp_path).free * 2)
    with Session(make_engine(url)) as session:
        found = next_backup(session, settings(here, url))
    assert (found.state, "CHIBO_BACKUPS" in found.advice) == (LOOK, True)


def test_a_server_whose_tools_are_missing_is_told(
    here: World, postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_tools_of_the_server(monkeypatch)
    migrate.upgrade(postgres)
    assert checks(here, postgres)["next backup"].state == OK
    monkeypatch.setenv("PATH", "/nowhere")
    found = checks(here, postgres)["next backup"]
    assert (found.state, "pg_dump" in found.found) == (LOOK, True)


def test_the_exit_code_and_the_json_are_for_programs(
    here: World, url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CHIBO_API_URL", here.api_url)
    monkeypatch.setenv("CHIBO_DATABASE_URL", url)
    monkeypatch.setenv("CHIBO_TOKEN", here.token)
    well = CliRunner().invoke(app, ["doctor", "--json"])
    assert well.exit_code == 0, well.output
    assert {each["state"] for each in json.loads(well.stdout)} <= {OK, LOOK}
    monkeypatch.setenv("CHIBO_TOKEN", "")
    ill = CliRunner().invoke(app, ["doctor"])
    assert ill.exit_code == 1
    assert here.token not in well.output + ill.output
