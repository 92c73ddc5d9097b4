"""The page, in a real browser: see, press, write, move the clock, break and heal."""

import threading
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect, sync_playwright

from bot.simulator.client import Person, World
from tests.simulator.test_polls import ask, quiz
from tests.simulator.test_strictness import buttons, call, send

CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def test_the_page_needs_nothing_from_elsewhere(world: World, an: Person) -> None:
    reply = httpx.get(world.page_url(an), trust_env=False)
    assert reply.status_code == 200
    assert "default-src 'self'" in reply.headers["content-security-policy"]
    scripts = ("main.js", "base.js", "list.js", "chat.js", "poll.js", "files.js")
    for path in ("style.css", "icon.svg", *scripts):
        found = httpx.get(f"{world.base_url}/static/{path}", trust_env=False)
        assert found.status_code == 200
        assert "https://" not in found.text
    english = httpx.get(f"{world.page_url()}?lang=en", trust_env=False)
    assert "Break Telegram" in english.text


@pytest.fixture(params=[(360, 740), (1280, 800)], ids=["phone", "desk"])
def page(request: pytest.FixtureRequest) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        width, height = request.param
        page = browser.new_context(viewport={"width": width, "height": height}).new_page()
        page.context.set_default_timeout(8000)
        yield page
        browser.close()


def look_away(page: Page, *, hidden: bool) -> None:
    """As when another tab is brought to the front; headless, all of them think they are seen."""
    page.evaluate(
        """(hidden) => {
            Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )


@pytest.mark.browser
def test_ten_people_in_ten_tabs_keep_nobody_out(world: World, an: Person, page: Page) -> None:
    people = [world.person(f"Người {number}", started=True) for number in range(9)]
    for person in people:
        tab = page.context.new_page()
        tab.goto(world.page_url(person))
        expect(tab.get_by_test_id("chat-title")).to_be_visible()
        look_away(tab, hidden=True)
    page.goto(world.page_url(an))
    expect(page.get_by_test_id("chat-title")).to_be_visible()
    first = page.context.pages[1]
    call(world, "sendMessage", chat_id=people[0].chat_id, text="Trong lúc đồng chí đi vắng")
    look_away(first, hidden=False)
    expect(first.get_by_text("Trong lúc đồng chí đi vắng").last).to_be_visible()


@pytest.mark.browser
def test_somebody_chats_on_the_page(world: World, an: Person, page: Page) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    call(
        world,
        "setMyCommands",
        commands=[{"command": "lich", "description": "Lịch họp"}],
    )
    send(world, an, "<b>Chào</b> &lt;An&gt;", parse_mode="HTML", reply_markup=buttons("a:1"))
    page.goto(f"{world.base_url}/w/{world.id}")
    page.get_by_test_id(f"person-{an.id}").click()
    message = page.get_by_test_id("message").last
    expect(message).to_contain_text("Chào <An>")

    message.get_by_test_id("button-Bấm").click()
    press = call(world, "getUpdates")["result"][-1]["callback_query"]
    call(world, "answerCallbackQuery", callback_query_id=press["id"], text="Đã ghi")
    expect(page.get_by_test_id("toast")).to_have_text("Đã ghi")
    edit = {"chat_id": an.id, "message_id": press["message"]["message_id"], "text": "Xong"}
    call(world, "editMessageText", **edit)
    expect(page.get_by_test_id("message").last).to_contain_text("Xong")

    page.get_by_test_id("input").fill("<script>alert(1)</script>")
    page.get_by_test_id("send").click()
    expect(page.get_by_test_id("message").last).to_contain_text("<script>alert(1)</script>")
    page.get_by_test_id("menu").click()
    page.get_by_test_id("command-lich").click()
    expect(page.get_by_test_id("message").last).to_contain_text("/lich")
    with page.expect_file_chooser() as chooser:
        page.get_by_test_id("attach").click()
    chooser.value.set_files({"name": "a.csv", "mimeType": "text/csv", "buffer": b"a;b"})
    expect(page.get_by_test_id("document")).to_contain_text("a.csv")

    page.get_by_test_id("advance-hour").click()
    expect(page.get_by_test_id("clock")).to_contain_text("20:3")
    assert world.now.hour == 13
    page.get_by_test_id("break").click()
    page.get_by_test_id("fault-500").click()
    expect(page.get_by_test_id("banner")).to_be_visible()
    assert send(world, an, "một")["error_code"] == 500
    page.get_by_test_id("banner-heal").click()
    expect(page.get_by_test_id("banner")).to_be_hidden()
    width = page.evaluate("document.documentElement.scrollWidth")
    assert page.viewport_size is not None
    assert width <= page.viewport_size["width"]
    assert not errors


@pytest.mark.browser
def test_a_link_opens_a_group_and_a_stranger_presses_start(
    world: World, an: Person, page: Page
) -> None:
    binh = world.person("Bình", note="Tổ 2")
    group = world.group("Chi bộ 1", [an, binh])
    group.add_bot(an)
    keyboard = {
        "inline_keyboard": [[{"text": "Khai báo", "url": "https://t.me/chibo_demo_bot?start=g1"}]]
    }
    call(world, "sendMessage", chat_id=group.id, text="Mời khai báo", reply_markup=keyboard)
    page.goto(world.page_url(binh, group))
    expect(page.get_by_test_id("chat-title")).to_have_text("Chi bộ 1")
    page.get_by_test_id("button-Khai báo").click()
    expect(page.get_by_test_id("chat-title")).to_have_text("chibo_demo_bot")
    expect(page.get_by_test_id("message").last).to_contain_text("/start g1")

    call(
        world,
        "sendMessage",
        chat_id=binh.id,
        text="Chào",
        reply_markup={"keyboard": [["Lịch họp"]]},
    )
    page.get_by_test_id("key-Lịch họp").click()
    expect(page.get_by_test_id("message").last).to_contain_text("Lịch họp")
    page.get_by_test_id("block").click()
    expect(page.get_by_test_id("start")).to_be_visible()
    threading.Event().wait(0.2)
    assert send(world, binh, "a")["error_code"] == 403


@pytest.mark.browser
def test_somebody_answers_a_quiz_with_one_tap_and_listens(
    world: World, an: Person, page: Page
) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    binh = world.person("Bình")
    group = world.group("Chi bộ 1", [an, binh])
    group.add_bot(an)
    quiz(world, group.id, question="Cờ màu gì? " * 20, explanation="Xem <Điều 1>")
    page.goto(world.page_url(an, group))
    poll = page.get_by_test_id("poll").last
    expect(poll.get_by_test_id("poll-total")).to_have_text("Chưa có ai trả lời")
    expect(poll.get_by_test_id("explanation")).to_have_count(0)
    poll.get_by_test_id("option-1").click()
    expect(poll.get_by_test_id("option-1")).to_have_text("100%✗Vàng")
    expect(poll.get_by_test_id("option-0")).to_have_text("0%✓Đỏ")
    expect(poll.get_by_test_id("explanation")).to_contain_text("Xem <Điều 1>")
    binh.vote(group.last, "Đỏ")
    expect(poll.get_by_test_id("option-0")).to_have_text("50%✓Đỏ")
    expect(poll.get_by_test_id("poll-total")).to_have_text("2 người trả lời")
    call(world, "stopPoll", chat_id=group.id, message_id=group.last.id)
    expect(poll.get_by_test_id("poll-kind")).to_have_text("Đã đóng")

    ask(world, group.id, allows_multiple_answers=True)
    poll = page.get_by_test_id("poll").last
    poll.get_by_test_id("option-0").click()
    poll.get_by_test_id("option-2").click()
    poll.get_by_test_id("vote").click()
    expect(poll.get_by_test_id("option-2")).to_have_text("100%✓Xanh")
    poll.get_by_test_id("take-back").click()
    expect(poll.get_by_test_id("option-2")).to_have_text("Xanh")

    with page.expect_file_chooser() as chooser:
        page.get_by_test_id("attach").click()
    chooser.value.set_files({"name": "hát.mp3", "mimeType": "audio/mpeg", "buffer": b"ID3"})
    expect(page.get_by_test_id("document")).to_contain_text("hát.mp3")
    assert "audio" in group.messages()[-1].api
    width = page.evaluate("document.documentElement.scrollWidth")
    assert page.viewport_size is not None
    assert width <= page.viewport_size["width"]
    assert not errors
