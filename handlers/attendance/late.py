"""Who came and did not check in: they ask, the committee decides, they are told."""

from __future__ import annotations

from sqlmodel import Session

from handlers.kit import Button, Note, Say, Talk, button, notice
from handlers.meetings.showing import HOME, MANAGE, closed, day_of, meeting_label
from handlers.text import Moment, Text, Words, _
from storage import attendance
from storage.attendance import Correction, Wrong
from storage.meetings import Meeting
from storage.outbox import Class
from storage.roster import Person


def too_late(talk: Talk, meeting: Meeting) -> Say:
    """Check-in is over: what happened, and the way on."""
    return Say(closed(meeting), buttons=_way_on(meeting), toast=closed(meeting))


def in_the_group(meeting: Meeting) -> list[list[Button | None]]:
    """What a closed card offers: each press is answered to the one who pressed."""
    ask = Button(_("Ask to be added"), "late", meeting.id) if meeting.locked_at is None else None
    return [[ask, Button(_("Next meeting"), "next_meeting")]]


def _way_on(meeting: Meeting) -> list[list[Button | None]]:
    return [*in_the_group(meeting), [HOME]]


@notice(attendance.LATE, power="attendance.own", klass=Class.ONCE, about=_("Check-in was closed"))
def told_too_late(note: Note) -> Say | None:
    """To who tapped in the group after the end: the way on, in private."""
    meeting, person = note.session.get(Meeting, note.subject_id), note.person
    found = attendance.own_seat(note.session, person.id, note.subject_id) if person else None
    if meeting is None or found is None or found[1].present_at is not None:
        return None
    return Say(closed(meeting), buttons=_way_on(meeting))


@button("late", power="attendance.own", group=True)
def ask(talk: Talk, meeting_id: int) -> Say:
    """[Ask to be added]; asked again, it says where the request stands."""
    return _ask(talk, meeting_id, Wrong.ABSENT)


@button("not_late", power="attendance.own")
def not_late(talk: Talk, meeting_id: int) -> Say:
    """[I was in time]: entered as late, and was not."""
    return _ask(talk, meeting_id, Wrong.LATE)


@button("not_left", power="attendance.own")
def not_left(talk: Talk, meeting_id: int) -> Say:
    """[I did not leave]: entered as gone early, and stayed."""
    return _ask(talk, meeting_id, Wrong.LEFT)


def _ask(talk: Talk, meeting_id: int, wrong: Wrong) -> Say:
    request = attendance.ask_correction(
        talk.session,
        talk.actor,
        meeting_id,
        wrong=wrong,
        quiet=talk.house.quiet,
        profile=talk.house.profile,
        now=talk.now,
    )
    if request.decided_at is None:
        state = _("Sent to the committee. Waiting for approval.")
    else:
        state = _answered(request)
    if not talk.private:
        return Say(toast=state, alert=True)
    return Say(state, buttons=[[Button(_("Next meeting"), "next_meeting"), HOME]], toast=state)


def _answered(request: Correction) -> Text:
    if request.wrong != Wrong.ABSENT:
        if request.granted:
            return _("The committee has put your entry right.")
        return _("The committee has left your entry as it was.")
    if request.granted:
        return _("The committee has entered you as present.")
    return _("The committee has not entered you as present.")


# -- the committee -----------------------------------------------------------------------------


@notice(
    attendance.REQUEST, power="attendance.take", klass=Class.ONCE, about=_("Request to be added")
)
def asked(note: Note) -> Say | None:
    """To the committee: somebody asks to be added."""
    found = attendance.request_told(note.session, note.subject_id)
    if found is None or found[0].decided_at is not None:
        return None
    request, _seat, meeting, person = found
    if not note.may("attendance.take", meeting.unit_id):
        return None
    grant = _("Enter as present") if request.wrong == Wrong.ABSENT else _("Put it right")
    return Say(
        _asks(request, person.full_name),
        meeting_label(meeting),
        buttons=[
            [
                Button(grant, "late_decide", request.id, "yes"),
                Button(_("No"), "late_decide", request.id, "no"),
            ],
            [Button(_("Roll call"), "roll", meeting.id), MANAGE],
        ],
    )


def _asks(request: Correction, name: str) -> Text:
    match request.wrong:
        case Wrong.LATE:
            return _("{name} says they were in time, and asks to put that right.", name=name)
        case Wrong.LEFT:
            return _("{name} says they stayed to the end, and asks to put that right.", name=name)
        case _other:
            return _("{name} was there and asks to be added.", name=name)


@button("late_decide", power="attendance.take")
def decide(talk: Talk, request_id: int, choice: str) -> Say:
    """[Enter as present], [No]; pressed late, it says what became of the request."""
    if choice in ("yes", "no"):
        granted = choice == "yes"
        attendance.decide_correction(
            talk.session, talk.actor, request_id, granted=granted, now=talk.now
        )
    request, _seat, meeting, person = attendance.correction_of(talk.session, talk.actor, request_id)
    outcome = _outcome(talk.session, request)
    return Say(
        _("{name} · {title}", name=person.full_name, title=meeting_label(meeting)),
        outcome,
        buttons=[[Button(_("Roll call"), "roll", meeting.id), MANAGE]],
        toast=outcome,
    )


def _outcome(session: Session, request: Correction) -> Words:
    if request.decided_at is None:
        return _("Sent to the committee. Waiting for approval.")
    by = session.get(Person, request.decided_by) if request.decided_by else None
    name, at = by.full_name if by else "", Moment(request.decided_at)
    if request.wrong != Wrong.ABSENT:
        if request.granted:
            return _("Put right by comrade {name}, {at}.", name=name, at=at)
        return _("Left as it was, by comrade {name}, {at}.", name=name, at=at)
    if request.granted:
        return _("Entered as present by comrade {name}, {at}.", name=name, at=at)
    return _("Not entered, by comrade {name}, {at}.", name=name, at=at)


@notice(
    attendance.DECISION,
    power="attendance.own",
    klass=Class.ONCE,
    about=_("Answer to a request to be added"),
)
def decided(note: Note) -> Say | None:
    """To who asked: the answer."""
    found = attendance.request_told(note.session, note.subject_id)
    if found is None or found[0].decided_at is None:
        return None
    request, _seat, meeting, _person = found
    return Say(
        _("Meeting {day}", day=day_of(meeting)),
        _answered(request),
        buttons=[[Button(_("Next meeting"), "next_meeting"), HOME]],
    )
