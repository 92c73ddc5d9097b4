"""A short torture run: every named step killed once; `make torture` does it hundreds of times."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.simulator.client import World
from tests.torture.crew import PROCESSES, share
from tests.torture.lane import Lane
from tests.torture.press import check_in
from tests.torture.victim import ACCEPTED, STEPS


@pytest.fixture
def lane(world: World, database_url: str, tmp_path: Path) -> Iterator[Lane]:
    opened = Lane(world, database_url, tmp_path)
    yield opened
    opened.close()


def test_killed_at_every_step_it_loses_nothing_and_repeats_nothing_unsaid(lane: Lane) -> None:
    struck = {step: lane.round(step, 1, "SIGKILL").struck for step in (*STEPS, ACCEPTED)}
    assert struck == dict.fromkeys((*STEPS, ACCEPTED), 1)


def test_ended_and_stopped_while_it_sends_it_keeps_its_promise(lane: Lane) -> None:
    for step, how in (("sending", "SIGTERM"), ("answered", "SIGSTOP"), ("committed", "SIGTERM")):
        assert lane.round(step, 2, how, faults=1, fault="cut_after").struck == 1


@pytest.mark.parametrize("dialect", ["postgresql"])
def test_three_processes_share_the_post_of_one_that_is_killed(
    world: World, database_url: str, tmp_path: Path
) -> None:
    shared = share(world, database_url, tmp_path, notices=1200)
    assert shared.senders == PROCESSES
    assert shared.sent + shared.uncertain == 1200


def test_a_full_room_checks_in_while_the_bot_is_killed_twice(
    world: World, database_url: str, tmp_path: Path
) -> None:
    found = check_in(world, database_url, tmp_path, people=100, seconds=15, seed=4)
    assert sum(found.entered.values()) == 100
    assert found.failed > 0
