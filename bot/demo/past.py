"""Who is who in the town on a day of its past, for whoever writes that past."""

from __future__ import annotations

import random
from datetime import datetime, time
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from bot.demo.stage import OWNER_ID, residents
from storage import roster, speakers
from storage.powers import Actor, Role
from storage.quiet import Quiet
from storage.roster import Person, Unit

ZONE = "Asia/Ho_Chi_Minh"
QUIET = Quiet("21:30-06:30", ZONE)
PROFILE = "party"  # the kind of organisation that the town is
OWNER = Actor(OWNER_ID, owner=True)


def morning() -> datetime:
    """Nine o'clock of today: the town's day begins there, whatever the hour outside."""
    today = datetime.now(ZoneInfo(ZONE)).date()
    return datetime.combine(today, time(9), ZoneInfo(ZONE))


class Past:
    """The town as it grows; the dice always fall the same way."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session, self.now = session, now
        self.dice = random.Random(40)
        self.residents = residents()
        self.ordinary = {each.name for each in self.residents if not each.position}

    def unit(self, branch: str) -> Unit:
        """A branch by its name."""
        path = next(each.unit for each in self.residents if each.branch == branch)
        return roster.unit_at(self.session, " / ".join(path.split(" / ")[:2]))

    def person(self, name: str) -> Person:
        """The person on the roll."""
        return self.session.exec(select(Person).where(Person.full_name == name)).one()

    def named(self, name: str, moment: datetime) -> Actor:
        """Who somebody was on that day, by their name."""
        return self.actor(self.person(name), moment)

    def actor(self, person: Person, moment: datetime) -> Actor:
        """Who they were on that day."""
        account = person.telegram_id or 0
        return speakers.who(self.session, account, today=moment.date(), owner=False)

    def secretary(self, branch: str, moment: datetime) -> Actor:
        """The secretary of a branch on that day."""
        found = roster.holders(
            self.session,
            self.unit(branch).id,
            frozenset({Role.SECRETARY}),
            today=moment.date(),
        )
        return self.actor(found[0], moment)
