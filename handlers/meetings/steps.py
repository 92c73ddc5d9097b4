"""The screens of the form: one question each, answered by a press or by typing."""

from __future__ import annotations

from datetime import date, timedelta

from handlers.dates import month_grid
from handlers.kit import Ask, Button, Talk
from handlers.meetings.form import (
    Form,
    is_far,
    likely_days,
    likely_places,
    likely_times,
    moment,
    today,
)
from handlers.meetings.showing import KINDS, LABEL_LIMIT, at, short
from handlers.paging import Page
from handlers.text import Day, Text, Words, _, cut, n_, squeezed
from storage import meetings, roster
from storage.meetings import MeetingKind
from storage.powers import units_with
from storage.reach import Reach, reach

HORIZON = timedelta(days=366)
CHOICES = 6  # units on a page
NAMES_LIMIT = 200  # letters of the names of units in a line
WEEKDAYS = (
    _("Mon {day}"),
    _("Tue {day}"),
    _("Wed {day}"),
    _("Thu {day}"),
    _("Fri {day}"),
    _("Sat {day}"),
    _("Sun {day}"),
)
SHORTEST = (_("Mo"), _("Tu"), _("We"), _("Th"), _("Fr"), _("Sa"), _("Su"))

Rows = list[list[Button | None]]


def proceed(talk: Talk, form: Form, problem: Words | None = None) -> Ask:
    """The next question: the first thing that is not known yet; then the preview."""
    if form.unit is None:
        return ask_unit(talk, form, problem)
    if form.kind is None:
        return ask_kind(talk, form, problem)
    if form.again == "kind":
        return ask_kind(talk, form, problem)
    if form.unsure and problem is None:
        return confirm(talk, form)
    if form.day is None or form.unsure or form.again == "day":
        return ask_day(talk, form, problem)
    if form.time is None or form.again == "time":
        return ask_time(talk, form, problem)
    if form.place is None or form.again == "place":
        return ask_place(talk, form, problem)
    return preview(talk, form, problem)


def _end(form: Form, back: Button | None = None) -> list[Button | None]:
    """The last row: the way back, to the preview where something is asked again, and out."""
    if form.again is not None:
        back = Button(_("‹ Review"), "newmeeting_redo", form.token, "nothing")
    return [back, form.way_out]


def head(talk: Talk, form: Form) -> Text:
    """ "Họp thường kỳ · Chi bộ 1"."""
    unit = talk.session.get(roster.Unit, form.unit) if form.unit else None
    if form.kind is None:
        return _("New meeting · {unit}", unit=unit.name if unit else "")
    return _(
        "<b>{kind}</b> · {unit}", kind=KINDS[MeetingKind(form.kind)], unit=unit.name if unit else ""
    )


def ask_unit(talk: Talk, form: Form, problem: Words | None = None) -> Ask:
    """Asked only of who acts in several units."""
    units = [
        talk.session.get_one(roster.Unit, each) for each in units_with(talk.actor, "meeting.create")
    ]
    rows: Rows = [
        [Button(short(unit.name), "newmeeting_unit", form.token, unit.id)] for unit in units
    ]
    return form.ask(problem, _("A meeting of which unit?"), buttons=[*rows, [form.way_out]])


def ask_kind(talk: Talk, form: Form, problem: Words | None = None) -> Ask:
    """The kinds: first those that are called every month or quarter, then those that are rare."""
    kinds = [_kind_button(form, kind, label) for kind, label in KINDS.items()]
    lines = [problem, head(talk, form), _("What kind of meeting?")]
    return form.ask(*lines, buttons=[*_pairs(kinds), _end(form)])


def ask_day(talk: Talk, form: Form, problem: Words | None = None) -> Ask:
    """The next fitting days, the month, or anything typed."""
    days = [_day_button(WEEKDAYS[day.weekday()], form, day) for day in likely_days(talk, form)]
    calendar = Button(
        _("Pick from calendar") if problem else _("Month calendar…"),
        "newmeeting_month",
        form.token,
        _month_number(today(talk, form)),
    )
    question = _("Which day? Press one, or type it like: 15/8 19h30, tomorrow 7:30pm.")
    if form.time and form.day is None:  # typed already, and kept
        question = _("{time}. Which day? Press one, or type it like: 15/8.", time=form.time)
    return form.ask(
        problem,
        head(talk, form),
        None if problem else question,
        buttons=[*_pairs(days), [calendar], _end(form)],
    )


def ask_month(talk: Talk, form: Form, number: int) -> Ask:
    """A month of days to press; the past and the far future cannot be pressed."""
    first = today(talk, form)
    last = first + HORIZON
    number = max(_month_number(first), min(number, _month_number(last)))
    year, month = divmod(number, 12)
    blank = Button("·", "newmeeting_blank")
    weeks: Rows = [
        [_day_button(str(day.day), form, day) if day else blank for day in week]
        for week in month_grid(year, month + 1, first, last)
        if any(week)
    ]
    turn = [
        _month_button(form, number - 1) if number > _month_number(first) else None,
        _month_button(form, number + 1) if number < _month_number(last) else None,
    ]
    names: list[Button | None] = [Button(name, "newmeeting_blank") for name in SHORTEST]
    back = Button(_("‹ Back"), "newmeeting_back", form.token)
    title = _("Month {month}/{year}", month=month + 1, year=str(year))
    return form.ask(head(talk, form), title, buttons=[names, *weeks, turn, [back, form.way_out]])


def ask_time(talk: Talk, form: Form, problem: Words | None = None) -> Ask:
    """The usual times, or any typed."""
    clocks: list[Button | None] = [
        Button(clock, "newmeeting_time", form.token, clock.replace(":", ""))
        for clock in likely_times(talk, form)
    ]
    rows = [clocks[start : start + 3] for start in range(0, len(clocks), 3)]
    day = _("Day: {day}.", day=Day(form.on)) if form.on else None
    question = _("At what time? Press one, or type it like: 19h30.")
    lines = [problem, head(talk, form), day, _far_line(talk, form), question]
    other_day = Button(_("Another day"), "newmeeting_redo", form.token, "day")
    return form.ask(*lines, buttons=[*rows, _end(form, other_day)])


def confirm(talk: Talk, form: Form) -> Ask:
    """A day and a time that were typed at once are said back in full."""
    said = at(form.on, form.time) if form.on and form.time else None
    return form.ask(
        _far_line(talk, form),
        _("You mean: {when}. Is that right?", when=said) if said else None,
        buttons=[
            [Button(_("Yes"), "newmeeting_yes", form.token)],
            [Button(_("Choose again"), "newmeeting_redo", form.token, "moment"), form.way_out],
        ],
    )


def ask_place(talk: Talk, form: Form, problem: Words | None = None) -> Ask:
    """Where the unit met before, or any place typed."""
    places = likely_places(talk, form)
    names = [place_label(each.place) for each in places]
    alike = len(set(names)) < len(names)  # then they are numbered, and stand above in full
    if alike:
        names = [place_label(each.place, number) for number, each in enumerate(places, 1)]
    rows: Rows = [
        [Button(name, "newmeeting_place", form.token, each.id)]
        for name, each in zip(names, places, strict=True)
    ]
    again = Button(_("Another time"), "newmeeting_redo", form.token, "moment")
    return form.ask(
        problem,
        head(talk, form),
        _time_line(form),
        _("Where? Press one, or type the place.") if places else _("Where? Type the place."),
        *[f"{number}. {each.place}" for number, each in enumerate(places, 1) if alike],
        buttons=[*rows, _end(form, again)],
    )


def place_label(place: str, number: int | None = None) -> str:
    """A place as a label; the number tells apart what looks alike."""
    before = f"{number}. " if number else ""
    return before + squeezed(place, LABEL_LIMIT - len(before))


def preview(talk: Talk, form: Form, problem: Words | None = None) -> Ask:
    """Everything once more, with what to think of before it is sent."""
    begins = moment(talk, form)
    hasty = begins is not None and meetings.at_short_notice(begins, now=talk.now)
    edit = Button(_("Edit"), "newmeeting_edit", form.token)
    if form.moving is None:
        buttons: Rows = [
            [Button(_("Send notice"), "newmeeting_send", form.token)],
            [edit, Button(_("Save draft"), "newmeeting_save", form.token)],
        ]
    else:
        move = Button(_("Tell everybody"), "newmeeting_moved", form.token, form.moving)
        buttons = [[move], [edit]]
    return form.ask(
        problem,
        head(talk, form),
        _time_line(form),
        _("Place: {place}", place=form.place or ""),
        _units_line(talk, form),
        _called_line(talk, form),
        _("Please note: that is less than a day ahead.") if hasty else None,
        buttons=[*buttons, [form.way_out]],
    )


def choose_edit(talk: Talk, form: Form) -> Ask:
    """What is to be changed."""
    redo = [
        Button(_("Day"), "newmeeting_redo", form.token, "day"),
        Button(_("Time"), "newmeeting_redo", form.token, "time"),
        Button(_("Place"), "newmeeting_redo", form.token, "place"),
        Button(_("Kind"), "newmeeting_redo", form.token, "kind") if form.moving is None else None,
    ]
    back = Button(_("‹ Back"), "newmeeting_back", form.token)
    below = form.moving is None and roster.units_below(talk.session, form.unit or 0)
    who = Button(_("Units called"), "newmeeting_who", form.token, 0) if below else None
    return form.ask(
        head(talk, form),
        _time_line(form),
        _("Place: {place}", place=form.place or ""),
        _units_line(talk, form),
        _("What is to be changed?"),
        buttons=[redo[:2], redo[2:], [who], [back, form.way_out]],
    )


def ask_units(talk: Talk, form: Form, number: int = 0) -> Ask:
    """Which of the units below are called; each press ticks one or takes its tick away."""
    page = Page.of(roster.units_below(talk.session, form.unit or 0), number, CHOICES)
    boxes = [
        Button(
            _("✓ {unit}", unit=squeezed(unit.name, LABEL_LIMIT - 2))
            if unit.id in form.units
            else short(unit.name),
            "newmeeting_call",
            form.token,
            unit.id,
            page.number,
        )
        for unit in page.items
    ]
    turn = page.turn("newmeeting_who", form.token)
    done = Button(_("‹ Review"), "newmeeting_back", form.token)
    return form.ask(
        head(talk, form),
        _units_line(talk, form) or _("All units below are called."),
        _("Press those that are to be called. The committee that calls them is called, too."),
        buttons=[*_pairs(boxes), turn, [done, form.way_out]],
    )


# -- parts -------------------------------------------------------------------------------------


def _time_line(form: Form) -> Text | None:
    if form.on is None or form.time is None:
        return None
    return _("Time: {when}", when=at(form.on, form.time))


def _far_line(talk: Talk, form: Form) -> Text | None:
    if not is_far(talk, form):
        return None
    return _("Please look at the year: that is more than 6 months ahead.")


def _units_line(talk: Talk, form: Form) -> Text | None:
    """The units that are called, where not all of them are."""
    if not form.units:
        return None
    below = roster.units_below(talk.session, form.unit or 0)
    names = ", ".join(unit.name for unit in below if unit.id in form.units)
    return _("Called: {units}", units=cut(names, NAMES_LIMIT))


def _called_line(talk: Talk, form: Form) -> Text:
    """How many are called, and how many of them the notice cannot reach."""
    if form.moving is not None:
        meeting = meetings.managed(talk.session, talk.actor, form.moving)
        told = len(meetings.told(talk.session, meeting))
        return n_("{n} person will be told.", "{n} people will be told.", n=told)
    people = meetings.convened(
        talk.session,
        form.unit or 0,
        form.kind or "",
        units=form.units,
        now=talk.now,
        zone=talk.house.zone,
    )
    missing = sum(reach(person) is not Reach.LINKED for person in people)
    exempt = sum(person.kind == roster.Kind.EXEMPT for person in people)
    counted = len(people) - exempt
    called = n_("{n} person is called.", "{n} people are called.", n=counted)
    if exempt:
        called = n_(
            "{n} person is called (exempt, not counted: {exempt}).",
            "{n} people are called (exempt, not counted: {exempt}).",
            n=counted,
            exempt=exempt,
        )
    if not missing:
        return called
    return _("{called} Out of reach of a message: {missing}.", called=called, missing=missing)


def _kind_button(form: Form, kind: MeetingKind, label: Text) -> Button:
    return Button(label, "newmeeting_kind", form.token, kind.value)


def _day_button(label: Words, form: Form, day: date) -> Button:
    if isinstance(label, Text):
        label = _(label.source, day=Day(day, short=True))
    return Button(label, "newmeeting_day", form.token, day.isoformat())


def _month_number(day: date) -> int:
    return day.year * 12 + day.month - 1


def _month_button(form: Form, number: int) -> Button:
    year, month = divmod(number, 12)
    return Button(f"{month + 1}/{year}", "newmeeting_month", form.token, number)


def _pairs(buttons: list[Button]) -> Rows:
    return [list(buttons[start : start + 2]) for start in range(0, len(buttons), 2)]
