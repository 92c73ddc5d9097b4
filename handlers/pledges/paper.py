"""Commitments to take away: a Word file of one's own or of all, and a table of all."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from handlers.kit import Talk, maker
from handlers.paper.words import clock_of, document_day, organisation
from handlers.pledges.saying import VERDICTS
from handlers.roster.words import KINDS
from handlers.text import Reader, Text, _
from storage import pledges
from storage.pledges import Comparison, PledgeYear, Signed, State
from storage.roster import Person, Unit
from storage.sheets import Cell, Sheet, write_xlsx

if TYPE_CHECKING:
    from docx.document import Document as Paper

One = tuple[Person, Signed, Comparison]


@maker("pledge_word", power="pledge.own")
def own_word(talk: Talk, year_id: int) -> Callable[[], bytes]:
    """One's own, as it was signed."""
    found, signed = pledges.own_signed(talk.session, talk.actor, year_id)
    seen = pledges.comparison(talk.session, signed)
    reader = _reader(talk, found.unit)
    above = _above(talk, found.unit)
    return lambda: paper(found.year, found.unit, above, [(found.person, signed, seen)], reader)


@maker("pledges_word", power="pledge.manage")
def all_word(talk: Talk, year_id: int) -> Callable[[], bytes]:
    """Everybody's, each on a page of its own."""
    found = pledges.taken_away(talk.session, talk.actor, year_id, "word", now=talk.now)
    seen = pledges.comparisons(talk.session, found.year)
    ones = [(person, signed, seen[person.id]) for person, signed in found.all_signed]
    reader, above = _reader(talk, found.unit), _above(talk, found.unit)
    return lambda: paper(found.year, found.unit, above, ones, reader)


@maker("pledges_excel", power="pledge.manage")
def all_excel(talk: Talk, year_id: int) -> Callable[[], bytes]:
    """Who has signed what, and who has not."""
    found = pledges.taken_away(talk.session, talk.actor, year_id, "excel", now=talk.now)
    sheets = table(found, pledges.comparisons(talk.session, found.year), talk.reader)

    def build() -> bytes:
        target = io.BytesIO()
        write_xlsx(target, sheets)
        return target.getvalue()

    return build


def _reader(talk: Talk, unit: Unit) -> Reader:
    """Papers are in the language of the unit."""
    return talk.reader_of(unit.language or talk.house.language)


def _above(talk: Talk, unit: Unit) -> str:
    above = talk.session.get(Unit, unit.parent_id) if unit.parent_id is not None else None
    return above.name.upper() if above else ""


# -- the Word file -------------------------------------------------------------------------------


def paper(year: PledgeYear, unit: Unit, above: str, ones: Sequence[One], reader: Reader) -> bytes:
    """The file; nobody has signed: a page that says so."""
    from handlers.paper import pieces  # slow to load

    made = pieces.new_paper()
    for number, one in enumerate(ones):
        if number:
            made.add_page_break()  # type: ignore[no-untyped-call]
        _page(made, year, unit, above, one, reader)
    if not ones:
        pieces.title(made, reader.plain(_("COMMITMENT")), str(year.year))
        pieces.line(made, reader.plain(_("Nobody has signed yet.")))
    return pieces.saved(made)


def _page(made: Paper, year: PledgeYear, unit: Unit, above: str, one: One, reader: Reader) -> None:
    from handlers.paper import pieces

    say, (person, signed, seen) = reader.plain, one
    day = signed.signed_at.astimezone(ZoneInfo(year.zone)).date()
    dated = document_day(day, reader)
    pieces.head(made, above, unit.name.upper(), organisation(reader), dated)
    below = _("to train, to improve and to strive, year {year}", year=str(year.year))
    pieces.title(made, say(_("COMMITMENT")), say(below))
    pieces.labelled(made, say(_("Full name:")), person.full_name)
    pieces.labelled(made, say(_("Belongs to:")), unit.name)
    for place, part in enumerate(signed.written, 1):
        pieces.heading(made, f"{place}. {part.heading}")
        for text in part.text.split("\n"):
            pieces.line(made, text, indent=1)
    if seen.marks:
        _outcome(made, signed, seen, reader)
    hour = clock_of(signed.signed_at, year.zone, reader)
    late = say(_("signed late")) if year.late(signed.signed_at) else ""
    at = say(_("signed at {hour}, {day}, version {n}", hour=hour, day=dated, n=signed.number))
    seal = say(_("seal {seal}", seal=signed.seal.partition(".")[2][:16]))
    known = "\n".join(filter(None, [at, late, seal]))
    pieces.signatures(made, ("", "", "", ""), (say(_("WHO COMMITS")), "", known, person.full_name))


def _outcome(made: Paper, signed: Signed, seen: Comparison, reader: Reader) -> None:
    from handlers.paper import pieces

    say = reader.plain
    pieces.heading(made, say(_("WHAT HAS BECOME OF IT")))
    widths = (1.2, 6.3, 3, 6)
    titles = (_("No."), _("Heading"), _("Outcome"), _("A word about it"))
    table_ = pieces.grid(made, [say(each) for each in titles], widths)
    aligns = [pieces.CENTRE, *[pieces.LEFT] * 3]
    for place, part in enumerate(signed.written, 1):
        mark = seen.marks.get(part.key)
        verdict = say(VERDICTS[mark.verdict]) if mark else ""
        pieces.row(table_, [str(place), part.heading, verdict, mark.word if mark else ""], aligns)
    pieces.fit(table_, widths)


# -- the table -----------------------------------------------------------------------------------


def table(found: State, seen: dict[int, Comparison], reader: Reader) -> list[Sheet]:
    """A line for each who has signed, and who has not; then what is written and came of it."""
    say, year = reader.plain, found.year
    zone = ZoneInfo(year.zone)
    people: list[tuple[Person, Signed | None]] = [*found.signed, *found.invited]
    people += [(each, None) for each in found.unsigned]
    people.sort(key=lambda pair: (pair[0].sort_key, pair[0].id))
    rows: list[list[Cell]] = [
        [
            person.full_name,
            say(KINDS[person.kind]),
            version.signed_at.astimezone(zone) if version else None,
            version.number if version else None,
            say(_state(year, version)),
            say(_("invited only")) if (person, version) in found.invited else None,
        ]
        for person, version in people
    ]
    titles = (
        _("Full name"),
        _("Member kind"),
        _("Signed at"),
        _("Version"),
        _("State"),
        _("Note"),
    )
    return [
        Sheet(say(_("Who has signed")), [say(each) for each in titles], rows),
        _texts(found, seen, reader),
    ]


def _state(year: PledgeYear, version: Signed | None) -> Text:
    if version is None:
        return _("not signed")
    return _("signed late") if year.late(version.signed_at) else _("signed")


def _texts(found: State, seen: dict[int, Comparison], reader: Reader) -> Sheet:
    say = reader.plain
    titles = (_("Full name"), _("Heading"), _("What was undertaken"), _("Outcome"))
    rows: list[list[Cell]] = []
    for person, version in found.all_signed:
        marks = seen[person.id].marks
        for part in version.written:
            mark = marks.get(part.key)
            verdict = say(VERDICTS[mark.verdict]) if mark else None
            rows.append(
                [person.full_name, part.heading, part.text, verdict, mark.word if mark else None]
            )
    header = [say(each) for each in (*titles, _("A word about it"))]
    return Sheet(say(_("What was undertaken")), header, rows)
