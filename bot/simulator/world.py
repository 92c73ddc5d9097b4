"""A world: one bot, the people around it, their chats and what has happened; and all the worlds.

Every test makes its own. Everything runs in one event loop, so nothing here needs a lock.
"""

import asyncio
import secrets
from collections import OrderedDict, deque
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import count
from time import monotonic
from typing import Any

from bot.simulator.clock import Clock
from bot.simulator.entities import cut, detect
from bot.simulator.faults import Trouble
from bot.simulator.flood import Flood
from bot.simulator.polls import Poll, Polls
from bot.simulator.state import HISTORY, Chat, Files, Json, Message, Press, User
from bot.simulator.updates import Updates

CALLS_KEPT = 200_000
PRESSES_KEPT = 20_000
WORLDS_KEPT = 300


@dataclass(slots=True)
class Call:
    """One call of the Bot API, for tests to look at."""

    seq: int
    at: int
    monotonic: float
    method: str
    chat_id: int | None
    params: Json
    status: int
    description: str

    def api(self) -> Json:
        return asdict(self)


class Signal:
    """Wakes everybody who waits for a change."""

    def __init__(self) -> None:
        self._waiters: list[asyncio.Future[None]] = []

    def notify(self) -> None:
        if self._waiters:
            waiters, self._waiters = self._waiters, []
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_result(None)

    async def wait(self, seconds: float) -> None:
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        await asyncio.wait({waiter}, timeout=max(0.0, seconds))
        if not waiter.done():
            self._waiters.remove(waiter)


class World:
    def __init__(
        self,
        world_id: str,
        bot_username: str,
        bot_name: str = "",
        *,
        flood: bool = False,
        now: datetime | None = None,
        intro: str = "",
    ) -> None:
        bot_id = secrets.randbelow(10**9) + 10**9
        self.id = world_id
        self.token = f"{bot_id}:{secrets.token_urlsafe(26)[:35]}"
        self.bot = User(bot_id, bot_name or bot_username, username=bot_username, is_bot=True)
        self.intro = intro
        self.clock = Clock(now)
        self.flood = Flood(flood)
        self.trouble = Trouble()
        self.updates = Updates(self.clock)
        self.polls = Polls(self.clock, self.updates, self._show_poll)
        self.files = Files()
        self.users: dict[int, User] = {}
        self.chats: dict[int, Chat] = {}
        self.presses: OrderedDict[str, Press] = OrderedDict()
        self.commands: dict[tuple[str, str], list[Json]] = {}
        self.texts: dict[tuple[str, str], str] = {}  # (what, language): names and descriptions
        self.menu_buttons: dict[int | None, Json] = {}
        self.calls: deque[Call] = deque(maxlen=CALLS_KEPT)
        self.call_count = 0
        self.in_flight = 0
        self.active_at = monotonic()  # the last time a call of the bot began or ended
        self.rev = 0
        self.signal = Signal()
        self.watchers: set[asyncio.Queue[Json]] = set()
        self._user_ids = count(5_000_000_001)
        self._group_ids = count(4_000_001)
        self._supergroup_ids = count(1_002_000_000_001)
        self._press_ids = count(secrets.randbelow(10**15) + 10**15)
        self._poll_ids = count(secrets.randbelow(10**15) + 10**15)
        self._message_ids = count(1)

    # People and chats

    def add_user(self, user_id: int | None, first_name: str, **more: Any) -> User:
        user = User(user_id or next(self._user_ids), first_name, **more)
        self.users[user.id] = user
        self.chats[user.id] = Chat(user.id, "private", user.name)
        self.publish("people")
        return user

    def add_group(self, title: str, *, supergroup: bool = False) -> Chat:
        number = next(self._supergroup_ids if supergroup else self._group_ids)
        chat = Chat(-number, "supergroup" if supergroup else "group", title)
        self.chats[chat.id] = chat
        self.publish("people")
        return chat

    def chat_api(self, chat: Chat) -> Json:
        if not chat.is_private:
            return {"id": chat.id, "type": chat.kind, "title": chat.title}
        user = self.users[chat.id].api()
        shown: Json = {
            key: user[key] for key in ("first_name", "last_name", "username") if key in user
        }
        return {"id": chat.id, "type": "private", **shown}

    # Messages

    def post(
        self, chat: Chat, sender: User | None, fields: Json, *, by_bot: bool = False
    ) -> Message:
        """A new message; `sender` is None when the group itself speaks."""
        if chat.kind == "supergroup":
            chat.last_id += 1
            message_id = chat.last_id
        else:
            message_id = chat.last_id = next(self._message_ids)
        api: Json = {"message_id": message_id}
        if sender is not None:
            api["from"] = sender.api()
        api["chat"] = self.chat_api(chat)
        api["date"] = self.clock.timestamp()
        api.update(fields)
        message = Message(api, by_bot)
        chat.messages[message_id] = message
        if len(chat.messages) > HISTORY:
            del chat.messages[next(iter(chat.messages))]
        self.changed(chat, message)
        return message

    def changed(self, chat: Chat, message: Message) -> None:
        self.rev += 1
        message.rev = self.rev
        if message.by_bot and not message.deleted:
            chat.news = self.rev
        self.signal.notify()
        if self.watchers:
            self.publish("message", chat_id=chat.id, message_id=message.id)

    def delete(self, chat: Chat, message: Message) -> None:
        message.deleted = True
        del chat.messages[message.id]
        if message.id in chat.pinned:
            chat.pinned.remove(message.id)
        if "poll" in message.api:
            self.polls.forget(message.api["poll"]["id"])
        self.changed(chat, message)

    def reads(self, chat: Chat, message: Message) -> bool:
        """Whether the bot gets this message of a person; in groups privacy mode is on."""
        if chat.is_private:
            return not self.users[chat.id].blocked
        if not chat.bot_is_in:
            return False
        if chat.bot_status == "administrator":
            return True
        api = message.api
        if not ("text" in api or "caption" in api) and any(key in api for key in SERVICE):
            return True
        if api.get("reply_to_message", {}).get("from", {}).get("id") == self.bot.id:
            return True
        return self._speaks_to_bot(api.get("text") or api.get("caption") or "")

    def _speaks_to_bot(self, text: str) -> bool:
        name = f"@{self.bot.username}".lower()
        for entity in detect(text, []):
            shown = cut(text, entity).lower()
            if entity["type"] == "mention" and shown == name:
                return True
            if entity["type"] == "bot_command" and ("@" not in shown or shown.endswith(name)):
                return True
        return False

    # Polls

    def new_poll_id(self) -> str:
        return str(next(self._poll_ids))

    def poll_of(self, message: Message) -> Poll | None:
        return self.polls.find(message.api.get("poll", {}).get("id", ""))

    def _show_poll(self, poll: Poll) -> None:
        chat = self.chats[poll.chat_id]
        message = chat.messages.get(poll.message_id)
        if message is not None:
            message.api = {**message.api, "poll": poll.api()}
            self.changed(chat, message)

    # Presses

    def press(self, user: User, chat: Chat, message_id: int, data: str) -> Press:
        press = Press(
            str(next(self._press_ids)),
            user.id,
            chat.id,
            message_id,
            self.clock.timestamp(),
            monotonic(),
        )
        self.presses[press.id] = press
        if len(self.presses) > PRESSES_KEPT:
            self.presses.popitem(last=False)
        return press

    def answered(self, press: Press) -> None:
        press.latency = monotonic() - press.monotonic
        press.answered.set()
        self.publish("answer", user_id=press.user_id, chat_id=press.chat_id, **press.api())

    # Telling the page and the tests

    def publish(self, kind: str, **more: Any) -> None:
        for watcher in self.watchers:
            if watcher.qsize() < 2_000:
                watcher.put_nowait({"kind": kind, **more})

    def clock_moved(self) -> None:
        self.updates.clock_moved()
        self.polls.end_what_is_over()
        self.publish("clock")

    @property
    def is_quiet_since(self) -> float | None:
        """Since when nothing waits and no call runs; None while something does."""
        busy = self.in_flight or len(self.updates) or self.polls.untold
        return None if busy else self.active_at


SERVICE = (
    "new_chat_members",
    "left_chat_member",
    "new_chat_title",
    "pinned_message",
    "group_chat_created",
    "supergroup_chat_created",
    "migrate_to_chat_id",
    "migrate_from_chat_id",
)


class Worlds:
    """All worlds of a process, found by token or by their short id; the oldest goes first."""

    def __init__(self) -> None:
        self._by_token: OrderedDict[str, World] = OrderedDict()
        self._by_id: dict[str, World] = {}
        self._ids = count(1)

    def create(self, bot_username: str, bot_name: str = "", **more: Any) -> World:
        world = World(f"w{next(self._ids)}", bot_username, bot_name, **more)
        self._by_token[world.token] = self._by_id[world.id] = world
        if len(self._by_token) > WORLDS_KEPT:
            self.remove(next(iter(self._by_token.values())))
        return world

    def remove(self, world: World) -> None:
        world.updates.close()
        world.polls.stop()
        world.publish("closed")
        world.trouble.heal()
        self._by_token.pop(world.token, None)
        self._by_id.pop(world.id, None)

    def by_token(self, token: str) -> World | None:
        return self._by_token.get(token)

    def find(self, key: str) -> World | None:
        return self._by_token.get(key) or self._by_id.get(key)

    def newest(self) -> World | None:
        return next(reversed(self._by_token.values()), None)

    def close(self) -> None:
        for world in list(self._by_token.values()):
            self.remove(world)
