"""The words a handler is written in.

A handler is a plain function: it gets a `Talk`, asks storage, and returns a `Say` (or an `Ask`,
which opens a form). A decorator tells when it is called and which power it needs:

    @button("rsvp", power="meeting.answer")
    def rsvp(talk: Talk, meeting_id: int, revision: int, answer: str) -> Say: ...

It runs inside one transaction in a database thread: no awaiting, no network, no rules (those are
storage's). What it returns is said after the commit. `handlers/dispatch.py` finds the handler of
an update, `bot/speaking.py` does the saying.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session
from telegram import Update

from handlers.routing import TITLES, Handler, Title, route
from handlers.text import Reader, Text, Words
from storage import drafts
from storage.drafts import Draft
from storage.errors import NotFound
from storage.groups import Group
from storage.outbox import Class, Notice
from storage.powers import Actor, may
from storage.quiet import Quiet
from storage.reading import Tables
from storage.roster import Person, unit_lineage

DATA_LIMIT = 64  # bytes that a button may carry


@dataclass(frozen=True, slots=True)
class House:
    """The installation: what every handler may know of the settings."""

    bot_username: str = ""
    owner_id: int | None = None
    language: str = "vi"
    zone: str = "Asia/Ho_Chi_Minh"
    quiet_hours: str = "21:30-06:30"
    profile: str = "party"

    @property
    def quiet(self) -> Quiet:
        """The quiet hours, as storage takes them."""
        return Quiet(self.quiet_hours, self.zone)

    def reader(self, language: str | None = None, zone: str | None = None) -> Reader:
        """Words in this language, times in this zone; where none is given, those of the house."""
        return Reader(language or self.language, zone or self.zone, self.profile)

    def link(self, code: str) -> str:
        """The address that opens the private chat and hands over a start code."""
        return f"https://t.me/{self.bot_username}" + (f"?start={code}" if code else "")


# -- what a handler says -----------------------------------------------------------------------


class Button:
    """A button with its full address: `Button(_("Will come"), "rsvp", 42, 0, "yes")`."""

    def __init__(self, label: Words, action: str = "", *args: object, url: str = "") -> None:
        self.label, self.url = label, url
        self.data = ":".join([action, *(str(argument) for argument in args)])
        if len(self.data.encode()) > DATA_LIMIT:
            raise ValueError(f"a button carries at most {DATA_LIMIT} bytes: {self.data}")


@dataclass(frozen=True, slots=True)
class File:
    """A file to be made after the commit: which maker, with which arguments, under which name.

    `shown` is for a picture that is to be seen in the chat, rather than attached; `caption` stands
    below it, for the screen above may become another.
    """

    make: str
    args: Sequence[int | str]
    name: str
    shown: bool = False
    caption: Words | None = None


@dataclass(frozen=True, slots=True)
class Fetch:
    """A file that somebody sent, to be fetched and checked, then handed to an `@upload`."""

    then: str
    file_id: str
    name: str
    size: int = 0  # bytes
    unique_id: str = ""  # of the file itself, however often it is sent
    photo: bool = False
    kind: str = "document"
    seconds: int = 0  # that it lasts


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that Telegram keeps, sent by its number there; nothing is fetched or made."""

    file_id: str
    photo: bool = False  # Telegram takes a number only as what it was sent
    caption: Words | None = None
    kind: str = ""  # "voice", "audio", "video"


class Say:
    """A screen: lines, rows of buttons, and how it is shown.

    After a press the message with the button becomes the screen, unless `new`. `toast` is the
    short answer to the press (`alert` makes it a box to close). `keyboard` sets the labels that
    stay below the typing field; an empty one takes them away. A Say without lines answers the
    press and changes nothing.
    `qr` shows a notice as a picture with its lines below: the square code of this text; `picture`
    another one, which is drawn off the loop when the notice is sent.
    `reply_to` lets the message answer the person's own (or the one of that number), and
    `kept=False` leaves no copy of the screen in the database while it waits to be said (both for
    text that no table may hold).
    """

    draft: Draft | None = None

    def __init__(
        self,
        *lines: Words | None,
        buttons: Sequence[Sequence[Button | None]] = (),
        toast: Words | None = None,
        alert: bool = False,
        new: bool = False,
        reply_to: bool | int = False,
        keyboard: Sequence[Sequence[Words]] | None = None,
        files: Sequence[File | Stored] = (),
        fetch: Fetch | None = None,
        kept: bool = True,
        qr: str = "",
        picture: Callable[[], bytes] | None = None,
    ) -> None:
        rows = [[each for each in row if each is not None] for row in buttons]
        self.lines = [line for line in lines if line is not None]
        self.buttons = [row for row in rows if row]
        self.toast, self.alert, self.new, self.reply_to = toast, alert, new, reply_to
        self.keyboard, self.files, self.fetch, self.kept = keyboard, files, fetch, kept
        self.qr, self.picture = qr, picture


class Ask(Say):
    """A screen that waits for typed text: opens the form `form` with what it knows so far."""

    def __init__(
        self, form: str, *lines: Words | None, data: dict[str, Any] | None = None, **how: Any
    ) -> None:
        super().__init__(*lines, **how)
        self.draft = Draft(form, data or {})


class Commands(Say):
    """What a notice may be instead of a message: the menu of commands in the recipient's chat.

    Names of commands; none at all leaves the chat with the menu that everybody has.
    """

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self.names = names


# -- what a handler is given -------------------------------------------------------------------


@dataclass(slots=True)
class Talk:
    """Who speaks, where, when, and what they said."""

    session: Session
    now: datetime
    house: House
    actor: Actor
    reader: Reader
    chat_id: int
    private: bool
    text: str = ""  # typed text, or what follows a command
    recipient: str | None = None  # whom notices to this chat are for, as the outbox writes it
    message_id: int | None = None  # the message whose button was pressed
    replied_text: str | None = None  # of the person's own message that the pressed one answers
    draft: Draft | None = None  # the form that is open
    unfinished: Text | None = None  # what would be lost with it
    update: Update | None = None
    document: Fetch | None = None  # a file just sent
    _person: Person | None = field(default=None, repr=False)

    @property
    def person(self) -> Person:
        """The person who speaks; raises NotFound for a stranger."""
        if self._person is None:
            found = self.session.get(Person, self.actor.person_id) if self.actor.person_id else None
            if found is None:
                raise NotFound
            self._person = found
        return self._person

    @property
    def local(self) -> datetime:
        """Now, in the reader's zone."""
        return self.now.astimezone(ZoneInfo(self.reader.zone))

    @property
    def today(self) -> date:
        """The reader's day."""
        return self.local.date()

    def reader_of(self, language: str) -> Reader:
        """The same reader in another language."""
        return replace(self.reader, language=language)

    def close(self, *forms: str) -> None:
        """Closes the open form; given names, only one of these."""
        if forms and (self.draft is None or self.draft.form not in forms):
            return
        self.draft = self.unfinished = None
        drafts.close(self.session, self.actor.telegram_id)

    def leave(self) -> None:
        """Closes the open form if nothing would be lost with it."""
        if self.unfinished is None:
            self.close()


@dataclass(slots=True)
class Note:
    """A notice that is about to be sent: what it is about and for whom."""

    session: Session
    now: datetime
    house: House
    reader: Reader
    actor: Actor  # the recipient, with the rights of this moment
    notice: Notice
    person: Person | None
    group: Group | None
    gathered: Any = None  # what the kind has gathered for all of the batch

    def may(self, power: str, unit_id: int) -> bool:
        """Whether the recipient still holds a power over the unit."""
        return may(self.actor, power, unit_lineage(self.session, unit_id))

    @property
    def subject_id(self) -> int:
        """42, for the subject "meeting:42"."""
        return int(self.notice.subject.rpartition(":")[2])

    @property
    def today(self) -> date:
        """The reader's day."""
        return self.now.astimezone(ZoneInfo(self.reader.zone)).date()


# -- when a handler is called ------------------------------------------------------------------


def command(
    name: str,
    *,
    vi: str = "",
    power: str,
    help: Text | None = None,
    label: Text | None = None,
    group: bool = False,
) -> Callable[[Handler], Handler]:
    """Called for /name, for its Vietnamese twin, and for its label on the keyboard."""
    return route("command", name, power, vi=vi, help=help, label=label, group=group)


def button(action: str, *, power: str, group: bool = False) -> Callable[[Handler], Handler]:
    """Called for a press; the parts of the address come as arguments, int or str as annotated.

    A press in a group reaches only a handler with `group`: what others show is for one person.
    """
    return route("button", action, power, group=group)


def answer(form: str, *, power: str, about: Text | None = None) -> Callable[[Handler], Handler]:
    """Called for text typed while the form is open; a plain Say closes it, a Refusal keeps it.

    `about` is what would be lost with the form; one without may be left without a word.
    """
    return route("answer", form, power, help=about)


def typed(pattern: str, *, power: str) -> Callable[[Handler], Handler]:
    """Called for text that no form, command or label takes and that matches as a whole."""
    return route("typed", pattern, power)


def event(name: str, *, power: str = "join") -> Callable[[Handler], Handler]:
    """Called for what happens to a chat: "added", "removed", "blocked", "unblocked", "migrated"."""
    return route("event", name, power)


def document(*, power: str, form: str = "document") -> Callable[[Handler], Handler]:
    """Called for a file sent in private (`talk.document`); usually answers with a Fetch.

    With the name of a form: while that is open, and then for photos as well.
    """
    return route("document", form, power)


def media(form: str, *, power: str) -> Callable[[Handler], Handler]:
    """Called for a voice message, a song or a film sent while the form is open, as for a file."""
    return route("media", form, power)


def upload(name: str, *, power: str, tables: Tables | None = None) -> Callable[[Handler], Handler]:
    """Called with what a fetched file says (`Read`): one of these tables, or else TOML."""
    return route("upload", name, power, tables=tables)


def maker(name: str, *, power: str) -> Callable[[Handler], Handler]:
    """Gathers what a `File` needs; returns a function that builds its bytes off the loop."""
    return route("maker", name, power)


def notice(
    kind: str,
    *,
    power: str,
    klass: Class,
    about: Text,
    named: bool = True,
    gather: Callable[[Session, Sequence[Notice]], Any] | None = None,
) -> Callable[[Handler], Handler]:
    """Finds the words of a notice when it is sent; None when there is nothing left to say.

    `about` is what a list calls it; a list shows no name where the recipient is confidential.
    `gather` asks for what a whole batch needs; each finds it as `note.gathered`.
    """
    TITLES[kind] = Title(about, named)
    return route("notice", kind, power, klass=klass, gather=gather)
