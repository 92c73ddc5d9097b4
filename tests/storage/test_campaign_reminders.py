"""A campaign of ten lessons over sixty days for two hundred people in three zones.

It is played with the clock handed over, the bot down for six hours and for three days on the way;
everybody is reminded exactly of what `reminders_by_hand.py` says.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
from sqlalchemy import func, insert
from sqlmodel import Session, col, select

from storage import campaigns, outbox, roster, schedule, speakers
from storage.campaigns import Campaign
from storage.campaigns.studying import finish
from storage.outbox import Arrived, Notice, State
from storage.quiet import Quiet
from storage.roster import Person
from storage.schedule import Schedule
from tests.storage.reminders_by_hand import DAY, HOUR, Life, Member, Span, Study, day_in, sleeps
from tests.storage.test_campaigns import actor, campaign_toml, lesson_toml, lessons, take
from tests.town import BRANCH_1

ZONE = "Asia/Ho_Chi_Minh"
ZONES = (ZONE, "Europe/Berlin", "America/Los_Angeles")  # summer time ends on the way in two
HOUSE = (time(21, 30), time(6, 30))
QUIETS = {
    None: HOUSE,
    "": None,
    "19:00-08:30": (time(19), time(8, 30)),
    "1:00-5:00": (time(1), time(5)),
}
FIRST = date(2026, 9, 14)  # a Monday
MADE = datetime.fromisoformat("2026-09-10T12:00:00+07:00").astimezone(UTC)
PEOPLE = 200
Act = tuple[datetime, str, int, int]  # when, what, who, of which lesson
PLAN = [
    (FIRST + DAY * opens, FIRST + DAY * due)
    for opens, due in (
        (0, 6), (3, 12), (10, 18), (15, 18), (18, 25),
        (24, 24), (26, 36), (32, 36), (40, 47), (47, 54),
    )
]  # fmt: skip
MONDAYS_THURSDAYS = Study(ZONE, FIRST, FIRST + DAY * 59, PLAN, time(19, 30), (0, 3))
EVERY_NIGHT = Study(ZONE, FIRST, FIRST + DAY * 59, PLAN, time(22, 15))
NO_LINE = Study(ZONE, FIRST, FIRST + DAY * 59, PLAN)
LINES = {"30 19 * * mon,thu": MONDAYS_THURSDAYS, "22:15": EVERY_NIGHT, None: NO_LINE}


def moment(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}:00+07:00").astimezone(UTC)


OUTAGES: list[Span] = [
    (moment("09-17T15:00"), moment("09-17T21:00")),  # six hours, around the slots of an evening
    (moment("09-24T05:00"), moment("09-24T11:00")),  # six hours, around those of a morning
    (moment("10-01T22:00"), moment("10-04T22:00")),  # three days
    (moment("10-18T20:00"), moment("10-21T20:10")),  # three days
]
PAUSE = (moment("10-27T10:00"), moment("10-30T16:00"))


def crowd(number: int) -> list[tuple[Member, str | None, str | None]]:
    """Invented people with habits, and the zone and quiet hours that the roll has of them."""
    dice = random.Random(number)
    found = []
    for each in range(PEOPLE):
        zone, quiet = ZONES[each % 3], dice.choice(list(QUIETS))
        member = Member(zone, QUIETS[quiet])
        for lesson, (opens, due) in enumerate(PLAN):
            if dice.random() < 0.6:
                after = dice.random() ** 2 * ((due - opens).days + 5)
                member.done[lesson] = some_second(opens + DAY * int(after), dice)
            for day in range((due - opens).days + 3):
                at = some_second(opens + DAY * day, dice)
                before = at < member.done.get(lesson, at + DAY)
                if dice.random() < 0.05 and before and day_in(at, ZONE) >= opens:
                    member.wishes.append((at, lesson))
        if dice.random() < 0.15:
            member.stops = some_second(FIRST + DAY * dice.randrange(50), dice)
            if dice.random() < 0.5:
                member.allows = some_second(FIRST + DAY * 52, dice)
        found.append((member, zone if zone != ZONE or dice.random() < 0.5 else None, quiet))
    return found


def some_second(day: date, dice: random.Random) -> datetime:
    """A moment of the day at which the bot hears people, and on no full minute."""
    clock = time(dice.randrange(24), dice.randrange(60), dice.randrange(1, 60))
    at = datetime.combine(day, clock, UTC)
    deaf = any(start <= at <= end for start, end in (*OUTAGES, PAUSE))
    return some_second(day + DAY, dice) if deaf else at


class Play:
    """The campaign as storage has it, its clock in the test's hand."""

    def __init__(self, session: Session, campaign: Campaign) -> None:
        self.session, self.campaign_id = session, campaign.id
        self.numbers = {each.id: place for place, each in enumerate(lessons(session))}
        self.ids = list(self.numbers)
        self.heard: dict[int, list[tuple[datetime, int]]] = defaultdict(list)
        self.zone_of_house = Quiet("21:30-06:30", ZONE)
        self.both_ways = -1

    def until(self, end: datetime, acts: Sequence[Act]) -> None:
        """From one moment at which something happens to the next."""
        waiting = sorted(acts)
        while (now := self.next() or end) < end or waiting:
            if waiting and waiting[0][0] <= now:
                self.act(*waiting.pop(0))
                continue
            both = [self.tick, self.deliver]
            for start, over in OUTAGES:
                if start <= now < over:
                    now = over
                    both = both[:: self.both_ways]  # either may be the first to wake up
                    self.both_ways *= -1
            for each in (*both, self.tick, self.deliver):
                each(now)
            self.session.flush()
            self.session.expunge_all()

    def next(self) -> datetime | None:
        """When something falls due."""
        due = self.session.exec(select(func.min(Schedule.next_at))).one()
        queued = select(func.min(Notice.due_at)).where(Notice.state == State.QUEUED)
        owed = self.session.exec(queued).one()
        return min([each for each in (due, owed) if each is not None], default=None)

    def act(self, now: datetime, what: str, person_id: int, lesson: int) -> None:
        session, campaign_id = self.session, self.campaign_id
        if what in ("pause", "go_on"):
            getattr(campaigns, what)(session, actor(session, "an"), campaign_id, now=now)
            return
        person = session.get_one(Person, person_id)
        who = speakers.who(session, person.telegram_id or 0, today=now.date(), owner=False)
        if what == "done":
            finish(session, person_id, lessons(session)[lesson], now=now)
        elif what == "wish":
            zone = person.zone or ZONE
            campaigns.remind_tomorrow(session, who, self.ids[lesson], zone=zone, now=now)
        elif what == "stop":
            about = None if person_id % 2 else campaign_id
            campaigns.stop(session, who, about, now=now)
        else:
            campaigns.allow(session, who, campaign_id, now=now)

    def tick(self, now: datetime) -> None:
        quiet = self.zone_of_house
        for due in schedule.claim_due(self.session, now=now, limit=1000):
            number = int(due.subject.rpartition(":")[2])
            if due.kind == campaigns.REMINDER:
                campaigns.remind(
                    self.session, number, due.slot, slot_name=due.slot_name, quiet=quiet, now=now
                )
            elif due.kind == campaigns.TOMORROW:
                campaigns.remind_one(
                    self.session, number, due.slot_name, due.slot, quiet=quiet, now=now
                )

    def deliver(self, now: datetime) -> None:
        """Claims, words and settles, as the bot does."""
        while claimed := outbox.claim(self.session, now=now, limit=500, quiet=self.zone_of_house):
            outbox.begin(self.session, [each.notice.id for each in claimed], now=now)
            for each in claimed:
                notice = each.notice
                lesson_id, person_id = int(notice.subject.split(":")[1]), notice.person_id or 0
                found = campaigns.still_to_do(self.session, lesson_id, person_id, now=now)
                if found is None:
                    outbox.settle_cancelled(self.session, notice.id, now=now)
                    continue
                told = Arrived(notice.id, 0, False, 1, each.chat_id or 0)
                outbox.settle_sent(self.session, [told], now=now)
                self.heard[person_id].append((now, self.numbers[lesson_id]))
            self.session.flush()


# Three lines on SQLite; that PostgreSQL counts in the same way one of them shows.
EVERYWHERE = [*(("sqlite", line) for line in LINES), ("postgresql", "30 19 * * mon,thu")]


@pytest.mark.parametrize(("dialect", "line"), EVERYWHERE)
def test_everybody_is_reminded_of_exactly_what_the_policy_says(
    session: Session, cast: dict[str, int], tmp_path: Path, line: str | None
) -> None:
    study = LINES[line]
    study.pause = PAUSE
    text = campaign_toml(
        *[
            lesson_toml(f"Bài {number}", str(due)).replace(
                "minutes = 8", f"minutes = 8\nopens = {opens}"
            )
            for number, (opens, due) in enumerate(PLAN)
        ],
        remind=line,
        ends=study.ends,
    ).replace("starts = 2026-08-01", f"starts = {FIRST}")
    for name in cast:  # who manages it is not reminded here
        session.get_one(Person, cast[name]).started = False
    people = crowd(7)
    ids = enrol(session, people)
    campaign = take(session, tmp_path, text, now=MADE)
    play = Play(session, campaign)
    members = dict(zip(ids, [member for member, _zone, _quiet in people], strict=True))
    play.until(moment("11-20T12:00"), acts_of(members))

    heard = {number: sorted(play.heard[number]) for number in ids}
    by_hand = {i: Life(study, member, OUTAGES, MADE).heard() for i, member in members.items()}
    wrong = {i: (heard[i], by_hand[i]) for i in ids if heard[i] != by_hand[i]}
    assert not wrong, f"{len(wrong)} of {PEOPLE}: {next(iter(wrong.items()))}"
    for number, member in members.items():
        for at, lesson in heard[number]:
            assert not sleeps(member, at)
            assert at < member.done.get(lesson, at + HOUR)
    assert sum(map(len, heard.values())) > 3 * PEOPLE
    late = [end for _start, end in OUTAGES]
    told = [at for each in heard.values() for at, _lesson in each]
    assert any(end <= at < end + 12 * HOUR for at in told for end in late)


def acts_of(members: dict[int, Member]) -> list[Act]:
    """What they do, when."""
    found: list[Act] = [(PAUSE[0], "pause", 0, 0), (PAUSE[1], "go_on", 0, 0)]
    for number, member in members.items():
        found += [(at, "done", number, lesson) for lesson, at in member.done.items()]
        found += [(at, "wish", number, lesson) for at, lesson in member.wishes]
        found += [(member.stops, "stop", number, 0)] if member.stops else []
        found += [(member.allows, "allow", number, 0)] if member.allows else []
    return found


def enrol(session: Session, people: Sequence[tuple[Member, str | None, str | None]]) -> list[int]:
    unit = roster.unit_at(session, BRANCH_1)
    accounts = [600_000_000 + number for number in range(len(people))]
    session.execute(
        insert(Person),
        [
            {
                "unit_id": unit.id,
                "full_name": f"Người {account}",
                "folded": f"nguoi {account}",
                "sort_key": "",
                "kind": "official",
                "telegram_id": account,
                "consented_at": MADE,
                "started": True,
                "zone": zone,
                "quiet_hours": quiet,
            }
            for account, (_member, zone, quiet) in zip(accounts, people, strict=True)
        ],
    )
    found = select(Person.telegram_id, Person.id).where(col(Person.telegram_id).in_(accounts))
    known = dict(session.exec(found).all())
    return [known[account] for account in accounts]
