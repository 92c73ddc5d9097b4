"""Moving a meeting and calling it off: asked again, ordered, and undone within a minute.

The form of a move is the form that created the meeting (`wizard`); here it is ordered.
"""

from __future__ import annotations

from handlers.kit import Button, Say, Talk, button
from handlers.meetings.desk import desk, waiting
from handlers.meetings.form import form_of, open_form, plan
from handlers.meetings.showing import MANAGE, meeting_lines
from handlers.meetings.steps import choose_edit
from handlers.text import Text, _, n_
from storage import meetings
from storage.meetings import Change, ChangeState, Meeting, MeetingState

IN_A_MINUTE = _("Will be sent in 60 seconds.")


# -- moving ------------------------------------------------------------------------------------


@button("newmeeting_move", power="meeting.create")
def begin_move(talk: Talk, meeting_id: int) -> Say:
    """[Move meeting]: the form again, for a meeting that was called."""
    meeting = meetings.managed(talk.session, talk.actor, meeting_id)
    if not _changeable(talk, meeting):
        return desk(talk, meeting)
    form = form_of(meeting)
    form.moving, form.revision = meeting.id, meeting.revision
    return choose_edit(talk, form)


@button("newmeeting_moved", power="meeting.create")
def move(talk: Talk, token: str, meeting_id: int) -> Say:
    """[Tell everybody]: the move is ordered; pressed again, it still waits or is done."""
    meeting = meetings.managed(talk.session, talk.actor, meeting_id)
    form = open_form(talk, token)
    wanted = None if form is None else plan(talk, form)
    if form is None or wanted is None or form.moving != meeting_id:
        return _ordered(talk, meeting, meetings.waiting_change(talk.session, meeting))
    talk.close()
    change = meetings.move(
        talk.session,
        talk.actor,
        meeting_id,
        revision=form.revision,
        starts_at=wanted.starts_at,
        place=wanted.place,
        now=talk.now,
    )
    outcome = meeting if change is None else change
    if (outcome.starts_at, outcome.place) != (wanted.starts_at, wanted.place):
        return desk(talk, meeting, _("It was changed meanwhile; your change was not kept."))
    return _ordered(talk, meeting, change)


# -- calling off -------------------------------------------------------------------------------


@button("meeting_calloff", power="meeting.create")
def ask_call_off(talk: Talk, meeting_id: int) -> Say:
    """[Call off meeting]: names the count and asks again."""
    meeting = meetings.managed(talk.session, talk.actor, meeting_id)
    back = Button(_("‹ Back"), "meeting_desk", meeting_id)
    if meeting.state == MeetingState.DRAFT:
        sure = Button(_("Delete draft"), "meeting_off", meeting_id)
        question: Text = _("Delete this draft? Nobody has been told of it.")
    elif _changeable(talk, meeting):
        sure = Button(_("Yes, call off"), "meeting_off", meeting_id)
        question = n_(
            "Call this meeting off? {n} person will be told.",
            "Call this meeting off? {n} people will be told.",
            n=len(meetings.told(talk.session, meeting)),
        )
    else:
        return desk(talk, meeting)
    return Say(*meeting_lines(meeting), question, buttons=[[sure], [back]])


@button("meeting_off", power="meeting.create")
def call_off(talk: Talk, meeting_id: int) -> Say:
    """[Yes, call off]: the cancellation is ordered."""
    meeting = meetings.managed(talk.session, talk.actor, meeting_id)
    if meeting.state == MeetingState.CALLED and not meetings.movable(meeting, now=talk.now):
        return desk(talk, meeting)
    if meeting.state == MeetingState.CLOSED:
        return desk(talk, meeting)
    change = meetings.call_off(talk.session, talk.actor, meeting_id, now=talk.now)
    if change is not None and change.starts_at is not None:
        return desk(talk, meeting, _("It was changed meanwhile; your change was not kept."))
    return _ordered(talk, meeting, change)


def _changeable(talk: Talk, meeting: Meeting) -> bool:
    """Whether it may be moved or called off now: it is ahead, and no change of it waits."""
    if not meetings.movable(meeting, now=talk.now):
        return False
    if meetings.waiting_change(talk.session, meeting) is not None:
        return False
    meetings.check_movable(talk.session, meeting, now=talk.now)
    return True


def _ordered(talk: Talk, meeting: Meeting, change: Change | None) -> Say:
    """What follows the last press: a minute to undo it."""
    return desk(talk, meeting) if change is None else waiting(talk, meeting, change, IN_A_MINUTE)


# -- undoing -----------------------------------------------------------------------------------


@button("meeting_undo", power="meeting.create")
def undo(talk: Talk, change_id: int) -> Say:
    """[Undo]: within the minute nothing has happened; after that it says what to do next."""
    change, meeting = meetings.undo_change(talk.session, talk.actor, change_id, now=talk.now)
    if change.state == ChangeState.UNDONE:
        return desk(talk, meeting, _("Undone: the meeting stays as it was. Nobody was told."))
    late = _("More than 60 seconds have passed: the notice is on its way.")
    if change.starts_at is None:
        again = Button(_("Write anew"), "newmeeting_open", meeting.id)
        next_ = _("The meeting is off; if it is to take place, please call it anew.")
        return Say(late, next_, buttons=[[again], [MANAGE]])
    if not meetings.movable(meeting, now=talk.now):
        return desk(talk, meeting, late)
    return Say(
        late,
        _("The meeting can be moved again or called off; everybody is told then."),
        buttons=[
            [
                Button(_("Move meeting"), "newmeeting_move", meeting.id),
                Button(_("Call off meeting"), "meeting_calloff", meeting.id),
            ],
            [Button(_("See meeting"), "meeting_desk", meeting.id), MANAGE],
        ],
    )
