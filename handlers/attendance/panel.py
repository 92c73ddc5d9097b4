"""The committee's own screen of a roll call: open, see, close. Private."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from handlers.attendance import late, result
from handlers.attendance.saying import figures, head, own_line
from handlers.kit import Button, House, Note, Say, Talk, button, notice
from handlers.meetings.showing import (
    HOME,
    MANAGE,
    clock,
    closed,
    meeting_label,
    meeting_lines,
    recorded,
    state_line,
)
from handlers.paging import Page
from handlers.roster.words import NAMES, by_reach
from handlers.text import Words, _, n_
from storage import attendance
from storage.attendance import Outcome
from storage.meetings import Meeting, MeetingState
from storage.outbox import Class
from storage.powers import may_somewhere
from storage.reach import Reach
from storage.schedule import Due


def in_private(talk: Talk) -> Say:
    """/diemdanh in the private chat: the committee's screen, or a member's own."""
    if may_somewhere(talk.actor, "attendance.take"):
        found = attendance.takeable(talk.session, talk.actor, talk.now)
        if len(found) == 1:
            return screen(talk, found[0])
        if found:
            rows = choices(found, action="roll")
            return Say(_("Roll call of which meeting?"), buttons=[*rows, [MANAGE]])
    roll = attendance.open_for(talk.session, talk.person, now=talk.now)
    if roll is None:
        return _nothing_open(talk)
    seat = attendance.own_seat(talk.session, talk.actor.person_id, roll.meeting.id)
    here = Button(_("I am here"), "attend", roll.meeting.id) if roll.present_at is None else None
    state = own_line(*seat, talk.now) if seat else None
    return Say(*meeting_lines(roll.meeting), state, buttons=[[here], [HOME]])


def _nothing_open(talk: Talk) -> Say:
    """No roll call is open; who missed the latest one finds the way on."""
    takes = may_somewhere(talk.actor, "attendance.take")  # results stand under the meetings
    back = [Button(_("All meetings"), "meetings"), MANAGE] if takes else [HOME]
    missed = attendance.missed_by(talk.session, talk.actor.person_id)
    return Say(
        _("No roll call is open."),
        closed(missed) if missed else None,
        buttons=[*(late.in_the_group(missed) if missed else []), back],
    )


def choices(meetings: Sequence[Meeting], action: str = "roll_group") -> list[list[Button]]:
    """A button for each meeting, two in a row."""
    buttons = [
        Button(
            _("{meeting}, {time}", meeting=meeting_label(each), time=clock(each, each.starts_at)),
            action,
            each.id,
        )
        for each in meetings[:8]
    ]
    return [buttons[start : start + 2] for start in range(0, len(buttons), 2)]


@button("roll_now", power="attendance.take")
def now_or_next(talk: Talk) -> Say:
    """[Roll call]: the same as /diemdanh."""
    return in_private(talk)


@button("roll", power="attendance.take")
def one(talk: Talk, meeting_id: int) -> Say:
    """The roll call of one meeting, or its result."""
    talk.close("roll_name")
    return screen(talk, attendance.for_committee(talk.session, talk.actor, meeting_id))


@button("roll_open", power="attendance.take")
def open_(talk: Talk, meeting_id: int) -> Say:
    """[Open check-in]."""
    meeting = attendance.open_roll(
        talk.session, talk.actor, meeting_id, profile=talk.house.profile, now=talk.now
    )
    return screen(talk, meeting, toast=_("Check-in is open."))


@button("roll_here", power="attendance.take")
def here(talk: Talk, meeting_id: int) -> Say:
    """[I am here], of one who takes the roll: the roll stays before them."""
    meeting = attendance.for_committee(talk.session, talk.actor, meeting_id)
    tap = attendance.tap(talk.session, talk.actor, meeting_id, private=True, now=talk.now)
    seated = tap.outcome in (Outcome.RECORDED, Outcome.ALREADY)
    return screen(talk, meeting, toast=recorded(meeting, tap.at, late=tap.late) if seated else None)


@button("roll_post", power="attendance.take")
def post(talk: Talk, meeting_id: int) -> Say:
    """[Post anew]: the same card, at the end of the group's chat."""
    meeting = attendance.post_card(talk.session, talk.actor, meeting_id, now=talk.now)
    return screen(talk, meeting, toast=_("The card is posted anew."))


def screen(talk: Talk, meeting: Meeting, *, toast: Words | None = None) -> Say:
    """Where a roll call stands, and what the committee can do."""
    if meeting.state == MeetingState.CLOSED:
        return result.screen(talk, meeting, toast=toast)
    if meeting.state != MeetingState.CALLED:
        return Say(*meeting_lines(meeting), state_line(meeting, talk.now), buttons=[[MANAGE]])
    if meeting.opened_at is None:
        return Say(
            *meeting_lines(meeting),
            _("Check-in has not been opened yet."),
            buttons=[[Button(_("Open check-in"), "roll_open", meeting.id)], [MANAGE]],
            toast=toast,
        )
    lines, buttons = controls(talk.session, talk.actor.person_id, meeting, talk.now)
    return Say(*lines, buttons=buttons, toast=toast)


def controls(
    session: Session, person_id: int | None, meeting: Meeting, now: datetime
) -> tuple[list[Words], list[list[Button | None]]]:
    """The figures of an open roll call and the committee's buttons."""
    count = attendance.totals(session, meeting).all
    number, is_open = meeting.id, attendance.is_open(meeting, now)
    own = attendance.own_seat(session, person_id, meeting.id) if is_open else None
    here = own is not None and own[1].present_at is None
    shown = is_open and attendance.room(session, meeting) is not None
    buttons: list[list[Button | None]] = [
        [
            Button(_("Enter others"), "roll_for", number, 0),
            Button(n_("{n} missing", "{n} missing", n=count.missing), "roll_missing", number, 0),
        ],
        [
            Button(_("Room code"), "room_code", number) if is_open else None,
            Button(_("Post anew"), "roll_post", number) if shown else None,
        ],
        [
            Button(_("I am here"), "roll_here", number) if here else None,
            Button(_("Refresh"), "roll", number),
        ],
        [Button(_("Close check-in"), "roll_close", number)],
        [MANAGE],
    ]
    return [head(meeting, now), *figures(meeting, count)], buttons


@notice(
    attendance.PANEL, power="attendance.take", klass=Class.ONCE, about=_("Controls of check-in")
)
def opened(note: Note) -> Say | None:
    """To who opened check-in in the group: the controls, in private."""
    meeting = note.session.get(Meeting, note.subject_id)
    if meeting is None or note.person is None or not attendance.is_open(meeting, note.now):
        return None
    if not note.may("attendance.take", meeting.unit_id):
        return None
    lines, buttons = controls(note.session, note.person.id, meeting, note.now)
    return Say(*lines, buttons=buttons)


# -- who is missing ----------------------------------------------------------------------------


@button("roll_missing", power="attendance.take")
def missing(talk: Talk, meeting_id: int, number: int) -> Say:
    """[50 missing]: who has not come, by how each can be reached."""
    meeting = attendance.for_committee(talk.session, talk.actor, meeting_id)
    found = attendance.missing(talk.session, meeting_id)
    page = Page.of(sorted(found, key=lambda pair: list(Reach).index(pair[0])), number, NAMES)
    return Say(
        _("{meeting} · {n} missing", meeting=meeting_label(meeting), n=len(found)),
        *by_reach(page.items),
        buttons=[page.turn("roll_missing", meeting_id), [Button(_("‹ Back"), "roll", meeting_id)]],
    )


# -- closing -----------------------------------------------------------------------------------


@button("roll_close", power="attendance.take")
def ask_close(talk: Talk, meeting_id: int) -> Say:
    """[Close check-in]: names the count and asks again."""
    meeting = attendance.for_committee(talk.session, talk.actor, meeting_id)
    if meeting.state != MeetingState.CALLED or meeting.opened_at is None:
        return screen(talk, meeting)
    count = attendance.totals(talk.session, meeting).all
    return Say(
        _("Close check-in of {meeting}?", meeting=meeting_label(meeting)),
        _(
            "The meeting has not begun yet ({time}). Close all the same?",
            time=clock(meeting, meeting.starts_at),
        )
        if talk.now < meeting.starts_at
        else None,
        n_(
            "{n} person is neither present nor excused.",
            "{n} people are neither present nor excused.",
            n=count.missing,
        ),
        n_(
            "{n} request for leave is undecided. It can be decided later, until the minutes are"
            " final.",
            "{n} requests for leave are undecided. They can be decided later, until the minutes"
            " are final.",
            n=count.pending,
        )
        if count.pending
        else None,
        buttons=[
            [result.to_decide(count)],
            [Button(_("Yes, close"), "roll_close_yes", meeting_id)],
            [Button(_("‹ Back"), "roll", meeting_id)],
        ],
    )


@button("roll_close_yes", power="attendance.take")
def close(talk: Talk, meeting_id: int) -> Say:
    """[Yes, close]: the result; pressed twice, the same."""
    meeting = attendance.close(talk.session, talk.actor, meeting_id, now=talk.now)
    return result.screen(talk, meeting, toast=_("Check-in is closed."))


@button("roll_reopen", power="attendance.take")
def reopen(talk: Talk, meeting_id: int) -> Say:
    """[Reopen check-in]: the same roll goes on; pressed twice, the same."""
    meeting = attendance.reopen(talk.session, talk.actor, meeting_id, now=talk.now)
    return screen(talk, meeting, toast=_("Check-in is open again."))


def close_due(session: Session, due: Due, house: House, now: datetime) -> None:
    """The end of a check-in has come."""
    attendance.close_due(session, int(due.subject.rpartition(":")[2]), now=now)
