"""The written policy of study reminders (`storage/campaigns/rules.py`), worked out by hand.

For one person at a time, moment by moment, with lists and wall clocks; slow, and nothing of the
program is used. What the program sends is compared with this.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Span = tuple[datetime, datetime]


@dataclass
class Study:
    """A campaign: its days are those of its zone."""

    zone: str
    starts: date
    ends: date
    lessons: list[tuple[date, date]]  # opens, last day
    clock: time | None = None  # when its line reminds, on which weekdays (Monday is 0)
    weekdays: Sequence[int] = range(7)
    pause: Span | None = None


@dataclass
class Member:
    """Somebody, and what they do when."""

    zone: str
    quiet: tuple[time, time] | None
    done: dict[int, datetime] = field(default_factory=dict)
    wishes: list[tuple[datetime, int]] = field(default_factory=list)  # when, of which lesson
    stops: datetime | None = None
    allows: datetime | None = None


@dataclass
class Letter:
    """A reminder on its way."""

    lesson: int
    due: datetime
    until: datetime
    own: bool  # somebody wished for it
    said: datetime | None = None
    gone: bool = False

    def near(self, lesson: int, now: datetime) -> bool:
        if self.gone or self.lesson != lesson:
            return False
        return self.until >= now if self.said is None else self.said > now - HOUR


def at(day: date, clock: time, zone: str) -> datetime:
    return datetime.combine(day, clock, ZoneInfo(zone)).astimezone(UTC)


def day_in(moment: datetime, zone: str) -> date:
    return moment.astimezone(ZoneInfo(zone)).date()


def last_second(day: date, zone: str) -> datetime:
    return at(day + DAY, time(), zone) - timedelta(seconds=1)


def sleeps(member: Member, moment: datetime) -> bool:
    if member.quiet is None:
        return False
    start, end = member.quiet
    clock = moment.astimezone(ZoneInfo(member.zone)).time()
    return start <= clock < end if start < end else clock >= start or clock < end


def awake(member: Member, moment: datetime) -> datetime:
    """The moment, or the end of the quiet hours around it."""
    if not sleeps(member, moment) or member.quiet is None:
        return moment
    day = day_in(moment, member.zone)
    ends = [at(day + DAY * n, member.quiet[1], member.zone) for n in range(3)]
    return min(each for each in ends if each > moment)


def slots_of(study: Study, member: Member) -> list[tuple[datetime, date | None]]:
    """Every slot on the member's clock; with its day where there is no line."""
    found: list[tuple[datetime, date | None]] = []
    day = study.starts - 3 * DAY
    while day <= study.ends + 3 * DAY:
        if study.clock is not None:
            if day.weekday() in study.weekdays:
                moment = at(day, study.clock, member.zone)
                if moment <= last_second(study.ends, study.zone):
                    found.append((moment, None))
        else:
            moment = at(day, time(8), member.zone)
            its_day = day_in(moment, study.zone)
            if any(its_day in lesson for lesson in study.lessons):
                found.append((moment, its_day))
        day += DAY
    return found


def asked_on(study: Study, today: date) -> list[int]:
    """What a line asks for on a day of the campaign."""
    opened = [n for n, (opens, _due) in enumerate(study.lessons) if opens <= today]
    to_come = [study.lessons[n][1] for n in opened if study.lessons[n][1] >= today]
    if not to_come:
        return opened
    return [n for n in opened if study.lessons[n][1] == min(to_come)]


def asked_of(study: Study, day: date, today: date) -> list[int]:
    """What a day's slot asks for, said on another day."""
    return [
        n
        for n, (opens, due) in enumerate(study.lessons)
        if day in (opens, due) and opens <= today <= due
    ]


class Life:
    """One member through the whole campaign."""

    def __init__(self, study: Study, member: Member, outages: Sequence[Span], since: datetime):
        self.study, self.member, self.outages = study, member, outages
        self.slots = [each for each in slots_of(study, member) if each[0] > since]
        self.wished: dict[int, datetime] = {}
        self.letters: list[Letter] = []
        self.told: dict[int, int] = {}

    def heard(self) -> list[tuple[datetime, int]]:
        """When they are reminded, and of which lesson."""
        for moment in self.moments():
            if not any(start <= moment < end for start, end in self.outages):
                self.act(moment)
                self.come_due(moment)
                self.deliver(moment)
        said = [(each.said, each.lesson) for each in self.letters if each.said is not None]
        return sorted(said)

    def moments(self) -> list[datetime]:
        """Every moment at which anything may happen."""
        member, study = self.member, self.study
        found = {moment for moment, _day in slots_of(study, member)}
        found |= set(member.done.values()) | {moment for moment, _lesson in member.wishes}
        found |= {each for each in (member.stops, member.allows) if each is not None}
        found |= {end for _start, end in self.outages} | set(study.pause or ())
        day = study.starts - 3 * DAY
        while day <= study.ends + 3 * DAY:
            found.add(at(day, time(19, 30), member.zone))
            if member.quiet is not None:
                found.add(at(day, member.quiet[1], member.zone))
            day += DAY
        return sorted(found)

    def paused(self, now: datetime) -> bool:
        pause = self.study.pause
        return pause is not None and pause[0] <= now < pause[1]

    def runs(self, now: datetime) -> bool:
        today = day_in(now, self.study.zone)
        return self.study.starts <= today <= self.study.ends and not self.paused(now)

    def finished(self, lesson: int, now: datetime) -> bool:
        return lesson in self.member.done and self.member.done[lesson] <= now

    def stopped(self, now: datetime) -> bool:
        stops, allows = self.member.stops, self.member.allows
        return stops is not None and stops <= now and (allows is None or now < allows)

    def act(self, now: datetime) -> None:
        for moment, lesson in self.member.wishes:
            if moment == now:
                tomorrow = day_in(now, self.member.zone) + DAY
                self.wished[lesson] = at(tomorrow, time(19, 30), self.member.zone)
        if now == self.member.stops:
            self.wished = {}
            for letter in self.letters:
                letter.gone = letter.gone or letter.said is None
        for letter in self.letters:
            if letter.said is None and self.finished(letter.lesson, now):
                letter.gone = True
        pause = self.study.pause
        if pause is not None and now == pause[0]:
            for letter in self.letters:
                if letter.said is None and not letter.gone:
                    letter.gone = True
                    if not letter.own:
                        self.told[letter.lesson] -= 1
        if pause is not None and now == pause[1]:
            self.slots = [each for each in self.slots if each[0] > now]

    def come_due(self, now: datetime) -> None:
        missed = [each for each in self.slots if each[0] <= now]
        self.slots = [each for each in self.slots if each[0] > now]
        if self.study.clock is not None:
            missed = missed[:1]  # however many there were, one comes
        for moment, day in missed:
            self.slot(moment, day, now)
        for lesson, moment in list(self.wished.items()):
            if moment <= now:
                del self.wished[lesson]
                if self.runs(now) and not self.finished(lesson, now):
                    self.write(lesson, now, own=True)

    def slot(self, moment: datetime, day: date | None, now: datetime) -> None:
        if not self.runs(now) or self.stopped(now):
            return
        today = day_in(now, self.study.zone)
        asked = asked_on(self.study, today) if day is None else asked_of(self.study, day, today)
        left = [n for n in asked if not self.finished(n, now)]
        if not left or self.told.get(left[0], 0) >= 2:
            return
        lesson, says = left[0], awake(self.member, now)
        if says > self.until(lesson, today):
            return
        if now - moment >= HOUR and self.again_soon(lesson, says):
            return
        own = [each for each in self.letters if each.own and each.near(lesson, now)]
        if own:
            own[0].own = False
        elif any(each.near(lesson, now) for each in self.letters):
            return
        else:
            self.write(lesson, now, own=False)
        self.told[lesson] = self.told.get(lesson, 0) + 1

    def write(self, lesson: int, now: datetime, *, own: bool) -> None:
        if not any(each.near(lesson, now) for each in self.letters):
            until = self.until(lesson, day_in(now, self.study.zone))
            self.letters.append(Letter(lesson, awake(self.member, now), until, own))

    def until(self, lesson: int, today: date) -> datetime:
        due = self.study.lessons[lesson][1]
        return last_second(self.study.ends if due < today else due, self.study.zone)

    def again_soon(self, lesson: int, says: datetime) -> bool:
        for moment, day in slots_of(self.study, self.member):
            if says < moment < says + 6 * HOUR:
                there = day_in(moment, self.study.zone)
                if day is None and lesson in asked_on(self.study, there):
                    return moment < last_second(self.study.ends, self.study.zone)
                if day is not None and self.study.lessons[lesson][1] == there:
                    return True
        return False

    def deliver(self, now: datetime) -> None:
        for letter in self.letters:
            if letter.gone or letter.said is not None or letter.due > now:
                continue
            if letter.until < now:
                letter.gone = True
            elif sleeps(self.member, now):
                letter.due = awake(self.member, now)
            elif self.finished(letter.lesson, now) or not self.runs(now):
                letter.gone = True
            else:
                letter.said = now
