"""A new contest in few presses: a rule set, what it comes to, and [Start contest].

All figures stand as the rule set has them; [Change] leads to each of them.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from handlers.contest import desk
from handlers.contest.showing import MANAGE, ORDERS, at, short
from handlers.kit import Ask, Button, Say, Talk, answer, button
from handlers.tasks.reading import read_day
from handlers.text import Text, Words, _
from storage import contest, roster
from storage.campaigns import Campaign
from storage.contest import BOUNDS, Figures, NewContest, Order, RuleSet
from storage.errors import NotFound, Refusal
from storage.powers import require, units_with
from storage.roster import Unit, unit_lineage

FORM = "contest"
SETS = {"weekly": _("Predict how many"), "timed": _("Fast and right")}
ASKED: dict[str, Text] = {
    "questions": _("How many questions has a round?"),
    "attempts": _("How many attempts may one make in a round? 0: as many as wanted."),
    "minutes": _("How many minutes may an attempt take? 0: as long as wanted."),
    "rounds": _("How many weekly rounds are there?"),
    "places": _("How many people are given a prize?"),
    "unit_places": _("How many units are given a prize?"),
    "name": _("What is the contest called? Type its name."),
    "first": _("On which day does the first round open? Type it, such as 10/8."),
}


@dataclass(slots=True)
class Form:
    """The contest so far, as the draft keeps it."""

    token: str
    unit: int | None = None
    rules: str = ""
    name: str = ""
    first: str = ""
    topic: str = ""
    campaign: int | None = None
    figures: dict[str, Any] = field(default_factory=dict)
    again: str | None = None  # what is typed anew

    def ask(self, *lines: Words | None, buttons: Sequence[Sequence[Button | None]]) -> Ask:
        """A screen of this form, which takes typed text as well."""
        return Ask(FORM, *lines, data=asdict(self), buttons=buttons)

    @property
    def set(self) -> RuleSet:
        """The rule set that it started with."""
        found = contest.sets().get(self.rules)
        if found is None:
            raise NotFound
        return found

    @property
    def chosen(self) -> Figures:
        """Its figures."""
        return replace(self.set.figures, **{**self.figures, "order": Order(self.figures["order"])})


def _open(talk: Talk, token: str) -> Form:
    draft = talk.draft
    if draft is None or draft.form != FORM or draft.data.get("token") != token:
        raise Refusal("This contest was started or dropped already.")
    form = Form(**draft.data)
    if form.unit is not None:
        require(talk.actor, "campaign.manage", unit_lineage(talk.session, form.unit))
    return form


def _way_out() -> Button:
    return Button(_("Cancel"), "cancel", FORM)


# -- unit and rule set -------------------------------------------------------------------------


@button("contest_new", power="campaign.manage")
def begin(talk: Talk) -> Say:
    """[New contest]."""
    form, units = Form(secrets.token_hex(6)), _units(talk)
    if len(units) == 1:
        form.unit = units[0].id
    return _proceed(talk, form)


def _units(talk: Talk) -> list[Unit]:
    """The units in which they run contests; the owner, who is on no roll, begins at the top."""
    held = units_with(talk.actor, "campaign.manage")
    found = [unit for each in held if (unit := talk.session.get(Unit, each)) is not None]
    return found or (roster.roots(talk.session) if talk.actor.owner else [])


@button("contest_unit", power="campaign.manage")
def unit_chosen(talk: Talk, token: str, unit_id: int) -> Say:
    """One of the units in which they act."""
    form = _open(talk, token)
    require(talk.actor, "campaign.manage", unit_lineage(talk.session, unit_id))
    form.unit = unit_id
    return _proceed(talk, form)


@button("contest_set", power="campaign.manage")
def set_chosen(talk: Talk, token: str, rules: str) -> Say:
    """[Predict how many], [Fast and right]."""
    form = _open(talk, token)
    form.rules = rules
    figures = form.set.figures
    form.figures = {**{name: getattr(figures, name) for name in BOUNDS},
                    "personal": figures.personal, "order": figures.order.value}  # fmt: skip
    form.first = contest.first_day(form.set, talk.today).isoformat()
    campaigns = _campaigns(talk.session, form)
    form.campaign = campaigns[0].id if campaigns else None
    if not form.name:
        form.name = campaigns[0].name if campaigns else ""
    return _proceed(talk, form)


def _proceed(talk: Talk, form: Form) -> Ask:
    if form.unit is None:
        return form.ask(
            _("Of which unit is the contest?"),
            buttons=[
                *[[Button(short(each.name), "contest_unit", form.token, each.id)]
                  for each in _units(talk)],
                [_way_out(), MANAGE],
            ],
        )  # fmt: skip
    if not form.rules:
        return form.ask(
            _("Which kind of contest?"),
            *[
                _("{label}: {order}", label=label, order=ORDERS[contest.sets()[key].figures.order])
                for key, label in SETS.items()
            ],
            buttons=[
                [Button(label, "contest_set", form.token, key) for key, label in SETS.items()],
                [_way_out(), MANAGE],
            ],
        )
    if form.again is not None:
        back = Button(_("‹ Back"), "contest_edit", form.token) if form.name else None
        return form.ask(ASKED[form.again], buttons=[[back, _way_out()]])
    if not form.name:
        form.again = "name"
        return _proceed(talk, form)
    return _show_back(talk, form)


# -- what it comes to --------------------------------------------------------------------------


def _lines(talk: Talk, form: Form) -> list[Words | None]:
    unit = talk.session.get_one(Unit, form.unit or 0)
    figures, zone = form.chosen, unit.zone or talk.house.zone
    slots = list(contest.times(form.set, date.fromisoformat(form.first), 1, zone))
    held = dict(contest.topics(talk.session, unit.id))
    number = held.get(form.topic, 0) if form.topic else contest.held(talk.session, unit.id)
    return [
        _("<b>{name}</b> · {unit}", name=form.name, unit=unit.name),
        _("{n} weekly rounds, the first {opens} – {closes}", n=figures.rounds,
          opens=at(slots[0][0], zone), closes=at(slots[0][1], zone)),
        _counts(figures),
        ORDERS[figures.order],
        _topic(form, number),
        _("Prizes: {people} people, {units} units", people=figures.places,
          units=figures.unit_places),
    ]  # fmt: skip


def _counts(figures: Figures) -> Text:
    """ "5 câu · lượt: không hạn · phút: không hạn"."""
    unlimited = _("no limit")
    return _(
        "{questions} questions · attempts: {attempts} · minutes: {minutes}",
        questions=figures.questions,
        attempts=figures.attempts or unlimited,
        minutes=figures.minutes or unlimited,
    )


def _topic(form: Form, number: int) -> Text:
    own = form.chosen.personal
    if form.topic:
        if own:
            return _("Topic {topic}: {n} questions, drawn for each person",
                     topic=form.topic, n=number)  # fmt: skip
        return _("Topic {topic}: {n} questions, the same for all", topic=form.topic, n=number)
    if own:
        return _("All topics: {n} questions, drawn for each person", n=number)
    return _("All topics: {n} questions, the same for all", n=number)


def _show_back(talk: Talk, form: Form) -> Ask:
    return form.ask(
        *_lines(talk, form),
        buttons=[
            [
                Button(_("Start contest"), "contest_make", form.token),
                Button(_("Change"), "contest_edit", form.token),
            ],
            [_way_out(), MANAGE],
        ],
    )


@button("contest_edit", power="campaign.manage")
def edit(talk: Talk, token: str) -> Say:
    """[Change]: every figure is a button."""
    form = _open(talk, token)
    form.again = None
    figures, campaigns = form.chosen, _campaigns(talk.session, form)
    numbers = {
        "rounds": _("Rounds: {n}", n=figures.rounds),
        "questions": _("Questions: {n}", n=figures.questions),
        "attempts": _("Attempts: {n}", n=figures.attempts),
        "minutes": _("Minutes: {n}", n=figures.minutes),
        "places": _("Prizes: {n}", n=figures.places),
        "unit_places": _("Unit prizes: {n}", n=figures.unit_places),
        "name": _("Its name"),
        "first": _("Opens on"),
    }
    asked = [Button(label, "contest_ask", token, what) for what, label in numbers.items()]
    turned: list[Button | None] = [
        Button(_("Ranking"), "contest_turn", token, "order"),
        Button(_("For all or each"), "contest_turn", token, "personal"),
        Button(_("Topic"), "contest_turn", token, "topic"),
        Button(_("Campaign"), "contest_turn", token, "campaign") if campaigns else None,
    ]
    return form.ask(
        *_lines(talk, form),
        buttons=[
            *[asked[start : start + 2] for start in range(0, len(asked), 2)],
            turned[:2],
            turned[2:],
            [Button(_("‹ Back"), "contest_shown", token), _way_out()],
        ],
    )


@button("contest_shown", power="campaign.manage")
def shown(talk: Talk, token: str) -> Say:
    """Back to what it comes to."""
    form = _open(talk, token)
    form.again = None
    return _proceed(talk, form)


@button("contest_ask", power="campaign.manage")
def ask(talk: Talk, token: str, what: str) -> Say:
    """A figure to be typed."""
    form = _open(talk, token)
    if what not in ASKED:
        raise NotFound
    form.again = what
    return _proceed(talk, form)


@button("contest_turn", power="campaign.manage")
def turn(talk: Talk, token: str, what: str) -> Say:
    """A choice: the next one."""
    form = _open(talk, token)
    match what:
        case "order":
            form.figures["order"] = _following([*Order], form.chosen.order).value
        case "personal":
            form.figures["personal"] = not form.figures["personal"]
        case "topic":
            every = [topic for topic, _n in contest.topics(talk.session, form.unit or 0)]
            form.topic = _following(["", *every], form.topic)
        case "campaign":
            held = [None, *(each.id for each in _campaigns(talk.session, form))]
            form.campaign = _following(held, form.campaign)
        case _other:
            raise NotFound
    return edit_of(talk, form)


def edit_of(talk: Talk, form: Form) -> Say:
    """The screen of figures, of a form that has just changed."""
    if talk.draft is not None:
        talk.draft.data = asdict(form)
    return edit(talk, form.token)


def _following(every: Sequence[Any], now: Any) -> Any:
    place = list(every).index(now) if now in every else -1
    return every[(place + 1) % len(every)]


def _campaigns(session: Session, form: Form) -> list[Campaign]:
    """The campaigns that reach the unit, the latest first."""
    lineage = unit_lineage(session, form.unit or 0)
    found = select(Campaign).where(col(Campaign.unit_id).in_(lineage))
    return list(session.exec(found.order_by(col(Campaign.ends).desc()).limit(5)).all())


@answer(FORM, power="campaign.manage", about=_("a contest"))
def typed(talk: Talk) -> Say:
    """What was asked for."""
    form = Form(**(talk.draft.data if talk.draft else {}))
    what, text = form.again, talk.text.strip()
    if what is None:
        return _proceed(talk, form)
    if what == "name":
        if not text or len(text) > contest.LONGEST_NAME:
            raise Refusal("A name takes 1 to {limit} letters.", limit=contest.LONGEST_NAME)
        form.name = text
    elif what == "first":
        found = read_day(text, talk.local)
        if not isinstance(found, date):
            return form.ask(found, buttons=[[_way_out()]])
        form.first = found.isoformat()
    else:
        least, most = BOUNDS[what]
        if not (text.isascii() and text.isdecimal()) or not least <= int(text[:9]) <= most:
            raise Refusal("This takes a number from {least} to {most}.", least=least, most=most)
        form.figures[what] = int(text)
    form.again = None
    return _proceed(talk, form)


@button("contest_make", power="campaign.manage")
def make(talk: Talk, token: str) -> Say:
    """[Start contest]; pressed twice, it is one."""
    made = contest.of_form(talk.session, talk.actor, token)
    if made is None:
        form = _open(talk, token)
        if form.unit is None or not form.rules or not form.name:
            return _proceed(talk, form)
        new = NewContest(form.unit, form.name, form.rules, form.chosen,
                         date.fromisoformat(form.first), form.campaign, form.topic)  # fmt: skip
        made = contest.start(
            talk.session, talk.actor, new, token=token, zone=talk.house.zone, now=talk.now
        )
        talk.close()
    said = desk.one(talk, made.id)
    said.toast = _("The contest is set. Its rounds open by themselves.")
    return said
