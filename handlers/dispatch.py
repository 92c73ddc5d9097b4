"""From an update to what is said: who speaks, which handler, and the words of its answer.

`Conversation.handle` runs inside one transaction. It returns *acts*: plain dictionaries (they are
stored until they have been said) that `bot/speaking.py` carries out after the commit. The order
in which free text in a private chat is taken: a label of the keyboard, which is a command and
leaves an open form open; an open form; what a feature declares with `@typed`, in the order of the
features, where the last one asks the question base.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session
from telegram import (
    CallbackQuery,
    ChatMember,
    ChatMemberRestricted,
    ChatMemberUpdated,
    Document,
    Message,
    PhotoSize,
    Update,
)

from handlers import acts, evidence, refusals
from handlers.kit import Button, Fetch, House, Say, Talk
from handlers.routing import Route, routes_in
from handlers.text import LANGUAGES, Reader, _
from handlers.wording import Wording
from storage import drafts, groups, roster, speakers, updates
from storage.errors import NotFound, Refusal
from storage.powers import POWERS, may_somewhere
from storage.reading import Read
from storage.sheets import file_name

ANONYMOUS_ADMIN = 1087968824
NO_PERSON = {136817688, 777000, ANONYMOUS_ADMIN}  # channels, Telegram itself, a hidden admin

Act = dict[str, Any]


class Conversation:
    """All features, ready to answer."""

    def __init__(self, features: Iterable[ModuleType], house: House) -> None:
        self.house = house
        self.routes: dict[tuple[str, str], Route] = {}
        self.wording = Wording(self.routes, house)
        self.typed: list[tuple[re.Pattern[str], Route]] = []
        self.labels: dict[str, Route] = {}
        for feature in features:
            for route in routes_in(feature):
                self._add(route)

    def _add(self, route: Route) -> None:
        """Start-up refuses a handler without a declared power, and one address for two."""
        if route.power not in POWERS:
            raise ValueError(f"{route.kind} {route.name}: no power is called {route.power!r}")
        if route.kind == "typed":
            self.typed.append((re.compile(route.name, re.DOTALL), route))
            return
        names = [route.name, route.vi] if route.kind == "command" and route.vi else [route.name]
        for name in names:
            if (route.kind, name) in self.routes:
                raise ValueError(f"two handlers for {route.kind} {name}")
            self.routes[route.kind, name] = route
        if route.label is not None:
            for language in LANGUAGES:
                reader = Reader(language, profile=self.house.profile)
                self.labels[reader.plain(route.label)] = route

    # -- updates -------------------------------------------------------------------------------

    def handle(
        self, session: Session, update: Update, *, now: datetime, worker: int = 0
    ) -> list[Act]:
        """The whole effect of one update; returns the acts that answer it.

        Raises AlreadyHandled, and so undoes itself, for an update whose effect is committed.
        """
        talk = self._talk(session, update, now)
        said = [] if talk is None else self._answer(talk, update)
        updates.note_handled(session, update.update_id, acts.storable(said), now=now, worker=worker)
        return said

    def hand_over(self, session: Session, fetch: Act, found: Read, *, now: datetime) -> list[Act]:
        """The second half of a file: what it says goes to the feature."""
        talk = self._talk_of(session, fetch["person"], fetch["chat"], True, now)
        talk.message_id = fetch.get("message")
        self._see_form(talk)
        route = self.routes["upload", fetch["then"]]
        return self._render(talk, self._run(talk, route, found), None)

    def make(self, session: Session, act: Act, *, now: datetime) -> Callable[[], bytes]:
        """Gathers what a file needs; the function returned builds it."""
        talk = self._talk_of(session, act["person"], act["chat"], True, now)
        route = self.routes["maker", act["make"]]
        if not self._check(talk, route):
            raise NotFound
        build: Callable[[], bytes] = route.run(talk, *act["args"])
        return build

    def apology(self, update: Update) -> list[Act]:
        """What somebody hears whose update broke something three times."""
        query, chat = update.callback_query, update.effective_chat
        words = self.house.reader().plain(
            _("Something went wrong here. Nothing was changed; those who run the bot can see it.")
        )
        if query is not None:
            return [{"do": "answer", "id": query.id, "text": words, "alert": True}]
        if chat is None or chat.type != "private":
            return []
        return [{"do": "send", "chat": chat.id, "language": self.house.language, "text": words}]

    def _talk(self, session: Session, update: Update, now: datetime) -> Talk | None:
        user, chat = update.effective_user, update.effective_chat
        if chat is None or chat.type == "channel" or user is None:
            return None
        talk = self._talk_of(session, user.id, chat.id, chat.type == "private", now)
        talk.update = update
        if talk.actor.person_id is None and user.language_code in LANGUAGES and talk.private:
            talk.reader = Reader(user.language_code, self.house.zone, self.house.profile)
        return talk

    def _talk_of(
        self, session: Session, user_id: int, chat_id: int, private: bool, now: datetime
    ) -> Talk:
        owner = user_id == self.house.owner_id
        today = now.astimezone(ZoneInfo(self.house.zone)).date()
        speaker = speakers.speaker(session, user_id, today=today, owner=owner)
        reader = self.house.reader(speaker.language, speaker.zone)
        person_id = speaker.actor.person_id
        recipient = f"p{person_id}" if person_id is not None else None
        if not private:
            chat = groups.chat(session, chat_id)
            recipient = f"g{chat.id}" if chat else None
            reader = self.house.reader(chat.language, chat.zone) if chat else self.house.reader()
        talk = Talk(session, now, self.house, speaker.actor, reader, chat_id, private)
        talk.recipient = recipient
        if private and not speaker.reachable and speaker.actor.person_id is not None:
            roster.reached(talk.person)
        return talk

    # -- finding the handler -------------------------------------------------------------------

    def _answer(self, talk: Talk, update: Update) -> list[Act]:
        if update.callback_query is not None:
            return self._press(talk, update.callback_query)
        if update.my_chat_member is not None:
            return self._membership(talk, update)
        message = update.message  # an edited message changes nothing
        if message is None:
            return []
        if message.migrate_to_chat_id is not None:
            groups.migrated(talk.session, message.chat_id, message.migrate_to_chat_id)
            return []
        if message.migrate_from_chat_id is not None:
            groups.migrated(talk.session, message.migrate_from_chat_id, message.chat_id)
            return []
        if talk.private and (message.document is not None or message.photo):
            return self._document(talk, message)
        if talk.private and (message.voice or message.audio or message.video):
            return self._media(talk, message)
        return self._message(talk, message, (message.text or "").strip())

    def _press(self, talk: Talk, query: CallbackQuery) -> list[Act]:
        if isinstance(query.message, Message):  # else too old to be seen: a new screen
            talk.message_id = query.message.message_id
            replied = query.message.reply_to_message
            talk.replied_text = replied.text if replied else None
        action, *parts = (query.data or "").split(":")
        route = self.routes.get(("button", action))
        arguments = None if route is None else _arguments(route, parts)
        if route is None or arguments is None:
            said = refusals.stale(talk) if talk.actor.known else self._denied(talk)
            return self._render(talk, said, query)
        if talk.private:
            self._see_form(talk)
        elif not route.group:  # its screen would stand in the group for everybody to read
            return self._render(talk, refusals.private_first(), query)
        evidence.weigh(talk, query, self.wording.word)
        pressed = self._run(talk, route, *arguments)
        return self._render(
            talk, refusals.still_open(talk, pressed) if action == "home" else pressed, query
        )

    def _message(self, talk: Talk, message: Message, text: str) -> list[Act]:
        talk.text = text
        if text.startswith("/"):
            name, _space, rest = text[1:].partition(" ")
            name, _at, bot = name.lower().partition("@")
            route = self.routes.get(("command", name))
            if bot and bot != self.house.bot_username.lower():
                return []
            if route is not None:
                talk.text = rest.strip()
                return self._command(talk, route)
            if talk.private and talk.actor.known:  # never an answer to an open form
                return self._render(talk, refusals.unknown_command(talk, name), None)
        if not talk.private or not text:
            return []
        return self._render(talk, self._free_text(talk, text), None)

    def _command(self, talk: Talk, route: Route) -> list[Act]:
        if not talk.private and talk.actor.telegram_id in NO_PERSON:
            return self._render(
                talk, Say(_("Please post as yourself: I cannot see who you are.")), None
            )
        if not talk.private and not route.group:
            button = Button(_("Open private chat"), url=self.house.link(""))
            return self._render(
                talk, Say(_("This is for the private chat with me."), buttons=[[button]]), None
            )
        if talk.private:
            self._see_form(talk)
        return self._render(talk, refusals.still_open(talk, self._run(talk, route)), None)

    def _see_form(self, talk: Talk) -> None:
        """Which form is open, and what would be lost with it."""
        talk.draft = drafts.open_draft(talk.session, talk.actor.telegram_id, now=talk.now)
        if talk.draft is not None:
            form = self.routes.get(("answer", talk.draft.form))
            talk.unfinished = _("a file that was sent") if form is None else form.help

    def _free_text(self, talk: Talk, text: str) -> Say | None:
        self._see_form(talk)
        label = self.labels.get(text)
        if label is not None:  # a key below the typing field, not an answer to the form
            if not talk.actor.known:
                return self._left_over(talk)
            talk.text = ""
            talk.leave()
            return refusals.still_open(talk, self._run(talk, label))
        form = self.routes.get(("answer", talk.draft.form)) if talk.draft else None
        if form is not None:
            try:
                said = self._run(talk, form, refuses=False)
            except Refusal as refusal:
                return refusals.retype(talk, refusal)
            if said is not None and said.draft is None:
                talk.close()
            return said
        for pattern, route in self.typed:
            if pattern.fullmatch(text):
                return self._run(talk, route)
        return None

    def _document(self, talk: Talk, message: Message) -> list[Act]:
        """A file goes to the form that waits for one; a photo goes nowhere else."""
        talk.text = message.caption or ""
        self._see_form(talk)
        route = self.routes.get(("document", talk.draft.form)) if talk.draft else None
        sent: Document | PhotoSize | None = message.document
        name = file_name(message.document.file_name or "") if message.document else ""
        if sent is None:
            sent = message.photo[-1]  # the largest of its sizes
        elif route is None:
            route = self.routes.get(("document", "document"))
        if route is None:
            return []
        size, photo = sent.file_size or 0, message.document is None
        talk.document = Fetch("", sent.file_id, name, size, sent.file_unique_id, photo)
        return self._render(talk, self._run(talk, route), None)

    def _media(self, talk: Talk, message: Message) -> list[Act]:
        """What is heard or seen goes to the form that waits for such things, and nowhere else."""
        talk.text = message.caption or ""
        self._see_form(talk)
        route = self.routes.get(("media", talk.draft.form)) if talk.draft else None
        for kind, sent in (
            ("voice", message.voice),
            ("audio", message.audio),
            ("video", message.video),
        ):
            if route is not None and sent is not None:
                seconds = sent.duration
                lasts = int(seconds if isinstance(seconds, int) else seconds.total_seconds())
                name = file_name(getattr(sent, "file_name", None) or "")
                size, unique = sent.file_size or 0, sent.file_unique_id
                talk.document = Fetch("", sent.file_id, name, size, unique, False, kind, lasts)
                return self._render(talk, self._run(talk, route), None)
        return []

    def _membership(self, talk: Talk, update: Update) -> list[Act]:
        change = update.my_chat_member
        if change is None:
            return []
        name = _membership_event(change, private=talk.private)
        route = self.routes.get(("event", name))
        return [] if route is None else self._render(talk, self._run(talk, route), None)

    # -- running it ----------------------------------------------------------------------------

    def _check(self, talk: Talk, route: Route) -> bool:
        return may_somewhere(talk.actor, route.power)

    def _run(self, talk: Talk, route: Route, *arguments: Any, refuses: bool = True) -> Say | None:
        if not self._check(talk, route):
            return self._denied(talk, route)
        try:
            with talk.session.begin_nested():
                said: Say | None = route.run(talk, *arguments)
        except Refusal as refusal:
            if not refuses:
                raise
            return refusals.refused(talk, refusal)
        return said

    def _denied(self, talk: Talk, route: Route | None = None) -> Say | None:
        """Who is not let in yet is greeted; who is, learns only that this is not for them."""
        if talk.actor.known and route is not None:
            return refusals.not_yours(talk, route)
        if not talk.private:
            return refusals.private_first()
        greet = self.routes.get(("command", "start"))
        talk.text = ""
        said: Say | None = greet.run(talk) if greet else None
        return said

    def _left_over(self, talk: Talk) -> Say | None:
        """A key of somebody who is on no roll any more: it asks for nothing, and goes."""
        said = self._denied(talk)
        if said is not None and not said.buttons:
            said.keyboard = []
        return said

    def _render(self, talk: Talk, said: Say | None, query: CallbackQuery | None) -> list[Act]:
        if isinstance(said, Say) and said.draft is not None:
            refusals.note_replaced(talk, said)
            drafts.keep(talk.session, talk.actor.telegram_id, said.draft, now=talk.now)
        return acts.render(talk, said, query.id if query else None)


def _arguments(route: Route, parts: list[str]) -> list[int | str] | None:
    """The parts of a button's address as its handler wants them; None when they do not fit."""
    if len(parts) != len(route.arguments):
        return None
    values: list[int | str] = []
    for part, wanted in zip(parts, route.arguments, strict=True):
        if wanted is int:
            if not re.fullmatch(r"-?[0-9]{1,18}", part):
                return None
            values.append(int(part))
        else:
            values.append(part)
    return values


def _membership_event(change: ChatMemberUpdated, *, private: bool) -> str:
    """What a change of the bot's own membership means; "" when it means nothing to anybody."""
    old, new = change.old_chat_member, change.new_chat_member
    was, here = _is_in(old), _is_in(new)
    if private:
        return "" if was == here else "unblocked" if here else "blocked"
    if was != here:
        return "added" if here else "removed"
    return "silenced" if here and _is_silent(new) and not _is_silent(old) else ""


def _is_in(member: ChatMember) -> bool:
    if isinstance(member, ChatMemberRestricted):
        return member.is_member
    return member.status in (ChatMember.OWNER, ChatMember.ADMINISTRATOR, ChatMember.MEMBER)


def _is_silent(member: ChatMember) -> bool:
    return isinstance(member, ChatMemberRestricted) and not member.can_send_messages
