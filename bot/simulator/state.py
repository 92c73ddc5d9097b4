"""The people, chats, messages, presses and files of a world, as plain values."""

import asyncio
import mimetypes
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

ANONYMOUS_ADMIN = 1087968824
HISTORY = 3_000  # messages kept per chat
STORED_BYTES = 256 * 1024 * 1024
STORED_FILES = 2_000
FILE_KINDS = {  # what a file was sent as; its identifier begins with it
    "document": "BQACAgUAAx",
    "photo": "AgACAgUAAx",
    "video": "BAACAgUAAx",
    "audio": "CQACAgUAAx",
    "voice": "AwACAgUAAx",
}


@dataclass(slots=True)
class User:
    id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    language: str = "vi"
    note: str = ""
    is_bot: bool = False
    started: bool = False
    blocked: bool = False
    deactivated: bool = False

    @property
    def name(self) -> str:
        return f"{self.last_name} {self.first_name}".strip()

    def api(self) -> Json:
        told: Json = {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name}
        if self.last_name:
            told["last_name"] = self.last_name
        if self.username:
            told["username"] = self.username
        if self.language and not self.is_bot:
            told["language_code"] = self.language
        return told


@dataclass(slots=True)
class Message:
    """One message: `api` is what the Bot API tells of it, the rest is ours."""

    api: Json
    by_bot: bool
    rev: int = 0
    keyboard: Json | None = None  # a reply keyboard, its removal or a forced reply
    deleted: bool = False
    reactions: list[str] = field(default_factory=list)

    @property
    def id(self) -> int:
        return int(self.api["message_id"])


@dataclass(slots=True)
class Chat:
    id: int
    kind: str  # private | group | supergroup
    title: str = ""
    members: dict[int, str] = field(default_factory=dict)  # id -> creator | administrator | member
    bot_status: str = "left"  # left | member | administrator | restricted | kicked
    messages: dict[int, Message] = field(default_factory=dict)
    pinned: list[int] = field(default_factory=list)
    last_id: int = 0
    migrated_to: int | None = None
    keyboard: Json | None = None  # the reply keyboard on show
    news: int = 0  # the newest change by the bot

    @property
    def is_private(self) -> bool:
        return self.kind == "private"

    @property
    def bot_is_in(self) -> bool:
        return self.bot_status in ("member", "administrator", "restricted")


@dataclass(slots=True)
class Press:
    """A press of a button: a callback query and, once there is one, its answer."""

    id: str
    user_id: int
    chat_id: int
    message_id: int
    at: int  # in the world's clock
    monotonic: float
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    text: str = ""
    show_alert: bool = False
    url: str = ""
    latency: float | None = None

    def api(self) -> Json:
        return {
            "query_id": self.id,
            "answered": self.answered.is_set(),
            "text": self.text,
            "show_alert": self.show_alert,
            "url": self.url,
            "latency": self.latency,
        }


@dataclass(slots=True)
class File:
    id: str
    unique_id: str
    name: str
    mime: str
    size: int
    data: bytes
    path: str
    kind: str = "document"  # one of FILE_KINDS
    facts: Json = field(default_factory=dict)  # duration, title and the like


class Files:
    """What was uploaded; the oldest goes when there is too much."""

    def __init__(self) -> None:
        self._by_id: OrderedDict[str, File] = OrderedDict()
        self._by_path: dict[str, File] = {}
        self._bytes = 0
        self._count = 0

    def add(
        self,
        name: str,
        data: bytes,
        mime: str = "",
        size: int | None = None,
        kind: str = "document",
        facts: Json | None = None,
    ) -> File:
        """Store a file; `size` pretends that it is larger than its bytes."""
        self._count += 1
        suffix = "." + name.rpartition(".")[2] if "." in name else ""
        mime = mime or mimetypes.guess_type(name)[0] or "application/octet-stream"
        file = File(
            id=f"{FILE_KINDS[kind]}{self._count:08d}",
            unique_id=f"AgAD{self._count:08d}",
            name=name,
            mime=mime,
            size=len(data) if size is None else size,
            data=data,
            path=f"{kind}s/file_{self._count}{suffix}",
            kind=kind,
            facts=facts or {},
        )
        self._by_id[file.id] = self._by_path[file.path] = file
        self._bytes += len(data)
        while len(self._by_id) > 1 and (
            self._bytes > STORED_BYTES or len(self._by_id) > STORED_FILES
        ):
            _, oldest = self._by_id.popitem(last=False)
            self._by_path.pop(oldest.path)
            self._bytes -= len(oldest.data)
        return file

    def by_id(self, file_id: str) -> File | None:
        return self._by_id.get(file_id)

    def by_path(self, path: str) -> File | None:
        return self._by_path.get(path)
