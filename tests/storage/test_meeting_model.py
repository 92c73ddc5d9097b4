"""Random histories of one meeting, played beside a model that is simple enough to believe.

The model knows people by name and keeps what each has said and how each was marked; it counts by
looking at everybody in turn. The real thing has to agree with it after every step: about who
stands how, about every total, and about which steps are refused. What is refused changes nothing,
and what is locked changes no more.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st
from sqlalchemy import func
from sqlmodel import Session, SQLModel, select

from storage import attendance, deputies, keeping, meetings, roster, roster_edit, speakers
from storage.attendance import Correction, Count, Presence
from storage.audit import Deed
from storage.errors import NotFound, Refusal
from storage.meetings import Meeting, MeetingKind, MeetingState, Plan, Seat
from storage.powers import Actor
from storage.quiet import Quiet
from storage.roster import Kind, Person
from tests.town import ACCOUNTS, BRANCH_1, NOON

QUIET = Quiet("21:30-06:30", "Asia/Ho_Chi_Minh")
START = datetime.fromisoformat("2026-08-03T19:30:00+07:00")
LENGTH, LONG_AFTER, DAY = timedelta(minutes=20), timedelta(hours=4), timedelta(hours=24)
TODAY = NOON.date()
COMMITTEE = ("an", "binh", "chi")
PEOPLE = (*COMMITTEE, "dung", "giang", "huong", "khanh", "sau")
NEWCOMERS = ("moi", "muon")  # join the roll in the middle of it
EVERYBODY = (*PEOPLE, *NEWCOMERS)
OUTSIDER = "lan"  # secretary of the other branch
BYS = (*COMMITTEE, *COMMITTEE, "dung", OUTSIDER)
ELDER, DEPUTY = "sau", "huong"  # the elder has no telephone
GROUP = {"giang": "Tổ 1", "huong": "Tổ 1", "khanh": "Tổ 2", "sau": "Tổ 2", "muon": "Tổ 3"}
ACCOUNT = {**ACCOUNTS, "moi": 601, "muon": 602}


class Refused(Exception):
    """The model says that this is refused."""


# -- the model ---------------------------------------------------------------------------------


@dataclass
class Sitting:
    """One person, as anybody in the room could tell."""

    kind: Kind
    said: str = "none"
    reason: str = ""
    asked: int = 0
    leave: str = ""  # "pending", "approved", "refused"
    how: str = ""  # empty: not here
    by: str = ""  # who said it, if not themselves
    late: str = ""  # their request to be added: "waiting", "granted", "refused"

    def stands(self) -> str:
        if self.how:
            return "present"
        if self.kind == Kind.EXEMPT:
            return "exempt"
        return {"approved": "excused", "pending": "pending"}.get(self.leave, "absent")


@dataclass
class Model:
    """A meeting with everybody in it."""

    now: datetime
    kinds: dict[str, Kind]
    roll: set[str] = field(default_factory=lambda: set(PEOPLE))
    seats: dict[str, Sitting] = field(default_factory=dict)
    opened: bool = False
    closed: bool = False
    locked: bool = False
    ends: datetime = START
    closed_at: datetime = START
    online: bool = False
    deputies: set[str] = field(default_factory=set)

    def seat_for(self, who: str, by: str) -> Sitting:
        """The seat of somebody for whom `by` may answer."""
        for_oneself = who == by and who in self.roll and who != ELDER
        for_elder = who == ELDER and by in self.deputies and {who, by} <= self.roll
        if not (for_oneself or for_elder) or who not in self.seats:
            raise Refused
        return self.seats[who]

    def committee(self, by: str) -> None:
        if by not in COMMITTEE:
            raise Refused

    def is_open(self) -> bool:
        return self.opened and not self.closed and self.now < self.ends

    # what people say

    def say(self, who: str, by: str, what: str) -> None:
        seat = self.seat_for(who, by)
        if self.now >= START:
            raise Refused
        leave = what in ("illness", "family")
        if seat.said == what or (
            leave and seat.leave in ("pending", "approved") and seat.reason == what
        ):
            return
        if what == "online" and not self.online:
            raise Refused
        seat.said, seat.by = ("leave" if leave else what), ("" if by == who else by)
        seat.leave, seat.reason = ("pending", what) if leave else ("", "")
        seat.asked += leave

    def decide(self, who: str, by: str, approve: bool, request: int) -> None:
        self.committee(by)
        if who not in self.seats:
            raise Refused
        seat = self.seats[who]
        if seat.leave != "pending" or seat.asked != request or self.locked:
            return
        if who == by:
            raise Refused
        seat.leave = "approved" if approve else "refused"

    def allow(self, by: str, online: bool) -> None:
        self.committee(by)
        relied_on = any(seat.said == "online" for seat in self.seats.values())
        if self.now >= START or (relied_on and not online):
            raise Refused
        self.online = online

    # the roll call

    def open(self, by: str) -> None:
        self.committee(by)
        if not self.opened:
            long_after = self.now > START + LONG_AFTER
            self.opened, self.ends = True, self.now
            if not long_after:
                self.ends = max(START, self.now) + LENGTH

    def tap(self, who: str, how: str) -> None:
        if who in self.roll and who in self.seats and who != ELDER:
            seat = self.seats[who]
            if self.is_open() and not seat.how:
                seat.how = how

    def mark(self, who: str, by: str) -> None:
        if who == by:  # nobody is their own deputy
            raise Refused
        seat = self.seat_for(who, by)
        if not seat.how:
            if not self.is_open():
                raise Refused
            seat.how = "deputy"

    def enter(self, who: str, by: str, became: str) -> None:
        self.committee(by)
        if not self.opened or self.locked or who not in self.seats:
            raise Refused
        seat = self.seats[who]
        if became == "present":
            seat.how = seat.how or "committee"
        elif became == "absent" and seat.how and not self.closed:
            seat.how = ""  # taken back: what was asked before is as it was
        else:
            seat.how = ""
            if became == "excused":
                seat.leave, seat.reason = "approved", "business"
            elif seat.leave:
                seat.leave = "refused"

    def close(self, by: str) -> None:
        self.committee(by)
        if not self.opened:
            raise Refused
        if not self.closed:
            self.closed, self.closed_at = True, self.now

    def clock(self) -> None:
        if self.opened and not self.closed and self.ends <= self.now:
            self.closed, self.closed_at = True, self.ends

    def reopen(self, by: str) -> None:
        self.committee(by)
        if self.is_open():
            return
        if self.locked or not self.closed or self.now >= self.closed_at + DAY:
            raise Refused
        self.closed, self.ends = False, max(START, self.now) + LENGTH

    # afterwards

    def ask(self, who: str) -> None:
        if who not in self.roll or who not in self.seats or who == ELDER:
            raise Refused
        seat = self.seats[who]
        if seat.late:
            return
        if seat.how or not self.opened or self.is_open() or self.locked:
            raise Refused
        seat.late = "waiting"

    def judge(self, who: str, by: str, granted: bool) -> None:
        self.committee(by)
        if who not in self.seats or not self.seats[who].late:
            raise Refused
        seat = self.seats[who]
        if seat.late != "waiting":
            return
        if who == by:
            raise Refused
        seat.late = "granted" if granted else "refused"
        if granted:
            seat.how = seat.how or "committee"

    def lock(self, by: str) -> None:
        self.committee(by)
        if self.locked:
            return
        if not self.closed or self.now < START:
            raise Refused
        self.locked = True
        for seat in self.seats.values():
            seat.late = "refused" if seat.late == "waiting" else seat.late
            seat.leave = "refused" if seat.leave == "pending" else seat.leave

    # the roll of members

    def join(self, who: str) -> None:
        self.roll.add(who)
        if not self.closed and self.now < START + LONG_AFTER:
            self.seats[who] = Sitting(self.kinds[who])

    def leave(self, who: str) -> None:
        self.roll.remove(who)
        if not self.opened and self.now < START + LONG_AFTER:
            self.seats.pop(who, None)

    def name_deputy(self, by: str) -> None:
        self.committee(by)
        if not {ELDER, DEPUTY} <= self.roll:
            raise Refused
        self.deputies.add(DEPUTY)

    # the figures

    def count(self, names: set[str]) -> Counter[str]:
        return Counter(self.seats[name].stands() for name in names)


# -- histories ---------------------------------------------------------------------------------


class Step(NamedTuple):
    """One thing that somebody does; which parts of it matter depends on what it is.

    `blind` takes the person as they come; otherwise it is one for whom there is something to do.
    """

    act: str
    who: str
    by: str
    choice: int
    blind: bool = True


def steps(*acts: str, least: int, most: int) -> st.SearchStrategy[list[Step]]:
    step = st.builds(
        Step,
        st.sampled_from(acts),
        st.sampled_from(EVERYBODY),
        st.sampled_from(BYS),
        st.sampled_from(range(6)),
        st.sampled_from((False, False, True)),
    )
    return st.lists(step, min_size=least, max_size=most)


def likely(*step: Step) -> st.SearchStrategy[list[Step]]:
    return st.sampled_from([[*step], [*step], [*step], []])


ANY = ("say", "say", "elder", "decide", "tap", "mark", "enter", "ask", "judge", "wait")
SELDOM = ("open", "close", "reopen", "lock", "clock", "roll", "online", "deputy")
BEFORE = ("say", "say", "say", "elder", "decide", "online", "roll", *ANY)
DURING = ("tap", "tap", "tap", "mark", "enter", "enter", "decide", *ANY)
AFTER = ("enter", "enter", "ask", "ask", "judge", "judge", "decide", *ANY)
OF_COURSE = Step("deputy", ELDER, "an", 0)
HISTORIES = st.tuples(
    likely(OF_COURSE),
    steps(*BEFORE, least=7, most=9),
    steps(*SELDOM, least=0, most=2),
    likely(Step("begin", "an", "an", 0)),
    likely(Step("open", "an", "binh", 0)),
    steps(*DURING, least=7, most=9),
    steps(*SELDOM, least=0, most=2),
    likely(Step("close", "an", "chi", 0)),
    steps(*AFTER, least=7, most=9),
    steps(*SELDOM, least=0, most=2),
    likely(Step("lock", "an", "an", 0)),
    steps(*ANY, *SELDOM, least=2, most=4),
).map(lambda parts: [step for part in parts for step in part])
KINDS = st.fixed_dictionaries(
    {
        name: st.sampled_from(
            [Kind.OFFICIAL, Kind.EXEMPT, Kind.TEMPORARY, Kind.PROBATIONARY, Kind.EXEMPT]
        )
        for name in EVERYBODY
    }
)
SAID = ("coming", "none", "illness", "family", "online", "coming")
BECAME = ("present", "excused", "absent", "present", "excused", "absent")
WAITS = (1, 10, 20, 60, 300, 1500)  # minutes
TABLES = ("seat", "meeting", "attendance_mark", "attendance_correction", "deputy")


# -- the real thing ----------------------------------------------------------------------------


class Play:
    """A called meeting of Chi bộ 1 in the database, and the model beside it."""

    def __init__(self, session: Session, cast: dict[str, int], kinds: dict[str, Kind]) -> None:
        self.session, self.ids = session, dict(cast)
        self.branch = roster.unit_at(session, BRANCH_1)
        for name in PEOPLE:
            if name == ELDER:
                self.settle_in(name, kinds[name])
            session.get_one(Person, self.ids[name]).kind = kinds[name]
        session.flush()
        self.model = Model(NOON, kinds)
        self.model.seats = {name: Sitting(kinds[name]) for name in PEOPLE}
        plan = Plan(self.branch.id, MeetingKind.REGULAR, START, "Nhà văn hóa")
        an = self.actor("an")
        self.id = meetings.call(session, an, plan, token="t", quiet=QUIET, now=NOON).id
        self.final: Any = None  # the seats, once the minutes are final
        self.rows = self.everything()

    def settle_in(self, name: str, kind: Kind) -> None:
        """Somebody new on the roll; the elder has no account."""
        unit = self.branch
        if name in GROUP:
            unit = roster.unit_at(self.session, f"{BRANCH_1} / {GROUP[name]}")
        account = None if name == ELDER else ACCOUNT[name]
        person = roster.new_person(
            self.session, unit, f"Người {name}", kind=kind, telegram_id=account, consented_at=NOON
        )
        self.ids[name] = person.id

    def actor(self, name: str) -> Actor:
        return speakers.who(self.session, ACCOUNT.get(name, 0), today=TODAY, owner=False)

    def seat_id(self, name: str) -> int:
        """The number on the button; of who has no seat one that leads nowhere."""
        person_id = self.ids.get(name, 0)
        wanted = select(Seat.id).where(Seat.meeting_id == self.id, Seat.person_id == person_id)
        return self.session.exec(wanted).first() or 0

    # one step, in both

    def aim(self, step: Step) -> Step:
        """The same step, with somebody for whom there is something to do."""
        undoes = SAID[step.choice] in ("coming", "none", "online")
        wanted = {
            "say": lambda seat: bool(seat.leave) == undoes,
            "decide": lambda seat: seat.leave == "pending",
            "judge": lambda seat: seat.late == "waiting",
            "ask": lambda seat: not seat.how and not seat.late,
            "tap": lambda seat: not seat.how,
        }.get(step.act, lambda seat: True)
        able = [name for name, seat in self.model.seats.items() if wanted(seat)]
        if step.blind or not able:
            return step
        return step._replace(who=able[EVERYBODY.index(step.who) % len(able)])

    def step(self, step: Step) -> None:
        refused, step = (False, False), self.aim(step)
        try:
            self.imagine(step)
        except Refused:
            refused = (True, False)
        try:
            self.do(step)
        except (Refusal, NotFound):
            refused = (refused[0], True)
        assert refused[0] == refused[1], f"refused by the model, by the house: {refused}"
        self.session.flush()
        before, self.rows = self.rows, self.everything()
        changed = self.rows != before
        assert not (refused[1] and changed), "what was refused has changed something"
        event(f"{step.act}: {'refused' if refused[1] else 'changed' if changed else 'as it was'}")

    def imagine(self, step: Step) -> None:
        model, (act, who, by, choice, _blind) = self.model, step
        match act:
            case "say":
                model.say(who, who, SAID[choice])
            case "elder":
                model.say(ELDER, DEPUTY if choice else by, SAID[choice])
            case "decide":
                asked = model.seats[who].asked if who in model.seats else 0
                model.decide(who, by, choice % 2 == 0, max(0, asked - (choice == 5)))
            case "tap":
                model.tap(who, "private" if choice == 0 else "tap")
            case "mark":
                model.mark(ELDER if choice else who, DEPUTY)
            case "enter":
                model.enter(who, by, BECAME[choice])
            case "ask":
                model.ask(who)
            case "judge":
                model.judge(who, by, choice % 2 == 0)
            case "online":
                model.allow(by, choice != 0)
            case "deputy":
                model.name_deputy(by)
            case "clock":
                model.clock()
            case "roll":
                self.imagine_roll(who)
            case "wait":
                model.now += timedelta(minutes=WAITS[choice])
            case "begin":
                model.now = max(model.now, START)
            case _:
                {"open": model.open, "close": model.close, "reopen": model.reopen}.get(
                    act, model.lock
                )(by)

    def imagine_roll(self, who: str) -> None:
        if who in self.model.roll and who not in COMMITTEE:
            self.model.leave(who)
        elif who in NEWCOMERS and who not in self.ids:
            self.model.join(who)

    def do(self, step: Step) -> None:
        session, now, (act, who, by, choice, _blind) = self.session, self.model.now, step
        match act:
            case "say":
                self.say(self.actor(who), None, SAID[choice])
            case "elder":
                self.say(self.actor(DEPUTY if choice else by), self.ids[ELDER], SAID[choice])
            case "decide":
                seat = session.get(Seat, self.seat_id(who))
                asked = seat.requests if seat else 0
                keeping.decide_leave(
                    session,
                    self.actor(by),
                    self.seat_id(who),
                    max(0, asked - (choice == 5)),
                    approve=choice % 2 == 0,
                    profile="party",
                    now=now,
                )
            case "tap":
                attendance.tap(session, self.actor(who), self.id, private=choice == 0, now=now)
            case "mark":
                elder = self.ids.get(ELDER if choice else who, 0)
                attendance.mark_for(session, self.actor(DEPUTY), self.id, elder, now=now)
            case "enter":
                became = Presence(BECAME[choice])
                reason = "business" if became == Presence.EXCUSED else None
                attendance.enter(
                    session,
                    self.actor(by),
                    self.id,
                    self.seat_id(who),
                    became,
                    reason=reason,
                    now=now,
                )
            case "ask":
                attendance.ask_correction(session, self.actor(who), self.id, quiet=QUIET, now=now)
            case "judge":
                wanted = select(Correction.id).where(Correction.seat_id == self.seat_id(who))
                number = session.exec(wanted).first() or 0
                granted = choice % 2 == 0
                attendance.decide_correction(
                    session, self.actor(by), number, granted=granted, now=now
                )
            case "online" if choice:
                meetings.allow_online(session, self.actor(by), self.id, now=now)
            case "online":
                meetings.forbid_online(session, self.actor(by), self.id, now=now)
            case "deputy":
                elder, deputy = self.ids[ELDER], self.ids[DEPUTY]
                deputies.name(session, self.actor(by), elder, deputy, now=now)
            case "clock":
                attendance.close_due(session, self.id, now=now)
            case "roll":
                self.change_roll(who)
            case "open" | "close" | "reopen" | "lock":
                name = "open_roll" if act == "open" else act
                getattr(attendance, name)(session, self.actor(by), self.id, now=now)

    def say(self, actor: Actor, elder: int | None, what: str) -> None:
        how: dict[str, Any] = {"revision": 0, "elder": elder, "now": self.model.now}
        match what:
            case "none":
                meetings.withdraw(self.session, actor, self.id, **how)
            case "coming" | "online":
                meetings.come(self.session, actor, self.id, online=what == "online", **how)
            case _:
                meetings.ask_leave(self.session, actor, self.id, what, quiet=QUIET, **how)

    def change_roll(self, who: str) -> None:
        now = self.model.now
        person = self.session.get(Person, self.ids.get(who, 0))
        if person is None:
            self.settle_in(who, self.model.kinds[who])
            meetings.follow(self.session, {self.ids[who]}, {self.branch.id}, now=now)
        elif person.ended is None and who not in COMMITTEE:
            roster_edit.end_member(self.session, self.actor("an"), person.id, now=now, today=TODAY)

    # what is to be seen

    def everything(self) -> Any:
        """All rows that matter, and how many deeds were written down."""
        tables = [SQLModel.metadata.tables[name] for name in TABLES]
        rows = [self.session.connection().execute(each.select()).all() for each in tables]
        return rows, self.session.exec(select(func.count()).select_from(Deed)).one()

    def seats(self) -> dict[str, Seat]:
        wanted = select(Seat).where(Seat.meeting_id == self.id)
        found = self.session.exec(wanted.execution_options(populate_existing=True)).all()
        names = {number: name for name, number in self.ids.items()}
        assert len(found) == len({seat.person_id for seat in found}), "somebody sits twice"
        return {names[seat.person_id]: seat for seat in found}

    def agree(self) -> None:
        """Everybody stands as the model says, and every figure adds up to that."""
        model, seats = self.model, self.seats()
        meeting = self.session.get_one(Meeting, self.id, populate_existing=True)
        assert seats.keys() == model.seats.keys()
        for name, seat in seats.items():
            told, own = self.told(seat), model.seats[name]
            stored = (own.said, own.leave, own.asked, own.how, own.reason, own.stands(), own.by)
            assert told == stored, name
            assert seat.member_kind == own.kind
        assert (meeting.locked_at is not None) == model.locked
        assert (meeting.state == MeetingState.CLOSED) == model.closed
        assert attendance.is_open(meeting, model.now) == model.is_open()
        self.figures(meeting)
        self.stays(meeting, seats)

    def told(self, seat: Seat) -> tuple[Any, ...]:
        by = {number: name for name, number in self.ids.items()}.get(seat.answered_by or 0, "")
        stands = attendance.presence(seat).value
        how, leave = seat.how or "", seat.leave or ""
        reason = seat.leave_reason or ""
        return seat.answer, leave, seat.requests, how, reason, stands, by

    def figures(self, meeting: Meeting) -> None:
        model, totals = self.model, attendance.totals(self.session, meeting)
        whole = model.count(set(model.seats))
        assert figures_of(totals.all) == whole
        assert totals.all.convened == sum(whole.values()) - whole["exempt"]
        assert totals.all.convened + totals.all.exempt == len(model.seats)
        shown = {name: figures_of(count) for name, count in totals.groups}
        for group in {GROUP.get(name, "") for name in model.seats}:
            own = model.count({name for name in model.seats if GROUP.get(name, "") == group})
            expected = sum(own.values()) - own["exempt"]
            if not group:
                assert figures_of(totals.direct) == own
            elif expected:
                assert shown.pop(group) == own
        assert not shown, "a group in which nobody is convened"
        missing = {person.id for _reach, person in attendance.missing(self.session, meeting.id)}
        away = {
            self.ids[name]
            for name, seat in model.seats.items()
            if seat.stands() in ("absent", "pending")
        }
        assert missing == away
        self.answers(meeting)

    def answers(self, meeting: Meeting) -> None:
        """What the desk tells before the meeting: each of those convened once."""
        tally = meetings.tally(self.session, meeting.id)
        counted = [seat for seat in self.model.seats.values() if seat.stands() != "exempt"]
        decided = Counter(seat.leave for seat in counted)
        free = Counter(seat.said for seat in counted if not seat.leave)
        assert (tally.granted, tally.pending, tally.refused) == (
            decided["approved"],
            decided["pending"],
            decided["refused"],
        )
        assert (tally.coming, tally.online) == (free["coming"] + free["online"], free["online"])
        assert tally.silent == free["none"] + free["leave"]
        assert tally.convened == len(counted)

    def stays(self, meeting: Meeting, seats: dict[str, Seat]) -> None:
        """What is locked is as it was when it was locked."""
        if not self.model.locked:
            return
        now = {name: (self.told(seat), seat.present_at) for name, seat in seats.items()}
        written = (now, figures_of(attendance.totals(self.session, meeting).all))
        self.final = self.final or written
        assert written == self.final

    def year(self) -> None:
        """The record of each person, of the roll that is closed."""
        for name, seat in self.model.seats.items():
            record = attendance.record_of(self.session, self.ids[name], START.year)
            stands = seat.stands() if self.model.closed else "exempt"
            expected = [stands != "exempt", stands == "present", stands == "excused"]
            assert [*record] == [*expected, stands == "absent"], name
            kept = keeping.kept(self.session, self.ids[name], START.year)
            came = stands == "present"
            assert (kept.held, kept.present) == (stands != "exempt", came)
            said = stands != "exempt" and seat.said in ("coming", "online")
            assert (kept.said, kept.came) == (said, said and came)


def figures_of(count: Count) -> Counter[str]:
    found = {each.value: count.of(each) for each in Presence}
    return Counter({name: number for name, number in found.items() if number})


def play(
    session: Session, cast: dict[str, int], kinds: dict[str, Kind], history: list[Step]
) -> None:
    """The history from the beginning; nothing of it is kept."""
    savepoint = session.begin_nested()
    try:
        played = Play(session, cast, kinds)
        played.agree()
        for step in history:
            played.step(step)
            played.agree()
        played.year()
    finally:
        savepoint.rollback()
        session.expire_all()


@pytest.mark.parametrize("dialect", ["sqlite"])
@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],  # a history is short enough to be read as it is
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(kinds=KINDS, history=HISTORIES)
def test_whatever_happens_the_figures_add_up(
    session: Session, cast: dict[str, int], kinds: dict[str, Kind], history: list[Step]
) -> None:
    play(session, cast, kinds, history)
