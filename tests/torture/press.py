"""A full room checks in: everybody at once, everything twice, while Telegram and the bot fail.

So many people within so many seconds, five in six by [I am here] in the group, the others by the
room's code, typed in private. Each press and each text is sent twice. One in twenty calls of the
Bot API fails, in five ways; flood control is on; the bot is killed twice and started again. What
has to hold in the end:

- everybody is entered once, the way they did it, and the card says so within five seconds of the
  last press;
- of each one's two presses at least one was answered, with when they were entered; who typed the
  code has read it; and no press in a hundred stays without an answer;
- Telegram has not refused a single call for coming too fast.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import insert
from sqlmodel import Session, col, select

from bot.simulator.client import Answer, Group, Message, Newcomer, Person, World
from storage import attendance, groups, meetings, migrate, outbox, roster, speakers
from storage.attendance import Mark
from storage.db import Database
from storage.keyed import Keys
from storage.meetings import How, Meeting, MeetingKind, Plan, Seat
from storage.quiet import Quiet
from storage.roster import sort_key
from tests.journeys.process import Office
from tests.torture.lane import Broken
from tests.town import ACCOUNTS, AUDIT_KEY, BRANCH_1, NOON, OWNER, Town, unit_id

START = datetime.fromisoformat("2026-08-03T19:30:00+07:00")
FIRST_ACCOUNT = 520_000_001
HOWS = ("500", "502_before", "502_after", "cut_before", "cut_after")
SHARE = 0.05  # of the calls
BY_CODE = 6  # every sixth person
CHUNK = 5.0  # seconds of presses that one thread looks after
TRUE_WITHIN = 5.0  # seconds
PATIENCE = 25.0  # for an answer, over a kill and a start
CAST = 7  # are convened as well, and press nothing


@dataclass
class Found:
    """What came of it."""

    people: int
    seconds: float
    answers: list[Answer] = field(default_factory=list)
    entered: Counter[str] = field(default_factory=Counter)  # by how
    failed: int = 0  # calls that were not accepted; two of five were, and seemed to fail
    calls: int = 0
    card_after: float = 0.0  # seconds from the last press
    edits: int = 0

    def __str__(self) -> str:
        silent = sum(not each.answered for each in self.answers)
        return (
            f"{self.people} people in {self.seconds:.0f} s, everything twice, the bot killed twice,"
            f" {self.failed} of {self.calls} calls not accepted: entered {dict(self.entered)}, "
            f"{silent} of {len(self.answers)} presses without an answer, "
            f"{self.edits} edits of the card, right {self.card_after:.1f} s after the last press"
        )


class Room:
    """The branch, its people and its bot."""

    def __init__(self, world: World, url: str, folder: Path, people: int) -> None:
        self.world = world
        migrate.upgrade(url)
        self.database = Database(url, keys=Keys(AUDIT_KEY))
        self.town = Town(world, self.database, url)
        self.crowd = world.crowd(
            [Newcomer(f"Số {n}", id=FIRST_ACCOUNT + n, started=True) for n in range(people)]
        )
        key = {"CHIBO_AUDIT_KEY": AUDIT_KEY}
        self.office = Office(world, folder, url, owner_id=OWNER, more=key)
        self.office.start()
        self.meeting_id = self.database.run(self._call)
        self.group = self._group()
        self.card, self.screen = self._open()

    def close(self) -> None:
        self.world.heal()
        self.office.stop()
        self.database.close()

    def _call(self, session: Session) -> int:
        """The branch has so many members more, and a meeting this evening."""
        units = [unit_id(session, f"{BRANCH_1} / Tổ {1 + number % 3}") for number in range(3)]
        names = [f"Lý Văn Số {number}" for number in range(len(self.crowd))]
        session.execute(
            insert(roster.Person),
            [
                {
                    "unit_id": units[number % 3],
                    "full_name": name,
                    "folded": name.lower(),
                    "sort_key": sort_key(name),
                    "kind": roster.Kind.OFFICIAL.value,
                    "telegram_id": FIRST_ACCOUNT + number,
                    "linked_at": NOON,
                    "consented_at": NOON,
                    "started": True,
                }
                for number, name in enumerate(names)
            ],
        )
        an = speakers.who(session, ACCOUNTS["an"], today=date(2026, 8, 3), owner=False)
        plan = Plan(unit_id(session, BRANCH_1), MeetingKind.REGULAR, START, "Nhà văn hóa")
        quiet = Quiet("", "Asia/Ho_Chi_Minh")
        meeting = meetings.call(session, an, plan, token="t1", quiet=quiet, now=NOON)
        outbox.cancel(session, meeting.subject)  # hundreds of invitations are another journey
        return meeting.id

    def _group(self) -> Group:
        group = self.world.group("Chi bộ 1", members=[self.town.an, *self.crowd])
        group.add_bot(by=self.town.an)
        self.world.settle()

        def link(session: Session) -> None:
            groups.joined(session, group.chat_id).unit_id = unit_id(session, BRANCH_1)

        self.database.run(link)
        return group

    def _open(self) -> tuple[Message, Message]:
        """Check-in is open: the card in the group, the code on An's phone."""
        an = self.town.an
        self.world.set_now(START)
        an.send("/diemdanh", chat=self.group)
        card = self.group.wait_for(f"0/{len(self.crowd) + CAST}", timeout=20)
        an.press("Mã điểm danh", an.wait_for(f"Chưa {len(self.crowd) + CAST}", timeout=20))
        return card, an.wait_for("đổi mã lúc", timeout=20)

    def digits(self) -> str:
        """What An's phone shows at this moment."""
        now = self.town.an.refresh(self.screen)
        if now is None:
            raise Broken("the code is gone")
        return now.text.partition("\n")[0]


def check_in(
    world: World, url: str, folder: Path, *, people: int, seconds: float, seed: int
) -> Found:
    """Plays it; raises Broken, or tells what came of it."""
    room = Room(world, url, folder, people)
    try:
        world.flood(on=True)
        for number, how in enumerate(HOWS):  # one after the other: together one in twenty
            share = SHARE / len(HOWS) / (1 - SHARE / len(HOWS) * number)
            world.fail(how, times=0, share=share, seed=seed + number)
            if not how.endswith("after"):
                world.fail(how, method="getUpdates", times=0, share=share, seed=seed + number)
        found = _play(room, seconds)
        _judge(room, found)
    finally:
        room.close()
    return found


def _play(room: Room, seconds: float) -> Found:
    """Everybody presses or types, twice; the bot is killed after a third and two thirds."""
    found, since = Found(len(room.crowd), seconds), room.world.last_call
    typing = room.crowd[::BY_CODE]
    pressing = [each for number, each in enumerate(room.crowd) if number % BY_CODE]
    parts = max(1, round(seconds / CHUNK))
    begun = time.monotonic()
    with ThreadPoolExecutor(parts + 2) as threads:
        waves = [
            threads.submit(_wave, room, pressing[part::parts], begun, part, seconds / parts)
            for part in range(parts)
        ]
        texts = threads.submit(_type, room, typing, begun, seconds)
        killer = threads.submit(_kill_twice, room.office, begun, seconds)
        for wave in waves:
            found.answers += wave.result()
        texts.result()
        killer.result()
    last = begun + seconds
    found.card_after = _until_right(room, last)
    room.world.heal()
    room.world.settle(timeout=90)
    calls = room.world.calls(since=since)  # one that failed after it was accepted counts as good
    found.calls = len(calls)
    found.failed = sum(call.status in (0, 500, 502) for call in calls)
    found.edits = sum(call.chat_id == room.group.chat_id for call in calls)
    if fast := [call for call in calls if call.status == 429]:
        raise Broken(f"too fast: {fast[:3]}")
    return found


def _wave(
    room: Room, people: Sequence[Person], begun: float, part: int, seconds: float
) -> list[Answer]:
    """A part of those who press, spread over its time."""
    time.sleep(max(0.0, begun + part * seconds - time.monotonic()))
    wanted = [(person, room.card, "Tôi có mặt") for person in people]
    return room.world.presses(wanted, over_seconds=seconds, each_twice=True, timeout=PATIENCE)


def _type(room: Room, people: Sequence[Person], begun: float, seconds: float) -> None:
    """Who types what An's phone shows, one after the other, twice each."""
    for number, person in enumerate(people):
        time.sleep(max(0.0, begun + seconds * number / len(people) - time.monotonic()))
        code = room.digits()
        person.send(code)
        person.send(code)


def _kill_twice(office: Office, begun: float, seconds: float) -> None:
    for part in (1, 2):
        time.sleep(max(0.0, begun + seconds * part / 3 - time.monotonic()))
        office.kill()
        office.start()


def _until_right(room: Room, last: float) -> float:
    """How long after the last press the card tells the truth; raises Broken when it takes long."""
    wanted = f" {len(room.crowd)}/{len(room.crowd) + CAST}"
    while True:
        now, waited = room.group.refresh(room.card), time.monotonic() - last
        if now is not None and wanted in now.text:
            return max(waited, 0.0)
        if waited > TRUE_WITHIN:
            raise Broken(f"the card is not right after {waited:.1f} s: {now and now.text}")
        time.sleep(0.1)


def _judge(room: Room, found: Found) -> None:
    """Everybody once, the way they did it; everybody was told."""
    found.entered, marks = room.database.run(lambda session: _entered(session, room.meeting_id))
    by_code = len(room.crowd[::BY_CODE])
    if found.entered != {How.TAP: found.people - by_code, How.CODE: by_code} or marks:
        raise Broken(f"entered: {dict(found.entered)}, {marks} marks by the committee")
    told: Counter[int] = Counter()
    for answer in found.answers:
        if answer.answered and not answer.text.startswith("Đã ghi: có mặt lúc 19:3"):
            raise Broken(f"answered: {answer.text}")
        told[answer.user_id] += answer.answered
    if silent := [account for account, answers in told.items() if not answers]:
        raise Broken(f"never answered: {silent}")
    if sum(told.values()) < 0.99 * len(found.answers):
        raise Broken(f"{len(found.answers) - sum(told.values())} presses without an answer")
    for person in room.crowd[::BY_CODE]:
        said = [each.text for each in person.messages() if each.from_bot]
        if not any("Đã ghi: có mặt lúc 19:3" in text for text in said):
            raise Broken(f"{person} typed the code and has read: {said}")
        if any("Mã chưa đúng" in text for text in said):
            raise Broken(f"a code that was shown did not fit: {said}")


def _entered(session: Session, meeting_id: int) -> tuple[Counter[str], int]:
    hows = session.exec(
        select(Seat.how).where(Seat.meeting_id == meeting_id, col(Seat.present_at).is_not(None))
    ).all()
    totals = attendance.totals(session, session.get_one(Meeting, meeting_id))
    if totals.all.present != len(hows):
        raise Broken(f"{totals.all} of {len(hows)}")
    return Counter(str(How(how)) for how in hows if how), len(session.exec(select(Mark)).all())
