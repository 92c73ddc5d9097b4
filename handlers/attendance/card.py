"""In the group: the command, the live card and what a tap on it answers.

The card shows totals. Names stand on it only where the unit wants them, and never those of who
is not there; what one person sees of themselves comes as an alert that nobody else sees.
"""

from __future__ import annotations

from handlers.attendance import late, panel
from handlers.attendance.saying import NAME, by_group, figures, head, own_line
from handlers.kit import Button, Note, Say, Talk, button, command, notice
from handlers.meetings.showing import HOME, closed, meeting_label, meeting_lines, recorded
from handlers.text import Words, _, cut
from storage import attendance, groups
from storage.attendance import Outcome
from storage.meetings import Meeting, MeetingState
from storage.outbox import Class
from storage.powers import may
from storage.roster import unit_lineage


@command(
    "checkin",
    vi="diemdanh",
    power="attendance.own",
    help=_("Roll call"),
    group=True,
)
def check_in(talk: Talk) -> Say | None:
    """/diemdanh: opens check-in, or posts its card anew; a member is led to it."""
    if talk.private:
        return panel.in_private(talk)
    group = groups.at(talk.session, talk.chat_id)
    if group is None or group.unit_id is None:
        return Say(_("This group is not linked to a unit yet."))
    if not may(talk.actor, "attendance.take", unit_lineage(talk.session, group.unit_id)):
        return _pointer(talk, group.unit_id)
    found = attendance.takeable(talk.session, talk.actor, talk.now, group_of=group.unit_id)
    if not found:
        words = _("No meeting is under way or begins within 24 hours.")
        return _closed_today(talk, group.unit_id) or Say(words, reply_to=True)
    if len(found) > 1:
        return Say(_("Roll call of which meeting?"), buttons=panel.choices(found))
    return _begin(talk, found[0])


@button("roll_group", power="attendance.take", group=True)
def chosen(talk: Talk, meeting_id: int) -> Say | None:
    """One of several meetings; pressed in the group."""
    meeting = attendance.for_committee(talk.session, talk.actor, meeting_id)
    _begin(talk, meeting)
    return Say(_("Roll call: {meeting}", meeting=meeting_label(meeting)))


def _begin(talk: Talk, meeting: Meeting) -> Say | None:
    """Opens check-in, or posts its card anew; the card itself is the answer."""
    if meeting.opened_at is None:
        attendance.open_roll(
            talk.session,
            talk.actor,
            meeting.id,
            panel=True,
            profile=talk.house.profile,
            now=talk.now,
        )
    else:
        attendance.post_card(talk.session, talk.actor, meeting.id, now=talk.now)
    return None


def _pointer(talk: Talk, unit_id: int) -> Say:
    """A short reply to the card itself, so that a touch leads there."""
    meeting = attendance.open_in(talk.session, unit_id, talk.now)
    if meeting is None:
        words = _("Check-in is not open. The committee opens it.")
        return _closed_today(talk, unit_id) or Say(words, reply_to=True)
    card = attendance.live_card(talk.session, meeting.id)
    if card is None or card.message_id is None:
        return Say(_("Check-in is open: its card comes in a moment."), reply_to=True)
    return Say(_("Check-in is up here: please press the button."), reply_to=card.message_id)


def _closed_today(talk: Talk, unit_id: int) -> Say | None:
    """Check-in is over: when it closed, and the way on for who missed it."""
    meeting = attendance.closed_in(talk.session, unit_id, talk.now)
    if meeting is None:
        return None
    return Say(closed(meeting), buttons=late.in_the_group(meeting), reply_to=True)


# -- the card ----------------------------------------------------------------------------------


@notice(attendance.CARD, power="attendance.own", klass=Class.REMINDER, about=_("Check-in card"))
def card(note: Note) -> Say | None:
    """The card as it stands at this moment; one that was taken back says so."""
    meeting = note.session.get(Meeting, note.subject_id)
    if meeting is None or meeting.opened_at is None:
        sent = meeting is not None and note.notice.message_id is not None
        return Say(_("The roll call was taken back: the meeting has changed.")) if sent else None
    totals = attendance.totals(note.session, meeting)
    lines: list[Words | None] = [
        head(meeting, note.now),
        *figures(meeting, totals.all),
        by_group(totals),
    ]
    names = attendance.names_for_card(note.session, meeting)
    if names:
        listed = "\n".join(cut(name, NAME) for name in names)
        lines.append(_("<blockquote expandable>{names}</blockquote>", names=listed))
    if meeting.state == MeetingState.CLOSED:
        return Say(*lines, buttons=late.in_the_group(meeting))
    return Say(
        *lines,
        buttons=[
            [Button(_("I am here"), "attend", meeting.id)],
            [Button(_("My own state"), "attend_mine", meeting.id)],
        ],
    )


@notice(
    attendance.RETIRED,
    power="attendance.own",
    klass=Class.IDEMPOTENT,
    about=_("Older check-in card"),
)
def retired(note: Note) -> Say | None:
    """An older card: it says where the new one is, and has no buttons."""
    meeting, group = note.session.get(Meeting, note.subject_id), note.group
    sent = note.notice.message_id is not None
    if meeting is None or group is None or not sent or note.notice.sent_to != group.chat_id:
        return None
    return Say(_("{meeting}: the roll call goes on below.", meeting=meeting_label(meeting)))


# -- tapping -----------------------------------------------------------------------------------


@button("attend", power="attendance.own", group=True)
def attend(talk: Talk, meeting_id: int) -> Say:
    """[I am here]: answered at once; the card follows."""
    tap = attendance.tap(talk.session, talk.actor, meeting_id, private=talk.private, now=talk.now)
    meeting = tap.meeting
    if meeting is None:
        words = _("You are not on the roll of this meeting.")
    elif tap.outcome in (Outcome.RECORDED, Outcome.ALREADY):
        words = recorded(meeting, tap.at, late=tap.late)
        if not talk.private:
            return Say(toast=words)
    elif tap.outcome == Outcome.CLOSED:
        if talk.private:
            return late.too_late(talk, meeting)
        words = _("{closed} I have written to you in private.", closed=closed(meeting))
    else:
        words = _("Check-in has not been opened yet.")
    if not talk.private:
        return Say(toast=words, alert=True)
    lines = meeting_lines(meeting) if meeting else []
    return Say(
        *lines, words, toast=words, buttons=[[Button(_("Next meeting"), "next_meeting"), HOME]]
    )


@button("attend_mine", power="attendance.own", group=True)
def mine(talk: Talk, meeting_id: int) -> Say:
    """[My own state]: an alert that only the one who presses sees."""
    found = attendance.own_seat(talk.session, talk.actor.person_id, meeting_id)
    if found is None:
        return Say(toast=_("You are not on the roll of this meeting."), alert=True)
    return Say(toast=own_line(*found, talk.now), alert=True)
