"""Every button, form, command and file, pressed by those whose business it is not.

Chi bộ 1 has one of everything. Its ids are then forged into every address there is by people of
Chi bộ 2, by a stranger, and by those whose time in Chi bộ 1 is over; none of them may read a word
of it or move a row of it. A new button is tried by itself; a new kind of argument fails here until
`FORGED` says what a forged one looks like.
"""

from __future__ import annotations

import inspect
import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, SQLModel, col, select
from telegram import Update

from bot.app import FEATURES
from handlers.acts import Act
from handlers.dispatch import Conversation
from handlers.kit import House
from handlers.routing import Route
from storage import (
    agenda,
    attendance,
    bank,
    campaigns,
    deputies,
    drafts,
    groups,
    inbox,
    joining,
    meetings,
    minutes,
    opinions,
    papers,
    polls,
    quality,
    questions,
    repeating,
    report,
    roomcode,
    roster,
    roster_import,
    series,
    speakers,
    tasks,
)
from storage.agenda import Content, Item
from storage.drafts import Draft
from storage.errors import NotFound
from storage.inbox import Ticket, TicketKind
from storage.meetings import Meeting, MeetingKind, Plan, Seat
from storage.outbox import Claimed, Notice, State
from storage.papers import Sent
from storage.powers import Actor, Role
from storage.quiet import Quiet
from storage.roster import Person, RoleGrant, Unit
from tests.storage.test_campaigns import TWO_LESSONS, take
from tests.town import ACCOUNTS, BRANCH_1, BRANCH_2, NOON, OWNER, STRANGER, settle, unit_id

# Who may do what is not the database's business; one kind of it will do.
pytestmark = pytest.mark.parametrize("dialect", ["sqlite"])

ZONE = "Asia/Ho_Chi_Minh"
QUIET = Quiet("21:30-06:30", ZONE)
SECRET = "BIMAT"  # stands in every text that Chi bộ 1 writes
FORMER, UNASKED = 500_000_201, 500_000_202  # was secretary of Chi bộ 1; has not agreed yet
ROOM_1, ROOM_2 = -1001, -1002  # the groups of the two branches
IN_GROUP = {
    "attend",
    "attend_mine",
    "late",
    "linkgroup",
    "linkpage",
    "next_meeting",
    "poll_answer",
    "roll_group",
}
NOW = NOON + timedelta(minutes=5)

Rows = dict[tuple[str, tuple[Any, ...]], tuple[Any, ...]]
Key = tuple[str, tuple[Any, ...]]


@dataclass
class Branch:
    """The town with one of everything in Chi bộ 1, and a conversation with it."""

    session: Session
    talk: Conversation
    forged: dict[str, list[Any]]
    texts: list[str]  # that nobody outside may read
    theirs: set[Key] = field(default_factory=set)  # the rows of Chi bộ 1
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def press(self, account: int, data: str, chat: int | None = None) -> list[Act]:
        return self._handle(
            callback_query={
                "id": "1",
                "from": user(account),
                "chat_instance": "1",
                "data": data,
                "message": {
                    "message_id": 7,
                    "date": 1,
                    "chat": where(chat or account),
                    "from": {"id": 1, "is_bot": True, "first_name": "Chi Bộ"},
                    "text": "…",
                },
            }
        )

    def type(self, account: int, text: str, chat: int | None = None) -> list[Act]:
        message = {
            "message_id": 8,
            "date": 1,
            "chat": where(chat or account),
            "from": user(account),
            "text": text,
        }
        return self._handle(message=message)

    def _handle(self, **what: Any) -> list[Act]:
        update = Update.de_json({"update_id": next(self.numbers), **what}, None)
        said = self.talk.handle(self.session, update, now=NOW)
        self.session.flush()
        return said

    def is_untouched(self, before: Rows, account: int, what: str) -> None:
        """Nothing of Chi bộ 1 is changed or gone, and no new row hangs on it."""
        self.session.expire_all()
        after = rows(self.session)
        own = self.own_rows(account)
        changed = [key for key in self.theirs - own if after.get(key) != before[key]]
        assert not changed, f"{what} changed {changed}"
        for key in after.keys() - before.keys():
            hangs = [to for to in references(*key, after[key]) if to in self.theirs - own]
            assert not hangs, f"{what} wrote {key} about {hangs}"

    def own_rows(self, account: int) -> set[Key]:
        person = roster.person_of(self.session, account)
        return {("person", (person.id,))} if person else set()

    def tells_nothing(self, said: list[Act], what: str) -> None:
        heard = json.dumps(said, ensure_ascii=False)
        leaked = [text for text in self.texts if text in heard]
        assert not leaked, f"{what} told {leaked}: {heard}"


def user(account: int) -> dict[str, Any]:
    return {"id": account, "is_bot": False, "first_name": "?"}


def where(chat: int) -> dict[str, Any]:
    if chat > 0:
        return {"id": chat, "type": "private", "first_name": "?"}
    return {"id": chat, "type": "supergroup", "title": "?"}


# -- what the database holds ---------------------------------------------------------------------

PASSING = {"handled_update", "draft", "wrong_codes", "wrong_digits", "search_entry"}
TABLES = [each for each in SQLModel.metadata.sorted_tables if each.name not in PASSING]


def rows(session: Session) -> Rows:
    """Every row of every table that is to stay as it is."""
    session.flush()
    found: Rows = {}
    for table in TABLES:
        keys = [list(table.columns).index(each) for each in table.primary_key.columns]
        for row in session.connection().execute(table.select()):
            found[table.name, tuple(row[key] for key in keys)] = tuple(map(repr, row))
    return found


def references(name: str, _key: tuple[Any, ...], row: tuple[Any, ...]) -> Iterator[Key]:
    """The rows that a row's foreign keys lead to."""
    table = SQLModel.metadata.tables[name]
    for place, column in enumerate(table.columns):
        for foreign in column.foreign_keys:
            if row[place] != "None":
                yield foreign.column.table.name, (int(row[place]),)


# -- one of everything ---------------------------------------------------------------------------


def actor(session: Session, name: str) -> Actor:
    return speakers.who(session, ACCOUNTS[name], today=NOON.date(), owner=False)


@pytest.fixture
def branch(session: Session, tmp_path: Path) -> Branch:
    """Chi bộ 1 with one of everything; nothing of it is kept."""
    people = settle(session)
    kept_outside = rows(session).keys()
    return furnish(session, people, set(kept_outside), tmp_path)


def furnish(session: Session, people: dict[str, int], town: set[Key], folder: Path) -> Branch:
    unit, other = unit_id(session, BRANCH_1), unit_id(session, BRANCH_2)
    for number, name in enumerate(("an", "binh", "chi", "dung", "giang", "huong", "khanh")):
        person = session.get_one(Person, people[name])
        person.phone, person.card = f"0900 000 10{number}", f"77.00010{number}"
        person.residence = f"{SECRET} số {number}"
    newcomer = roster.new_person(session, session.get_one(Unit, unit), f"Lý {SECRET} Sơn")
    for path, room in ((BRANCH_1, ROOM_1), (BRANCH_2, ROOM_2)):
        groups.joined(session, room).unit_id = unit_id(session, path)
    for account, full_name in ((FORMER, "Cao Văn Phúc"), (UNASKED, "Tạ Thị Quế")):
        roster.new_person(session, session.get_one(Unit, other), full_name, telegram_id=account)
    former = session.exec(select(Person).where(Person.telegram_id == FORMER)).one()
    former.consented_at = NOON
    held = roster.give_role(session, former, unit, Role.SECRETARY, today=date(2025, 1, 1), by=None)
    roster.end_role(session, held, today=date(2026, 8, 3))
    session.flush()
    town |= {("person", (each.id,)) for each in session.exec(select(Person)).all()}
    an, huong = actor(session, "an"), actor(session, "huong")

    draft = meetings.save(session, an, plan_of(unit, 9), token="formdraft", quiet=QUIET, now=NOON)
    ahead = called(session, unit, 5)
    meetings.ask_leave(session, huong, ahead.id, f"{SECRET} đau", revision=0, quiet=QUIET, now=NOON)
    committee = called(session, unit, 6, kind=MeetingKind.COMMITTEE)
    moving = called(session, unit, 7)
    change = meetings.move(
        session,
        an,
        moving.id,
        revision=0,
        starts_at=NOON + timedelta(days=8),
        place=f"{SECRET} nhà",
        now=NOW,
    )
    assert change is not None
    open_ = called(session, unit, 0.1)
    attendance.open_roll(session, an, open_.id, panel=True, now=NOON)
    roomcode.show(session, an, open_.id, now=NOON)
    held_meeting = called(session, unit, 0.2)
    attendance.open_roll(session, an, held_meeting.id, now=NOON)
    for name in ("dung", "giang", "khanh"):  # three codes in one second: a spot check
        attendance.tap(session, actor(session, name), held_meeting.id, code=True, now=NOON)
    attendance.close(session, an, held_meeting.id, now=NOON)
    score(session, an, held_meeting)
    attendance.conclude(session, an, held_meeting.id, f"{SECRET} kết luận", now=NOON)
    deputy = deputies.name(session, an, newcomer.id, people["huong"], now=NOON)
    held_meeting.chair_id, held_meeting.minute_taker_id = people["huong"], people["chi"]
    asked = send_minutes(session, held_meeting)
    late = attendance.ask_correction(session, huong, held_meeting.id, quiet=QUIET, now=NOON)

    attendance.look(session, held_meeting.id, now=NOON)
    spots = list(session.exec(select(attendance.SpotCheck.id)).all())
    assert spots
    monthly = series.Plan(
        unit, MeetingKind.COMMITTEE, series.Pattern(day=9), "19:30", f"{SECRET} nơi"
    )
    again = series.start(session, an, monthly, token="formseries", quiet=QUIET, now=NOON)
    turns = [each.id for _turn, each in series.coming(session, again, now=NOON)]
    task = resolved(session, held_meeting, people["huong"], "t6")
    done = resolved(session, held_meeting, people["giang"], "t7")
    giang = actor(session, "giang")
    tasks.done(session, giang, done.id, f"{SECRET} xong", quiet=QUIET, now=NOON)
    asked = [asking(session, meeting) for meeting in (open_, held_meeting)]
    polls.close(session, an, asked[1].id, now=NOON)
    points = agenda.fill(session, an, ahead.id, [Item(f"{SECRET} mục", Content.STUDY, 20)])
    points = [*points, *agenda.fill(session, an, open_.id, [Item(f"{SECRET} bàn", Content.STUDY)])]
    agenda.begin(session, an, open_.id, now=NOW + timedelta(hours=1))
    file_of = Sent(f"{SECRET}1", "U1", f"{SECRET} tệp")
    documents = papers.add(session, an, ahead.id, [file_of], now=NOON)
    opinion = opinions.send(session, huong, ahead.id, f"{SECRET} ý", token="o1", now=NOON)

    campaign = take(session, folder, TWO_LESSONS.replace("Bài", f"{SECRET} bài"))
    lessons = [each.lesson for each in campaigns.course_of(session, huong, campaign.id).steps]
    quiz = campaigns.play(session, huong, lessons[0].id, now=NOON)
    typed = bank.NewItem(bank.ItemKind.SHORT, f"{SECRET} gõ", (f"{SECRET} đáp",), topic=SECRET)
    bank.put(session, an, unit, [typed], now=NOON)
    items = list(session.exec(select(bank.Item.id)).all())
    repeating.begin(session, huong, items, zone=ZONE, now=NOON - timedelta(days=2))

    tickets = [ask(session, form, anonymous) for form, anonymous in (("t1", False), ("t2", True))]
    inbox.answer(session, an, ask(session, "t3", False).id, f"{SECRET} trả lời", now=NOON)
    entry = questions.put(
        session, unit, questions.NewEntry(f"{SECRET} hỏi gì", f"{SECRET} đáp", f"{SECRET} nguồn")
    )
    joining.ask(
        session,
        500_000_301,
        f"Người {SECRET}",
        "Chi bộ 1",
        owner_id=OWNER,
        quiet_hours="",
        zone=ZONE,
        today=NOON.date(),
        now=NOON,
    )
    unsure = session.exec(select(Notice).where(Notice.person_id == people["huong"])).first()
    assert unsure is not None
    unsure.state, unsure.unknowns = State.UNKNOWN, 1
    missed = report.Missed(
        person_id=people["huong"], unit_id=unit, year=2026, count=2, months="6,7", told_at=NOON
    )
    session.add(missed)
    file = roster_import.keep_file(session, an, f"{SECRET}.xlsx", [], [], now=NOON)
    session.flush()

    held_ids = [each.id for each in (draft, ahead, committee, moving, open_, held_meeting)]
    seats = session.exec(select(Seat).where(Seat.leave_reason == f"{SECRET} đau")).all()
    own_people = [people[name] for name in ("an", "huong")] + [newcomer.id]
    ids: dict[str, list[Any]] = {
        "meeting_id": [*held_ids, turns[0]],
        "series_id": [again.id],
        "change_id": [change.id],
        "point_id": [each.id for each in points],
        "paper_id": [each.id for each in documents],
        "opinion_id": [opinion.id],
        "asked_id": asked,
        "seat_id": [seats[0].id, session.exec(select(Seat.id)).first()],
        "request_id": [late.id, *session.exec(select(joining.JoinRequest.id)).all()],
        "person_id": own_people,
        "deputy_id": [deputy.id],
        "deputy_person": [people["dung"]],
        "unit_id": [unit, unit_id(session, f"{BRANCH_1} / Tổ 1")],
        "file_id": [file.id],
        "grant_id": list(session.exec(select(RoleGrant.id).where(RoleGrant.unit_id == unit))),
        "campaign_id": [campaign.id],
        "lesson_id": [each.id for each in lessons],
        "run_id": [quiz.run.id],
        "item_id": items,
        "ticket_id": [each.id for each in tickets] + [3],
        "entry_id": [entry.id],
        "task_id": [task.id, done.id],
        "poll_id": [each.id for each in asked],
        "notice_id": [unsure.id],
        "missed_id": [missed.id],
        "found": [f"{entry.id}-{entry.id}"],
        "spot_id": spots,
        "token": ["formdraft", "t5", "formcommittee", "formseries", "t6"],
    }
    names = [session.get_one(Person, each).full_name for each in people.values()]
    outside = {"Hoàng Thị Lan", "Bùi Đức Minh", "Trịnh Thị Oanh"}
    texts = [*(each for each in names if each not in outside), SECRET, "0900 000", "77.0001"]
    house = House(bot_username="chibo_bot", owner_id=OWNER)
    made = Branch(session, Conversation(FEATURES, house), {**FORGED, **ids}, texts)
    kept = {("unit", (unit_id(session, path),)) for path in (BRANCH_2,)}
    outsiders = {("person", (people[name],)) for name in ("lan", "minh", "oanh")}
    outsiders |= {("person", (each.id,)) for each in outside_people(session)}
    made.theirs = set(rows(session)) - kept - outsiders - others_rows(session, other)
    return made


def score(session: Session, an: Actor, meeting: Meeting) -> None:
    """Points for a session, asked of Giang, who was there and comments."""
    for criterion in quality.Criterion:
        quality.propose(session, an, "party", meeting.id, criterion, 10, now=NOON)
    quality.ask(session, an, "party", meeting.id, quiet=QUIET, now=NOON)
    quality.answer(session, actor(session, "giang"), meeting.id, 0, f"{SECRET} góp ý", now=NOON)


def send_minutes(session: Session, meeting: Meeting) -> list[int]:
    """Chair and minute-taker are asked; one of them has objected, and final minutes are mended."""
    an, huong = actor(session, "an"), actor(session, "huong")
    meeting.starts_at = NOON
    minutes.send(session, an, meeting.id, profile="party", quiet=QUIET, now=NOON)
    found = session.exec(select(minutes.Confirmation).order_by(minutes.Confirmation.id)).all()
    minutes.object_to(session, huong, found[0].id, f"{SECRET} cần sửa", now=NOON)
    session.add(
        minutes.Erratum(meeting_id=meeting.id, number=1, at=NOON, text=f"{SECRET} đính chính")
    )
    return [each.id for each in found]


def outside_people(session: Session) -> list[Person]:
    accounts = (FORMER, UNASKED)
    return list(session.exec(select(Person).where(col(Person.telegram_id).in_(accounts))).all())


def others_rows(session: Session, other: int) -> set[Key]:
    """What belongs to Chi bộ 2 or to all, before anybody presses anything."""
    room = session.exec(select(groups.Group.id).where(groups.Group.unit_id == other)).all()
    top = session.exec(select(Unit.id).where(col(Unit.parent_id).is_(None))).all()
    return {("group_chat", (each,)) for each in room} | {("unit", (each,)) for each in top}


def plan_of(unit: int, days: float, kind: MeetingKind = MeetingKind.REGULAR) -> Plan:
    return Plan(
        unit_id=unit, kind=kind, starts_at=NOON + timedelta(days=days), place=f"{SECRET} phòng"
    )


def called(
    session: Session, unit: int, days: float, kind: MeetingKind = MeetingKind.REGULAR
) -> Meeting:
    token = "formcommittee" if kind is MeetingKind.COMMITTEE else f"t{days}"
    plan = plan_of(unit, days, kind)
    return meetings.call(session, actor(session, "an"), plan, token=token, quiet=QUIET, now=NOON)


def ask(session: Session, form: str, anonymous: bool) -> Ticket:
    return inbox.send(
        session,
        actor(session, "huong"),
        TicketKind.QUESTION,
        f"{SECRET} câu hỏi {form}",
        anonymous=anonymous,
        form=form,
        now=NOON,
        zone=ZONE,
        quiet_hours="",
    )


def resolved(session: Session, meeting: Meeting, owner: int, token: str) -> tasks.Task:
    return tasks.give(
        session,
        actor(session, "an"),
        meeting.id,
        f"{SECRET} việc",
        owner,
        NOON.date() + timedelta(days=9),
        token=token,
        quiet=QUIET,
        now=NOON,
    )


def asking(session: Session, meeting: Meeting) -> polls.Poll:
    return polls.hold(
        session,
        actor(session, "an"),
        meeting.id,
        f"{SECRET} ý kiến",
        [f"{SECRET} {each}" for each in "ab"],
        minutes=10,
        live=True,
        token=f"p{meeting.id}",
        quiet=QUIET,
        now=NOON,
    )


# What is no id: enough of each to get past the look at the words themselves.
FORGED: dict[str, list[Any]] = {
    "number": [0, 1],
    "page": [0],
    "year": [2026],
    "place": ["before", "after", "during"],
    "request": [1],
    "letter": [1],
    "index": [0, -1],
    "mark": [0, 1],
    "last": [1_000_000],  # of all there are
    "revision": [0, 1],
    "form": ["newmeeting", "leave_message"],
    "to": [1],
    "choice": ["yes", "no", "anyway", "plain", "said", "link"],
    "choice:int": [0],
    "answer": ["yes", "no", "online", "back"],
    "reason": ["illness", "other", "typed"],
    "standing": ["elsewhere"],
    "state": ["present", "excused", "absent"],
    "said": ["yes", "no"],
    "how": ["named", "anonymous"],
    "what": ["day", "place", "text"],
    "day": ["2026-08-20"],
    "clock": ["1930"],
    "digits": ["22000600"],
    "code": ["AAAAAAAAAAAAAAAAAAAAAA"],
    "field": ["phone", "unit", "kind"],
    "kind": ["regular", "probationary"],
    "word": ["secretary"],
    "group": ["quorum"],
    "key": ["late.after", "vote.temporary"],
    "figure": ["1"],
    "criterion": ["conduct", "attendance"],
    "paper": ["AAAAAAAA0123456789abcdef"],
    "taps": ["g", "ggg"],
    "content": ["study"],
    "minutes": [15],
    "part": ["chair", "minutes", "minute_taker"],
}


@cache
def arguments_of(run: Callable[..., Any]) -> list[inspect.Parameter]:
    """What a handler takes beside the update itself."""
    return list(inspect.signature(run, eval_str=True).parameters.values())[1:]


def addresses(branch: Branch, route: Route) -> Iterator[tuple[Any, ...]]:
    """The forged arguments of a route."""
    choices = []
    for each in arguments_of(route.run):
        key = "choice:int" if (each.name, each.annotation) == ("choice", int) else each.name
        assert key in branch.forged, f"{route.name}: say in FORGED what a forged {key} is"
        choices.append(branch.forged[key])
    return itertools.product(*choices)


def routes(branch: Branch, kind: str) -> list[Route]:
    return [route for (of, _name), route in branch.talk.routes.items() if of == kind]


OUTSIDERS = {
    "lan": ACCOUNTS["lan"],  # secretary of Chi bộ 2: every route lets her pass, storage must not
    "minh": ACCOUNTS["minh"],
    "xuan": STRANGER,
    "phuc": FORMER,
    "que": UNASKED,
}
AS_OUTSIDER = pytest.mark.parametrize("name", OUTSIDERS)


@AS_OUTSIDER
def test_no_button_opens_what_is_another_branchs(branch: Branch, name: str) -> None:
    press_all(branch, name, None)


@pytest.mark.parametrize("room", [ROOM_1, ROOM_2])
@pytest.mark.parametrize("name", ["lan", "minh", "phuc"])
def test_no_button_opens_it_in_a_group_either(branch: Branch, name: str, room: int) -> None:
    press_all(branch, name, room)


def press_all(branch: Branch, name: str, chat: int | None) -> None:
    before = rows(branch.session)
    for route in routes(branch, "button"):
        if chat is not None and not route.group:
            continue
        savepoint = branch.session.begin_nested()
        for arguments in addresses(branch, route):
            data = address(route, arguments)
            said = branch.press(OUTSIDERS[name], data, chat)
            branch.tells_nothing(said, f"{data} pressed by {name}")
        branch.is_untouched(before, OUTSIDERS[name], f"{route.name} pressed by {name}")
        savepoint.rollback()


def test_a_group_reads_nothing_that_was_made_for_a_private_chat(branch: Branch) -> None:
    """Pressed in the group by those who may, it answers them alone."""
    for route in routes(branch, "button"):
        data = address(route, next(addresses(branch, route)))
        for name in ("an", "huong"):
            savepoint = branch.session.begin_nested()
            said = branch.press(ACCOUNTS[name], data, ROOM_1)
            assert route.name in IN_GROUP or [act["do"] for act in said] == ["answer"], data
            savepoint.rollback()
    assert {route.name for route in routes(branch, "button") if route.group} == IN_GROUP


def address(route: Route, arguments: tuple[Any, ...]) -> str:
    return ":".join([route.name, *map(str, arguments)])


@AS_OUTSIDER
def test_no_command_or_typed_word_opens_what_is_another_branchs(branch: Branch, name: str) -> None:
    before = rows(branch.session)
    words = [
        "Nguyễn",
        f"{SECRET.lower()} hoi gi",
        "01",
        "có",
        *(f"/start {code}" for code in ("A", "t1")),
    ]
    words += [f"/{route.name} {SECRET.lower()} hoi gi" for route in routes(branch, "command")]
    words += [f"/{route.name}" for route in routes(branch, "command")]
    for word in words:
        savepoint = branch.session.begin_nested()
        said = branch.type(OUTSIDERS[name], word)
        branch.tells_nothing(said, f"{word} typed by {name}")
        branch.is_untouched(before, OUTSIDERS[name], f"{word} typed by {name}")
        savepoint.rollback()


@pytest.mark.parametrize("name", ["lan", "phuc", "minh"])
def test_a_form_that_was_opened_while_in_office_is_worth_nothing_after(
    branch: Branch, name: str
) -> None:
    """Every form that An can open, with her ids in it, in the hands of somebody else."""
    forms = opened_forms(branch)
    assert {form.form for form in forms} >= {"roster.add", "roster.edit", "inbox.answer"}
    of_forms = []  # the others are pressed without the form already
    for route in routes(branch, "button"):
        names = {each.name for each in arguments_of(route.run)}
        if {"token", "code"} & names or not names:
            of_forms.append(route)
    before = rows(branch.session)
    account = OUTSIDERS[name]
    for form in forms:
        tokens = [value for value in form.data.values() if isinstance(value, str)]
        savepoint = branch.session.begin_nested()
        for word in ("BI", "15/8/2026 19h30", "0912345678"):
            drafts.keep(branch.session, account, form, now=NOW)
            branch.tells_nothing(branch.type(account, word), f"{form} typed {word} by {name}")
        forged = {**branch.forged, "token": tokens or ["-"]}
        for route in of_forms:
            for arguments in addresses(Branch(branch.session, branch.talk, forged, []), route):
                drafts.keep(branch.session, account, form, now=NOW)
                data = address(route, arguments)
                if len(data.encode()) <= 64:
                    said = branch.press(account, data)
                    branch.tells_nothing(said, f"{data} with {form} by {name}")
        branch.is_untouched(before, account, f"{form} in the hands of {name}")
        savepoint.rollback()


def opened_forms(branch: Branch) -> list[Draft]:
    """Each form that An opens with a press, and what it becomes when she types."""
    found: dict[tuple[str, frozenset[str]], Draft] = {}
    for route in routes(branch, "button"):
        for arguments in addresses(branch, route):
            savepoint = branch.session.begin_nested()
            branch.press(ACCOUNTS["an"], address(route, arguments))
            for word in (None, "Nguyễn Văn Mới", "0912345678"):
                if word is not None:
                    branch.type(ACCOUNTS["an"], word)
                form = drafts.open_draft(branch.session, ACCOUNTS["an"], now=NOW)
                if form is None:
                    break
                found.setdefault((form.form, frozenset(form.data)), form)
            savepoint.rollback()
    return list(found.values())


@AS_OUTSIDER
def test_no_file_is_made_of_what_is_another_branchs(branch: Branch, name: str) -> None:
    branch.session.add(campaign_file(branch))
    made = 0
    for route in routes(branch, "maker"):
        for arguments in addresses(branch, route):
            act = {"make": route.name, "args": arguments, "chat": 1, "person": OUTSIDERS[name]}
            if route.name == "qr":  # a picture of what the one who asks has typed
                continue
            with pytest.raises(NotFound):
                branch.talk.make(branch.session, act, now=NOW)
            made += 1
    assert made


def campaign_file(branch: Branch) -> campaigns.LessonFile:
    return campaigns.LessonFile(lesson_id=branch.forged["lesson_id"][0], content=b"%PDF")


def test_a_committees_notices_do_not_follow_somebody_into_another_office(branch: Branch) -> None:
    """An leaves Chi bộ 1 for Chi bộ 2, where she is secretary too, before they are sent."""
    session = branch.session
    an = session.exec(select(Person).where(Person.telegram_id == ACCOUNTS["an"])).one()
    held = session.exec(select(RoleGrant).where(RoleGrant.person_id == an.id)).one()
    roster.end_role(session, held, today=NOW.date())
    an.unit_id = unit_id(session, BRANCH_2)
    roster.give_role(session, an, an.unit_id, Role.SECRETARY, today=NOW.date(), by=None)
    session.flush()
    told = set()
    for notice in session.exec(select(Notice).where(Notice.person_id == an.id)).all():
        kind = branch.talk.routes["notice", notice.kind]
        if kind.power in COMMITTEE_POWERS:
            told.add(notice.kind)
            act = branch.talk.wording.word(session, Claimed(notice, ACCOUNTS["an"]), now=NOW)
            assert act is None, f"{notice.kind} told {act}"
    assert told >= {"leave.request", "ticket.new", "join.request", "attendance.request"}


COMMITTEE_POWERS = {"absence.decide", "attendance.take", "inbox", "join.decide", "manage"}


def test_the_secretary_herself_reads_and_changes_it(branch: Branch) -> None:
    """The trap is set where there is something to catch."""
    before, heard = rows(branch.session), ""
    (desk, *_more) = branch.forged["meeting_id"][1:]
    for data in (f"meeting_desk:{desk}", "inbox", f"people:{branch.forged['unit_id'][0]}:0"):
        heard += json.dumps(branch.press(ACCOUNTS["an"], data), ensure_ascii=False)
    assert SECRET in heard and "Lê Thị Chi" in heard
    branch.press(ACCOUNTS["an"], f"meeting_off:{desk}")
    with pytest.raises(AssertionError, match="changed"):
        branch.is_untouched(before, ACCOUNTS["an"], "calling off")
