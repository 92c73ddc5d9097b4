"""One person on the roll: shown, added, ended, given a new link (`correcting` changes a field)."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import Any

import segno

from handlers.kit import Ask, Button, File, Note, Say, Talk, answer, button, maker, notice
from handlers.roster.words import CHOICES, FIELDS, KINDS, REACH, ROLES, STANDINGS, dialled
from handlers.text import Day, Text, _
from storage import deputies, groups, joining, roster, roster_edit
from storage.errors import NotFound, Refusal
from storage.outbox import Class
from storage.powers import Role, may, may_somewhere
from storage.quiet import Quiet
from storage.reach import reach
from storage.roster import Kind, Person, Standing, Unit

# -- showing -----------------------------------------------------------------------------------


@button("member", power="roster.see")
def member(talk: Talk, person_id: int) -> Say:
    """What the roll knows of somebody, and what may be done."""
    talk.close("roster.find", "roster.edit")
    return card(talk, roster_edit.on_roll(talk.session, talk.actor, person_id, "roster.see"))


def card(talk: Talk, person: Person) -> Say:
    """The screen of one person."""
    unit = talk.session.get_one(Unit, person.unit_id)
    lineage = roster.unit_lineage(talk.session, unit.id)
    changes = may(talk.actor, "roster.change", lineage)
    links = joining.may_invite(talk.session, talk.actor, person, now=talk.now)
    names = may_somewhere(talk.actor, "deputy.name") and deputies.may_name(
        talk.session, talk.actor, person
    )
    ends = roster_edit.may_end(talk.session, talk.actor, person, today=talk.today)
    known = [
        _joined(
            _("{field}: {value}", field=FIELDS[name], value=said)
            for name in names
            if (said := shown(person, name)) is not None
        )
        for names in (("born", "residence"), ("joined", "official"), ("card", "phone"))
    ]
    roles = _joined(
        _("{role} · {unit}", role=ROLES[Role(each.role)], unit=_name(talk, each.unit_id))
        for each in roster_edit.roles_of(talk.session, person, today=talk.today)
    )
    return Say(
        _("<b>{name}</b> · {unit}", name=person.full_name, unit=unit.name),
        _(
            "{kind} · {reach}",
            kind=_standing(person),
            reach=REACH[reach(person)],
        ),
        roles,
        *known,
        buttons=[
            [
                Button(_("Edit"), "editmember", person.id) if changes else None,
                Button(_("New link"), "newlink", person.id) if links else None,
            ],
            [
                Button(_("Roles"), "roles", person.id)
                if may(talk.actor, "role.give", lineage)
                else None,
                Button(_("Off the roll"), "endmember", person.id) if ends else None,
            ],
            [
                Button(_("Who answers"), "deputies", person.id) if names else None,
                Button(_("Meetings record"), "attended", person.id)
                if may(talk.actor, "meeting.result", lineage)
                else None,
            ],
            [Button(_("‹ Roster"), "people", unit.id, 0)],
        ],
    )


def _standing(person: Person) -> Text:
    """ "chính thức"; and that they take no part, where they do not."""
    kind = KINDS[Kind(person.kind)]
    if person.standing == Standing.HERE:
        return kind
    return _("{line} · {more}", line=kind, more=STANDINGS[Standing(person.standing)])


def _joined(parts: Iterable[Text]) -> Text | None:
    """The parts on one line, so that the screen keeps within six; None when there are none."""
    line: Text | None = None
    for part in parts:
        line = part if line is None else _("{line} · {more}", line=line, more=part)
    return line


def shown(person: Person, field: str) -> Day | Text | str | None:
    """A field's value in words; None when it is empty."""
    if field in CHOICES:
        return CHOICES[field][getattr(person, field)]
    value = getattr(person, field)
    if field == "phone" and value:
        return dialled(value)
    if value is None or isinstance(value, str):
        return value or None
    return Day(value, dated=True)


def _name(talk: Talk, unit_id: int) -> str:
    return talk.session.get_one(Unit, unit_id).name


# -- adding ------------------------------------------------------------------------------------


@button("addmember", power="roster.change")
def add(talk: Talk, unit_id: int) -> Say:
    """Asks for the name."""
    unit = talk.session.get(Unit, unit_id)
    if unit is None or not may(
        talk.actor, "roster.change", roster.unit_lineage(talk.session, unit.id)
    ):
        raise NotFound
    return Ask(
        "roster.add",
        _("Full name of the new person on the roll of {unit}?", unit=unit.name),
        data={"unit": unit.id},
        buttons=[[Button(_("Cancel"), "people", unit.id, 0)]],
    )


@answer("roster.add", power="roster.change", about=_("a new person on the roll"))
def add_typed(talk: Talk) -> Say:
    """Shown back; only the button writes."""
    data = talk.draft.data if talk.draft else {}
    name = roster_edit.new_name(talk.text)
    unit = talk.session.get_one(Unit, data["unit"])
    return Ask(
        "roster.add",
        *(_there(unit, each) for each in roster_edit.namesakes(talk.session, unit, name)[:3]),
        _("Add {name} to the roll of {unit}?", name=name, unit=unit.name),
        data={**data, "name": name},
        buttons=[[Button(_("Yes"), "addyes"), Button(_("Cancel"), "people", unit.id, 0)]],
    )


def _there(unit: Unit, person: Person) -> Text:
    if person.born is None:
        return _("{unit} already has {name}.", unit=unit.name, name=person.full_name)
    year = str(person.born.year)
    return _(
        "{unit} already has {name} (born {year}).", unit=unit.name, name=person.full_name, year=year
    )


@button("addyes", power="roster.change")
def add_yes(talk: Talk) -> Say:
    """On the roll; what else is known comes by [Edit]."""
    data = form_of(talk, "roster.add", "name")
    unit_id, name = data["unit"], data["name"]
    person = roster_edit.add(talk.session, talk.actor, unit_id, name, now=talk.now)
    talk.close()
    return card(talk, person)


def form_of(talk: Talk, form: str, needed: str) -> dict[str, Any]:
    """What the open form holds; raises Refusal when it is not open any more."""
    draft = talk.draft
    if draft is None or draft.form != form or needed not in draft.data:
        raise Refusal("This was written or dropped already.")
    return draft.data


# -- ending ------------------------------------------------------------------------------------


@button("endmember", power="roster.change")
def end(talk: Talk, person_id: int) -> Say:
    """Asks again, and says how many it concerns."""
    person = roster_edit.on_roll(talk.session, talk.actor, person_id, "roster.change")
    return Say(
        _("Take 1 person off the roll: {name}?", name=person.full_name),
        _("Roles and links end today; what was recorded stays."),
        buttons=[
            [Button(_("Take 1 off"), "endyes", person.id)],
            [Button(_("Cancel"), "member", person.id)],
        ],
    )


@button("endyes", power="roster.change")
def end_yes(talk: Talk, person_id: int) -> Say:
    """Off the roll."""
    quiet = Quiet(talk.house.quiet_hours, talk.house.zone)
    person = roster_edit.end_member(
        talk.session, talk.actor, person_id, quiet=quiet, now=talk.now, today=talk.today
    )
    return Say(
        _("{name} is off the roll from today.", name=person.full_name),
        buttons=[[Button(_("‹ Roster"), "people", person.unit_id, 0)]],
    )


@notice(roster_edit.ENDED, power="join", klass=Class.ONCE, about=_("News of leaving the roll"))
def ended(note: Note) -> Say | None:
    """To who has left; the keys below the typing field go with it, but not those of an owner."""
    person = note.session.get(Person, note.subject_id)
    account = note.notice.account or 0
    if person is None or person.ended is None or roster.person_of(note.session, account):
        return None  # let in again under another entry
    if note.notice.facts["language"]:
        note.reader = note.house.reader(note.notice.facts["language"])
    branch = groups.branch_of(note.session, person.unit_id, today=note.today)
    return Say(
        _(
            "You are no longer on the roll of {unit}; if this seems wrong, please ask the"
            " committee.",
            unit=branch.name,
        ),
        keyboard=[] if account != note.house.owner_id else None,
    )


# -- links -------------------------------------------------------------------------------------


@button("newlink", power="roster.change")
def new_link(talk: Talk, person_id: int) -> Say:
    """A personal link and its QR; the older ones stop working."""
    person = roster_edit.on_roll(talk.session, talk.actor, person_id, "roster.change")
    code = joining.invite(talk.session, talk.actor, person.id, now=talk.now)
    moves = _("Whoever confirms it takes over from the account linked now.")
    whose = _("Link for {name} alone, until {day}.", name=person.full_name, day=_until(talk))
    return Say(
        _(
            "Link for {name} alone, works once until {day}:",
            name=person.full_name,
            day=_until(talk),
        ),
        talk.house.link(code),
        _("Older links of this person no longer work."),
        moves if person.telegram_id is not None else None,
        buttons=[[Button(_("‹ Back"), "member", person.id)]],
        files=[File("qr", (code,), "lien-ket.png", shown=True, caption=whose)],
        kept=False,  # the code stands nowhere but in this message
    )


def _until(talk: Talk) -> Day:
    return Day((talk.local + joining.VALID_FOR).date())


@maker("qr", power="roster.change")
def qr(talk: Talk, code: str) -> Callable[[], bytes]:
    """The link as a picture to be photographed from the screen."""
    link = talk.house.link(code)

    def draw() -> bytes:
        picture = io.BytesIO()
        segno.make(link, micro=False).save(picture, kind="png", scale=8)
        return picture.getvalue()

    return draw
