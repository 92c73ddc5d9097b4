"""The log, as text and as JSON: nothing private in either."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SAID = """
import logging, structlog
from bot import logs
logs.configure(["hidden-word"], style=%r)
log = structlog.get_logger()
log.info("bot.ready", username="chibo_bot", count=3)
log.warning("an.event", place="the hidden-word stands here, 12345:%s too")
try:
    raise ValueError("Hương said something secret")
except ValueError:
    log.error("it.broke", exc_info=True)
    logging.getLogger("uvicorn.error").exception("a line\\nof a library")
"""

STRAY = """
import asyncio, gc
from bot import logs

async def break_off():
    raise ValueError("Hương said something secret")

async def leave_it():
    asyncio.get_running_loop().set_exception_handler(logs.stray)
    lost = asyncio.create_task(break_off())
    await asyncio.sleep(0)
    del lost
    gc.collect()

logs.configure()
asyncio.run(leave_it())
"""


def said(style: str) -> list[str]:
    return told(SAID % (style, "A" * 35))


def told(script: str) -> list[str]:
    """What a script writes to its log."""
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == ""
    return done.stderr.splitlines()


@pytest.mark.parametrize("style", ["text", "json"])
def test_neither_secrets_nor_what_people_said_stand_in_the_log(style: str) -> None:
    lines = "\n".join(said(style))
    assert "bot.ready" in lines and "ValueError at" in lines
    for secret in ("hidden-word", "A" * 35, "something secret"):
        assert secret not in lines


def test_in_json_each_line_is_an_object_that_a_program_can_read() -> None:
    first, second, third, fourth = (json.loads(line) for line in said("json"))
    assert (first["event"], first["level"], first["count"]) == ("bot.ready", "info", 3)
    assert first["timestamp"].endswith("Z")
    assert second["place"] == "the *** stands here, *** too"
    assert third["error"].startswith("ValueError at <string>:")
    assert (fourth["event"], fourth["level"]) == ("a line\nof a library", "error")


def test_an_exception_that_nobody_took_is_told_without_its_text() -> None:
    (line,) = told(STRAY)
    assert "loop.stray" in line and "ValueError at" in line and "secret" not in line
