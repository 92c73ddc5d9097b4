"""Putting a backup back, and the drill that tries it without touching anything.

The database that is replaced is kept aside first. A process that is killed in the middle leaves
the old database or the new one, and the new one's outbox is paused from its first moment.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, null, update
from sqlmodel import Session, col, select

from storage import audit, migrate, trouble, upkeep, workers
from storage.acts import Did
from storage.backup import postgres, sqlite, taking
from storage.backup.common import BackupError, run, settle
from storage.backup.keeping import Keeping, beside
from storage.backup.sealing import opened
from storage.backup.sqlite import COMPANIONS, sqlite_file
from storage.db import make_engine
from storage.keyed import Keys
from storage.outbox import Notice, State
from storage.powers import SHELL
from storage.updates import HandledUpdate
from storage.upkeep import Mark

UNSENT = (State.QUEUED, State.LEASED, State.SENDING)


@dataclass(frozen=True, slots=True)
class Owed:
    """Notices of one kind that are owed and not yet sent, and since when the oldest is due."""

    kind: str
    count: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Drill:
    """What a backup holds: rows by table, when it was taken, what its outbox would keep back."""

    rows: dict[str, int]
    revision: str | None
    taken_at: datetime | None
    owed: list[Owed]


# -- actions -----------------------------------------------------------------------------------


def restore(
    url: str,
    source: Path,
    *,
    now: datetime,
    keeping: Keeping | None = None,
    keys: Keys | None = None,
    identity: Path | None = None,
) -> Path | None:
    """Puts a backup in place of the database; returns where the replaced one was kept.

    Nobody else may use the database meanwhile. `identity`: a file with the secret key, for a
    backup that is encrypted. `keys`: those of the audit.
    """
    file = sqlite_file(url)
    if file is None:
        return _restore_dump(url, source, now, keeping or Keeping(beside(url)), identity, keys)
    fresh = file.with_name(f"{file.name}.restoring")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        for companion in COMPANIONS:
            fresh.with_name(fresh.name + companion).unlink(missing_ok=True)
        with opened(source, identity, file.parent) as plain:
            sqlite.verify(plain)
            sqlite.copy(plain, fresh)
        migrate.upgrade(f"sqlite:///{fresh}")
        run(f"sqlite:///{fresh}", lambda session: _pause(session, now), keys)
        sqlite.one_file(fresh)
        return _swap(file, fresh, now)
    except OSError as error:
        raise BackupError(f"{file}: {trouble.advice(error) or error.strerror}") from None


def drill(url: str, source: Path, *, identity: Path | None = None) -> Drill:
    """Opens a backup, looks at all of it and tells what is in it; changes nothing."""
    file = sqlite_file(url)
    near = (file or beside(url)).parent
    try:
        with opened(source, identity, near) as plain:
            return _read_dump(plain) if file is None else _read_copy(plain, near)
    except OSError as error:
        raise BackupError(f"{source}: {trouble.advice(error) or error.strerror}") from None


def resume(session: Session, *, now: datetime) -> int:
    """Lets the outbox go on after a restore; returns how many notices it owes."""
    upkeep.forget(session, Mark.OUTBOX_PAUSED)
    count = waiting(session)
    audit.record(session, SHELL, Did.OUTBOX_RESUME, {}, now=now, owed=count)
    return count


def discard(session: Session, *, now: datetime) -> int:
    """Gives up what a restored outbox still owes, and lets it go on; returns how many notices."""
    upkeep.forget(session, Mark.OUTBOX_PAUSED)
    given_up = session.execute(
        update(Notice)
        .where(col(Notice.state).in_(UNSENT), col(Notice.standing).is_(False))
        .values(state=State.CANCELLED, settled_at=now, reason="given up after a restore")
        .returning(col(Notice.id))
        .execution_options(synchronize_session=False)
    )
    count = len(given_up.all())
    audit.record(session, SHELL, Did.OUTBOX_DISCARD, {}, now=now, count=count)
    return count


# -- questions ---------------------------------------------------------------------------------


def waiting(session: Session) -> int:
    """How many notices are owed and not yet sent."""
    return session.exec(
        select(func.count()).select_from(Notice).where(col(Notice.state).in_(UNSENT))
    ).one()


def owed(session: Session) -> list[Owed]:
    """What is owed and not yet sent, by kind."""
    found = session.exec(
        select(Notice.kind, func.count(), func.min(Notice.due_at))
        .where(col(Notice.state).in_(UNSENT))
        .group_by(Notice.kind)
        .order_by(Notice.kind)
    )
    return [Owed(kind, count, due_at) for kind, count, due_at in found]


def _restore_dump(
    url: str,
    source: Path,
    now: datetime,
    keeping: Keeping,
    identity: Path | None,
    keys: Keys | None,
) -> Path | None:
    at_work = run(url, workers.at_work)
    if at_work:
        raise BackupError(
            f"{len(at_work)} processes of the bot are at work on this database; stop them first"
        )
    with opened(source, identity, keeping.folder) as plain:
        migrate.refuse_newer(postgres.read(plain).revision)
        aside = taking.set_aside(url, keeping, now=now) if _holds_something(url) else None
        postgres.put_back(url, plain, now=now)
    migrate.upgrade(url)
    run(url, lambda session: _pause(session, now), keys)
    return aside


def _holds_something(url: str) -> bool:
    engine = make_engine(url)
    try:
        return migrate.current(engine) is not None
    finally:
        engine.dispose()


def _read_copy(source: Path, near: Path) -> Drill:
    sqlite.verify(source)
    folder = near if near.is_dir() and os.access(near, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix=".chibo-", dir=folder) as room:
        copy = Path(room) / "drill.db"
        sqlite.copy(source, copy)
        revision = sqlite.revision(copy)
        migrate.upgrade(f"sqlite:///{copy}")
        sqlite.verify(copy)
        return run(f"sqlite:///{copy}", lambda session: _drill(session, revision))


def _drill(session: Session, revision: str | None) -> Drill:
    rows = {
        table.name: session.execute(select(func.count()).select_from(table)).scalar_one()
        for table in migrate.metadata().sorted_tables
    }
    return Drill(rows, revision, upkeep.since(session, Mark.COPIED), owed(session))


def _read_dump(source: Path) -> Drill:
    found = postgres.read(source, UNSENT)
    migrate.refuse_newer(found.revision)
    tables = migrate.metadata().sorted_tables
    counts = Counter(kind for kind, _due_at in found.unsent)
    first = {kind: min(at for each, at in found.unsent if each == kind) for kind in counts}
    return Drill(
        {table.name: found.rows[table.name] for table in tables},
        found.revision,
        found.taken_at,
        [Owed(kind, counts[kind], first[kind]) for kind in sorted(counts)],
    )


def _pause(session: Session, now: datetime) -> None:
    upkeep.note(session, Mark.OUTBOX_PAUSED, now=now)
    # Replies that the past still owed have long been said.
    session.execute(update(HandledUpdate).values(reply=null()))
    audit.record(session, SHELL, Did.RESTORE, {}, now=now)
    audit.seal(session)


def _swap(file: Path, fresh: Path, now: datetime) -> Path | None:
    """Keeps the database aside, then puts the fresh one in its place: there always is one."""
    while (aside := file.with_name(f"{file.stem}.replaced-{now:%Y%m%d-%H%M%S}.db")).exists():
        now += timedelta(seconds=1)
    replaced = file.exists()
    for companion in COMPANIONS:
        part = file.with_name(file.name + companion)
        if part.exists():
            _link(part, aside.with_name(aside.name + companion))
    for companion in COMPANIONS[1:]:  # a journal of the old one would be taken for the new one's
        file.with_name(file.name + companion).unlink(missing_ok=True)
    fresh.replace(file)
    settle(file.parent)
    return aside if replaced else None


def _link(part: Path, aside: Path) -> None:
    try:
        aside.hardlink_to(part)
    except OSError:  # a file system that has no links
        shutil.copy2(part, aside)
