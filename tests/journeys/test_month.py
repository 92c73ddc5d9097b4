"""A month of one branch: over HTTP, both processes, a real database file."""

from __future__ import annotations

import json
import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.simulator.client import World
from tests.bot.reading import free_port
from tests.journeys.canary import Trouble, leaks
from tests.journeys.month import ACCOUNT, AGAIN, NAMES, ON_TELEGRAM, Month, is_reminder
from tests.journeys.process import Killer, Office

KILLS = 30
ONCE = dict.fromkeys(
    (
        "roster.import",
        "question.import",
        "campaign.import",
        "link.make",
        "link.use",
        "group.link",
        "meeting.call",
        "roll.open",
        "roll.close",
        "ticket.answer",
    ),
    1,
)


@pytest.fixture
def office(world: World, database_url: str, tmp_path: Path) -> Iterator[Office]:
    """An installation with its bot running; An owns it, too."""
    opened = Office(
        world,
        tmp_path,
        database_url,
        owner_id=ACCOUNT + 900,
        listen=f"127.0.0.1:{free_port()}",
        log_style="text" if database_url.startswith("sqlite") else "json",
    )
    opened.start()
    yield opened
    opened.stop()


def audited(office: Office) -> Counter[str]:
    """What the audit says was done, and how often; it is in order, and names nobody."""
    office.run("audit", "verify")
    told = office.run("audit", "list", "--json", "--limit", "10000")
    assert not any(name in told for name in NAMES)
    assert str(ACCOUNT)[:6] not in told
    return Counter(each["did"] for each in json.loads(told))


def test_a_branch_lives_through_a_month(office: Office) -> None:
    """And nothing of it is told to anybody else: neither words nor names, nor what is secret."""
    began = time.time()
    month = Month(office)
    month.play(between=Trouble(office))
    assert audited(office) == {**ONCE, "consent.give": ON_TELEGRAM}
    log = office.log.read_text()
    assert "update.unreadable" in log and "intake.poll" in log, "the canary did not sing"
    assert leaks(office, began, month.codes) == []


def test_killed_again_and_again_it_loses_nothing_and_repeats_nothing_unmarked(
    office: Office,
) -> None:
    seed = int(os.environ.get("CHIBO_TEST_SEED") or random.SystemRandom().randrange(10**6))
    print(f"seed {seed}: CHIBO_TEST_SEED={seed} plays the same kills again")
    killer = Killer(office, seed=seed, kills=KILLS, every=(1, 12))
    killer.start()
    month = Month(office, patience=240)  # all kills may fall into one wait
    try:
        month.play()
        while killer.is_alive():  # life goes on until all kills are done
            month.somebody_looks()
    finally:
        killer.finish()
        print(f"{len(killer.points)} kills: {', '.join(killer.points)}")
        print(f"uncertain: {month.uncertain}")
    assert len(killer.points) == KILLS
    month.settled()
    for person in month.people:
        study = [each.text for each in person.messages() if is_reminder(each)]
        marked = [text.startswith(AGAIN) for text in study]
        if person is month.giang:
            assert study == [], "reminded of what is done"
        else:
            # The first may have been lost with the process that sent it: then the marked one came.
            assert 1 <= len(study) <= 2, person.transcript()
            assert marked.count(False) <= 1 and marked.count(True) <= 1, person.transcript()
    answers = [each for each in month.huong.messages() if "Dự kiến tháng 10" in each.text]
    assert len([each for each in answers if each.from_bot]) <= 1, "an answer came twice"
    assert audited(office) == {**ONCE, "consent.give": ON_TELEGRAM}
