"""Time: what is due fires once, late rather than never, and one bad row stops nothing."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, select

from storage import schedule
from storage.db import Database
from storage.schedule import Schedule

ZONE = "Asia/Ho_Chi_Minh"
MONDAY = datetime.fromisoformat("2026-08-03T12:00:00+07:00")


def at(line: str) -> datetime:
    return datetime.fromisoformat(f"{line}:00+07:00")


def evenings(session: Session, **more: datetime) -> None:
    """Every Monday and Thursday at half past seven in the evening."""
    schedule.repeat(
        session, "study", "campaign:1", "30 19 * * mon,thu", zone=ZONE, now=MONDAY, **more
    )


def slots(session: Session, now: datetime) -> list[datetime]:
    return [due.slot for due in schedule.claim_due(session, now=now)]


def test_a_slot_fires_at_its_minute_and_not_before(session: Session) -> None:
    evenings(session)
    assert slots(session, at("2026-08-03T19:29")) == []
    assert slots(session, at("2026-08-03T19:30")) == [at("2026-08-03T19:30")]
    assert slots(session, at("2026-08-03T19:30")) == []
    assert slots(session, at("2026-08-06T19:31")) == [at("2026-08-06T19:30")]


@pytest.mark.parametrize("down", [timedelta(minutes=5), timedelta(hours=6), timedelta(days=3)])
def test_after_an_outage_a_missed_slot_fires_once(session: Session, down: timedelta) -> None:
    evenings(session)
    assert slots(session, at("2026-08-03T19:30") + down) == [at("2026-08-03T19:30")]
    assert slots(session, at("2026-08-03T19:30") + down) == []


def test_three_weeks_of_silence_are_one_reminder_not_six(session: Session) -> None:
    evenings(session)
    assert len(slots(session, at("2026-08-24T12:00"))) == 1
    assert slots(session, at("2026-08-24T19:30")) == [at("2026-08-24T19:30")]


def test_nothing_fires_after_the_end(session: Session) -> None:
    evenings(session, until=at("2026-08-05T00:00"))
    assert slots(session, at("2026-08-03T20:00")) == [at("2026-08-03T19:30")]
    assert slots(session, at("2026-09-03T20:00")) == []


def test_a_moved_moment_replaces_the_old_one(session: Session) -> None:
    schedule.once(session, "remind", "meeting:1", at("2026-08-10T19:30"), zone=ZONE)
    schedule.once(session, "remind", "meeting:1", at("2026-08-12T19:30"), zone=ZONE)
    assert slots(session, at("2026-08-11T00:00")) == []
    assert slots(session, at("2026-08-12T19:30")) == [at("2026-08-12T19:30")]


def test_a_moment_that_has_fired_does_not_fire_again_when_it_is_moved_back_there(
    session: Session,
) -> None:
    evenings(session)
    moment = at("2026-08-03T15:00")
    for _time in range(2):
        schedule.once(session, "remind", "meeting:1", moment, zone=ZONE)
        schedule.claim_due(session, now=moment)
    assert slots(session, at("2026-08-03T19:30")) == [at("2026-08-03T19:30")], "the clock stopped"


def test_saying_the_same_line_again_skips_no_slot(session: Session) -> None:
    evenings(session)
    schedule.repeat(
        session,
        "study",
        "campaign:1",
        "30 19 * * mon,thu",
        zone=ZONE,
        now=at("2026-08-03T19:30") + timedelta(seconds=1),
    )
    assert slots(session, at("2026-08-03T19:31")) == [at("2026-08-03T19:30")]


def test_dropped_is_forgotten(session: Session) -> None:
    evenings(session)
    schedule.drop(session, "campaign:1")
    assert slots(session, at("2026-08-30T12:00")) == []


def test_a_row_with_a_broken_zone_is_set_aside_and_the_others_fire(session: Session) -> None:
    evenings(session)
    schedule.repeat(session, "study", "campaign:2", "0 19 * * mon", zone=ZONE, now=MONDAY)
    broken = session.exec(select(Schedule).where(Schedule.subject == "campaign:2")).one()
    broken.zone = "Asia/Nowhere"
    session.add(broken)
    session.flush()
    due = schedule.claim_due(session, now=at("2026-08-03T19:30"))
    assert {each.subject for each in due} == {"campaign:1", "campaign:2"}
    assert [row.subject for row in schedule.broken(session)] == ["campaign:2"]
    assert slots(session, at("2026-08-06T19:30")) == [at("2026-08-06T19:30")]


def test_what_was_set_aside_goes_on_when_it_is_said_anew(session: Session) -> None:
    moment, wednesday = at("2026-08-06T19:30"), at("2026-08-05T12:00")
    evenings(session)
    schedule.once(session, "study", "meeting:1", moment, zone=ZONE)
    for row in session.exec(select(Schedule)).all():
        schedule.set_aside(session, row.id, "KeyError")
    assert slots(session, moment) == []
    line = "30 19 * * mon,thu"
    schedule.repeat(session, "study", "campaign:1", line, zone=ZONE, now=wednesday)
    schedule.once(session, "study", "meeting:1", moment, zone=ZONE)
    assert (slots(session, moment), list(schedule.broken(session))) == ([moment, moment], [])


def test_two_clocks_fire_once(database: Database) -> None:
    database.run(evenings)
    now = at("2026-08-03T19:30")
    with ThreadPoolExecutor(2) as pool:
        fired = list(
            pool.map(lambda _: database.run(lambda s: len(schedule.claim_due(s, now=now))), "ab")
        )
    assert sorted(fired) == [0, 1]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("30 19 * * mon,thu", "30 19 * * mon,thu"),
        ("19:30", "30 19 * * *"),
        ("7:05", "5 7 * * *"),
        ("0 8 * * MON-FRI", "0 8 * * mon-fri"),
        ("0 8 last * *", "0 8 last * *"),
        ("0 8 29 2 *", "0 8 29 2 *"),
    ],
)
def test_a_remind_line_is_understood(said: str, meant: str) -> None:
    assert schedule.parse_remind(said) == meant


@pytest.mark.parametrize(
    "said",
    [
        "",
        "soon",
        "30 19 * * 1",
        "30 19 * *",
        "61 19 * * mon",
        "25:00",
        "30 19 * * xyz",
        "0 8 * * 6#2",
        "30 19 31 2 *",
        "0 0 30 feb *",
    ],
)
def test_a_remind_line_that_could_be_misread_is_refused(said: str) -> None:
    with pytest.raises(ValueError):
        schedule.parse_remind(said)


def test_the_29th_of_february_and_the_last_day_do_not_skip(session: Session) -> None:
    schedule.repeat(session, "x", "a:1", "0 9 last * *", zone=ZONE, now=at("2028-02-01T00:00"))
    assert slots(session, at("2028-02-29T09:00")) == [at("2028-02-29T09:00")]
    assert slots(session, at("2028-03-31T09:00")) == [at("2028-03-31T09:00")]


def test_a_slot_in_the_hour_that_summer_time_skips_still_fires(session: Session) -> None:
    zone = "Europe/Berlin"
    before = datetime.fromisoformat("2027-03-27T12:00:00+01:00")
    schedule.repeat(session, "x", "a:1", "30 2 * * *", zone=zone, now=before)
    fired = slots(session, datetime.fromisoformat("2027-03-28T12:00:00+02:00"))
    assert len(fired) == 1


def test_zones_are_known_on_a_machine_that_has_none() -> None:
    """The system's own database of zones may be missing: ours comes along."""
    told = subprocess.run(
        [sys.executable, "-c", "import zoneinfo as z; print(z.ZoneInfo('Asia/Ho_Chi_Minh'))"],
        env={"PYTHONTZPATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == "Asia/Ho_Chi_Minh"
