"""A unit sets its own figures: who may, between which bounds, and back again."""

from __future__ import annotations

import pytest
from sqlmodel import Session, col, select

from storage.acts import Did
from storage.audit import Deed
from storage.errors import NotFound, Refusal
from storage.rules import Rule, changing, rule_set
from storage.rules.changing import Measure
from tests.storage.test_attendance import Cast, actor
from tests.town import BRANCH_1, NOON, PARTY, unit_id

TODAY = NOON.date()


@pytest.mark.parametrize(
    ("measure", "text", "value"),
    [
        (Measure.PERCENT, "85", 85),
        (Measure.PERCENT, "85,5 %", 85.5),
        (Measure.PERCENT, "2/3", 66.67),
        (Measure.PERCENT, "100%", 100),
        (Measure.PERCENT, "0", 0),
        (Measure.MINUTES, " 15 ", 15),
        (Measure.DAY, "28", 28),
        (Measure.YES_NO, "1", 1),
    ],
)
def test_a_figure_is_read_as_people_write_it(measure: Measure, text: str, value: float) -> None:
    assert changing.check_figure(measure, text) == value


@pytest.mark.parametrize(
    ("measure", "text"),
    [
        (Measure.PERCENT, "101"),
        (Measure.PERCENT, "-5"),
        (Measure.PERCENT, "2/0"),
        (Measure.PERCENT, "4/3"),
        (Measure.PERCENT, "nan"),
        (Measure.PERCENT, "1e2"),
        (Measure.PERCENT, ""),
        (Measure.PERCENT, "٣"),  # a digit, but none that anybody here types
        (Measure.MINUTES, "15,5"),
        (Measure.MINUTES, "2/3"),
        (Measure.DAY, "29"),
        (Measure.YES_NO, "2"),
        (Measure.POINTS, "99999"),
    ],
)
def test_what_is_no_such_figure_is_refused(measure: Measure, text: str) -> None:
    with pytest.raises(Refusal):
        changing.check_figure(measure, text)


@pytest.mark.parametrize(
    ("value", "text"), [(None, "none"), (85.0, "85"), (66.67, "66.67"), (85.5, "85.50")]
)
def test_a_button_carries_a_figure_that_is_read_back(value: float | None, text: str) -> None:
    assert changing.spelled(value) == text
    if value is not None:
        assert changing.check_figure(Measure.PERCENT, text) == value


def test_every_rule_says_what_it_measures() -> None:
    assert {each.key for each in rule_set("party")} == set(changing.MEASURES)


def change(session: Session, name: str, key: str, text: str, path: str = BRANCH_1) -> Rule:
    unit = unit_id(session, path)
    return changing.change(session, actor(session, name), "party", unit, key, text, now=NOON).rule


def seen(session: Session, name: str, key: str, path: str = BRANCH_1) -> changing.Figure:
    unit = unit_id(session, path)
    return changing.figure(session, actor(session, name), "party", unit, key, on=TODAY)


def deeds(session: Session) -> list[tuple[str, dict[str, object]]]:
    found = session.exec(
        select(Deed).where(col(Deed.did).in_((Did.RULE_SET, Did.RULE_DROP))).order_by(col(Deed.id))
    ).all()
    return [(each.did, each.details) for each in found]


def test_a_deputy_sets_a_bar_and_takes_it_back(session: Session, cast: Cast) -> None:
    assert change(session, "binh", "quorum.regular", "2/3").value == 66.67
    found = seen(session, "chi", "quorum.regular")
    assert (found.here, found.rule.own, found.rule.set_by) == (True, True, cast["binh"])
    change(session, "an", "quorum.regular", "66,67")  # the same: nothing to write down
    unit, an = unit_id(session, BRANCH_1), actor(session, "an")
    for _press in range(2):
        back = changing.drop(session, an, "party", unit, "quorum.regular", now=NOON)
    assert (back.here, back.rule.value, back.rule.own) == (False, None, False)
    key = {"key": "quorum.regular"}
    assert deeds(session) == [
        ("rule.set", {**key, "was": "none", "became": "66.67"}),
        ("rule.drop", {**key, "was": "66.67"}),
    ]


def test_taking_ones_own_back_lets_the_figure_from_above_hold(session: Session, cast: Cast) -> None:
    change(session, "oanh", "late.after", "10", PARTY)
    assert seen(session, "an", "late.after").rule.value == 10
    change(session, "an", "late.after", "5")
    unit, an = unit_id(session, BRANCH_1), actor(session, "an")
    back = changing.drop(session, an, "party", unit, "late.after", now=NOON)
    assert (back.rule.value, back.here, back.rule.unit_id) == (10, False, unit_id(session, PARTY))


@pytest.mark.parametrize("name", ["chi", "giang", "oanh", "lan"])
def test_nobody_but_its_own_leaders_sets_a_branchs_figure(
    session: Session, cast: Cast, name: str
) -> None:
    with pytest.raises(NotFound):
        change(session, name, "late.after", "10")
    assert deeds(session) == []


@pytest.mark.parametrize("name", ["giang", "lan"])
def test_nobody_outside_the_committee_reads_them(session: Session, cast: Cast, name: str) -> None:
    with pytest.raises(NotFound):
        seen(session, name, "late.after")


def test_the_committee_above_reads_a_branchs_figures(session: Session, cast: Cast) -> None:
    assert seen(session, "oanh", "late.after").rule.value == 15


def test_what_a_rule_has_written_stands(session: Session, cast: Cast) -> None:
    with pytest.raises(Refusal):
        change(session, "an", "meeting.minutes", "30")
    assert deeds(session) == []


def test_a_key_that_does_not_exist_is_not_found(session: Session, cast: Cast) -> None:
    with pytest.raises(NotFound):
        change(session, "an", "meeting.tea", "30")
