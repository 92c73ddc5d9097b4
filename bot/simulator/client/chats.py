"""People and groups, as a test or a demo plays them."""

from collections.abc import Callable, Sequence
from time import monotonic, sleep
from typing import Any

from bot.simulator.client.line import Line, SimulatorError
from bot.simulator.client.values import Answer, Message, answer_from, message_from

Wanted = str | Callable[[Message], bool]


class Conversation:
    """What a private chat and a group have in common."""

    def __init__(self, line: Line, chat_id: int, name: str) -> None:
        self._line, self.chat_id, self.name = line, chat_id, name
        self._floor = -1
        self._found: set[int] = set()

    def messages(self) -> list[Message]:
        """All messages in their present state, oldest first; deleted ones are gone."""
        told = self._line.act("messages", chat_id=self.chat_id)
        return [message_from(message, self._line) for message in told["messages"]]

    @property
    def last(self) -> Message:
        """The newest message of the bot."""
        for message in reversed(self.messages()):
            if message.from_bot:
                return message
        raise AssertionError(f"the bot has written nothing to {self.name}")

    def mark(self) -> None:
        """From here on, `wait_for` looks only at what is new or edited."""
        self._floor = int(self._line.act("look")["rev"])

    def wait_for(self, wanted: Wanted, timeout: float = 10) -> Message:
        """The first bot message, new or edited since the mark, that has this text.

        The mark is set by `mark()` and by every start, send and press of this person; a state of a
        message that was found once is not found again.
        """
        fits = wanted if callable(wanted) else (lambda message: wanted in message.text)
        deadline, since = monotonic() + timeout, self._floor
        while True:
            left = max(0.0, deadline - monotonic())
            told = self._line.act(
                "messages", chat_id=self.chat_id, since=since, timeout=min(left, 20)
            )
            fresh = [message_from(message, self._line) for message in told["messages"]]
            for message in sorted(fresh, key=lambda message: message.rev):
                if message.from_bot and message.rev not in self._found and fits(message):
                    self._found.add(message.rev)
                    return message
            since = told["rev"]
            if left <= 0:
                what = repr(wanted) if isinstance(wanted, str) else "what was wanted"
                raise AssertionError(f"{what} did not come in {timeout} s; {self.transcript()}")

    def transcript(self) -> str:
        """The chat as text, for failures."""
        shown = "\n".join(str(message) for message in self.messages()[-30:])
        return f"the chat of {self.name}:\n{shown or '(empty)'}"

    @property
    def keyboard(self) -> list[list[str]]:
        """The labels of the reply keyboard on show."""
        shown = self._line.act("chat", chat_id=self.chat_id)["keyboard"]
        return [[b["text"] for b in row] for row in shown["keyboard"]] if shown else []

    def refresh(self, message: Message) -> Message | None:
        """This message as it is now; None when it was deleted."""
        told = self._line.act("message", chat_id=message.chat_id, message_id=message.id)
        return message_from(told, self._line) if told else None


class Person(Conversation):
    """Somebody with a Telegram account; as a conversation, the private chat with the bot."""

    def __init__(self, line: Line, told: dict[str, Any]) -> None:
        super().__init__(line, told["id"], told["name"])
        self.id: int = told["id"]
        self.first_name: str = told["first_name"]

    def __repr__(self) -> str:
        return f"<Person {self.name} {self.id}>"

    def _sent(self, told: dict[str, Any], chat: Conversation) -> Message:
        chat._floor = max(chat._floor, told["before"])
        return message_from(told["message"], self._line)

    def start(self, code: str = "") -> Message:
        """Press Start, with the code of a t.me link if there is one."""
        return self.send(f"/start {code}".strip())

    def send(
        self, text: str, *, chat: "Group | None" = None, reply_to: Message | None = None
    ) -> Message:
        return self.send_fields({"text": text}, chat=chat, reply_to=reply_to)

    def send_fields(
        self,
        fields: dict[str, Any],
        *,
        chat: "Group | None" = None,
        reply_to: Message | None = None,
    ) -> Message:
        """Send anything: the fields of the Bot API's Message, say a sticker or a contact."""
        where: Conversation = chat or self
        told = self._line.act(
            "say",
            user_id=self.id,
            chat_id=where.chat_id,
            fields=fields,
            reply_to=reply_to.id if reply_to else None,
        )
        return self._sent(told, where)

    def send_document(
        self,
        name: str,
        data: bytes,
        *,
        caption: str = "",
        chat: "Group | None" = None,
        size: int | None = None,
    ) -> Message:
        """Send a file; `size` pretends that it is larger than its bytes."""
        return self._send_file("document", name, data, caption, chat, size=size)

    def send_photo(self, data: bytes, *, caption: str = "") -> Message:
        """Send a picture to be seen, which is no document."""
        return self._send_file("photo", "photo.jpg", data, caption, None)

    def send_voice(
        self, data: bytes, *, duration: int = 1, caption: str = "", chat: "Group | None" = None
    ) -> Message:
        """Send what one has said into the phone."""
        return self._send_file("voice", "voice.ogg", data, caption, chat, duration=duration)

    def send_audio(
        self,
        name: str,
        data: bytes,
        *,
        duration: int = 1,
        caption: str = "",
        chat: "Group | None" = None,
        size: int | None = None,
        **more: str,
    ) -> Message:
        """Send a sound file; `title` and `performer` as the file says them."""
        return self._send_file(
            "audio", name, data, caption, chat, size=size, duration=duration, **more
        )

    def send_video(
        self,
        name: str,
        data: bytes,
        *,
        duration: int = 1,
        caption: str = "",
        chat: "Group | None" = None,
        size: int | None = None,
    ) -> Message:
        return self._send_file("video", name, data, caption, chat, size=size, duration=duration)

    def _send_file(
        self,
        kind: str,
        name: str,
        data: bytes,
        caption: str,
        chat: "Group | None",
        size: int | None = None,
        **facts: int | str,
    ) -> Message:
        where: Conversation = chat or self
        told = self._line.act(
            "say",
            user_id=self.id,
            chat_id=where.chat_id,
            file_id=self._line.upload(name, data, size),
            caption=caption,
            kind=kind,
            facts=facts,
        )
        return self._sent(told, where)

    def send_contact(self, phone: str, *, of: "Person | None" = None) -> Message:
        who = of or self
        contact = {"phone_number": phone, "first_name": who.first_name, "user_id": who.id}
        return self.send_fields({"contact": contact})

    def edit(self, message: Message, text: str) -> Message:
        told = self._line.act(
            "edit", user_id=self.id, chat_id=message.chat_id, message_id=message.id, text=text
        )
        return message_from(told, self._line)

    def press(
        self,
        label: str,
        message: Message | None = None,
        *,
        chat: "Group | None" = None,
        wait: bool = True,
        timeout: float = 10,
    ) -> Answer:
        """Press the inline button with this label, on the newest message that has it.

        With `wait`, until the bot has answered the press; AssertionError when it does not.
        """
        chat_id = message.chat_id if message else (chat or self).chat_id
        told = self._when_shown(
            timeout,
            user_id=self.id,
            chat_id=chat_id,
            label=label,
            message_id=message.id if message else None,
            timeout=timeout if wait else 0,
        )
        return self._pressed(told, chat_id, chat, wait, f"[{label}]")

    def _when_shown(self, seconds: float, **given: Any) -> Any:
        """Presses as soon as the button is there: a screen may follow its toast by a moment."""
        deadline = monotonic() + min(seconds, 5)
        while True:
            try:
                return self._line.act("press", **given)
            except SimulatorError as error:
                if "there is no button" not in str(error) or monotonic() > deadline:
                    raise
                sleep(0.03)

    def press_data(
        self,
        message: Message,
        data: str,
        *,
        chat: "Group | None" = None,
        wait: bool = True,
        timeout: float = 10,
    ) -> Answer:
        """A forged press: any data, whether or not there is such a button."""
        told = self._line.act(
            "press",
            user_id=self.id,
            chat_id=message.chat_id,
            message_id=message.id,
            data=data,
            timeout=timeout if wait else 0,
        )
        return self._pressed(told, message.chat_id, chat, wait, data)

    def _pressed(
        self,
        told: dict[str, Any],
        chat_id: int,
        chat: Conversation | None,
        wait: bool,
        what: str,
    ) -> Answer:
        for conversation in (self, chat):
            if conversation is not None:
                conversation._floor = max(conversation._floor, told["before"])
        answer = answer_from(told, self.id)
        if wait and not answer.answered:
            shown = self.transcript() if chat_id == self.chat_id else ""
            raise AssertionError(f"the press of {what} by {self.name} had no answer; {shown}")
        return answer

    def vote(self, message: Message, *options: int | str) -> Message:
        """Vote in a poll, for an option by number or by text; the poll as this person sees it then.

        Again, to change a vote that may be changed. AssertionError when the poll is closed, or when
        it takes no other vote.
        """
        if not options:
            raise AssertionError("say for which option; `take_back_vote` is for none")
        return self._vote(message, options)

    def take_back_vote(self, message: Message) -> Message:
        return self._vote(message, ())

    def _vote(self, message: Message, options: Sequence[int | str]) -> Message:
        try:
            told = self._line.act(
                "vote",
                user_id=self.id,
                chat_id=message.chat_id,
                message_id=message.id,
                options=options,
            )
        except SimulatorError as error:
            raise AssertionError(f"{error}; {message}") from None
        if message.chat_id != self.chat_id:
            return message_from(told["message"], self._line)
        voted = self._sent(told, self)
        self._found.add(voted.rev)
        return voted

    @property
    def menu(self) -> list[str]:
        """The commands in the person's menu in the private chat."""
        told = self._line.act("chat", chat_id=self.chat_id, user_id=self.id)
        return [command["command"] for command in told["menu"]]

    def menu_in(self, group: "Group") -> list[str]:
        told = self._line.act("chat", chat_id=group.chat_id, user_id=self.id)
        return [command["command"] for command in told["menu"]]

    def block(self) -> None:
        self._line.act("block", user_id=self.id)

    def unblock(self) -> None:
        self._line.act("unblock", user_id=self.id)

    def deactivate(self) -> None:
        self._line.act("deactivate", user_id=self.id)


class Group(Conversation):
    """A group or supergroup, with or without the bot."""

    def __init__(self, line: Line, told: dict[str, Any]) -> None:
        super().__init__(line, told["id"], told["title"])
        self.id: int = told["id"]
        self.title: str = told["title"]
        self.is_supergroup: bool = told["kind"] == "supergroup"

    def __repr__(self) -> str:
        return f"<Group {self.title} {self.id}>"

    def add_bot(self, by: Person, *, admin: bool = False) -> None:
        self._line.act("add_bot", chat_id=self.id, user_id=by.id, admin=admin)

    def kick_bot(self, by: Person) -> None:
        self._set_bot(by, "kicked")

    def silence_bot(self, by: Person) -> None:
        self._set_bot(by, "restricted")

    def promote_bot(self, by: Person) -> None:
        self._set_bot(by, "administrator")

    def let_bot_speak(self, by: Person) -> None:
        self._set_bot(by, "member")

    def _set_bot(self, by: Person, status: str) -> None:
        self._line.act("bot_status", chat_id=self.id, user_id=by.id, status=status)

    @property
    def bot_status(self) -> str:
        return str(self._line.act("chat", chat_id=self.id)["bot_status"])

    def add_member(self, person: Person, *, by: Person | None = None, admin: bool = False) -> None:
        self._line.act(
            "join",
            chat_id=self.id,
            user_id=person.id,
            by=by.id if by else None,
            status="administrator" if admin else "member",
        )

    def remove_member(self, person: Person) -> None:
        self._line.act("leave", chat_id=self.id, user_id=person.id)

    def rename(self, title: str, *, by: Person) -> None:
        self._line.act("rename", chat_id=self.id, user_id=by.id, title=title)
        self.title = self.name = title

    def send_anonymously(self, text: str, *, reply_to: Message | None = None) -> Message:
        """As an administrator who hides behind the group (1087968824)."""
        told = self._line.act(
            "say",
            chat_id=self.id,
            text=text,
            anonymous=True,
            reply_to=reply_to.id if reply_to else None,
        )
        return message_from(told["message"], self._line)

    def migrate(self, *, new_first: bool = False) -> "Group":
        """Become a supergroup; `new_first` turns the order of the two service messages round."""
        return Group(self._line, self._line.act("migrate", chat_id=self.id, new_first=new_first))


def ids(people: Sequence[Person]) -> list[int]:
    return [person.id for person in people]
