"""Who may answer for whom: named, told, ended; and never taken for an answer of their own."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, select

from storage import attendance, deputies, meetings, roster, roster_edit, speakers
from storage.deputies import Deputy
from storage.errors import NotFound, Refusal
from storage.meetings import Answer, How, Meeting, MeetingKind, Plan, Seat
from storage.outbox import Notice
from storage.powers import Actor
from storage.quiet import Quiet
from storage.roster import Person
from tests.town import ACCOUNTS, BRANCH_1, BRANCH_2, NOON, unit_id

QUIET = Quiet("21:30-06:30", "Asia/Ho_Chi_Minh")
START = datetime.fromisoformat("2026-08-03T19:30:00+07:00")
Cast = dict[str, int]


def actor(session: Session, name: str) -> Actor:
    return speakers.who(session, ACCOUNTS[name], today=NOON.date(), owner=False)


def elder(session: Session, path: str = BRANCH_1) -> int:
    return roster.new_person(session, roster.unit_at(session, path), "Lý Thị Sáu").id


def named(session: Session, cast: Cast, elder_id: int, name: str = "huong") -> Deputy:
    return deputies.name(session, actor(session, "an"), elder_id, cast[name], now=NOON)


def called(session: Session) -> Meeting:
    plan = Plan(unit_id(session, BRANCH_1), MeetingKind.REGULAR, START, "Nhà văn hóa")
    return meetings.call(session, actor(session, "an"), plan, token="t", quiet=QUIET, now=NOON)


def comes(session: Session, meeting: Meeting, name: str, elder_id: int | None) -> Seat:
    return meetings.come(
        session, actor(session, name), meeting.id, revision=0, elder=elder_id, now=NOON
    )


def told(session: Session, kind: str) -> list[int | None]:
    found = session.exec(select(Notice.person_id).where(Notice.kind == kind)).all()
    return sorted(found, key=lambda each: each or 0)


def test_only_a_committee_over_both_names_a_deputy(session: Session, cast: Cast) -> None:
    sau = elder(session)
    for name in ("dung", "huong", "lan"):
        with pytest.raises(NotFound):
            deputies.name(session, actor(session, name), sau, cast["huong"], now=NOON)
    with pytest.raises(NotFound):  # of the other branch
        named(session, cast, sau, "minh")
    with pytest.raises(NotFound):
        named(session, cast, elder(session, BRANCH_2))
    assert named(session, cast, sau).unit_id == unit_id(session, BRANCH_1)


def test_named_twice_is_named_once_and_both_are_told(session: Session, cast: Cast) -> None:
    first = named(session, cast, cast["dung"])
    assert named(session, cast, cast["dung"]).id == first.id
    assert told(session, deputies.NAMED) == sorted([cast["dung"], cast["huong"]])


def test_nobody_answers_for_themselves_or_without_an_account(session: Session, cast: Cast) -> None:
    sau = elder(session)
    with pytest.raises(Refusal):
        named(session, cast, cast["huong"])
    with pytest.raises(Refusal):
        deputies.name(session, actor(session, "an"), cast["dung"], sau, now=NOON)


def test_who_has_not_opened_the_bot_is_neither_offered_nor_named(
    session: Session, cast: Cast
) -> None:
    sau, huong = elder(session), session.get_one(Person, cast["huong"])
    offered = deputies.candidates(session, actor(session, "an"), sau)
    assert huong.id in {each.id for each in offered}
    huong.started = False  # the roster's file knows the account; nobody has pressed Start
    session.add(huong)
    session.flush()
    offered = deputies.candidates(session, actor(session, "an"), sau)
    assert huong.id not in {each.id for each in offered}
    with pytest.raises(Refusal):
        named(session, cast, sau)


def test_an_answer_for_somebody_is_theirs_and_says_who_gave_it(
    session: Session, cast: Cast
) -> None:
    meeting = called(session)
    named(session, cast, cast["dung"])
    seat = comes(session, meeting, "huong", cast["dung"])
    assert (seat.person_id, seat.answer) == (cast["dung"], Answer.COMING)
    assert seat.answered_by == cast["huong"]
    assert told(session, deputies.ANSWERED) == [cast["dung"]]
    own = meetings.seat_for(session, meeting.id, cast["huong"])
    assert own is not None and own[1].answer == Answer.NONE
    meetings.withdraw(session, actor(session, "dung"), meeting.id, revision=0, now=NOON)
    assert seat.answered_by is None  # the last word is their own


def test_the_word_about_a_later_answer_takes_the_place_of_an_unsent_one(
    session: Session, cast: Cast
) -> None:
    meeting = called(session)
    named(session, cast, cast["dung"])
    comes(session, meeting, "huong", cast["dung"])
    meetings.withdraw(
        session, actor(session, "huong"), meeting.id, revision=0, elder=cast["dung"], now=NOON
    )
    waiting = select(Notice).where(Notice.kind == deputies.ANSWERED, Notice.state == "queued")
    assert [each.revision for each in session.exec(waiting).all()] == [1]


def test_nobody_answers_for_somebody_without_being_named(session: Session, cast: Cast) -> None:
    meeting = called(session)
    named(session, cast, cast["dung"])
    for name in ("giang", "an", "lan", "dung"):
        with pytest.raises(NotFound):
            comes(session, meeting, name, cast["dung"] if name != "dung" else cast["huong"])


@pytest.mark.parametrize("who", ["an", "dung", "huong"])
def test_the_committee_or_either_of_the_two_ends_it(session: Session, cast: Cast, who: str) -> None:
    deputy = named(session, cast, cast["dung"])
    for _press in range(2):
        deputies.end(session, actor(session, who), deputy.id, now=NOON)
    assert deputy.ended_by == cast[who]
    with pytest.raises(NotFound):
        comes(session, called(session), "huong", cast["dung"])
    again = named(session, cast, cast["dung"])
    assert again.id != deputy.id


def test_nobody_else_ends_it(session: Session, cast: Cast) -> None:
    deputy = named(session, cast, cast["dung"])
    for name in ("giang", "lan", "minh"):
        with pytest.raises(NotFound):
            deputies.end(session, actor(session, name), deputy.id, now=NOON)


@pytest.mark.parametrize("who", ["huong", "dung"])
def test_it_ends_when_either_leaves_the_roll(session: Session, cast: Cast, who: str) -> None:
    meeting = called(session)
    named(session, cast, cast["dung"])
    an, today = actor(session, "an"), NOON.date()
    roster_edit.end_member(session, an, cast[who], now=NOON, today=today)
    assert deputies.elders(session, cast["huong"]) == []
    with pytest.raises(NotFound):
        comes(session, meeting, "huong", cast["dung"])


def test_it_does_not_reach_into_another_branch(session: Session, cast: Cast) -> None:
    named(session, cast, cast["dung"])
    session.get_one(Person, cast["huong"]).unit_id = unit_id(session, BRANCH_2)
    session.flush()
    assert deputies.deputies(session, cast["dung"]) == []


def test_presence_told_by_a_deputy_is_evidence_of_its_own(session: Session, cast: Cast) -> None:
    meeting, sau = called(session), elder(session)
    meetings.follow(session, {sau}, {unit_id(session, BRANCH_1)}, now=NOON)
    named(session, cast, sau)
    huong = actor(session, "huong")
    with pytest.raises(Refusal):
        attendance.mark_for(session, huong, meeting.id, sau, now=NOON)
    attendance.open_roll(session, actor(session, "an"), meeting.id, now=START)
    for minutes in (1, 2):
        at = START + timedelta(minutes=minutes)
        _meeting, seat = attendance.mark_for(session, huong, meeting.id, sau, now=at)
    assert (seat.how, seat.marked_by) == (How.DEPUTY, cast["huong"])
    assert seat.present_at == START + timedelta(minutes=1)
    attendance.close(session, actor(session, "an"), meeting.id, now=START + timedelta(minutes=3))
    with pytest.raises(NotFound):
        attendance.mark_for(session, huong, meeting.id, cast["giang"], now=START)


# -- from afar ---------------------------------------------------------------------------------


def test_online_counts_as_coming_and_is_shown_apart(session: Session, cast: Cast) -> None:
    meeting, an = called(session), actor(session, "an")
    huong = actor(session, "huong")
    with pytest.raises(Refusal):
        meetings.come(session, huong, meeting.id, revision=0, online=True, now=NOON)
    meetings.allow_online(session, an, meeting.id, link="https://hop.example.vn/a", now=NOON)
    meetings.come(session, huong, meeting.id, revision=0, online=True, now=NOON)
    comes(session, meeting, "giang", None)
    tally = meetings.tally(session, meeting.id)
    assert (tally.coming, tally.online, tally.convened) == (2, 1, 7)
    with pytest.raises(Refusal):  # she relies on it
        meetings.forbid_online(session, an, meeting.id, now=NOON)
    comes(session, meeting, "huong", None)
    assert not meetings.forbid_online(session, an, meeting.id, now=NOON).online


def test_only_the_committee_opens_a_meeting_to_those_afar(session: Session, cast: Cast) -> None:
    meeting = called(session)
    for name in ("huong", "lan"):
        with pytest.raises(NotFound):
            meetings.allow_online(session, actor(session, name), meeting.id, now=NOON)
    with pytest.raises(Refusal):
        meetings.allow_online(session, actor(session, "an"), meeting.id, now=START)


@pytest.mark.parametrize("link", ["hop.vn", "ftp://hop.vn/a", "https://x", "https://a.vn b", ""])
def test_an_address_is_a_whole_one(link: str) -> None:
    with pytest.raises(Refusal):
        meetings.check_link(link)
