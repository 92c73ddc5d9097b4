"""Writing a resolution down: in one line, or what is missing step by step; shown back, then kept.

The form lives in the draft. There is no list of steps to be at: the next question is the first
thing that is not known yet.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from handlers.attendance.saying import labels
from handlers.kit import Ask, Button, Say, Talk, answer, button
from handlers.meetings.showing import meeting_label
from handlers.paging import Page
from handlers.tasks import desk
from handlers.tasks.reading import meant, read_day, read_line
from handlers.tasks.showing import NAME, day_buttons, far_line, fitting_days
from handlers.text import Day, Text, Words, _, cut
from storage import attendance, meetings, roster, tasks
from storage.errors import NotFound, Refusal
from storage.meetings import Meeting, Seat
from storage.reach import Reach, reach
from storage.roster import Person
from storage.tasks import Task

FORM = "resolution"
PAGE = 8  # names to press

Roll = list[tuple[Seat, Person]]


@dataclass(slots=True)
class Form:
    """The answers so far, as the draft keeps them."""

    meeting: int
    token: str
    text: str | None = None
    owner: int | None = None
    due: str | None = None  # "2026-09-15"
    among: list[int] = field(default_factory=list)  # whom the typed name may mean
    again: str | None = None  # what is asked once more though it is known

    @property
    def by(self) -> date | None:
        """The day, as a date."""
        return date.fromisoformat(self.due) if self.due else None

    @property
    def missing(self) -> str | None:
        """What is asked next."""
        if self.again is not None:
            return self.again
        known = {"text": self.text, "owner": self.owner, "due": self.due}
        return next((name for name, value in known.items() if value is None), None)

    def ask(self, *lines: Words | None, buttons: Sequence[Sequence[Button | None]]) -> Ask:
        """A screen of this form, which takes typed text as well."""
        return Ask(FORM, *lines, data=asdict(self), buttons=buttons)


def _open(talk: Talk, token: str) -> Form:
    """The open form, if it is the pressed button's; raises Refusal for one that is over."""
    draft = talk.draft
    if draft is None or draft.form != FORM or draft.data.get("token") != token:
        raise Refusal("This was written down or dropped already.")
    return Form(**draft.data)


# -- beginning ---------------------------------------------------------------------------------


@button("resolve", power="task.manage")
def begin(talk: Talk, meeting_id: int) -> Say:
    """[Add resolution]: step by step, or all in one line."""
    return _proceed(talk, Form(meeting_id, secrets.token_hex(6)))


@answer(desk.LIST, power="task.manage")
def line_typed(talk: Talk) -> Say:
    """A resolution typed below the list of them."""
    meeting_id = int(talk.draft.data["meeting"]) if talk.draft else 0
    form = Form(meeting_id, secrets.token_hex(6))
    return _proceed(talk, form, _take_line(talk, form, talk.text))


@answer(FORM, power="task.manage", about=_("a resolution"))
def typed(talk: Talk) -> Say:
    """An answer to what was asked; where all is known, the whole line anew."""
    form = Form(**(talk.draft.data if talk.draft else {}))
    match form.missing:
        case "owner":
            return _proceed(talk, form, _take_owner(talk, form, talk.text))
        case "due":
            return _proceed(talk, form, _take_due(talk, form, talk.text))
        case _other:
            return _proceed(talk, form, _take_line(talk, form, talk.text))


# -- what is typed -----------------------------------------------------------------------------


def _take_line(talk: Talk, form: Form, text: str) -> Text | None:
    meeting, roll = _roll(talk, form)
    line = read_line(text, [person for _seat, person in roll], _local(talk, meeting))
    if line.text:
        form.text, form.again = tasks.check_text(line.text), None
    if line.people:
        form.owner = line.people[0].id if len(line.people) == 1 else None
        form.among = [each.id for each in line.people] if form.owner is None else []
    if line.problem is not None:
        form.due = None
    elif line.due is not None:
        return _set_due(talk, form, line.due)
    return line.problem


def _take_owner(talk: Talk, form: Form, text: str) -> Text | None:
    _meeting, roll = _roll(talk, form)
    people = [person for _seat, person in roll]
    found = meant(text, people)
    if not found:
        parts = tasks.seated(talk.session, form.meeting, query=text)
        found = [person for _seat, person in parts]
    form.among = [person.id for person in found] if len(found) != 1 else []
    if len(found) == 1:
        form.owner, form.again = found[0].id, None
    return None if found else _("Nobody is found for '{query}'.", query=cut(text, NAME))


def _take_due(talk: Talk, form: Form, text: str) -> Text | None:
    meeting, _seats = _roll(talk, form)
    found = read_day(text, _local(talk, meeting))
    return _set_due(talk, form, found) if isinstance(found, date) else found


def _set_due(talk: Talk, form: Form, due: date) -> Text | None:
    try:
        tasks.check_due(due, today=_today(talk, form))
    except Refusal as refusal:
        return _(refusal.sentence)
    form.due, form.again = due.isoformat(), None
    return None


# -- what is asked -----------------------------------------------------------------------------


def _proceed(talk: Talk, form: Form, problem: Text | None = None, *, page: int = 0) -> Ask:
    match form.missing:
        case "text":
            return _ask_text(talk, form, problem)
        case "owner":
            return _ask_owner(talk, form, problem, page)
        case "due":
            return _ask_due(talk, form, problem)
        case _nothing:
            return _show_back(talk, form, problem)


def _ask_text(talk: Talk, form: Form, problem: Text | None) -> Ask:
    meeting, _seats = _roll(talk, form)
    return form.ask(
        problem,
        _head(meeting),
        _("What is to be done? Type it, or all in one line like:"),
        _("Huong draws up the list of poor households, by 15/9"),
        buttons=[[_way_out()]],
    )


def _ask_owner(talk: Talk, form: Form, problem: Text | None, number: int) -> Ask:
    meeting, roll = _roll(talk, form)
    if form.among:
        roll = [pair for pair in roll if pair[1].id in form.among]
    names = labels(roll, attendance.unit_names(talk.session, meeting.id))
    page = Page.of(list(zip(roll, names, strict=True)), number, PAGE)
    buttons = [
        Button(name, "resolution_owner", form.token, person.id)
        for (_seat, person), name in page.items
    ]
    question = _("Who does it? Press a name, or type a part of it.")
    several = _("Several people are called that. Which one?")
    return form.ask(
        problem,
        _head(meeting),
        form.text,
        several if form.among else question,
        buttons=[
            *(buttons[start : start + 2] for start in range(0, len(buttons), 2)),
            page.turn("resolution_page", form.token),
            [_everybody(form), _way_out()],
        ],
    )


def _ask_due(talk: Talk, form: Form, problem: Text | None) -> Ask:
    meeting, _seats = _roll(talk, form)
    days = fitting_days(_today(talk, form))
    return form.ask(
        problem,
        _head(meeting),
        form.text,
        _("By when? Press a day, or type it like: 15/9, next Friday."),
        buttons=[*day_buttons(days, "resolution_due", form.token), [_way_out()]],
    )


def _show_back(talk: Talk, form: Form, problem: Text | None) -> Ask:
    meeting, _seats = _roll(talk, form)
    due, owner = form.by, talk.session.get(Person, form.owner or 0)
    if due is None or owner is None:
        raise NotFound
    unit = talk.session.get_one(roster.Unit, owner.unit_id)
    return form.ask(
        problem,
        _head(meeting),
        _("What: {task}", task=form.text or ""),
        _("Who: {name} · {unit}", name=owner.full_name, unit=unit.name),
        _("By: {day}", day=Day(due)),
        far_line(due, _today(talk, form)),
        buttons=[
            [
                Button(_("Write down"), "resolution_keep", form.token),
                Button(_("Edit"), "resolution_edit", form.token),
            ],
            [_way_out()],
        ],
    )


# -- what is pressed ---------------------------------------------------------------------------


@button("resolution_owner", power="task.manage")
def owner_pressed(talk: Talk, token: str, person_id: int) -> Say:
    """A name."""
    form = _open(talk, token)
    _meeting, roll = _roll(talk, form)
    if person_id in {person.id for _seat, person in roll}:
        form.owner, form.among, form.again = person_id, [], None
    return _proceed(talk, form)


@button("resolution_page", power="task.manage")
def page_turned(talk: Talk, token: str, number: int) -> Say:
    """Another page of names."""
    return _proceed(talk, _open(talk, token), page=number)


@button("resolution_all", power="task.manage")
def everybody(talk: Talk, token: str) -> Say:
    """[Everybody]: not only those whose name fits."""
    form = _open(talk, token)
    form.among = []
    return _proceed(talk, form)


@button("resolution_due", power="task.manage")
def due_pressed(talk: Talk, token: str, day: str) -> Say:
    """A day."""
    form = _open(talk, token)
    return _proceed(talk, form, _set_due(talk, form, as_day(day)))


@button("resolution_edit", power="task.manage")
def edit(talk: Talk, token: str) -> Say:
    """[Edit]: what of it."""
    form = _open(talk, token)
    meeting, _seats = _roll(talk, form)
    return form.ask(
        _head(meeting),
        _("What shall be changed?"),
        buttons=[
            [
                Button(_("What"), "resolution_again", token, "text"),
                Button(_("Who"), "resolution_again", token, "owner"),
            ],
            [
                Button(_("By when"), "resolution_again", token, "due"),
                Button(_("‹ Back"), "resolution_again", token, "-"),
            ],
        ],
    )


@button("resolution_again", power="task.manage")
def again(talk: Talk, token: str, what: str) -> Say:
    """One of the answers is asked for anew."""
    form = _open(talk, token)
    form.again, form.among = what if what in ("text", "owner", "due") else None, []
    return _proceed(talk, form)


@button("resolution_keep", power="task.manage")
def keep(talk: Talk, token: str) -> Say:
    """[Write down]; pressed twice, it is written once."""
    written = tasks.from_form(talk.session, talk.actor, token)
    if written is not None:
        return desk.resolutions(talk, written.meeting_id or 0)
    form = _open(talk, token)
    if form.missing is not None or form.by is None or form.text is None or form.owner is None:
        return _proceed(talk, form)
    task = tasks.give(
        talk.session,
        talk.actor,
        form.meeting,
        form.text,
        form.owner,
        form.by,
        token=token,
        quiet=talk.house.quiet,
        now=talk.now,
    )
    talk.close()
    return desk.screen(talk, form.meeting, toast=_kept(talk, task), last=True)


def _kept(talk: Talk, task: Task) -> Text:
    """That it is written, and who has to tell the one who does it."""
    owner = talk.session.get_one(Person, task.owner_id)
    if owner.id == talk.actor.person_id:
        return _("Written down.")
    if reach(owner) is not Reach.LINKED:
        return _("Written down. No message reaches {name}: please tell them.", name=owner.full_name)
    return _("Written down. Who does it is told in private.")


# -- parts -------------------------------------------------------------------------------------


def as_day(day: str) -> date:
    """The day that a button carries; raises NotFound for a forged one."""
    try:
        return date.fromisoformat(day)
    except ValueError:
        raise NotFound from None


def _roll(talk: Talk, form: Form) -> tuple[Meeting, Roll]:
    """The meeting and who was convened; asked at every step, for rights may have gone."""
    meeting = tasks.resolved(talk.session, talk.actor, form.meeting)
    return meeting, tasks.seated(talk.session, meeting.id)


def _local(talk: Talk, meeting: Meeting) -> datetime:
    zone = meetings.zone_of(talk.session, meeting.unit_id, talk.house.zone)
    return talk.now.astimezone(ZoneInfo(zone))


def _today(talk: Talk, form: Form) -> date:
    meeting, _seats = _roll(talk, form)
    return tasks.day_there(talk.session, meeting.unit_id, talk.house.quiet, talk.now)


def _head(meeting: Meeting) -> Text:
    return _("<b>RESOLUTION</b> · {meeting}", meeting=meeting_label(meeting))


def _way_out() -> Button:
    return Button(_("Cancel"), "cancel", FORM)


def _everybody(form: Form) -> Button | None:
    return Button(_("Everybody"), "resolution_all", form.token) if form.among else None
