"""The members' side: the next meeting, coming or not, and asking leave."""

from __future__ import annotations

from collections.abc import Sequence

from handlers import doors
from handlers.kit import Ask, Button, Say, Talk, answer, button, command
from handlers.meetings.excuses import excuses_of, figure
from handlers.meetings.showing import (
    HOME,
    REASON_LABELS,
    meeting_label,
    meeting_lines,
    own_state,
    state_line,
    when,
)
from handlers.text import Words, _
from storage import deputies, groups, meetings
from storage.meetings import Meeting, Seat

REASON = "absence_reason"


@command(
    "meetings",
    vi="lich",
    power="meeting.see",
    help=_("Next meetings"),
    label=_("Meetings"),
    group=True,
)
def calendar(talk: Talk) -> Say:
    """/lich: in private one's own next meeting, in a group time and place."""
    return next_meeting(talk) if talk.private else _in_group(talk)


@button("next_meeting", power="meeting.see", group=True)
def next_meeting(talk: Talk) -> Say:
    """[Next meeting]: the nearest one, and the way to the others; in a group a short answer."""
    coming = meetings.coming_for(talk.session, talk.person.id, talk.now)
    if not talk.private:
        words = _("Next meeting: {when}", when=when(coming[0])) if coming else None
        return Say(toast=words or _("No meeting has been called yet."), alert=True)
    if not coming:
        return Say(_("There is no meeting ahead."), buttons=[[HOME]])
    meeting, seat = meetings.seat_of(talk.session, talk.actor, coming[0].id)
    return screen(talk, meeting, seat, others=coming[1:])


@button("meeting", power="meeting.see")
def one_meeting(talk: Talk, meeting_id: int) -> Say:
    """[Meeting 13/8]."""
    return screen(talk, *meetings.seat_of(talk.session, talk.actor, meeting_id))


def _in_group(talk: Talk) -> Say:
    group = groups.at(talk.session, talk.chat_id)
    if group is None or group.unit_id is None:
        return Say(_("This group is not linked to a unit yet."))
    coming = meetings.public(talk.session, talk.actor, group.unit_id, talk.now, limit=2)
    if not coming:
        return Say(_("There is no meeting ahead."))
    return Say(
        *[line for meeting in coming for line in meeting_lines(meeting)],
        buttons=[[Button(_("Open private chat"), url=talk.house.link(""))]],
    )


def screen(
    talk: Talk,
    meeting: Meeting,
    seat: Seat,
    *first: Words,
    others: Sequence[Meeting] = (),
    toast: Words | None = None,
) -> Say:
    """A meeting as one who is convened sees it, with what they have said."""
    everyone = meetings.expects_everyone(talk.session, meeting)
    state, buttons = own_state(meeting, seat, talk.now, expects_everyone=everyone)
    if not buttons:
        buttons.append([Button(_("Next meeting"), "next_meeting")])
    if others:
        buttons.append([Button(meeting_label(each), "meeting", each.id) for each in others])
    lines = meeting_lines(meeting, meetings.unit_name(talk.session, meeting))
    hung = doors.lines(doors.MEMBER, talk.session, meeting)
    behind = doors.rows(doors.MEMBER, talk.session, meeting, now=talk.now)
    elders = meetings.elders_seated(talk.session, talk.actor, meeting.id)
    for_whom = Button(_("Answer for…"), "for_whom", meeting.id) if elders else None
    told = deputies.deputies(talk.session, seat.person_id)
    who = Button(_("Who answers"), "my_deputies") if told else None
    return Say(
        *first,
        *lines,
        *hung,
        *state,
        buttons=[*buttons, *behind, [for_whom, who], [HOME]],
        toast=toast,
    )


# -- coming or not -----------------------------------------------------------------------------


@button("rsvp", power="meeting.answer")
def rsvp(talk: Talk, meeting_id: int, revision: int, answer: str) -> Say:
    """[Will come], [Take part online], [Report absence], [Take back]."""
    talk.close(REASON)
    meeting, seat = meetings.seat_of(talk.session, talk.actor, meeting_id)
    late = _too_late(talk, meeting, seat, revision)
    if late is not None:
        return late
    match answer:
        case "yes":
            seat = meetings.come(
                talk.session, talk.actor, meeting_id, revision=revision, now=talk.now
            )
            return screen(talk, meeting, seat, toast=_("Noted: you will come."))
        case "online":
            seat = meetings.come(
                talk.session, talk.actor, meeting_id, revision=revision, online=True, now=talk.now
            )
            return screen(talk, meeting, seat, toast=_("Noted: you take part online."))
        case "back":
            seat = meetings.withdraw(
                talk.session, talk.actor, meeting_id, revision=revision, now=talk.now
            )
            return screen(talk, meeting, seat, toast=_("Taken back."))
        case _other:
            return _ask_reason(talk, meeting, seat)


def _too_late(talk: Talk, meeting: Meeting, seat: Seat, revision: int) -> Say | None:
    """The present screen in place of an answer to another day, or to no meeting any more."""
    if not meetings.takes_answers(meeting, now=talk.now):
        return screen(talk, meeting, seat, toast=state_line(meeting, talk.now))
    if revision == meeting.revision:
        return None
    moved = _("The meeting was changed meanwhile. Nothing was noted; please answer once more.")
    return screen(talk, meeting, seat, moved, toast=moved)


def _ask_reason(talk: Talk, meeting: Meeting, seat: Seat) -> Say:
    row = excuses_of(talk, meeting, seat)
    seen = (meeting.id, meeting.revision)
    choices = [Button(label, "absent", *seen, name) for name, label in REASON_LABELS.items()]
    other = Button(_("Another reason"), "absent", *seen, "other")
    return Say(
        *meeting_lines(meeting),
        figure(row),
        _("Why can you not come? Only the committee sees the reason."),
        buttons=[
            choices[:2],
            [choices[2], other],
            [
                Button(_("Why?"), "excuses", seat.id) if row.times else None,
                Button(_("‹ Back"), "meeting", meeting.id),
            ],
        ],
    )


@button("absent", power="meeting.answer")
def absent(talk: Talk, meeting_id: int, revision: int, reason: str) -> Say:
    """One of the usual reasons, or [Another reason] to type."""
    meeting, seat = meetings.seat_of(talk.session, talk.actor, meeting_id)
    late = _too_late(talk, meeting, seat, revision)
    if late is not None:
        return late
    if reason in meetings.REASONS:
        return _send(talk, meeting, reason)
    back = Button(_("‹ Back"), "rsvp", meeting_id, revision, "no")
    return Ask(
        REASON,
        _("Please type the reason in a few words."),
        data={"meeting": meeting_id, "revision": revision},
        buttons=[[back, Button(_("Cancel"), "cancel", REASON)]],
    )


@answer(REASON, power="meeting.answer", about=_("a request for leave"))
def typed_reason(talk: Talk) -> Say:
    """A reason in own words is shown back before it is sent."""
    data = talk.draft.data if talk.draft else {}
    meeting_id, revision = int(data.get("meeting", 0)), int(data.get("revision", 0))
    meeting, seat = meetings.seat_of(talk.session, talk.actor, meeting_id)
    late = _too_late(talk, meeting, seat, revision)
    if late is not None:
        return late
    reason = meetings.check_reason(talk.text)
    return Ask(
        REASON,
        _("Reason: {reason}", reason=reason),
        _("Send this to the committee?"),
        data={"meeting": meeting_id, "revision": revision, "reason": reason},
        buttons=[
            [
                Button(_("Send request"), "absent_send", meeting_id, revision),
                Button(_("Edit"), "absent", meeting_id, revision, "other"),
            ],
            [Button(_("Cancel"), "cancel", REASON)],
        ],
    )


@button("absent_send", power="meeting.answer")
def absent_send(talk: Talk, meeting_id: int, revision: int) -> Say:
    """[Send request]: the reason that was shown back."""
    meeting, seat = meetings.seat_of(talk.session, talk.actor, meeting_id)
    draft = talk.draft
    fits = draft is not None and draft.form == REASON and draft.data.get("meeting") == meeting_id
    if draft is None or not fits or "reason" not in draft.data:
        return screen(talk, meeting, seat)
    talk.close()
    late = _too_late(talk, meeting, seat, revision)
    return late or _send(talk, meeting, str(draft.data["reason"]))


def _send(talk: Talk, meeting: Meeting, reason: str) -> Say:
    seat = meetings.ask_leave(
        talk.session,
        talk.actor,
        meeting.id,
        reason,
        revision=meeting.revision,
        quiet=talk.house.quiet,
        now=talk.now,
    )
    return screen(talk, meeting, seat, toast=_("Sent to the committee. Waiting for approval."))
