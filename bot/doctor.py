"""`chibo doctor`: looks at everything the bot needs and says what to do about what is wrong.

Each check gives a line: *ok*; *look*, which somebody should look at in time; or *wrong*, which
keeps the bot from its work and makes the exit code 1. No line holds a secret or a person's words.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, select
from telegram import Bot
from telegram.error import Conflict, InvalidToken, NetworkError, TelegramError

from bot.caller import caller, moment
from bot.config import Settings
from bot.request import Clock
from bot.single import is_running
from storage import audit, backup, migrate, schedule, updates, upkeep
from storage.audit import What
from storage.backup import BackupError
from storage.db import Database, make_engine
from storage.keyed import NoKey
from storage.migrate import BrokenDatabase, NewerSchema
from storage.outbox import Notice, State
from storage.upkeep import Mark
from storage.workers import sharing

OK, LOOK, WRONG = "ok", "look", "wrong"
MIB = 1 << 20
LEAST_DISK, GOOD_DISK = 100 * MIB, 1024 * MIB
SKEW = timedelta(seconds=30)
OVERDUE = timedelta(minutes=5)
BACKUP_EVERY = timedelta(days=2)  # one is taken every night
DEAD_WITHIN = timedelta(days=7)
SETTLED = {
    State.UNKNOWN: "nobody can be sure that these arrived",
    State.DEAD: "these were refused, each with its reason",
    State.EXPIRED: "these could not be sent in time and were not sent",
}
CONFLICT_WITHIN = timedelta(minutes=10)
AUDITED = 1000  # entries that are read anew: `chibo audit verify` reads them all
PROBE_SECONDS = 2.0  # of a long poll: long enough to meet another one


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at."""

    name: str
    state: str
    found: str
    advice: str = ""

    @property
    def wrong(self) -> bool:
        """Whether it keeps the bot from its work."""
        return self.state == WRONG

    def line(self) -> str:
        """For people."""
        advice = f"\n{'':20}→ {self.advice}" if self.advice else ""
        return f"{self.state:6}{self.name:14}{self.found}{advice}"

    def as_json(self) -> dict[str, str]:
        """For programs."""
        return asdict(self)


def examine(settings: Settings, *, probe_seconds: float = PROBE_SECONDS) -> list[Check]:
    """All checks, in the order in which one would mend."""
    now = moment(settings)
    running = is_running(settings.database)
    found = [*asyncio.run(_telegram(settings, running, probe_seconds)), _disk(settings)]
    sound = _database(settings)
    found.append(sound)
    if sound.wrong:
        return found
    migrated = _migrations(settings)
    found.append(migrated)
    if migrated.wrong:
        return found
    database = Database(settings.database, keys=settings.keys)
    try:
        found += database.run(lambda session: list(_inside(session, settings, running, now)))
    finally:
        database.close()
    return found


# -- Telegram ----------------------------------------------------------------------------------


async def _telegram(settings: Settings, running: bool | None, probe_seconds: float) -> list[Check]:
    if not settings.token.get_secret_value():
        return [Check("token", WRONG, "CHIBO_TOKEN is not set", "run `chibo init`")]
    clock = Clock()
    try:
        async with caller(settings, clock) as bot:
            found = [Check("token", OK, f"@{bot.username}"), _clock(settings, clock)]
            return [*found, await _second(settings, bot, running, probe_seconds)]
    except InvalidToken:
        advice = "ask @BotFather for the present token and set CHIBO_TOKEN"
        return [Check("token", WRONG, "Telegram refuses it", advice)]
    except NetworkError:
        advice = "check the network, CHIBO_API_URL and CHIBO_PROXY; notices wait meanwhile"
        return [Check("token", WRONG, f"{settings.api_url} does not answer", advice)]
    except TelegramError as error:
        return [Check("token", WRONG, f"refused: {type(error).__name__}", "try again in a minute")]


def _clock(settings: Settings, clock: Clock) -> Check:
    if settings.clock == "server":
        return Check("clock", OK, "follows the server's")
    if clock.skew is None:
        return Check("clock", LOOK, "Telegram named no time", "compare the clock by hand")
    seconds = round(abs(clock.skew.total_seconds()))
    if abs(clock.skew) <= SKEW:
        return Check("clock", OK, f"within {seconds} s of Telegram's")
    return Check(
        "clock", WRONG, f"{seconds} s off Telegram's", "set it by NTP: reminders follow it"
    )


async def _second(
    settings: Settings, bot: Bot, running: bool | None, probe_seconds: float
) -> Check:
    """Whether somebody else hears the bot's updates. A bot of ours that runs is not disturbed."""
    name = "second bot"
    webhook = await bot.get_webhook_info()
    if bool(webhook.url) != bool(settings.public_url) and (webhook.url or running):
        advice = "only one way can be used: start `chibo run` with the settings that shall hold"
        return Check(name, WRONG, "webhook and settings do not agree", advice)
    if webhook.url:
        waiting = f"{webhook.pending_update_count} updates wait"
        if webhook.url != settings.public_url + "/telegram":
            return Check(name, WRONG, "the webhook leads elsewhere", "start `chibo run` again")
        if webhook.last_error_message and webhook.pending_update_count:
            advice = f"Telegram could not reach CHIBO_PUBLIC_URL: {webhook.last_error_message}"
            return Check(name, WRONG, waiting, advice)
        return Check(name, OK, f"webhook; {waiting}")
    if running is not False:
        return Check(name, OK, "none seen by the running bot")
    try:
        seconds = timedelta(seconds=probe_seconds)
        await bot.get_updates(limit=1, timeout=seconds, read_timeout=probe_seconds + 10)
    except Conflict:
        advice = "stop the other one, or renew the token with @BotFather"
        return Check(name, WRONG, "somebody else polls with this token", advice)
    return Check(name, OK, f"none; {webhook.pending_update_count} updates wait")


# -- what it stands on -------------------------------------------------------------------------


def _disk(settings: Settings) -> Check:
    file = backup.sqlite_file(settings.database)
    folder = next(each for each in (file or Path.cwd() / "x").absolute().parents if each.exists())
    free = shutil.disk_usage(folder).free
    state = WRONG if free < LEAST_DISK else LOOK if free < GOOD_DISK else OK
    advice = "" if state == OK else f"make room on the disk of {folder}"
    return Check("disk", state, f"{free / MIB:,.0f} MiB free", advice)


def _database(settings: Settings) -> Check:
    """Reachable and sound; looked at before anything writes to it."""
    file = backup.sqlite_file(settings.database)
    try:
        if file is not None and file.exists():
            connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=30)
            told = str(connection.execute("PRAGMA integrity_check").fetchone()[0])
            connection.close()
            if told != "ok":
                raise sqlite3.DatabaseError(told)
        elif file is None:
            engine = make_engine(settings.database)
            engine.connect().close()
            engine.dispose()
    except sqlite3.Error as error:
        newest = next(reversed(settings.keeping.files(settings.database)), "the last backup")
        advice = f"stop the bot, then `chibo restore {newest}`; the damaged file is kept"
        return Check("database", WRONG, f"damaged: {str(error).splitlines()[0]}", advice)
    except DBAPIError:
        advice = "check that the server of CHIBO_DATABASE_URL runs and lets us in"
        return Check("database", WRONG, "does not answer", advice)
    return Check("database", OK, "reachable and sound")


def _migrations(settings: Settings) -> Check:
    url, now = settings.database, moment(settings)
    try:
        migrate.upgrade(
            url, before=lambda: backup.before_upgrade(url, now=now, keeping=settings.keeping)
        )
    except NewerSchema as error:
        return Check("migrations", WRONG, str(error), "install the newer version of chibo")
    except BackupError as error:
        return Check("migrations", WRONG, "cannot be made without a backup", str(error))
    except (BrokenDatabase, DBAPIError) as error:
        advice = "`chibo restore` the last backup, or look at the rights on the file"
        return Check("migrations", WRONG, f"cannot be made: {type(error).__name__}", advice)
    return Check("migrations", OK, f"at {migrate.head()}")


# -- what is in it -----------------------------------------------------------------------------


def _inside(
    session: Session, settings: Settings, running: bool | None, now: datetime
) -> Iterator[Check]:
    yield _conflict(session, now)
    yield _queue(session, running, now)
    yield _settled(session, State.UNKNOWN, "uncertain", now)
    yield _settled(session, State.DEAD, "dead", now)
    yield _settled(session, State.EXPIRED, "expired", now)
    yield _parked(session)
    yield _schedules(session)
    yield _backup(session, now)
    yield next_backup(session, settings)
    yield _audit(session)


def _conflict(session: Session, now: datetime) -> Check:
    at = upkeep.since(session, Mark.CONFLICT)
    if at is None or at < now - CONFLICT_WITHIN:
        return Check("polling", OK, "nobody has interfered")
    several = sharing(session)
    if several > 1:  # Telegram hears one of them, and refuses the others now and then
        return Check("polling", OK, f"{several} processes take turns")
    advice = "a second bot polls with this token: stop it, or renew the token with @BotFather"
    return Check("polling", WRONG, f"interrupted {ago(now - at)} ago", advice)


def _queue(session: Session, running: bool | None, now: datetime) -> Check:
    due = (col(Notice.state) == State.QUEUED) & (col(Notice.due_at) <= now)
    count, oldest = session.exec(select(func.count(), func.min(Notice.due_at)).where(due)).one()
    paused = upkeep.since(session, Mark.OUTBOX_PAUSED)
    if paused is not None:
        advice = "`chibo outbox list`, then `chibo outbox resume` or `discard`"
        return Check("queue", LOOK, f"paused since a restore; {count} notices are due", advice)
    if oldest is None or now - oldest < OVERDUE:
        return Check("queue", OK, f"{count} notices are due")
    found = f"{count} notices are due, the oldest for {ago(now - oldest)}"
    if running is False:
        return Check("queue", LOOK, found, "the bot does not run: start `chibo run`")
    return Check("queue", WRONG, found, "look at the log of `chibo run`, then start it again")


def _settled(session: Session, state: State, name: str, now: datetime) -> Check:
    """Notices of the last week that nobody can be sure of, or that surely did not arrive."""
    count = session.exec(
        select(func.count())
        .select_from(Notice)
        .where(Notice.state == state, col(Notice.settled_at) > now - DEAD_WITHIN)
        .where(col(Notice.closed_at).is_(None))
    ).one()
    if not count:
        return Check(name, OK, "no notices")
    advice = f"{SETTLED[state]}: `chibo outbox list --state {state}`"
    return Check(name, LOOK, f"{count} notices in the last week", advice)


def _parked(session: Session) -> Check:
    parked = updates.parked(session)
    if not parked:
        return Check("parked", OK, "no updates")
    places = ", ".join(sorted({row.error for row in parked}))
    advice = f"a fault of the program; please report it: {places}"
    return Check("parked", LOOK, f"{len(parked)} updates were given up", advice)


def _schedules(session: Session) -> Check:
    broken = schedule.broken(session)
    if not broken:
        return Check("schedules", OK, "none is broken")
    what = ", ".join(f"{row.kind} of {row.subject} ({row.broken})" for row in broken[:5])
    return Check("schedules", WRONG, f"{len(broken)} are set aside", f"set them anew: {what}")


def _backup(session: Session, now: datetime) -> Check:
    at = upkeep.since(session, Mark.BACKED_UP)
    sealed = upkeep.since(session, Mark.SEALED) is not None
    how = "encrypted" if sealed else "not encrypted"
    found = "none yet" if at is None else f"{ago(now - at)} ago, {how}"
    failed = upkeep.since(session, Mark.BACKUP_FAILED)
    if failed is not None:
        advice = "look at the log of `chibo run`; then `chibo backup FILE`"
        return Check("backup", LOOK, f"{found}; tonight's failed {ago(now - failed)} ago", advice)
    if at is not None and now - at < BACKUP_EVERY:
        return Check("backup", OK, found)
    advice = "`chibo run` takes one every night; `chibo backup FILE` takes one now"
    return Check("backup", LOOK, found, advice)


def next_backup(session: Session, settings: Settings) -> Check:
    """Whether the next one can be taken: the tool, and room for it."""
    folder, name = settings.keeping.folder.absolute(), "next backup"
    unfit = backup.unfit(settings.database)
    if unfit is not None:
        return Check(name, LOOK, unfit, "install the server's version of postgresql-client here")
    size = backup.size(session, settings.database)
    standing = next(each for each in (folder, *folder.parents) if each.exists())
    free = shutil.disk_usage(standing).free
    found = f"about {size / MIB:,.1f} MiB to {folder}, {free / MIB:,.0f} MiB are free"
    if free < 2 * size:
        return Check(name, LOOK, found, "make room there, or name another folder: CHIBO_BACKUPS")
    if not os.access(standing, os.W_OK):
        return Check(
            name, LOOK, f"{standing} cannot be written", "change its owner, or CHIBO_BACKUPS"
        )
    return Check(name, OK, found)


def _audit(session: Session) -> Check:
    """Whether the newest entries are as they were written, and the key to see it is here."""
    advice = "`chibo audit verify` reads all of it; docs/install.md says what it proves"
    try:
        verdict = audit.verify(session, last=AUDITED)
    except NoKey as error:
        return Check("audit", WRONG, str(error), "nothing can be written down without a key")
    if verdict.fault is not None:
        number, what = verdict.fault.number, verdict.fault.what
        if what is What.OTHER_KEY:
            advice = "the key is lost or was replaced: put it into audit.key, below the one in use"
        return Check("audit", LOOK, f"entry {number} is {what}", advice)
    read = min(verdict.count, AUDITED)
    return Check("audit", OK, f"{verdict.count} entries, the newest {read} in order")


def ago(span: timedelta) -> str:
    """How long, for people."""
    hours = span.total_seconds() / 3600
    if hours < 2:
        return f"{round(hours * 60)} minutes"
    return f"{round(hours)} hours" if hours < 48 else f"{round(hours / 24)} days"
