"""The figures of a campaign to take away: the picture, an Excel file, a Word report."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from handlers.bank.asking import bare_words
from handlers.follow import saying
from handlers.follow.screens import asked
from handlers.kit import Talk, maker
from handlers.paper.words import document_day, organisation
from handlers.report import charts
from handlers.text import Reader, Text, _
from storage import follow
from storage.campaigns import Campaign
from storage.follow import Outcome, Tally, percent
from storage.roster import Unit
from storage.sheets import Cell, Percent, Sheet, write_xlsx

if TYPE_CHECKING:
    from docx.document import Document as Paper

FIGURES = (
    _("People"),
    _("Taken part"),
    _("Finished"),
    _("Lessons done, share"),
    _("Average, of 10"),
)


@maker("follow_chart", power="campaign.see")
def chart(talk: Talk, campaign_id: int) -> Callable[[], bytes]:
    """How many have done each lesson, and how many are where."""
    picture = drawing(asked(talk, campaign_id), talk.reader)
    return lambda: charts.draw(picture)


def rows(found: Outcome, reader: Reader) -> list[tuple[str, float | None]]:
    """The bars of a picture: turnout, completion, then how many have done each lesson."""
    whole = found.whole
    told: list[tuple[Text, int]] = [
        (_("Taken part"), whole.started),
        (_("Finished"), whole.finished),
        *(
            (_("Lesson {number}", number=each.lesson.place or 0), each.done)
            for each in found.lessons
        ),
    ]
    return [(reader.plain(name), percent(part, whole.people)) for name, part in told]


def drawing(found: Outcome, reader: Reader) -> charts.Picture:
    """The picture: the bars, then where people are."""
    say, whole = reader.plain, found.whole
    shares = (
        (_("finished"), whole.finished),
        (_("still studying"), whole.started - whole.finished),
        (_("not begun"), whole.people - whole.started),
    )
    return charts.Picture(
        title=say(_("Study results (%)")),
        unit=say(_("{campaign} · {unit}", campaign=found.campaign.name, unit=found.unit.name)),
        months=rows(found, reader),
        bar=0,
        bar_name="",
        below_name="",
        content_title=say(_("{n} people", n=whole.people)),
        content=[(say(name), 100 * n / whole.people) for name, n in shares if n],
        comma="," if reader.language == "vi" else ".",
    )


# -- the table -----------------------------------------------------------------------------------


@maker("follow_excel", power="campaign.see")
def excel(talk: Talk, campaign_id: int) -> Callable[[], bytes]:
    """The whole, each lesson, each unit, the hardest points; people for their own committee."""
    found = follow.take_away(talk.session, talk.actor, campaign_id, "excel", now=talk.now)
    sheets = tables(found, talk.reader)

    def build() -> bytes:
        target = io.BytesIO()
        write_xlsx(target, sheets)
        return target.getvalue()

    return build


def tables(found: Outcome, reader: Reader) -> list[Sheet]:
    """Every sheet of the file."""
    say = reader.plain
    units: list[list[Cell]] = [[unit.name, *_figures(tally)] for unit, tally in found.units]
    units.append([say(_("All together")), *_figures(found.whole)])
    made = [
        _sheet(_("By unit"), (_("Unit"), *FIGURES), units, reader),
        _lessons(found, reader),
    ]
    if found.people:
        made.append(_people(found, reader))
    made.append(_hard(found, reader))
    counted: list[list[Cell]] = [[say(each)] for each in saying.why(found)]
    handed = saying.essays(found)
    if handed is not None:
        counted.append([say(handed)])
    name = _("How it was counted")
    return [*made, _sheet(name, (name,), counted, reader)]


def _figures(tally: Tally) -> list[Cell]:
    return [
        tally.people,
        tally.started,
        tally.finished,
        Percent(tally.done / tally.of) if tally.of else None,
        _rounded(tally.average),
    ]


def _lessons(found: Outcome, reader: Reader) -> Sheet:
    titles = (
        _("No."),
        _("Lesson"),
        _("Done by"),
        _("Of"),
        _("Quiz taken by"),
        _("Passed by"),
        _("Average, of 10"),
    )
    rows: list[list[Cell]] = [
        [
            each.lesson.place,
            each.lesson.title,
            each.done,
            found.whole.people,
            each.taken if each.quiz else None,
            each.passed if each.quiz else None,
            _rounded(each.average),
        ]
        for each in found.lessons
    ]
    return _sheet(_("By lesson"), titles, rows, reader)


def _people(found: Outcome, reader: Reader) -> Sheet:
    names = {unit.id: unit.name for unit, _tally in found.units}
    titles = (_("Full name"), _("Unit"), _("Lessons done"), _("Of"), _("Average, of 10"))
    rows: list[list[Cell]] = [
        [
            each.person.full_name,
            names.get(each.person.unit_id),
            each.done,
            each.of,
            _rounded(each.average),
        ]
        for each in found.people
    ]
    return _sheet(_("By person"), titles, rows, reader)


def _hard(found: Outcome, reader: Reader) -> Sheet:
    titles = (
        _("Lesson"),
        _("Question"),
        _("What was asked"),
        _("What is right"),
        _("First answers"),
        _("Of these wrong"),
    )
    rows: list[list[Cell]] = [
        [
            each.lesson.place,
            each.place,
            each.question.ask,
            reader.plain(bare_words(each.question)),
            each.answers,
            each.wrong,
        ]
        for each in found.hardest
    ]
    return _sheet(_("Hardest points"), titles, rows, reader)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _sheet(name: Text, header: tuple[Text, ...], rows: list[list[Cell]], reader: Reader) -> Sheet:
    return Sheet(reader.plain(name), [reader.plain(each) for each in header], rows)


# -- the report ----------------------------------------------------------------------------------


@maker("follow_word", power="campaign.see")
def word(talk: Talk, campaign_id: int) -> Callable[[], bytes]:
    """The report: figures, lessons, units, hardest points; nobody is named."""
    found = follow.take_away(talk.session, talk.actor, campaign_id, "word", now=talk.now)
    reader = talk.reader_of(found.unit.language or talk.house.language)
    above = above_of(talk, found.unit)
    today = talk.now.astimezone(ZoneInfo(found.campaign.zone)).date()
    return lambda: report(found, above, today, reader)


def above_of(talk: Talk, unit: Unit) -> str:
    """The unit above, as it stands in the head of a paper; "" for none."""
    above = talk.session.get(Unit, unit.parent_id) if unit.parent_id is not None else None
    return above.name.upper() if above else ""


def report(found: Outcome, above: str, today: date, reader: Reader) -> bytes:
    """The file."""
    from handlers.paper import pieces  # slow to load

    say = reader.plain
    made = pieces.new_paper()
    day = document_day(today, reader)
    pieces.head(made, above, found.unit.name.upper(), organisation(reader), day)
    pieces.title(made, say(_("REPORT ON THE STUDY CAMPAIGN")), found.campaign.name)
    if found.campaign.citation:
        pieces.labelled(made, say(_("By:")), found.campaign.citation)
    pieces.labelled(made, say(_("Time:")), f"{dates(found.campaign)}.")
    for line in (
        saying.turnout(found.whole),
        saying.completion(found.whole),
        saying.scores(found),
        saying.essays(found),
    ):
        if line is not None:
            pieces.line(made, f"{say(line)}.", indent=1)
    _lesson_table(made, found, reader)
    if len(found.units) > 1:
        _unit_table(made, found, reader)
    _hard_list(made, found, reader)
    for each in saying.why(found):
        pieces.line(made, say(each), italic=True, size=11)
    signed = say(_("(signature and full name)"))
    pieces.signatures(made, ("", "", "", ""), (say(_("FOR THE COMMITTEE")), signed, "", ""))
    return pieces.saved(made)


def dates(campaign: Campaign) -> str:
    """ "01/08/2026 – 31/08/2026"."""
    return f"{campaign.starts:%d/%m/%Y} – {campaign.ends:%d/%m/%Y}"


def _lesson_table(made: Paper, found: Outcome, reader: Reader) -> None:
    from handlers.paper import pieces

    say = reader.plain
    pieces.heading(made, say(_("By lesson")))
    titles = (_("No."), _("Lesson"), _("Done by"), _("Quiz passed"), _("Average"))
    widths = (1.2, 7.3, 3, 2.7, 2.3)
    table = pieces.grid(made, [say(each) for each in titles], widths)
    aligns = [pieces.CENTRE, pieces.LEFT, *[pieces.CENTRE] * 3]
    for each in found.lessons:
        share = saying.number(percent(each.done, found.whole.people))
        cells = [
            str(each.lesson.place),
            each.lesson.title,
            f"{each.done}/{found.whole.people} ({share}%)",
            f"{each.passed}/{each.taken}" if each.quiz else "–",
            saying.number(each.average),
        ]
        pieces.row(table, cells, aligns)
    pieces.fit(table, widths)


def _unit_table(made: Paper, found: Outcome, reader: Reader) -> None:
    from handlers.paper import pieces

    say = reader.plain
    pieces.heading(made, say(_("By unit")))
    titles = (_("No."), _("Unit"), _("Taken part"), _("Finished"), _("Average"))
    widths = (1.2, 7.3, 3, 2.7, 2.3)
    table = pieces.grid(made, [say(each) for each in titles], widths)
    aligns = [pieces.CENTRE, pieces.LEFT, *[pieces.CENTRE] * 3]
    for place, (unit, tally) in enumerate(found.units, 1):
        cells = [
            str(place),
            unit.name,
            f"{tally.started}/{tally.people}",
            f"{tally.finished}/{tally.people}",
            saying.number(tally.average),
        ]
        pieces.row(table, cells, aligns)
    pieces.fit(table, widths)


def _hard_list(made: Paper, found: Outcome, reader: Reader) -> None:
    from handlers.paper import pieces

    if not found.hardest:
        return
    say = reader.plain
    pieces.heading(made, say(_("Hardest points")))
    for place, each in enumerate(found.hardest, 1):
        right = _("right: {answer}", answer=bare_words(each.question))
        said = f"{place}. {each.question.ask} ({say(saying.hard(each))}; {say(right)})"
        pieces.line(made, said, indent=1)
