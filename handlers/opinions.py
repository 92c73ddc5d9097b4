"""Opinions beforehand: a member writes what they want to say or to raise; the committee reads."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlmodel import Session

from handlers import doors
from handlers.kit import Ask, Button, House, Note, Say, Talk, answer, button, notice
from handlers.meetings import answers
from handlers.meetings.showing import MANAGE, meeting_label
from handlers.paging import Page
from handlers.text import Text, Words, _, cut, n_
from storage import opinions
from storage.meetings import Meeting
from storage.outbox import Class
from storage.schedule import Due

FORM = "opinion"
SHOWN = 80  # letters of one in a list


def tell(session: Session, due: Due, house: House, now: datetime) -> None:
    """The day before: one word to the committee of those that wait."""
    opinions.digest(session, int(due.subject.rpartition(":")[2]), quiet=house.quiet, now=now)


# -- who is convened ---------------------------------------------------------------------------


@button("opinion", power="meeting.answer")
def show(talk: Talk, meeting_id: int) -> Say:
    """[Opinion beforehand]: one's own, and a place to write."""
    return screen(talk, meeting_id)


def screen(talk: Talk, meeting_id: int, *, asks: bool = True, toast: Words | None = None) -> Say:
    """What they have sent; while more is taken the form is open, where it is asked for (`asks`)."""
    talk.close(FORM)
    meeting, seat = opinions.own(talk.session, talk.actor, meeting_id)
    mine = opinions.of_person(talk.session, meeting_id, seat.person_id)
    open_ = opinions.open_(meeting, talk.now)
    lines: list[Words | None] = [
        _("<b>OPINIONS BEFOREHAND</b> · {meeting}", meeting=meeting_label(meeting)),
        *[_quoted(place, each.text) for place, each in enumerate(mine, 1)],
    ]
    takes = [
        Button(_("Withdraw {n}", n=place), "opinion_withdraw", meeting_id, each.id)
        for place, each in enumerate(mine, 1)
        if open_
    ]
    rows: list[list[Button | None]] = [[*takes[:2]], [*takes[2:]]]
    rows.append([Button(_("‹ Back"), "opinion_leave", meeting_id)])
    if not open_:
        lines.append(_("Opinions are taken until the meeting begins."))
        return Say(*lines, buttons=rows, toast=toast)
    if len(mine) >= opinions.AT_MOST:
        lines.append(_("That is {limit}, the limit for one person.", limit=opinions.AT_MOST))
        return Say(*lines, buttons=rows, toast=toast)
    if not asks:
        rows.insert(-1, [Button(_("Add an opinion"), "opinion", meeting_id)])
        return Say(*lines, buttons=rows, toast=toast)
    lines.append(
        _(
            "Please type your opinion, or a question to raise. Only the committee reads it; "
            "at most {limit} for a meeting.",
            limit=opinions.AT_MOST,
        )
    )
    return Ask(FORM, *lines, data={"meeting": meeting_id}, buttons=rows, toast=toast)


@answer(FORM, power="meeting.answer", about=_("an opinion for a meeting"))
def typed(talk: Talk) -> Say:
    """What was typed is shown back before it is sent."""
    meeting_id = int(talk.draft.data.get("meeting", 0)) if talk.draft else 0
    meeting, seat = opinions.own(talk.session, talk.actor, meeting_id)
    mine = opinions.of_person(talk.session, meeting_id, seat.person_id)
    text = opinions.check_text(talk.text)
    opinions.check_open(meeting, mine, now=talk.now)
    return Ask(
        FORM,
        _("To the committee, about {meeting}:", meeting=meeting_label(meeting)),
        text,
        _("Send this? The committee sees your name."),
        data={"meeting": meeting_id, "text": text, "token": secrets.token_hex(8)},
        buttons=[
            [
                Button(_("Send with name"), "opinion_send", meeting_id),
                Button(_("Edit"), "opinion", meeting_id),
            ],
            [Button(_("Cancel"), "cancel", FORM)],
        ],
    )


@button("opinion_leave", power="meeting.answer")
def leave(talk: Talk, meeting_id: int) -> Say:
    """[‹ Back]: what is typed after it is no opinion."""
    talk.close(FORM)
    return answers.one_meeting(talk, meeting_id)


@button("opinion_send", power="meeting.answer")
def send(talk: Talk, meeting_id: int) -> Say:
    """[Send with name]: what was shown back; pressed again, it has been sent."""
    data = talk.draft.data if talk.draft is not None and talk.draft.form == FORM else {}
    if data.get("meeting") != meeting_id or "text" not in data:
        return screen(talk, meeting_id, asks=False)
    opinions.send(
        talk.session, talk.actor, meeting_id, data["text"], token=data["token"], now=talk.now
    )
    return screen(talk, meeting_id, asks=False, toast=_("Sent to the committee."))


@button("opinion_withdraw", power="meeting.answer")
def withdraw(talk: Talk, meeting_id: int, opinion_id: int) -> Say:
    """[Withdraw 1]: it is deleted."""
    gone = opinions.withdraw(talk.session, talk.actor, meeting_id, opinion_id, now=talk.now)
    return screen(talk, meeting_id, asks=False, toast=_("Withdrawn.") if gone else None)


# -- the committee -----------------------------------------------------------------------------


@button("opinions", power="meeting.create")
def first(talk: Talk, meeting_id: int) -> Say:
    """[Early opinions]: one after the other, in full."""
    return page(talk, meeting_id, 0)


@button("opinions_page", power="meeting.create")
def page(talk: Talk, meeting_id: int, number: int) -> Say:
    """Another of them."""
    meeting, found = opinions.received(talk.session, talk.actor, meeting_id)
    shown = Page.of(found, number, 1)
    return Say(
        n_(
            "<b>OPINIONS BEFOREHAND</b> · {meeting} · {n} opinion",
            "<b>OPINIONS BEFOREHAND</b> · {meeting} · {n} opinions",
            meeting=meeting_label(meeting),
            n=len(found),
        ),
        *[
            _("<b>{name}</b>: {text}", name=person.full_name, text=opinion.text)
            for opinion, person in shown.items
        ],
        None if found else _("Nobody has sent one."),
        buttons=[
            shown.turn("opinions_page", meeting_id),
            [Button(_("‹ Back"), "meeting_desk", meeting_id)],
        ],
    )


@notice(
    "opinion.digest",
    power="meeting.create",
    klass=Class.REMINDER,
    about=_("Opinions before a meeting"),
)
def waiting(note: Note) -> Say | None:
    """To the committee, on the day before: how many there are, and no word of them."""
    meeting = note.session.get(Meeting, note.subject_id)
    if meeting is None or not opinions.open_(meeting, note.now):
        return None
    number = opinions.number(note.session, meeting.id)
    if not number or not note.may("meeting.create", meeting.unit_id):
        return None
    return Say(
        n_(
            "{meeting}: {n} opinion was sent beforehand.",
            "{meeting}: {n} opinions were sent beforehand.",
            meeting=meeting_label(meeting),
            n=number,
        ),
        buttons=[[Button(_("Read opinions"), "opinions", meeting.id)], [MANAGE]],
    )


def _quoted(place: int, text: str) -> Text:
    return _("{n}. {title}", n=place, title=cut(text, SHOWN))


# -- on the meeting's screens ------------------------------------------------------------------


def _label(session: Session, meeting: Meeting) -> Text | None:
    return _("Early opinions") if opinions.number(session, meeting.id) else None


def _line(session: Session, meeting: Meeting) -> Words | None:
    number = opinions.number(session, meeting.id)
    return _("Opinions beforehand: {n}", n=number) if number else None


doors.hang(doors.MEMBER, "opinion", _("Give an opinion"), open=opinions.open_, rank=8)
doors.hang(doors.BEFORE, "opinions", _label, line=_line, rank=8)
doors.hang(doors.DURING, "opinions", _label, rank=8)
