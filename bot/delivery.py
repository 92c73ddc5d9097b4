"""The outbox, out: claim, word, pace, send, settle.

One loop in each process; the database gives every notice to one of them. A notice is committed
as `sending` before the socket is touched, and what came of it is committed after. What a killed
sender leaves behind is taken up when its lease has run out (`storage/outbox.py`, recover).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

import structlog
from sqlmodel import Session
from telegram import Message
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.ext import ExtBot

from bot import speaking
from bot.hop import commit
from bot.pacing import BULK, PACED, REPLY, Pacer, seconds
from bot.request import NotSent
from handlers.acts import Act
from handlers.dispatch import Conversation
from storage import groups, outbox
from storage.db import Database
from storage.outbox import ANSWER, Claimed

log = structlog.get_logger()
T = TypeVar("T")

BATCH = 40  # leased at a time: at 28 a second they are gone long before the lease is
IDLE = 0.5  # seconds between two looks when nothing is due
LONGEST_WAIT = 15.0  # seconds that a leased notice may wait for its chat
RETRY = timedelta(seconds=5)


@dataclass
class Delivery:
    """Sends what is due until told to stop."""

    bot: ExtBot[str]
    database: Database
    conversation: Conversation
    pacer: Pacer
    now: Callable[[], datetime]
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    revoked: bool = False

    async def run(self) -> None:
        """The loop; a failing round is logged and the next one comes."""
        while not self.stopping.is_set():
            try:
                sent = await self.round()
            except Exception as error:
                log.error("delivery.round", error=type(error).__name__)
                sent = 0
            if not sent:
                await self._pause(30.0 if self.revoked else IDLE)

    async def round(self) -> int:
        """Claims a batch and sends it; returns how many notices it held."""
        batch = await self._do(lambda session: self._claim(session))
        if batch:
            await asyncio.gather(*(self._deliver(claimed, act) for claimed, act in batch))
        return len(batch)

    def _claim(self, session: Session) -> list[tuple[Claimed, Act]]:
        """Leases what is due and finds its words; what has become untrue is cancelled."""
        now = self.now()
        outbox.recover(session, now=now)
        found: list[tuple[Claimed, Act]] = []
        for claimed in outbox.claim(session, now=now, limit=BATCH):
            notice_id = claimed.notice.id
            if claimed.chat_id is None:
                outbox.settle_refused(
                    session, notice_id, blocked=False, reason="cannot be reached", now=now
                )
                continue
            try:
                with session.begin_nested():
                    act = self.conversation.word(session, claimed, now=now)
            except Exception as error:
                reason = f"no words: {type(error).__name__}"
                log.error("delivery.wording", kind=claimed.notice.kind, error=type(error).__name__)
                outbox.settle_refused(session, notice_id, blocked=False, reason=reason, now=now)
                continue
            if act is None:
                outbox.settle_cancelled(session, notice_id, now=now)
            else:
                found.append((claimed, act))
        return found

    async def _deliver(self, claimed: Claimed, act: Act) -> None:
        notice, chat_id = claimed.notice, act["chat"]
        if self.pacer.wait(chat_id) > LONGEST_WAIT:
            await self._later(notice.id, timedelta(seconds=self.pacer.wait(chat_id)))
            return
        await self.pacer.turn(chat_id, REPLY if notice.priority == ANSWER else BULK)
        begun = await self._do(lambda s: outbox.begin(s, [notice.id], now=self.now()))
        if notice.id not in begun:
            return  # taken back, or the lease ran out while it waited
        try:
            message = await self._send(act)
        except RetryAfter as refused:
            await self._later(notice.id, timedelta(seconds=seconds(refused)))
        except NotSent:
            await self._later(notice.id, RETRY)
        except ChatMigrated as moved:
            new_chat_id = moved.new_chat_id
            await self._do(lambda s: groups.migrated(s, chat_id, new_chat_id))
            await self._later(notice.id, timedelta())
        except Forbidden as refused:
            await self._refused(notice.id, True, refused)
        except InvalidToken:
            self.revoked = True
            log.error("delivery.token_refused")
            await self._later(notice.id, timedelta(minutes=1))
        except BadRequest as refused:
            await self._refused(notice.id, _is_gone(refused), refused)
        except (NetworkError, TelegramError) as error:
            reason = type(error).__name__
            await self._do(
                lambda s: outbox.settle_unknown(s, notice.id, reason=reason, now=self.now())
            )
        else:
            self.revoked = False
            number = message.message_id if message else None
            await self._do(
                lambda s: outbox.settle_sent(
                    s, notice.id, notice.version, number, chat_id, now=self.now()
                )
            )

    async def _send(self, act: Act) -> Message | None:
        if act["do"] == "edit":
            return await speaking.edit(self.bot, act, rate_limit_args=PACED)
        return await speaking.send(self.bot, act, rate_limit_args=PACED)

    async def _later(self, notice_id: int, wait: timedelta) -> None:
        now = self.now()
        await self._do(lambda s: outbox.settle_later(s, notice_id, due_at=now + wait, now=now))

    async def _refused(self, notice_id: int, blocked: bool, refused: TelegramError) -> None:
        reason = refused.message
        await self._do(
            lambda s: outbox.settle_refused(
                s, notice_id, blocked=blocked, reason=reason, now=self.now()
            )
        )

    async def _do(self, work: Callable[[Session], T]) -> T:
        return await commit(self.database, work)

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self.stopping.wait(), seconds)
        except TimeoutError:
            return


def _is_gone(refused: BadRequest) -> bool:
    return "chat not found" in refused.message.lower()
