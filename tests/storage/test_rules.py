"""The rules of an organisation: what is written, since when, and what a unit has set itself."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlmodel import Session

from storage import roster, rules
from storage.errors import Refusal

NOW = datetime(2026, 8, 1, 5, tzinfo=UTC)
TODAY = NOW.date()
PROFILES = ("party", "union", "youth", "association")


def value(session: Session, key: str, path: str) -> float | None:
    return rules.rule(session, "party", key, roster.unit_at(session, path), on=TODAY).value


@pytest.mark.parametrize("profile", PROFILES)
def test_every_profile_knows_the_same_rules_and_says_where_each_comes_from(profile: str) -> None:
    known = rules.rule_set(profile)
    assert {each.key for each in known} == {each.key for each in rules.rule_set("party")}
    assert all(each.citation and each.since for each in known)


def test_the_newest_rule_that_is_in_force_on_a_day_counts() -> None:
    assert rules.written("party", "meeting.minutes", date(2026, 1, 1)).value == 90
    assert rules.written("party", "meeting.minutes", date(2026, 1, 1)).since == date(2025, 1, 1)


def test_nobody_asks_for_a_rule_that_does_not_exist() -> None:
    with pytest.raises(KeyError):
        rules.written("party", "meeting.tea", TODAY)


def test_a_unit_sets_its_own_and_those_below_it_follow(session: Session) -> None:
    above = roster.unit_at(session, "Đảng bộ A")
    roster.unit_at(session, "Đảng bộ A / Chi bộ 1 / Tổ 1")
    assert value(session, "late.after", "Đảng bộ A / Chi bộ 1 / Tổ 1") == 15
    rules.set_own(session, "party", "late.after", above, 10, by=None, now=NOW)
    assert value(session, "late.after", "Đảng bộ A / Chi bộ 1 / Tổ 1") == 10
    nearer = roster.unit_at(session, "Đảng bộ A / Chi bộ 1")
    rules.set_own(session, "party", "late.after", nearer, 5, by=None, now=NOW)
    rules.set_own(session, "party", "late.after", nearer, 7, by=None, now=NOW)
    assert value(session, "late.after", "Đảng bộ A / Chi bộ 1 / Tổ 1") == 7
    assert value(session, "late.after", "Đảng bộ A") == 10


def test_nobody_changes_a_figure_that_a_rule_has_written(session: Session) -> None:
    unit = roster.unit_at(session, "Đảng bộ A")
    with pytest.raises(Refusal):
        rules.set_own(session, "party", "meeting.minutes", unit, 30, by=None, now=NOW)
    assert value(session, "meeting.minutes", "Đảng bộ A") == 90
