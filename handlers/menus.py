"""Telegram's menu of commands: which commands it shows, and to whom.

Everybody's menus are set when the bot starts (`bot/menus.py`); an account's own is a notice to it,
owed whenever a role is given or taken or a language is chosen (`storage/menus.py`).
"""

from __future__ import annotations

from collections.abc import Iterable

from handlers.dispatch import Conversation
from handlers.kit import Commands, Note, notice
from handlers.text import Reader, _
from storage import roster, speakers
from storage.outbox import Class
from storage.powers import may_somewhere

# The order in which people look for things; /manage and /inbox stand where /tasks stood.
MEMBER = ("meetings", "study", "ask", "me", "tasks", "suggest", "settings", "help")
COMMITTEE = ("meetings", "study", "ask", "me", "manage", "inbox", "settings", "help")
OWNER = ("manage", "roster", "settings", "help")  # of an owner on no roll
GROUP = ("checkin", "meetings", "ask", "help")


def described(
    conversation: Conversation, names: Iterable[str], language: str
) -> list[tuple[str, str]]:
    """The commands as they are called in a language, each with its meaning."""
    reader = Reader(language, profile=conversation.house.profile)
    found: list[tuple[str, str]] = []
    for name in names:
        route = conversation.routes.get(("command", name))
        if route is not None and (meaning := route.help or route.label) is not None:
            called = route.vi if language == "vi" and route.vi else route.name
            found.append((called, reader.plain(meaning)))
    return found


@notice("menu", power="join", klass=Class.IDEMPOTENT, about=_("Menu of commands"))
def own_menu(note: Note) -> Commands:
    """The account's own menu: a committee member's, an owner's, or one in a chosen language.

    Everybody else has the one that Telegram shows by the language of their telephone.
    """
    actor = speakers.who(note.session, note.notice.account or 0, today=note.today, owner=False)
    if may_somewhere(actor, "inbox"):
        return Commands(COMMITTEE)
    if actor.person_id is None:
        return Commands(OWNER if note.notice.account == note.house.owner_id else ())
    person = note.session.get_one(roster.Person, actor.person_id)
    return Commands(MEMBER if person.language is not None and actor.known else ())
