"""The chair is asked to look round once more: in private, without a word against anybody."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from handlers.kit import Button, House, Note, Say, Talk, button, notice
from handlers.meetings.showing import MANAGE, clock, meeting_label
from handlers.text import Moment, Text, Words, _, n_
from storage import attendance
from storage.attendance import Signal, SpotCheck
from storage.meetings import Meeting
from storage.outbox import Class
from storage.schedule import Due

NAMES = 30  # on the list


def look(session: Session, due: Due, house: House, now: datetime) -> None:
    """A minute of check-in is over."""
    attendance.look(session, int(due.subject.rpartition(":")[2]), now=now)


@notice(
    attendance.SPOT, power="attendance.take", klass=Class.ONCE, about=_("Please look once more")
)
def asked(note: Note) -> Say | None:
    """To the chair: what is odd about whom."""
    spot = note.session.get(SpotCheck, note.subject_id)
    meeting = note.session.get(Meeting, spot.meeting_id) if spot else None
    if spot is None or meeting is None or not note.may("attendance.take", meeting.unit_id):
        return None
    return _screen(spot, meeting)


@button("spot", power="attendance.take")
def one(talk: Talk, spot_id: int) -> Say:
    """Back from the list."""
    return _screen(*attendance.spot_of(talk.session, talk.actor, spot_id))


@button("spot_list", power="attendance.take")
def listed(talk: Talk, spot_id: int) -> Say:
    """[See the list]: who it is about, for the one who was asked."""
    spot, meeting = attendance.spot_of(talk.session, talk.actor, spot_id)
    people = attendance.spotted(talk.session, spot)
    return Say(
        _what(spot),
        *(
            _("{name} · {time}", name=person.full_name, time=clock(meeting, seat.present_at))
            for seat, person in people[:NAMES]
        ),
        buttons=[
            [_seen(spot), Button(_("Roll call"), "roll", meeting.id)],
            [Button(_("‹ Back"), "spot", spot.id)],
        ],
    )


@button("spot_seen", power="attendance.take")
def seen(talk: Talk, spot_id: int) -> Say:
    """[Looked, all right]."""
    spot = attendance.answer_spot(talk.session, talk.actor, spot_id, now=talk.now)
    said = _screen(*attendance.spot_of(talk.session, talk.actor, spot.id))
    said.toast = _("Noted, thank you.")
    return said


def _screen(spot: SpotCheck, meeting: Meeting) -> Say:
    state: Words = (
        _("Looked at, {at}: all is right.", at=Moment(spot.answered_at))
        if spot.answered_at
        else _("It may mean nothing. Please only see whether they are in the room.")
    )
    return Say(
        meeting_label(meeting),
        _what(spot),
        state,
        buttons=[
            [_seen(spot), Button(_("See the list"), "spot_list", spot.id)],
            [Button(_("Roll call"), "roll", meeting.id), MANAGE],
        ],
    )


def _seen(spot: SpotCheck) -> Button | None:
    return None if spot.answered_at else Button(_("Looked, all right"), "spot_seen", spot.id)


def _what(spot: SpotCheck) -> Text:
    number = len(spot.seats)
    match spot.signal:
        case Signal.TOGETHER:
            return n_(
                "Please look once more: {n} person entered the code in the same second.",
                "Please look once more: {n} people entered the code in the same second.",
                n=number,
            )
        case Signal.OUTSIDE:
            return n_(
                "Please look once more: {n} person checked in long before the meeting or after it.",
                "Please look once more: {n} people checked in long before the meeting or after it.",
                n=number,
            )
        case _other:
            return n_(
                "Please look once more: {n} person has an account linked in the last 7 days.",
                "Please look once more: {n} people have accounts linked in the last 7 days.",
                n=number,
            )
