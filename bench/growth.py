"""What becomes of the bot when much has happened: screens, a large campaign, the outbox's plans.

Here the database is measured, without Telegram: our own figures at one size beside those at
another. The rows are written in bulk.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import case, insert, literal, select, update
from sqlmodel import Session, SQLModel, col
from telegram import Update

from bench.figures import Bound, Figure
from bench.plans import KINDS, fresh
from bench.worlds import LABEL, ZONE, Size
from bot.app import FEATURES
from handlers.acts import Act
from handlers.dispatch import Conversation
from handlers.kit import House
from storage import campaigns, migrate, roster
from storage.campaigns import Campaign, Lesson
from storage.db import Database
from storage.meetings import How, Meeting, MeetingKind, MeetingState, Seat
from storage.quiet import Quiet
from storage.roster import Kind, Person, Unit

MEMBERS = 100  # of a branch
SMALL, LARGE = (1, 10), (100, 100)  # branches, and meetings that each of them has held
CAMPAIGN = 100_000
FIRST = 600_000_000  # the Telegram id before that of the first person


def screens(_url: str, size: Size) -> list[Figure]:
    """Home and check-in, from the update to the commit, at 1,000 and at 1,000,000 seats."""
    branches = max(int(LARGE[0] * size.scale), 2)
    with TemporaryDirectory(prefix="chibo-bench-") as folder:
        small = Archive(Path(folder) / "small.db", *SMALL)
        large = Archive(Path(folder) / "large.db", branches, LARGE[1])
        took: dict[tuple[str, str], list[float]] = {}
        for _round in range(size.rounds + 1):
            for name, archive in (("small", small), ("large", large)):
                archive.anew()
                for screen in ("home", "check-in"):
                    took.setdefault((screen, name), []).extend(archive.seconds(screen))
        for archive in (small, large):
            archive.database.close()
    figures = []
    for screen in ("home", "check-in"):
        few, many = (
            statistics.median(took[screen, name][MEMBERS:]) * 1000  # the first round warms up
            for name in ("small", "large")
        )
        title = f"{screen} at {large.rows:,} attendance rows, by what it takes at {small.rows:,}"
        note = f"{few:.2f} ms and {many:.2f} ms; the rows took {large.built:.0f} s to write"
        bound = Bound(1.3, most=True)
        figures.append(Figure(title, {"ours": many / few}, (bound,), digits=2, notes=[note]))
    return figures


class Archive:
    """Branches with meetings behind them and a check-in that is open in each."""

    def __init__(self, file: Path, branches: int, held: int) -> None:
        begun = time.monotonic()
        migrate.upgrade(f"sqlite:///{file}")
        self.database = Database(f"sqlite:///{file}")
        self.conversation = Conversation(FEATURES, House(bot_username="bench_bot"))
        self.branches, self.rows = branches, branches * MEMBERS * held
        self.now = datetime.now(UTC)
        self._numbers = count(1)
        self.database.run(lambda session: self._fill(session, held))
        self.built = time.monotonic() - begun

    def _fill(self, session: Session, held: int) -> None:
        people_of(session, self.branches, MEMBERS, self.now)
        week = timedelta(days=7)
        rows = [
            {
                "unit_id": branch + 2,
                "kind": MeetingKind.REGULAR.value,
                "starts_at": (starts := self.now - week * ago),
                "zone": ZONE,
                "place": "Nhà văn hóa",
                "state": (MeetingState.CLOSED if ago else MeetingState.CALLED).value,
                "revision": 0,
                "opened_at": starts,
                "closes_at": starts + timedelta(hours=2),
                "closed_at": starts + timedelta(hours=2) if ago else None,
            }
            for branch in range(self.branches)
            for ago in range(held, -1, -1)
        ]
        session.execute(insert(Meeting), rows)
        there = (col(Meeting.state) == MeetingState.CLOSED) & (
            (col(Meeting.id) + col(Person.id)) % 10 != 0
        )
        seats = {
            "meeting_id": col(Meeting.id),
            "person_id": col(Person.id),
            "unit_id": col(Person.unit_id),
            "member_kind": col(Person.kind),
            "answer": literal("coming"),
            "requests": literal(0),
            "reminders": literal(0),
            "present_at": case((there, col(Meeting.starts_at))),
            "how": case((there, How.TAP.value)),
        }
        both = col(Person.unit_id) == col(Meeting.unit_id)
        found = select(*seats.values()).select_from(Meeting).join(Person, both)
        session.execute(insert(Seat).from_select(list(seats), found))

    def anew(self) -> None:
        """Takes back who has tapped, so that everybody can once more."""
        called = select(col(Meeting.id)).where(col(Meeting.state) == MeetingState.CALLED)
        taken_back = update(Seat).where(col(Seat.meeting_id).in_(called)).values(present_at=None)
        options = {"synchronize_session": False}
        self.database.run(lambda s: s.execute(taken_back.execution_options(**options)))

    def seconds(self, screen: str) -> list[float]:
        """What each of a hundred people waits for their screen."""
        dice = random.Random(7)
        took = []
        for person in dice.sample(range(self.branches * MEMBERS), MEMBERS):
            meeting = (person // MEMBERS + 1) * (self.rows // self.branches // MEMBERS + 1)
            data = "home" if screen == "home" else f"attend:{meeting}"
            pressed = self._press(FIRST + person, data)
            begun = time.perf_counter()
            acts = self.database.run(partial(self._handle, pressed=pressed))
            took.append(time.perf_counter() - begun)
            assert [act["do"] for act in acts] == ["answer", "edit"], acts
        return took

    def _handle(self, session: Session, pressed: Update) -> list[Act]:
        later = self.now + timedelta(minutes=5)
        return self.conversation.handle(session, pressed, now=later)

    def _press(self, account: int, data: str) -> Update:
        number = next(self._numbers)
        person = {"id": account, "is_bot": False, "first_name": "Đo"}
        chat = {"id": account, "type": "private", "first_name": "Đo"}
        card = {"message_id": 1, "date": 1, "chat": chat, "text": LABEL}
        query = {"id": str(number), "from": person, "chat_instance": "1", "message": card}
        update = Update.de_json({"update_id": number, "callback_query": {**query, "data": data}})
        assert update is not None
        return update


def campaign(_url: str, size: Size) -> list[Figure]:
    """A reminder of a study campaign, owed to a hundred thousand people."""
    return [figure for kind in KINDS for figure in _campaign(kind, size)]


def _campaign(kind: str, size: Size) -> Iterator[Figure]:
    number = size.of(CAMPAIGN)
    now = datetime.now(UTC).replace(hour=5)  # noon there
    with fresh(kind) as database:
        database.run(lambda session: people_of(session, 1, number, now))
        campaign_id = database.run(lambda session: _plan(session, now.date()))
        took = []
        for _round in range(size.rounds):
            begun = time.monotonic()
            owed = database.run(
                lambda session: campaigns.remind(
                    session, campaign_id, now, quiet=Quiet("21:30-06:30", ZONE), now=now
                )
            )
            took.append(time.monotonic() - begun)
            assert owed == number, owed
            database.run(_forget)
        name = f"campaign of {number:,} people queued on {kind}, s"
        yield Figure(name, {"ours": statistics.median(took)}, (Bound(10, most=True),), digits=1)


def _plan(session: Session, today: date) -> int:
    starts, ends = today - timedelta(days=1), today + timedelta(days=7)
    made = Campaign(
        unit_id=1,
        name="Học tập",
        folded="hoc tap",
        starts=starts,
        ends=ends,
        zone=ZONE,
        passing=0.5,
        imported_at=datetime.now(UTC),
    )
    session.add(made)
    session.flush()
    lesson = Lesson(
        campaign_id=made.id, place=1, title="Bài 1", opens=starts, due=ends, text="Nội dung"
    )
    session.add(lesson)
    return made.id


def _forget(session: Session) -> None:
    for name in ("outbox", "lesson_progress"):
        session.execute(SQLModel.metadata.tables[name].delete())


def people_of(session: Session, branches: int, members: int, now: datetime) -> None:
    """A root and its branches, units 1 and 2 to n + 1, with so many people in each."""
    units = [
        {
            "id": number,
            "parent_id": 1 if number > 1 else None,
            "name": f"Chi bộ {number}",
            "folded": f"chi bo {number}",
            "lineage": f"/1/{number}/" if number > 1 else "/1/",
            "expects_everyone": True,
            "names_in_group": False,
        }
        for number in range(1, branches + 2)
    ]
    session.execute(insert(Unit), units)
    names = [roster.names(f"Trần Văn {name}") for name in ("An", "Bình", "Chi", "Dũng")]
    people: list[dict[str, Any]] = [
        {
            **names[number % len(names)],
            "unit_id": number // members + 2,
            "kind": Kind.OFFICIAL.value,
            "telegram_id": FIRST + number,
            "linked_at": now,
            "consented_at": now,
            "started": True,
        }
        for number in range(branches * members)
    ]
    session.execute(insert(Person), people)
