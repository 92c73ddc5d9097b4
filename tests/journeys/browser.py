"""The simulator's page as somebody uses it: the hands and eyes of the journeys in a browser.

With CHIBO_PICTURES set to a folder, `picture` writes what is on the screen there, without the
simulator's own bar at the top: that is how the pictures of the README and of the guide are made.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Locator, Page, expect, sync_playwright

from bot.simulator.client import Group, Person, World
from tests.pictures import FOLDER, keep

QUIET_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
SIZES = {"phone": (360, 740), "desk": (1280, 800)}
NOT_TELEGRAM = [".top", ".list", "#block"]  # what only the simulator's page has
CALM = ".busy { background-image: none !important } h1::after { content: none !important }"


class Screen:
    """One browser window; `held_by` hands it from one person to the next."""

    def __init__(self, page: Page, world: World, size: str) -> None:
        self.page, self.world, self.size = page, world, size
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    # -- where one is --------------------------------------------------------------------------

    def held_by(self, person: Person, group: Group | None = None, *, link: str = "") -> Screen:
        """This person looks: at the private chat or a group, or has opened a t.me link."""
        self.page.goto(self.world.page_url(person, group, start=link.rpartition("start=")[2]))
        title = self.page.get_by_test_id("chat-title")
        expect(title).to_have_text(group.title if group else "Trợ lý Chi bộ")
        return self

    def turn_clock_to(self, day: int, clock: str) -> None:
        """Moves the world's clock to a minute of August 2026, with the page's own dialog."""
        self.page.get_by_test_id("advance-to").click()
        self.page.get_by_test_id("moment").fill(f"2026-08-{day:02d}T{clock}")
        self.page.get_by_test_id("moment-set").click()
        expect(self.page.get_by_test_id("clock")).to_contain_text(clock)

    # -- hands ---------------------------------------------------------------------------------

    def press_start(self) -> None:
        self.page.get_by_test_id("start").click()

    def press(self, label: str, *, on: str = "") -> None:
        """The newest button with this label, once it is there; `on` a message with these words."""
        messages = self.page.get_by_test_id("message").filter(has_text=on)
        messages.get_by_test_id(f"button-{label}").last.click()

    def choose(self, choice: str) -> str:
        """Answers a question; returns the letter that the choice has for this person."""
        text = self.sees(f". {choice}").inner_text()
        letter = text[text.index(f". {choice}") - 1]
        self.press(letter)
        return letter

    def key(self, label: str) -> None:
        """A key of the keyboard below the typing field."""
        self.page.get_by_test_id(f"key-{label}").click()

    def write(self, text: str) -> None:
        self.page.get_by_test_id("input").fill(text)
        self.page.get_by_test_id("send").click()

    # -- eyes ----------------------------------------------------------------------------------

    def sees(self, text: str) -> Locator:
        """The newest message of the bot with these words, once it is there."""
        said = self.page.locator('[data-testid="message"][data-from-bot="1"]')
        found = said.filter(has_text=text).last
        expect(found).to_be_visible()
        return found

    def sees_nowhere(self, text: str) -> None:
        expect(self.page.get_by_test_id("messages")).not_to_contain_text(text)

    def is_told(self, text: str) -> None:
        """The short answer to a press."""
        expect(self.page.get_by_test_id("toast")).to_contain_text(text)

    def sees_file(self, ending: str) -> None:
        expect(self.page.get_by_test_id("document").last).to_contain_text(ending)

    def sees_image(self) -> None:
        """A picture in the chat, with its pixels."""
        expect(self.page.locator("img.photo").last).to_have_js_property("complete", True)

    def is_sound(self) -> None:
        """Nothing sticks out at the side and no script has failed."""
        outside = self.page.evaluate(
            "() => [...document.querySelectorAll('body *')].filter(each => each.offsetParent"
            " && each.getBoundingClientRect().right > innerWidth + 1)"
            ".map(each => each.id || each.className || each.tagName)"
        )
        assert not outside, f"these stick out: {outside}"
        assert not self.errors, self.errors

    # -- pictures ------------------------------------------------------------------------------

    def picture(
        self, name: str, *, on: str = "phone", toast: bool = False, whole: bool = False
    ) -> None:
        """Keeps what is seen, when pictures are wanted and this is the size they are taken in.

        `toast` keeps the short answer to a press, `whole` all that belongs to the simulator.
        """
        if FOLDER is None or on != self.size:
            return
        self.page.evaluate(
            "() => { const list = document.getElementById('messages');"
            " if (list) list.scrollTop = list.scrollHeight; document.activeElement?.blur() }"
        )
        hidden = [".answer", *([] if whole else NOT_TELEGRAM), *([] if toast else [".toast"])]
        taken = self.page.screenshot(
            style=f"{', '.join(hidden)} {{ display: none !important }} {CALM}",
            animations="disabled",
            caret="hide",
        )
        keep(name, taken)


@contextmanager
def opened(world: World, size: str, *, patience: float) -> Iterator[Screen]:
    """A browser window of this size."""
    chromium = shutil.which("chromium")
    assert chromium, "Debian's chromium is missing: make test-browser installs it"
    width, height = SIZES[size]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET_FLAGS)
        page = browser.new_page(
            viewport={"width": width, "height": height},
            device_scale_factor=2 if size == "phone" else 1,
            color_scheme="light",
            bypass_csp=True,  # the style of a picture is not the page's own
        )
        page.set_default_timeout(patience * 1000)
        expect.set_options(timeout=patience * 1000)
        yield Screen(page, world, size)
        browser.close()
