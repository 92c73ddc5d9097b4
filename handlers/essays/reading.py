"""The committee reads an essay and marks it as seen, with a word to its author or without."""

from __future__ import annotations

from handlers.campaigns.showing import MANAGE, pages_of
from handlers.essays.handing import stored
from handlers.essays.saying import receipt
from handlers.kit import Ask, Button, Say, Talk, answer, button
from handlers.paging import Page
from handlers.text import Moment, Words, _
from storage import essays
from storage.essays import Read

FORM = "essay_word"


@button("essay_read", power="essay.see")
def read(talk: Talk, essay_id: int, page: int) -> Say:
    """A number: the essay in full; from now on it stays."""
    talk.close(FORM)
    found = essays.open_essay(talk.session, talk.actor, essay_id, now=talk.now)
    return _screen(talk, found, page)


def _screen(talk: Talk, found: Read, page: int, *, toast: Words | None = None) -> Say:
    essay = found.essay
    shown = Page.of(pages_of(essay.text), page, 1)
    seen = _("Seen, {at}.", at=Moment(essay.seen_at)) if essay.seen_at else None
    word = essay.seen_at is not None and not essay.word
    return Say(
        _("<b>{name}</b>", name=found.person.full_name),
        *receipt(found.call, essay, len(found.files))[:2],
        *[each for each in shown.items if each],
        seen,
        _("A word from the committee: {word}", word=essay.word) if essay.word else None,
        buttons=[
            shown.turn("essay_read", essay.id),
            [
                Button(_("Seen ✓"), "essay_seen", essay.id) if essay.seen_at is None else None,
                Button(_("Add a word"), "essay_word", essay.id)
                if essay.seen_at is None or word
                else None,
            ],
            [Button(_("Get the files"), "essay_files", essay.id) if found.files else None],
            [Button(_("‹ Back"), "essay_list", found.campaign.id, 0), MANAGE],
        ],
        toast=toast,
    )


@button("essay_files", power="essay.see")
def files(talk: Talk, essay_id: int) -> Say:
    """[Get the files]: by their numbers at Telegram."""
    found = essays.open_essay(talk.session, talk.actor, essay_id, now=talk.now)
    return Say(toast=_("The files are on their way."), files=stored(found.files))


@button("essay_seen", power="essay.see")
def seen(talk: Talk, essay_id: int) -> Say:
    """[Seen ✓]; pressed twice, the author is told once."""
    found = essays.mark_seen(
        talk.session, talk.actor, essay_id, None, quiet=talk.house.quiet, now=talk.now
    )
    return _screen(talk, found, 0, toast=_("Marked as seen; the author is told."))


@button("essay_word", power="essay.see")
def ask(talk: Talk, essay_id: int) -> Say:
    """[Add a word]: to its author."""
    found = essays.open_essay(talk.session, talk.actor, essay_id, now=talk.now)
    return Ask(
        FORM,
        _("<b>{name}</b>", name=found.person.full_name),
        _("Please type a word to the author. It is sent with the mark that it was seen."),
        data={"essay": found.essay.id},
        buttons=[[Button(_("‹ Back"), "essay_read", essay_id, 0)]],
    )


@answer(FORM, power="essay.see", about=_("a word about an essay"))
def typed(talk: Talk) -> Say:
    """The word, shown back before it is sent."""
    data = talk.draft.data if talk.draft else {}
    essay_id = int(data.get("essay", 0))
    found = essays.open_essay(talk.session, talk.actor, essay_id, now=talk.now)
    word = essays.check_word(talk.text)
    return Ask(
        FORM,
        _("<b>{name}</b>", name=found.person.full_name),
        word,
        _("Send this to the author?"),
        data={"essay": essay_id, "word": word},
        buttons=[
            [
                Button(_("Send the word"), "essay_word_send", essay_id),
                Button(_("Edit"), "essay_word", essay_id),
            ],
            [Button(_("Cancel"), "cancel", FORM)],
        ],
    )


@button("essay_word_send", power="essay.see")
def send(talk: Talk, essay_id: int) -> Say:
    """[Send the word]; pressed again, the essay as it is."""
    data = talk.draft.data if talk.draft is not None and talk.draft.form == FORM else {}
    if data.get("essay") != essay_id or "word" not in data:
        return read(talk, essay_id, 0)
    found = essays.mark_seen(
        talk.session,
        talk.actor,
        essay_id,
        str(data["word"]),
        quiet=talk.house.quiet,
        now=talk.now,
    )
    talk.close(FORM)
    return _screen(talk, found, 0, toast=_("Marked as seen; the author is told."))
