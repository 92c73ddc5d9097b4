"""Telegram groups: the bot arrives, is linked to a unit, leaves or is silenced."""

from __future__ import annotations

from handlers.kit import Button, Note, Say, Talk, button, command, event, notice
from handlers.paging import Page
from handlers.text import _
from storage import group_news, groups, roster
from storage.groups import Group
from storage.outbox import Class
from storage.roster import Unit


@event("added")
def added(talk: Talk) -> Say:
    """The bot is in a group: whose is it?"""
    group = groups.joined(talk.session, talk.chat_id)
    if group.unit_id is not None:
        return _linked(talk, group)
    return _ask_which(talk, 0)


@command("link", vi="lienket", power="group.link", help=_("Whose group is this?"), group=True)
def link(talk: Talk) -> Say:
    """Links the group at once when there is but one unit that the speaker may link."""
    if talk.private:
        return Say(
            _("Give this command in the group itself: add me there and type /link."),
            buttons=[[Button(_("‹ Home"), "home")]],
        )
    units = groups.linkable(talk.session, talk.actor)
    if len(units) != 1:
        return _ask_which(talk, 0)
    return link_group(talk, units[0].id)


def _ask_which(talk: Talk, number: int) -> Say:
    page = Page.of(groups.linkable(talk.session, talk.actor), number)
    if not page.items:
        return Say(
            _("Whose group is this? A committee member can tell me with /link."),
            buttons=[[_declare(talk)]],
        )
    offered = [Button(each.name, "linkgroup", each.id) for each in page.items]
    return Say(
        _("Whose group is this?"),
        buttons=[
            *(offered[start : start + 2] for start in range(0, len(offered), 2)),
            page.turn("linkpage"),
        ],
    )


@button("linkpage", power="group.link", group=True)
def link_page(talk: Talk, number: int) -> Say:
    """Turns the page of units."""
    return _ask_which(talk, number)


@button("linkgroup", power="group.link", group=True)
def link_group(talk: Talk, unit_id: int) -> Say:
    """The group belongs to this unit from now on."""
    group = groups.link(talk.session, talk.actor, talk.chat_id, unit_id, now=talk.now)
    return _linked(talk, group)


def _linked(talk: Talk, group: Group) -> Say:
    unit = talk.session.get_one(Unit, group.unit_id)
    return Say(
        _("This is the group of {unit}.", unit=unit.name),
        _("Members: please press the button and then Start, so that I can write to you."),
        buttons=[[_declare(talk)]],
    )


def _declare(talk: Talk) -> Button:
    return Button(_("Declare"), url=talk.house.link(""))


# -- leaving -----------------------------------------------------------------------------------


@event("removed")
def removed(talk: Talk) -> None:
    """The bot was put out of the group; the unit's committee hears of it once, in private."""
    groups.removed(talk.session, talk.chat_id, now=talk.now)
    _tell(talk, "group.removed")


@event("silenced")
def silenced(talk: Talk) -> None:
    """The bot may no longer write in the group."""
    _tell(talk, "group.silenced")


def _tell(talk: Talk, kind: str) -> None:
    house = talk.house
    group_news.tell(
        talk.session,
        talk.chat_id,
        kind,
        owner_id=house.owner_id,
        quiet_hours=house.quiet_hours,
        zone=house.zone,
        now=talk.now,
    )


@notice(
    "group.removed", power="manage", klass=Class.ONCE, about=_("The bot was removed from a group")
)
def removed_notice(note: Note) -> Say | None:
    """Nothing is lost; nothing can be posted either."""
    group = note.session.get(Group, note.subject_id)
    if group is None or group.left_at is None:
        return None
    return Say(
        _("I was removed from the group of {unit}.", unit=_unit_of(note, group)),
        _("Attendance and notices will not appear there. To bring me back, add me to the group."),
        buttons=[[Button(_("‹ Home"), "home")]],
    )


@notice(
    "group.silenced", power="manage", klass=Class.ONCE, about=_("The bot was silenced in a group")
)
def silenced_notice(note: Note) -> Say | None:
    """The same for a bot that may only read."""
    group = note.session.get(Group, note.subject_id)
    if group is None or group.left_at is not None:
        return None
    return Say(
        _("I may no longer write in the group of {unit}.", unit=_unit_of(note, group)),
        _("An administrator of the group can allow it again in the group's permissions."),
        buttons=[[Button(_("‹ Home"), "home")]],
    )


def _unit_of(note: Note, group: Group) -> str:
    return note.session.get_one(roster.Unit, group.unit_id).name
