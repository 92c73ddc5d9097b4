"""The chain of the audit: whatever is changed, taken out, moved or put in again is found."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import Session, col, select

from storage import audit, backup, migrate
from storage.acts import Did
from storage.audit import Deed, Fault, What
from storage.db import Database
from storage.keyed import Keys
from storage.powers import Actor
from tests.town import AUDIT_KEY, NOON

AN = Actor(500_000_001, person_id=1)
ENTRIES = 6
KEYS, OTHER_KEY = Keys(AUDIT_KEY), "7f" * 32


def write(session: Session, *, count: int = ENTRIES, by: Actor = AN) -> None:
    """Some entries, each about another person."""
    for person in range(1, count + 1):
        audit.record(session, by, Did.ROLE_GIVE, {"person": person}, now=NOON, role="deputy")


@pytest.fixture
def sealed(database: Database) -> Database:
    """A database with a chain of six."""
    database.run(write)
    assert database.run(audit.seal) == ENTRIES
    return database


def tamper(database: Database, *statements: str) -> None:
    """What somebody does who can write to the database but is not the bot."""

    def work(session: Session) -> None:
        for statement in statements:
            session.execute(text(statement))

    database.run(work)


def fault(database: Database, head: str = "") -> Fault | None:
    pinned = audit.parse_head(head) if head else None
    return database.run(lambda session: audit.verify(session, pinned=pinned)).fault


def head_of(database: Database) -> str:
    return database.run(audit.verify).head


# -- in order ----------------------------------------------------------------------------------


def test_an_empty_audit_is_in_order(database: Database) -> None:
    verdict = database.run(audit.verify)
    assert (verdict.count, verdict.head, verdict.fault) == (0, "0:", None)
    assert fault(database, "0:") is None


def test_what_was_written_stands_in_the_order_of_its_writing(sealed: Database) -> None:
    entries = sealed.run(lambda session: audit.latest(session, limit=3))
    assert [(each.number, each.about) for each in entries] == [
        (6, {"person": 6}),
        (5, {"person": 5}),
        (4, {"person": 4}),
    ]
    verdict = sealed.run(audit.verify)
    assert (verdict.count, verdict.fault) == (ENTRIES, None)
    assert verdict.head == f"{ENTRIES}:{entries[0].hash}"


def test_sealing_again_changes_nothing(sealed: Database) -> None:
    before = head_of(sealed)
    assert sealed.run(audit.seal) == 0
    assert head_of(sealed) == before


def test_the_chain_goes_on_after_its_head_was_printed(sealed: Database) -> None:
    printed = head_of(sealed)
    sealed.run(write)
    sealed.run(audit.seal)
    assert fault(sealed, printed) is None
    assert fault(sealed, head_of(sealed)) is None
    assert fault(sealed, "0:") is None


def test_the_last_entries_can_be_checked_alone(sealed: Database) -> None:
    tamper(sealed, "UPDATE audit SET actor = 'person:2' WHERE number = 2")
    verdict = sealed.run(lambda session: audit.verify(session, last=3))
    assert (verdict.count, verdict.fault) == (ENTRIES, None)
    assert verdict.head.startswith(f"{ENTRIES}:")
    tamper(sealed, "UPDATE audit SET actor = 'person:2' WHERE number = 4")
    found = sealed.run(lambda session: audit.verify(session, last=3)).fault
    assert found == Fault(4, What.CHANGED)


@pytest.mark.parametrize("words", ["", "hello", "5", "5:", "0:" + "a" * 73, "-1:x", "5:'; --"])
def test_what_is_no_head_is_refused(words: str) -> None:
    with pytest.raises(ValueError, match="no head"):
        audit.parse_head(words)


def test_ids_are_written_in_few_letters() -> None:
    assert audit.spans([7, 1, 2, 3, 9, 8, 8, 20]) == "1-3,7-9,20"
    assert audit.spans([]) is None


# -- somebody else has written -----------------------------------------------------------------

CHANGES = {
    "actor": "actor = 'person:2'",
    "did": "did = 'role.end'",
    "about": """about = '{"person": 9}'""",
    "details": """details = '{"role": "secretary"}'""",
    "at": "at = '2020-01-01 00:00:00+00:00'",
    "nonce": "nonce = 'another'",
}


@pytest.mark.parametrize("column", CHANGES)
def test_an_entry_that_was_changed_is_found(sealed: Database, column: str) -> None:
    tamper(sealed, f"UPDATE audit SET {CHANGES[column]} WHERE number = 3")
    assert fault(sealed) == Fault(3, What.CHANGED)


GARBAGE = ("at = 'noon'", "at = 5", "about = 'An'", "details = 7", "signature = x'00'", "hash = ''")


@pytest.mark.parametrize("dialect", ["sqlite"])
@pytest.mark.parametrize("change", GARBAGE)
def test_what_is_no_date_and_no_json_is_found_as_well(sealed: Database, change: str) -> None:
    """SQLite keeps anything in any column."""
    tamper(sealed, f"UPDATE audit SET {change} WHERE number = 3")
    found = fault(sealed)
    assert found is not None
    assert found.number == 3
    tamper(sealed, "DELETE FROM audit WHERE number >= 3", "UPDATE audit_head SET number = 'x'")
    assert fault(sealed) == Fault(1, What.OUT_OF_ORDER)


def test_a_signature_or_a_hash_that_was_changed_is_found(sealed: Database) -> None:
    tamper(sealed, "UPDATE audit SET hash = substr(hash, 1, 72) || 'g' WHERE number = 4")
    assert fault(sealed) == Fault(4, What.OUT_OF_ORDER)
    tamper(sealed, "UPDATE audit SET signature = substr(signature, 1, 72) || 'g' WHERE number = 3")
    assert fault(sealed) == Fault(3, What.CHANGED)


@pytest.mark.parametrize("number", [1, 3])
def test_an_entry_that_was_taken_out_is_found(sealed: Database, number: int) -> None:
    tamper(sealed, f"DELETE FROM audit WHERE number = {number}")
    assert fault(sealed) == Fault(number, What.MISSING)


def test_a_gap_that_was_closed_is_found(sealed: Database) -> None:
    tamper(
        sealed,
        "DELETE FROM audit WHERE number = 3",
        *(f"UPDATE audit SET number = {n - 1} WHERE number = {n}" for n in range(4, ENTRIES + 1)),
        "UPDATE audit_head SET number = number - 1",
    )
    assert fault(sealed) == Fault(3, What.OUT_OF_ORDER)


def test_two_entries_that_changed_places_are_found(sealed: Database) -> None:
    tamper(
        sealed,
        "UPDATE audit SET number = 99 WHERE number = 2",
        "UPDATE audit SET number = 2 WHERE number = 5",
        "UPDATE audit SET number = 5 WHERE number = 99",
    )
    assert fault(sealed) == Fault(2, What.OUT_OF_ORDER)


def test_an_end_that_was_cut_off_is_found(sealed: Database) -> None:
    tamper(sealed, "DELETE FROM audit WHERE number > 4")
    assert fault(sealed) == Fault(5, What.MISSING)


CUT = (
    "DELETE FROM audit WHERE number > 4",
    "UPDATE audit_head SET number = 4, hash = (SELECT hash FROM audit WHERE number = 4)",
)


def test_an_end_that_was_cut_off_with_care_is_found_by_a_printed_head(sealed: Database) -> None:
    printed = head_of(sealed)
    tamper(sealed, *CUT)
    assert fault(sealed) is None
    assert fault(sealed, printed) == Fault(5, What.MISSING)


def test_another_end_in_its_place_is_found_by_a_printed_head(sealed: Database) -> None:
    printed = head_of(sealed)
    tamper(sealed, *CUT)
    sealed.run(write)
    sealed.run(audit.seal)
    assert fault(sealed) is None
    assert fault(sealed, printed) == Fault(ENTRIES, What.CHANGED)


def test_an_entry_that_is_put_in_again_as_new_is_found(sealed: Database) -> None:
    """Deleted and inserted anew, it leaves a gap; beside the old one, the database refuses it."""
    columns = "at, actor, did, about, details, nonce, signature"
    anew = f"INSERT INTO audit ({columns}) SELECT {columns} FROM kept"
    kept = f"CREATE TABLE kept AS SELECT {columns} FROM audit WHERE number = 2"
    tamper(sealed, kept)
    with pytest.raises(Exception, match=r"(?i)unique"):
        tamper(sealed, anew)
    tamper(sealed, "DELETE FROM audit WHERE number = 2", anew)
    assert sealed.run(audit.seal) == 1
    assert fault(sealed) == Fault(2, What.MISSING)


def test_an_entry_that_the_bot_did_not_write_is_found(sealed: Database) -> None:
    columns = "at, actor, did, about, details, signature"
    tamper(
        sealed,
        f"INSERT INTO audit ({columns}, nonce) SELECT {columns}, 'x' FROM audit WHERE number = 1",
    )
    assert sealed.run(audit.seal) == 1
    assert fault(sealed) == Fault(ENTRIES + 1, What.CHANGED)


def test_an_entry_with_a_place_it_was_not_given_is_found(sealed: Database) -> None:
    columns = "at, actor, did, about, details, signature, hash"
    for number in (0, ENTRIES + 1):
        tamper(
            sealed,
            f"INSERT INTO audit ({columns}, nonce, number)"
            f" SELECT {columns}, 'x', {number} FROM audit WHERE number = 1",
        )
        found = fault(sealed)
        assert found is not None
        assert found.number == number
        tamper(sealed, "DELETE FROM audit WHERE nonce = 'x'")


def test_a_head_that_was_set_back_or_taken_away_is_found(sealed: Database) -> None:
    tamper(sealed, "UPDATE audit_head SET number = 4")
    assert fault(sealed) == Fault(5, What.OUT_OF_ORDER)
    tamper(sealed, "UPDATE audit_head SET number = 6, hash = ''")
    assert fault(sealed) == Fault(6, What.OUT_OF_ORDER)
    tamper(sealed, "DELETE FROM audit_head")
    assert fault(sealed) == Fault(1, What.OUT_OF_ORDER)


def test_a_head_that_was_set_back_keeps_nothing_from_being_sealed(sealed: Database) -> None:
    tamper(sealed, "UPDATE audit_head SET number = 4")
    sealed.run(write)
    assert sealed.run(audit.seal) == ENTRIES
    assert fault(sealed) is None


def test_a_chain_of_another_key_is_not_taken_for_a_forgery(
    sealed: Database, database_url: str
) -> None:
    with opened(database_url, Keys(OTHER_KEY)) as elsewhere:
        assert fault(elsewhere) == Fault(1, What.OTHER_KEY)
        elsewhere.run(write)
        elsewhere.run(audit.seal)
    assert fault(sealed) == Fault(ENTRIES + 1, What.OTHER_KEY)
    with opened(database_url, Keys(f"{AUDIT_KEY},{OTHER_KEY}")) as both:
        assert fault(both) is None


def test_a_chain_written_anew_with_a_key_of_ones_own_is_found(
    sealed: Database, database_url: str
) -> None:
    tamper(sealed, "DELETE FROM audit", "UPDATE audit_head SET number = 0, hash = ''")
    with opened(database_url, Keys(OTHER_KEY)) as forger:
        forger.run(write)
        forger.run(audit.seal)
    assert fault(sealed) == Fault(1, What.OTHER_KEY)


# -- several at once ---------------------------------------------------------------------------


def test_two_processes_that_write_and_seal_at_once_make_one_chain(
    database: Database, database_url: str
) -> None:
    done = threading.Event()

    def keep_sealing(own: Database) -> None:
        while not done.is_set():
            own.run(audit.seal)

    def work(own: Database) -> None:
        for _act in range(10):
            own.run(lambda session: write(session, count=2))

    with opened(database_url) as other, ThreadPoolExecutor(8) as threads:
        sealing = [threads.submit(keep_sealing, each) for each in (database, other)]
        working = [threads.submit(work, each) for each in (database, other) * 3]
        for each in working:
            each.result(60)
        done.set()
        for each in sealing:
            each.result(60)
    database.run(audit.seal)
    verdict = database.run(audit.verify)
    assert (verdict.count, verdict.fault) == (6 * 10 * 2, None)


@pytest.mark.parametrize("dialect", ["postgresql"])
def test_a_process_that_hangs_while_it_seals_holds_nobody_up(
    database: Database, database_url: str
) -> None:
    database.run(write)
    hangs, told = threading.Event(), threading.Event()

    def hang(session: Session) -> int:
        sealed = audit.seal(session)
        told.set()
        assert hangs.wait(60)
        return sealed

    with opened(database_url) as other:
        hanging = other.submit(hang)
        assert told.wait(60)
        try:
            database.run(write)  # would wait here, were the end of the chain taken by each act
            assert database.run(audit.seal) == 0
        finally:
            hangs.set()
        assert hanging.result(60) == ENTRIES
    assert database.run(audit.seal) == ENTRIES
    assert fault(database) is None
    assert database.run(audit.verify).count == 2 * ENTRIES


@pytest.mark.parametrize("dialect", ["postgresql"])
def test_an_act_that_commits_late_is_sealed_after_those_that_came_before_it(
    database: Database, database_url: str
) -> None:
    """Its id is the lower one; the order of the chain is that of sealing."""
    written, goes_on = threading.Event(), threading.Event()

    def slow(session: Session) -> None:
        write(session, count=1)
        written.set()
        assert goes_on.wait(60)

    with opened(database_url) as other:
        late = other.submit(slow)
        assert written.wait(60)
        try:
            database.run(lambda session: write(session, count=2))
            assert database.run(audit.seal) == 2
        finally:
            goes_on.set()
        late.result(60)
    assert database.run(audit.seal) == 1
    found = select(Deed.number).order_by(col(Deed.id))
    assert database.run(lambda session: session.exec(found).all()) == [3, 1, 2]
    assert fault(database) is None


# -- backups -----------------------------------------------------------------------------------


def test_a_restored_database_is_in_order_and_says_that_it_was_restored(tmp_path: Path) -> None:
    """A head from after the backup is missing in it; what was replaced still has it."""
    file, copy = tmp_path / "data" / "chibo.db", tmp_path / "copy.db"
    url = f"sqlite:///{file}"
    migrate.upgrade(url)
    with opened(url, None) as before:
        before.run(write)
        before.run(audit.seal)
        before.run(lambda session: write(session, count=1))  # not yet sealed
        backup.backup(url, copy, now=NOON)
        before.run(audit.seal)
        before.run(write)
        before.run(audit.seal)
        printed = head_of(before)
    aside = backup.restore(url, copy, now=NOON)
    with opened(url, None) as after:
        newest = after.run(lambda session: audit.latest(session, limit=1))[0]
        assert (newest.number, newest.did, newest.actor) == (ENTRIES + 2, Did.RESTORE, "shell")
        assert fault(after) is None
        assert fault(after, printed) == Fault(ENTRIES + 3, What.MISSING)
    assert aside is not None
    with opened(f"sqlite:///{aside}", None) as replaced:
        assert fault(replaced, printed) is None
    key = (file.parent / "audit.key").read_text("ascii").strip()
    assert key.encode() not in copy.read_bytes()
    assert bytes.fromhex(key) not in copy.read_bytes()


@contextmanager
def opened(url: str, keys: Keys | None = KEYS) -> Iterator[Database]:
    """Another process's way to a database."""
    database = Database(url, keys=keys)
    try:
        yield database
    finally:
        database.close()
