"""A year of twelve branches, played day by day, ends in the table that somebody counted by hand.

`year_script.py` is what happens, `year_by_hand.py` counts it without the product, the reference is
`year_reference.csv`. A leap day, a branch in Berlin, Tết, people who come and go are among it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlmodel import Session, col, select

from storage import attendance, meetings, report, roster, roster_edit, schedule, speakers
from storage.attendance import Outcome, Presence
from storage.meetings import Meeting, MeetingKind, Plan, Seat
from storage.meetings.settling import SETTLED
from storage.powers import Actor, Role
from storage.quiet import Quiet
from storage.report import Figures, Missed
from storage.roster import Kind, Person
from tests.storage import year_by_hand
from tests.storage import year_script as script
from tests.storage.year_script import Act, Comrade, Gathering

REFERENCE = Path(__file__).with_name("year_reference.csv")
QUIET = Quiet("", script.HOME)
HEAD = 700_000_001  # the secretary above all branches
YEARS_END = datetime(script.YEAR + 1, 1, 20, 12, tzinfo=script.zone_of(1))


@dataclass
class Year:
    """The product, and the days on which the script has something for it to do."""

    session: Session
    comrades: list[Comrade] = field(default_factory=script.comrades)
    meetings: dict[str, int] = field(default_factory=dict)  # by the token of the script
    people: dict[str, int] = field(default_factory=dict)
    actors: dict[int, Actor] = field(default_factory=dict)  # as long as the roll stays as it is
    plan: list[tuple[datetime, int, Callable[[datetime], None]]] = field(default_factory=list)

    # -- who speaks ----------------------------------------------------------------------------

    def unit(self, branch: int) -> roster.Unit:
        return roster.unit_at(self.session, f"{script.PARENT} / Chi bộ {branch}")

    def actor(self, account: int, now: datetime) -> Actor:
        if account not in self.actors:
            found = speakers.who(self.session, account, today=now.date(), owner=False)
            self.actors[account] = found
        return self.actors[account]

    def leader(self, branch: int, now: datetime, *, of: Comrade | None = None) -> Actor:
        """The secretary; about the secretary's own affairs the deputy."""
        own = of is not None and of.slot == script.SECRETARY
        slot = script.DEPUTY if own else script.SECRETARY
        return self.actor(700_000_000 + 100 * branch + slot, now)

    # -- the roll ------------------------------------------------------------------------------

    def settle(self) -> None:
        """Everybody who is there when the year begins."""
        today = date(script.YEAR - 1, 1, 1)
        top = roster.unit_at(self.session, script.PARENT)
        head = roster.new_person(self.session, top, "Đinh Thị Oanh", telegram_id=HEAD)
        head.consented_at = datetime(2027, 1, 1, tzinfo=script.zone_of(1))
        roster.give_role(self.session, head, top.id, Role.SECRETARY, today=today, by=None)
        for branch in script.BRANCHES:
            self.unit(branch).zone = str(script.zone_of(branch))
        for comrade in self.comrades:
            branch, since, _until = comrade.stays[0]
            if since == today:
                person = roster.new_person(self.session, self.unit(branch), comrade.name)
                person.kind = Kind(comrade.kind)
                self.link(comrade, person)
                role = {script.SECRETARY: Role.SECRETARY, script.DEPUTY: Role.DEPUTY}
                if comrade.slot in role:
                    what = role[comrade.slot]
                    roster.give_role(
                        self.session, person, person.unit_id, what, today=today, by=None
                    )
        self.session.flush()

    def link(self, comrade: Comrade, person: Person) -> None:
        self.actors.clear()
        person.telegram_id, person.started = comrade.account, True
        person.consented_at = datetime(2027, 1, 1, tzinfo=script.zone_of(1))
        self.people[comrade.name] = person.id
        self.session.add(person)
        self.session.flush()

    def comes(self, comrade: Comrade, branch: int, now: datetime) -> None:
        leader = self.leader(branch, now)
        unit = self.unit(branch).id
        person = roster_edit.add(self.session, leader, unit, comrade.name, now=now)
        self.link(comrade, person)

    def goes(self, comrade: Comrade, branch: int, now: datetime) -> None:
        person = self.people[comrade.name]
        leader, today = self.leader(branch, now), now.date()
        roster_edit.end_member(self.session, leader, person, now=now, today=today)
        self.actors.clear()

    def moves(self, comrade: Comrade, branch: int, now: datetime) -> None:
        person, unit = self.people[comrade.name], self.unit(branch).id
        roster_edit.move(self.session, self.actor(HEAD, now), person, unit, now=now)
        self.actors.clear()

    def rests(self, comrade: Comrade, branch: int, now: datetime) -> None:
        roster_edit.correct(
            self.session,
            self.leader(branch, now),
            self.people[comrade.name],
            "kind",
            "Miễn",
            now=now,
            today=now.date(),
        )

    # -- a meeting -----------------------------------------------------------------------------

    def call(self, gathering: Gathering, now: datetime) -> None:
        kind = MeetingKind(gathering.kind)
        plan = Plan(self.unit(gathering.branch).id, kind, gathering.planned, "Nhà văn hóa")
        leader, token = self.leader(gathering.branch, now), gathering.token
        made = meetings.call(self.session, leader, plan, token=token, quiet=QUIET, now=now)
        self.meetings[token] = made.id

    def change(self, gathering: Gathering, now: datetime) -> None:
        number, leader = self.meetings[gathering.token], self.leader(gathering.branch, now)
        if gathering.moved_to is None:
            meetings.call_off(self.session, leader, number, now=now)
        else:
            meetings.move(
                self.session,
                leader,
                number,
                revision=0,
                starts_at=gathering.moved_to,
                place="Nhà văn hóa",
                now=now,
            )
        later = now + timedelta(seconds=60)
        meetings.carry_out(self.session, number, quiet=QUIET, now=later)

    def open(self, gathering: Gathering, now: datetime) -> None:
        number, leader = self.meetings[gathering.token], self.leader(gathering.branch, now)
        attendance.open_roll(self.session, leader, number, now=now)

    def close(self, gathering: Gathering, now: datetime) -> None:
        """Half of the rolls close by themselves."""
        number, leader = self.meetings[gathering.token], self.leader(gathering.branch, now)
        if gathering.branch % 2:
            attendance.close(self.session, leader, number, now=now)
        else:
            attendance.close_due(self.session, number, now=now)
        if gathering.minutes is not None:
            meeting = self.session.get_one(Meeting, number)
            meeting.begun_at = gathering.starts
            meeting.ended_at = gathering.starts + timedelta(minutes=gathering.minutes)
            self.session.add(meeting)

    def lock(self, gathering: Gathering, now: datetime) -> None:
        number, leader = self.meetings[gathering.token], self.leader(gathering.branch, now)
        attendance.lock(self.session, leader, number, now=now)

    # -- what people do ------------------------------------------------------------------------

    def act(self, gathering: Gathering, comrade: Comrade, act: Act, now: datetime) -> None:
        number, person_id = self.meetings[gathering.token], self.people.get(comrade.name)
        seat = self.session.exec(
            select(Seat)
            .where(Seat.meeting_id == number, Seat.person_id == person_id)
            .execution_options(populate_existing=True)
        ).first()
        actor = self.actor(comrade.account or 0, now)
        if seat is None:
            if act.what == "tap":
                tapped = attendance.tap(self.session, actor, number, now=now)
                assert tapped.outcome is Outcome.NOT_CONVENED
            return
        leader = self.leader(gathering.branch, now, of=comrade)
        match act.what:
            case "ask":
                meetings.ask_leave(
                    self.session, actor, number, act.reason, revision=0, quiet=QUIET, now=now
                )
            case "grant" | "refuse":
                approve, request = act.what == "grant", seat.requests
                meetings.decide(self.session, leader, seat.id, request, approve=approve, now=now)
            case "withdraw":
                meetings.withdraw(self.session, actor, number, revision=0, now=now)
            case "tap":
                tapped = attendance.tap(self.session, actor, number, now=now)
                assert tapped.outcome is Outcome.RECORDED
                seat.late = act.after > script.GRACE
            case "leave":
                seat.left_at = now
            case "mark" | "excuse" | "strike" | "mend":
                became = {"excuse": Presence.EXCUSED, "strike": Presence.ABSENT}
                how = became.get(act.what, Presence.PRESENT)
                attendance.enter(self.session, leader, number, seat.id, how, now=now)
            case "plead":
                attendance.ask_correction(self.session, actor, number, quiet=QUIET, now=now)
            case "accept" | "deny":
                for correction, asked, _person in attendance.waiting(self.session, number):
                    if asked.id == seat.id:
                        granted = act.what == "accept"
                        attendance.decide_correction(
                            self.session, leader, correction.id, granted=granted, now=now
                        )
        self.session.add(seat)
        self.session.flush()

    # -- playing it ----------------------------------------------------------------------------

    def at(self, moment: datetime, do: Callable[[datetime], None]) -> None:
        self.plan.append((moment, len(self.plan), do))

    def write_plan(self) -> None:
        for comrade in self.comrades:
            self.write_changes(comrade)
        for gathering in script.gatherings():
            self.write_meeting(gathering)

    def write_changes(self, comrade: Comrade) -> None:
        """What changes on the roll about somebody, at midnight."""

        def at(day: date, branch: int, do: Callable[[Comrade, int, datetime], None]) -> None:
            if day.year == script.YEAR:
                midnight = datetime(day.year, day.month, day.day, tzinfo=script.zone_of(branch))
                self.at(midnight, lambda now: do(comrade, branch, now))

        for place, (branch, since, _until) in enumerate(comrade.stays):
            at(since, branch, self.moves if place else self.comes)
        branch, _since, until = comrade.stays[-1]
        at(until, branch, self.goes)
        at(comrade.exempt_from, branch, self.rests)

    def write_meeting(self, gathering: Gathering) -> None:
        starts = gathering.starts
        self.at(gathering.called, lambda now: self.call(gathering, now))
        if gathering.moved_to or gathering.fate == "cancelled":
            later = gathering.called + timedelta(days=2)
            self.at(later, lambda now: self.change(gathering, now))
        if gathering.fate != "held":
            return
        self.at(starts - timedelta(minutes=10), lambda now: self.open(gathering, now))
        branch = gathering.branch
        theirs = [each for each in self.comrades if branch in [stay[0] for stay in each.stays]]
        for comrade in theirs:
            for act in script.story(gathering, comrade):
                if act.what != "mend" or not gathering.locked:
                    moment = script.moment(gathering, act)
                    self.at(moment, lambda now, c=comrade, a=act: self.act(gathering, c, a, now))
        self.at(starts + timedelta(minutes=20), lambda now: self.close(gathering, now))
        if gathering.locked:
            self.at(starts + timedelta(days=3), lambda now: self.lock(gathering, now))

    def play(self) -> None:
        """The whole plan in the order of time; the clock looks in every third day."""
        self.settle()
        self.write_plan()
        looks = datetime(script.YEAR - 1, 12, 1, tzinfo=script.zone_of(1))
        for moment, _order, do in sorted(self.plan, key=lambda step: step[:2]):
            if moment >= looks:
                self.tick(moment)
                looks = moment + timedelta(days=3)
            do(moment)
        self.tick(YEARS_END)

    def tick(self, now: datetime) -> None:
        """Of what is due, what the table hangs on: rolls that are settled."""
        while due := schedule.claim_due(self.session, now=now):
            for each in due:
                if each.kind == SETTLED:
                    number = int(each.subject.rpartition(":")[2])
                    report.weigh(self.session, number, profile="party", quiet=QUIET, now=each.slot)

    # -- the table -----------------------------------------------------------------------------

    def table(self) -> list[dict[str, str]]:
        """The year as the reports tell it."""
        lines: list[dict[str, str]] = []
        top = roster.unit_at(self.session, script.PARENT).id
        branches = {self.unit(branch).id: branch for branch in script.BRANCHES}
        for unit_id in (top, *branches):
            account = HEAD if unit_id == top else 700_000_000 + 100 * branches[unit_id]
            actor = self.actor(account, YEARS_END)
            told = report.report(
                self.session,
                actor,
                unit_id,
                script.YEAR,
                profile="party",
                zone=script.HOME,
                now=YEARS_END,
            )
            whole = line(told.unit.name, told.whole)
            if told.reasons is not None and unit_id != top:
                for reason in ("business", "illness", "family", "other"):
                    whole[reason] = str(getattr(told.reasons, reason))
            lines.append(whole)
            for month, figures in enumerate(told.months, start=1):
                lines.append({**line(told.unit.name, figures), "month": str(month)})
        missed = report.missed_of(
            self.session, list(self.people.values()), script.YEAR, now=YEARS_END
        )
        for unit_id, branch in branches.items():
            actor = self.actor(700_000_000 + 100 * branch, YEARS_END)
            for each in report.members(self.session, actor, unit_id, script.YEAR, now=YEARS_END):
                row = line(f"Chi bộ {branch}", each.figures)
                for name in ("regular", "thematic", "timed", "short"):
                    row[name] = ""
                row["who"] = each.name
                row["missed"] = "+".join(map(str, missed.get(each.person_id, ())))
                lines.append(row)
        return lines


def line(unit: str, figures: Figures) -> dict[str, str]:
    count = figures.count
    told = {
        "regular": figures.held[MeetingKind.REGULAR],
        "thematic": figures.held[MeetingKind.THEMATIC],
        "convened": count.convened,
        "present": count.present,
        "rate": count.percent if count.convened else None,
        "excused": count.excused,
        "unexcused": count.absent,
        "undecided": count.pending,
        "exempt": count.exempt,
        "late": figures.late,
        "left": figures.left,
        "timed": figures.timed,
        "short": figures.short,
        "minutes": figures.minutes,
    }
    said = {name: "" if value is None else str(value) for name, value in told.items()}
    return {**dict.fromkeys(year_by_hand.HEADER, ""), "unit": unit, **said}


def reference() -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(REFERENCE.read_text("utf-8"))))


def sorted_lines(lines: list[dict[str, str]]) -> list[tuple[tuple[str, str], ...]]:
    """In one order, whoever sorted the people."""
    return sorted(tuple(each.items()) for each in lines)


def test_the_reference_is_what_somebody_counts_by_hand() -> None:
    assert year_by_hand.table() == reference()


def test_the_year_ends_in_the_reference(session: Session) -> None:
    year = Year(session)
    year.play()
    assert sorted_lines(year.table()) == sorted_lines(reference())
    everybody_was_told_of(year)


def everybody_was_told_of(year: Year) -> None:
    """Each warning stands for somebody who really missed so many months, and none is wanting."""
    months = {
        row["who"]: row["missed"].split("+") for row in reference() if row["who"] and row["missed"]
    }
    due = {
        (year.people[who], count)
        for who, missed in months.items()
        for count in range(2, len(missed) + 1)
    }
    told = year.session.exec(select(Missed).order_by(col(Missed.id))).all()
    standing = {(each.person_id, each.count) for each in told if each.withdrawn_at is None}
    assert standing == due
    deputy = next(each for each in year.comrades if each.account == 700_001_000 + script.DEPUTY)
    third = [
        each for each in told if each.person_id == year.people[deputy.name] and each.count == 3
    ]
    # May was put right, which took the third month back until July.
    assert [(each.months, each.revision) for each in third] == [("2,3,7", 1)]
