"""Words of the notices about essays, found when they are sent; what an essay says is in none."""

from __future__ import annotations

from handlers.essays.saying import asked, head
from handlers.kit import Button, Note, Say, notice
from handlers.text import _
from storage import essays
from storage.campaigns import Campaign
from storage.outbox import Class


@notice(essays.ASKED, power="essay.own", klass=Class.REMINDER, about=_("Essay asked for"))
def call(note: Note) -> Say | None:
    """To everybody whom it is for; the exempt are invited."""
    found = essays.waits_for(note.session, note.subject_id, note.notice.person_id or 0)
    if found is None:
        return None
    wanted, invited = found
    return Say(
        head(note.session.get_one(Campaign, wanted.campaign_id)),
        *asked(wanted),
        _("You are invited to write one, too; you need not.") if invited else None,
        buttons=[[Button(_("Open essay"), "essay", wanted.id)]],
    )


@notice(essays.SEEN, power="essay.own", klass=Class.ONCE, about=_("Essay was seen"))
def seen(note: Note) -> Say | None:
    """To its author: that it was seen, and the committee's word."""
    found = essays.told_of(note.session, note.subject_id, note.notice.person_id or 0)
    if found is None:
        return None
    essay = found.essay
    return Say(
        head(found.campaign),
        _("The committee has seen your essay, number {number}.", number=essay.number),
        _("A word from the committee: {word}", word=essay.word) if essay.word else None,
        buttons=[[Button(_("Open essay"), "essay", found.call.id)]],
    )
