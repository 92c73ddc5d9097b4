"""Files that people send: fetched, read elsewhere, and handed to the feature they fit.

A file is recognised by its header, so nobody has to say first what they are going to send.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from handlers import bank, campaigns, questions
from handlers.kit import Button, Fetch, Say, Talk, document, upload
from handlers.minutes import forms
from handlers.roster import importing
from handlers.text import Text, _
from storage import bank_files
from storage.powers import may_somewhere
from storage.questions import COLUMNS as QUESTIONS
from storage.reading import Read
from storage.roster_import import COLUMNS
from storage.sheets import Column, Problem

LIMIT_MB = 20
Taker = Callable[[Talk, Read], Say]


@dataclass(frozen=True, slots=True)
class Importer:
    """What may be imported: who may, by which columns a file is known, who takes its rows."""

    name: str
    power: str
    columns: Sequence[Column]
    take: Taker


IMPORTERS: tuple[Importer, ...] = (
    Importer("roster", "roster.import", COLUMNS, importing.preview),
    Importer("questions", "question.import", QUESTIONS, questions.preview),
    Importer(bank_files.NAME, "campaign.manage", bank_files.COLUMNS, bank.preview),
)


@document(power="home")
def sent(talk: Talk) -> Say:
    """Says at once whether the file can be taken; fetching comes after."""
    fetch = talk.document
    if fetch is not None and forms.expects(talk):
        return forms.fetched_by(fetch)
    is_campaign = fetch is not None and _is_campaign(talk, fetch.name)
    takes_tables = any(may_somewhere(talk.actor, each.power) for each in IMPORTERS)
    if fetch is None or not (is_campaign or takes_tables):
        return Say(
            _("I cannot do anything with files from you. Questions are welcome as text."),
            buttons=[[Button(_("‹ Home"), "home")]],
        )
    megabytes = -(-fetch.size // 2**20)
    if megabytes > LIMIT_MB:
        return Say(
            _("The file has {size} MB; I take at most {limit} MB.", size=megabytes, limit=LIMIT_MB),
            buttons=[[Button(_("Cancel"), "home")]],
        )
    return Say(
        _("Checking {file} …", file=fetch.name),
        fetch=Fetch(
            campaigns.FORM if is_campaign else "file", fetch.file_id, fetch.name, fetch.size
        ),
    )


def _is_campaign(talk: Talk, name: str) -> bool:
    """A study campaign is no table: it is known by the end of its name."""
    return name.lower().endswith(".toml") and may_somewhere(talk.actor, "campaign.manage")


@upload("file", power="home", tables={each.name: each.columns for each in IMPORTERS})
def fetched(talk: Talk, found: Read) -> Say:
    """To the feature whose file it is."""
    importer = next((each for each in IMPORTERS if each.name == found.kind), None)
    if importer is None or not may_somewhere(talk.actor, importer.power):
        return Say(
            _("{file} cannot be used.", file=found.name),
            *said(found.problems[:3]),
            _("A document of a meeting is sent there: the meeting, [Prepare], [Documents].")
            if may_somewhere(talk.actor, "meeting.create")
            else None,
            buttons=[[Button(_("‹ Home"), "home")]],
        )
    return importer.take(talk, found)


def said(problems: Sequence[Problem]) -> list[Text]:
    """Problems as lines of a screen."""
    return [importing.problem(each) for each in problems]
