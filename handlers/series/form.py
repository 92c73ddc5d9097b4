"""What the form of a series has been told, and what it still has to ask.

As in the form of a meeting there is no list of steps to be at: the next question is the first
thing that is not known yet, whether it was pressed or typed.
"""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass

from handlers.dates import NotUnderstood, parse_monthly
from handlers.kit import Ask, Button, Talk
from handlers.meetings.form import QUOTED
from handlers.text import Text, Words, _, cut
from storage import series
from storage.meetings import MeetingKind
from storage.powers import units_with
from storage.series import Pattern, Plan, Series, Shift

FORM = "series"


@dataclass(slots=True)
class Form:
    """The answers so far, as the draft keeps them."""

    token: str
    unit: int | None = None
    kind: str | None = None
    quarter: int | None = None  # which month of each quarter, for thematic meetings
    day: int | None = None
    weekday: int | None = None
    nth: int | None = None
    time: str | None = None  # "19:30"
    place: str | None = None
    shift: str = Shift.AFTER.value
    series: int | None = None  # the one that is changed
    revision: int = 0
    again: str | None = None  # what is asked once more though it is known

    @property
    def quarterly(self) -> bool:
        """Whether such a meeting is held once a quarter."""
        return self.kind == MeetingKind.THEMATIC

    @property
    def dated(self) -> bool:
        """Whether the day of the month is known."""
        return self.day is not None or (self.weekday is not None and self.nth is not None)

    @property
    def way_out(self) -> Button:
        """[Cancel]; where a series is changed, the way back to it."""
        if self.series is not None:
            return Button(_("‹ Back"), "series_one", self.series)
        return Button(_("Cancel"), "cancel", FORM)

    def on_day(self, *, day: int | None = None, weekday: int | None = None) -> None:
        """Another day of the month; which of its weekdays is asked next."""
        self.day, self.weekday, self.nth = day, weekday, None

    def ask(self, *lines: Words | None, buttons: list[list[Button | None]]) -> Ask:
        """A screen of this form, which takes typed text as well."""
        return Ask(FORM, *lines, data=asdict(self), buttons=buttons)


def new_form() -> Form:
    """An empty form with a token of its own."""
    return Form(token=secrets.token_hex(6))


def form_of(row: Series) -> Form:
    """A form that is filled with what a series has."""
    return Form(
        token=secrets.token_hex(6),
        unit=row.unit_id,
        kind=MeetingKind(row.kind).value,
        quarter=row.quarter_month,
        day=row.day,
        weekday=row.weekday,
        nth=row.nth,
        time=row.clock,
        place=row.place,
        shift=Shift(row.shift).value,
        series=row.id,
        revision=row.revision,
    )


def open_form(talk: Talk, token: str | None = None) -> Form | None:
    """The form that is open, if it is the one that the pressed button belongs to."""
    draft = talk.draft
    if draft is None or draft.form != FORM:
        return None
    form = Form(**draft.data)
    theirs = form.unit is None or form.unit in units_with(talk.actor, "meeting.create")
    return form if theirs and token in (None, form.token) else None


def plan(form: Form) -> Plan | None:
    """What storage takes; None while something is missing."""
    if not (form.unit and form.kind and form.dated and form.time and form.place):
        return None
    if form.quarterly and form.quarter is None:
        return None
    return Plan(
        form.unit,
        MeetingKind(form.kind),
        Pattern(form.day, form.weekday, form.nth),
        form.time,
        form.place,
        form.quarter if form.quarterly else None,
        Shift(form.shift),
    )


def take_rule(form: Form, text: str) -> Text | None:
    """Reads a day of the month, a time or both; the sentence that says why not."""
    try:
        found = parse_monthly(text)
    except NotUnderstood:
        said = cut(text, QUOTED)
        return _("'{text}' is not clear. Type it like: day 3 19h30, first Thursday.", text=said)
    if found.which:
        form.day, form.weekday, form.nth = found.day, found.weekday, found.nth
    if found.time is not None:
        form.time = f"{found.time:%H:%M}"
    form.again = None
    return None


def free_kinds(talk: Talk, unit_id: int) -> list[MeetingKind]:
    """The kinds of which the unit keeps no series yet."""
    taken = {each.kind for each in series.running(talk.session, [unit_id])}
    return [kind for kind in series.KINDS if kind not in taken]
