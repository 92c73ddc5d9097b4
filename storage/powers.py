"""Who may do what: the one place that knows.

A right is a named *power*. Every command, button, notice and export names the power it needs, and
storage asks again at the moment of the action. Authority comes from the roster: dated roles on a
unit (`storage/roster.py`), read from the database each time; never from Telegram's admin rights
and never from what a button carries. What nobody has declared is denied.

A role reaches the unit it was given on. Two things widen that:
- a *member* of a group belongs to every unit above it as well (a group's member attends the
  branch's meeting);
- a power marked `cascades` reaches from a role's unit to all units below it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from storage.errors import NotFound


class Role(StrEnum):
    """What the roster knows somebody as, on one unit."""

    SECRETARY = "secretary"
    DEPUTY = "deputy"
    COMMITTEE = "committee"
    MEMBER = "member"


LEADERS = frozenset({Role.SECRETARY, Role.DEPUTY})
COMMITTEE = LEADERS | {Role.COMMITTEE}
EVERY_MEMBER = COMMITTEE | {Role.MEMBER}


@dataclass(frozen=True, slots=True)
class Power:
    """Who holds a right: which roles, whether it reaches below, and whether the owner has it."""

    roles: frozenset[Role] = frozenset()
    cascades: bool = False
    owner: bool = False
    anyone: bool = False  # also somebody the roster does not know


POWERS: dict[str, Power] = {
    # getting in, and what everybody has
    "join": Power(anyone=True),
    "home": Power(EVERY_MEMBER, owner=True),
    "preferences": Power(EVERY_MEMBER, owner=True),
    "record.own": Power(EVERY_MEMBER),
    "export.own": Power(EVERY_MEMBER),
    # the roster and the groups
    "manage": Power(COMMITTEE, cascades=True, owner=True),
    "roster.see": Power(COMMITTEE, cascades=True, owner=True),
    "roster.change": Power(LEADERS, cascades=True, owner=True),
    "roster.import": Power(frozenset({Role.SECRETARY}), cascades=True, owner=True),
    "role.give": Power(frozenset({Role.SECRETARY}), cascades=True, owner=True),
    "join.decide": Power(COMMITTEE, owner=True),
    "notice.attend": Power(COMMITTEE, cascades=True),
    "group.link": Power(COMMITTEE, cascades=True, owner=True),
    # meetings
    "meeting.see": Power(EVERY_MEMBER),
    "meeting.answer": Power(EVERY_MEMBER),
    "meeting.create": Power(COMMITTEE),
    "meeting.result": Power(COMMITTEE, cascades=True),
    "absence.decide": Power(COMMITTEE),
    "deputy.name": Power(COMMITTEE),
    # attendance
    "attendance.own": Power(EVERY_MEMBER),
    "attendance.take": Power(COMMITTEE),
    "report.see": Power(COMMITTEE, cascades=True),
    # what a meeting resolves, and what it is asked
    "task.own": Power(EVERY_MEMBER),
    "task.manage": Power(COMMITTEE),
    "poll.answer": Power(EVERY_MEMBER),
    "poll.hold": Power(COMMITTEE),
    # what is written of meetings, and how a session was
    "rules.see": Power(COMMITTEE, cascades=True),
    "rules.change": Power(LEADERS),
    "score.propose": Power(COMMITTEE),
    "score.answer": Power(EVERY_MEMBER),
    "score.confirm": Power(COMMITTEE, cascades=True),
    "rating.give": Power(EVERY_MEMBER),
    # minutes: asked by name, whoever it is
    "minutes.sign": Power(EVERY_MEMBER),
    "minutes.form": Power(frozenset({Role.SECRETARY})),
    # study
    "study.own": Power(EVERY_MEMBER),
    "campaign.see": Power(COMMITTEE, cascades=True),
    "campaign.manage": Power(LEADERS, cascades=True, owner=True),
    "campaign.people": Power(COMMITTEE),
    "pledge.own": Power(EVERY_MEMBER),
    "pledge.manage": Power(COMMITTEE),
    "essay.own": Power(EVERY_MEMBER),
    "essay.see": Power(COMMITTEE),
    # questions
    "question.ask": Power(EVERY_MEMBER),
    "question.base": Power(EVERY_MEMBER, owner=True),
    "question.import": Power(LEADERS, cascades=True, owner=True),
    "inbox": Power(COMMITTEE),
}


@dataclass(frozen=True, slots=True)
class Grant:
    """One role in force: on `unit_id`, whose `lineage` is the ids from the root down to it."""

    role: Role
    unit_id: int
    lineage: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who speaks, as the roster knows them at this moment.

    `person_id` is None for a stranger and for an owner who is on no roll. Somebody who has not
    agreed to their data being kept holds no grants.
    """

    telegram_id: int
    person_id: int | None = None
    grants: tuple[Grant, ...] = ()
    owner: bool = False

    @property
    def known(self) -> bool:
        """Whether the roster, or the settings, know this account at all."""
        return self.owner or bool(self.grants)


SHELL = Actor(0, owner=True)  # whoever can run commands on the machine


def may(actor: Actor, power: str, lineage: Iterable[int]) -> bool:
    """Whether the actor holds `power` over the unit whose lineage (root first) is given."""
    right = POWERS[power]
    target = tuple(lineage)
    if right.anyone or (right.owner and actor.owner):
        return True
    return any(_reaches(grant, right, target) for grant in actor.grants)


def may_between(actor: Actor, power: str, top: Iterable[int], own: Iterable[int]) -> bool:
    """Whether the actor holds `power` over a unit on the way from `top` down to `own`.

    What a unit sets going for all below it is followed by its committee, and by that of each unit
    in between for its own people.
    """
    above, below = tuple(top), tuple(own)
    if below[: len(above)] != above:
        return False
    return any(may(actor, power, below[:end]) for end in range(len(above), len(below) + 1))


def may_somewhere(actor: Actor, power: str) -> bool:
    """Whether there is any unit over which the actor holds `power`."""
    right = POWERS[power]
    if right.anyone or (right.owner and actor.owner):
        return True
    return any(grant.role in right.roles for grant in actor.grants)


def require(actor: Actor, power: str, lineage: Iterable[int]) -> None:
    """Raises `NotFound` unless the actor holds `power` there: forbidden looks like not there."""
    if not may(actor, power, lineage):
        raise NotFound


def units_with(actor: Actor, power: str) -> list[int]:
    """The units on which a grant gives `power` (not those that it only cascades to)."""
    roles = POWERS[power].roles
    return sorted({grant.unit_id for grant in actor.grants if grant.role in roles})


def _reaches(grant: Grant, right: Power, target: tuple[int, ...]) -> bool:
    if grant.role not in right.roles or not target:
        return False
    if grant.unit_id == target[-1]:
        return True
    if grant.role is Role.MEMBER:
        return target == grant.lineage[: len(target)]
    return right.cascades and grant.unit_id in target
