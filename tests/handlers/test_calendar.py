"""[Add to calendar]: what a phone's calendar makes of the file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar, Event
from sqlmodel import Session

from bot.app import FEATURES
from handlers.dispatch import Conversation
from handlers.kit import House
from storage import agenda, meetings, roster
from storage.agenda import Content, Item
from storage.errors import NotFound
from storage.meetings import Meeting, MeetingKind
from tests.handlers.test_meetings import called as told_of
from tests.storage.test_meetings import QUIET, THURSDAY, Cast, actor, called
from tests.town import ACCOUNTS, BRANCH_1, NOON, Town

HOUSE = House(bot_username="chibo_bot")


def made(session: Session, meeting: Meeting, name: str = "huong") -> Calendar:
    act = {"make": "calendar", "args": [meeting.id], "chat": 1, "person": ACCOUNTS[name]}
    build = Conversation(FEATURES, HOUSE).make(session, act, now=NOON)
    return Calendar.from_ical(build())  # type: ignore[return-value]


def event(calendar: Calendar) -> Event:
    (found,) = calendar.walk("VEVENT")
    assert isinstance(found, Event)
    return found


def test_a_calendar_reads_what_when_where_and_how_long(session: Session, cast: Cast) -> None:
    meeting = called(session, place="Hội trường A; lầu 2, phường 5")
    calendar = made(session, meeting)
    found = event(calendar)
    assert calendar["METHOD"] == "PUBLISH" and found["STATUS"] == "CONFIRMED"
    assert found["DTSTART"].dt == THURSDAY
    assert found["DTSTART"].params["TZID"] == "Asia/Ho_Chi_Minh"
    assert found["DURATION"].dt == timedelta(minutes=90)  # by the rule
    assert found["LOCATION"] == "Hội trường A; lầu 2, phường 5"
    assert found["SUMMARY"] == "Họp thường kỳ tháng 8 · Chi bộ 1"
    (zone,) = calendar.walk("VTIMEZONE")
    assert zone["TZID"] == "Asia/Ho_Chi_Minh"


def test_a_longer_agenda_keeps_more_of_the_evening_free(session: Session, cast: Cast) -> None:
    meeting = called(session)
    agenda.fill(session, actor(session, "an"), meeting.id, [Item("Học", Content.STUDY, 150)])
    found = event(made(session, meeting))
    assert found["DURATION"].dt == timedelta(minutes=150)


def test_a_moved_meeting_is_the_same_event_later(session: Session, cast: Cast) -> None:
    meeting = called(session)
    before = event(made(session, meeting))
    later = THURSDAY + timedelta(days=2)
    meetings.move(
        session, actor(session, "an"), meeting.id, revision=0, starts_at=later, place="B", now=NOON
    )
    meetings.carry_out(session, meeting.id, quiet=QUIET, now=NOON + timedelta(minutes=2))
    after = event(made(session, meeting))
    assert after["UID"] == before["UID"]
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (0, 1)
    assert after["DTSTART"].dt == later and after["LOCATION"] == "B"


def test_two_meetings_are_two_events(session: Session, cast: Cast) -> None:
    uids = {event(made(session, called(session, token=f"t{n}")))["UID"] for n in range(2)}
    assert len(uids) == 2


def test_a_meeting_that_is_called_off_is_struck_out(session: Session, cast: Cast) -> None:
    meeting = called(session)
    before = event(made(session, meeting))
    meetings.call_off(session, actor(session, "an"), meeting.id, now=NOON)
    meetings.carry_out(session, meeting.id, quiet=QUIET, now=NOON + timedelta(minutes=2))
    calendar = made(session, meeting)
    after = event(calendar)
    assert calendar["METHOD"] == "CANCEL" and after["STATUS"] == "CANCELLED"
    assert after["UID"] == before["UID"] and after["SEQUENCE"] > before["SEQUENCE"]


def test_in_the_night_when_clocks_change_the_length_stays(session: Session, cast: Cast) -> None:
    unit = roster.unit_at(session, BRANCH_1)
    unit.zone = "Europe/Berlin"
    session.flush()
    begins = datetime(2026, 10, 25, 0, 0, tzinfo=UTC)  # 2:00 in summer time; an hour later 2:00
    meeting = called(session, starts_at=begins)
    calendar = made(session, meeting)
    found = event(calendar)
    assert found["DTSTART"].dt.astimezone(UTC) == begins
    assert found["DURATION"].dt == timedelta(minutes=90)
    (zone,) = calendar.walk("VTIMEZONE")
    assert {each.name for each in zone.subcomponents} == {"STANDARD", "DAYLIGHT"}
    assert ZoneInfo(str(found["DTSTART"].params["TZID"])) == ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize("name", ["huong", "lan"])
def test_nobody_gets_a_meeting_that_they_are_not_convened_to(
    session: Session, cast: Cast, name: str
) -> None:
    meeting = called(session, kind=MeetingKind.COMMITTEE)
    with pytest.raises(NotFound):
        made(session, meeting, name)


def test_a_member_presses_and_gets_the_file(town: Town) -> None:
    told_of(town)
    town.huong.send("Lịch họp")
    town.huong.wait_for("Nhà văn hóa")
    town.huong.press("Thêm vào lịch")
    sent = town.huong.wait_for(lambda message: message.document is not None)
    assert sent.document is not None and sent.document.name == "hop-2026-08-13.ics"
    assert b"BEGIN:VTIMEZONE" in sent.document.read()
