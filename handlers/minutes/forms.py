"""The organisation's own form of the minutes: taken as a Word file, changed, sent back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from handlers.kit import Ask, Button, Fetch, File, Say, Talk, answer, button, maker, upload
from handlers.meetings.showing import MANAGE
from handlers.roster.importing import problem
from handlers.text import Text, _
from storage import attendance, minutes
from storage.reading import FORM as WORD
from storage.reading import Read
from storage.roster import Unit

FORM = "minutes_form"
LIMIT_MB = 2


@button("minutes_forms", power="minutes.form")
def of_meeting(talk: Talk, meeting_id: int) -> Say:
    """[Form of minutes], from a meeting: that of its unit."""
    meeting = attendance.for_committee(talk.session, talk.actor, meeting_id)
    return one(talk, meeting.unit_id)


@button("minutes_form", power="minutes.form")
def one(talk: Talk, unit_id: int) -> Say:
    """Which form is in force; the next Word file that is sent becomes the unit's own."""
    unit, _form = minutes.form_desk(talk.session, talk.actor, unit_id)
    return _screen(talk, unit)


def _screen(talk: Talk, unit: Unit, *first: Text) -> Say:
    form = minutes.form_for(talk.session, unit)
    own = form is not None and form.unit_id == unit.id
    return Ask(
        FORM,
        *first,
        _("<b>FORM OF MINUTES</b> · {unit}", unit=unit.name),
        _("In use: the default form.")
        if form is None
        else _("In use: {name}.", name=form.name)
        if own
        else _("In use: {name}, of the unit above.", name=form.name),
        _("Take the form, change it in Word, and send the .docx file here (up to 2 MB)."),
        _("Keep the places in {{ }}; they are filled in with each meeting."),
        data={"unit": unit.id},
        buttons=[
            [
                Button(_("Take the form"), "minutes_form_take", unit.id),
                Button(_("Default form"), "minutes_form_drop", unit.id) if own else None,
            ],
            [MANAGE],
        ],
    )


@answer(FORM, power="minutes.form")
def typed(talk: Talk) -> Say:
    """Text where a file is wanted."""
    return one(talk, int(_waiting(talk).get("unit", 0)))


@button("minutes_form_take", power="minutes.form")
def take(talk: Talk, unit_id: int) -> Say:
    """[Take the form]: the one in force, as a Word file."""
    minutes.form_desk(talk.session, talk.actor, unit_id)
    files = [File("minutes_form", [unit_id], "mau-bien-ban.docx")]
    return Say(toast=_("The file is being made."), files=files)


@maker("minutes_form", power="minutes.form")
def form_file(talk: Talk, unit_id: int) -> Callable[[], bytes]:
    """The form in force, its places unfilled."""
    unit, form = minutes.form_desk(talk.session, talk.actor, unit_id)
    reader = talk.reader_of(unit.language or talk.house.language)
    content = form.content if form else None

    def build() -> bytes:
        from handlers.paper.form import default_form  # slow to load

        return content or default_form(reader)

    return build


@button("minutes_form_drop", power="minutes.form")
def drop(talk: Talk, unit_id: int) -> Say:
    """[Default form]; pressed twice, the same."""
    unit, _form = minutes.form_desk(talk.session, talk.actor, unit_id)
    minutes.drop_form(talk.session, talk.actor, unit_id, now=talk.now)
    return _screen(talk, unit, _("The unit's own form is no longer in use."))


# -- the file that is sent -----------------------------------------------------------------------


def expects(talk: Talk) -> bool:
    """Whether a Word file that comes now is meant as a form."""
    return "unit" in _waiting(talk)


def fetched_by(fetch: Fetch) -> Say:
    """The file is fetched and looked at, if it is not too large for a form."""
    if fetch.size > LIMIT_MB * 2**20:
        return Say(
            _("A form has at most {limit} MB. The form before stays.", limit=LIMIT_MB),
            buttons=[[MANAGE]],
        )
    found = Fetch(FORM, fetch.file_id, fetch.name, fetch.size)
    return Say(_("Checking {file} …", file=fetch.name), fetch=found)


@upload(FORM, power="minutes.form", tables=WORD)
def sent(talk: Talk, found: Read) -> Say:
    """The form is kept, or said to be none, and why."""
    unit_id = int(_waiting(talk).get("unit", 0))
    if found.problems or not unit_id:
        again = Button(_("Form of minutes"), "minutes_form", unit_id) if unit_id else None
        return Say(
            _("{file} cannot be used as a form. The form before stays.", file=found.name),
            *[problem(each) for each in found.problems[:3]],
            buttons=[[again], [MANAGE]],
        )
    form = minutes.keep_form(
        talk.session, talk.actor, unit_id, found.name, found.content, now=talk.now
    )
    unit, _now = minutes.form_desk(talk.session, talk.actor, form.unit_id)
    return _screen(talk, unit, _("The form is kept: the next minutes are made from it."))


def _waiting(talk: Talk) -> dict[str, Any]:
    return talk.draft.data if talk.draft is not None and talk.draft.form == FORM else {}
