"""A member's side: text in several messages, files, [That is all], shown back, handed in.

While the form is open a file is part of the essay, whatever it holds: only its number at Telegram
is kept, and nothing is fetched.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from handlers.campaigns import doors
from handlers.campaigns.showing import HOME, pages_of
from handlers.essays.saying import asked, head, receipt, standing
from handlers.kit import Ask, Button, Say, Stored, Talk, answer, button, document
from handlers.paging import Page
from handlers.text import Words, _, cut
from storage import essays
from storage.essays import Attached, EssayFile, OwnEssay

FORM = "essay"
NAME = 60  # letters of a file's name
GLANCE = 200  # letters of the text that are shown back


@button("essay", power="essay.own")
def show(talk: Talk, call_id: int) -> Say:
    """[Essay]: what is asked for, or the receipt."""
    return screen(talk, essays.own(talk.session, talk.actor, call_id))


def screen(talk: Talk, found: OwnEssay, *, toast: Words | None = None) -> Say:
    """Where one's own essay stands."""
    number, essay, top = found.call.id, found.essay, head(found.campaign)
    back: list[Button | None] = [Button(_("‹ Back"), "course", found.campaign.id, 0), HOME]
    if essay is None:
        late = _("The last day has passed; an essay is still taken, marked as late.")
        return Say(
            top,
            *asked(found.call),
            late if found.call.late(talk.now) else None,
            _("Only the committee reads it."),
            buttons=[[Button(_("Write the essay"), "essay_write", number)], back],
            toast=toast,
        )
    open_ = essay.opened_at is None
    return Say(
        top,
        *receipt(found.call, essay, len(found.files)),
        standing(essay),
        _("A word from the committee: {word}", word=essay.word) if essay.word else None,
        buttons=[
            [
                Button(_("Read my essay"), "essay_own", number, 0),
                Button(_("Take it back"), "essay_back", essay.id) if open_ else None,
            ],
            back,
        ],
        toast=toast,
    )


# -- writing -------------------------------------------------------------------------------------


@button("essay_write", power="essay.own")
def begin(talk: Talk, call_id: int) -> Say:
    """[Write the essay], [Go on writing]: waits for text and files."""
    found = essays.own(talk.session, talk.actor, call_id)
    if found.essay is not None:
        return screen(talk, found)
    data = _data(talk)
    if data.get("call") != call_id:
        data = {"call": call_id, "parts": [], "files": [], "token": secrets.token_hex(8)}
    return _waiting(talk, found, data)


def _waiting(talk: Talk, found: OwnEssay, data: dict[str, Any]) -> Ask:
    parts, files = data["parts"], data["files"]
    number = found.call.id
    so_far = _(
        "So far: {parts} messages, {letters} letters, {files} files.",
        parts=len(parts),
        letters=len(essays.joined(parts)),
        files=len(files),
    )
    begun = bool(parts or files)
    return Ask(
        FORM,
        head(found.campaign),
        _("Topic: {topic}", topic=found.call.topic),
        so_far if begun else _("Type it in one message or several, or send a file or photos."),
        _("Go on, or press the button when that is all. It is kept here for two days.")
        if begun
        else None,
        _("Nothing secret, please."),
        data=data,
        buttons=[
            [Button(_("That is all"), "essay_done", number) if begun else None],
            [Button(_("Cancel"), "cancel", FORM)],
        ],
    )


@answer(FORM, power="essay.own", about=_("a study essay"))
def typed(talk: Talk) -> Say:
    """One message more."""
    data = _data(talk)
    found = essays.own(talk.session, talk.actor, int(data.get("call", 0)))
    if found.essay is not None:
        return screen(talk, found)
    parts = [*data["parts"], talk.text]
    essays.check(parts, _files(data))
    return _waiting(talk, found, {**data, "parts": parts})


@document(power="essay.own", form=FORM)
def sent(talk: Talk) -> Say:
    """A file or a photo more; what is written below it is text of the essay."""
    data = _data(talk)
    found = essays.own(talk.session, talk.actor, int(data.get("call", 0)))
    if found.essay is not None:
        return screen(talk, found)
    parts, files, file = data["parts"], _files(data), talk.document
    if file is not None and all(each.unique_id != file.unique_id for each in files):
        photo = talk.house.reader().plain(_("Photo {n}", n=len(files) + 1))
        name = photo if file.photo else file.name
        files = [*files, Attached(file.file_id, file.unique_id, name, file.photo)]
        parts = [*parts, talk.text] if talk.text else parts
    essays.check(parts, files)
    told = {**data, "parts": parts, "files": [asdict(each) for each in files]}
    return _waiting(talk, found, told)


@button("essay_done", power="essay.own")
def done(talk: Talk, call_id: int) -> Say:
    """[That is all]: shown back before it is handed in."""
    data = _data(talk)
    found = essays.own(talk.session, talk.actor, call_id)
    if found.essay is not None or data.get("call") != call_id:
        return screen(talk, found)
    files = _files(data)
    text = essays.check(data["parts"], files)
    names = ", ".join(cut(each.name, NAME) for each in files[:3])
    return Ask(
        FORM,
        head(found.campaign),
        cut(text, GLANCE) or None,
        _("{letters} letters, {files} files", letters=len(text), files=len(files)),
        names or None,
        _("Hand this in? It would be LATE.")
        if found.call.late(talk.now)
        else _("Hand this in? Only the committee reads it."),
        data=data,
        buttons=[
            [
                Button(_("Hand in"), "essay_hand", call_id),
                Button(_("Go on writing"), "essay_write", call_id),
            ],
            [Button(_("Cancel"), "cancel", FORM)],
        ],
    )


@button("essay_hand", power="essay.own")
def hand_in(talk: Talk, call_id: int) -> Say:
    """[Hand in]; pressed twice, the receipt."""
    data = _data(talk)
    found = essays.own(talk.session, talk.actor, call_id)
    if data.get("call") != call_id:
        return screen(talk, found)
    found = essays.hand_in(
        talk.session,
        talk.actor,
        call_id,
        data["parts"],
        _files(data),
        token=data["token"],
        now=talk.now,
    )
    talk.close(FORM)
    return screen(talk, found, toast=_("Handed in."))


# -- afterwards ----------------------------------------------------------------------------------


@button("essay_own", power="essay.own")
def own(talk: Talk, call_id: int, page: int) -> Say:
    """[Read my essay]: page by page; its files come with the first."""
    found = essays.own(talk.session, talk.actor, call_id)
    if found.essay is None:
        return screen(talk, found)
    shown = Page.of(pages_of(found.essay.text), page, 1)
    return Say(
        head(found.campaign),
        *[each for each in shown.items if each],
        _("Its files follow.") if found.files and not page else None,
        buttons=[
            shown.turn("essay_own", call_id),
            [Button(_("‹ Back"), "essay", call_id), HOME],
        ],
        files=stored(found.files) if not page else [],
    )


def stored(files: Sequence[EssayFile]) -> list[Stored]:
    """Files by their numbers at Telegram."""
    return [Stored(each.file_id, each.photo, cut(each.name, NAME)) for each in files]


@button("essay_back", power="essay.own")
def ask_back(talk: Talk, essay_id: int) -> Say:
    """[Take it back]: asked again, for it is deleted."""
    call_id = essays.call_of(talk.session, talk.actor, essay_id)
    found = essays.own(talk.session, talk.actor, call_id)
    if found.essay is None or found.essay.id != essay_id or found.essay.opened_at is not None:
        return screen(talk, found)
    return Say(
        head(found.campaign),
        _("Take back number {number}? Its text and files are deleted.", number=found.essay.number),
        buttons=[
            [Button(_("Yes, take it back"), "essay_back_yes", essay_id)],
            [Button(_("‹ Back"), "essay", call_id)],
        ],
    )


@button("essay_back_yes", power="essay.own")
def back(talk: Talk, essay_id: int) -> Say:
    """[Yes, take it back]; pressed twice, the same."""
    found = essays.take_back(talk.session, talk.actor, essay_id, now=talk.now)
    return screen(talk, found, toast=_("Taken back: it is deleted."))


# -- parts ---------------------------------------------------------------------------------------


def _data(talk: Talk) -> dict[str, Any]:
    return dict(talk.draft.data) if talk.draft is not None and talk.draft.form == FORM else {}


def _files(data: dict[str, Any]) -> list[Attached]:
    return [Attached(**each) for each in data["files"]]


def _door(talk: Talk, campaign_id: int) -> Button | None:
    call = essays.mine(talk.session, talk.actor, campaign_id)
    return Button(_("Essay"), "essay", call.id) if call else None


doors.hang(doors.COURSE, _door)
