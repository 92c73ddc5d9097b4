"""Documents of a meeting, and the reminder to a committee that has sent none."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, select

from storage import meetings, papers, rules, schedule
from storage.errors import NotFound, Refusal
from storage.meetings import Meeting, MeetingKind
from storage.outbox import Notice
from storage.papers import Sent
from storage.roster import Unit
from tests.storage.test_meetings import QUIET, THURSDAY, Cast, actor, called, owed
from tests.town import NOON

ONE, TWO = Sent("F1", "U1", "Báo cáo tháng 8.docx"), Sent("F2", "U2", "Sơ đồ", photo=True)
DUE = THURSDAY - timedelta(days=1)


def tick(session: Session, now: datetime) -> None:
    """What the clock does about documents."""
    for due in schedule.claim_due(session, now=now):
        if due.kind == "papers.missing":
            meeting_id = int(due.subject.rpartition(":")[2])
            papers.look(session, meeting_id, "party", slot=due.slot, quiet=QUIET, now=now)


def names(session: Session, meeting: Meeting) -> list[str]:
    return [each.name for each in papers.papers(session, meeting.id)]


def told(session: Session, cast: Cast) -> set[str]:
    who = {number: name for name, number in cast.items()}
    return {who[each.person_id] for each in owed(session, "papers.missing") if each.person_id}


def test_the_same_file_sent_twice_is_one_document(session: Session, cast: Cast) -> None:
    meeting = called(session)
    papers.add(session, actor(session, "an"), meeting.id, [ONE, TWO], now=NOON)
    again = Sent("F9", "U1", "Báo cáo.docx")  # Telegram numbers it anew, and knows it
    papers.add(session, actor(session, "binh"), meeting.id, [again, again], now=NOON)
    assert names(session, meeting) == ["Báo cáo tháng 8.docx", "Sơ đồ"]


def test_a_document_is_taken_away_once(session: Session, cast: Cast) -> None:
    meeting = called(session)
    first, _second = papers.add(session, actor(session, "an"), meeting.id, [ONE, TWO], now=NOON)
    assert papers.remove(session, actor(session, "chi"), meeting.id, first.id, now=NOON)
    assert not papers.remove(session, actor(session, "an"), meeting.id, first.id, now=NOON)
    assert names(session, meeting) == ["Sơ đồ"]


def test_a_meeting_takes_so_many_documents_and_no_more(session: Session, cast: Cast) -> None:
    meeting = called(session)
    many = [Sent(f"F{n}", f"U{n}", f"Tệp {n}") for n in range(papers.AT_MOST)]
    papers.add(session, actor(session, "an"), meeting.id, many, now=NOON)
    with pytest.raises(Refusal):
        papers.add(session, actor(session, "an"), meeting.id, [Sent("X", "X", "X")], now=NOON)
    papers.add(session, actor(session, "an"), meeting.id, many, now=NOON)


@pytest.mark.parametrize("name", ["huong", "lan", "oanh"])
def test_only_the_committee_adds_and_takes_away(session: Session, cast: Cast, name: str) -> None:
    meeting = called(session)
    (paper,) = papers.add(session, actor(session, "an"), meeting.id, [ONE], now=NOON)
    for act in (
        lambda: papers.add(session, actor(session, name), meeting.id, [TWO], now=NOON),
        lambda: papers.remove(session, actor(session, name), meeting.id, paper.id, now=NOON),
        lambda: papers.one(session, actor(session, name), paper.id),
    ):
        with pytest.raises(NotFound):
            act()


def test_only_who_is_convened_gets_them(session: Session, cast: Cast) -> None:
    meeting = called(session, kind=MeetingKind.COMMITTEE)
    papers.add(session, actor(session, "an"), meeting.id, [ONE], now=NOON)
    assert len(papers.for_member(session, actor(session, "chi"), meeting.id)) == 1
    for name in ("huong", "lan"):
        with pytest.raises(NotFound):
            papers.for_member(session, actor(session, name), meeting.id)


# -- the reminder ------------------------------------------------------------------------------


def test_the_committee_alone_is_reminded_a_day_before_and_once(
    session: Session, cast: Cast
) -> None:
    called(session)
    tick(session, NOON)
    tick(session, DUE - timedelta(minutes=1))
    assert told(session, cast) == set()
    tick(session, DUE)
    assert told(session, cast) == {"an", "binh", "chi"}
    tick(session, DUE + timedelta(hours=1))
    assert len(owed(session, "papers.missing")) == 3


def test_a_reminder_that_the_bot_slept_through_comes_late(session: Session, cast: Cast) -> None:
    called(session)
    tick(session, NOON)
    tick(session, DUE + timedelta(hours=9))
    assert told(session, cast) == {"an", "binh", "chi"}


def test_nobody_is_reminded_of_documents_that_are_there(session: Session, cast: Cast) -> None:
    meeting = called(session)
    tick(session, NOON)
    (paper,) = papers.add(session, actor(session, "an"), meeting.id, [ONE], now=NOON)
    tick(session, DUE)
    assert told(session, cast) == set()
    papers.remove(session, actor(session, "an"), meeting.id, paper.id, now=DUE + timedelta(hours=1))
    tick(session, DUE + timedelta(hours=1, minutes=1))
    assert told(session, cast) == set()  # they know what they have just done


def test_the_last_document_taken_away_in_time_is_missed_again(session: Session, cast: Cast) -> None:
    meeting = called(session)
    tick(session, NOON)
    (paper,) = papers.add(session, actor(session, "an"), meeting.id, [ONE], now=NOON)
    papers.remove(session, actor(session, "an"), meeting.id, paper.id, now=NOON)
    tick(session, NOON + timedelta(minutes=1))
    tick(session, DUE)
    assert told(session, cast) == {"an", "binh", "chi"}


def test_a_reminder_that_waits_for_the_morning_is_dropped_by_a_document(
    session: Session, cast: Cast
) -> None:
    meeting = called(session)
    tick(session, NOON)
    tick(session, DUE)
    papers.add(session, actor(session, "an"), meeting.id, [ONE], now=DUE)
    assert owed(session, "papers.missing") == []


def test_who_calls_a_meeting_for_tomorrow_is_not_told_off(session: Session, cast: Cast) -> None:
    called(session, now=DUE + timedelta(hours=1))
    tick(session, DUE + timedelta(hours=1, seconds=1))
    assert told(session, cast) == set()


def test_the_reminder_moves_with_the_meeting_and_goes_with_it(session: Session, cast: Cast) -> None:
    meeting = called(session)
    an = actor(session, "an")
    tick(session, NOON)
    later = THURSDAY + timedelta(days=7)
    moved = NOON + timedelta(hours=1)
    meetings.move(
        session, an, meeting.id, revision=0, starts_at=later, place="Hội trường", now=moved
    )
    meetings.carry_out(session, meeting.id, quiet=QUIET, now=moved + timedelta(minutes=1))
    tick(session, moved + timedelta(minutes=2))
    tick(session, DUE + timedelta(minutes=1))
    assert told(session, cast) == set()
    tick(session, later - timedelta(days=1))
    assert told(session, cast) == {"an", "binh", "chi"}
    meetings.call_off(session, an, meeting.id, now=later - timedelta(hours=20))
    meetings.carry_out(session, meeting.id, quiet=QUIET, now=later - timedelta(hours=19))
    assert owed(session, "papers.missing") == []
    left = session.exec(select(Notice.id).where(Notice.kind == "papers.missing")).all()
    assert len(left) == 3


def test_a_change_that_is_undone_costs_no_reminder(session: Session, cast: Cast) -> None:
    meeting = called(session)
    an = actor(session, "an")
    tick(session, NOON)
    change = meetings.call_off(session, an, meeting.id, now=DUE - timedelta(seconds=10))
    assert change is not None
    meetings.undo_change(session, an, change.id, now=DUE)
    tick(session, DUE + timedelta(seconds=70))
    assert told(session, cast) == {"an", "binh", "chi"}


def test_a_unit_that_wants_its_documents_earlier_is_reminded_earlier(
    session: Session, cast: Cast
) -> None:
    meeting = called(session)
    unit = session.get_one(Unit, meeting.unit_id)
    rules.set_own(session, "union", "papers.days", unit, 3, by=None, now=NOON)
    for now in (NOON, THURSDAY - timedelta(days=3)):
        for due in schedule.claim_due(session, now=now):
            if due.kind == "papers.missing":
                papers.look(session, meeting.id, "union", slot=due.slot, quiet=QUIET, now=now)
    assert told(session, cast) == {"an", "binh", "chi"}
