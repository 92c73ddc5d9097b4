"""The committee's screens: a year in six lines; by month, by person, by unit; and why."""

from __future__ import annotations

from functools import reduce

from handlers.kit import Button, File, Say, Talk, button, command
from handlers.meetings.showing import MANAGE, short
from handlers.paging import Page
from handlers.report import saying
from handlers.text import Text, Words, _
from storage import report
from storage.errors import Refusal
from storage.powers import may, units_with
from storage.report import SEE, Figures, Member, Report
from storage.roster import Unit, unit_lineage

PEOPLE = 10  # two in a line
MONTHS_IN_LINE = 3


@command("report", vi="baocao", power="report.see", help=_("Report: meetings over the year"))
@button("report", power="report.see")
def mine(talk: Talk) -> Say:
    """/baocao: the unit, or which one of several."""
    units = units_with(talk.actor, SEE)
    year = talk.today.year
    if len(units) == 1:
        return screen(talk, units[0], year)
    names = {each: talk.session.get_one(Unit, each).name for each in units}
    return Say(
        _("Report of which unit?"),
        buttons=[
            *[[Button(short(names[each]), "report_of", each, year)] for each in units],
            [MANAGE],
        ],
    )


@button("report_of", power="report.see")
def of(talk: Talk, unit_id: int, year: int) -> Say:
    """One unit's year."""
    return screen(talk, unit_id, year)


def asked(talk: Talk, unit_id: int, year: int) -> Report:
    """The year as it stands; one that nobody has lived through yet is none."""
    if not 2000 <= year <= talk.today.year:
        raise Refusal("There is no report for the year {year}.", year=str(year))
    return report.report(
        talk.session,
        talk.actor,
        unit_id,
        year,
        profile=talk.house.profile,
        zone=talk.house.zone,
        now=talk.now,
    )


def head(told: Report) -> Text:
    """The first line of every screen."""
    return _("<b>REPORT {year}</b> · {unit}", year=str(told.year), unit=told.unit.name)


def screen(talk: Talk, unit_id: int, year: int) -> Say:
    """The summary."""
    told = asked(talk, unit_id, year)
    lines: list[Words | None] = [_("No meeting with a closed roll in this year.")]
    if told.whole.meetings:
        lines = [
            saying.held(told.whole),
            saying.rate(told),
            saying.away(told),
            _("{one} · {other}", one=saying.manners(told.whole), other=saying.duration(told)),
            saying.content(told),
        ]
    return Say(head(told), *lines, buttons=[*_ways(talk, told), _years(talk, told), [MANAGE]])


def _ways(talk: Talk, told: Report) -> list[list[Button | None]]:
    at = (told.unit.id, told.year)
    _unit, below = report.below(talk.session, talk.actor, told.unit.id)
    by_unit = Button(_("By unit"), "report_units", *at, 0) if below else None
    if not told.whole.meetings:
        return [[by_unit, _above(talk, told)]]
    return [
        [
            Button(_("By month"), "report_months", *at),
            Button(_("By person"), "report_people", *at, 0) if told.own else None,
        ],
        [Button(_("Chart"), "report_chart", *at), Button(_("Download Excel"), "report_excel", *at)],
        [by_unit, _above(talk, told)],
        [Button(_("Why?"), "report_why", *at)],
    ]


def _above(talk: Talk, told: Report) -> Button | None:
    """The way up, for one who answers for the unit above as well."""
    parent = told.unit.parent_id
    if parent is None or not may(talk.actor, SEE, unit_lineage(talk.session, parent)):
        return None
    return Button(_("Unit above"), "report_of", parent, told.year)


def _years(talk: Talk, told: Report) -> list[Button | None]:
    before, after = told.year - 1, told.year + 1
    return [
        Button(f"‹ {before}", "report_of", told.unit.id, before) if before >= told.first else None,
        Button(f"{after} ›", "report_of", told.unit.id, after)
        if after <= talk.today.year
        else None,
    ]


@button("report_why", power="report.see")
def why(talk: Talk, unit_id: int, year: int) -> Say:
    """[Why?]: what was counted, and by which rules."""
    told = asked(talk, unit_id, year)
    return Say(head(told), *saying.why(told), buttons=[_back(told)])


@button("report_months", power="report.see")
def months(talk: Talk, unit_id: int, year: int) -> Say:
    """[By month]: twelve rates, and which of them are below the bar."""
    told = asked(talk, unit_id, year)
    rates = [_month(number, each) for number, each in enumerate(told.months, start=1)]
    below = [
        str(number)
        for number, each in enumerate(told.months, start=1)
        if each.count.convened and each.count.percent < (told.bar.value or 0)
    ]
    return Say(
        head(told),
        *_in_lines(rates, MONTHS_IN_LINE),
        _("Below {bar}%: months {months}", bar=told.bar.value or 0, months=", ".join(below))
        if below
        else _("No month is below {bar}%.", bar=told.bar.value or 0),
        buttons=[[Button(_("Why?"), "report_why", unit_id, year)], _back(told)],
    )


def _month(number: int, figures: Figures) -> Text:
    if not figures.count.convened:
        return _("Month {number}: –", number=number)
    return _("Month {number}: {percent}%", number=number, percent=figures.count.percent)


@button("report_people", power="absence.decide")
def people(talk: Talk, unit_id: int, year: int, page: int) -> Say:
    """[By person]: for the unit's own committee."""
    told = asked(talk, unit_id, year)
    found = report.members(talk.session, talk.actor, unit_id, year, now=talk.now)
    shown = Page.of(found, page, PEOPLE)
    return Say(
        head(told),
        *_in_lines([_person(each) for each in shown.items], 2),
        buttons=[
            shown.turn("report_people", unit_id, year),
            [Button(_("Why?"), "report_why", unit_id, year)],
            _back(told),
        ],
    )


def _person(member: Member) -> Text:
    count = member.figures.count
    values = {"name": member.name, "present": count.present, "convened": count.convened}
    if not count.convened:
        return _("{name}: exempt", name=member.name)
    if not count.absent:
        return _("{name} {present}/{convened}", **values)
    return _("{name} {present}/{convened}, without reason {absent}", absent=count.absent, **values)


@button("report_units", power="report.see")
def units(talk: Talk, unit_id: int, year: int, page: int) -> Say:
    """[By unit]: the units below with their rates, to choose one of."""
    told = asked(talk, unit_id, year)
    _unit, below = report.below(talk.session, talk.actor, unit_id)
    shown = Page.of(below, page)
    known = {each.id: figures for each, figures in told.units}
    return Say(
        head(told),
        *[
            _part(number, each, known.get(each.id), told)
            for number, each in enumerate(shown.items, shown.first)
        ],
        buttons=[
            *shown.digits("report_of", *((each.id, year) for each in shown.items)),
            shown.turn("report_units", unit_id, year),
            [Button(_("Why?"), "report_why", unit_id, year)],
            _back(told),
        ],
    )


def _part(number: int, unit: Unit, figures: Figures | None, told: Report) -> Text:
    if figures is None or not figures.count.convened:
        return _("{number}. {unit}: no meeting counted", number=number, unit=unit.name)
    values = {"number": number, "unit": unit.name, "percent": figures.count.percent}
    if figures.count.percent < (told.bar.value or 0):
        return _("{number}. {unit}: {percent}%, BELOW {bar}%", bar=told.bar.value, **values)
    return _("{number}. {unit}: {percent}%", **values)


@button("report_chart", power="report.see")
def chart(talk: Talk, unit_id: int, year: int) -> Say:
    """[Chart]: the picture, in the chat."""
    asked(talk, unit_id, year)
    name = f"ty-le-du-hop-{year}.png"
    file = File("report_chart", [unit_id, year], name, shown=True)
    return Say(toast=_("The picture is being made."), files=[file])


@button("report_excel", power="report.see")
def excel(talk: Talk, unit_id: int, year: int) -> Say:
    """[Download Excel]."""
    asked(talk, unit_id, year)
    name = f"bao-cao-{year}.xlsx"
    return Say(
        toast=_("The file is being made."), files=[File("report_excel", [unit_id, year], name)]
    )


def _in_lines(parts: list[Text], width: int) -> list[Text]:
    rows = [parts[start : start + width] for start in range(0, len(parts), width)]
    return [reduce(lambda row, part: _("{row} · {part}", row=row, part=part), row) for row in rows]


def _back(told: Report) -> list[Button | None]:
    return [Button(_("‹ Back"), "report_of", told.unit.id, told.year), MANAGE]
