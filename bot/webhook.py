"""Updates in, by webhook: the HTTP 200 confirms an update, and only after its effect is committed.

Whoever does not know the secret is sent away before anything is read. The body is counted while it
comes, whatever its headers promise. Now and then Telegram is asked how it fares with us: a
certificate that has run out, or a webhook that somebody has set elsewhere, would look like silence.
"""

from __future__ import annotations

import asyncio
import hmac
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from telegram import WebhookInfo
from telegram.error import TelegramError
from telegram.ext import Application

from bot.health import Health
from bot.intake import Intake

log = structlog.get_logger()

BODY_LIMIT = 1 << 20  # bytes of one request
BODY_SECONDS = 10.0  # in which it has to come
LOOK_SECONDS = 30.0  # between two questions to Telegram
RECENT = timedelta(minutes=2)  # a complaint of Telegram's is about now
HIGHEST_ID = 2**63 - 1


class Refused(Exception):
    """A request that is not Telegram's, or not whole; the number is the HTTP status."""


@dataclass
class Webhook:
    """Takes what Telegram posts to us."""

    application: Application[Any, Any, Any, Any, Any, Any]
    intake: Intake
    health: Health
    address: str
    secret: str
    open: bool = False  # not before the bot knows its name
    body_seconds: float = BODY_SECONDS

    async def take(self, request: Request) -> Response:
        """One update."""
        try:
            told = await self._told(request)
        except Refused as refused:
            (status,) = refused.args
            # What is left of the body is not waited for.
            return Response(status_code=status, headers={"Connection": "close"})
        if not self.open or self.intake.stopping.is_set():
            return Response(status_code=503)
        update = await self.intake.read(self.application.bot, told)
        if update is not None:
            order = self.application.update_processor
            await order.process_update(update, self.application.process_update(update))
            if update.update_id in self.intake.unheard:
                return Response(status_code=503)
        return Response(status_code=200)

    async def _told(self, request: Request) -> dict[str, Any]:
        """The update as it was written; raises Refused."""
        given = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
        if not hmac.compare_digest(given.encode(), self.secret.encode()):
            raise Refused(403)
        try:
            async with asyncio.timeout(self.body_seconds):
                body = await _body(request)
        except TimeoutError:
            raise Refused(408) from None
        except ClientDisconnect:
            raise Refused(400) from None
        try:
            told = json.loads(body)
        except (ValueError, RecursionError):
            raise Refused(400) from None
        number = told.get("update_id") if isinstance(told, dict) else None
        if type(number) is not int or not 0 <= number <= HIGHEST_ID:
            raise Refused(400)
        return dict(told)

    async def look_after(self) -> None:
        """Asks Telegram how it fares with us, until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Asks once."""
        try:
            info = await self.application.bot.get_webhook_info()
        except TelegramError as error:
            log.warning("webhook.look", error=type(error).__name__)
            self.health.watch.intake.beat(good=False)
        else:
            self.health.watch.intake.beat()
            self.health.intake_trouble = self._trouble(info)

    def _trouble(self, info: WebhookInfo) -> str:
        """What keeps updates from coming; never Telegram's own words, which may hold an address."""
        if info.url != self.address:
            return "the webhook leads elsewhere"
        complained = info.last_error_date
        if info.pending_update_count and complained and self.health.now() - complained < RECENT:
            return "Telegram cannot reach the webhook"
        return ""


async def _body(request: Request) -> bytes:
    """All of it, as long as it is not too much."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > BODY_LIMIT:
            raise Refused(413)
    return bytes(body)
