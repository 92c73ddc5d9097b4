"""Chi bộ 1 with one of everything, and the ids of it all, for `tests/handlers/test_rights.py`.

A new feature puts one of its own in here; its ids stand in the forged addresses by the names of
the arguments that take them.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from bot.app import FEATURES
from handlers.dispatch import Conversation
from handlers.kit import House
from storage import (
    agenda,
    attendance,
    bank,
    campaigns,
    contest,
    deputies,
    essays,
    groups,
    inbox,
    joining,
    meetings,
    minutes,
    opinions,
    papers,
    pledges,
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
from storage.contest import live
from storage.inbox import Ticket, TicketKind
from storage.meetings import Meeting, MeetingKind, Plan, Seat
from storage.outbox import Notice, State
from storage.papers import Sent
from storage.powers import Actor, Role
from storage.quiet import Quiet
from storage.roster import Person, RoleGrant, Unit
from tests.handlers.forged import FORGED, FORMER, NOW, UNASKED, Branch, Key, rows
from tests.storage.test_campaigns import TWO_LESSONS, take
from tests.town import ACCOUNTS, BRANCH_1, BRANCH_2, NOON, OWNER, cast_of, unit_id

ZONE = "Asia/Ho_Chi_Minh"
QUIET = Quiet("21:30-06:30", ZONE)
SECRET = "BIMAT"  # stands in every text that Chi bộ 1 writes
ROOM_1, ROOM_2 = -1001, -1002  # the groups of the two branches


def actor(session: Session, name: str) -> Actor:
    return speakers.who(session, ACCOUNTS[name], today=NOON.date(), owner=False)


def furnish(session: Session, folder: Path) -> Branch:
    """Chi bộ 1 with one of everything, in the session's open transaction."""
    people = cast_of(session)
    unit, other = unit_id(session, BRANCH_1), unit_id(session, BRANCH_2)
    for number, name in enumerate(("an", "binh", "chi", "dung", "giang", "huong", "khanh")):
        person = session.get_one(Person, people[name])
        person.phone, person.card = f"0900 000 10{number}", f"77.00010{number}"
        person.residence = f"{SECRET} số {number}"
    newcomer = roster.new_person(session, session.get_one(Unit, unit), f"Lý {SECRET} Sơn")
    for path, room in ((BRANCH_1, ROOM_1), (BRANCH_2, ROOM_2)):
        groups.joined(session, room).unit_id = unit_id(session, path)
    for account, full_name in ((FORMER, "Cao Văn Phúc"), (UNASKED, "Tạ Thị Quế")):
        home = session.get_one(Unit, other)
        roster.new_person(session, home, full_name, telegram_id=account, started=True)
    former = session.exec(select(Person).where(Person.telegram_id == FORMER)).one()
    former.consented_at = NOON
    held = roster.give_role(session, former, unit, Role.SECRETARY, today=date(2025, 1, 1), by=None)
    roster.end_role(session, held, today=date(2026, 8, 3))
    session.flush()
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
    campaign.token = "formcampaign"
    lessons = [each.lesson for each in campaigns.course_of(session, huong, campaign.id).steps]
    quiz = campaigns.play(session, huong, lessons[0].id, now=NOON)
    typed = bank.NewItem(bank.ItemKind.SHORT, f"{SECRET} gõ", (f"{SECRET} đáp",), topic=SECRET)
    bank.put(session, an, unit, [typed], now=NOON)
    items = list(session.exec(select(bank.Item.id)).all())
    repeating.begin(session, huong, items, zone=ZONE, now=NOON - timedelta(days=2))

    year = pledged(session, unit)
    essay = handed_in(session, campaign.id)
    rounds, attempt = contested(session, unit)
    quizzing = live.start_live(
        *(session, an, unit, ""), number=5, seconds=30, token="formlive", zone=ZONE, now=NOON
    )
    live.step_live(session, quizzing.id, slot=NOON, now=NOON)

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
        "call_id": [essay.call_id],
        "essay_id": [essay.id],
        "contest_id": [rounds[0].contest_id],
        "round_id": [each.id for each in rounds[:2]],
        "attempt_id": [attempt.id],
        "live_id": [quizzing.id],
        "item_id": [*items, attempt.items[0]],
        "year_id": [year.id],
        "stamp": [pledges.own(session, huong, year.id).stamp],
        "run_id": [quiz.run.id],
        "ticket_id": [each.id for each in tickets] + [3],
        "entry_id": [entry.id],
        "task_id": [task.id, done.id],
        "poll_id": [each.id for each in asked],
        "notice_id": [unsure.id],
        "missed_id": [missed.id],
        "found": [f"{entry.id}-{entry.id}"],
        "spot_id": spots,
        "token": [
            "formdraft",
            "t5",
            "formcommittee",
            "formseries",
            "t6",
            "formcampaign",
            "formcontest",
            "formlive",
        ],
    }
    names = [session.get_one(Person, each).full_name for each in people.values()]
    outside = {"Hoàng Thị Lan", "Bùi Đức Minh", "Trịnh Thị Oanh"}
    texts = [*(each for each in names if each not in outside), SECRET, "0900 000", "77.0001"]
    house = House(bot_username="chibo_bot", owner_id=OWNER)
    made = Branch(session, Conversation(FEATURES, house), {**FORGED, **ids}, texts)
    made.before = rows(session)
    kept = {("unit", (unit_id(session, path),)) for path in (BRANCH_2,)}
    outsiders = {("person", (people[name],)) for name in ("lan", "minh", "oanh")}
    outsiders |= {("person", (each.id,)) for each in outside_people(session)}
    made.theirs = set(made.before) - kept - outsiders - others_rows(session, other)
    return made


def contested(session: Session, unit: int) -> tuple[list[contest.Round], contest.Attempt]:
    """A contest with a round that is over and one that is open; Hương took part in both."""
    an, huong, begun = actor(session, "an"), actor(session, "huong"), NOON - timedelta(days=8)
    kind, choices = bank.ItemKind.SINGLE, (f"{SECRET} a", f"{SECRET} b")
    items = [bank.NewItem(kind, f"{SECRET} câu {at}", choices, (0,)) for at in range(5)]
    bank.put(session, an, unit, items, now=begun)
    figures, first = contest.sets()["weekly"].figures, date(2026, 7, 27)
    new = contest.NewContest(unit, f"{SECRET} thi", "weekly", figures, first)
    made = contest.start(session, an, new, token="formcontest", zone=ZONE, now=begun)
    found = select(contest.Round).where(contest.Round.contest_id == made.id)
    rounds = list(session.exec(found.order_by(col(contest.Round.number))).all())
    for each, at in ((rounds[0], NOON - timedelta(days=1)), (rounds[1], NOON)):
        play = contest.begin(session, huong, each.id, 1, 1, now=at)
        contest.give(session, huong, play.attempt.id, play.items[0].id, 0, now=at)
    contest.seal(session, rounds[0].id, quiet=QUIET, now=NOON)
    return rounds, play.attempt


def handed_in(session: Session, campaign_id: int) -> essays.Essay:
    """An essay of Giang's, with a file, that nobody has opened."""
    an, giang = actor(session, "an"), actor(session, "giang")
    topic, due = f"{SECRET} đề", NOON.date()
    call = essays.ask(session, an, campaign_id, topic, due, quiet=QUIET, now=NOON)
    page = essays.Attached(f"{SECRET}2", "U2", f"{SECRET} ảnh", photo=True)
    found = essays.hand_in(session, giang, call.id, [SECRET], [page], token="e1", now=NOON)
    assert found.essay is not None
    return found.essay


def pledged(session: Session, unit: int) -> pledges.PledgeYear:
    """A commitment that Giang has signed, and Hương has written and not signed."""
    an, due = actor(session, "an"), NOON.date() + timedelta(days=9)
    lines = [f"{SECRET} mục"]
    year = pledges.start(session, an, unit, 2027, lines, due, quiet=QUIET, now=NOON)
    for name in ("giang", "huong"):
        pledges.write(session, actor(session, name), year.id, 1, f"{SECRET} hứa", now=NOON)
    giang = actor(session, "giang")
    stamp = pledges.own(session, giang, year.id).stamp
    pledges.sign(session, giang, year.id, stamp, now=NOON)
    return year


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
