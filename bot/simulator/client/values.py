"""What the client hands out: messages, answers to presses and calls, as plain values."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.simulator.client.line import Line, SimulatorError


@dataclass(frozen=True)
class Newcomer:
    """Somebody who is to be in a world; `started` for one who pressed Start long ago."""

    first_name: str
    last_name: str = ""
    username: str = ""
    language: str = "vi"
    note: str = ""
    id: int | None = None
    started: bool = False


@dataclass(frozen=True, slots=True)
class Button:
    text: str
    data: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    file_id: str
    name: str
    size: int
    kind: str  # document | photo | video | audio | voice
    duration: int | None  # seconds, of what is heard or seen
    _line: Line = field(repr=False, compare=False)

    @property
    def is_photo(self) -> bool:
        return self.kind == "photo"

    def read(self) -> bytes:
        return self._line.download(self.file_id)


@dataclass(frozen=True, slots=True)
class Poll:
    """A poll or quiz in its present state."""

    id: str
    question: str
    options: list[tuple[str, int]]  # text, votes
    total: int  # people who have voted
    closed: bool
    anonymous: bool
    multiple: bool
    quiz: bool
    right: int | None  # the right option of a quiz
    explanation: str
    chosen: list[int]  # by whoever's private chat it is in, or by the one who has just voted

    def __str__(self) -> str:
        options = [
            f"({'x' if number in self.chosen else ' '}) {text}: {votes}"
            for number, (text, votes) in enumerate(self.options)
        ]
        state = ", closed" if self.closed else ""
        kind = "quiz" if self.quiz else "poll"
        return "\n".join([f"<{kind}, {self.total} voted{state}> {self.question}", *options])


def poll_from(told: dict[str, Any]) -> Poll:
    given = {name: told[name] for name in Poll.__slots__ if name != "options"}
    return Poll(options=[(text, votes) for text, votes in told["options"]], **given)


@dataclass(frozen=True, slots=True)
class Message:
    """A message in its present state."""

    id: int
    chat_id: int
    date: datetime
    edited: datetime | None
    from_id: int
    from_name: str
    from_bot: bool
    text: str  # or the caption, or the question of a poll
    html: str
    rows: list[list[Button]]  # inline buttons
    keyboard: dict[str, Any] | None  # reply keyboard, its removal or a forced reply
    document: Document | None  # or the photo, video, audio or voice
    poll: Poll | None
    reply_to: int | None
    service: str | None  # say, "new_chat_members"
    reactions: list[str]
    rev: int  # grows with every change in the world
    api: dict[str, Any] = field(repr=False)  # as the Bot API shows it

    @property
    def buttons(self) -> list[str]:
        """The labels of all inline buttons, row by row."""
        return [button.text for row in self.rows for button in row]

    @property
    def markup(self) -> str | None:
        """inline | keyboard | remove | force_reply | None"""
        if self.rows:
            return "inline"
        if self.keyboard is None:
            return None
        kinds = {"keyboard": "keyboard", "remove_keyboard": "remove", "force_reply": "force_reply"}
        return next(kind for key, kind in kinds.items() if key in self.keyboard)

    def button(self, label: str) -> Button:
        for row in self.rows:
            for button in row:
                if button.text == label:
                    return button
        raise AssertionError(f"no button [{label}] in:\n{self}")

    def __str__(self) -> str:
        head = f"#{self.id} {self.from_name}{' (edited)' if self.edited else ''}: "
        body = str(self.poll or "") or self.text or (f"<{self.service}>" if self.service else "")
        if self.document:
            body += f" <{self.document.name}, {self.document.size} bytes>"
        rows = [" ".join(f"[{button.text}]" for button in row) for row in self.rows]
        return "\n    ".join((head + body).split("\n") + rows)


def message_from(told: dict[str, Any], line: Line) -> Message:
    document, edited, reply = told["document"], told["edit_date"], told["reply_to"]
    poll = poll_from(told["poll"]) if told["poll"] else None
    return Message(
        id=told["id"],
        chat_id=told["chat_id"],
        date=datetime.fromtimestamp(told["date"], UTC),
        edited=datetime.fromtimestamp(edited, UTC) if edited else None,
        from_id=told["from_id"],
        from_name=told["from_name"],
        from_bot=told["from_bot"],
        text=poll.question if poll else told["text"],
        html=told["html"],
        rows=[
            [Button(b["text"], b.get("callback_data"), b.get("url")) for b in row]
            for row in told["buttons"]
        ],
        keyboard=told["keyboard"],
        document=(
            Document(
                document["file_id"],
                document["name"],
                document["size"],
                document["kind"],
                document["duration"],
                line,
            )
            if document
            else None
        ),
        poll=poll,
        reply_to=reply["id"] if reply else None,
        service=told["service"],
        reactions=told["reactions"],
        rev=told["rev"],
        api=told["api"],
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a press."""

    answered: bool
    text: str
    show_alert: bool
    url: str
    latency: float | None  # seconds from the press to its answer
    query_id: str
    user_id: int


def answer_from(told: dict[str, Any], user_id: int) -> Answer:
    return Answer(
        answered=told["answered"],
        text=told.get("text", ""),
        show_alert=told.get("show_alert", False),
        url=told.get("url", ""),
        latency=told.get("latency"),
        query_id=told.get("query_id", ""),
        user_id=user_id,
    )


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the Bot API; status 0 means that the connection was cut or hangs."""

    seq: int
    at: datetime  # in the world's clock
    monotonic: float
    method: str  # lower case
    chat_id: int | None
    params: dict[str, Any]
    status: int
    description: str


def call_from(told: dict[str, Any]) -> Call:
    return Call(**{**told, "at": datetime.fromtimestamp(told["at"], UTC)})


__all__ = [
    "Answer",
    "Button",
    "Call",
    "Document",
    "Message",
    "Poll",
    "SimulatorError",
    "answer_from",
    "call_from",
    "message_from",
]
