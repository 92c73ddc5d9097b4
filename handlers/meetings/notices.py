"""Words of the notices about meetings, found when they are sent; and what fires by itself."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from handlers import doors
from handlers.kit import Button, House, Note, Say, notice
from handlers.meetings.committee import request_buttons, request_lines
from handlers.meetings.showing import (
    meeting_label,
    meeting_lines,
    moment,
    own_state,
    seat_buttons,
)
from handlers.text import Text, Words, _
from storage import meetings, roster
from storage.meetings import Answer, Leave, Meeting, MeetingState, Seat
from storage.outbox import Class
from storage.schedule import Due


def remind(session: Session, due: Due, house: House, now: datetime) -> None:
    """A reminder's slot has come."""
    meeting_id = int(due.subject.rpartition(":")[2])
    meetings.remind(session, meeting_id, due.slot_name, quiet=house.quiet, now=now)


def follow_roll(session: Session, due: Due, house: House, now: datetime) -> None:
    """Every morning: whoever joined the roll is convened, too."""
    meeting_id = int(due.subject.rpartition(":")[2])
    meetings.welcome(session, meeting_id, quiet=house.quiet, now=now)


def carry_out(session: Session, due: Due, house: House, now: datetime) -> None:
    """The minute of a move or a cancellation is over."""
    meeting_id = int(due.subject.rpartition(":")[2])
    meetings.carry_out(session, meeting_id, quiet=house.quiet, now=now)


# -- to those who are convened -----------------------------------------------------------------


@notice(
    "meeting.invitation",
    power="meeting.see",
    klass=Class.REMINDER,
    about=_("Invitation to a meeting"),
    gather=meetings.seats_for,
)
def invitation(note: Note) -> Say | None:
    """To everybody who is convened."""
    return _to_seat(note, _("You are invited to a meeting."))


@notice(
    "meeting.change",
    power="meeting.see",
    klass=Class.REMINDER,
    about=_("A meeting was moved"),
    gather=meetings.seats_for,
)
def change(note: Note) -> Say | None:
    """To those who knew of another day, time or place."""
    asks = note.notice.facts.get("asks")
    first = _("MEETING MOVED. Earlier answers no longer count.") if asks else _("MEETING CHANGED.")
    return _to_seat(note, first, revision=note.notice.revision)


@notice(
    "meeting.reminder",
    power="meeting.see",
    klass=Class.REMINDER,
    about=_("Reminder of a meeting"),
    gather=meetings.seats_for,
)
def reminder(note: Note) -> Say | None:
    """To those who have not answered."""
    found = _seat(note)
    if found is None or found[1].answer != Answer.NONE or found[1].present_at is not None:
        return None
    return _to_seat(note, _("Reminder of a meeting."), revision=note.notice.facts["revision"])


@notice(
    "meeting.cancellation",
    power="meeting.see",
    klass=Class.REMINDER,
    about=_("A meeting was called off"),
    gather=meetings.seats_for,
)
def cancellation(note: Note) -> Say | None:
    """To those who knew of it."""
    found = _seat(note)
    if found is None or found[0].state != MeetingState.CANCELLED:
        return None
    lines = meeting_lines(found[0], meetings.unit_name(note.session, found[0]))
    return Say(_("MEETING CANCELLED."), *lines, buttons=_other_meetings())


@notice(
    "meeting.announcement",
    power="meeting.see",
    klass=Class.REMINDER,
    about=_("Announcement of a meeting"),
)
def announcement(note: Note) -> Say | None:
    """To the group: time and place, no more."""
    meeting = note.session.get(Meeting, note.subject_id)
    if meeting is None or meeting.revision != note.notice.revision:
        return None
    heads: dict[str, Text] = {
        MeetingState.CALLED: _("MEETING NOTICE")
        if meeting.revision == 0
        else _("MEETING CHANGED."),
        MeetingState.CANCELLED: _("MEETING CANCELLED."),
    }
    called = meeting.state == MeetingState.CALLED
    if meeting.state not in heads or (called and note.now >= meeting.starts_at):
        return None
    private = Button(_("Open private chat"), url=note.house.link(""))
    lines = meeting_lines(meeting)
    return Say(heads[meeting.state], *lines, _before(note, meeting), buttons=[[private]])


def _before(note: Note, meeting: Meeting) -> Text | None:
    """What the reader knew of a meeting that was moved, as far as it is another now."""
    before = note.notice.facts.get("before")
    if before is None or meeting.state != MeetingState.CALLED:
        return None
    then, place = datetime.fromisoformat(before["starts_at"]), str(before["place"])
    at = moment(then, meeting.zone)
    if then == meeting.starts_at:
        return _("Before: {place}", place=place) if place != meeting.place else None
    if place == meeting.place:
        return _("Before: {when}", when=at)
    return _("Before: {when}, {place}", when=at, place=place)


def _to_seat(
    note: Note,
    first: Words,
    *,
    revision: int | None = None,
) -> Say | None:
    """A meeting that is not over, with its buttons; None when it is, or is another."""
    found = _seat(note)
    if found is None or found[0].over(note.now):
        return None
    meeting, seat = found
    if revision is not None and revision != meeting.revision:
        return None
    everyone = meetings.expects_everyone(note.session, meeting)
    state, buttons = own_state(meeting, seat, note.now, expects_everyone=everyone)
    return Say(
        first,
        *meeting_lines(meeting, meetings.unit_name(note.session, meeting)),
        _before(note, meeting),
        *doors.lines(doors.MEMBER, note.session, meeting),
        *state,
        buttons=[
            *buttons,
            *doors.rows(doors.MEMBER, note.session, meeting, now=note.now),
            [Button(_("‹ Home"), "home")],
        ],
    )


def _seat(note: Note) -> tuple[Meeting, Seat] | None:
    found: tuple[Meeting, Seat] | None = note.gathered.get((note.subject_id, note.notice.person_id))
    return found


def _other_meetings() -> list[list[Button | None]]:
    return [[Button(_("Next meeting"), "next_meeting")], [Button(_("‹ Home"), "home")]]


# -- about a request for leave -----------------------------------------------------------------


@notice("leave.request", power="absence.decide", klass=Class.ONCE, about=_("Request for leave"))
def leave_request(note: Note) -> Say | None:
    """To the committee, as long as nobody has decided."""
    found = _request(note)
    if found is None or not meetings.undecided(*found, note.notice.revision):
        return None
    meeting, seat = found
    if not note.may("absence.decide", meeting.unit_id):
        return None
    person = note.session.get_one(roster.Person, seat.person_id)
    back = [Button(_("‹ Manage"), "manage")]
    lines = request_lines(note, meeting, seat, person)
    return Say(*lines, buttons=[*request_buttons(note, meeting, seat), back])


@notice(
    "leave.decision",
    power="meeting.answer",
    klass=Class.ONCE,
    about=_("Answer to a request for leave"),
)
def leave_decision(note: Note) -> Say | None:
    """To the one who asked."""
    found = _request(note)
    if found is None or found[1].requests != note.notice.revision:
        return None
    meeting, seat = found
    about = _for_whom(note, seat)
    verdicts: dict[str | None, Text] = {
        Leave.APPROVED: _("The committee AGREES to your absence."),
        Leave.REFUSED: _("The committee does NOT AGREE to your absence; please come.")
        if note.now < meeting.starts_at
        else _("The committee does NOT AGREE to your absence."),
    }
    if seat.leave not in verdicts:
        return None
    return Say(
        verdicts[seat.leave],
        _("Reason: {reason}", reason=seat.decision_reason) if seat.decision_reason else None,
        *meeting_lines(meeting),
        about,
        buttons=_answering(note, meeting, seat),
    )


@notice(
    "leave.message",
    power="meeting.answer",
    klass=Class.ONCE,
    about=_("Message about a request for leave"),
)
def leave_message(note: Note) -> Say | None:
    """To the one who asked: what the committee wrote back."""
    found = _request(note)
    if found is None:
        return None
    meeting, seat = found
    own = note.person is not None and note.person.id == seat.person_id
    answer = Button(_("Answer"), "leave_reply", seat.id, note.notice.facts["from"] or 0)
    return Say(
        _for_whom(note, seat),
        _("The committee writes about your request ({meeting}):", meeting=meeting_label(meeting)),
        str(note.notice.facts["text"]),
        buttons=[
            [answer if own else None],
            *_answering(note, meeting, seat),
        ],
    )


@notice(
    "leave.reply",
    power="absence.decide",
    klass=Class.ONCE,
    about=_("Answer about a request for leave"),
)
def leave_reply(note: Note) -> Say | None:
    """To the committee: what the one who asked answers."""
    found = _request(note)
    if found is None or not note.may("absence.decide", found[0].unit_id):
        return None
    meeting, seat = found
    person = note.session.get_one(roster.Person, seat.person_id)
    label = meeting_label(meeting)
    return Say(
        _("{name} answers about leave ({meeting}):", name=person.full_name, meeting=label),
        str(note.notice.facts["text"]),
        buttons=[
            [Button(_("Write back"), "leave_write", seat.id)],
            [Button(_("‹ Manage"), "manage")],
        ],
    )


def _answering(note: Note, meeting: Meeting, seat: Seat) -> list[list[Button | None]]:
    """What they can still say; of a meeting that has begun, the way on.

    A deputy is led to the elder's screen: the buttons here would speak for the deputy.
    """
    if note.person is not None and note.person.id != seat.person_id:
        return [[Button(_("Answer for…"), "for_one", seat.id)], [Button(_("‹ Home"), "home")]]
    if not meetings.takes_answers(meeting, now=note.now):
        return [*_other_meetings()]
    return [*seat_buttons(meeting, seat), [Button(_("‹ Home"), "home")]]


def _for_whom(note: Note, seat: Seat) -> Text | None:
    """For a deputy: for whom it was asked."""
    if note.person is None or note.person.id == seat.person_id:
        return None
    elder = note.session.get_one(roster.Person, seat.person_id)
    return _("You have asked for comrade {name}.", name=elder.full_name)


def _request(note: Note) -> tuple[Meeting, Seat] | None:
    seat = note.session.get(Seat, note.subject_id)
    meeting = note.session.get(Meeting, seat.meeting_id) if seat else None
    return None if seat is None or meeting is None else (meeting, seat)
