"""Rights: the whole matrix of roles, powers and relations, against a reviewed table."""

from __future__ import annotations

import csv
import itertools
from pathlib import Path

import pytest

from storage.errors import NotFound
from storage.powers import (
    POWERS,
    SHELL,
    Actor,
    Grant,
    Role,
    may,
    may_somewhere,
    require,
    units_with,
)

MATRIX = Path(__file__).with_name("powers.csv")

# A committee (1) over two branches (2, 5); branch 2 has a group (3) with a part of its own (4).
HERE = (1, 2, 3)
TARGETS = {"same": (1, 2, 3), "below": (1, 2, 3, 4), "above": (1, 2), "beside": (1, 5)}


def actor(role: str) -> Actor:
    """Somebody who holds one role on unit 3 and is a member nowhere else."""
    if role == "stranger":
        return Actor(1)
    if role == "owner":
        return Actor(1, owner=True)
    if role == "not agreed":
        return Actor(1, person_id=9)
    return Actor(1, person_id=9, grants=(Grant(Role(role), 3, HERE),))


ACTORS = ["stranger", "not agreed", "owner", *Role]


def expected() -> dict[tuple[str, str, str], bool]:
    with MATRIX.open(encoding="utf-8", newline="") as file:
        return {
            (row["power"], row["role"], relation): row[relation] == "yes"
            for row in csv.DictReader(file)
            for relation in TARGETS
        }


def test_every_cell_of_the_matrix_is_as_reviewed() -> None:
    table = expected()
    found = {
        (power, role, relation): may(actor(role), power, lineage)
        for power, role in itertools.product(POWERS, ACTORS)
        for relation, lineage in TARGETS.items()
    }
    assert found == table


@pytest.mark.parametrize("role", ACTORS)
def test_somewhere_means_at_least_one_unit(role: str) -> None:
    table = expected()
    for power in POWERS:
        anywhere = any(table[power, role, relation] for relation in TARGETS)
        assert may_somewhere(actor(role), power) == anywhere, power


def test_a_power_nobody_declared_is_an_error_not_a_yes() -> None:
    with pytest.raises(KeyError):
        may(actor("secretary"), "no such power", HERE)


def test_forbidden_looks_like_not_there() -> None:
    with pytest.raises(NotFound) as refused:
        require(actor("member"), "roster.change", HERE)
    assert refused.value.sentence == NotFound().sentence


def test_a_right_over_no_unit_is_no_right() -> None:
    assert not may(actor("secretary"), "meeting.create", ())


def test_who_is_on_no_roll_is_known_only_as_the_owner() -> None:
    assert not Actor(1).known
    assert Actor(1, owner=True).known
    assert Actor(1, person_id=1, grants=(Grant(Role.MEMBER, 4, (1, 4)),)).known


def test_who_can_run_commands_on_the_machine_may_what_the_owner_may() -> None:
    for name, power in POWERS.items():
        assert may(SHELL, name, (1,)) == (power.owner or power.anyone), name


def test_a_power_is_held_on_the_units_that_it_is_granted_on() -> None:
    grants = (Grant(Role.SECRETARY, 4, (1, 4)), Grant(Role.MEMBER, 5, (1, 5)))
    assert units_with(Actor(1, person_id=1, grants=grants), "meeting.create") == [4]
