"""What a killed process has left is taken up at once; what a slow one holds is left to it."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from storage import outbox, updates
from storage.db import Database
from storage.outbox import Class, Notice, State
from storage.workers import Worker
from tests.town import NOON, settle

ACT = {"do": "send", "chat": 1, "language": "vi", "text": "…", "buttons": []}


def leave(session: Session, worker: int) -> None:
    """A process has committed a reply, leased two notices and begun to send the first."""
    people = settle(session)
    updates.note_handled(session, 7, [ACT], now=NOON, worker=worker)
    to = [outbox.to_person(people[name]) for name in ("an", "binh")]
    outbox.enqueue(session, "home", "test:1", to, klass=Class.ONCE, now=NOON)
    first, _second = outbox.claim(session, now=NOON, limit=2, worker=worker)
    outbox.begin(session, [first.notice.id], now=NOON)


def states(database: Database) -> list[State]:
    return database.run(
        lambda s: [State(each) for each in s.exec(select(Notice.state).order_by(Notice.id))]
    )


def look(database: Database, worker: Worker) -> set[int]:
    """What a process takes for dead at its second look."""
    database.run(worker.dead)
    return database.run(worker.dead)


def test_who_is_gone_is_dead_and_what_it_held_is_free(database: Database) -> None:
    other, mine = Worker(database.engine), Worker(database.engine)
    mine.enter()
    other.enter()
    database.run(lambda s: leave(s, other.id))
    other.leave()
    deadline = time.monotonic() + 10
    while not (dead := look(database, mine)):  # the server lets go of a lock when it gets to it
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert dead == {other.id}
    database.run(lambda s: outbox.recover(s, now=NOON, dead=dead))
    assert states(database) == [State.UNKNOWN, State.QUEUED]
    early = NOON - timedelta(hours=1)

    def take(session: Session) -> list[int]:
        found = updates.take_unsaid(session, before=early, now=NOON, worker=mine.id, dead=dead)
        return [each.update_id for each in found]

    assert database.run(take) == [7]
    assert database.run(take) == [], "it is mine now, and said once"
    mine.leave()


@pytest.mark.parametrize("dialect", ["postgresql"])
def test_who_is_slow_is_left_in_peace(database: Database) -> None:
    other, mine = Worker(database.engine), Worker(database.engine)
    mine.enter()
    other.enter()
    database.run(lambda s: leave(s, other.id))
    assert look(database, mine) == set()
    other.leave()
    mine.leave()


@pytest.mark.parametrize("dialect", ["postgresql"])
def test_who_is_missing_for_a_moment_is_not_taken_for_dead(database: Database) -> None:
    """After a restart of the server nobody holds a lock until they come back to it."""
    other, mine = Worker(database.engine), Worker(database.engine)
    database.run(lambda s: leave(s, other.id))
    assert database.run(mine.dead) == set()
    other.enter()
    assert look(database, mine) == set()
    other.leave()
    assert look(database, mine) == {other.id}


@pytest.mark.parametrize("dialect", ["postgresql"])
def test_a_process_comes_back_when_its_connection_was_cut(database: Database) -> None:
    mine, other = Worker(database.engine), Worker(database.engine)
    mine.enter()
    database.run(lambda s: leave(s, mine.id))

    def cut(session: Session) -> None:
        from sqlalchemy import text

        session.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )

    database.run(cut)
    assert database.run(other.dead) == set()
    mine.enter()
    assert look(database, other) == set()
    mine.leave()


def test_nobody_else_s_rows_are_counted_when_nothing_is_left(database: Database) -> None:
    mine = Worker(database.engine)
    assert database.run(mine.dead) == set()
    assert database.run(lambda s: s.exec(select(col(Notice.id))).all()) == []
