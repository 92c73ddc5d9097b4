"""Time passing: one line for each thing that happens by itself.

APScheduler only wakes us, in every process. What is due are rows (`storage/schedule.py`), taken
in a transaction, so that two clocks fire once and a missed slot fires late instead of never.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import Session

from bot.hop import commit
from bot.nightly import Nightly
from bot.pacing import Pacer
from bot.speaking import Speaker
from bot.watch import Watch
from handlers import (
    attendance,
    campaigns,
    contest,
    inbox,
    meetings,
    opinions,
    papers,
    pledges,
    polls,
    quality,
    repeating,
    report,
    roomcode,
    series,
    tasks,
)
from handlers.kit import House
from storage import audit, drafts, outages, outbox, pacing, schedule, trouble, updates
from storage.db import Database
from storage.schedule import Due
from storage.workers import Worker, sharing

log = structlog.get_logger()

Happening = Callable[[Session, Due, House, datetime], None]

HAPPENINGS: dict[str, Happening] = {
    "attendance.close": attendance.close_due,
    "attendance.look": attendance.look,
    "campaign.reminder": campaigns.remind,
    "campaign.tomorrow": campaigns.remind_one,
    "campaign.total": campaigns.tell_total,
    "contest.close": contest.seal_due,
    "contest.open": contest.open_due,
    "live.step": contest.step_due,
    "pledge.reminder": pledges.remind,
    "meeting.change": meetings.carry_out,
    "meeting.reminder": meetings.remind,
    "meeting.roll": meetings.follow_roll,
    "meeting.settled": report.weigh,
    "meeting.studied": campaigns.make_up,
    "roomcode.turn": roomcode.turn,
    "repeat.evening": repeating.remind,
    "series.missing": series.tell_missing,
    "series.tend": series.tend,
    "poll.close": polls.close_due,
    "task.done": tasks.tell_done,
    "task.overdue": tasks.tell_overdue,
    "task.reminder": tasks.remind,
    "rating.ask": quality.ask_due,
    "opinion.digest": opinions.tell,
    "papers.missing": papers.look,
    "ticket.forget": inbox.forget,
}
# What happens every day to the house as a whole: when, in the house's zone.
DAILY = {"series.missing": "0 8 * * *"}

HOUSE = "house"  # what the schedule calls it
CATCH_UP_SECONDS = 2
HEARD_SECONDS = 20.0  # between two notes that Telegram is heard
HEARD_WITHIN = 40.0  # the last answer that shows it: longer than a long poll takes
NIGHTLY_SECONDS = 60  # between two looks whether the nightly backup is due
UNSAID_AFTER = timedelta(seconds=30)  # of a process that is alive and stands still


@dataclass
class Clock:
    """Ticks and seals once a second, keeps house once an hour and backs up once a night."""

    database: Database
    house: House
    speaker: Speaker
    worker: Worker
    pacer: Pacer
    nightly: Nightly
    now: Callable[[], datetime]
    watch: Watch
    _heard_at: float = field(default=0.0, init=False)  # when that was last written down

    def start(self) -> AsyncIOScheduler:
        """Begins to tick."""
        scheduler = AsyncIOScheduler(timezone="UTC")
        every = {"max_instances": 1, "coalesce": True, "misfire_grace_time": None}
        scheduler.add_job(self.tick, "interval", seconds=1, **every)
        scheduler.add_job(self.seal, "interval", seconds=1, **every)
        scheduler.add_job(self.look_around, "interval", seconds=CATCH_UP_SECONDS, **every)
        scheduler.add_job(self.keep_house, "interval", hours=1, **every)
        scheduler.add_job(self.nightly.take, "interval", seconds=NIGHTLY_SECONDS, **every)
        scheduler.start()
        self.watch.clock.beat(good=False)
        return scheduler

    async def tick(self) -> None:
        """Fires what is due; a failing one is set aside and stops no other."""
        now = self.now()
        try:
            await commit(self.database, lambda session: self._fire(session, now))
        except Exception as error:
            log.error("clock.tick", error=type(error).__name__)
            self.watch.ticked(good=False)
        else:
            self.watch.ticked(good=True)

    async def look_around(self) -> None:
        """Catches up, whatever may fail; cancelled, it is simply not done."""
        try:
            await self.catch_up()
        except asyncio.CancelledError:
            return
        except Exception as error:
            log.error("clock.catch_up", error=type(error).__name__)

    async def seal(self) -> None:
        """Gives what was done in the last second its place in the chain of the audit."""
        try:
            await commit(self.database, audit.seal)
        except Exception as error:
            log.error("clock.seal", error=type(error).__name__)

    async def catch_up(self) -> None:
        """Takes up what a process that is gone has left unsaid and unsent."""
        await asyncio.to_thread(self.worker.enter)
        now = self.now()
        await self.speaker.renew()
        dead = await commit(self.database, self.worker.dead)
        await self.pacer.agree(await commit(self.database, sharing))
        await self.speaker.catch_up(before=now - UNSAID_AFTER, dead=dead)
        if dead:
            await commit(self.database, lambda session: outbox.recover(session, now=now, dead=dead))
        await self._hear(now)

    async def _hear(self, now: datetime) -> None:
        """Writes down that Telegram is heard; after a long silence people are told."""
        idle, moment = self.watch.intake.idle, time.monotonic()
        if idle is None or idle > HEARD_WITHIN or moment < self._heard_at + HEARD_SECONDS:
            return
        quiet = self.house.quiet
        at = datetime.now(UTC)
        silence = await commit(
            self.database, lambda session: outages.heard(session, at=at, quiet=quiet, now=now)
        )
        self._heard_at = moment
        if silence is not None:
            log.warning("intake.outage", seconds=round(silence.total_seconds()))

    async def wind(self) -> None:
        """Sets what happens every day, from the first start of the house on."""
        now, zone = self.now(), self.house.zone

        def set_daily(session: Session) -> None:
            for kind, cron in DAILY.items():
                schedule.repeat(session, kind, HOUSE, cron, zone=zone, now=now)

        with contextlib.suppress(IntegrityError):  # another process has just set it
            await commit(self.database, set_daily)

    async def keep_house(self) -> None:
        """Forgets what is past keeping."""
        now = self.now()

        def sweep(session: Session) -> None:
            drafts.sweep(session, now=now)
            updates.sweep(session, now=now)
            pacing.sweep(session)

        await commit(self.database, sweep)

    def _fire(self, session: Session, now: datetime) -> None:
        for due in schedule.claim_due(session, now=now):
            try:
                with session.begin_nested():
                    HAPPENINGS[due.kind](session, due, self.house, now)
            except Exception as error:
                if isinstance(error, OperationalError) or trouble.advice(error) is not None:
                    raise  # the house's trouble is no fault of the row: the tick comes again
                log.error("clock.happening", kind=due.kind, error=type(error).__name__)
                schedule.set_aside(session, due.schedule_id, type(error).__name__)
