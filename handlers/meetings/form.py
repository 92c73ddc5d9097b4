"""What the form of a meeting has been told, and what it still has to ask.

The form lives in the draft, so it survives a restart. There is no list of steps to be at: the
next question is the first thing that is not known yet, whether it was pressed or typed. The same
form moves a meeting that was called already.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from handlers.dates import NoSuchDay, NotUnderstood, OtherWeekday, parse_when
from handlers.kit import Ask, Button, Talk
from handlers.meetings.showing import KINDS, local
from handlers.text import Day, Text, Words, _, cut
from storage import meetings, roster
from storage.errors import Refusal
from storage.folding import fold
from storage.meetings import Meeting, MeetingKind, Plan
from storage.powers import units_with

FORM = "newmeeting"
COMMON_TIMES = ("07:30", "08:00", "14:00", "15:00", "19:00", "19:30", "20:00")
WEEKDAYS = (
    _("Monday"),
    _("Tuesday"),
    _("Wednesday"),
    _("Thursday"),
    _("Friday"),
    _("Saturday"),
    _("Sunday"),
)
QUOTED = 40  # letters of a typed answer that are said back
FAR = timedelta(days=183)  # further ahead, a day may be of another year than is meant
CHOICES = 6  # days, and places, to press


@dataclass(slots=True)
class Form:
    """The answers so far, as the draft keeps them."""

    token: str
    unit: int | None = None
    kind: str | None = None
    day: str | None = None  # "2026-08-13"
    time: str | None = None  # "19:30"
    place: str | None = None
    unsure: bool = False  # day and time were typed at once and wait for a yes
    moving: int | None = None  # the meeting that is moved
    revision: int = 0
    again: str | None = None  # what is asked once more though it is known
    units: list[int] = field(default_factory=list)  # those below that are called; none: all

    @property
    def on(self) -> date | None:
        """The day, as a date."""
        return date.fromisoformat(self.day) if self.day else None

    @property
    def way_out(self) -> Button:
        """[Cancel]; where a meeting is moved, that would read like calling it off."""
        if self.moving is not None:
            return Button(_("‹ Meeting"), "newmeeting_stay", self.token, self.moving)
        return Button(_("Cancel"), "newmeeting_drop", self.token)

    def ask(self, *lines: Words | None, buttons: list[list[Button | None]]) -> Ask:
        """A screen of this form, which takes typed text as well."""
        return Ask(FORM, *lines, data=asdict(self), buttons=buttons)


def new_form() -> Form:
    """An empty form with a token of its own."""
    return Form(token=secrets.token_hex(6))


def form_of(meeting: Meeting, units: Sequence[roster.Unit] = ()) -> Form:
    """A form that is filled with what a meeting has; `units` are those below that it calls."""
    begins = local(meeting)
    return Form(
        token=secrets.token_hex(6),
        unit=meeting.unit_id,
        kind=MeetingKind(meeting.kind).value,
        day=begins.date().isoformat(),
        time=f"{begins:%H:%M}",
        place=meeting.place,
        units=[unit.id for unit in units],
    )


def open_form(talk: Talk, token: str | None = None) -> Form | None:
    """The form that is open, if it is the one that the pressed button belongs to.

    It tells its answers: whoever has left the committee that they were given for has none open.
    """
    draft = talk.draft
    if draft is None or draft.form != FORM:
        return None
    form = Form(**draft.data)
    theirs = form.unit is None or form.unit in units_with(talk.actor, "meeting.create")
    return form if theirs and token in (None, form.token) else None


# -- time --------------------------------------------------------------------------------------


def zone(talk: Talk, form: Form) -> ZoneInfo:
    """The zone of the unit that meets."""
    house = talk.house.zone
    name = meetings.zone_of(talk.session, form.unit, house) if form.unit else house
    return ZoneInfo(name)


def today(talk: Talk, form: Form) -> date:
    """The day that it is where the meeting will be."""
    return talk.now.astimezone(zone(talk, form)).date()


def moment(talk: Talk, form: Form) -> datetime | None:
    """When the meeting begins; the end of the day as long as no time is known."""
    if form.on is None:
        return None
    clock = time.fromisoformat(form.time) if form.time else time(23, 59)
    return datetime.combine(form.on, clock, zone(talk, form)).astimezone(UTC)


def is_far(talk: Talk, form: Form) -> bool:
    """Whether the day is so far ahead that the year had better be looked at twice."""
    return form.on is not None and form.on > today(talk, form) + FAR


def plan(talk: Talk, form: Form) -> Plan | None:
    """What storage takes; None while something is missing."""
    begins = moment(talk, form)
    if not (form.unit and form.kind and form.time and begins and form.place):
        return None
    return Plan(form.unit, MeetingKind(form.kind), begins, form.place, tuple(form.units))


def drop_past(talk: Talk, form: Form) -> Text | None:
    """Forgets a day or a time that has passed; the sentence that says so."""
    begins = moment(talk, form)
    if begins is None:
        return None
    try:
        meetings.check_moment(begins, now=talk.now)
    except Refusal as refusal:
        if form.on != today(talk, form):
            form.day = None
        form.time, form.unsure = None, False
        return _(refusal.sentence)
    return None


# -- typed answers -----------------------------------------------------------------------------


def take_moment(talk: Talk, form: Form, text: str) -> Text | None:
    """Reads a day, a time or both; the sentence that says why not."""
    try:
        found = parse_when(text, talk.now.astimezone(zone(talk, form)))
    except OtherWeekday as other:
        day = Day(other.date, dated=True)
        return _("{day} is a {weekday}.", day=day, weekday=WEEKDAYS[other.date.weekday()])
    except NoSuchDay:
        return _("'{text}': that day is not in the calendar.", text=cut(text, QUOTED))
    except NotUnderstood:
        said = cut(text, QUOTED)
        return _("'{text}' is not clear. Type it like: 15/8 19h30, tomorrow 7:30pm.", text=said)
    if found.date:
        form.day = found.date.isoformat()
    if found.time:
        form.time = f"{found.time:%H:%M}"
    form.unsure = bool(form.unsure or (found.date and found.time))
    return drop_past(talk, form)


def retime(
    talk: Talk, form: Form, *, day: str | None = None, clock: str | None = None
) -> Text | None:
    """Another day or time that was pressed; one that has passed leaves what was asked again."""
    before = (form.day, form.time)
    form.day, form.time, form.unsure = day or form.day, clock or form.time, False
    return settled(form, before, drop_past(talk, form))


def settled(form: Form, before: tuple[str | None, str | None], problem: Text | None) -> Text | None:
    """What was asked again is answered; a problem brings the old day and time back."""
    if problem is None:
        form.again = None
    elif form.again is not None:
        form.day, form.time = before
        form.unsure = False
    return problem


def take_kind(talk: Talk, form: Form, text: str) -> Text | None:
    """Reads a kind of meeting."""
    kind = kind_named(talk, text, KINDS)
    if kind is None:
        return _("Please choose one of these.")
    form.kind = kind.value
    return None


def kind_named(talk: Talk, text: str, kinds: Iterable[MeetingKind]) -> MeetingKind | None:
    """The one of these that is meant: by its whole name, else by any clear part of it."""
    said = fold(text)
    names = {fold(talk.reader.plain(KINDS[kind])): kind for kind in kinds}
    if said in names:
        return names[said]
    fitting = [kind for name, kind in names.items() if len(said) > 2 and said in name]
    return fitting[0] if len(fitting) == 1 else None


def take_unit(talk: Talk, form: Form, text: str, units: list[int]) -> Text | None:
    """Reads which of one's units: any clear part of its name."""
    said = fold(text)
    fitting = [
        unit_id
        for unit_id in units
        if said and said in talk.session.get_one(roster.Unit, unit_id).folded
    ]
    if len(fitting) != 1:
        return _("Please choose one of these.")
    form.unit = fitting[0]
    return None


# -- suggestions -------------------------------------------------------------------------------


def likely_days(talk: Talk, form: Form) -> list[date]:
    """The usual day of the month for such a meeting, then the days that come."""
    first = today(talk, form) + timedelta(days=1)
    coming = [first + timedelta(days=number) for number in range(CHOICES)]
    before = [each for each in _latest(talk, form) if each.kind == form.kind]
    if not before:
        return coming
    usual = local(before[0]).day
    days = (first + timedelta(days=number) for number in range(62))
    found = next((day for day in days if day.day == usual), first)
    return sorted({found, *coming[: CHOICES - 1]})


def likely_times(talk: Talk, form: Form) -> list[str]:
    """The times at which the unit meets, and the common ones."""
    usual = [f"{local(each):%H:%M}" for each in _latest(talk, form)]
    clocks = sorted({*dict.fromkeys(usual[:3]), *COMMON_TIMES})
    now = talk.now.astimezone(zone(talk, form))
    return [clock for clock in clocks if form.on != now.date() or clock > f"{now:%H:%M}"]


def likely_places(talk: Talk, form: Form) -> list[Meeting]:
    """The latest meeting at each of the places where the unit met last."""
    found: dict[str, Meeting] = {}
    for each in _latest(talk, form):
        found.setdefault(fold(each.place), each)
    return list(found.values())[:CHOICES]


def _latest(talk: Talk, form: Form) -> list[Meeting]:
    return list(meetings.latest(talk.session, form.unit)) if form.unit else []
