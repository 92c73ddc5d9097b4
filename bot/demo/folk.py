"""Who is who in the town, on any day of its past."""

from __future__ import annotations

import random
from datetime import datetime

from sqlmodel import Session, col, select

from bot.demo.stage import OWNER_ID, residents
from storage import roster, speakers
from storage.meetings import Seat
from storage.powers import Actor, Role
from storage.quiet import Quiet
from storage.roster import Person, Unit

ZONE = "Asia/Ho_Chi_Minh"
QUIET = Quiet("21:30-06:30", ZONE)
OWNER = Actor(OWNER_ID, owner=True)
PROFILE = "party"


class Folk:
    """The people of the town; the dice always fall the same way."""

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
        """Somebody on the roll."""
        return self.session.exec(select(Person).where(Person.full_name == name)).one()

    def actor(self, person: Person, moment: datetime) -> Actor:
        """Who they were on that day."""
        account = person.telegram_id or 0
        return speakers.who(self.session, account, today=moment.date(), owner=False)

    def named(self, name: str, moment: datetime) -> Actor:
        """The same, by name."""
        return self.actor(self.person(name), moment)

    def secretary(self, branch: str, moment: datetime) -> Actor:
        """The secretary of a branch on that day."""
        return self.actor(self.committee(branch, moment, Role.SECRETARY)[0], moment)

    def committee(self, branch: str, moment: datetime, *roles: Role) -> list[Person]:
        """Those who hold one of these roles in a branch."""
        unit_id = self.unit(branch).id
        return roster.holders(self.session, unit_id, frozenset(roles), today=moment.date())

    def seats(self, meeting_id: int) -> list[tuple[Seat, Person]]:
        """Who was convened, in the order of the roll."""
        found = self.session.exec(
            select(Seat, Person)
            .join(Person, col(Person.id) == Seat.person_id)
            .where(Seat.meeting_id == meeting_id)
            .order_by(col(Seat.id))
        )
        return [(seat, person) for seat, person in found]
