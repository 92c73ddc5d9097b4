"""After a silence longer than Telegram keeps a press, who may have pressed in vain is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlmodel import Session, col, select

from storage import drafts, groups, meetings, outages, outbox
from storage.drafts import Draft
from storage.meetings import Meeting, MeetingKind, Plan
from storage.outages import PRESS_KEPT, heard
from storage.outbox import Notice
from storage.powers import Actor
from storage.quiet import Quiet
from storage.speakers import who
from tests.town import ACCOUNTS, BRANCH_1, BRANCH_2, NOON, unit_id

QUIET = Quiet("21:30-06:30", "Asia/Ho_Chi_Minh")
REAL = datetime(2026, 8, 3, 5, tzinfo=UTC)  # the machine's clock has a time of its own
LONG = PRESS_KEPT + timedelta(seconds=1)


def told(session: Session) -> list[tuple[str, str]]:
    """Who is owed the news."""
    found = session.exec(
        select(Notice.kind, Notice.recipient)
        .where(col(Notice.kind).in_((outages.TO_GROUP, outages.TO_PERSON)))
        .order_by(col(Notice.id))
    ).all()
    return [(kind, recipient) for kind, recipient in found]


def secretary(session: Session, name: str) -> Actor:
    return who(session, ACCOUNTS[name], today=NOON.date(), owner=False)


def check_in(session: Session, name: str, path: str, chat_id: int, *, opened: bool) -> int:
    """A group of a unit, and a meeting in an hour; returns the group."""
    group = groups.joined(session, chat_id)
    group.unit_id = unit_id(session, path)
    plan = Plan(group.unit_id, MeetingKind.REGULAR, NOON + timedelta(hours=1), "Nhà văn hóa")
    meeting = meetings.call(
        session, secretary(session, name), plan, token=name, quiet=QUIET, now=NOON
    )
    row = session.get_one(Meeting, meeting.id)
    row.opened_at = NOON if opened else None
    row.closes_at = NOON + timedelta(hours=2)
    session.flush()
    return group.id


def test_the_first_time_and_after_a_short_silence_nobody_is_told(
    session: Session, cast: dict[str, int]
) -> None:
    check_in(session, "an", BRANCH_1, -1, opened=True)
    assert heard(session, at=REAL, quiet=QUIET, now=NOON) is None
    assert heard(session, at=REAL + PRESS_KEPT, quiet=QUIET, now=NOON) is None
    assert told(session) == []


def test_after_a_long_one_those_in_the_middle_of_something_are_told_once(
    session: Session, cast: dict[str, int]
) -> None:
    group = check_in(session, "an", BRANCH_1, -1, opened=True)
    check_in(session, "lan", BRANCH_2, -2, opened=False)
    drafts.keep(session, ACCOUNTS["huong"], Draft("ask.send"), now=NOON)
    drafts.keep(session, ACCOUNTS["minh"], Draft("ask.send"), now=NOON - timedelta(hours=3))
    heard(session, at=REAL, quiet=QUIET, now=NOON)
    assert heard(session, at=REAL + LONG, quiet=QUIET, now=NOON) == LONG
    assert heard(session, at=REAL + LONG, quiet=QUIET, now=NOON) is None
    assert told(session) == [
        (outages.TO_GROUP, f"g{group}"),
        (outages.TO_PERSON, f"p{cast['huong']}"),
    ]


def test_a_group_that_checks_in_is_told_at_night_as_well(
    session: Session, cast: dict[str, int]
) -> None:
    check_in(session, "an", BRANCH_1, -100, opened=True)
    heard(session, at=REAL, quiet=QUIET, now=NOON)
    heard(session, at=REAL + LONG, quiet=QUIET, now=NOON)
    (notice,) = session.exec(select(Notice).where(Notice.kind == outages.TO_GROUP)).all()
    assert notice.priority == outbox.URGENT, "no quiet hours hold it"


def test_in_quiet_hours_nobody_is_woken_for_it(session: Session, cast: dict[str, int]) -> None:
    night = NOON.replace(hour=23)
    drafts.keep(session, ACCOUNTS["huong"], Draft("ask.send"), now=night)
    heard(session, at=REAL, quiet=QUIET, now=night)
    heard(session, at=REAL + LONG, quiet=QUIET, now=night)
    (notice,) = session.exec(select(Notice).where(Notice.kind == outages.TO_PERSON)).all()
    assert notice.valid_until is not None
    assert notice.due_at > notice.valid_until, "it expires unsaid"
