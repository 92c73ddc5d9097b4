"""The roll of a unit, by given name, a page at a time."""

from __future__ import annotations

from handlers.kit import Ask, Button, Say, Talk, answer, button, command
from handlers.paging import Page
from handlers.roster.words import REACH
from handlers.text import Text, _
from storage import roster, roster_edit
from storage.errors import NotFound
from storage.powers import may
from storage.reach import reach
from storage.roster import Person, Unit, lineage_ids

MANAGE = Button(_("‹ Manage"), "manage")


@command("roster", vi="danhsach", power="roster.see", help=_("Roster"))
@button("roster", power="roster.see")
def rosters(talk: Talk) -> Say:
    """Straight to the roll for whoever has but one."""
    talk.leave()
    return choose(talk, 0)


@button("rolls", power="roster.see")
def choose(talk: Talk, number: int) -> Say:
    """Which roll? Only for those who reach several that are not below each other."""
    tops = _tops(roster_edit.rolls(talk.session, talk.actor, "roster.see"))
    if not tops:
        return Say(
            _("There is no roll yet. Send me the file of members (.xlsx or .csv)."),
            buttons=[[MANAGE]],
        )
    if len(tops) == 1:
        return people(talk, tops[0].id, 0)
    page = Page.of(tops, number)
    return Say(
        _("Which roll?"),
        *_numbered([each.name for each in page.items], page.first),
        buttons=[
            *page.digits("people", *((each.id, 0) for each in page.items)),
            page.turn("rolls"),
            [MANAGE],
        ],
    )


@button("people", power="roster.see")
def people(talk: Talk, unit_id: int, number: int) -> Say:
    """A page of the roll: name, and how each can be reached."""
    talk.close("roster.find", "roster.add")
    unit = roll(talk, unit_id)
    return _page(talk, unit, roster.members(talk.session, unit), number, search="")


@button("findmember", power="roster.see")
def find(talk: Talk, unit_id: int) -> Say:
    """Asks for a name."""
    unit = roll(talk, unit_id)
    return Ask(
        "roster.find",
        _("Type a name or a part of it, accents or not."),
        data={"unit": unit.id},
        buttons=[[Button(_("‹ Back"), "people", unit.id, 0)]],
    )


@answer("roster.find", power="roster.see")
def found(talk: Talk) -> Say:
    """Those whose name fits."""
    unit = roll(talk, talk.draft.data["unit"] if talk.draft else 0)
    return _page(
        talk, unit, roster_edit.named(talk.session, unit, talk.text), 0, search=talk.text[:40]
    )


def _page(talk: Talk, unit: Unit, everybody: list[Person], number: int, *, search: str) -> Say:
    page = Page.of(everybody, number)
    shown = [
        _("{name} · {reach}", name=each.full_name, reach=REACH[reach(each)]) for each in page.items
    ]
    changes = may(talk.actor, "roster.change", lineage_ids(unit.lineage))
    if search:
        title = _("“{search}” · {count} found", search=search, count=len(everybody))
        turn: list[Button | None] = [Button(_("‹ Back"), "people", unit.id, 0)]
    else:
        title = _("ROLL OF {unit} · {count} people", unit=unit.name, count=len(everybody))
        turn = page.turn("people", unit.id)
    return Say(
        title,
        *_numbered(shown, page.first),
        buttons=[
            *page.digits("member", *((each.id,) for each in page.items)),
            turn,
            [
                Button(_("Add"), "addmember", unit.id) if changes else None,
                Button(_("Find"), "findmember", unit.id),
            ],
            [MANAGE],
        ],
    )


def roll(talk: Talk, unit_id: int) -> Unit:
    """A unit whose roll the speaker may see; raises NotFound."""
    unit = talk.session.get(Unit, unit_id)
    if unit is None or not may(talk.actor, "roster.see", lineage_ids(unit.lineage)):
        raise NotFound
    return unit


def _numbered(lines: list[Text] | list[str], first: int) -> list[Text]:
    return [_("{n}. {line}", n=str(first + place), line=line) for place, line in enumerate(lines)]


def _tops(units: list[Unit]) -> list[Unit]:
    """Those that are below no other of them."""
    ids = {each.id for each in units}
    return [each for each in units if not ids.intersection(lineage_ids(each.lineage)[:-1])]
