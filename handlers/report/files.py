"""The year of a unit to take away: an Excel file, and the picture."""

from __future__ import annotations

import io
from collections.abc import Callable
from zoneinfo import ZoneInfo

from handlers.kit import Talk, maker
from handlers.meetings.showing import KINDS
from handlers.report import charts, saying
from handlers.report.screens import asked
from handlers.roster.words import KINDS as MEMBERS
from handlers.text import Reader, Text, Words, _
from storage import audit, report
from storage.acts import Did
from storage.agenda import Content
from storage.attendance import Count
from storage.meetings import MeetingKind
from storage.report import Figures, Member, Report, Sitting
from storage.sheets import Cell, Percent, Sheet, write_xlsx

ROLL = (
    _("Convened"),
    _("Present"),
    _("Rate"),
    _("Excused"),
    _("Without reason"),
    _("Undecided"),
    _("Exempt, not counted"),
    _("Late"),
    _("Left early"),
)
MEETINGS = (_("Regular"), _("Thematic"), _("Two in one"), _("Committee"), _("Other"))
DURATION = (_("With duration noted"), _("Of these too short"), _("Minutes on average"))


@maker("report_excel", power="report.see")
def excel(talk: Talk, unit_id: int, year: int) -> Callable[[], bytes]:
    """By month, by person (for the unit's own committee), every meeting, and how it was counted."""
    told = asked(talk, unit_id, year)
    held = report.sittings(talk.session, talk.actor, unit_id, year, now=talk.now)
    sheets = [_months(told, talk.reader)]
    if told.own:
        people = report.members(talk.session, talk.actor, unit_id, year, now=talk.now)
        sheets.append(_people(people, talk.reader))
    if told.units:
        sheets.append(_units(told, talk.reader))
    sheets += [_meetings(held, talk.reader), _why(told, talk.reader)]
    about = {"unit": unit_id}
    audit.record(talk.session, talk.actor, Did.EXPORT_ATTENDANCE, about, now=talk.now, year=year)

    def build() -> bytes:
        target = io.BytesIO()
        write_xlsx(target, sheets)
        return target.getvalue()

    return build


@maker("report_chart", power="report.see")
def chart(talk: Talk, unit_id: int, year: int) -> Callable[[], bytes]:
    """The rate of each month beside the bar, and what was spoken of."""
    told, reader = asked(talk, unit_id, year), talk.reader
    bar = told.bar.value or 0
    title = _("Attendance rate {year} (%)", year=str(year))
    picture = charts.Picture(
        title=reader.plain(title),
        unit=told.unit.name,
        months=[
            (
                reader.plain(_("Month {number}", number=number)),
                each.count.percent if each.count.convened else None,
            )
            for number, each in enumerate(told.months, start=1)
        ],
        bar=bar,
        bar_name=reader.plain(_("bar {bar}%", bar=bar)),
        below_name=reader.plain(_("below the bar")),
        content_title=reader.plain(_("What was spoken of")),
        content=_content(told, reader),
        comma="," if reader.language == "vi" else ".",
    )
    return lambda: charts.draw(picture)


def _content(told: Report, reader: Reader) -> list[tuple[str, float]]:
    """The percent of each kind of content that there was any of."""
    whole = sum(told.content.values())
    return [
        (reader.plain(saying.CONTENTS[kind]), 100 * told.content[kind] / whole)
        for kind in Content
        if told.content.get(kind)
    ]


# -- sheets --------------------------------------------------------------------------------------


def _months(told: Report, reader: Reader) -> Sheet:
    header = (_("Month"), *MEETINGS, *ROLL, *DURATION)
    rows: list[list[Cell]] = [
        [number, *_held(each), *_roll(each), *_duration(each)]
        for number, each in enumerate(told.months, start=1)
    ]
    whole = told.whole
    rows.append([reader.plain(_("Whole year")), *_held(whole), *_roll(whole), *_duration(whole)])
    return _sheet(_("By month"), header, rows, reader)


def _people(people: list[Member], reader: Reader) -> Sheet:
    header = (_("Full name"), _("Member kind"), *ROLL)
    rows: list[list[Cell]] = [
        [each.name, reader.plain(MEMBERS[each.kind]), *_roll(each.figures)] for each in people
    ]
    return _sheet(_("By person"), header, rows, reader)


def _units(told: Report, reader: Reader) -> Sheet:
    header = (_("Unit"), *MEETINGS, *ROLL, *DURATION)
    rows: list[list[Cell]] = [
        [unit.name, *_held(each), *_roll(each), *_duration(each)] for unit, each in told.units
    ]
    return _sheet(_("By unit"), header, rows, reader)


def _meetings(held: list[Sitting], reader: Reader) -> Sheet:
    header = (_("Date"), _("Unit"), _("Kind of meeting"), *ROLL, _("Length, minutes"))
    rows: list[list[Cell]] = [
        [
            each.starts_at.astimezone(ZoneInfo(each.zone)),
            each.unit,
            reader.plain(KINDS[each.kind]),
            *_roll(each.figures),
            each.minutes,
        ]
        for each in held
    ]
    return _sheet(_("Each meeting"), header, rows, reader)


def _why(told: Report, reader: Reader) -> Sheet:
    """How it was counted, in words; for the unit's own committee with the reasons, in numbers."""
    lines: list[Words] = [*saying.why(told), saying.content(told), saying.duration(told)]
    found = told.reasons
    if found is not None and saying.total(found):
        lines.append(
            _(
                "Excused from the unit's own meetings: business {business}, ill {illness}, family"
                " {family}, other {other}",
                business=found.business,
                illness=found.illness,
                family=found.family,
                other=found.other,
            )
        )
    rows: list[list[Cell]] = [[reader.plain(each)] for each in lines]
    name = _("How it was counted")
    return _sheet(name, (name,), rows, reader)


def _sheet(name: Text, header: tuple[Text, ...], rows: list[list[Cell]], reader: Reader) -> Sheet:
    return Sheet(reader.plain(name), [reader.plain(each) for each in header], rows)


def _held(figures: Figures) -> list[Cell]:
    named = (
        MeetingKind.REGULAR,
        MeetingKind.THEMATIC,
        MeetingKind.JOINT,
        MeetingKind.COMMITTEE,
    )
    counts = [figures.held[kind] for kind in named]
    return [*counts, figures.meetings - sum(counts)]


def _roll(figures: Figures) -> list[Cell]:
    count = figures.count
    return [
        count.convened,
        count.present,
        _rate(count),
        count.excused,
        count.absent,
        count.pending,
        count.exempt,
        figures.late,
        figures.left,
    ]


def _rate(count: Count) -> Percent | None:
    return Percent(count.present / count.convened) if count.convened else None


def _duration(figures: Figures) -> list[Cell]:
    return [figures.timed, figures.short, figures.minutes]
