"""The committee's side of an absence: agree, not agree, write back. The first decision counts."""

from __future__ import annotations

import secrets

from handlers.kit import Ask, Button, Note, Say, Talk, answer, button, command
from handlers.meetings.excuses import excuses_of, figure
from handlers.meetings.showing import MANAGE, meeting_title, reason_words, when
from handlers.text import Moment, Text, Words, _
from storage import keeping, meetings, roster
from storage.keeping import Excuses
from storage.meetings import Leave, Meeting, MeetingState, Seat
from storage.powers import units_with
from storage.roster import Person

LETTER, REFUSAL = "leave_message", "leave_refusal"


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
        *request_lines(talk, meeting, seat, person),
        buttons=[*request_buttons(talk, meeting, seat), turn, [MANAGE]],
    )


def request_lines(talk: Talk | Note, meeting: Meeting, seat: Seat, person: Person) -> list[Words]:
    """Who asks leave of what, and why; and whether it would be once too often in a row."""
    row = excuses_of(talk, meeting, seat)
    figure_line = figure(row) if row.full else None
    return [
        _asks(talk, seat, person),
        _("{title}: {when}", title=meeting_title(meeting), when=when(meeting)),
        _("Reason: {reason}", reason=reason_words(seat)),
        *([figure_line] if figure_line else []),
    ]


def _asks(talk: Talk | Note, seat: Seat, person: Person) -> Text:
    deputy = talk.session.get(Person, seat.answered_by) if seat.answered_by else None
    if deputy is None:
        return _("Comrade {name} asks leave.", name=person.full_name)
    return _(
        "Comrade {name} asks leave (told by comrade {deputy}).",
        name=person.full_name,
        deputy=deputy.full_name,
    )


def request_buttons(talk: Talk | Note, meeting: Meeting, seat: Seat) -> list[list[Button | None]]:
    """What the committee can do about a request."""
    why = Button(_("Why?"), "leave_why", seat.id, seat.requests)
    full = excuses_of(talk, meeting, seat).full
    return [
        [
            Button(_("Agree"), "leave", seat.id, seat.requests, "yes"),
            Button(_("Do not agree"), "leave", seat.id, seat.requests, "no"),
        ],
        [Button(_("Write back"), "leave_write", seat.id), why if full else None],
    ]


@button("leave", power="absence.decide")
def decide(talk: Talk, seat_id: int, request: int, choice: str) -> Say:
    """[Agree], [Do not agree]; pressed late, it says what became of the request.

    Not agreeing asks for a word of why first; agreeing once too often in a row asks again.
    """
    seat, meeting, person = meetings.request_of(talk.session, talk.actor, seat_id)
    if not meetings.undecided(meeting, seat, request):
        return _result(talk, seat_id, request)
    if choice == "no":
        return _ask_why(seat, person)
    if choice not in ("yes", "anyway", "plain", "said"):
        return _result(talk, seat_id, request)
    reason = _typed_for(talk, seat_id, request) if choice == "said" else None
    if choice == "said" and reason is None:
        return _result(talk, seat_id, request)
    row = keeping.decide_leave(
        talk.session,
        talk.actor,
        seat_id,
        request,
        approve=choice in ("yes", "anyway"),
        despite=choice == "anyway",
        reason=reason,
        profile=talk.house.profile,
        now=talk.now,
    )
    talk.close(REFUSAL)
    return _result(talk, seat_id, request) if row is None else _once_more(talk, seat_id, row)


def _once_more(talk: Talk, seat_id: int, row: Excuses) -> Say:
    """It would be once too often in a row: nothing is decided yet."""
    seat, meeting, person = meetings.request_of(talk.session, talk.actor, seat_id)
    address = (seat.id, seat.requests)
    return Say(
        _("{name} · {title}", name=person.full_name, title=meeting_title(meeting)),
        figure(row),
        _("Agree to one more all the same? Nothing has been decided yet."),
        buttons=[
            [
                Button(_("Agree all the same"), "leave", *address, "anyway"),
                Button(_("Do not agree"), "leave", *address, "no"),
            ],
            [
                Button(_("Why?"), "leave_why", *address),
                Button(_("‹ Back"), "leave_show", *address),
            ],
        ],
    )


# -- a word with a refusal ---------------------------------------------------------------------


def _ask_why(seat: Seat, person: Person) -> Say:
    address = (seat.id, seat.requests)
    return Ask(
        REFUSAL,
        _("Why do you not agree? Comrade {name} reads what you type.", name=person.full_name),
        data={"seat": seat.id, "request": seat.requests},
        buttons=[
            [Button(_("No reason given"), "leave", *address, "plain")],
            [Button(_("‹ Back"), "leave_show", *address)],
        ],
    )


@answer(REFUSAL, power="absence.decide", about=_("an answer to a request for leave"))
def typed_refusal(talk: Talk) -> Say:
    """What was typed is shown back; only the button decides."""
    data = talk.draft.data if talk.draft else {}
    seat_id, request = int(data.get("seat", 0)), int(data.get("request", 0))
    reason = meetings.check_reason(talk.text)
    seat, meeting, person = meetings.request_of(talk.session, talk.actor, seat_id)
    if not meetings.undecided(meeting, seat, request):
        return _result(talk, seat_id, request)
    address = (seat_id, request)
    return Ask(
        REFUSAL,
        _("To comrade {name}:", name=person.full_name),
        _("The committee has not agreed to your absence: {reason}", reason=reason),
        data={"seat": seat_id, "request": request, "reason": reason},
        buttons=[
            [
                Button(_("Send refusal"), "leave", *address, "said"),
                Button(_("Edit"), "leave", *address, "no"),
            ],
            [Button(_("‹ Back"), "leave_show", *address)],
        ],
    )


def _typed_for(talk: Talk, seat_id: int, request: int) -> str | None:
    """The reason that stands above the button; None when that form is gone."""
    data = talk.draft.data if talk.draft is not None and talk.draft.form == REFUSAL else {}
    if (data.get("seat"), data.get("request")) != (seat_id, request):
        return None
    return data.get("reason")


@button("leave_show", power="absence.decide")
def show(talk: Talk, seat_id: int, request: int) -> Say:
    """[‹ Back]: the request as it stands."""
    if talk.draft is not None and talk.draft.data.get("seat") == seat_id:
        talk.close(LETTER, REFUSAL)
    return _result(talk, seat_id, request)


def _result(talk: Talk, seat_id: int, request: int, *first: Words) -> Say:
    """The request, or what became of it; and the way to those that wait."""
    seat, meeting, person = meetings.request_of(talk.session, talk.actor, seat_id)
    back = [Button(_("‹ Requests"), "absences"), MANAGE]
    if meetings.undecided(meeting, seat, seat.requests):
        newer = [] if seat.requests == request else [_("This request was replaced by a new one.")]
        lines = request_lines(talk, meeting, seat, person)
        return Say(*first, *newer, *lines, buttons=[*request_buttons(talk, meeting, seat), back])
    outcome = _outcome(talk, meeting, seat)
    about = _("{name} · {title}", name=person.full_name, title=meeting_title(meeting))
    why = seat.decision_reason if seat.leave == Leave.REFUSED else None
    told = _("Reason: {reason}", reason=why) if why else None
    return Say(*first, about, outcome, told, buttons=[back], toast=outcome)


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
