"""Creating a meeting: what the form is told by presses and by typing, and what it becomes.

Moving one (`changing`) is the same form up to its last press.

A button of a form that is no longer open says what became of it: the meeting that it made, if any.
"""

from __future__ import annotations

import re
from datetime import date

from handlers.home import cancel
from handlers.kit import Button, Say, Talk, answer, button, command
from handlers.meetings.desk import desk
from handlers.meetings.form import (
    FORM,
    drop_past,
    form_of,
    new_form,
    open_form,
    plan,
    retime,
    settled,
    take_kind,
    take_moment,
    take_unit,
)
from handlers.meetings.showing import MANAGE, meeting_lines, told_until
from handlers.meetings.steps import ask_month, ask_units, choose_edit, proceed
from handlers.text import Words, _
from storage import meetings, roster
from storage.errors import NotFound
from storage.folding import fold
from storage.meetings import Meeting, MeetingKind, MeetingState
from storage.powers import units_with

EDITED = ("kind", "day", "time", "place")
SAID_YES = {"dung", "dung roi", "co", "u", "uh", "ok", "yes", "y"}


@command("newmeeting", vi="taohop", power="meeting.create", help=_("Create a meeting"))
@button("newmeeting", power="meeting.create")
def begin(talk: Talk) -> Say:
    """[Create meeting]: opens the form."""
    form = new_form()
    units = units_with(talk.actor, "meeting.create")
    if len(units) == 1:
        form.unit = units[0]
    return proceed(talk, form)


@button("newmeeting_open", power="meeting.create")
def reopen(talk: Talk, meeting_id: int) -> Say:
    """[Open draft], [Write anew]: the form again; a draft goes on, anything else is a new one."""
    meeting = meetings.managed(talk.session, talk.actor, meeting_id)
    form = form_of(meeting, meetings.units_called(talk.session, meeting.id))
    if meeting.state == MeetingState.DRAFT and meeting.token:
        form.token = meeting.token
    return proceed(talk, form, drop_past(talk, form))


@answer(FORM, power="meeting.create", about=_("a meeting"))
def typed(talk: Talk) -> Say:
    """Typed text answers whatever the form waits for."""
    form = open_form(talk)
    if form is None:
        return begin(talk)
    if form.again == "kind":
        problem = take_kind(talk, form, talk.text)
        form.again = form.again if problem else None
        return proceed(talk, form, problem)
    if form.again == "place":
        form.place, form.again = meetings.check_place(talk.text), None
        return proceed(talk, form)
    if form.unit is None:
        units = units_with(talk.actor, "meeting.create")
        return proceed(talk, form, take_unit(talk, form, talk.text, units))
    if form.kind is None:
        return proceed(talk, form, take_kind(talk, form, talk.text))
    if form.unsure and fold(talk.text) in SAID_YES:
        form.unsure = False
        return proceed(talk, form)
    if form.day and form.time and not form.unsure and not form.again and form.place is None:
        form.place = meetings.check_place(talk.text)
        return proceed(talk, form)
    before = (form.day, form.time)
    return proceed(talk, form, settled(form, before, take_moment(talk, form, talk.text)))


# -- presses -----------------------------------------------------------------------------------


@button("newmeeting_unit", power="meeting.create")
def unit_chosen(talk: Talk, token: str, unit_id: int) -> Say:
    """One of the units in which they act."""
    if unit_id not in units_with(talk.actor, "meeting.create"):
        raise NotFound
    form = open_form(talk, token)
    if form is None:
        return closed(talk, token)
    form.unit = unit_id
    return proceed(talk, form)


@button("newmeeting_kind", power="meeting.create")
def kind_chosen(talk: Talk, token: str, kind: str) -> Say:
    """[Regular meeting] and so on."""
    form = open_form(talk, token)
    if form is None or kind not in set(MeetingKind):
        return closed(talk, token)
    form.kind, form.again = kind, None
    return proceed(talk, form)


@button("newmeeting_who", power="meeting.create")
def who(talk: Talk, token: str, number: int) -> Say:
    """[Units called] and its pages."""
    form = open_form(talk, token)
    return closed(talk, token) if form is None else ask_units(talk, form, number)


@button("newmeeting_call", power="meeting.create")
def call_unit(talk: Talk, token: str, unit_id: int, number: int) -> Say:
    """One of the units below: it is called, or not after all."""
    form = open_form(talk, token)
    if form is None or form.unit is None:
        return closed(talk, token)
    if unit_id not in [unit.id for unit in roster.units_below(talk.session, form.unit)]:
        raise NotFound
    form.units = sorted({unit_id} ^ set(form.units))
    return ask_units(talk, form, number)


@button("newmeeting_month", power="meeting.create")
def month(talk: Talk, token: str, number: int) -> Say:
    """[Month calendar…] and its pages; `number` counts months from the year 0."""
    form = open_form(talk, token)
    return closed(talk, token) if form is None else ask_month(talk, form, number)


@button("newmeeting_blank", power="meeting.create")
def blank(talk: Talk) -> Say | None:
    """A place of the calendar where there is no day."""
    return None


@button("newmeeting_day", power="meeting.create")
def day_chosen(talk: Talk, token: str, day: str) -> Say:
    """A day, from the list or from the calendar."""
    form = open_form(talk, token)
    if form is None or not _is_day(day):
        return closed(talk, token)
    return proceed(talk, form, retime(talk, form, day=day))


@button("newmeeting_time", power="meeting.create")
def time_chosen(talk: Talk, token: str, clock: str) -> Say:
    """A time of day, "1930"."""
    form = open_form(talk, token)
    if form is None or not re.fullmatch(r"([01][0-9]|2[0-3])[0-5][0-9]", clock):
        return closed(talk, token)
    return proceed(talk, form, retime(talk, form, clock=f"{clock[:2]}:{clock[2:]}"))


@button("newmeeting_yes", power="meeting.create")
def confirmed(talk: Talk, token: str) -> Say:
    """[Yes]: the day and time that were typed are meant."""
    form = open_form(talk, token)
    if form is None:
        return closed(talk, token)
    form.unsure = False
    return proceed(talk, form, drop_past(talk, form))


@button("newmeeting_place", power="meeting.create")
def place_chosen(talk: Talk, token: str, meeting_id: int) -> Say:
    """The place of an earlier meeting."""
    form = open_form(talk, token)
    if form is None:
        return closed(talk, token)
    form.place = meetings.managed(talk.session, talk.actor, meeting_id).place
    form.again = None
    return proceed(talk, form)


@button("newmeeting_edit", power="meeting.create")
def edit(talk: Talk, token: str) -> Say:
    """[Edit]: asks what."""
    form = open_form(talk, token)
    return closed(talk, token) if form is None else choose_edit(talk, form)


@button("newmeeting_redo", power="meeting.create")
def redo(talk: Talk, token: str, what: str) -> Say:
    """Asks for one answer again; what the preview showed is kept until there is another."""
    form = open_form(talk, token)
    if form is None:
        return closed(talk, token)
    form.unsure = False
    if plan(talk, form) is not None:
        form.again = {"moment": "day"}.get(what, what if what in EDITED else None)
    elif what in ("day", "moment"):
        form.day = None
        form.time = form.time if what == "day" else None
    return proceed(talk, form)


@button("newmeeting_back", power="meeting.create")
def back(talk: Talk, token: str) -> Say:
    """[‹ Back]: the question that is open."""
    form = open_form(talk, token)
    return closed(talk, token) if form is None else proceed(talk, form)


@button("newmeeting_drop", power="meeting.create")
def drop(talk: Talk, token: str) -> Say:
    """[Cancel]: this form, and no other; pressed late, it says what became of it."""
    if open_form(talk, token) is None:
        return closed(talk, token)
    return cancel(talk)


@button("newmeeting_stay", power="meeting.create")
def stay(talk: Talk, token: str, meeting_id: int) -> Say:
    """[‹ Meeting]: it is not moved."""
    if open_form(talk, token) is not None:
        talk.close()
    return desk(talk, meetings.managed(talk.session, talk.actor, meeting_id))


# -- what it becomes ---------------------------------------------------------------------------


@button("newmeeting_send", power="meeting.create")
def send(talk: Talk, token: str) -> Say:
    """[Send notice]: the meeting is called; its notice waits a minute."""
    form = open_form(talk, token)
    wanted = None if form is None else plan(talk, form)
    if form is None or wanted is None:
        return closed(talk, token)
    problem = drop_past(talk, form)
    if problem is not None:
        return proceed(talk, form, problem)
    talk.close()
    quiet = talk.house.quiet
    return called(
        talk,
        meetings.call(talk.session, talk.actor, wanted, token=token, quiet=quiet, now=talk.now),
    )


@button("newmeeting_save", power="meeting.create")
def save(talk: Talk, token: str) -> Say:
    """[Save draft]: nobody is told."""
    form = open_form(talk, token)
    wanted = None if form is None else plan(talk, form)
    if form is None or wanted is None:
        return closed(talk, token)
    problem = drop_past(talk, form)
    if problem is not None:
        return proceed(talk, form, problem)
    talk.close()
    quiet = talk.house.quiet
    meeting = meetings.save(
        talk.session, talk.actor, wanted, token=token, quiet=quiet, now=talk.now
    )
    return desk(talk, meeting)


def called(talk: Talk, meeting: Meeting, *first: Words) -> Say:
    """What follows [Send notice]: a minute to take it back, and quiet hours if there are any."""
    if not meetings.undoable(meeting, now=talk.now):
        return desk(talk, meeting)
    quiet = talk.house.quiet
    held_until = meetings.held_until(talk.session, meeting, quiet=quiet, now=talk.now)
    held = told_until(held_until, meeting.zone)
    urgent = Button(_("Send right away"), "newmeeting_urgent", meeting.id) if held else None
    return Say(
        *first,
        _("Will be sent in 60 seconds."),
        *meeting_lines(meeting),
        held,
        buttons=[
            [Button(_("Undo"), "newmeeting_undo", meeting.id), urgent],
            [Button(_("See meeting"), "meeting_desk", meeting.id), MANAGE],
        ],
    )


@button("newmeeting_urgent", power="meeting.create")
def urgent(talk: Talk, meeting_id: int) -> Say:
    """[Send right away]: the second tap of something urgent."""
    meetings.send_now(talk.session, talk.actor, meeting_id, now=talk.now)
    meeting = meetings.managed(talk.session, talk.actor, meeting_id)
    if meetings.waiting_change(talk.session, meeting) is not None:
        return desk(talk, meeting, _("Sent as urgent."))
    return called(talk, meeting, _("Sent as urgent."))


@button("newmeeting_undo", power="meeting.create")
def undo(talk: Talk, meeting_id: int) -> Say:
    """[Undo]: within a minute nobody has been told; after that it can only be called off."""
    undone = meetings.undo(talk.session, talk.actor, meeting_id, now=talk.now)
    meeting = meetings.managed(talk.session, talk.actor, meeting_id)
    if undone:
        again = Button(_("Write anew"), "newmeeting_open", meeting_id)
        return Say(_("Undone. Nobody was told."), buttons=[[again], [MANAGE]])
    if meeting.state != MeetingState.CALLED:
        return desk(talk, meeting)
    return Say(
        _("More than 60 seconds have passed: the notice is on its way."),
        _("The meeting can still be called off; everybody is told then."),
        buttons=[[Button(_("Call off meeting"), "meeting_calloff", meeting_id)], [MANAGE]],
    )


def closed(talk: Talk, token: str) -> Say:
    """What became of a form that is no longer open."""
    meeting = meetings.of_token(talk.session, talk.actor, token)
    if meeting is not None:
        return called(talk, meeting)
    return Say(
        _("This form is closed; this button has sent nothing."),
        buttons=[[Button(_("Create meeting"), "newmeeting")], [MANAGE]],
        toast=_("This form is closed; this button has sent nothing."),
    )


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
