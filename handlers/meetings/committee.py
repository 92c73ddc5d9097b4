"""The committee's side of an absence: agree, not agree, write back. The first decision counts."""

from __future__ import annotations

import secrets

from handlers.kit import Ask, Button, Say, Talk, answer, button, command
from handlers.meetings.showing import MANAGE, meeting_title, reason_words, when
from handlers.text import Moment, Text, Words, _
from storage import meetings, roster
from storage.meetings import Leave, Meeting, MeetingState, Seat
from storage.powers import units_with
from storage.roster import Person

LETTER = "leave_message"


@command("absences", vi="vang", power="absence.decide", help=_("Requests for leave"))
@button("absences", power="absence.decide")
def absences(talk: Talk) -> Say:
    """/vang: the requests that wait, one at a time."""
    return absences_at(talk, 0)


@button("absences_at", power="absence.decide")
def absences_at(talk: Talk, number: int) -> Say:
    """The next or the previous request."""
    units = units_with(talk.actor, "absence.decide")
    waiting = meetings.requests(talk.session, units, talk.now)
    if not waiting:
        return Say(_("No request for leave is waiting."), buttons=[[MANAGE]])
    number = max(0, min(number, len(waiting) - 1))
    seat, meeting, person = waiting[number]
    head = _("<b>Requests for leave</b> · {number}/{all}", number=number + 1, all=len(waiting))
    turn = [
        Button("‹", "absences_at", number - 1) if number > 0 else None,
        Button("›", "absences_at", number + 1) if number + 1 < len(waiting) else None,
    ]
    return Say(
        head,
        *request_lines(meeting, seat, person),
        buttons=[*request_buttons(seat), turn, [MANAGE]],
    )


def request_lines(meeting: Meeting, seat: Seat, person: Person) -> list[Words]:
    """Who asks leave of what, and why."""
    return [
        _("Comrade {name} asks leave.", name=person.full_name),
        _("{title}: {when}", title=meeting_title(meeting), when=when(meeting)),
        _("Reason: {reason}", reason=reason_words(seat)),
    ]


def request_buttons(seat: Seat) -> list[list[Button | None]]:
    """What the committee can do about a request."""
    return [
        [
            Button(_("Agree"), "leave", seat.id, seat.requests, "yes"),
            Button(_("Do not agree"), "leave", seat.id, seat.requests, "no"),
        ],
        [Button(_("Write back"), "leave_write", seat.id)],
    ]


@button("leave", power="absence.decide")
def decide(talk: Talk, seat_id: int, request: int, choice: str) -> Say:
    """[Agree], [Do not agree]; pressed late, it says what became of the request."""
    if choice in ("yes", "no"):
        approve = choice == "yes"
        meetings.decide(talk.session, talk.actor, seat_id, request, approve=approve, now=talk.now)
    return _result(talk, seat_id, request)


@button("leave_show", power="absence.decide")
def show(talk: Talk, seat_id: int, request: int) -> Say:
    """[‹ Back]: the request as it stands."""
    if talk.draft is not None and talk.draft.data.get("seat") == seat_id:
        talk.close(LETTER)
    return _result(talk, seat_id, request)


def _result(talk: Talk, seat_id: int, request: int, *first: Words) -> Say:
    """The request, or what became of it; and the way to those that wait."""
    seat, meeting, person = meetings.request_of(talk.session, talk.actor, seat_id)
    back = [Button(_("‹ Requests"), "absences"), MANAGE]
    if meetings.undecided(meeting, seat, seat.requests):
        newer = [] if seat.requests == request else [_("This request was replaced by a new one.")]
        lines = request_lines(meeting, seat, person)
        return Say(*first, *newer, *lines, buttons=[*request_buttons(seat), back])
    outcome = _outcome(talk, meeting, seat)
    about = _("{name} · {title}", name=person.full_name, title=meeting_title(meeting))
    return Say(*first, about, outcome, buttons=[back], toast=outcome)


def _outcome(talk: Talk, meeting: Meeting, seat: Seat) -> Text:
    if meeting.state == MeetingState.CANCELLED:
        return _("This meeting has been cancelled.")
    if seat.leave not in (Leave.APPROVED, Leave.REFUSED) or seat.decided_at is None:
        return _("This request was taken back, or the meeting was moved.")
    by = talk.session.get(roster.Person, seat.decided_by) if seat.decided_by else None
    name, at = by.full_name if by else "", Moment(seat.decided_at)
    if seat.leave == Leave.APPROVED:
        return _("Comrade {name} AGREED, {at}.", name=name, at=at)
    return _("Comrade {name} did NOT AGREE, {at}.", name=name, at=at)


# -- writing back ------------------------------------------------------------------------------


@button("leave_write", power="absence.decide")
def write(talk: Talk, seat_id: int) -> Say:
    """[Write back]: opens the form."""
    seat, _meeting, person = meetings.request_of(talk.session, talk.actor, seat_id)
    back = Button(_("‹ Back"), "leave_show", seat_id, seat.requests)
    return Ask(
        LETTER,
        _("Please type the message to comrade {name}.", name=person.full_name),
        data={"seat": seat_id},
        buttons=[[back, Button(_("Cancel"), "cancel", LETTER)]],
    )


@answer(LETTER, power="absence.decide", about=_("a message about an absence"))
def typed_letter(talk: Talk) -> Say:
    """What was typed is shown back; its number makes a second press harmless."""
    seat_id = int(talk.draft.data["seat"]) if talk.draft else 0
    text = meetings.check_message(talk.text)
    _seat, _meeting, person = meetings.request_of(talk.session, talk.actor, seat_id)
    letter = secrets.randbelow(2**31)
    return Ask(
        LETTER,
        _("To comrade {name}:", name=person.full_name),
        text,
        data={"seat": seat_id, "text": text, "letter": letter},
        buttons=[
            [
                Button(_("Send reply"), "leave_send", seat_id, letter),
                Button(_("Edit"), "leave_write", seat_id),
            ],
            [Button(_("Cancel"), "cancel", LETTER)],
        ],
    )


@button("leave_send", power="absence.decide")
def send_letter(talk: Talk, seat_id: int, letter: int) -> Say:
    """[Send reply]: exactly the text that stands above it."""
    seat, _meeting, _person = meetings.request_of(talk.session, talk.actor, seat_id)
    draft = talk.draft
    if draft is None or draft.form != LETTER or draft.data.get("letter") != letter:
        return _result(talk, seat_id, seat.requests, _("This message was sent or dropped already."))
    talk.close()
    text = str(draft.data["text"])
    meetings.write_back(talk.session, talk.actor, seat_id, text, letter=letter, now=talk.now)
    return _result(talk, seat_id, seat.requests, _("Sent."))
