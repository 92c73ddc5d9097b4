"""Two hundred people check in within ten seconds, in a Telegram that counts what a bot sends."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from time import monotonic, sleep

from sqlalchemy import insert
from sqlmodel import Session, col, select

from bot.simulator.client import Group, Message, Newcomer, Person
from storage import attendance, groups, meetings, outbox, roster, speakers
from storage.meetings import Meeting, MeetingKind, Plan, Seat
from storage.quiet import Quiet
from storage.roster import sort_key
from tests.town import ACCOUNTS, BRANCH_1, NOON, Town, unit_id

PEOPLE, SECONDS, TRUE_WITHIN = 200, 10.0, 5.0
FIRST_ACCOUNT = 510_000_001
START = datetime.fromisoformat("2026-08-03T19:30:00+07:00")


def convened(session: Session) -> int:
    """The branch has two hundred members more, in three groups, and a meeting this evening."""
    units = [unit_id(session, f"{BRANCH_1} / Tổ {1 + number % 3}") for number in range(3)]
    rows = []
    for number in range(PEOPLE):
        name = f"Lý Văn Số {number}"
        rows.append(
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
        )
    session.execute(insert(roster.Person), rows)
    an = speakers.who(session, ACCOUNTS["an"], today=date(2026, 8, 3), owner=False)
    plan = Plan(unit_id(session, BRANCH_1), MeetingKind.REGULAR, START, "Nhà văn hóa")
    quiet = Quiet("", "Asia/Ho_Chi_Minh")
    meeting = meetings.call(session, an, plan, token="t1", quiet=quiet, now=NOON)
    outbox.cancel(session, meeting.subject)  # two hundred invitations at once are another journey
    return meeting.id


def meeting_group(town: Town, people: list[Person]) -> Group:
    group = town.world.group("Chi bộ 1", members=[town.an, *people])
    group.add_bot(by=town.an)
    town.world.settle()

    def link(session: Session) -> None:
        groups.joined(session, group.chat_id).unit_id = unit_id(session, BRANCH_1)

    town.database.run(link)
    return group


def shown_after(card: Message, group: Group, wanted: str, seconds: float) -> float:
    """How long it takes until the card says this."""
    begun = monotonic()
    while monotonic() - begun < seconds:
        now = group.refresh(card)
        if now is not None and wanted in now.text:
            return monotonic() - begun
        sleep(0.05)
    raise AssertionError(f"{wanted} was not shown in {seconds} s; {group.transcript()}")


def test_two_hundred_press_in_ten_seconds_and_the_card_tells_the_truth(town: Town) -> None:
    people = town.world.crowd(
        [Newcomer(f"Số {n}", id=FIRST_ACCOUNT + n, started=True) for n in range(PEOPLE)]
    )
    group = meeting_group(town, people)
    meeting_id = town.database.run(convened)
    town.world.set_now(START + timedelta(seconds=5))
    town.an.send("/diemdanh", chat=group)
    card = group.wait_for(f"0/{PEOPLE + 7}", timeout=20)
    town.world.flood(on=True)
    since = town.world.last_call

    answers = town.world.presses(
        [(person, card, "Tôi có mặt") for person in people], over_seconds=SECONDS
    )
    took = shown_after(card, group, f" {PEOPLE}/{PEOPLE + 7}", TRUE_WITHIN)

    assert took <= TRUE_WITHIN
    assert [answer.answered for answer in answers] == [True] * PEOPLE
    assert {answer.text for answer in answers} == {"Đã ghi: có mặt lúc 19:30"}
    calls = town.world.calls(since=since)
    assert [call.method for call in calls if call.status == 429] == []
    edits = [call for call in calls if call.chat_id == group.chat_id]
    assert 1 <= len(edits) <= 1 + (SECONDS + TRUE_WITHIN) / 4
    assert {int(call.params["message_id"]) for call in edits} == {card.id}
    seated = town.database.run(
        lambda session: session.exec(
            select(Seat.person_id).where(
                Seat.meeting_id == meeting_id, col(Seat.present_at).is_not(None)
            )
        ).all()
    )
    assert len(seated) == len(set(seated)) == PEOPLE


def test_pressed_twice_by_everybody_it_is_recorded_once(town: Town) -> None:
    names = ("an", "binh", "chi", "dung", "giang", "huong", "khanh")
    people = [town.people[name] for name in names]
    group = meeting_group(town, people[1:])

    def call(session: Session) -> int:
        an = speakers.who(session, ACCOUNTS["an"], today=date(2026, 8, 3), owner=False)
        plan = Plan(unit_id(session, BRANCH_1), MeetingKind.REGULAR, START, "Nhà văn hóa")
        quiet = Quiet("", "Asia/Ho_Chi_Minh")
        return meetings.call(session, an, plan, token="t1", quiet=quiet, now=NOON).id

    meeting_id = town.database.run(call)
    town.world.set_now(START)
    town.an.send("/diemdanh", chat=group)
    card = group.wait_for("0/7", timeout=20)
    pressed = [(person, card, "Tôi có mặt") for person in people]
    answers = town.world.presses(pressed, over_seconds=1, each_twice=True)
    assert len(answers) == 14
    assert {answer.text for answer in answers} == {"Đã ghi: có mặt lúc 19:30"}
    shown_after(card, group, "▰▰▰▰▰▰▰▰▰▰ 7/7", TRUE_WITHIN)
    counted = town.database.run(
        lambda session: attendance.totals(session, session.get_one(Meeting, meeting_id)).all
    )
    assert counted == attendance.Count(7, 0, 0)
