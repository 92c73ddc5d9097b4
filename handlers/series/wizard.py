"""Beginning and changing a series: what the form is told by presses and by typing."""

from __future__ import annotations

import re

from handlers.kit import Say, Talk, answer, button
from handlers.meetings.form import kind_named
from handlers.series.form import (
    FORM,
    Form,
    form_of,
    free_kinds,
    new_form,
    open_form,
    plan,
    take_rule,
)
from handlers.series.keeping import listing, one_series
from handlers.series.steps import ask_number, ask_weekday, choose_edit, proceed
from handlers.text import _
from storage import meetings, series
from storage.errors import NotFound
from storage.powers import units_with
from storage.series import LAST, Shift

ASKED = ("day", "time", "place", "quarter")


@button("series_new", power="meeting.create")
def begin(talk: Talk) -> Say:
    """[New schedule]: opens the form."""
    form = new_form()
    units = units_with(talk.actor, "meeting.create")
    if len(units) == 1:
        form.unit = units[0]
    return proceed(talk, form)


@button("series_change", power="meeting.create")
def change(talk: Talk, series_id: int) -> Say:
    """[Change schedule]: the form again, filled with what it is."""
    row = series.managed(talk.session, talk.actor, series_id)
    if row.ended_at is not None:
        return one_series(talk, row)
    return proceed(talk, form_of(row))


@answer(FORM, power="meeting.create", about=_("a schedule of meetings"))
def typed(talk: Talk) -> Say:
    """Typed text answers whatever the form waits for."""
    form = open_form(talk)
    if form is None:
        return begin(talk)
    if form.unit is None or (form.quarterly and form.quarter is None):
        return proceed(talk, form, _("Please choose one of these."))
    if form.kind is None:
        kind = kind_named(talk, talk.text, free_kinds(talk, form.unit))
        if kind is None:
            return proceed(talk, form, _("Please choose one of these."))
        form.kind = kind.value
        return proceed(talk, form)
    known = form.dated and form.time is not None
    if form.again == "place" or (known and form.place is None and form.again is None):
        form.place, form.again = meetings.check_place(talk.text), None
        return proceed(talk, form)
    return proceed(talk, form, take_rule(form, talk.text))


# -- presses -----------------------------------------------------------------------------------


@button("series_unit", power="meeting.create")
def unit_chosen(talk: Talk, token: str, unit_id: int) -> Say:
    """One of the units in which they act."""
    if unit_id not in units_with(talk.actor, "meeting.create"):
        raise NotFound
    form = open_form(talk, token)
    if form is None:
        return closed(talk, token)
    form.unit = unit_id
    return proceed(talk, form)


@button("series_kind", power="meeting.create")
def kind_chosen(talk: Talk, token: str, kind: str) -> Say:
    """[Regular meeting] and so on."""
    form = open_form(talk, token)
    if form is None or form.unit is None or kind not in free_kinds(talk, form.unit):
        return closed(talk, token)
    form.kind = kind
    return proceed(talk, form)


@button("series_quarter", power="meeting.create")
def quarter_chosen(talk: Talk, token: str, number: int) -> Say:
    """A month of the quarter."""
    form = open_form(talk, token)
    if form is None or number not in (1, 2, 3):
        return closed(talk, token)
    form.quarter = number
    return _answered(talk, form)


@button("series_days", power="meeting.create")
def days(talk: Talk, token: str) -> Say:
    """[Day of the month]."""
    form = open_form(talk, token)
    return closed(talk, token) if form is None else ask_number(talk, form)


@button("series_day", power="meeting.create")
def day_chosen(talk: Talk, token: str, number: int) -> Say:
    """The number of a day."""
    form = open_form(talk, token)
    if form is None or not 1 <= number <= 31:
        return closed(talk, token)
    form.on_day(day=number)
    return _answered(talk, form)


@button("series_weekdays", power="meeting.create")
def weekdays(talk: Talk, token: str) -> Say:
    """[Day of the week]."""
    form = open_form(talk, token)
    return closed(talk, token) if form is None else ask_weekday(talk, form)


@button("series_weekday", power="meeting.create")
def weekday_chosen(talk: Talk, token: str, number: int) -> Say:
    """A day of the week; which of those in a month is asked next."""
    form = open_form(talk, token)
    if form is None or number not in range(7):
        return closed(talk, token)
    form.on_day(weekday=number)
    return _answered(talk, form)


@button("series_nth", power="meeting.create")
def nth_chosen(talk: Talk, token: str, number: int) -> Say:
    """Which of these weekdays: the first to the fourth, or 5 for the last."""
    form = open_form(talk, token)
    if form is None or form.weekday is None or number not in range(1, 6):
        return closed(talk, token)
    form.nth = LAST if number == 5 else number
    return _answered(talk, form)


@button("series_time", power="meeting.create")
def time_chosen(talk: Talk, token: str, clock: str) -> Say:
    """A time of day, "1930"."""
    form = open_form(talk, token)
    if form is None or not re.fullmatch(r"([01][0-9]|2[0-3])[0-5][0-9]", clock):
        return closed(talk, token)
    form.time = f"{clock[:2]}:{clock[2:]}"
    return _answered(talk, form)


@button("series_place", power="meeting.create")
def place_chosen(talk: Talk, token: str, meeting_id: int) -> Say:
    """The place of an earlier meeting."""
    form = open_form(talk, token)
    if form is None:
        return closed(talk, token)
    form.place = meetings.managed(talk.session, talk.actor, meeting_id).place
    return _answered(talk, form)


@button("series_shift", power="meeting.create")
def shift(talk: Talk, token: str) -> Say:
    """[On a holiday]: the next of the three answers; the days above say what comes of it."""
    form = open_form(talk, token)
    if form is None:
        return closed(talk, token)
    choices = [each.value for each in Shift]
    form.shift = choices[(choices.index(form.shift) + 1) % len(choices)]
    return proceed(talk, form)


@button("series_edit", power="meeting.create")
def edit(talk: Talk, token: str) -> Say:
    """[Edit]: asks what."""
    form = open_form(talk, token)
    return closed(talk, token) if form is None else choose_edit(talk, form)


@button("series_redo", power="meeting.create")
def redo(talk: Talk, token: str, what: str) -> Say:
    """Asks for one answer again; what is known is kept until there is another."""
    form = open_form(talk, token)
    if form is None:
        return closed(talk, token)
    form.again = what if what in ASKED and plan(form) is not None else None
    return proceed(talk, form)


# -- what it becomes ---------------------------------------------------------------------------


@button("series_save", power="meeting.create")
def save(talk: Talk, token: str) -> Say:
    """[Yes, keep it], [Yes, change it]: nobody is told yet."""
    form = open_form(talk, token)
    wanted = None if form is None else plan(form)
    if form is None or wanted is None:
        return closed(talk, token)
    session, actor, quiet = talk.session, talk.actor, talk.house.quiet
    if form.series is None:
        row = series.start(session, actor, wanted, token=token, quiet=quiet, now=talk.now)
    else:
        row = series.change(
            session,
            actor,
            form.series,
            wanted,
            revision=form.revision,
            quiet=quiet,
            now=talk.now,
        )
    talk.close()
    return one_series(talk, row, _("Kept. Nobody has been told yet."))


def closed(talk: Talk, token: str) -> Say:
    """What became of a form that is no longer open."""
    row = series.of_token(talk.session, talk.actor, token)
    if row is not None:
        return one_series(talk, row)
    return listing(talk, _("This form is closed; this button has changed nothing."))


def _answered(talk: Talk, form: Form) -> Say:
    form.again = None
    return proceed(talk, form)
