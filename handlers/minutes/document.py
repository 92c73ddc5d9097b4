"""The minutes as a Word file: the form filled in, marked while it is a draft, and what was mended.

The mark of a draft and the corrections are not left to the form, which may be the organisation's
own; they are always there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from handlers.kit import Talk, maker
from handlers.minutes.wording import stamp, values
from handlers.text import Reader, Text, _
from storage import minutes
from storage.minutes import Correction, Document

MAKER = "minutes_word"


@maker(MAKER, power="minutes.sign")
def word(talk: Talk, meeting_id: int) -> Callable[[], bytes]:
    """The minutes as they stand, in the language of the unit."""
    taken = minutes.take_away(
        talk.session, talk.actor, meeting_id, profile=talk.house.profile, now=talk.now
    )
    reader = talk.reader_of(taken.language or talk.house.language)
    return Filling(taken, reader, draft=taken.meeting.locked_at is None).build


@dataclass(frozen=True, slots=True)
class Filling:
    """A document about to be made; what it needs has been read."""

    document: Document
    reader: Reader
    draft: bool

    def build(self) -> bytes:
        """The file."""
        from handlers.paper import pieces as paper  # slow to load
        from handlers.paper.filling import fill
        from handlers.paper.form import default_form

        form = self.document.form or default_form(self.reader)
        made = fill(form, values(self.document, self.reader))
        if self.draft:
            paper.marked(made, self.reader.plain(_("DRAFT – not final")))
        for number, each in enumerate(self.document.corrections):
            if number == 0:
                paper.heading(made, self.reader.plain(_("CORRECTIONS")))
            at = stamp(each.at, self.document.facts.zone)
            words = self.reader.plain(_said(each, at))
            paper.line(made, words, align=paper.LEFT, indent=1)
        return paper.saved(made)


def _said(each: Correction, at: str) -> Text:
    return _(
        "{number}. {text} ({name}, {at})", number=each.number, text=each.text, name=each.by, at=at
    )
