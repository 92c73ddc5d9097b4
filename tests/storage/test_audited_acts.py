"""Each act that changes rights, people's data or what counts as official leaves one entry.

An entry names people, units and meetings by their ids; the cases below say what exactly.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session, col, select

from storage import (
    agenda,
    attendance,
    audit,
    backup,
    bank,
    campaigns,
    chairing,
    contest,
    deputies,
    essays,
    follow,
    groups,
    inbox,
    joining,
    meetings,
    minutes,
    outbox,
    papers,
    pledges,
    polls,
    prints,
    quality,
    questions,
    report,
    roster,
    roster_edit,
    roster_import,
    rules,
    series,
    speakers,
    tasks,
)
from storage.acts import Did
from storage.attendance import Presence, Signal, SpotCheck
from storage.audit import Deed
from storage.chairing import Part
from storage.contest import live
from storage.contest.tables import LiveRound
from storage.db import Database
from storage.errors import NotFound, Refusal
from storage.essays import EssayCall
from storage.inbox import Ticket, TicketKind
from storage.joining import JoinRequest
from storage.meetings import Change, Meeting, MeetingKind, Plan, Seat
from storage.outbox import Notice, State
from storage.papers import Paper, Sent
from storage.pledges import PledgeYear
from storage.polls import Poll
from storage.powers import SHELL, Actor, Role
from storage.quality import Criterion
from storage.questions import NewEntry
from storage.quiet import Quiet
from storage.roster import Person
from storage.roster_import import read_roster
from storage.rules import changing
from storage.tasks import Task
from tests.town import ACCOUNTS, BRANCH_1, BRANCH_2, NOON, OWNER, STRANGER, settle, unit_id

ZONE = "Asia/Ho_Chi_Minh"
QUIET = Quiet("21:30-06:30", ZONE)
TODAY = NOON.date()
START = datetime.fromisoformat("2026-08-03T19:30:00+07:00")
AFTER = START + timedelta(hours=1)
SETTLED = AFTER + timedelta(hours=48)
DUE = date(2026, 9, 15)
CHIEF = Actor(OWNER, owner=True)
NUMBERS = itertools.count(1)  # no two forms and no two strangers are the same
NEW_ACCOUNT, OTHER_ACCOUNT = 700_000_001, 700_000_002

# What people have said or are called; none of it may be in an entry.
PLACE, REASON, ANSWER = "Nhà văn hóa Bến Sông", "đưa cháu đi khám", "Đồng chí đóng ở nơi mới"
QUESTION, CONCLUSION, PHONE = "Đi công tác đóng ở đâu", "Dọn tuyến hẻm 12", "0912345678"
FORM = b"PK Danh s\xc3\xa1ch m\xe1\xba\xadt"
NEWCOMER, STRANGER_NAME = "Mai Thị Xuyến", "Người Lạ Mặt"
ITEM = bank.NewItem(bank.ItemKind.SHORT, QUESTION, (ANSWER,))
HEAD = "Họ và tên;Đơn vị;Chức vụ;Điện thoại;Telegram ID"
CAMPAIGN = """
name = "Học tập Chuyên đề Tám"
unit = "Chi bộ 1"
starts = 2026-08-01
ends = 2026-08-31
[[lesson]]
title = "Bài Một"
text = "Đọc."
"""


class Scene:
    """The cast, and what an act needs to have happened before."""

    def __init__(self, session: Session, cast: dict[str, int]) -> None:
        self.session, self.cast = session, cast
        self.branch = unit_id(session, BRANCH_1)

    def actor(self, name: str) -> Actor:
        return speakers.who(self.session, ACCOUNTS[name], today=TODAY, owner=False)

    def newcomer(self, **fields: Any) -> Person:
        """Somebody on the roll of Chi bộ 1 whom no other case knows."""
        unit = roster.unit_at(self.session, BRANCH_1)
        return roster.new_person(self.session, unit, NEWCOMER, phone=PHONE, **fields)

    def about(self, person: Person) -> dict[str, int]:
        return {"person": person.id, "unit": self.branch}

    def called(self) -> Meeting:
        plan = Plan(self.branch, MeetingKind.REGULAR, START, PLACE)
        token, an = f"form-{next(NUMBERS)}", self.actor("an")
        return meetings.call(self.session, an, plan, token=token, quiet=QUIET, now=NOON)

    def monthly(self, day: int = 13) -> series.Plan:
        pattern = series.Pattern(day=day)
        return series.Plan(self.branch, MeetingKind.REGULAR, pattern, "19:30", PLACE)

    def begun(self, token: str = "") -> series.Series:
        """A series of Chi bộ 1, kept by An, in place of any other."""
        token = token or f"form-{next(NUMBERS)}"
        for row in series.running(self.session, [self.branch]):
            row.ended_at = None if row.token == token else NOON
        self.session.flush()
        an = self.actor("an")
        return series.start(self.session, an, self.monthly(), token=token, quiet=QUIET, now=NOON)

    def moved(self, meeting: Meeting) -> Change:
        change = meetings.move(
            self.session,
            self.actor("an"),
            meeting.id,
            revision=0,
            starts_at=AFTER,
            place=PLACE,
            now=NOON,
        )
        assert change is not None
        return change

    def asks_leave(self, meeting: Meeting, name: str) -> Seat:
        return meetings.ask_leave(
            self.session, self.actor(name), meeting.id, REASON, revision=0, quiet=QUIET, now=NOON
        )

    def opened(self) -> Meeting:
        return attendance.open_roll(self.session, self.actor("an"), self.called().id, now=START)

    def closed(self) -> Meeting:
        return attendance.close(self.session, self.actor("an"), self.opened().id, now=AFTER)

    def missed(self) -> Meeting:
        """A settled meeting that Giang alone has missed, where one month is enough."""
        unit = roster.unit_at(self.session, BRANCH_1)
        rules.set_own(self.session, "party", "missed.warn", unit, 1, by=None, now=NOON)
        meeting = self.closed()
        for seat in self.session.exec(select(Seat).where(Seat.meeting_id == meeting.id)).all():
            seat.present_at = None if seat.person_id == self.cast["giang"] else START
            self.session.add(seat)
        self.session.flush()
        return meeting

    def weighed(self, meeting: Meeting) -> None:
        report.weigh(self.session, meeting.id, profile="party", quiet=QUIET, now=SETTLED)

    def scored(self) -> Meeting:
        """A closed meeting with Giang present and all points proposed."""
        meeting = self.opened()
        attendance.tap(self.session, self.actor("giang"), meeting.id, now=START)
        attendance.close(self.session, self.actor("an"), meeting.id, now=AFTER)
        for criterion in Criterion:
            self.propose(meeting, criterion, 10)
        return meeting

    def propose(self, meeting: Meeting, criterion: Criterion, points: int) -> None:
        an = self.actor("an")
        quality.propose(self.session, an, "party", meeting.id, criterion, points, now=AFTER)

    def asks(self, meeting: Meeting) -> None:
        quality.ask(self.session, self.actor("an"), "party", meeting.id, quiet=QUIET, now=AFTER)

    def agrees(self, meeting: Meeting) -> None:
        an = self.actor("an")
        quality.agree(self.session, an, "party", meeting.id, 0, quiet=QUIET, now=AFTER)

    def signed_by(self, chair: str, minute_taker: str) -> Meeting:
        """A closed meeting with those who sign its minutes."""
        meeting = self.closed()
        meeting.chair_id, meeting.minute_taker_id = self.cast[chair], self.cast[minute_taker]
        self.session.flush()
        return meeting

    def keep_form(self) -> None:
        an = self.actor("an")
        minutes.keep_form(self.session, an, self.branch, "Mẫu.docx", FORM, now=AFTER)

    def item(self) -> bank.Item:
        bank.put(self.session, self.actor("an"), self.branch, [ITEM], now=NOON)
        return self.session.exec(select(bank.Item).where(bank.Item.ask == QUESTION)).one()

    def send_minutes(self, meeting: Meeting) -> dict[str, int]:
        """The minutes are sent; the questions, by whom they are for."""
        an = self.actor("an")
        minutes.send(self.session, an, meeting.id, profile="party", quiet=QUIET, now=AFTER)
        asked = select(minutes.Confirmation).where(minutes.Confirmation.meeting_id == meeting.id)
        names = {number: name for name, number in self.cast.items()}
        return {names[each.person_id]: each.id for each in self.session.exec(asked)}

    def meeting(self, meeting: Meeting) -> dict[str, int]:
        return {"meeting": meeting.id, "unit": self.branch}

    def seat(self, meeting: Meeting, name: str) -> Seat:
        return self.session.exec(
            select(Seat).where(Seat.meeting_id == meeting.id, Seat.person_id == self.cast[name])
        ).one()

    def present(self, name: str) -> tuple[Meeting, Seat]:
        """Somebody has tapped."""
        meeting = self.opened()
        attendance.tap(self.session, self.actor(name), meeting.id, now=START)
        return meeting, self.seat(meeting, name)

    def early(self) -> Meeting:
        """Somebody has tapped at noon, for the evening."""
        an, meeting = self.actor("an"), self.called()
        attendance.open_roll(self.session, an, meeting.id, now=NOON)
        attendance.tap(self.session, self.actor("khanh"), meeting.id, now=NOON)
        return meeting

    def spot(self, meeting: Meeting) -> SpotCheck:
        found = select(SpotCheck).where(SpotCheck.meeting_id == meeting.id)
        return self.session.exec(found.where(SpotCheck.signal == Signal.OUTSIDE)).one()

    def asked(self) -> JoinRequest:
        joining.ask(
            self.session,
            STRANGER + next(NUMBERS),
            STRANGER_NAME,
            "Chi bộ 1",
            owner_id=None,
            quiet_hours="",
            zone=ZONE,
            today=TODAY,
            now=NOON,
        )
        return self.session.exec(select(JoinRequest).order_by(col(JoinRequest.id).desc())).all()[0]

    def ticket(self, *, anonymous: bool = False) -> Ticket:
        return inbox.send(
            self.session,
            self.actor("huong"),
            TicketKind.QUESTION,
            QUESTION,
            anonymous=anonymous,
            form=f"ticket-{next(NUMBERS)}",
            now=NOON,
            zone=ZONE,
            quiet_hours="",
        )

    def unsure(self) -> Notice:
        """An answer to an anonymous question, of which nobody knows whether it arrived."""
        ticket = self.ticket(anonymous=True)
        inbox.answer(self.session, self.actor("an"), ticket.id, ANSWER, now=NOON)
        owed = select(Notice).where(Notice.subject == ticket.subject)
        notice = self.session.exec(owed.where(Notice.kind == "ticket.answered")).one()
        notice.state, notice.unknowns, notice.settled_at = State.UNKNOWN, 1, NOON
        self.session.add(notice)
        self.session.flush()
        return notice

    def given(self) -> Task:
        meeting, token = self.called(), f"task-{next(NUMBERS)}"
        return tasks.give(
            self.session,
            self.actor("an"),
            meeting.id,
            CONCLUSION,
            self.cast["huong"],
            DUE,
            token=token,
            quiet=QUIET,
            now=NOON,
        )

    def contested(self) -> contest.Contest:
        """A contest of Chi bộ 1, with a bank to draw from."""
        items = [
            bank.NewItem(bank.ItemKind.TRUE_FALSE, f"{QUESTION} {at}", ("đúng", "sai"), (0,))
            for at in range(5)
        ]
        bank.enter(self.session, self.branch, items, author_id=None, now=NOON)
        figures, token = contest.sets()["weekly"].figures, f"contest-{next(NUMBERS)}"
        new = contest.NewContest(self.branch, PLACE, "weekly", figures, date(2026, 8, 10))
        an = self.actor("an")
        return contest.start(self.session, an, new, token=token, zone=ZONE, now=NOON)

    def room(self) -> str:
        """The group of Chi bộ 1, and a bank for a quiz in it; a token for one."""
        self.contested()
        if groups.of_unit(self.session, self.branch) is None:
            groups.link(self.session, self.actor("an"), -1_001_111_111, self.branch, now=NOON)
        return f"live-{next(NUMBERS)}"

    def quiz(self, token: str) -> LiveRound:
        an, figures = self.actor("an"), {"number": 5, "seconds": 30}
        return live.start_live(
            *(self.session, an, self.branch, ""), **figures, token=token, zone=ZONE, now=NOON
        )

    def round(self) -> contest.Round:
        made = self.contested()
        found = select(contest.Round).where(contest.Round.contest_id == made.id)
        return self.session.exec(found.order_by(col(contest.Round.number))).all()[0]

    def of_round(self, round_: contest.Round) -> dict[str, int]:
        return {"round": round_.id, "contest": round_.contest_id, "unit": self.branch}

    def task(self, task: Task) -> dict[str, int]:
        return {"task": task.id, "meeting": task.meeting_id or 0, "unit": self.branch}

    def polled(self, meeting: Meeting) -> Poll:
        return polls.hold(
            self.session,
            self.actor("an"),
            meeting.id,
            QUESTION,
            [],
            minutes=10,
            live=False,
            token=f"poll-{next(NUMBERS)}",
            quiet=QUIET,
            now=START,
        )

    def pledged(self) -> PledgeYear:
        """The commitment of a team that no other case knows, led by An."""
        unit = roster.unit_at(self.session, f"{BRANCH_1} / Tổ {next(NUMBERS)}")
        an = self.session.get_one(Person, self.cast["an"])
        roster.give_role(self.session, an, unit.id, Role.SECRETARY, today=TODAY, by=None)
        return pledges.start(
            self.session,
            self.actor("an"),
            unit.id,
            2026,
            ["Một", "Hai"],
            DUE,
            quiet=QUIET,
            now=NOON,
        )

    def signer(self, year: PledgeYear) -> Actor:
        """Somebody of that team who has written under both headings."""
        unit = self.session.get_one(roster.Unit, year.unit_id)
        account = NEW_ACCOUNT + 100 + next(NUMBERS)
        roster.new_person(
            self.session, unit, NEWCOMER, telegram_id=account, consented_at=NOON, started=True
        )
        who = speakers.who(self.session, account, today=TODAY, owner=False)
        for key in (1, 2):
            pledges.write(self.session, who, year.id, key, REASON, now=NOON)
        return who

    def signs(self, year: PledgeYear, who: Actor) -> None:
        stamp = pledges.own(self.session, who, year.id).stamp
        pledges.sign(self.session, who, year.id, stamp, now=NOON)

    def campaign(self) -> campaigns.Campaign:
        """A campaign of a team that no other case knows, led by An."""
        unit = roster.unit_at(self.session, f"{BRANCH_1} / Tổ {next(NUMBERS)}")
        an = self.session.get_one(Person, self.cast["an"])
        roster.give_role(self.session, an, unit.id, Role.SECRETARY, today=TODAY, by=None)
        made = campaigns.Campaign(
            unit_id=unit.id,
            name="Học tập",
            folded="hoc tap",
            starts=TODAY,
            ends=DUE,
            zone=ZONE,
            passing=0.5,
            imported_at=NOON,
        )
        self.session.add(made)
        self.session.flush()
        return made

    def essay_asked(self, campaign: campaigns.Campaign) -> EssayCall:
        an = self.actor("an")
        return essays.ask(self.session, an, campaign.id, QUESTION, DUE, quiet=QUIET, now=NOON)

    def essay_call(self, campaign: campaigns.Campaign, call: EssayCall) -> dict[str, int]:
        return {"essay_call": call.id, "campaign": campaign.id, "unit": campaign.unit_id}

    def name(self, account: int) -> str:
        return audit.account(self.session, account) or ""


@dataclass
class Act:
    """An act, and the entry that it must leave."""

    do: Callable[[], object]
    by: str  # one of the cast, or an actor as the audit writes it
    about: dict[str, int]
    details: dict[str, Any] = field(default_factory=dict)
    now: datetime = NOON


CASES: dict[str, tuple[Did, Callable[[Scene], Act]]] = {}


def case(did: Did) -> Callable[[Callable[[Scene], Act]], Callable[[Scene], Act]]:
    def keep(build: Callable[[Scene], Act]) -> Callable[[Scene], Act]:
        CASES[build.__name__] = (did, build)
        return build

    return keep


def entries(session: Session) -> list[Deed]:
    return list(session.exec(select(Deed).order_by(col(Deed.id))).all())


# -- the roster --------------------------------------------------------------------------------


@case(Did.ROSTER_IMPORT)
def a_file_is_written(scene: Scene) -> Act:
    session = scene.session
    changed = scene.newcomer(card="77.000001")
    table = read_roster(
        "\n".join(
            [
                f"{HEAD};Số thẻ",
                f"{NEWCOMER};{BRANCH_1};Chi ủy viên;;;77.000001",
                f"Đoàn Văn Thật;{BRANCH_1};;{PHONE};777000777;77.000002",
                f"Đoàn Thị Thà;{BRANCH_1};;;;77.000003",
            ]
        ).encode(),
        "roster.csv",
    )
    kept = roster_import.keep_file(session, CHIEF, "Danh sách mật.csv", list(table), [], now=NOON)

    def write() -> None:
        roster_import.write_kept(session, CHIEF, kept.id, now=NOON, today=TODAY)

    first = changed.id + 1
    details = {
        "new": f"{first}-{first + 1}",
        "changed": f"{changed.id}",
        "linked": f"{first}",
        "given": f"{changed.id}:{scene.branch}:committee",
    }
    return Act(write, scene.name(OWNER).replace("account", "owner"), {"file": kept.id}, details)


@case(Did.ROSTER_UNDO)
def a_file_is_taken_back(scene: Scene) -> Act:
    session, line = scene.session, f"Hồ Văn Quý;{BRANCH_1};Chi ủy viên;;"
    table = read_roster(f"{HEAD}\n{line}".encode(), "roster.csv")
    kept = roster_import.keep_file(session, CHIEF, "roster.csv", list(table), [], now=NOON)
    roster_import.write_kept(session, CHIEF, kept.id, now=NOON, today=TODAY)
    new = (kept.undo or {})["new"][0]
    return Act(
        lambda: roster_import.undo(session, CHIEF, kept.id, now=NOON),
        scene.name(OWNER).replace("account", "owner"),
        {"file": kept.id},
        {"new": f"{new}"},
    )


@case(Did.ROSTER_ADD)
def somebody_is_added(scene: Scene) -> Act:
    act = Act(lambda: None, "an", {})

    def add() -> None:
        person = roster_edit.add(
            scene.session, scene.actor("an"), scene.branch, "Hồ Thị Sen", now=NOON
        )
        act.about |= {"person": person.id, "unit": scene.branch}

    act.do = add
    return act


@case(Did.ROSTER_CORRECT)
def a_telephone_is_corrected(scene: Scene) -> Act:
    person, an = scene.newcomer(), scene.actor("an")
    return Act(
        lambda: roster_edit.correct(
            scene.session, an, person.id, "phone", "0987654321", now=NOON, today=TODAY
        ),
        "an",
        scene.about(person),
        {"field": "phone"},
    )


@case(Did.ROSTER_MOVE)
def somebody_changes_to_another_unit(scene: Scene) -> Act:
    person, there = scene.newcomer(), unit_id(scene.session, BRANCH_2)
    return Act(
        lambda: roster_edit.move(scene.session, scene.actor("oanh"), person.id, there, now=NOON),
        "oanh",
        {"person": person.id, "unit": there},
        {"before": scene.branch},
    )


@case(Did.ROSTER_END)
def somebody_with_a_role_and_a_link_leaves(scene: Scene) -> Act:
    session, an = scene.session, scene.actor("an")
    person = scene.newcomer(telegram_id=NEW_ACCOUNT, consented_at=NOON)
    roster.give_role(session, person, scene.branch, Role.COMMITTEE, today=TODAY, by=None)
    joining.invite(session, an, person.id, now=NOON)
    return Act(
        lambda: roster_edit.end_member(session, an, person.id, now=NOON, today=TODAY),
        "an",
        scene.about(person),
        {"roles": f"{scene.branch}:committee", "links": 1, "account": scene.name(NEW_ACCOUNT)},
    )


@case(Did.ROLE_GIVE)
def a_role_takes_the_place_of_another(scene: Scene) -> Act:
    session, an, person = scene.session, scene.actor("an"), scene.newcomer()
    roster.give_role(session, person, scene.branch, Role.COMMITTEE, today=TODAY, by=None)
    return Act(
        lambda: roster_edit.give_role(
            session, an, person.id, scene.branch, Role.DEPUTY, quiet=QUIET, now=NOON, today=TODAY
        ),
        "an",
        scene.about(person),
        {"role": "deputy", "was": "committee"},
    )


@case(Did.ROLE_END)
def a_role_ends(scene: Scene) -> Act:
    session, an, person = scene.session, scene.actor("an"), scene.newcomer()
    grant = roster.give_role(session, person, scene.branch, Role.DEPUTY, today=TODAY, by=None)
    return Act(
        lambda: roster_edit.end_role(session, an, grant.id, now=NOON, today=TODAY),
        "an",
        scene.about(person),
        {"role": "deputy"},
    )


# -- getting in --------------------------------------------------------------------------------


@case(Did.LINK_MAKE)
def a_link_is_made_and_the_older_one_stops(scene: Scene) -> Act:
    session, an, person = scene.session, scene.actor("an"), scene.newcomer()
    joining.invite(session, an, person.id, now=NOON)
    return Act(
        lambda: joining.invite(session, an, person.id, now=NOON),
        "an",
        scene.about(person),
        {"revoked": 1},
    )


@case(Did.LINK_MAKE)
def links_are_made_for_a_whole_unit(scene: Scene) -> Act:
    unit = roster.unit_at(scene.session, f"{BRANCH_1} / Tổ 9")
    first = roster.new_person(scene.session, unit, NEWCOMER)
    second = roster.new_person(scene.session, unit, NEWCOMER)
    return Act(
        lambda: joining.invites_for(scene.session, unit, now=NOON),
        "shell",
        {"unit": unit.id},
        {"people": f"{first.id}-{second.id}"},
    )


@case(Did.LINK_USE)
def a_link_is_used(scene: Scene) -> Act:
    session, person = scene.session, scene.newcomer()
    code = joining.invite(session, scene.actor("an"), person.id, now=NOON)
    return Act(
        lambda: joining.confirm(session, OTHER_ACCOUNT, code, now=NOON),
        f"person:{person.id}",
        scene.about(person),  # and no account: they have not agreed yet
    )


@case(Did.LINK_RELINK)
def somebody_moves_to_another_account(scene: Scene) -> Act:
    session, before, after = scene.session, NEW_ACCOUNT + 10, NEW_ACCOUNT + 11
    person = scene.newcomer(telegram_id=before, consented_at=NOON)
    code = joining.invite(session, scene.actor("an"), person.id, now=NOON)
    return Act(
        lambda: joining.confirm(session, after, code, now=NOON),
        f"person:{person.id}",
        scene.about(person),
        {"account": scene.name(after), "before": scene.name(before)},
    )


@case(Did.CONSENT_GIVE)
def somebody_agrees(scene: Scene) -> Act:
    account = NEW_ACCOUNT + 20
    person = scene.newcomer(telegram_id=account)
    return Act(
        lambda: joining.agree(scene.session, person, now=NOON),
        f"person:{person.id}",
        scene.about(person),
        {"account": scene.name(account)},
    )


@case(Did.CONSENT_REFUSE)
def somebody_does_not_agree(scene: Scene) -> Act:
    person = scene.newcomer(telegram_id=NEW_ACCOUNT + 30)
    return Act(
        lambda: joining.decline(scene.session, person, now=NOON),
        f"person:{person.id}",
        scene.about(person),  # nothing of the account is kept
    )


@case(Did.JOIN_ACCEPT)
def a_stranger_is_let_in(scene: Scene) -> Act:
    request, person = scene.asked(), scene.newcomer()
    return Act(
        lambda: joining.let_in(scene.session, scene.actor("an"), request.id, person.id, now=NOON),
        "an",
        {"request": request.id, **scene.about(person)},
    )


@case(Did.JOIN_REFUSE)
def a_stranger_is_turned_down(scene: Scene) -> Act:
    request = scene.asked()
    return Act(
        lambda: joining.turn_down(scene.session, scene.actor("an"), request.id, now=NOON),
        "an",
        {"request": request.id, "unit": scene.branch},
        {"account": scene.name(request.telegram_id)},
    )


@case(Did.GROUP_LINK)
def a_group_is_given_to_another_unit(scene: Scene) -> Act:
    session, there = scene.session, unit_id(scene.session, BRANCH_2)
    group = groups.link(session, CHIEF, -1_001_234_567, there, now=NOON)
    return Act(
        lambda: groups.link(session, scene.actor("oanh"), group.chat_id, scene.branch, now=NOON),
        "oanh",
        {"group": group.id, "unit": scene.branch},
        {"before": there},
    )


# -- meetings ----------------------------------------------------------------------------------


@case(Did.MEETING_CALL)
def a_meeting_is_called(scene: Scene) -> Act:
    act = Act(lambda: None, "an", {}, {"starts": "2026-08-03T12:30:00+00:00"})

    def call() -> None:
        act.about |= scene.meeting(scene.called())

    act.do = call
    return act


@case(Did.MEETING_UNDO)
def a_call_is_taken_back(scene: Scene) -> Act:
    meeting = scene.called()
    return Act(
        lambda: meetings.undo(scene.session, scene.actor("an"), meeting.id, now=NOON),
        "an",
        scene.meeting(meeting),
    )


@case(Did.MEETING_MOVE)
def a_meeting_is_moved(scene: Scene) -> Act:
    meeting = scene.called()
    times = {"was": "2026-08-03T12:30:00+00:00", "starts": "2026-08-03T13:30:00+00:00"}
    act = Act(lambda: None, "an", scene.meeting(meeting), times)

    def move() -> None:
        act.about |= {"change": scene.moved(meeting).id}

    act.do = move
    return act


@case(Did.MEETING_CANCEL)
def a_meeting_is_called_off(scene: Scene) -> Act:
    session, meeting = scene.session, scene.called()
    act = Act(lambda: None, "chi", scene.meeting(meeting))

    def call_off() -> None:
        change = meetings.call_off(session, scene.actor("chi"), meeting.id, now=NOON)
        assert change is not None
        act.about |= {"change": change.id}

    act.do = call_off
    return act


@case(Did.CHANGE_UNDO)
def a_change_is_taken_back_within_its_minute(scene: Scene) -> Act:
    meeting = scene.called()
    change = scene.moved(meeting)
    return Act(
        lambda: meetings.undo_change(scene.session, scene.actor("binh"), change.id, now=NOON),
        "binh",
        {**scene.meeting(meeting), "change": change.id},
    )


@case(Did.CHANGE_DONE)
def a_change_comes_about(scene: Scene) -> Act:
    meeting = scene.called()
    change = scene.moved(meeting)
    return Act(
        lambda: meetings.carry_out(scene.session, meeting.id, quiet=QUIET, now=change.due_at),
        "clock",
        {**scene.meeting(meeting), "change": change.id},
        now=NOON + timedelta(minutes=1),
    )


@case(Did.ABSENCE_DECIDE)
def leave_is_refused(scene: Scene) -> Act:
    session, meeting = scene.session, scene.called()
    seat = scene.asks_leave(meeting, "huong")
    return Act(
        lambda: meetings.decide(
            session, scene.actor("an"), seat.id, seat.requests, approve=False, now=NOON
        ),
        "an",
        {**scene.meeting(meeting), "person": scene.cast["huong"]},
        {"became": "refused"},
    )


# -- series ------------------------------------------------------------------------------------


@case(Did.SERIES_START)
def a_series_is_begun(scene: Scene) -> Act:
    act, token = Act(lambda: None, "an", {}), f"form-{next(NUMBERS)}"

    def begin() -> None:
        act.about |= scene.begun(token).about

    act.do = begin
    return act


@case(Did.SERIES_CHANGE)
def a_series_gets_another_day(scene: Scene) -> Act:
    row = scene.begun()
    return Act(
        lambda: series.change(
            scene.session,
            scene.actor("chi"),
            row.id,
            scene.monthly(14),
            revision=0,
            quiet=QUIET,
            now=NOON,
        ),
        "chi",
        row.about,
    )


@case(Did.SERIES_CHANGE)
def a_series_is_to_call_its_meetings_itself(scene: Scene) -> Act:
    session, row = scene.session, scene.begun()
    return Act(
        lambda: series.send_itself(session, scene.actor("binh"), row.id, itself=True, now=NOON),
        "binh",
        row.about,
        {"itself": 1},
    )


@case(Did.SERIES_END)
def a_series_is_ended(scene: Scene) -> Act:
    row = scene.begun()
    return Act(
        lambda: series.end(scene.session, scene.actor("an"), row.id, now=NOON), "an", row.about
    )


def a_deputy(scene: Scene) -> deputies.Deputy:
    dung, huong = scene.cast["dung"], scene.cast["huong"]
    return deputies.name(scene.session, scene.actor("an"), dung, huong, now=NOON)


@case(Did.DEPUTY_NAME)
def a_deputy_is_named(scene: Scene) -> Act:
    dung, huong = scene.cast["dung"], scene.cast["huong"]
    return Act(
        lambda: deputies.name(scene.session, scene.actor("an"), dung, huong, now=NOON),
        "an",
        {"person": dung, "unit": scene.branch, "deputy": huong},
    )


@case(Did.DEPUTY_END)
def a_deputy_ends_it(scene: Scene) -> Act:
    deputy = a_deputy(scene)
    return Act(
        lambda: deputies.end(scene.session, scene.actor("huong"), deputy.id, now=NOON),
        "huong",
        {"person": scene.cast["dung"], "unit": scene.branch, "deputy": scene.cast["huong"]},
    )


@case(Did.DEPUTY_ANSWER)
def a_deputy_answers(scene: Scene) -> Act:
    meeting, dung = scene.called(), scene.cast["dung"]
    a_deputy(scene)
    return Act(
        lambda: meetings.come(
            scene.session, scene.actor("huong"), meeting.id, revision=0, elder=dung, now=NOON
        ),
        "huong",
        {**scene.meeting(meeting), "person": dung},
        {"answer": "coming"},
    )


@case(Did.DEPUTY_MARK)
def a_deputy_marks(scene: Scene) -> Act:
    meeting, dung = scene.opened(), scene.cast["dung"]
    a_deputy(scene)
    return Act(
        lambda: attendance.mark_for(
            scene.session, scene.actor("huong"), meeting.id, dung, now=START
        ),
        "huong",
        {**scene.meeting(meeting), "person": dung},
        {"was": "absent", "became": "present"},
        now=START,
    )


@case(Did.MEETING_ONLINE)
def a_meeting_is_opened_to_those_afar(scene: Scene) -> Act:
    meeting = scene.called()
    return Act(
        lambda: meetings.allow_online(scene.session, scene.actor("an"), meeting.id, now=NOON),
        "an",
        scene.meeting(meeting),
        {"allowed": 1},
    )


# -- attendance --------------------------------------------------------------------------------


@case(Did.ROLL_OPEN)
def a_check_in_is_opened(scene: Scene) -> Act:
    meeting = scene.called()
    return Act(
        lambda: attendance.open_roll(scene.session, scene.actor("an"), meeting.id, now=START),
        "an",
        scene.meeting(meeting),
        now=START,
    )


@case(Did.ROLL_OPEN)
def a_check_in_is_opened_on_the_day_before(scene: Scene) -> Act:
    meeting, ahead = scene.called(), START - timedelta(hours=23)
    return Act(
        lambda: attendance.open_roll(scene.session, scene.actor("binh"), meeting.id, now=ahead),
        "binh",
        scene.meeting(meeting),
        now=ahead,
    )


@case(Did.ROLL_REOPEN)
def a_closed_check_in_is_opened_again(scene: Scene) -> Act:
    meeting = scene.closed()
    return Act(
        lambda: attendance.reopen(scene.session, scene.actor("binh"), meeting.id, now=AFTER),
        "binh",
        scene.meeting(meeting),
        now=AFTER,
    )


@case(Did.ROLL_CLOSE)
def a_check_in_is_closed(scene: Scene) -> Act:
    meeting = scene.opened()
    return Act(
        lambda: attendance.close(scene.session, scene.actor("chi"), meeting.id, now=AFTER),
        "chi",
        scene.meeting(meeting),
        now=AFTER,
    )


@case(Did.ROLL_CLOSE)
def a_check_in_closes_by_itself(scene: Scene) -> Act:
    meeting = scene.opened()
    return Act(
        lambda: attendance.close_due(scene.session, meeting.id, now=AFTER),
        "clock",
        scene.meeting(meeting),
        now=AFTER,
    )


@case(Did.PRESENCE_ENTER)
def somebody_is_entered_by_the_committee(scene: Scene) -> Act:
    meeting = scene.opened()
    seat = scene.seat(meeting, "khanh")
    return Act(
        lambda: attendance.enter(
            scene.session, scene.actor("chi"), meeting.id, seat.id, Presence.PRESENT, now=START
        ),
        "chi",
        {**scene.meeting(meeting), "person": scene.cast["khanh"]},
        {"was": "absent", "became": "present"},
        now=START,
    )


@case(Did.PRESENCE_LATE)
def somebody_who_is_there_came_late(scene: Scene) -> Act:
    meeting, seat = scene.present("khanh")
    return Act(
        lambda: attendance.mark_late(
            scene.session, scene.actor("chi"), meeting.id, seat.id, late=True, now=AFTER
        ),
        "chi",
        {**scene.meeting(meeting), "person": scene.cast["khanh"]},
        {"late": True},
        now=AFTER,
    )


@case(Did.PRESENCE_LEFT)
def somebody_who_came_left_early(scene: Scene) -> Act:
    meeting, seat = scene.present("khanh")
    return Act(
        lambda: attendance.mark_left(
            scene.session, scene.actor("chi"), meeting.id, seat.id, left=True, now=AFTER
        ),
        "chi",
        {**scene.meeting(meeting), "person": scene.cast["khanh"]},
        {"left": True},
        now=AFTER,
    )


@case(Did.SPOT_ASK)
def the_chair_is_asked_to_look_once_more(scene: Scene) -> Act:
    meeting = scene.early()
    return Act(
        lambda: attendance.look(scene.session, meeting.id, now=START),
        "clock",
        scene.meeting(meeting),
        {"signal": "outside"},
        now=START,
    )


@case(Did.SPOT_ANSWER)
def the_chair_has_looked(scene: Scene) -> Act:
    meeting = scene.early()
    attendance.look(scene.session, meeting.id, now=START)
    spot = scene.spot(meeting)
    return Act(
        lambda: attendance.answer_spot(scene.session, scene.actor("an"), spot.id, now=AFTER),
        "an",
        scene.meeting(meeting),
        {"signal": "outside"},
        now=AFTER,
    )


@case(Did.PRESENCE_DECIDE)
def a_late_request_is_granted(scene: Scene) -> Act:
    session, meeting = scene.session, scene.closed()
    giang = scene.actor("giang")
    asked = attendance.ask_correction(session, giang, meeting.id, quiet=QUIET, now=AFTER)
    return Act(
        lambda: attendance.decide_correction(
            session, scene.actor("an"), asked.id, granted=True, now=AFTER
        ),
        "an",
        {**scene.meeting(meeting), "person": scene.cast["giang"], "request": asked.id},
        {"granted": True, "was": "absent", "became": "present"},
        now=AFTER,
    )


@case(Did.MINUTES_CONCLUDE)
def a_conclusion_is_written(scene: Scene) -> Act:
    meeting = scene.closed()
    return Act(
        lambda: attendance.conclude(
            scene.session, scene.actor("an"), meeting.id, CONCLUSION, now=AFTER
        ),
        "an",
        scene.meeting(meeting),
        now=AFTER,
    )


@case(Did.MINUTES_LOCK)
def the_minutes_become_final(scene: Scene) -> Act:
    meeting = scene.closed()
    return Act(
        lambda: attendance.lock(scene.session, scene.actor("an"), meeting.id, now=AFTER),
        "an",
        scene.meeting(meeting),
        now=AFTER,
    )


@case(Did.MISSED_TELL)
def a_committee_hears_of_a_missed_month(scene: Scene) -> Act:
    meeting = scene.missed()
    return Act(
        lambda: scene.weighed(meeting),
        "clock",
        {"person": scene.cast["giang"], "unit": scene.branch},
        {"year": 2026, "months": 1},
        now=SETTLED,
    )


@case(Did.MISSED_WITHDRAW)
def a_missed_month_turns_out_to_be_none(scene: Scene) -> Act:
    meeting = scene.missed()
    scene.weighed(meeting)
    seat = scene.seat(meeting, "giang")
    seat.present_at = START
    scene.session.add(seat)
    scene.session.flush()
    return Act(
        lambda: scene.weighed(meeting),
        "clock",
        {"person": scene.cast["giang"], "unit": scene.branch},
        {"year": 2026, "months": 1},
        now=SETTLED,
    )


@case(Did.MINUTES_SEND)
def the_minutes_are_sent_to_be_confirmed(scene: Scene) -> Act:
    meeting = scene.signed_by("giang", "huong")
    return Act(
        lambda: scene.send_minutes(meeting),
        "an",
        scene.meeting(meeting),
        {"asked": 2},
        now=AFTER,
    )


@case(Did.MINUTES_CONFIRM)
def the_minutes_are_confirmed(scene: Scene) -> Act:
    meeting = scene.signed_by("giang", "huong")
    asked = scene.send_minutes(meeting)["giang"]
    return Act(
        lambda: minutes.confirm(
            scene.session, scene.actor("giang"), asked, profile="party", now=AFTER
        ),
        "giang",
        {**scene.meeting(meeting), "confirmation": asked},
        now=AFTER,
    )


@case(Did.MINUTES_OBJECT)
def the_minutes_are_to_be_mended(scene: Scene) -> Act:
    meeting = scene.signed_by("giang", "huong")
    asked = scene.send_minutes(meeting)["giang"]
    return Act(
        lambda: minutes.object_to(scene.session, scene.actor("giang"), asked, REASON, now=AFTER),
        "giang",
        {**scene.meeting(meeting), "confirmation": asked},
        now=AFTER,
    )


@case(Did.MINUTES_CORRECT)
def final_minutes_are_corrected(scene: Scene) -> Act:
    meeting, an = scene.closed(), scene.actor("an")
    attendance.lock(scene.session, an, meeting.id, now=AFTER)
    return Act(
        lambda: minutes.correct(scene.session, an, meeting.id, CONCLUSION, now=AFTER),
        "an",
        scene.meeting(meeting),
        {"number": 1},
        now=AFTER,
    )


@case(Did.FORM_KEEP)
def a_form_of_the_minutes_is_kept(scene: Scene) -> Act:
    return Act(
        lambda: scene.keep_form(), "an", {"unit": scene.branch}, {"bytes": len(FORM)}, now=AFTER
    )


@case(Did.FORM_DROP)
def a_form_of_the_minutes_is_dropped(scene: Scene) -> Act:
    scene.keep_form()
    an = scene.actor("an")
    return Act(
        lambda: minutes.drop_form(scene.session, an, scene.branch, now=AFTER),
        "an",
        {"unit": scene.branch},
        now=AFTER,
    )


@case(Did.EXPORT_MINUTES)
def the_minutes_are_taken_away(scene: Scene) -> Act:
    meeting, an = scene.closed(), scene.actor("an")
    return Act(
        lambda: minutes.take_away(scene.session, an, meeting.id, profile="party", now=AFTER),
        "an",
        scene.meeting(meeting),
        now=AFTER,
    )


@case(Did.EXPORT_PRINT)
def names_are_taken_away_on_paper(scene: Scene) -> Act:
    meeting, an = scene.called(), scene.actor("an")
    return Act(
        lambda: prints.sheet(scene.session, an, meeting.id, now=NOON),
        "an",
        scene.meeting(meeting),
        {"what": "sheet"},
    )


@case(Did.EXPORT_ATTENDANCE)
def a_roll_is_taken_away_as_a_file(scene: Scene) -> Act:
    meeting = scene.closed()
    return Act(
        lambda: attendance.take_away(scene.session, scene.actor("an"), meeting.id, now=AFTER),
        "an",
        scene.meeting(meeting),
        now=AFTER,
    )


# -- what is resolved and asked ----------------------------------------------------------------


@case(Did.TASK_GIVE)
def a_resolution_is_written_down(scene: Scene) -> Act:
    act, meeting = Act(lambda: None, "an", {}), scene.called()

    def give() -> None:
        task = tasks.give(
            scene.session,
            scene.actor("an"),
            meeting.id,
            CONCLUSION,
            scene.cast["huong"],
            DUE,
            token="kept",
            quiet=QUIET,
            now=NOON,
        )
        act.about |= scene.task(task)

    act.do, act.details = give, {"owner": scene.cast["huong"], "due": "2026-09-15"}
    return act


@case(Did.TASK_MOVE)
def a_task_is_given_another_day(scene: Scene) -> Act:
    task, day = scene.given(), date(2026, 9, 20)
    return Act(
        lambda: tasks.move(
            scene.session, scene.actor("binh"), task.id, day, revision=0, quiet=QUIET, now=NOON
        ),
        "binh",
        scene.task(task),
        {"was": "2026-09-15", "due": "2026-09-20"},
    )


@case(Did.TASK_HAND_OVER)
def a_task_is_given_to_somebody_else(scene: Scene) -> Act:
    task, giang = scene.given(), scene.cast["giang"]
    return Act(
        lambda: tasks.hand_over(
            scene.session, scene.actor("an"), task.id, giang, revision=0, quiet=QUIET, now=NOON
        ),
        "an",
        scene.task(task),
        {"was": scene.cast["huong"], "owner": giang},
    )


@case(Did.TASK_DROP)
def a_task_is_dropped(scene: Scene) -> Act:
    task = scene.given()
    return Act(
        lambda: tasks.drop(
            scene.session, scene.actor("an"), task.id, revision=0, quiet=QUIET, now=NOON
        ),
        "an",
        scene.task(task),
        {"owner": scene.cast["huong"]},
    )


@case(Did.TASK_DONE)
def a_task_is_entered_as_done_for_somebody(scene: Scene) -> Act:
    task = scene.given()
    return Act(
        lambda: tasks.done(
            scene.session,
            scene.actor("chi"),
            task.id,
            REASON,
            committee=True,
            quiet=QUIET,
            now=NOON,
        ),
        "chi",
        scene.task(task),
        {"owner": scene.cast["huong"]},
    )


@case(Did.TASK_REOPEN)
def a_task_is_open_again(scene: Scene) -> Act:
    task = scene.given()
    tasks.done(scene.session, scene.actor("huong"), task.id, None, quiet=QUIET, now=NOON)
    return Act(
        lambda: tasks.reopen(
            scene.session, scene.actor("an"), task.id, REASON, revision=1, quiet=QUIET, now=NOON
        ),
        "an",
        scene.task(task),
        {"owner": scene.cast["huong"]},
    )


@case(Did.POLL_OPEN)
def a_meeting_is_asked(scene: Scene) -> Act:
    act, meeting = Act(lambda: None, "an", {}, now=START), scene.called()

    def hold() -> None:
        act.about |= {"poll": scene.polled(meeting).id, **scene.meeting(meeting)}

    act.do = hold
    return act


@case(Did.POLL_CLOSE)
def a_question_is_closed(scene: Scene) -> Act:
    meeting = scene.called()
    poll = scene.polled(meeting)
    return Act(
        lambda: polls.close(scene.session, scene.actor("an"), poll.id, now=START),
        "an",
        {"poll": poll.id, **scene.meeting(meeting)},
        now=START,
    )


@case(Did.MEETING_NAME)
def somebody_is_named_to_chair(scene: Scene) -> Act:
    meeting, binh = scene.called(), scene.cast["binh"]
    an = scene.actor("an")
    return Act(
        lambda: chairing.name(scene.session, an, meeting.id, Part.CHAIR, binh, now=NOON),
        "an",
        {**scene.meeting(meeting), "person": binh},
        {"part": "chair"},
    )


@case(Did.SESSION_BEGIN)
def a_session_begins(scene: Scene) -> Act:
    meeting = scene.called()
    return Act(
        lambda: agenda.begin(scene.session, scene.actor("an"), meeting.id, now=START),
        "an",
        scene.meeting(meeting),
        now=START,
    )


# -- rules, and what a session was worth -------------------------------------------------------


@case(Did.RULE_SET)
def a_unit_sets_its_own_figure(scene: Scene) -> Act:
    return Act(
        lambda: changing.change(
            scene.session, scene.actor("an"), "party", scene.branch, "late.after", "10", now=NOON
        ),
        "an",
        {"unit": scene.branch},
        {"key": "late.after", "was": "15", "became": "10"},
    )


@case(Did.RULE_DROP)
def a_unit_goes_back_to_the_default(scene: Scene) -> Act:
    session, an = scene.session, scene.actor("an")
    changing.change(session, an, "party", scene.branch, "missed.warn", "1", now=NOON)
    return Act(
        lambda: changing.drop(session, an, "party", scene.branch, "missed.warn", now=NOON),
        "an",
        {"unit": scene.branch},
        {"key": "missed.warn", "was": "1"},
    )


@case(Did.SCORE_PROPOSE)
def points_are_proposed(scene: Scene) -> Act:
    meeting = scene.closed()
    return Act(
        lambda: scene.propose(meeting, Criterion.CONDUCT, 40),
        "an",
        scene.meeting(meeting),
        {"criterion": "conduct", "became": 40},
        now=AFTER,
    )


@case(Did.SESSION_END)
def a_session_ends(scene: Scene) -> Act:
    meeting = scene.called()
    agenda.begin(scene.session, scene.actor("an"), meeting.id, now=START)
    return Act(
        lambda: agenda.end(scene.session, scene.actor("binh"), meeting.id, now=AFTER),
        "binh",
        scene.meeting(meeting),
        now=AFTER,
    )


@case(Did.SCORE_ASK)
def members_are_asked_about_a_score(scene: Scene) -> Act:
    meeting = scene.scored()
    details = {"round": 0, "total": 40}
    return Act(lambda: scene.asks(meeting), "an", scene.meeting(meeting), details, now=AFTER)


@case(Did.SCORE_RECALL)
def the_question_is_taken_back(scene: Scene) -> Act:
    meeting = scene.scored()
    scene.asks(meeting)
    return Act(
        lambda: quality.recall(
            scene.session, scene.actor("chi"), "party", meeting.id, 0, now=AFTER
        ),
        "chi",
        scene.meeting(meeting),
        {"round": 0},
        now=AFTER,
    )


@case(Did.SESSION_RESUME)
def a_session_goes_on(scene: Scene) -> Act:
    meeting = scene.called()
    agenda.begin(scene.session, scene.actor("an"), meeting.id, now=START)
    agenda.end(scene.session, scene.actor("an"), meeting.id, now=AFTER)
    return Act(
        lambda: agenda.resume(scene.session, scene.actor("an"), meeting.id, now=AFTER),
        "an",
        scene.meeting(meeting),
        now=AFTER,
    )


@case(Did.SCORE_AGREE)
def a_committee_agrees_on_a_score(scene: Scene) -> Act:
    meeting = scene.scored()
    scene.asks(meeting)
    about = scene.meeting(meeting)
    return Act(lambda: scene.agrees(meeting), "an", about, {"total": 40}, now=AFTER)


@case(Did.SCORE_CONFIRM)
def those_above_confirm_a_score(scene: Scene) -> Act:
    meeting = scene.scored()
    scene.asks(meeting)
    scene.agrees(meeting)
    return Act(
        lambda: quality.confirm(
            scene.session, scene.actor("oanh"), "party", meeting.id, 0, now=AFTER
        ),
        "oanh",
        scene.meeting(meeting),
        {"total": 40},
        now=AFTER,
    )


FILE = Sent("BQAC1", "AgAD1", PLACE)


def paper_of(scene: Scene, meeting: Meeting) -> Paper:
    an = scene.actor("an")
    return papers.add(scene.session, an, meeting.id, [FILE], now=NOON)[0]


@case(Did.PAPER_ADD)
def a_document_is_added(scene: Scene) -> Act:
    meeting = scene.called()
    act = Act(lambda: None, "an", scene.meeting(meeting))

    def add() -> None:
        act.about |= {"paper": paper_of(scene, meeting).id}

    act.do = add
    return act


@case(Did.PAPER_REMOVE)
def a_document_is_removed(scene: Scene) -> Act:
    meeting = scene.called()
    paper_id, an = paper_of(scene, meeting).id, scene.actor("an")
    return Act(
        lambda: papers.remove(scene.session, an, meeting.id, paper_id, now=NOON),
        "an",
        {**scene.meeting(meeting), "paper": paper_id},
    )


# -- study and questions -----------------------------------------------------------------------


@case(Did.PLEDGE_START)
def a_commitment_is_started(scene: Scene) -> Act:
    act = Act(lambda: None, "an", {}, {"year": 2027})
    unit = scene.pledged().unit_id  # a team that An leads

    def start() -> None:
        year = pledges.start(
            scene.session,
            scene.actor("an"),
            unit,
            2027,
            ["Một"],
            DUE,
            quiet=QUIET,
            now=NOON,
        )
        act.about |= year.about

    act.do = start
    return act


@case(Did.CHANGE_UNDO)
def a_commitment_is_taken_back(scene: Scene) -> Act:
    year = scene.pledged()
    number, about = year.id, year.about  # the row is gone when it is undone
    return Act(
        lambda: pledges.undo(scene.session, scene.actor("an"), number, now=NOON),
        "an",
        about,
        {"year": 2026},
    )


@case(Did.PLEDGE_CHANGE)
def a_commitment_gets_another_last_day(scene: Scene) -> Act:
    year = scene.pledged()
    due = DUE + timedelta(days=1)
    return Act(
        lambda: pledges.set_due(scene.session, scene.actor("an"), year.id, due, now=NOON),
        "an",
        year.about,
        {"due": due.isoformat()},
    )


@case(Did.PLEDGE_SIGN)
def a_member_signs_a_commitment(scene: Scene) -> Act:
    year = scene.pledged()
    who = scene.signer(year)
    about = {**year.about, "person": who.person_id or 0}
    return Act(lambda: scene.signs(year, who), f"person:{who.person_id}", about, {"version": 1})


@case(Did.PLEDGE_COMPARE)
def a_year_is_compared(scene: Scene) -> Act:
    year = scene.pledged()
    scene.signs(year, scene.signer(year))
    return Act(
        lambda: pledges.compare(scene.session, scene.actor("an"), year.id, quiet=QUIET, now=NOON),
        "an",
        year.about,
        {"year": 2026},
    )


@case(Did.EXPORT_PLEDGES)
def commitments_are_taken_away(scene: Scene) -> Act:
    year = scene.pledged()
    return Act(
        lambda: pledges.taken_away(scene.session, scene.actor("an"), year.id, "word", now=NOON),
        "an",
        year.about,
        {"what": "word"},
    )


@case(Did.ESSAY_ASK)
def an_essay_is_asked_for(scene: Scene) -> Act:
    campaign = scene.campaign()
    act = Act(lambda: None, "an", {})

    def ask() -> None:
        act.about |= scene.essay_call(campaign, scene.essay_asked(campaign))

    act.do = ask
    return act


@case(Did.CHANGE_UNDO)
def a_question_for_an_essay_is_taken_back(scene: Scene) -> Act:
    campaign = scene.campaign()
    call = scene.essay_asked(campaign)
    number, about = call.id, scene.essay_call(campaign, call)
    return Act(lambda: essays.undo(scene.session, scene.actor("an"), number, now=NOON), "an", about)


@case(Did.ESSAY_CHANGE)
def an_essay_gets_another_last_day(scene: Scene) -> Act:
    campaign = scene.campaign()
    call = scene.essay_asked(campaign)
    due = DUE + timedelta(days=1)
    an = scene.actor("an")
    return Act(
        lambda: essays.change(scene.session, an, call.id, topic=QUESTION, due=due, now=NOON),
        "an",
        scene.essay_call(campaign, call),
        {"due": due.isoformat()},
    )


@case(Did.ESSAY_SEEN)
def an_essay_is_seen(scene: Scene) -> Act:
    campaign = scene.campaign()
    call = scene.essay_asked(campaign)
    unit = scene.session.get_one(roster.Unit, campaign.unit_id)
    account = NEW_ACCOUNT + 1000 + next(NUMBERS)
    author = roster.new_person(
        scene.session, unit, NEWCOMER, telegram_id=account, consented_at=NOON, started=True
    )
    who = speakers.who(scene.session, account, today=TODAY, owner=False)
    form = f"essay-{next(NUMBERS)}"
    essays.hand_in(scene.session, who, call.id, [REASON], [], token=form, now=NOON)
    essay = essays.own(scene.session, who, call.id).essay
    assert essay is not None
    an = scene.actor("an")
    return Act(
        lambda: essays.mark_seen(scene.session, an, essay.id, ANSWER, quiet=QUIET, now=NOON),
        "an",
        {"essay": essay.id, "campaign": campaign.id, "person": author.id},
        {"word": 1},
    )


@case(Did.EXPORT_CAMPAIGN)
def the_figures_of_a_campaign_are_taken_away(scene: Scene) -> Act:
    campaign, an = scene.campaign(), scene.actor("an")
    return Act(
        lambda: follow.take_away(scene.session, an, campaign.id, "excel", now=NOON),
        "an",
        {"campaign": campaign.id, "unit": campaign.unit_id},
        {"what": "excel", "people": 0},
    )


@case(Did.CAMPAIGN_IMPORT)
def a_campaign_is_imported(scene: Scene) -> Act:
    session, an = scene.session, scene.actor("an")
    file = campaigns.parse_campaign(CAMPAIGN.encode())
    act = Act(lambda: None, "an", {}, {"added": 1, "changed": 0, "dropped": 0})

    def write() -> None:
        made = campaigns.plan(session, file, zone=ZONE, actor=an)
        campaign = campaigns.apply(session, made, actor=an, zone=ZONE, now=NOON)
        if campaign is not None:
            act.about |= {"campaign": campaign.id, "unit": scene.branch}

    act.do = write
    return act


@case(Did.CAMPAIGN_BEGIN)
def a_campaign_is_begun_in_the_chat(scene: Scene) -> Act:
    session, an = scene.session, scene.actor("an")
    lesson = campaigns.Made("Bài", [campaigns.NewPart("Đọc.")])
    plan = campaigns.Outline(
        scene.branch, "Đợt học", "", NOON.date(), NOON.date() + timedelta(days=9), None, [lesson]
    )
    act = Act(lambda: None, "an", {"unit": scene.branch}, {"lessons": 1})

    def write() -> None:
        made = campaigns.begin(session, an, plan, token="f", zone=ZONE, now=NOON)
        act.about["campaign"] = made.id

    act.do = write
    return act


@case(Did.CAMPAIGN_CHANGE)
def a_campaign_is_paused(scene: Scene) -> Act:
    session, an = scene.session, scene.actor("an")
    file = campaigns.parse_campaign(CAMPAIGN.encode())
    made = campaigns.plan(session, file, zone=ZONE, actor=an)
    campaign = campaigns.apply(session, made, actor=an, zone=ZONE, now=NOON) or made.campaign
    assert campaign is not None
    return Act(
        lambda: campaigns.pause(session, an, campaign.id, now=NOON),
        "an",
        {"campaign": campaign.id, "unit": scene.branch},
        {"what": "pause"},
    )


@case(Did.CONTEST_START)
def a_contest_is_set(scene: Scene) -> Act:
    act = Act(lambda: None, "an", {}, {"rounds": 4})

    def start() -> None:
        act.about |= scene.contested().about

    act.do = start
    return act


@case(Did.CONTEST_STOP)
def a_contest_is_stopped(scene: Scene) -> Act:
    made, an = scene.contested(), scene.actor("an")
    return Act(
        lambda: contest.stop(scene.session, an, made.id, now=NOON), "an", made.about, {"rounds": 4}
    )


@case(Did.LIVE_START)
def a_quiz_in_the_group_is_begun(scene: Scene) -> Act:
    token, act = scene.room(), Act(lambda: None, "an", {}, {"questions": 5})

    def start() -> None:
        act.about |= scene.quiz(token).about

    act.do = start
    return act


@case(Did.LIVE_STOP)
def a_quiz_in_the_group_is_stopped(scene: Scene) -> Act:
    an = scene.actor("an")
    for each in scene.session.exec(select(LiveRound)).all():  # one goes on at a time
        live.stop_live(scene.session, an, each.id, now=NOON)
    made = scene.quiz(scene.room())
    return Act(lambda: live.stop_live(scene.session, an, made.id, now=NOON), "an", made.about)


@case(Did.CONTEST_RESULT)
def a_round_is_sealed(scene: Scene) -> Act:
    round_ = scene.round()
    act = Act(lambda: None, "clock", scene.of_round(round_), {}, now=round_.closes_at)

    def seal() -> None:
        contest.seal(scene.session, round_.id, quiet=QUIET, now=round_.closes_at)
        act.details |= {"people": 0, "perfect": 0, "seal": round_.seal}

    act.do = seal
    return act


@case(Did.EXPORT_CONTEST)
def the_protocol_of_a_round_is_taken_away(scene: Scene) -> Act:
    round_, an = scene.round(), scene.actor("an")
    contest.seal(scene.session, round_.id, quiet=QUIET, now=round_.closes_at)
    return Act(
        lambda: contest.take_away(scene.session, an, round_.id, now=round_.closes_at),
        "an",
        scene.of_round(round_),
        now=round_.closes_at,
    )


@case(Did.QUESTION_IMPORT)
def questions_are_imported(scene: Scene) -> Act:
    entry = NewEntry(QUESTION, ANSWER)
    return Act(
        lambda: questions.apply(scene.session, scene.actor("an"), [entry], now=NOON),
        "an",
        {"unit": scene.branch},
        {"added": 1, "changed": 0},
    )


@case(Did.BANK_IMPORT)
def questions_are_put_into_the_bank(scene: Scene) -> Act:
    return Act(
        lambda: bank.put(scene.session, scene.actor("an"), scene.branch, [ITEM], now=NOON),
        "an",
        {"unit": scene.branch},
        {"added": 1, "changed": 0},
    )


@case(Did.BANK_RETIRE)
def a_question_is_taken_out_of_use(scene: Scene) -> Act:
    item = scene.item()
    return Act(
        lambda: bank.retire(scene.session, scene.actor("an"), item.id, now=NOON), "an", item.about
    )


@case(Did.BANK_REUSE)
def a_question_is_used_again(scene: Scene) -> Act:
    item = scene.item()
    bank.retire(scene.session, scene.actor("an"), item.id, now=NOON)
    return Act(
        lambda: bank.reuse(scene.session, scene.actor("an"), item.id, now=NOON), "an", item.about
    )


@case(Did.QUESTION_KEEP)
def an_answer_is_kept_in_the_base(scene: Scene) -> Act:
    session, an, ticket = scene.session, scene.actor("an"), scene.ticket()
    inbox.answer(session, an, ticket.id, ANSWER, now=NOON)
    act = Act(lambda: None, "an", {"ticket": ticket.id, "unit": scene.branch})

    def keep() -> None:
        entry = inbox.save(session, an, ticket.id, f"{QUESTION} (ba tháng)", source="", now=NOON)
        act.details |= {"question": entry.id}

    act.do = keep
    return act


@case(Did.TICKET_ANSWER)
def an_anonymous_question_is_answered(scene: Scene) -> Act:
    ticket = scene.ticket(anonymous=True)
    return Act(
        lambda: inbox.answer(scene.session, scene.actor("an"), ticket.id, ANSWER, now=NOON),
        "an",
        {"ticket": ticket.id, "unit": scene.branch},
    )


@case(Did.TICKET_HAND_ON)
def a_question_is_handed_on(scene: Scene) -> Act:
    ticket = scene.ticket()
    return Act(
        lambda: inbox.hand_on(
            scene.session, scene.actor("an"), ticket.id, now=NOON, zone=ZONE, quiet_hours=""
        ),
        "an",
        {"ticket": ticket.id, "unit": scene.branch},
        {"role": "deputy"},
    )


# -- the outbox --------------------------------------------------------------------------------


@case(Did.NOTICE_RESEND)
def a_notice_that_may_have_arrived_is_sent_again(scene: Scene) -> Act:
    notice = scene.unsure()
    return Act(
        lambda: outbox.resend(scene.session, scene.actor("an"), notice.id, now=NOON),
        "an",
        {"notice": notice.id},
        {"kind": "ticket.answered"},
    )


@case(Did.NOTICE_CLOSE)
def a_notice_that_may_have_arrived_is_let_rest(scene: Scene) -> Act:
    notice = scene.unsure()
    return Act(
        lambda: outbox.close(scene.session, SHELL, notice.id, now=NOON),
        "shell",
        {"notice": notice.id},
        {"kind": "ticket.answered"},
    )


@case(Did.OUTBOX_RESUME)
def a_restored_outbox_goes_on(scene: Scene) -> Act:
    scene.called()
    owed = backup.waiting(scene.session)
    return Act(lambda: backup.resume(scene.session, now=NOON), "shell", {}, {"owed": owed})


@case(Did.OUTBOX_DISCARD)
def what_a_restored_outbox_owes_is_given_up(scene: Scene) -> Act:
    scene.called()
    owed = backup.waiting(scene.session)
    return Act(lambda: backup.discard(scene.session, now=NOON), "shell", {}, {"count": owed})


# -- all of them -------------------------------------------------------------------------------

# What does something each time: another name, form or link, another text, file, no or go on.
EACH_TIME = {
    Did.CONTEST_START,
    Did.ROSTER_ADD,
    Did.MEETING_CALL,
    Did.LINK_MAKE,
    Did.MINUTES_CONCLUDE,
    Did.EXPORT_ATTENDANCE,
    Did.EXPORT_CONTEST,
    Did.EXPORT_MINUTES,
    Did.FORM_KEEP,
    Did.EXPORT_PRINT,
    Did.EXPORT_PLEDGES,
    Did.EXPORT_CAMPAIGN,
    Did.TICKET_HAND_ON,
    Did.CONSENT_REFUSE,
    Did.OUTBOX_RESUME,
    Did.OUTBOX_DISCARD,
}
FROM_THE_SHELL = {Did.EXPORT_ROSTER, Did.RESTORE}  # played in tests/bot/test_cli.py


def test_no_act_is_without_its_case() -> None:
    assert {did for did, _build in CASES.values()} | FROM_THE_SHELL == set(Did)


@pytest.mark.parametrize("name", CASES)
def test_an_act_leaves_one_entry_with_the_right_ids(
    session: Session, cast: dict[str, int], name: str
) -> None:
    did, build = CASES[name]
    act = build(Scene(session, cast))
    before = len(entries(session))
    act.do()
    by = f"person:{cast[act.by]}" if act.by in cast else act.by
    assert [
        (each.did, each.actor, each.about, each.details, each.at)
        for each in entries(session)[before:]
    ] == [(did, by, act.about, act.details, act.now)]


@pytest.mark.parametrize("name", CASES)
def test_what_is_done_twice_or_refused_leaves_no_second_entry(
    session: Session, cast: dict[str, int], name: str
) -> None:
    did, build = CASES[name]
    act = build(Scene(session, cast))
    act.do()
    before = len(entries(session))
    try:
        with session.begin_nested():
            act.do()
    except Refusal:
        assert did not in EACH_TIME
    assert len(entries(session)) - before == (1 if did in EACH_TIME else 0)


def test_an_act_that_is_not_allowed_leaves_no_entry(session: Session, cast: dict[str, int]) -> None:
    scene = Scene(session, cast)
    person = scene.newcomer()
    with pytest.raises(NotFound), session.begin_nested():
        roster_edit.give_role(
            session,
            scene.actor("giang"),
            person.id,
            scene.branch,
            Role.SECRETARY,
            quiet=QUIET,
            now=NOON,
            today=TODAY,
        )
    assert entries(session) == []


def test_an_act_that_is_undone_with_its_transaction_leaves_no_entry(database: Database) -> None:
    cast = database.run(settle)

    def work(session: Session) -> None:
        scene = Scene(session, cast)
        joining.invite(session, scene.actor("an"), scene.newcomer().id, now=NOON)
        raise Refusal("no")

    with pytest.raises(Refusal):
        database.run(work)
    assert database.run(entries) == []


def test_a_request_that_is_settled_on_the_way_leaves_its_own_entry(
    session: Session, cast: dict[str, int]
) -> None:
    """Leave may be decided by whoever marks the roll, and final minutes turn down what waits."""
    scene = Scene(session, cast)
    meeting, an = scene.called(), scene.actor("an")
    marked, left = scene.asks_leave(meeting, "huong"), scene.asks_leave(meeting, "giang")
    attendance.open_roll(session, an, meeting.id, now=START)
    before = len(entries(session))
    attendance.enter(session, an, meeting.id, marked.id, Presence.EXCUSED, now=START)
    attendance.close(session, an, meeting.id, now=AFTER)
    khanh = scene.actor("khanh")
    asked = attendance.ask_correction(session, khanh, meeting.id, quiet=QUIET, now=AFTER)
    attendance.lock(session, an, meeting.id, now=AFTER)
    huong, giang = {"person": marked.person_id}, {"person": left.person_id}
    where, never = scene.meeting(meeting), {"granted": False, "was": "absent", "became": "absent"}
    late = {"person": cast["khanh"], "request": asked.id}
    assert [(each.did, each.about, each.details) for each in entries(session)[before:]] == [
        ("absence.decide", {**where, **huong}, {"became": "approved"}),
        ("presence.enter", {**where, **huong}, {"was": "pending", "became": "excused"}),
        ("roll.close", where, {}),
        ("presence.decide", {**where, **late}, never),
        ("absence.decide", {**where, **giang}, {"became": "refused"}),
        ("minutes.lock", where, {}),
    ]


def test_a_members_own_presses_leave_no_entry(session: Session, cast: dict[str, int]) -> None:
    scene = Scene(session, cast)
    meeting, giang = scene.called(), scene.actor("giang")
    before = len(entries(session))
    meetings.come(session, giang, meeting.id, revision=0, now=NOON)
    scene.asks_leave(meeting, "giang")
    meetings.withdraw(session, giang, meeting.id, revision=0, now=NOON)
    scene.ticket(anonymous=True)
    assert len(entries(session)) == before
    attendance.open_roll(session, scene.actor("an"), meeting.id, now=START)
    attendance.tap(session, giang, meeting.id, now=START)
    assert len(entries(session)) == before + 1


def test_nobody_can_read_a_person_in_the_audit_of_everything(database: Database) -> None:
    """No name, no text, no number of a telephone or an account, in any column of any entry."""
    cast = database.run(settle)
    for _did, build in CASES.values():
        database.run(lambda session, build=build: build(Scene(session, cast)).do())
    assert database.run(audit.seal) >= len(CASES)
    assert database.run(audit.verify).fault is None

    def told(session: Session) -> list[str]:
        people = session.exec(select(Person)).all()
        words = [PLACE, REASON, ANSWER, QUESTION, CONCLUSION, STRANGER_NAME, "Danh sách mật"]
        words += ["Học tập", "Chuyên đề", "Bài Một"]
        words += [each for one in people for each in (one.full_name, one.phone or PHONE)]
        words += [roster.fold(each) for each in words]
        words += [str(each.telegram_id or STRANGER) for each in people]
        words += ["7000000", "0987654321", str(OWNER), "1001234567", "77.0000"]
        rows = session.execute(text("SELECT * FROM audit")).all()
        shown = "\n".join(str(tuple(row)) for row in rows).casefold()
        return [word for word in words if word.casefold() in shown]

    assert database.run(told) == []


def test_who_did_it_is_a_person_or_a_keyed_hash(session: Session) -> None:
    for actor in (
        Actor(OWNER, person_id=7, owner=True),
        CHIEF,
        Actor(STRANGER),
        SHELL,
        audit.CLOCK,
    ):
        audit.record(session, actor, Did.RESTORE, {}, now=NOON)
    owner, stranger = audit.account(session, OWNER) or "", audit.account(session, STRANGER) or ""
    assert [each.actor for each in entries(session)] == [
        "person:7",
        f"owner:{owner.removeprefix('account:')}",
        stranger,
        "shell",
        "clock",
    ]


@pytest.mark.parametrize("words", ["Nguyễn Văn An", "hai từ", "<b>", "giấy"])
def test_what_could_be_somebodys_words_is_refused(session: Session, words: str) -> None:
    with pytest.raises(ValueError, match="note"):
        audit.record(session, SHELL, Did.RESTORE, {}, now=NOON, note=words)
    assert entries(session) == []
