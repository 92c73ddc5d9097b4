"""`chibo outbox`: what came of each notice, and deciding about what failed."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import Session, select
from typer.testing import CliRunner

from bot.cli import app
from storage import outbox
from storage.acts import Did
from storage.audit import Deed
from storage.db import Database
from storage.outbox import Class, Notice, State
from tests.town import NOON

HUONG, THANG = 500_000_001, 500_000_002  # accounts


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A house in which one notice has surely arrived, and nobody knows of the other."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("CHIBO_")]:
        monkeypatch.delenv(name)
    chibo("db", "upgrade")
    opened = Database("sqlite:///data/chibo.db")

    def owe(session: Session) -> None:
        for number, account in enumerate((HUONG, THANG)):
            to = [outbox.to_account(account)]
            outbox.enqueue(session, "greeting", f"x:{number}", to, klass=Class.ONCE, now=NOON)
        session.flush()
        sent, doubtful = session.exec(select(Notice).order_by("id")).all()
        sent.state, sent.settled_at = State.SENT, NOON
        doubtful.state, doubtful.reason, doubtful.settled_at = State.UNKNOWN, "timed out", NOON

    opened.run(owe)
    yield opened
    opened.close()


def chibo(*arguments: str) -> str:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(*arguments: str) -> str:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 1, result.output
    return result.stderr


def test_the_list_tells_number_kind_recipient_state_and_reason(database: Database) -> None:
    told = ("id", "kind", "recipient", "state", "reason")
    rows = json.loads(chibo("outbox", "list", "--json"))
    assert rows == [
        dict(zip(told, (2, "greeting", THANG, "unknown", "timed out"), strict=True)),
        dict(zip(told, (1, "greeting", HUONG, "sent", None), strict=True)),
    ]
    for_people = chibo("outbox", "list", "--state", "unknown")
    assert str(THANG) in for_people and str(HUONG) not in for_people


def test_one_notice_is_shown_without_a_word_of_what_it_says(database: Database) -> None:
    shown = json.loads(chibo("outbox", "show", "2"))
    assert (shown["state"], shown["class"], shown["subject"]) == ("unknown", "once", "x:1")
    assert shown["closed_at"] is None
    assert "no notice 3" in refused("outbox", "show", "3")


def test_what_is_in_doubt_is_sent_once_more_on_request(database: Database) -> None:
    assert chibo("outbox", "resend", "2") == "Notice 2 is queued again.\n"
    queued = json.loads(chibo("outbox", "list", "--json", "--state", "queued"))
    assert [row["id"] for row in queued] == [2]
    assert refused("outbox", "resend", "2").count("\n") == 1  # it is on its way already
    assert refused("outbox", "resend", "1").count("\n") == 1  # it has arrived
    assert acts(database) == [Did.NOTICE_RESEND]


def test_what_is_in_doubt_is_let_rest_on_request(database: Database) -> None:
    assert chibo("outbox", "close", "2") == "Notice 2 is closed.\n"
    assert json.loads(chibo("outbox", "show", "2"))["closed_at"] is not None
    assert acts(database) == [Did.NOTICE_CLOSE]
    assert "no notice 9" in refused("outbox", "close", "9")


def acts(database: Database) -> list[str]:
    return database.run(lambda session: list(session.exec(select(Deed.did)).all()))
