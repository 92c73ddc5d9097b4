"""The outbox, out: claim, word, pace, send, settle.

One loop in each process; the database gives every notice to one of them. A notice is committed
as `sending` before the socket is touched, and what came of it is committed after. What a killed
sender leaves behind is taken up when its lease has run out (`storage/outbox/sending.py`, recover).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

import structlog
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)

from bot import menus, picturing, speaking
from bot.hop import Together, commit
from bot.line import Line
from bot.pacing import BULK, PACED, REPLY, Pacer, seconds
from bot.request import NotSent
from bot.watch import Watch
from handlers.acts import Act
from handlers.dispatch import Conversation
from handlers.wording import Unwordable
from storage import groups, outbox, trouble
from storage.db import Database
from storage.outbox import ANSWER, Arrived, Claimed, Notice, State
from storage.workers import Worker

log = structlog.get_logger()
T = TypeVar("T")

IN_FLIGHT = 40  # leased by this process: at 28 a second they are gone long before the lease is
IDLE = 0.5  # seconds between two looks when nothing is due
RECOVER_EVERY = timedelta(seconds=1)  # between two looks for what others have left
PATIENCE = 3.0  # seconds that a leased notice may wait for its chat; others need its place
SETTLE_SECONDS = 60.0  # for which a database may be away before an outcome is given up
RETRY = timedelta(seconds=5)
RETRY_EDIT = timedelta(seconds=0.5)  # of a message that people are looking at
NOBODY = ("chat not found", "peer_id_invalid")


@dataclass
class Delivery:
    """Sends what is due until told to stop."""

    bot: Line
    database: Database
    conversation: Conversation
    pacer: Pacer
    worker: Worker
    now: Callable[[], datetime]
    watch: Watch
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    revoked: bool = False  # Telegram refuses the token: rows stay where they are
    probe_every: float = 30.0  # seconds between two looks at a revoked token
    _recovered: datetime | None = None  # when leases were last looked at
    _underway: dict[int, asyncio.Task[None]] = field(default_factory=dict)  # by notice

    def __post_init__(self) -> None:
        self._commit_to_sending = Together(self._begin_all)
        self._note_arrival = Together(self._settle_sent)

    async def run(self) -> None:
        """The loop; a failing round is logged and the next one comes."""
        self.watch.delivery.beat(good=False)
        try:
            while not self.stopping.is_set():
                try:
                    if self.revoked:
                        await self._pause(self.probe_every)
                        self.revoked = not await self._token_works()
                        self.watch.delivery.beat()
                    elif not await self._round():
                        await self._pause(IDLE)
                except Exception as error:  # whatever it was: others are still owed something
                    log.error("delivery.round", error=type(error).__name__)
                    self.watch.delivery.beat(good=False)
                    await self._pause(IDLE)
                while len(self._underway) > IN_FLIGHT // 2:
                    await asyncio.wait(self._underway.values(), return_when=asyncio.FIRST_COMPLETED)
        finally:
            await asyncio.gather(*self._underway.values())

    def stop(self) -> None:
        """Asks to end: what is on its way arrives, what waits for its turn goes back."""
        self.stopping.set()
        self.pacer.dismiss(BULK)

    async def _round(self) -> bool:
        """Claims as many as there is room for and lets them go; False when nothing was due."""
        try:
            batch, settled = await self._do(self._claim)
        except Unwordable as found:
            await self._give_up(found)
            return True
        self.watch.delivery.beat()
        for kind, outcome in settled:
            self.watch.notice(kind, outcome)
        for claimed, act in batch:
            # One that waits here already, though its lease has run out, keeps its place in line.
            if claimed.notice.id not in self._underway:
                task = asyncio.create_task(self._deliver(claimed, act))
                self._underway[claimed.notice.id] = task
        return bool(batch)

    async def _token_works(self) -> bool:
        try:
            await self.bot.get_me()
        except TelegramError:
            return False
        return True

    def _claim(self, session: Session) -> tuple[list[tuple[Claimed, Act]], list[tuple[str, State]]]:
        """Leases what is due and finds its words; what has become untrue is cancelled.

        Returns what is to be sent, and the kinds of what is settled already.
        """
        now = self.now()
        if self._recovered is None or abs(now - self._recovered) >= RECOVER_EVERY:
            outbox.recover(session, now=now)
            self._recovered = now
        found: list[tuple[Claimed, Act]] = []
        settled: list[tuple[str, State]] = []
        room = IN_FLIGHT - len(self._underway)
        claimed = outbox.claim(
            session, now=now, limit=room, worker=self.worker.id, quiet=self.conversation.house.quiet
        )
        for each, act in self.conversation.wording.words(session, claimed, now=now):
            kind = each.notice.kind
            if each.chat_id is None:
                outbox.settle_refused(
                    session, each.notice.id, blocked=False, reason="cannot be reached", now=now
                )
                settled.append((kind, State.DEAD))
            elif act is None:
                outbox.settle_cancelled(session, each.notice.id, now=now)
                settled.append((kind, State.CANCELLED))
            else:
                found.append((each, act))
        return found, settled

    async def _give_up(self, found: Unwordable) -> None:
        """One whose words cannot be found is dead; the others are claimed anew, without it."""
        log.error("delivery.wording", kind=found.kind, error=found.reason)
        reason = f"no words: {found.reason}"
        await self._settle(
            lambda session: outbox.give_up(session, found.notice_id, reason=reason, now=self.now())
        )
        self.watch.notice(found.kind, State.DEAD)

    async def _deliver(self, claimed: Claimed, act: Act) -> None:
        """One notice, from its turn to what came of it."""
        try:
            if await self._begin(claimed, act):
                await self._attempt(claimed, act)
        except Exception as error:  # its lease will run out, and says the rest
            log.error("delivery.notice", kind=claimed.notice.kind, error=type(error).__name__)
        finally:
            del self._underway[claimed.notice.id]

    async def _begin(self, claimed: Claimed, act: Act) -> bool:
        """Waits for the turn and commits to sending; False when it goes back or was taken back."""
        notice, chat_id = claimed.notice, act["chat"]
        priority = REPLY if notice.priority == ANSWER else BULK
        turn = await self.pacer.turn(chat_id, priority, patience=PATIENCE)
        if not turn and not self.stopping.is_set():
            await self._later(notice, timedelta(seconds=self.pacer.wait(chat_id, priority)))
            return False
        if self.stopping.is_set() or self.revoked:
            await self._later(notice, timedelta())
            return False
        return notice.id in await self._commit_to_sending(notice.id)

    async def _begin_all(self, ids: Sequence[int]) -> set[int]:
        return await self._do(lambda session: outbox.begin(session, ids, now=self.now()))

    async def _attempt(self, claimed: Claimed, act: Act) -> None:
        """Sends, and writes down what came of it."""
        notice, chat_id = claimed.notice, act["chat"]
        try:
            number = await self._send(act)
        except speaking.Gone:
            await self._settle(
                lambda session: outbox.settle_gone(session, notice.id, now=self.now())
            )
        except RetryAfter as refused:
            await self._later(notice, timedelta(seconds=seconds(refused)), all_of_them=True)
        except NotSent:
            await self._later(notice, RETRY if notice.message_id is None else RETRY_EDIT)
        except ChatMigrated as moved:
            await self._moved(notice, chat_id, moved.new_chat_id)
        except Forbidden as refused:
            await self._refused(notice, refused, blocked=True)
        except InvalidToken:
            if not self.revoked:
                log.error("delivery.token_refused")
            self.revoked = True
            await self._later(notice, timedelta())
        except BadRequest as refused:
            reason = refused.message.lower()
            await self._refused(notice, refused, blocked=any(each in reason for each in NOBODY))
        except TelegramError as error:
            reason = type(error).__name__
            await self._settle(
                lambda session: outbox.settle_unknown(
                    session, notice.id, reason=reason, now=self.now()
                )
            )
            self.watch.notice(notice.kind, State.UNKNOWN)
        else:
            await self._note_arrival(
                Arrived(notice.id, notice.version, notice.standing, number, chat_id)
            )
            self.watch.notice(notice.kind, State.SENT)

    async def _settle_sent(self, arrived: Sequence[Arrived]) -> None:
        await self._settle(lambda session: outbox.settle_sent(session, arrived, now=self.now()))

    async def _send(self, act: Act) -> int | None:
        if act["do"] == "commands":
            await menus.set_own(self.bot, self.conversation, act)
            return None
        if "qr" in act or "picture" in act:
            return await picturing.show(self.bot, act, rate_limit_args=PACED)
        if act["do"] == "edit":
            return await speaking.edit(self.bot, act, rate_limit_args=PACED)
        return await speaking.send(self.bot, act, rate_limit_args=PACED)

    async def _later(self, notice: Notice, wait: timedelta, *, all_of_them: bool = False) -> None:
        """Surely not sent; `all_of_them`: the recipient's other notices have to wait as well."""
        now = self.now()

        def settle(session: Session) -> None:
            outbox.settle_later(
                session, notice.id, worker=self.worker.id, due_at=now + wait, now=now
            )
            if all_of_them:
                outbox.hold(session, notice.recipient, until=now + wait)

        await self._settle(settle)
        self.watch.notice(notice.kind, State.QUEUED)

    async def _moved(self, notice: Notice, old_chat_id: int, new_chat_id: int) -> None:
        """The group lives elsewhere: what it is owed goes there, if we know it there."""
        now = self.now()

        def settle(session: Session) -> None:
            groups.migrated(session, old_chat_id, new_chat_id)
            if groups.at(session, old_chat_id) is None:
                outbox.settle_later(session, notice.id, worker=self.worker.id, due_at=now, now=now)
            else:
                outbox.settle_refused(session, notice.id, blocked=True, reason="moved", now=now)

        await self._settle(settle)

    async def _refused(self, notice: Notice, refused: TelegramError, *, blocked: bool) -> None:
        reason = refused.message
        await self._settle(
            lambda session: outbox.settle_refused(
                session, notice.id, blocked=blocked, reason=reason, now=self.now()
            )
        )
        self.watch.notice(notice.kind, State.BLOCKED if blocked else State.DEAD)

    async def _settle(self, work: Callable[[Session], T]) -> T:
        """Writes down what came of it, when a database that is away is back.

        What is not written down leaves a notice of which nobody can be sure.
        """
        wait, waited = 0.5, 0.0
        while True:
            try:
                return await self._do(work)
            except DBAPIError as error:
                advice = trouble.advice(error)
                if advice is None or waited > SETTLE_SECONDS:
                    raise
                log.error("delivery.database", error=type(error).__name__, advice=advice)
            await asyncio.sleep(wait)
            wait, waited = min(wait * 2, 5.0), waited + wait

    async def _do(self, work: Callable[[Session], T]) -> T:
        return await commit(self.database, work)

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self.stopping.wait(), seconds)
        except TimeoutError:
            return
