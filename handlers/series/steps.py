"""The screens of the form: one question each, answered by a press or by typing."""

from __future__ import annotations

from handlers.kit import Ask, Button, Talk
from handlers.meetings.form import COMMON_TIMES, WEEKDAYS
from handlers.meetings.showing import KINDS, short
from handlers.meetings.steps import place_label
from handlers.series.form import Form, free_kinds, plan
from handlers.series.showing import SHIFTS, date_line, head_line, nth_label, plan_line
from handlers.text import Text, Words, _
from storage import meetings, roster, series
from storage.folding import fold
from storage.meetings import Meeting
from storage.powers import units_with
from storage.series import LAST, Plan, Shift

PLACES = 4
WEEK = 7  # days in a row of numbers
QUARTER_LABELS = {1: _("First month"), 2: _("Second month"), 3: _("Last month")}

Rows = list[list[Button | None]]


def proceed(talk: Talk, form: Form, problem: Words | None = None) -> Ask:
    """The next question: the first thing that is not known yet; then the echo of it all."""
    if form.unit is None:
        return _ask_unit(talk, form, problem)
    if form.kind is None:
        return _ask_kind(talk, form, problem)
    if form.quarterly and (form.quarter is None or form.again == "quarter"):
        return _ask_quarter(talk, form, problem)
    if form.weekday is not None and form.nth is None:
        return _ask_nth(talk, form, problem)
    if not form.dated or form.again == "day":
        return _ask_day(talk, form, problem)
    if form.time is None or form.again == "time":
        return _ask_time(talk, form, problem)
    if form.place is None or form.again == "place":
        return _ask_place(talk, form, problem)
    found = plan(form)
    return _ask_day(talk, form, problem) if found is None else _echo(talk, form, found, problem)


def _head(talk: Talk, form: Form) -> Text:
    unit = talk.session.get_one(roster.Unit, form.unit).name if form.unit else ""
    if form.kind is None:
        return _("New schedule · {unit}", unit=unit)
    return head_line(form.kind, unit)


def _end(form: Form) -> list[Button | None]:
    """The last row: back to the echo where something is asked again, and out."""
    if plan(form) is None:
        return [form.way_out]
    return [Button(_("‹ Review"), "series_redo", form.token, "nothing"), form.way_out]


def _ask_unit(talk: Talk, form: Form, problem: Words | None) -> Ask:
    units = units_with(talk.actor, "meeting.create")
    rows: Rows = [
        [
            Button(
                short(talk.session.get_one(roster.Unit, each).name),
                "series_unit",
                form.token,
                each,
            )
        ]
        for each in units
    ]
    return form.ask(problem, _("A meeting of which unit?"), buttons=[*rows, [form.way_out]])


def _ask_kind(talk: Talk, form: Form, problem: Words | None) -> Ask:
    kinds: list[Button | None] = [
        Button(KINDS[kind], "series_kind", form.token, kind.value)
        for kind in free_kinds(talk, form.unit or 0)
    ]
    question = _("What kind of meeting?") if kinds else _("Each kind has its schedule already.")
    return form.ask(
        problem, _head(talk, form), question, buttons=[kinds[:2], kinds[2:], [form.way_out]]
    )


def _ask_quarter(talk: Talk, form: Form, problem: Words | None) -> Ask:
    months: list[Button | None] = [
        Button(label, "series_quarter", form.token, number)
        for number, label in QUARTER_LABELS.items()
    ]
    return form.ask(
        problem,
        _head(talk, form),
        _("In which month of each quarter?"),
        buttons=[months[:2], months[2:], _end(form)],
    )


def _ask_day(talk: Talk, form: Form, problem: Words | None) -> Ask:
    return form.ask(
        problem,
        _head(talk, form),
        _("Which day? Press, or type it like: day 3 19h30, first Thursday 19h30."),
        buttons=[
            [
                Button(_("Day of the month"), "series_days", form.token),
                Button(_("Day of the week"), "series_weekdays", form.token),
            ],
            _end(form),
        ],
    )


def ask_number(talk: Talk, form: Form) -> Ask:
    """The days of a month to press."""
    days: list[Button | None] = [
        Button(str(day), "series_day", form.token, day) for day in range(1, 32)
    ]
    back = Button(_("‹ Back"), "series_redo", form.token, "day")
    return form.ask(
        _head(talk, form),
        _("Which day? 29 to 31: the last day where the month is shorter."),
        buttons=[*(days[at : at + WEEK] for at in range(0, 31, WEEK)), [back, form.way_out]],
    )


def ask_weekday(talk: Talk, form: Form) -> Ask:
    """The days of the week to press."""
    days: list[Button | None] = [
        Button(label, "series_weekday", form.token, number) for number, label in enumerate(WEEKDAYS)
    ]
    back = Button(_("‹ Back"), "series_redo", form.token, "day")
    return form.ask(
        _head(talk, form),
        _("Which day of the week?"),
        buttons=[*(days[at : at + 2] for at in range(0, WEEK, 2)), [back, form.way_out]],
    )


def _ask_nth(talk: Talk, form: Form, problem: Words | None) -> Ask:
    weekday = WEEKDAYS[form.weekday or 0]
    numbers: list[Button | None] = [
        Button(nth_label(each), "series_nth", form.token, number)
        for number, each in enumerate((1, 2, 3, 4, LAST), start=1)
    ]
    back = Button(_("‹ Back"), "series_weekdays", form.token)
    return form.ask(
        problem,
        _head(talk, form),
        _("Which {weekday} of the month?", weekday=weekday),
        buttons=[numbers[:1] + numbers[4:], numbers[1:3], numbers[3:4], [back, form.way_out]],
    )


def _ask_time(talk: Talk, form: Form, problem: Words | None) -> Ask:
    clocks: list[Button | None] = [
        Button(clock, "series_time", form.token, clock.replace(":", "")) for clock in COMMON_TIMES
    ]
    return form.ask(
        problem,
        _head(talk, form),
        _("At what time? Press one, or type it like: 19h30."),
        buttons=[clocks[:3], clocks[3:6], clocks[6:], _end(form)],
    )


def _ask_place(talk: Talk, form: Form, problem: Words | None) -> Ask:
    places: dict[str, Meeting] = {}
    for each in meetings.latest(talk.session, form.unit or 0):
        places.setdefault(fold(each.place), each)
    rows: Rows = [
        [Button(place_label(each.place), "series_place", form.token, each.id)]
        for each in list(places.values())[:PLACES]
    ]
    return form.ask(
        problem,
        _head(talk, form),
        _("Where? Press one, or type the place.") if rows else _("Where? Type the place."),
        buttons=[*rows, _end(form)],
    )


def _echo(talk: Talk, form: Form, found: Plan, problem: Words | None) -> Ask:
    """Everything in full with the next three days; only a press keeps it."""
    zone = series.zone_of(talk.session, found.unit_id, talk.house.quiet)
    dates = series.next_dates(found, zone=zone, now=talk.now)
    keep = _("Yes, keep it") if form.series is None else _("Yes, change it")
    return form.ask(
        problem,
        _head(talk, form),
        plan_line(found),
        *(date_line(each, zone) for each in dates),
        SHIFTS[Shift(form.shift)],
        _("What people have been told of stays as it is.") if form.series is not None else None,
        buttons=[
            [Button(keep, "series_save", form.token)],
            [
                Button(_("On a holiday"), "series_shift", form.token),
                Button(_("Edit"), "series_edit", form.token),
            ],
            [form.way_out],
        ],
    )


def choose_edit(talk: Talk, form: Form) -> Ask:
    """What is to be changed."""
    quarter = Button(_("Month of quarter"), "series_redo", form.token, "quarter")
    found = plan(form)
    return form.ask(
        _head(talk, form),
        None if found is None else plan_line(found),
        _("What is to be changed?"),
        buttons=[
            [
                Button(_("Day"), "series_redo", form.token, "day"),
                Button(_("Time"), "series_redo", form.token, "time"),
            ],
            [
                Button(_("Place"), "series_redo", form.token, "place"),
                quarter if form.quarterly else None,
            ],
            _end(form),
        ],
    )
