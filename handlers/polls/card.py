"""What is seen and pressed: one live message in the group, or a message to each in private."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from handlers.kit import Button, House, Note, Say, Talk, button, notice
from handlers.meetings.showing import HOME
from handlers.polls.saying import HEAD, answer_buttons, card_lines, options
from handlers.text import Words, _
from storage import polls
from storage.errors import NotFound, Refusal
from storage.meetings import Meeting
from storage.outbox import Class
from storage.polls import Poll
from storage.schedule import Due


def close_due(session: Session, due: Due, house: House, now: datetime) -> None:
    """The time of a question is over."""
    polls.close_due(session, int(due.subject.rpartition(":")[2]), now=now)


@notice(polls.CARD, power="poll.answer", klass=Class.REMINDER, about=_("Show of hands"))
def card(note: Note) -> Say | None:
    """In the group: totals, and never who."""
    poll = polls.as_told(note.session, note.subject_id)
    if poll is None:
        return None
    meeting = note.session.get_one(Meeting, poll.meeting_id)
    lines = card_lines(poll, meeting, polls.standing(note.session, poll))
    return Say(*lines, buttons=answer_buttons(poll) if poll.closed_at is None else ())


@notice(polls.ASK, power="poll.answer", klass=Class.REMINDER, about=_("Question to those who meet"))
def asked(note: Note) -> Say | None:
    """To each in private, where the unit has no group."""
    poll = polls.as_told(note.session, note.subject_id)
    if poll is None or not poll.takes(note.now):
        return None
    try:
        polls.may_answer(note.session, note.actor, poll)
    except Refusal:
        return None
    return _own(note.session, poll, _("Please choose. Nobody sees who chose what."))


@button("poll_answer", power="poll.answer", group=True)
def answer(talk: Talk, poll_id: int, choice: int) -> Say:
    """An answer; what was chosen is kept nowhere but in the open poll, not even for a retry."""
    poll = polls.as_told(talk.session, poll_id)
    if poll is not None and not poll.takes(talk.now):
        polls.may_answer(talk.session, talk.actor, poll)
        return _closed(talk, poll)
    poll = polls.answer(talk.session, talk.actor, poll_id, choice, now=talk.now)
    chosen = options(poll.options)[choice]
    noted = _("Noted: {option}. You may change it until the end.", option=chosen)
    if not talk.private:
        return Say(toast=noted, kept=False)
    said = _own(talk.session, poll, noted)
    said.toast, said.kept = noted, False
    return said


def _own(session: Session, poll: Poll, last: Words) -> Say:
    if not poll.choices:
        raise NotFound
    return Say(HEAD, poll.question, last, buttons=[*answer_buttons(poll), [HOME]])


def _closed(talk: Talk, poll: Poll) -> Say:
    """Too late: that nothing was taken, and the totals as far as they are there."""
    late = _("This question is closed; your answer was not taken.")
    if not talk.private:
        return Say(toast=late, alert=True)
    meeting = talk.session.get_one(Meeting, poll.meeting_id)
    lines = card_lines(poll, meeting, polls.standing(talk.session, poll))
    shown = lines if poll.closed_at is not None else lines[:2]
    return Say(*shown, late, buttons=[[Button(_("My tasks"), "tasks"), HOME]], toast=late)
