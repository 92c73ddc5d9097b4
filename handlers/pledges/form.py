"""Starting a year's commitment, changing its headings or its last day; shown back, then kept."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from handlers.campaigns.showing import MANAGE
from handlers.kit import Ask, Button, Say, Talk, answer, button
from handlers.pledges import desk
from handlers.pledges.saying import defaults, head, headings, title
from handlers.tasks.reading import read_day
from handlers.tasks.showing import day_buttons, far_line, fitting_days
from handlers.text import Day, Text, Words, _, n_
from storage import meetings, pledges
from storage.errors import NotFound, Refusal
from storage.pledges import PledgeYear
from storage.powers import require
from storage.roster import Unit, unit_lineage

NEW, CHANGE = "pledge_new", "pledge_edit"
WHATS = ("headings", "due")


# -- starting ------------------------------------------------------------------------------------


@button("pledge_new", power="pledge.manage")
def begin(talk: Talk, unit_id: int, year: int) -> Say:
    """[Start 2026]: by when, then everything shown back."""
    unit = _unit(talk, unit_id)
    held = pledges.year_of(talk.session, unit_id, year)
    if held is not None:
        return desk.desk(talk, held.id)
    lines = defaults(talk.reader_of(unit.language or talk.house.language))
    return _ask(talk, {"unit": unit_id, "year": year, "lines": lines, "asks": "due"})


@button("pledge_again", power="pledge.manage")
def again(talk: Talk, unit_id: int, what: str) -> Say:
    """[Other headings], [Other day], [‹ Back] of what is about to be started."""
    data = _open(talk, unit_id)
    return _ask(talk, {**data, "asks": what if what in WHATS else ""})


@button("pledge_day", power="pledge.manage")
def day_pressed(talk: Talk, unit_id: int, day: str) -> Say:
    """A day."""
    data = _open(talk, unit_id)
    return _ask(talk, {**data, "due": as_day(day).isoformat(), "asks": ""})


@answer(NEW, power="pledge.manage", about=_("the commitment of a year"))
def typed(talk: Talk) -> Say:
    """A day, or headings, whichever was asked for."""
    data = dict(talk.draft.data) if talk.draft else {}
    unit = _unit(talk, int(data.get("unit", 0)))
    if data.get("asks") == "due":
        data["due"] = _day(talk, unit.id).isoformat()
    else:
        data["lines"] = pledges.check_headings(talk.text.splitlines())
    return _ask(talk, {**data, "asks": ""})


def _ask(talk: Talk, data: dict[str, Any]) -> Ask:
    unit = _unit(talk, data["unit"])
    lines = data["lines"]
    top = title(data["year"], unit)
    back = [Button(_("‹ Back"), "pledge_again", unit.id, "-") if "due" in data else _way_out(NEW)]
    match data.get("asks"):
        case "due":
            return Ask(
                NEW,
                top,
                *_ask_due(),
                data=data,
                buttons=[
                    *day_buttons(fitting_days(_today(talk, unit.id)), "pledge_day", unit.id),
                    back,
                ],
            )
        case "headings":
            return Ask(NEW, top, *_ask_headings(lines), data=data, buttons=[back])
    due = date.fromisoformat(data["due"])
    return Ask(
        NEW,
        top,
        headings(lines),
        _("To be signed by: {day}", day=Day(due)),
        far_line(due, _today(talk, unit.id)),
        data=data,
        buttons=[
            [Button(_("Start and tell all"), "pledge_start", unit.id, data["year"])],
            [
                Button(_("Other headings"), "pledge_again", unit.id, "headings"),
                Button(_("Other day"), "pledge_again", unit.id, "due"),
            ],
            [_way_out(NEW)],
        ],
    )


def _ask_due() -> list[Words]:
    return [_("By when is it to be signed? Press a day, or type it like: 15/9, next Friday.")]


def _ask_headings(lines: list[str]) -> list[Words]:
    return [headings(lines), _("Type all headings anew, one on each line; at most 8.")]


@button("pledge_start", power="pledge.manage")
def start(talk: Talk, unit_id: int, year: int) -> Say:
    """[Start and tell all]; pressed twice, it is started once."""
    unit = _unit(talk, unit_id)
    held = pledges.year_of(talk.session, unit_id, year)
    if held is not None:
        return _started(talk, held)
    data = _open(talk, unit_id)
    if data.get("year") != year or "due" not in data:
        return begin(talk, unit_id, year)
    made = pledges.start(
        talk.session,
        talk.actor,
        unit.id,
        year,
        data["lines"],
        date.fromisoformat(data["due"]),
        quiet=talk.house.quiet,
        now=talk.now,
    )
    talk.close(NEW)
    return _started(talk, made)


def _started(talk: Talk, year: PledgeYear) -> Say:
    """It exists; the news waits a minute."""
    if not pledges.undoable(year, now=talk.now):
        return desk.desk(talk, year.id)
    people = pledges.covered(talk.session, year)
    return Say(
        head(year, talk.session.get_one(Unit, year.unit_id)),
        n_(
            "Started for {n} person. They are told in 60 seconds.",
            "Started for {n} people. They are told in 60 seconds.",
            n=len(people),
        ),
        buttons=[
            [Button(_("Undo"), "pledge_undo", year.id)],
            [Button(_("See commitment"), "pledge_desk", year.id), MANAGE],
        ],
    )


@button("pledge_undo", power="pledge.manage")
def undo(talk: Talk, year_id: int) -> Say:
    """[Undo], within the minute."""
    year = pledges.managed(talk.session, talk.actor, year_id)
    unit = talk.session.get_one(Unit, year.unit_id)
    if pledges.undo(talk.session, talk.actor, year_id, now=talk.now):
        years = {each.id: held for each, held in pledges.led(talk.session, talk.actor)}
        return desk.unit_screen(talk, unit, years[unit.id], first=_("Undone. Nobody was told."))
    found = pledges.state(talk.session, talk.actor, year_id)
    return desk.screen(talk, found, toast=_("Too late to undo: people have been told."))


# -- changing ------------------------------------------------------------------------------------


@button("pledge_edit", power="pledge.manage")
def change(talk: Talk, year_id: int, what: str) -> Say:
    """[Change headings], [Change last day]."""
    year = pledges.managed(talk.session, talk.actor, year_id)
    what = what if what in WHATS else "due"
    top = head(year, talk.session.get_one(Unit, year.unit_id))
    asked = _ask_due() if what == "due" else _ask_headings([each.heading for each in year.parts])
    days = fitting_days(_today(talk, year.unit_id))
    return Ask(
        CHANGE,
        top,
        *asked,
        data={"year": year_id, "asks": what},
        buttons=[
            *(day_buttons(days, "pledge_due", year_id) if what == "due" else []),
            [Button(_("‹ Back"), "pledge_desk", year_id)],
        ],
    )


@answer(CHANGE, power="pledge.manage", about=_("a change of a commitment"))
def change_typed(talk: Talk) -> Say:
    """What was typed, shown back before it counts."""
    data = dict(talk.draft.data) if talk.draft else {}
    year = pledges.managed(talk.session, talk.actor, int(data.get("year", 0)))
    top = head(year, talk.session.get_one(Unit, year.unit_id))
    back = Button(_("‹ Back"), "pledge_desk", year.id)
    if data.get("asks") == "due":
        due = _day(talk, year.unit_id)
        yes = Button(_("Yes"), "pledge_due", year.id, due.isoformat())
        shown = _("To be signed by: {day}", day=Day(due))
        return Ask(CHANGE, top, shown, data=data, buttons=[[yes, back]])
    lines = pledges.check_headings(talk.text.splitlines())
    yes = Button(_("Yes"), "pledge_headings", year.id)
    return Ask(CHANGE, top, headings(lines), data={**data, "lines": lines}, buttons=[[yes, back]])


@button("pledge_due", power="pledge.manage")
def set_due(talk: Talk, year_id: int, day: str) -> Say:
    """The day, pressed or confirmed."""
    pledges.set_due(talk.session, talk.actor, year_id, as_day(day), now=talk.now)
    talk.close(CHANGE)
    return desk.screen(
        talk, pledges.state(talk.session, talk.actor, year_id), toast=_("The last day is changed.")
    )


@button("pledge_headings", power="pledge.manage")
def set_headings(talk: Talk, year_id: int) -> Say:
    """The headings that were shown back; pressed again, as it is."""
    data = talk.draft.data if talk.draft is not None and talk.draft.form == CHANGE else {}
    toast = None
    if data.get("year") == year_id and "lines" in data:
        pledges.set_headings(talk.session, talk.actor, year_id, data["lines"], now=talk.now)
        talk.close(CHANGE)
        toast = _("The headings are changed.")
    return desk.screen(talk, pledges.state(talk.session, talk.actor, year_id), toast=toast)


# -- parts ---------------------------------------------------------------------------------------


def as_day(day: str) -> date:
    """The day that a button carries; raises NotFound for a forged one."""
    try:
        return date.fromisoformat(day)
    except ValueError:
        raise NotFound from None


def _open(talk: Talk, unit_id: int) -> dict[str, Any]:
    draft = talk.draft
    if draft is None or draft.form != NEW or draft.data.get("unit") != unit_id:
        raise Refusal("This was started or dropped already.")
    return dict(draft.data)


def _unit(talk: Talk, unit_id: int) -> Unit:
    require(talk.actor, "pledge.manage", unit_lineage(talk.session, unit_id))
    return talk.session.get_one(Unit, unit_id)


def _local(talk: Talk, unit_id: int) -> datetime:
    zone = meetings.zone_of(talk.session, unit_id, talk.house.zone)
    return talk.now.astimezone(ZoneInfo(zone))


def _today(talk: Talk, unit_id: int) -> date:
    return _local(talk, unit_id).date()


def _day(talk: Talk, unit_id: int) -> date:
    """The day that was typed; raises Refusal for none, and for one that has passed."""
    found = read_day(talk.text, _local(talk, unit_id))
    if isinstance(found, Text):
        raise Refusal(found.source, **found.values)
    if found < _today(talk, unit_id):
        raise Refusal("That day has passed. Please choose a later one.")
    return found


def _way_out(form: str) -> Button:
    return Button(_("Cancel"), "cancel", form)
