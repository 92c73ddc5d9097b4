"""The log: on standard error, one line for each thing that happened, and nothing private in it.

What people write never gets here: an exception is told by its class and the place in the code,
because its text may quote a message, a row or an address. The token and the passwords of the
settings are blotted out wherever they turn up all the same.
"""

from __future__ import annotations

import asyncio
import logging
import re
import sys
import traceback
from collections.abc import Iterable
from typing import Any, Literal

import structlog

LOUD = ("httpx", "telegram", "aiohttp", "apscheduler", "uvicorn", "asyncio", "alembic")
SILENT = ("telegram.request.BaseRequest", "telegram.ext.ExtBot")  # quote what they cannot read
TOKEN = re.compile(r"[0-9]{3,}:[A-Za-z0-9_-]{20,}")  # as Telegram writes them
BLOT = "***"

Event = dict[str, Any]


def configure(secrets: Iterable[str] = (), *, style: Literal["text", "json"] = "text") -> None:
    """Sets up the one log of the process: ours, and the warnings of the libraries.

    As text for people, or as JSON, an object in each line, for a program that gathers logs.
    """
    hidden = [secret for secret in secrets if secret]
    shared: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _place,
        _Blot(hidden),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer: Any = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    if style == "json":
        renderer = structlog.processors.JSONRenderer(ensure_ascii=False)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(allow=()), *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name in LOUD:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in SILENT:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def stray(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Tells of an exception that nobody took, without its text: asyncio's own line would quote it.

    To be set as the handler of the event loop.
    """
    log = structlog.get_logger()
    log.error("loop.stray", exc_info=context.get("exception"), what=context["message"])


def blot(words: str, secrets: Iterable[str] = ()) -> str:
    """The words without the secrets, and without anything that looks like a token."""
    for secret in secrets:
        if secret:
            words = words.replace(secret, BLOT)
    return TOKEN.sub(BLOT, words)


class _Blot:
    """Hides the secrets in whatever is logged."""

    def __init__(self, secrets: list[str]) -> None:
        self.secrets = secrets

    def __call__(self, _logger: object, _method: str, event: Event) -> Event:
        return {
            name: value
            if name.startswith("_") or isinstance(value, bool | int | float | None)
            else blot(str(value), self.secrets)
            for name, value in event.items()
        }


def _place(_logger: object, _method: str, event: Event) -> Event:
    """An exception as its class and the place in the code, never its text."""
    raised = event.pop("exc_info", None)
    if raised is True:
        raised = sys.exc_info()
    error = raised[1] if isinstance(raised, tuple) else raised
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)
        last = f" at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
        event["error"] = f"{type(error).__name__}{last}"
    return event
