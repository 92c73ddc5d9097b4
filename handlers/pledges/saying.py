"""How a commitment is put into words, for who signs it and for the committee."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from handlers.kit import Button
from handlers.text import Day, Reader, Text, Words, _
from storage.pledges import Comparison, Part, PledgeYear, Verdict
from storage.roster import Unit

MANY = Button(_("‹ Commitments"), "pledges")

# What a new commitment proposes to write about, in each organisation's own words.
DEFAULTS: dict[str, tuple[Text, ...]] = {
    "party": (
        _("Political ideas and convictions"),
        _("Morals and way of life; setting an example"),
        _("Discipline and sense of organisation"),
        _("Working style"),
        _("Duties and tasks of the year"),
    ),
    "union": (
        _("Work and labour discipline"),
        _("Learning and better skills"),
        _("Taking part in the union's activities"),
        _("Care for colleagues and family"),
    ),
    "youth": (
        _("Ideals, morals and way of life"),
        _("Study, work and new ideas"),
        _("Volunteering for the community"),
        _("Taking part in the youth union's life"),
    ),
    "association": (
        _("Keeping to the association's statutes"),
        _("Taking part in its activities"),
        _("What I contribute this year"),
    ),
}
VERDICTS: dict[str, Text] = {
    Verdict.DONE: _("done"),
    Verdict.PARTLY: _("done in part"),
    Verdict.NOT: _("not done"),
}


def defaults(reader: Reader) -> list[str]:
    """The headings proposed, as plain words of the reader's organisation."""
    chosen = DEFAULTS.get(reader.profile, DEFAULTS["party"])
    return [reader.plain(each) for each in chosen]


def head(year: PledgeYear, unit: Unit) -> Text:
    """The first line of every screen."""
    return title(year.year, unit)


def title(year: int, unit: Unit) -> Text:
    """The same, before there is a row."""
    return _("<b>COMMITMENT {year}</b> · {unit}", year=str(year), unit=unit.name)


def due(year: PledgeYear) -> Text:
    """ "Hạn ký: thứ Hai 31/8/2026"."""
    return _("To be signed by: {day}", day=Day(year.due))


def headings(lines: Sequence[str]) -> Text:
    """All headings in one line."""
    numbered = [
        _("{number}. {words}", number=number, words=words) for number, words in enumerate(lines, 1)
    ]
    return _("Headings: {all}", all=reduce(_beside, numbered[1:], numbered[0]))


def _beside(row: Text, part: Text) -> Text:
    return _("{row} · {part}", row=row, part=part)


def full(parts: Sequence[Part], found: Comparison | None, reader: Reader) -> str:
    """Everything that is written, heading by heading, with what was said of it at year's end."""
    paragraphs = []
    for place, part in enumerate(parts, 1):
        lines = [f"{place}. {part.heading}", part.text or "…"]
        if found is not None and part.key in found.marks:
            lines.append(reader.plain(marked(found, part.key)))
        paragraphs.append("\n".join(lines))
    return "\n\n".join(paragraphs)


def marked(found: Comparison, key: int) -> Words:
    """ "→ làm một phần: còn thiếu hai buổi"."""
    mark = found.marks[key]
    verdict = VERDICTS[mark.verdict]
    if not mark.word:
        return _("→ {verdict}", verdict=verdict)
    return _("→ {verdict}: {word}", verdict=verdict, word=mark.word)
