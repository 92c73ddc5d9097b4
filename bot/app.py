"""Puts the floors together: the features in routing order, and everything that serves them."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from types import ModuleType
from typing import TYPE_CHECKING, Any

import structlog
from telegram import Update
from telegram.error import BadRequest, NetworkError
from telegram.ext import Application, ApplicationBuilder, TypeHandler

from bot import logs
from bot.clock import Clock
from bot.config import Settings
from bot.delivery import Delivery
from bot.health import Health
from bot.intake import ALLOWED, ChatOrder, Intake
from bot.line import Line
from bot.menus import set_all
from bot.nightly import Nightly
from bot.pacing import Ledger, Paced, Pacer
from bot.request import Clock as Time
from bot.request import Request
from bot.speaking import Speaker
from bot.systemd import Systemd
from bot.watch import Watch
from handlers import (
    agenda,
    attendance,
    bank,
    calendar,
    campaigns,
    chairing,
    contest,
    deputies,
    essays,
    files,
    follow,
    groups,
    home,
    inbox,
    joining,
    meetings,
    menus,
    minutes,
    opinions,
    outages,
    outbox,
    papers,
    pledges,
    polls,
    prints,
    quality,
    questions,
    quorum,
    repeating,
    report,
    roomcode,
    roster,
    rules,
    series,
    tasks,
)
from handlers.dispatch import Conversation
from storage.db import Database
from storage.workers import Worker

if TYPE_CHECKING:
    from bot.site import Site

log = structlog.get_logger()

# Free text that no form takes goes to the first of these that wants it: questions come last.
FEATURES: tuple[ModuleType, ...] = (
    home,
    joining,
    menus,
    groups,
    outages,
    outbox,
    roster,
    files,
    meetings,
    series,
    agenda,
    chairing,
    papers,
    opinions,
    calendar,
    attendance,
    report,
    roomcode,
    tasks,
    polls,
    rules,
    quorum,
    quality,
    deputies,
    minutes,
    prints,
    bank,
    campaigns,
    repeating,
    contest,
    pledges,
    essays,
    follow,
    inbox,
    questions,
)

DRAIN_SECONDS = 20.0
CONNECT_SECONDS = 5.0  # between two tries while Telegram cannot be reached


class Stopped(Exception):
    """Told to end before Telegram had answered."""


@dataclass
class Chibo:
    """One process of the bot: what is said, heard, sent and fired."""

    application: Application[Any, Any, Any, Any, Any, Any]
    database: Database
    conversation: Conversation
    speaker: Speaker
    intake: Intake
    delivery: Delivery
    clock: Clock
    health: Health
    now: Callable[[], datetime]
    settings: Settings
    site: Site | None  # where anything is served; a webhook stands on it

    async def serve(self) -> None:
        """Runs until SIGTERM or SIGINT, then finishes what is in flight."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(logs.stray)
        for number in (signal.SIGTERM, signal.SIGINT):
            # A thread of a test has no signals.
            with contextlib.suppress(ValueError, RuntimeError, NotImplementedError):
                loop.add_signal_handler(number, self.stop)
        beating = asyncio.create_task(self.health.beat())
        try:
            if self.site is not None:
                await self.site.open()
            self.health.systemd.ready()
            await self._insist(self.application.initialize)
            await self._introduce()
            await self.clock.catch_up()
            await self.clock.wind()
            await self._work()
        except Stopped:
            log.info("bot.stopped_early")
        finally:
            beating.cancel()
            if self.site is not None:
                await self.site.close()
            self.clock.worker.leave()
            await self.application.shutdown()
            await self.application.bot.shutdown()  # the line above needs a finished start

    async def _work(self) -> None:
        ticking = self.clock.start()
        sending = asyncio.create_task(self.delivery.run())
        introducing = asyncio.create_task(set_all(self.application.bot, self.conversation))
        try:
            await self._hear()
        finally:
            introducing.cancel()
            ticking.shutdown(wait=False)
            self.delivery.stop()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._drain(sending), DRAIN_SECONDS)

    def stop(self) -> None:
        """Asks to end; safe to call twice."""
        self.health.systemd.stopping()
        self.intake.stopping.set()

    async def _insist(self, call: Callable[[], Awaitable[object]]) -> None:
        """Calls until Telegram answers: an outage at the start is no reason to give up."""
        while True:
            try:
                await call()
                return
            except BadRequest:
                raise
            except NetworkError as error:
                log.warning("bot.waiting", error=type(error).__name__)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.intake.stopping.wait(), CONNECT_SECONDS)
                raise Stopped

    async def _introduce(self) -> None:
        """Learns the bot's own name: links and commands in groups need it."""
        me = self.application.bot.bot
        house = self.settings.house(me.username or "")
        self.conversation.house = self.clock.house = house
        self.conversation.wording.house = house  # notices, too, tell the bot's name
        log.info("bot.ready", username=me.username)

    async def _hear(self) -> None:
        bot = self.application.bot
        if self.site is None or self.site.webhook is None:
            await self._insist(bot.delete_webhook)
            polling = asyncio.create_task(self.intake.poll(self.application))
            stopping = asyncio.create_task(self.intake.stopping.wait())
            await asyncio.wait({polling, stopping}, return_when=asyncio.FIRST_COMPLETED)
            # An unconfirmed batch comes again; its effects are committed once.
            polling.cancel()
            stopping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await polling
            return
        webhook = self.site.webhook
        webhook.open = True
        await self._insist(
            lambda: bot.set_webhook(
                webhook.address,
                secret_token=webhook.secret,
                max_connections=40,
                allowed_updates=ALLOWED,
            )
        )
        looking = asyncio.create_task(webhook.look_after())
        await self.intake.stopping.wait()
        looking.cancel()
        await self.site.close()

    async def _drain(self, sending: asyncio.Task[None]) -> None:
        await sending
        await self.speaker.drain()


def build(settings: Settings, database: Database, *, pacer: Pacer | None = None) -> Chibo:
    """Everything one process needs, on a database that is up to date."""
    now, watch = Time(follow_server=settings.clock == "server"), Watch()
    pacer = pacer or Pacer(Ledger(database))
    pacer.waited, database.committed = watch.waited, watch.committed
    application = _application(settings, pacer, now, watch)
    house = settings.house()
    conversation = Conversation(FEATURES, house)
    bot = application.bot
    worker = Worker(database.engine)
    speaker = Speaker(bot, database, conversation, pacer, worker, now, watch)
    intake = Intake(database, conversation, speaker, worker, now, watch)
    delivery = Delivery(bot, database, conversation, pacer, worker, now, watch)
    nightly = Nightly(database, settings.database, settings.keeping, now)
    clock = Clock(database, house, speaker, worker, pacer, nightly, now, watch)
    health = Health(database, watch, Systemd(), now)

    async def converse(update: Update, _context: object) -> None:
        await intake.converse(update)

    application.add_handler(TypeHandler(Update, converse))
    return Chibo(
        application,
        database,
        conversation,
        speaker,
        intake,
        delivery,
        clock,
        health,
        now,
        settings,
        _site(settings, application, intake, health),
    )


def _application(
    settings: Settings, pacer: Pacer, now: Time, watch: Watch
) -> Application[Any, Any, Any, Any, Any, Any]:
    proxy, answered = settings.proxy.get_secret_value(), watch.answered
    bot = Line(
        settings.token.get_secret_value(),
        base_url=f"{settings.api_url}/bot",
        base_file_url=f"{settings.api_url}/file/bot",
        request=Request(proxy=proxy, clock=now, answered=answered),
        get_updates_request=Request(connections=2, proxy=proxy, clock=now, answered=answered),
        rate_limiter=Paced(pacer),
    )
    return ApplicationBuilder().bot(bot).concurrent_updates(ChatOrder()).updater(None).build()


def _site(
    settings: Settings,
    application: Application[Any, Any, Any, Any, Any, Any],
    intake: Intake,
    health: Health,
) -> Site | None:
    """What is served where CHIBO_LISTEN says so; a bot that serves nothing starts without it."""
    if not settings.listen:
        return None
    from bot.site import Site
    from bot.webhook import Webhook

    webhook = None
    if settings.public_url:
        address, secret = settings.public_url + "/telegram", settings.webhook_secret
        webhook = Webhook(application, intake, health, address, secret.get_secret_value())
    return Site(settings.listen, health, webhook)
