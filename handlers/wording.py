"""The words of what is owed: a claimed notice becomes an act at the moment when it is to be sent.

What was true when it was owed may be so no longer; then there is nothing to say, and it is
cancelled. A batch is worded at once: whom it is for, and with which rights, is one question each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from handlers import acts
from handlers.kit import House, Note, Say
from handlers.routing import Route
from handlers.text import Reader
from storage import groups, roster, speakers, trouble
from storage.outbox import Claimed, Notice
from storage.powers import Actor, may_somewhere
from storage.roster import Person, Unit
from storage.speakers import Speaker

Act = dict[str, Any]


class Unwordable(Exception):
    """A notice whose words cannot be found: something in our code is wrong."""

    def __init__(self, notice_id: int, kind: str, error: Exception) -> None:
        super().__init__(kind)
        self.notice_id, self.kind, self.reason = notice_id, kind, type(error).__name__


def reader_for(house: House, person: Person | None, unit: Unit | None) -> Reader:
    """Whom words are for: a person's choice before the unit's before the installation's."""
    choice = [each for each in (person, unit) if each is not None]
    language = next((each.language for each in choice if each.language), None)
    return house.reader(language, next((each.zone for each in choice if each.zone), None))


class Wording:
    """All notices of all features, ready to be worded."""

    def __init__(self, routes: Mapping[tuple[str, str], Route], house: House) -> None:
        self._routes, self.house = routes, house

    def words(
        self, session: Session, claimed: Sequence[Claimed], *, now: datetime
    ) -> Iterator[tuple[Claimed, Act | None]]:
        """The acts that send claimed notices, in their order; None where nothing is left to say.

        Raises Unwordable for one whose words cannot be found.
        """
        today = now.astimezone(ZoneInfo(self.house.zone)).date()
        people = roster.people(
            session, {each.notice.person_id for each in claimed if each.notice.person_id}
        )
        accounts = [each.notice.account for each in claimed]
        accounts += [person.telegram_id for person, _unit in people.values()]
        known = speakers.speakers(session, set(filter(None, accounts)), today=today)
        gathered: dict[str, Any] = {}
        for each in claimed:
            person, unit = people.get(each.notice.person_id or 0, (None, None))
            actor = self._recipient(person, each.notice.account, known)
            notice_id, kind = each.notice.id, each.notice.kind  # lost with a transaction that fails
            try:
                if kind not in gathered:
                    gathered[kind] = self._gather(session, kind, claimed)
                note = self._note(session, each.notice, person, unit, actor, now)
                note.gathered = gathered[kind]
                yield each, self._word(note, each.chat_id)
            except Exception as error:
                if isinstance(error, OperationalError) or trouble.advice(error) is not None:
                    raise  # the house's trouble is no fault of the notice
                raise Unwordable(notice_id, kind, error) from error

    def word(self, session: Session, claimed: Claimed, *, now: datetime) -> Act | None:
        """The same for one alone."""
        return next(act for _claimed, act in self.words(session, [claimed], now=now))

    def _gather(self, session: Session, kind: str, claimed: Sequence[Claimed]) -> Any:
        gather = self._routes["notice", kind].gather
        if gather is None:
            return None
        return gather(session, [each.notice for each in claimed if each.notice.kind == kind])

    def _note(
        self,
        session: Session,
        notice: Notice,
        person: Person | None,
        unit: Unit | None,
        actor: Actor,
        now: datetime,
    ) -> Note:
        """A notice and whom it is for: a person, an account, or a group."""
        group = session.get(groups.Group, notice.group_id) if notice.group_id else None
        account = roster.person_of(session, notice.account) if notice.account else None
        reads = person or account
        if unit is None:
            unit_id = reads.unit_id if reads else group.unit_id if group else None
            unit = session.get(Unit, unit_id) if unit_id else None
        reader = reader_for(self.house, reads, unit)
        return Note(session, now, self.house, reader, actor, notice, person, group)

    def _word(self, note: Note, chat_id: int | None) -> Act | None:
        route = self._routes["notice", note.notice.kind]
        if chat_id is None:
            return None
        if note.person is not None and not may_somewhere(note.actor, route.power):
            return None
        said: Say | None = route.run(note)
        return None if said is None else acts.notice(note, said, chat_id)

    def _recipient(
        self, person: Person | None, account: int | None, known: Mapping[int, Speaker]
    ) -> Actor:
        """Who gets a notice; only one sent to the owner's account goes to the owner as such."""
        telegram_id = (person.telegram_id if person else account) or 0
        actor = known[telegram_id].actor if telegram_id in known else Actor(telegram_id)
        owner = account is not None and account == self.house.owner_id
        return replace(actor, owner=owner)
