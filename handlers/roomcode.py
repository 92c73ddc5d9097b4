"""The room's code: on the chair's phone a picture and four digits; in the member's, a short answer.

The screen is a standing notice, which the clock edits every half minute. Whoever scans the picture
comes through /start (`handlers/joining.py`), whoever types the digits comes here.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from handlers import doors
from handlers.attendance import late
from handlers.kit import Button, House, Note, Say, Talk, button, notice, typed
from handlers.meetings.showing import HOME, in_zone, meeting_label, meeting_lines, recorded
from handlers.text import Text, _
from storage import attendance, roomcode
from storage.attendance import Outcome, Tap
from storage.meetings import Meeting
from storage.outbox import Class
from storage.roomcode import Unfit
from storage.schedule import Due

# -- the one who shows it ----------------------------------------------------------------------


@button("room_code", power="attendance.take")
def show(talk: Talk, meeting_id: int) -> Say:
    """[Room code], [New code]: the screen comes as a message of its own."""
    roomcode.show(talk.session, talk.actor, meeting_id, now=talk.now)
    return Say(toast=_("The code comes below."))


@button("room_code_hide", power="attendance.take")
def hide(talk: Talk, meeting_id: int) -> Say:
    """[Hide code]: the message goes on, without the code."""
    roomcode.hide(talk.session, talk.actor, meeting_id, now=talk.now)
    return Say(toast=_("The code is hidden."))


@notice(roomcode.SCREEN, power="attendance.take", klass=Class.REMINDER, about=_("The room's code"))
def screen(note: Note) -> Say | None:
    """The code of this half minute, to be held up in the room."""
    meeting = note.session.get(Meeting, note.subject_id)
    if meeting is None or not note.may("attendance.take", meeting.unit_id):
        return None
    found = roomcode.shown(note.session, meeting, note.now)
    back = Button(_("Roll call"), "roll", meeting.id)
    if found is None:
        on = attendance.is_open(meeting, note.now)
        again = Button(_("Show code"), "room_code", meeting.id) if on else None
        return Say(
            _("The room's code of {meeting} is hidden.", meeting=meeting_label(meeting)),
            buttons=[[again, back]],
            qr=note.house.link(""),
        )
    _row, digits = found
    changes = in_zone(roomcode.ends_at(note.now), meeting.zone)
    return Say(
        _("<b>{digits}</b>", digits=digits),
        _(
            "{meeting} · changes at {time}",
            meeting=meeting_label(meeting),
            time=f"{changes:%H:%M:%S}",
        ),
        _("Scan the picture, or send these four digits to @{bot}.", bot=note.house.bot_username),
        buttons=[
            [
                Button(_("New code"), "room_code", meeting.id),
                Button(_("Hide code"), "room_code_hide", meeting.id),
            ],
            [back],
        ],
        qr=note.house.link(roomcode.payload(meeting.id, digits)),
    )


@notice(
    roomcode.RETIRED,
    power="attendance.take",
    klass=Class.IDEMPOTENT,
    about=_("The room's code, older screen"),
)
def retired(note: Note) -> Say | None:
    """An older screen: the code stands elsewhere now."""
    if note.notice.message_id is None:
        return None
    return Say(_("The room's code is shown in a newer message."), qr=note.house.link(""))


def turn(session: Session, due: Due, house: House, now: datetime) -> None:
    """A half minute is over."""
    roomcode.turn(session, int(due.subject.rpartition(":")[2]), now=now)


def _label(session: Session, meeting: Meeting) -> Text | None:
    """There is a code while people can check in."""
    return _("Room code") if meeting.opened_at and not meeting.closed_at else None


doors.hang(doors.DURING, "room_code", _label)

# -- the one who is there ----------------------------------------------------------------------


@typed(r"[0-9]{2} ?[0-9]{2}", power="attendance.own")
def digits_typed(talk: Talk) -> Say:
    """Four digits, typed in private."""
    code = talk.text.replace(" ", "")
    found = roomcode.check_in(talk.session, talk.actor, code, sent=_sent(talk), now=talk.now)
    return _answered(talk, found)


def scanned(talk: Talk, meeting_id: int, code: str) -> Say:
    """The picture in the room, scanned: /start with the meeting and the digits."""
    found = roomcode.check_in(
        talk.session, talk.actor, code, meeting_id=meeting_id, sent=_sent(talk), now=talk.now
    )
    return _answered(talk, found)


def _sent(talk: Talk) -> datetime | None:
    message = talk.update.effective_message if talk.update else None
    return message.date if message else None


def _answered(talk: Talk, found: Tap | Unfit) -> Say:
    if isinstance(found, Unfit) or found.meeting is None:
        return Say(
            _("Too many wrong codes. Please ask the chair, who can enter you.")
            if found is Unfit.TOO_MANY
            else _(
                "This code does not fit, or check-in is not open. It changes every half minute:"
                " please type the one that is shown now."
            ),
            buttons=[[HOME]],
        )
    if found.outcome not in (Outcome.RECORDED, Outcome.ALREADY):
        return late.too_late(talk, found.meeting)
    return Say(
        *meeting_lines(found.meeting),
        recorded(found.meeting, found.at, late=found.late),
        buttons=[[Button(_("Next meeting"), "next_meeting"), HOME]],
    )
