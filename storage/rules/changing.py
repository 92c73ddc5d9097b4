"""Setting a unit's own figures: what may be set, between which bounds, and by whom.

Only a default may be set; what a rule has written stands. A figure is typed as people write it
("85,5", "2/3"), kept within the bounds of what it measures, and every change is audited. Taking it
back lets hold again what holds without it: the figure of a unit above, or the default.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Session, col, select

from storage import audit, rules
from storage.acts import Did
from storage.errors import NotFound, Refusal
from storage.powers import Actor, require
from storage.roster import Unit, lineage_ids
from storage.rules import Rule, UnitRule


class Measure(StrEnum):
    """What a figure counts."""

    PERCENT = "percent"
    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    DAY = "day"  # of a month
    MONTHS = "months"
    TIMES = "times"
    PEOPLE = "people"
    POINTS = "points"
    YES_NO = "yes_no"


BOUNDS: dict[Measure, tuple[int, int]] = {
    Measure.PERCENT: (0, 100),
    Measure.MINUTES: (0, 600),
    Measure.HOURS: (1, 720),
    Measure.DAYS: (0, 60),
    Measure.DAY: (1, 28),  # every month has it
    Measure.MONTHS: (1, 24),
    Measure.TIMES: (1, 60),
    Measure.PEOPLE: (3, 50),
    Measure.POINTS: (0, 100),
    Measure.YES_NO: (0, 1),
}
MEASURES: dict[str, Measure] = {
    "meeting.minutes": Measure.MINUTES,
    "meeting.minutes_joint": Measure.MINUTES,
    "papers.days": Measure.DAYS,
    "regular.by": Measure.DAY,
    "series.lead": Measure.DAYS,
    "minutes.days": Measure.DAYS,
    "content.professional": Measure.PERCENT,
    "attendance.bar": Measure.PERCENT,
    "late.after": Measure.MINUTES,
    "correction.hours": Measure.HOURS,
    "excuses.running": Measure.TIMES,
    "missed.months": Measure.MONTHS,
    "missed.warn": Measure.MONTHS,
    "quorum.regular": Measure.PERCENT,
    "quorum.thematic": Measure.PERCENT,
    "quorum.committee": Measure.PERCENT,
    "quorum.extraordinary": Measure.PERCENT,
    "quorum.congress": Measure.PERCENT,
    "decision.above": Measure.PERCENT,
    "vote.probationary": Measure.YES_NO,
    "vote.temporary": Measure.YES_NO,
    "score.preparation": Measure.POINTS,
    "score.attendance": Measure.POINTS,
    "score.conduct": Measure.POINTS,
    "score.closing": Measure.POINTS,
    "score.good": Measure.POINTS,
    "score.fair": Measure.POINTS,
    "score.average": Measure.POINTS,
    "score.year_good": Measure.TIMES,
    "rating.asked": Measure.YES_NO,
    "rating.after": Measure.MINUTES,
    "rating.days": Measure.DAYS,
    "rating.least": Measure.PEOPLE,
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One rule of a unit, with what it measures."""

    unit: Unit
    rule: Rule
    measure: Measure
    here: bool  # the unit itself has set it, not one above


# -- rules -------------------------------------------------------------------------------------


def check_figure(measure: Measure, text: str) -> float:
    """A figure as it was typed: "85", "85,5%", "2/3" of a percentage."""
    tidy = re.sub(r"\s|%", "", text).replace(",", ".")
    low, high = BOUNDS[measure]
    if measure is Measure.PERCENT:
        parts = re.fullmatch(r"([0-9]{1,3})/([0-9]{1,3})", tidy)
        if parts is not None and int(parts[2]):
            tidy = str(100 * int(parts[1]) / int(parts[2]))
    if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]+)?", tidy):
        raise Refusal("Please type a number, like {low} or {high}.", low=low, high=high)
    value = round(float(tidy), 2)
    if measure is not Measure.PERCENT and value != int(value):
        raise Refusal("Please type a whole number from {low} to {high}.", low=low, high=high)
    if not low <= value <= high:
        raise Refusal("This figure is from {low} to {high}.", low=low, high=high)
    return value


def spelled(value: float | None) -> str:
    """A figure as buttons and the audit carry it."""
    return "none" if value is None else f"{value:g}" if value == int(value) else f"{value:.2f}"


# -- actions -----------------------------------------------------------------------------------


def change(
    session: Session,
    actor: Actor,
    profile: str,
    unit_id: int,
    key: str,
    text: str,
    *,
    now: datetime,
) -> Figure:
    """Sets a unit's own figure; setting what is set already changes nothing."""
    found = _for_change(session, actor, profile, unit_id, key, now)
    value = check_figure(found.measure, text)
    if not found.here or found.rule.value != value:
        rules.set_own(session, profile, key, found.unit, value, by=actor.person_id, now=now)
        was, became = spelled(found.rule.value), spelled(value)
        about = {"unit": unit_id}
        audit.record(session, actor, Did.RULE_SET, about, now=now, key=key, was=was, became=became)
    return figure(session, actor, profile, unit_id, key, on=now.date())


def drop(
    session: Session, actor: Actor, profile: str, unit_id: int, key: str, *, now: datetime
) -> Figure:
    """Takes a unit's own figure back; there being none, nothing happens."""
    found = _for_change(session, actor, profile, unit_id, key, now)
    own = session.exec(
        select(UnitRule).where(UnitRule.unit_id == unit_id, UnitRule.key == key)
    ).first()
    if own is not None:
        session.delete(own)
        session.flush()
        was = spelled(found.rule.value)
        audit.record(session, actor, Did.RULE_DROP, {"unit": unit_id}, now=now, key=key, was=was)
    return figure(session, actor, profile, unit_id, key, on=now.date())


def _for_change(
    session: Session, actor: Actor, profile: str, unit_id: int, key: str, now: datetime
) -> Figure:
    """The figure, its unit locked: of two who set it, the second sees what the first has set."""
    unit = session.exec(
        select(Unit)
        .where(Unit.id == unit_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if unit is None:
        raise NotFound
    require(actor, "rules.change", lineage_ids(unit.lineage))
    return _figure(session, profile, unit, key, now.date())


# -- questions ---------------------------------------------------------------------------------


def figure(
    session: Session, actor: Actor, profile: str, unit_id: int, key: str, *, on: date
) -> Figure:
    """One rule of a unit, for its committee and those above."""
    return _figure(session, profile, seen(session, actor, unit_id), key, on)


def figures(
    session: Session, actor: Actor, profile: str, unit_id: int, keys: list[str], *, on: date
) -> list[Figure]:
    """Some rules of a unit, for its committee and those above."""
    unit = seen(session, actor, unit_id)
    return [_figure(session, profile, unit, key, on) for key in keys]


def seen(session: Session, actor: Actor, unit_id: int) -> Unit:
    """A unit whose rules the actor may see."""
    unit = session.get(Unit, unit_id)
    if unit is None:
        raise NotFound
    require(actor, "rules.see", lineage_ids(unit.lineage))
    return unit


def units(session: Session, ids: list[int]) -> list[Unit]:
    """Units by their ids, by name."""
    return list(
        session.exec(select(Unit).where(col(Unit.id).in_(ids)).order_by(col(Unit.folded))).all()
    )


def _figure(session: Session, profile: str, unit: Unit, key: str, on: date) -> Figure:
    if key not in MEASURES:
        raise NotFound
    rule = rules.rule(session, profile, key, unit, on=on)
    return Figure(unit, rule, MEASURES[key], rule.own and rule.unit_id == unit.id)
