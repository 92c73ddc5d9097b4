"""The documents of a meeting: sent here by the committee, handed on to who is convened.

While its form is open a file is a document of the meeting, whatever it holds; it is shown back and
added with a press, for the same files sent at another time are a roll or questions.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from handlers import doors
from handlers.kit import (
    Ask,
    Button,
    House,
    Note,
    Say,
    Stored,
    Talk,
    answer,
    button,
    document,
    notice,
)
from handlers.meetings.showing import MANAGE, meeting_label
from handlers.paging import Page
from handlers.text import Text, Words, _, cut, n_
from storage import meetings, papers
from storage.meetings import Meeting
from storage.outbox import Class
from storage.papers import Paper, Sent
from storage.schedule import Due

FORM = "papers"
NAME = 60  # letters of a name in a line


def look(session: Session, due: Due, house: House, now: datetime) -> None:
    """The day by which documents should be there."""
    meeting_id = int(due.subject.rpartition(":")[2])
    papers.look(session, meeting_id, house.profile, slot=due.slot, quiet=house.quiet, now=now)


# -- the committee -----------------------------------------------------------------------------


@button("papers", power="meeting.create")
def first_page(talk: Talk, meeting_id: int) -> Say:
    """[Documents]: what there is, and the way to add."""
    return page(talk, meeting_id, 0)


@button("papers_page", power="meeting.create")
def page(talk: Talk, meeting_id: int, number: int) -> Say:
    """Another page of them."""
    return screen(talk, meetings.managed(talk.session, talk.actor, meeting_id), number)


def screen(talk: Talk, meeting: Meeting, number: int = 0, *, toast: Words | None = None) -> Say:
    """The documents with a button for each."""
    talk.close(FORM)
    found = papers.papers(talk.session, meeting.id)
    shown = Page.of(found, number)
    add = Button(_("Add documents"), "papers_add", meeting.id) if papers.open_(meeting) else None
    return Say(
        _("<b>DOCUMENTS</b> · {meeting}", meeting=meeting_label(meeting)),
        *[
            _("{n}. {title}", n=place, title=cut(each.name, NAME))
            for place, each in enumerate(shown.items, shown.first)
        ],
        None if found else _("There is no document yet."),
        buttons=[
            *shown.digits("papers_one", *[(each.id,) for each in shown.items]),
            shown.turn("papers_page", meeting.id),
            [add, Button(_("‹ Back"), "hub", meeting.id, doors.BEFORE)],
        ],
        toast=toast,
    )


@button("papers_one", power="meeting.create")
def one(talk: Talk, paper_id: int) -> Say:
    """A number: to look at the document, or to take it away."""
    paper, meeting = papers.one(talk.session, talk.actor, paper_id)
    remove = Button(_("Remove document"), "papers_remove", meeting.id, paper.id)
    return Say(
        meeting_label(meeting),
        cut(paper.name, papers.NAME_LIMIT),
        buttons=[
            [
                Button(_("See document"), "papers_see", paper.id),
                remove if papers.open_(meeting) else None,
            ],
            [Button(_("‹ Back"), "papers", meeting.id)],
        ],
    )


@button("papers_see", power="meeting.create")
def see(talk: Talk, paper_id: int) -> Say:
    """[See document]: as members get it."""
    paper, _meeting = papers.one(talk.session, talk.actor, paper_id)
    return Say(files=_files([paper]))


@button("papers_remove", power="meeting.create")
def remove(talk: Talk, meeting_id: int, paper_id: int) -> Say:
    """[Remove document]: members get it no more; what they have, they have."""
    gone = papers.remove(talk.session, talk.actor, meeting_id, paper_id, now=talk.now)
    meeting = meetings.managed(talk.session, talk.actor, meeting_id)
    return screen(talk, meeting, toast=_("The document is removed.") if gone else None)


@button("papers_add", power="meeting.create")
def ask(talk: Talk, meeting_id: int) -> Say:
    """[Add documents]: waits for files."""
    meeting = meetings.managed(talk.session, talk.actor, meeting_id)
    if not papers.open_(meeting):
        return screen(talk, meeting)
    return _ask(meeting)


def _ask(meeting: Meeting) -> Say:
    return Ask(
        FORM,
        _("<b>DOCUMENTS</b> · {meeting}", meeting=meeting_label(meeting)),
        _("Please send the files here: documents or photos, several at once if you like."),
        _("What you write below a file becomes its name. Nothing secret, please."),
        data={"meeting": meeting.id},
        buttons=[[Button(_("‹ Back"), "papers", meeting.id)]],
    )


@answer(FORM, power="meeting.create", about=_("documents of a meeting"))
def typed(talk: Talk) -> Say:
    """Text is no document: the form goes on waiting."""
    return _shown_back(talk, *_opened(talk))


@document(power="meeting.create", form=FORM)
def sent(talk: Talk) -> Say:
    """A file, shown back with those sent before it; a press adds them."""
    meeting, files = _opened(talk)
    file = talk.document
    if file is not None and all(each.unique_id != file.unique_id for each in files):
        photo = _("Photo {n}", n=len(files) + 1)
        name = talk.text or (talk.house.reader().plain(photo) if file.photo else file.name)
        files = [*files, Sent(file.file_id, file.unique_id, name, file.photo)]
    return _shown_back(talk, meeting, files)


@button("papers_keep", power="meeting.create")
def keep(talk: Talk, meeting_id: int) -> Say:
    """[Add these]: the files that were shown back."""
    meeting = meetings.managed(talk.session, talk.actor, meeting_id)
    draft = talk.draft
    if draft is None or draft.form != FORM or draft.data.get("meeting") != meeting_id:
        return screen(talk, meeting)
    _meeting, files = _opened(talk)
    papers.add(talk.session, talk.actor, meeting_id, files, now=talk.now)
    return screen(talk, meeting, toast=_("Added. Members see them from now on."))


def _opened(talk: Talk) -> tuple[Meeting, list[Sent]]:
    """The meeting that the open form is about, and the files it has been sent."""
    data = talk.draft.data if talk.draft else {}
    meeting = meetings.managed(talk.session, talk.actor, int(data.get("meeting", 0)))
    return meeting, [Sent(**each) for each in data.get("files", [])]


def _shown_back(talk: Talk, meeting: Meeting, files: Sequence[Sent]) -> Say:
    if not files:
        return _ask(meeting)
    more = len(files) - 3
    return Ask(
        FORM,
        _("Add to the documents of {meeting}?", meeting=meeting_label(meeting)),
        *[cut(each.name, NAME) for each in files[-3:]],
        n_("… and {n} more.", "… and {n} more.", n=more) if more > 0 else None,
        _("Everybody who is convened can read them. More files can follow."),
        data={
            "meeting": meeting.id,
            "files": [
                {
                    "file_id": each.file_id,
                    "unique_id": each.unique_id,
                    "name": each.name,
                    "photo": each.photo,
                }
                for each in files
            ],
        },
        buttons=[
            [Button(_("Add these"), "papers_keep", meeting.id), Button(_("Cancel"), "cancel", FORM)]
        ],
    )


# -- those who are convened --------------------------------------------------------------------


@button("papers_get", power="meeting.see")
def get(talk: Talk, meeting_id: int) -> Say:
    """[Documents (2)]: here they are."""
    found = papers.for_member(talk.session, talk.actor, meeting_id)
    if not found:
        return Say(toast=_("There is no document yet."))
    return Say(toast=_("The documents are on their way."), files=_files(found))


def _files(found: Sequence[Paper]) -> list[Stored]:
    return [Stored(each.file_id, each.photo, cut(each.name, NAME)) for each in found]


# -- what is told, and the meeting's screens ---------------------------------------------------


@notice(
    "papers.missing",
    power="meeting.create",
    klass=Class.REMINDER,
    about=_("A meeting without documents"),
)
def missing(note: Note) -> Say | None:
    """To the committee alone, as long as there is none."""
    meeting = note.session.get(Meeting, note.subject_id)
    if meeting is None or not meeting.ahead(note.now):
        return None
    if not note.may("meeting.create", meeting.unit_id):
        return None
    if meeting.revision != note.notice.revision or papers.number(note.session, meeting.id):
        return None
    rule = papers.days_before(note.session, note.house.profile, meeting)
    days = round(rule.value or 0)
    return Say(
        _("{meeting} has no documents yet.", meeting=meeting_label(meeting)),
        n_(
            "Members should have them {n} day before ({source}).",
            "Members should have them {n} days before ({source}).",
            n=days,
            source=rule.citation or _("the unit's own setting"),
        ),
        buttons=[[Button(_("Add documents"), "papers_add", meeting.id)], [MANAGE]],
    )


def _label(session: Session, meeting: Meeting) -> Text | None:
    number = papers.number(session, meeting.id)
    return _("Documents ({n})", n=number) if number else None


def _line(session: Session, meeting: Meeting) -> Words:
    number = papers.number(session, meeting.id)
    return _("Documents: {n}", n=number) if number else _("There is no document yet.")


doors.hang(doors.BEFORE, "papers", _("Documents"), line=_line, rank=2)
doors.hang(doors.MEMBER, "papers_get", _label, rank=2)
