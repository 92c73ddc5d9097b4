"""`chibo demo`: a town to try the bot in, with no token and no network.

The pretend Telegram runs in this process and the production bot as a second one; they talk HTTP,
as with the real Telegram. The town's people and their history are written to a database of its
own, which goes when the demo ends.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.demo import history, past, stage
from bot.simulator import serve_in_thread
from bot.simulator.client import World
from storage import migrate
from storage.db import Database

BOT_USERNAME = "chibo_demo_bot"
STOP_SECONDS = 25.0  # the bot drains for up to twenty
PACKAGES = Path(__file__).parents[2]  # where `bot` is found, installed or not

Say = Callable[[str], None]


class DemoError(Exception):
    """The demo cannot go on; the text is a sentence that says why."""


def run_demo(port: int, *, say: Say) -> None:
    """Serves the town until Ctrl-C (or SIGTERM), then leaves nothing behind."""
    for number in (signal.SIGINT, signal.SIGTERM):  # a shell's background job ignores the first
        signal.signal(number, signal.default_int_handler)
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError as error:
        reason = f"port {port} cannot be used ({error.strerror}); choose another with --port"
        raise DemoError(reason) from None
    with (
        serve_in_thread(port) as simulator,
        tempfile.TemporaryDirectory(prefix="chibo-demo-") as folder,
    ):
        try:
            _play(simulator.url, Path(folder), say)
        except KeyboardInterrupt:
            say("The town is gone.")


def _play(url: str, folder: Path, say: Say) -> None:
    say("Building the town …")
    now = past.morning()
    world = World.create(url, BOT_USERNAME, bot_name="Chi Bộ", now=now)
    address = f"sqlite:///{folder / 'chibo.db'}"
    people, groups = stage.settle_in(world)
    chats = {branch: group.id for branch, group in groups.items()}
    papers = stage.hand_out_papers(people, groups)
    migrate.upgrade(address)
    database = Database(address)
    try:
        database.run(lambda session: history.write(session, chats, papers, now=now))
    finally:
        database.close()
    with _bot(world, address, folder) as bot:
        stage.press_start(world, people, lambda: _alive(bot, folder))
        say(f"The town is open at {url}/")
        say(stage.WHAT_TO_TRY)
        say("Ctrl-C ends it.")
        if sys.stdin.isatty() and (os.environ.get("DISPLAY") or sys.platform == "darwin"):
            webbrowser.open(url)
        while True:
            _alive(bot, folder)
            time.sleep(0.5)


@contextmanager
def _bot(world: World, address: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The production bot, as a process that ends with the block, or with this process."""
    environment = {name: value for name, value in os.environ.items() if name[:6] != "CHIBO_"}
    environment |= {
        "CHIBO_TOKEN": world.token,
        "CHIBO_API_URL": world.api_url,
        "CHIBO_DATABASE_URL": address,
        "CHIBO_OWNER_ID": str(stage.OWNER_ID),
        "CHIBO_CLOCK": "server",
        "CHIBO_TIMEZONE": past.ZONE,
        "PYTHONPATH": os.pathsep.join(filter(None, (str(PACKAGES), os.environ.get("PYTHONPATH")))),
    }
    with (
        (folder / "bot.log").open("wb") as log,
        subprocess.Popen(
            [sys.executable, "-m", "bot.leash"],
            cwd=folder,  # its own, so that no .env of this one is read
            env=environment,
            stdin=subprocess.PIPE,  # the leash: nobody writes, and only this process holds it
            stderr=log,
        ) as bot,
    ):
        try:
            yield bot
        finally:
            bot.terminate()
            try:
                bot.wait(STOP_SECONDS)
            except (subprocess.TimeoutExpired, KeyboardInterrupt):
                bot.kill()
                bot.wait()


def _alive(bot: subprocess.Popen[bytes], folder: Path) -> None:
    if bot.poll() is not None:
        told = (folder / "bot.log").read_text("utf-8", "replace").strip().splitlines()
        raise DemoError("the bot has stopped: " + (told[-1] if told else "it left no word"))
