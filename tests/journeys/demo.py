"""`chibo demo`, walked in its page: who one is, when it is, and what is pressed and seen."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

import httpx
from playwright.sync_api import expect

from bot.simulator.client import World
from tests.journeys.browser import Screen

REPOSITORY = Path(__file__).parents[2]
PATIENCE = 20.0
BRANCH = "Chi bộ 1"
MINH, HA, HUONG = "Nguyễn Văn Minh", "Trần Thị Thu Hà", "Nguyễn Thị Hương"
LAN, TAI = "Vũ Thị Ngọc Lan", "Hoàng Văn Tài"


@contextmanager
def demo_town(folder: Path) -> Iterator[World]:
    """`chibo demo`, once its people are in."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "TMPDIR": str(folder), "PYTHONPATH": str(REPOSITORY)}
    demo = subprocess.Popen(
        [sys.executable, "-m", "bot", "demo", "--port", str(port)],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert demo.stdout is not None
    assert any("Ctrl-C" in line for line in demo.stdout), "the town did not open"
    page = httpx.get(f"http://127.0.0.1:{port}/", trust_env=False).headers["location"]
    key = page.rpartition("/")[2]
    yield World(f"http://127.0.0.1:{port}", key, key)
    demo.send_signal(signal.SIGINT)
    assert demo.wait(60) == 0


class Walk:
    """A branch lived in by presses, from the day after the town was opened."""

    def __init__(self, town: World, screen: Screen) -> None:
        self.town, self.screen = town, screen
        self.day: date = (town.now + timedelta(days=1)).date()

    def becomes(self, name: str, chat: str = "Chi Bộ") -> None:
        """Somebody else is chosen at the left, and one of their chats."""
        page = self.screen.page
        person = page.locator(".person").filter(has_text=name)
        person.click()
        expect(person).to_have_attribute("aria-pressed", "true")
        page.locator(".chatlink").filter(has=page.get_by_text(chat, exact=True)).click()
        expect(page.get_by_test_id("chat-title")).to_have_text(chat)

    def it_is(self, clock: str, *, days: int = 0) -> None:
        """The clock of the town moves on, once nothing is on its way."""
        self.town.settle(timeout=PATIENCE * 3, quiet=0.3)
        day = self.day + timedelta(days=days)
        self.town.set_now(datetime.fromisoformat(f"{day}T{clock}+07:00"))
        self.town.settle(timeout=PATIENCE * 3, quiet=0.3)

    def presses(self, *steps: tuple[str, str]) -> None:
        """One button after the other, each followed by what is seen then.

        A message's text holds its buttons' labels, in any case: hence the dots of the headings.
        """
        for label, seen in steps:
            self.screen.press(label)
            self.screen.sees(seen)
