"""The chair's own screen: the questions of a meeting, and the one that is open."""

from __future__ import annotations

from sqlmodel import Session

from handlers import doors
from handlers.kit import Button, Say, Talk, button
from handlers.meetings.showing import MANAGE, meeting_label
from handlers.polls.saying import HEAD, card_lines, totals
from handlers.text import Text, Words, _, cut, n_
from storage import polls
from storage.meetings import Meeting, MeetingState

LISTED = 3  # questions with their totals
SHOWN = 80  # letters of a question in a list


def _label(_session: Session, meeting: Meeting) -> Text | None:
    """Check-in may have closed while the meeting goes on; with final minutes it is over."""
    return None if meeting.locked_at is not None else _("Show of hands")


def _line(session: Session, meeting: Meeting) -> Text | None:
    number = len(polls.results(session, meeting.id))
    return n_("Asked: {n} question", "Asked: {n} questions", n=number) if number else None


doors.hang(doors.DURING, "polls", _label, line=_line)
doors.hang(doors.AFTER, "polls", _label, line=_line)


@button("polls", power="poll.hold")
def questions(talk: Talk, meeting_id: int) -> Say:
    """[Show of hands]: what was asked, what came of it, and the way to ask."""
    talk.close("poll")
    meeting, found = polls.of_meeting(talk.session, talk.actor, meeting_id)
    open_ = next((each for each in found if each.closed_at is None), None)
    if open_ is not None:
        return one(talk, open_.id)
    lines: list[Words] = []
    for poll in found[:LISTED]:
        counted = polls.standing(talk.session, poll).totals
        lines.append(cut(poll.question, SHOWN))
        lines.append(_("→ {totals}", totals=totals(poll.options, counted)))
    place = doors.AFTER if meeting.state == MeetingState.CLOSED else doors.DURING
    final = meeting.locked_at is not None
    return Say(
        _("<b>SHOW OF HANDS · not a vote</b> · {meeting}", meeting=meeting_label(meeting)),
        *lines,
        None if lines else _("Nothing has been asked yet."),
        buttons=[
            [None if final else Button(_("New question"), "poll_new", meeting_id)],
            [Button(_("‹ Back"), "hub", meeting_id, place), MANAGE],
        ],
    )


@button("poll", power="poll.hold")
def one(talk: Talk, poll_id: int) -> Say:
    """One question, as the chair sees it: how many have answered, and no more than the group."""
    poll, meeting = polls.held_by(talk.session, talk.actor, poll_id)
    lines = card_lines(poll, meeting, polls.standing(talk.session, poll))
    if poll.closed_at is not None:
        return Say(*lines, buttons=[[Button(_("‹ Back"), "polls", meeting.id), MANAGE]])
    return Say(
        *lines,
        buttons=[
            [Button(_("Close question"), "poll_close", poll.id)],
            [Button(_("Refresh"), "poll", poll.id), MANAGE],
        ],
    )


@button("poll_close", power="poll.hold")
def ask_close(talk: Talk, poll_id: int) -> Say:
    """[Close question]: names the count and asks again."""
    poll, _meeting = polls.held_by(talk.session, talk.actor, poll_id)
    if poll.closed_at is not None:
        return one(talk, poll_id)
    stands = polls.standing(talk.session, poll)
    return Say(
        HEAD,
        poll.question,
        _("Answered {n}/{asked}", n=stands.answered, asked=stands.asked),
        _("Close it? Only the totals are kept."),
        buttons=[
            [Button(_("Yes, close it"), "poll_close_yes", poll_id)],
            [Button(_("‹ Back"), "poll", poll_id)],
        ],
    )


@button("poll_close_yes", power="poll.hold")
def close(talk: Talk, poll_id: int) -> Say:
    """[Yes, close it]; pressed twice, the same."""
    polls.close(talk.session, talk.actor, poll_id, now=talk.now)
    said = one(talk, poll_id)
    said.toast = _("The question is closed.")
    return said
