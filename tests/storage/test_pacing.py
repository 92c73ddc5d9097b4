"""A chat's allowance as a row: what one process takes, another finds taken."""

from __future__ import annotations

import time

import pytest

from storage import pacing
from storage.db import Database
from storage.pacing import GROUP_PER_MINUTE

PRIVATE, GROUP = 7, -100


def take(database: Database, chat_id: int, *, reply: bool = False) -> float:
    return database.run(lambda s: pacing.take(s, chat_id, reply=reply))


def test_a_private_chat_gives_one_a_second_and_three_to_replies(database: Database) -> None:
    assert take(database, PRIVATE) == 0
    assert 0 < take(database, PRIVATE) <= 1.05
    assert [take(database, PRIVATE, reply=True) for _ in range(2)] == [0, 0]
    assert take(database, PRIVATE, reply=True) > 0


def test_a_group_gives_eighteen_in_a_minute_to_all_together(database: Database) -> None:
    other = Database(database.engine.url)
    given = 0
    for number in range(GROUP_PER_MINUTE + 4):
        taker = database if number % 2 else other
        wait = taker.run(lambda s: pacing.take(s, GROUP, reply=True))
        if 0 < wait < 2:  # its second is not over yet
            time.sleep(wait)
            wait = taker.run(lambda s: pacing.take(s, GROUP, reply=True))
        given += wait == 0
    other.close()
    assert given == GROUP_PER_MINUTE


def test_a_refused_chat_is_left_alone_by_everybody_for_as_long_as_told(database: Database) -> None:
    database.run(lambda s: pacing.hold(s, PRIVATE, 30.0))
    assert take(database, PRIVATE, reply=True) == pytest.approx(30, abs=2)
    assert take(database, PRIVATE + 1) == 0
    ((chat_id, seconds),) = database.run(pacing.held)
    assert (chat_id, seconds) == (PRIVATE, pytest.approx(30, abs=2))


def test_allowances_that_are_whole_again_are_forgotten(database: Database) -> None:
    take(database, PRIVATE)
    database.run(lambda s: pacing.hold(s, GROUP, 7200.0))
    database.run(pacing.sweep)
    assert [chat_id for chat_id, _seconds in database.run(pacing.held)] == [GROUP]
