"""Says what has been committed: carries out the acts of `handlers/acts.py`, in order for each chat.

A reply that Telegram could not be given waits and is tried again; it also stands in the database
until it has been said, so a killed process leaves it to the next one. When we cannot know whether
a message arrived, it is sent again and says so, three times at most: somebody waits for it, and a
copy too many does less harm than silence. An edit is simply made again.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from sqlalchemy.exc import DBAPIError
from telegram import InputFile
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from bot.hop import commit
from bot.line import Line
from bot.pacing import Pacer
from bot.reading import Died, read_file
from bot.request import NotSent
from bot.watch import Watch
from handlers.acts import AGAIN, Act, storable
from handlers.dispatch import Conversation
from handlers.text import Reader
from storage import trouble, updates
from storage.db import Database
from storage.reading import Read
from storage.sheets import SheetError
from storage.workers import Worker

log = structlog.get_logger()
GONE = (
    "message to edit not found",
    "message can't be edited",
    "message_id_invalid",
    "there is no text in the message to edit",  # a picture, whose button was pressed
)
ANSWERS = 3  # times that an answer to a press is tried: later it is worth nothing

HTML, NO_PREVIEW = "HTML", {"is_disabled": True}
REPEATS = 3  # of a reply that may or may not have arrived
EDITS = 8  # times that an edit is made again, for two minutes: others in the chat wait behind it
NEW = ("send", "file", "stored", "fetch")  # acts that would stand twice in the chat if done twice


@dataclass
class Speaker:
    """Speaks for the bot; one in each process."""

    bot: Line
    database: Database
    conversation: Conversation
    pacer: Pacer
    worker: Worker
    now: Callable[[], datetime]
    watch: Watch
    _chats: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    _saying: set[int] = field(default_factory=set)
    _said: list[int] = field(default_factory=list)
    _noting: asyncio.Task[None] | None = None
    _reading: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))

    def say(self, update_id: int, acts: list[Act], *, again: bool = False) -> None:
        """Says the acts after whatever the chat is still being told."""
        if not acts:
            return
        chat = next((act["chat"] for act in acts if "chat" in act), -update_id)
        before = self._chats.get(chat)
        self._saying.add(update_id)
        task = asyncio.create_task(self._say(before, update_id, acts, again))
        self._chats[chat] = task
        task.add_done_callback(lambda done: self._forget(chat, done))

    async def renew(self) -> None:
        """Keeps others from saying what is still being said here."""
        if self._saying:
            ids, now = list(self._saying), self.now()
            await commit(self.database, lambda session: updates.renew(session, ids, now=now))

    async def catch_up(self, *, before: datetime, dead: Collection[int]) -> None:
        """Says what the dead have left unsaid, or anybody before that moment."""
        now, mine = self.now(), self.worker.id
        left = await commit(
            self.database,
            lambda session: updates.take_unsaid(
                session, before=before, dead=dead, worker=mine, now=now
            ),
        )
        for row in left:
            if row.update_id not in self._saying:
                acts = row.reply or []
                for chat_id in {act["chat"] for act in acts if "chat" in act}:
                    self.pacer.spend(chat_id)  # they may have died with its last word on their lips
                self.say(row.update_id, acts, again=True)

    async def make_good(self, update_id: int) -> None:
        """Says what this process owes to an update whose commit came through without a word."""
        left = await commit(
            self.database, lambda session: updates.left(session, update_id, worker=self.worker.id)
        )
        if left and update_id not in self._saying:
            self.say(update_id, left)

    async def drain(self) -> None:
        """Waits until everything has been said and noted."""
        while self._chats or self._noting:
            waiting = [*self._chats.values(), *([self._noting] if self._noting else [])]
            await asyncio.gather(*waiting, return_exceptions=True)
            await asyncio.sleep(0)

    def _forget(self, chat: int, done: asyncio.Task[None]) -> None:
        if self._chats.get(chat) is done:
            del self._chats[chat]

    async def _say(
        self, before: asyncio.Task[None] | None, update_id: int, acts: list[Act], again: bool
    ) -> None:
        if before is not None:
            await asyncio.wait([before])
        sent: int | None = None
        for number, act in enumerate(acts, start=1):
            try:
                sent = await self._persist(act, sent, again) or sent
                if act["do"] in NEW and number < len(acts):
                    await self._keep(update_id, acts[number:])
                self.watch.reply("said")
            except InvalidToken:
                self._saying.discard(update_id)
                log.error("reply.token_refused")
                return  # it stays in the database, and is said when the token works
            except TelegramError as error:
                self.watch.reply("refused")
                log.warning("reply.refused", act=act["do"], error=type(error).__name__)
                await self._instead(act)
            except Exception as error:
                self.watch.reply("failed")
                log.error("reply.failed", act=act["do"], error=type(error).__name__)
                await self._instead(act)
        self._said.append(update_id)
        if self._noting is None:
            self._noting = asyncio.create_task(self._note())

    async def _instead(self, act: Act) -> None:
        """What is to be said where an act was refused."""
        if "else" in act:
            with contextlib.suppress(TelegramError):
                await self._persist({**act, "do": "send", "text": act["else"]}, None, False)

    async def _keep(self, update_id: int, rest: list[Act]) -> None:
        """A killed process leaves only the rest to the next one."""
        kept = storable(rest)
        await commit(self.database, lambda session: updates.keep(session, update_id, kept))

    async def _note(self) -> None:
        try:
            while self._said:
                await asyncio.sleep(0.2)  # many replies share one statement
                ids, self._said = self._said, []
                try:
                    await commit(self.database, partial(updates.said, update_ids=ids))
                    self._saying.difference_update(ids)  # until then they count as being said
                except Exception as error:  # what is not noted would be said again
                    log.error("reply.noting", error=type(error).__name__)
                    self._said = ids + self._said
                    await asyncio.sleep(1)
        finally:
            self._noting = None

    async def _persist(self, act: Act, sent: int | None, again: bool) -> int | None:
        """Tries until Telegram has taken the act or refused it."""
        wait, doubts, tries = 1.0, int(again), 0
        while True:
            tries += 1
            try:
                return await self._do(act, sent, doubts > 0)
            except (BadRequest, Forbidden):
                raise
            except Gone:
                act, doubts = {**act, "do": "send"}, 0
                continue
            except (NotSent, RetryAfter):
                pass
            except ChatMigrated as moved:
                act = {**act, "chat": moved.new_chat_id}
                continue
            except NetworkError:
                doubts += 1
                if doubts > (REPEATS if act["do"] in ("send", "file", "stored") else EDITS):
                    raise
            except DBAPIError as error:  # a file is asked of the database: it is owed all the same
                if trouble.advice(error) is None:
                    raise
                log.error("reply.database", act=act["do"], error=type(error).__name__)
            if act["do"] == "answer" and tries == ANSWERS:
                return None  # a late toast is worth nothing; the screen follows
            await asyncio.sleep(wait)
            wait = min(wait * 2, 30.0)

    async def _do(self, act: Act, sent: int | None, again: bool) -> int | None:
        match act["do"]:
            case "answer":
                await self.bot.call(
                    "answerCallbackQuery",
                    callback_query_id=act["id"],
                    text=act["text"] or None,
                    show_alert=act["alert"],
                )
                return None
            case "edit":
                return await edit(self.bot, act)
            case "send":
                reader = Reader(act["language"])
                return await send(self.bot, act, prefix=reader.html(AGAIN) + "\n" if again else "")
            case "file":
                await self._file(act)
                return None
            case "stored":
                await self._stored(act)
                return None
            case "fetch":
                await self._fetch(act, sent)
                return None
            case other:
                raise ValueError(f"no such act: {other}")

    async def _file(self, act: Act) -> None:
        now = self.now()
        build = await commit(
            self.database, lambda session: self.conversation.make(session, act, now=now)
        )
        shown = act.get("shown", False)
        doing = "upload_photo" if shown else "upload_document"
        await self.bot.send_chat_action(act["chat"], doing)
        file = InputFile(await asyncio.to_thread(build), filename=act["name"])
        send = self.bot.send_photo if shown else self.bot.send_document
        await send(act["chat"], file, caption=act.get("caption"), parse_mode=HTML)

    async def _stored(self, act: Act) -> None:
        """A file that Telegram has: its number alone goes out."""
        kind = act.get("kind") or ("photo" if act["photo"] else "document")
        await self.bot.call(
            f"send{kind.capitalize()}",
            chat_id=act["chat"],
            caption=act["caption"],
            parse_mode=HTML,
            **{kind: act["file_id"]},
        )

    async def _fetch(self, act: Act, sent: int | None) -> None:
        """Fetches a file and has it read, then hands it over in a transaction of its own."""
        tables = self.conversation.routes["upload", act["then"]].tables
        async with self._reading:  # one at a time: it may take hundreds of megabytes
            file = await self.bot.get_file(act["file_id"])
            content = bytes(await file.download_as_bytearray())
            try:
                found = await asyncio.to_thread(read_file, act["name"], content, tables)
            except SheetError as error:
                found = Read(act["name"], problems=error.problems)
                if isinstance(error, Died):
                    log.warning("reading.died", code=error.code, bytes=len(content))
        act = {**act, "message": sent}
        now = self.now()
        acts = await commit(
            self.database, lambda session: self.conversation.hand_over(session, act, found, now=now)
        )
        for following in acts:
            await self._persist(following, None, False)


async def send(bot: Line, act: Act, *, prefix: str = "", rate_limit_args: str | None = None) -> int:
    """Sends a message; returns its number."""
    reply_to = act.get("reply_to")
    sent = await bot.call(
        "sendMessage",
        rate_limit_args=rate_limit_args,
        chat_id=act["chat"],
        text=prefix + act["text"],
        parse_mode=HTML,
        reply_markup=_markup(act),
        reply_parameters={"message_id": reply_to, "allow_sending_without_reply": True}
        if reply_to
        else None,
        link_preview_options=NO_PREVIEW,
    )
    if not isinstance(sent, dict) or "message_id" not in sent:
        raise NetworkError("the answer was garbled")
    return int(sent["message_id"])


class Gone(Exception):
    """The message that was to be edited is no more, or is no text."""


def gone(error: BadRequest) -> bool:
    """Whether that is why Telegram refuses to edit it."""
    return any(reason in error.message.lower() for reason in GONE)


async def edit(bot: Line, act: Act, *, rate_limit_args: str | None = None) -> int | None:
    """Edits a message to the newest state, which it may show already; raises Gone.

    Returns its number; None where nothing had to be changed.
    """
    try:
        await bot.call(
            "editMessageText",
            rate_limit_args=rate_limit_args,
            chat_id=act["chat"],
            message_id=act["message"],
            text=act["text"],
            parse_mode=HTML,
            reply_markup=inline(act.get("buttons") or []),
            link_preview_options=NO_PREVIEW,
        )
    except BadRequest as error:
        if "message is not modified" in error.message.lower():
            return None
        if not gone(error):
            raise
        raise Gone from None
    return int(act["message"])


def _markup(act: Act) -> dict[str, Any] | None:
    if act.get("keyboard") == []:
        return {"remove_keyboard": True}
    if act.get("keyboard"):
        rows = [[{"text": label} for label in row] for row in act["keyboard"]]
        return {"keyboard": rows, "resize_keyboard": True, "is_persistent": True}
    return inline(act.get("buttons") or [])


def inline(rows: list[list[dict[str, str]]]) -> dict[str, Any] | None:
    """Buttons as Telegram takes them."""
    if not rows:
        return None
    return {"inline_keyboard": [[_button(each) for each in row] for row in rows]}


def _button(each: dict[str, str]) -> dict[str, str]:
    kind, leads = ("url", each["url"]) if each.get("url") else ("callback_data", each["data"])
    return {"text": each["text"], kind: leads}
