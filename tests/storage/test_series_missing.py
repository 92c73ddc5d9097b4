"""Branches that have not called this month's meeting, or this quarter's, by its day."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from sqlmodel import Session, select

from storage import meetings, roster, rules, series, speakers
from storage.meetings import Meeting, MeetingKind
from storage.outbox import Notice
from storage.powers import Role
from storage.quiet import Quiet
from storage.series import Pattern, Plan
from storage.series.missing import branches
from tests.town import ACCOUNTS, BRANCH_1, BRANCH_2, NOON, PARTY, unit_id

ZONE = "Asia/Ho_Chi_Minh"
QUIET = Quiet("21:30-06:30", ZONE)
Cast = dict[str, int]


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+07:00")


def told(session: Session, moment: str) -> int:
    return series.tell_missing(session, profile="party", quiet=QUIET, now=at(moment))


def about(session: Session, name: str) -> list[str]:
    """What a committee member has been told is missing."""
    person = session.exec(
        select(roster.Person).where(roster.Person.telegram_id == ACCOUNTS[name])
    ).one()
    found = select(Notice).where(Notice.kind == series.MISSING, Notice.person_id == person.id)
    return [f"{each.facts['kind']} {each.facts['month']}" for each in session.exec(found).all()]


def called(session: Session, kind: MeetingKind, when: str, *, by: str = "an") -> Meeting:
    unit = unit_id(session, {"an": BRANCH_1, "lan": BRANCH_2, "oanh": PARTY}[by])
    actor = speakers.who(session, ACCOUNTS[by], today=NOON.date(), owner=False)
    plan = meetings.Plan(unit, kind, at(when), "Nhà văn hóa")
    token = f"{by}-{kind}-{when}"
    return meetings.call(session, actor, plan, token=token, quiet=QUIET, now=NOON)


def test_a_branch_is_told_on_the_twentieth_once_a_month(session: Session, cast: Cast) -> None:
    assert told(session, "2026-08-19T08:00") == 0
    assert told(session, "2026-08-20T08:00") == 4  # An, Bình, Chi; Lan
    assert told(session, "2026-08-21T08:00") == 0
    assert about(session, "an") == ["regular 2026-08-01"]
    assert about(session, "lan") == ["regular 2026-08-01"]
    for name in ("oanh", "dung", "huong", "minh"):  # no branch's committee
        assert about(session, name) == []
    assert told(session, "2026-10-20T08:00") == 4


def test_a_bot_that_was_down_on_the_twentieth_tells_later(session: Session, cast: Cast) -> None:
    assert told(session, "2026-08-31T08:00") == 4
    assert told(session, "2026-09-01T08:00") == 0


@pytest.mark.parametrize("kind", [MeetingKind.REGULAR, MeetingKind.CONGRESS])
def test_a_branch_that_meets_this_month_is_left_alone(
    session: Session, cast: Cast, kind: MeetingKind
) -> None:
    called(session, kind, "2026-08-31T23:00")
    assert told(session, "2026-08-20T08:00") == 1
    assert about(session, "an") == []
    assert about(session, "lan") == ["regular 2026-08-01"]


@pytest.mark.parametrize(
    ("kind", "when", "by"),
    [
        (MeetingKind.COMMITTEE, "2026-08-13T19:30", "an"),
        (MeetingKind.EXTRAORDINARY, "2026-08-13T19:30", "an"),
        (MeetingKind.THEMATIC, "2026-08-13T19:30", "an"),
        (MeetingKind.REGULAR, "2026-09-01T00:00", "an"),
        (MeetingKind.REGULAR, "2026-08-13T19:30", "lan"),  # another branch's
        (MeetingKind.REGULAR, "2026-08-13T19:30", "oanh"),  # the committee's above
    ],
)
def test_another_meeting_is_not_the_one_that_is_missing(
    session: Session, cast: Cast, kind: MeetingKind, when: str, by: str
) -> None:
    called(session, kind, when, by=by)
    told(session, "2026-08-20T08:00")
    assert about(session, "an") == ["regular 2026-08-01"]


def test_a_meeting_that_was_called_off_is_missing(session: Session, cast: Cast) -> None:
    meetings.cancel(session, called(session, MeetingKind.REGULAR, "2026-08-13T19:30"))
    told(session, "2026-08-20T08:00")
    assert about(session, "an") == ["regular 2026-08-01"]


def test_a_draft_of_a_series_is_not_yet_a_meeting_and_is_offered(
    session: Session, cast: Cast
) -> None:
    an = speakers.who(session, ACCOUNTS["an"], today=NOON.date(), owner=False)
    unit = roster.unit_at(session, BRANCH_1)
    plan = Plan(unit.id, MeetingKind.REGULAR, Pattern(day=27), "19:30", "Nhà văn hóa")
    series.start(session, an, plan, token="s", quiet=QUIET, now=NOON)
    told(session, "2026-08-20T08:00")
    assert about(session, "an") == ["regular 2026-08-01"]
    day = at("2026-08-20T08:00").date()
    lack = series.lacking(session, unit, MeetingKind.REGULAR, day, zone=ZONE)
    assert lack is not None and lack.draft is not None
    assert lack.draft.starts_at == at("2026-08-27T19:30")


@pytest.mark.parametrize(
    ("held", "missing"),
    [
        (None, True),
        ("2026-07-02T19:30", False),  # any month of the quarter will do
        ("2026-09-30T23:30", False),
        ("2026-06-30T19:30", True),
        ("2026-10-01T07:30", True),
    ],
)
def test_the_thematic_meeting_is_asked_for_in_the_last_month_of_the_quarter(
    session: Session, cast: Cast, held: str | None, missing: bool
) -> None:
    if held is not None:
        meeting = called(session, MeetingKind.THEMATIC, "2026-08-06T19:30")
        meeting.starts_at = at(held)
        session.flush()
    told(session, "2026-08-25T08:00")
    assert "thematic" not in " ".join(about(session, "an"))
    told(session, "2026-09-20T08:00")
    assert ("thematic 2026-09-01" in about(session, "an")) is missing
    assert "regular 2026-09-01" in about(session, "an")


def test_a_meeting_that_is_both_is_missed_as_neither(session: Session, cast: Cast) -> None:
    called(session, MeetingKind.JOINT, "2026-09-10T19:30")
    told(session, "2026-09-20T08:00")
    assert about(session, "an") == []


def test_the_day_is_that_of_the_branch_where_it_is(session: Session, cast: Cast) -> None:
    session.get_one(roster.Unit, unit_id(session, BRANCH_1)).zone = "America/Los_Angeles"
    told(session, "2026-08-20T08:00")  # the evening of the 19th there
    assert about(session, "an") == [] and about(session, "lan") != []
    told(session, "2026-08-21T08:00")
    assert about(session, "an") == ["regular 2026-08-01"]


@pytest.mark.parametrize(
    ("by", "before", "on"),
    [(10, "2026-08-09", "2026-08-10"), (31, "2027-02-27", "2027-02-28")],
)
def test_a_unit_may_set_another_day(
    session: Session, cast: Cast, by: int, before: str, on: str
) -> None:
    unit = roster.unit_at(session, BRANCH_1)
    rules.set_own(session, "party", "regular.by", unit, by, by=None, now=NOON)
    told(session, f"{before}T08:00")
    assert about(session, "an") == []
    told(session, f"{on}T08:00")
    assert len(about(session, "an")) == 1


def test_a_unit_that_sets_no_day_is_never_told(session: Session, cast: Cast) -> None:
    unit = roster.unit_at(session, BRANCH_1)
    rules.set_own(session, "party", "regular.by", unit, None, by=None, now=NOON)
    told(session, "2026-08-31T08:00")
    assert about(session, "an") == []


def test_a_branch_is_the_lowest_unit_with_a_secretary(session: Session, cast: Cast) -> None:
    def names(**more: Any) -> list[str]:
        return sorted(unit.name for unit in branches(session, NOON.date()))

    assert names() == ["Chi bộ 1", "Chi bộ 2"]
    minh = session.get_one(roster.Person, cast["minh"])
    group = unit_id(session, f"{BRANCH_1} / Tổ 1")
    roster.give_role(session, minh, group, Role.DEPUTY, today=NOON.date(), by=None)
    assert names() == ["Chi bộ 1", "Chi bộ 2"]  # who leads a group is no secretary
    below = roster.unit_at(session, f"{BRANCH_2} / Chi bộ 2A")
    roster.give_role(session, minh, below.id, Role.SECRETARY, today=NOON.date(), by=None)
    assert names() == ["Chi bộ 1", "Chi bộ 2A"]
