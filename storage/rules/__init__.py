"""The rules of an organisation: figures with where they come from and since when.

Rules change every few years, so no figure of theirs is a constant in code: each is a row of a rule
set, a data file beside this one for each profile (`party.toml`, …). One that no primary source
confirms is a *default*: it is shown as such, and a unit may set its own, which holds for all units
below that set none themselves.

    rules.rule(session, "party", "excuses.running", unit, on=day).value
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, Session, col, select

from storage.db import Row
from storage.errors import Refusal
from storage.roster import Unit, lineage_ids

HERE = Path(__file__).parent


class UnitRule(Row, table=True):
    """A unit's own figure in place of a default."""

    __tablename__ = "unit_rule"
    __table_args__ = (UniqueConstraint("unit_id", "key"),)

    id: int = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id")
    key: str
    value: float | None = Field(default=None, sa_type=JSON)  # None: no such rule here
    set_by: int | None = Field(default=None, foreign_key="person.id")
    set_at: datetime


@dataclass(frozen=True, slots=True)
class Rule:
    """One figure in force; `value` is None where the rule set knows none."""

    key: str
    value: float | None
    citation: str = ""  # where it is written; empty for a unit's own
    since: date | None = None
    default: bool = False  # no primary source: a unit may set its own
    own: bool = False  # the unit, or one above it, has set it
    unit_id: int | None = None  # which one
    set_by: int | None = None  # and who


# -- rules -------------------------------------------------------------------------------------


@cache
def rule_set(profile: str) -> tuple[Rule, ...]:
    """All rules of a profile, old ones among them; raises KeyError for one that says nonsense."""
    told = tomllib.loads((HERE / f"{profile}.toml").read_text())
    return tuple(
        Rule(
            key=each["key"],
            value=each.get("value"),
            citation=each["citation"],
            since=each["since"],
            default=each.get("default", False),
        )
        for each in told["rule"]
    )


def written(profile: str, key: str, on: date) -> Rule:
    """What the rule set says on that day; raises KeyError for a key that it does not know."""
    known = [each for each in rule_set(profile) if each.key == key]
    if not known:
        raise KeyError(key)
    past = [each for each in known if each.since is None or each.since <= on]
    return max(past or known[:1], key=lambda each: each.since or date.min)


# -- actions -----------------------------------------------------------------------------------


def set_own(
    session: Session,
    profile: str,
    key: str,
    unit: Unit,
    value: float | None,
    *,
    by: int | None,
    now: datetime,
) -> None:
    """A unit's own figure in place of a default; the caller has asked for the right."""
    if not written(profile, key, now.date()).default:
        raise Refusal("This figure is written in a rule; it cannot be changed here.")
    row = _own(session, unit, key)
    if row is None or row.unit_id != unit.id:
        row = UnitRule(unit_id=unit.id, key=key, set_at=now)
    row.value, row.set_by, row.set_at = value, by, now
    session.add(row)
    session.flush()


# -- questions ---------------------------------------------------------------------------------


def rule(session: Session, profile: str, key: str, unit: Unit, *, on: date) -> Rule:
    """The figure in force for a unit on a day: its own, one from above, or the written one."""
    found = written(profile, key, on)
    own = _own(session, unit, key) if found.default else None
    if own is None:
        return found
    return Rule(
        key,
        own.value,
        default=True,
        own=True,
        since=own.set_at.date(),
        unit_id=own.unit_id,
        set_by=own.set_by,
    )


def _own(session: Session, unit: Unit, key: str) -> UnitRule | None:
    """The nearest of what the unit and those above it have set."""
    ids = lineage_ids(unit.lineage)
    found = session.exec(
        select(UnitRule).where(col(UnitRule.unit_id).in_(ids), UnitRule.key == key)
    ).all()
    return max(found, key=lambda each: ids.index(each.unit_id), default=None)
