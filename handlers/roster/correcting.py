"""Correcting one field of somebody on the roll: chosen where it has few values, else typed.

What is typed is shown back in full first; only the button writes.
"""

from __future__ import annotations

from datetime import date

from handlers.kit import Ask, Button, Say, Talk, answer, button
from handlers.paging import Page
from handlers.roster.members import card, form_of, shown
from handlers.roster.words import CHOICES, FIELDS, dialled
from handlers.text import Day, Text, Words, _
from storage import roster_edit
from storage.errors import NotFound
from storage.quiet import Quiet
from storage.roster import Person


def _question(field: str, name: str) -> Text:
    if field == "kind":
        return _("Which kind is {name}?", name=name)
    return _("Does {name} take part here? Who does not is not convened.", name=name)


@button("editmember", power="roster.change")
def edit(talk: Talk, person_id: int) -> Say:
    """Which field?"""
    talk.close("roster.edit")
    person = roster_edit.on_roll(talk.session, talk.actor, person_id, "roster.change")
    fields = [Button(label, "editfield", person.id, name) for name, label in FIELDS.items()]
    return Say(
        _("What shall be corrected for {name}?", name=person.full_name),
        buttons=[
            *(fields[start : start + 2] for start in range(0, len(fields), 2)),
            [Button(_("‹ Back"), "member", person.id)],
        ],
    )


@button("editfield", power="roster.change")
def edit_field(talk: Talk, person_id: int, field: str) -> Say:
    """What has few values is chosen, everything else is typed."""
    person = roster_edit.on_roll(talk.session, talk.actor, person_id, "roster.change")
    back = [Button(_("‹ Back"), "editmember", person.id)]
    if field == "unit":
        return choose_unit(talk, person.id, 0)
    if field in CHOICES:
        takes = [
            Button(label, f"set{field}", person.id, value)
            for value, label in CHOICES[field].items()
        ]
        rows = [takes[start : start + 2] for start in range(0, len(takes), 2)]
        return Say(_question(field, person.full_name), buttons=[*rows, back])
    if field not in FIELDS:
        raise NotFound
    return Ask(
        "roster.edit",
        _(
            "{field} of {name}: {value}",
            field=FIELDS[field],
            name=person.full_name,
            value=_now(person, field),
        ),
        _("Type the new value."),
        data={"person": person.id, "field": field},
        buttons=[back],
    )


def _now(person: Person, field: str) -> Words | Day:
    return shown(person, field) or _("empty")


@answer("roster.edit", power="roster.change", about=_("a correction to the roll"))
def edit_typed(talk: Talk) -> Say:
    """Shown back in full; only the button writes."""
    data = talk.draft.data if talk.draft else {}
    person = roster_edit.on_roll(talk.session, talk.actor, data["person"], "roster.change")
    value = roster_edit.meaning(data["field"], talk.text, today=talk.today)
    return Ask(
        "roster.edit",
        _(
            "{field} of {name} becomes: {value}",
            field=FIELDS[data["field"]],
            name=person.full_name,
            value=_read(data["field"], value),
        ),
        data={**data, "text": talk.text},
        buttons=[[Button(_("Yes"), "edityes"), Button(_("Cancel"), "member", person.id)]],
    )


def _read(field: str, value: object) -> Day | str:
    """What was understood, as it is shown later."""
    if isinstance(value, date):
        return Day(value)
    return dialled(str(value)) if field == "phone" else str(value)


@button("edityes", power="roster.change")
def edit_yes(talk: Talk) -> Say:
    """Corrected."""
    data = form_of(talk, "roster.edit", "text")
    person = _corrected(talk, data["person"], data["field"], data["text"])
    talk.close()
    return card(talk, person)


@button("setkind", power="roster.change")
def set_kind(talk: Talk, person_id: int, kind: str) -> Say:
    """Another kind of member."""
    return card(talk, _corrected(talk, person_id, "kind", kind))


@button("setstanding", power="roster.change")
def set_standing(talk: Talk, person_id: int, standing: str) -> Say:
    """Whether they take part here: who does not is not convened."""
    return card(talk, _corrected(talk, person_id, "standing", standing))


def _corrected(talk: Talk, person_id: int, field: str, text: str) -> Person:
    quiet = Quiet(talk.house.quiet_hours, talk.house.zone)
    return roster_edit.correct(
        talk.session,
        talk.actor,
        person_id,
        field,
        text,
        quiet=quiet,
        now=talk.now,
        today=talk.today,
    )


@button("chooseunit", power="roster.change")
def choose_unit(talk: Talk, person_id: int, number: int) -> Say:
    """To which unit?"""
    person = roster_edit.on_roll(talk.session, talk.actor, person_id, "roster.change")
    page = Page.of(roster_edit.rolls(talk.session, talk.actor, "roster.change"), number)
    return Say(
        _("To which unit does {name} belong?", name=person.full_name),
        *(
            _("{n}. {line}", n=str(page.first + place), line=each.name)
            for place, each in enumerate(page.items)
        ),
        buttons=[
            *page.digits("moveunit", *((person.id, each.id) for each in page.items)),
            page.turn("chooseunit", person.id),
            [Button(_("‹ Back"), "editmember", person.id)],
        ],
    )


@button("moveunit", power="roster.change")
def move_unit(talk: Talk, person_id: int, unit_id: int) -> Say:
    """Moved."""
    quiet = Quiet(talk.house.quiet_hours, talk.house.zone)
    person = roster_edit.move(
        talk.session, talk.actor, person_id, unit_id, quiet=quiet, now=talk.now
    )
    return card(talk, person)
