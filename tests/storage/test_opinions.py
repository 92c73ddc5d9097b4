"""Opinions before a meeting: handed in under one's name, read by the committee, withdrawn."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, select

from storage import agenda, meetings, opinions, schedule
from storage.errors import NotFound, Refusal
from storage.meetings import Meeting, MeetingKind
from storage.opinions import Opinion
from tests.storage.test_meetings import QUIET, THURSDAY, Cast, actor, called, owed
from tests.town import NOON

TEXT = "Đề nghị bàn về đèn đường hẻm 12"


def sent(session: Session, meeting: Meeting, name: str = "huong", token: str = "o1") -> Opinion:
    return opinions.send(session, actor(session, name), meeting.id, TEXT, token=token, now=NOON)


def tick(session: Session, now: datetime) -> None:
    """What the clock does about opinions."""
    for due in schedule.claim_due(session, now=now):
        if due.kind == "opinion.digest":
            meeting_id = int(due.subject.rpartition(":")[2])
            opinions.digest(session, meeting_id, quiet=QUIET, now=now)


def test_the_committee_reads_an_opinion_with_its_name(session: Session, cast: Cast) -> None:
    meeting = called(session)
    sent(session, meeting)
    _meeting, found = opinions.received(session, actor(session, "chi"), meeting.id)
    assert [(opinion.text, person.full_name) for opinion, person in found] == [
        (TEXT, "Nguyễn Thị Hương")
    ]


def test_sending_twice_is_sending_once(session: Session, cast: Cast) -> None:
    meeting = called(session)
    assert sent(session, meeting).id == sent(session, meeting).id
    assert opinions.number(session, meeting.id) == 1


@pytest.mark.parametrize("name", ["giang", "lan", "oanh"])
def test_nobody_else_reads_or_withdraws_it(session: Session, cast: Cast, name: str) -> None:
    meeting = called(session)
    mine = sent(session, meeting)
    other = actor(session, name)
    with pytest.raises(NotFound):
        opinions.received(session, other, meeting.id)
    try:
        gone = opinions.withdraw(session, other, meeting.id, mine.id, now=NOON)
    except NotFound:
        gone = False
    assert not gone and opinions.number(session, meeting.id) == 1


def test_who_is_not_convened_sends_none(session: Session, cast: Cast) -> None:
    meeting = called(session, kind=MeetingKind.COMMITTEE)
    for name in ("huong", "lan"):
        with pytest.raises(NotFound):
            sent(session, meeting, name)


def test_what_is_withdrawn_is_gone(session: Session, cast: Cast) -> None:
    meeting = called(session)
    mine = sent(session, meeting)
    huong = actor(session, "huong")
    assert opinions.withdraw(session, huong, meeting.id, mine.id, now=NOON)
    assert not opinions.withdraw(session, huong, meeting.id, mine.id, now=NOON)
    assert session.exec(select(Opinion)).all() == []


def test_a_few_of_each_are_taken_until_the_meeting_begins(session: Session, cast: Cast) -> None:
    meeting = called(session)
    mine = [sent(session, meeting, token=f"o{n}") for n in range(opinions.AT_MOST)]
    with pytest.raises(Refusal, match="limit"):
        sent(session, meeting, token="more")
    agenda.begin(session, actor(session, "an"), meeting.id, now=THURSDAY - timedelta(minutes=5))
    early = THURSDAY - timedelta(minutes=1)
    with pytest.raises(Refusal, match="begun"):
        opinions.withdraw(session, actor(session, "huong"), meeting.id, mine[0].id, now=early)
    with pytest.raises(Refusal, match="begun"):
        opinions.send(session, actor(session, "an"), meeting.id, TEXT, token="a", now=early)


def test_an_opinion_has_words_and_an_end(session: Session, cast: Cast) -> None:
    for text in ("  \n ", "ý" * (opinions.TEXT_LIMIT + 1)):
        with pytest.raises(Refusal):
            opinions.check_text(text)


def test_the_committee_hears_of_them_once_on_the_day_before(session: Session, cast: Cast) -> None:
    meeting = called(session)
    sent(session, meeting)
    sent(session, meeting, "giang", "o2")
    assert owed(session, "opinion.digest") == []
    tick(session, THURSDAY - timedelta(days=1))
    tick(session, THURSDAY - timedelta(hours=23))
    assert {each.person_id for each in owed(session, "opinion.digest")} == {
        cast[name] for name in ("an", "binh", "chi")
    }
    assert len(owed(session, "opinion.digest")) == 3


def test_the_digest_follows_a_meeting_that_is_moved(session: Session, cast: Cast) -> None:
    meeting = called(session)
    sent(session, meeting)
    later = THURSDAY + timedelta(days=3)
    meetings.move(
        session,
        actor(session, "an"),
        meeting.id,
        revision=0,
        starts_at=later,
        place="Hội trường",
        now=NOON,
    )
    meetings.carry_out(session, meeting.id, quiet=QUIET, now=NOON + timedelta(minutes=1))
    tick(session, THURSDAY - timedelta(days=1))
    assert owed(session, "opinion.digest") == []
    tick(session, later - timedelta(days=1))
    assert len(owed(session, "opinion.digest")) == 3


def test_no_digest_speaks_of_what_was_withdrawn_or_called_off(session: Session, cast: Cast) -> None:
    meeting = called(session)
    mine = sent(session, meeting)
    opinions.withdraw(session, actor(session, "huong"), meeting.id, mine.id, now=NOON)
    tick(session, THURSDAY - timedelta(days=1))
    other = called(session, token="t2")
    sent(session, other, token="o9")
    meetings.call_off(session, actor(session, "an"), other.id, now=NOON)
    meetings.carry_out(session, other.id, quiet=QUIET, now=NOON + timedelta(minutes=1))
    tick(session, THURSDAY - timedelta(days=1))
    assert owed(session, "opinion.digest") == []
