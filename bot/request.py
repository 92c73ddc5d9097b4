"""HTTP to Telegram on aiohttp: fast, silent about the token, exact about what may have happened.

The Bot API has no idempotency key, so it matters whether a failed request was *surely not sent*
(`NotSent`: no route, refused, no free connection) or may have been accepted (any other
`NetworkError`, a garbled answer among them). No text that leaves this file holds the address,
because the address holds the token.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

SEND_TIMEOUT = 20.0  # seconds; shorter than a lease of the outbox
LONGEST = 60.0  # seconds; no request takes longer, a long poll included
CONNECT_TIMEOUT = 5.0


class NotSent(NetworkError):
    """The request did not reach Telegram: it may be made again without fear of a double."""


class Clock:
    """What time it is: the machine's, or (for a demo whose clock can be moved) the server's."""

    def __init__(self, *, follow_server: bool = False) -> None:
        self.follow_server = follow_server
        self.offset = timedelta()  # the server's time minus ours
        self.skew: timedelta | None = None  # the same, as last seen; None before any answer

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.offset

    def hear(self, date_header: str | None) -> None:
        """Learns from the Date header of an answer."""
        if date_header is None:
            return
        self.skew = parsedate_to_datetime(date_header) - datetime.now(UTC)
        # The header counts whole seconds; less than two of them is no news.
        if self.follow_server and abs(self.skew - self.offset) > timedelta(seconds=1.5):
            self.offset = self.skew


class Request(BaseRequest):
    """A `telegram.request.BaseRequest` on one aiohttp session."""

    def __init__(
        self,
        *,
        connections: int = 64,
        proxy: str = "",
        clock: Clock | None = None,
        timeout: float = SEND_TIMEOUT,
        answered: Callable[[int], None] | None = None,
    ) -> None:
        self.timeout = timeout
        self._connections = connections
        self._proxy = proxy or None
        self._clock = clock
        self._answered = answered  # told the status of every answer that is Telegram's own
        self._session: aiohttp.ClientSession | None = None
        self._leaving: set[asyncio.Task[None]] = set()

    @property
    def read_timeout(self) -> float | None:
        """Seconds that an answer may take."""
        return self.timeout

    async def initialize(self) -> None:
        """Opens the session."""
        if self._session is None or self._session.closed:
            self._session = self._open()

    def _open(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=50),
            timeout=aiohttp.ClientTimeout(total=None),
        )

    async def shutdown(self) -> None:
        """Closes the session, and those that were given up."""
        for leaving in self._leaving:
            leaving.cancel()
        await asyncio.gather(*self._leaving, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def _renew(self, timed_out: aiohttp.ClientSession) -> None:
        """Goes on with new connections, and lets what is under way on the old ones end.

        A connection may die without a word, and the idle ones beside it with it: each would take a
        request, and a whole timeout, to tell.
        """
        if timed_out is not self._session:
            return
        self._session = self._open()
        leaving = asyncio.create_task(_close_later(timed_out))
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Makes one request; returns status and body."""
        session = self._session
        if session is None:
            raise RuntimeError("this request is not initialised")
        seconds = read_timeout if isinstance(read_timeout, int | float) else self.timeout
        timeout = aiohttp.ClientTimeout(total=seconds, connect=CONNECT_TIMEOUT)
        body, kind = _body(request_data)
        headers = {"Content-Type": kind} if kind else None
        try:
            async with session.request(
                method, url, data=body, headers=headers, timeout=timeout, proxy=self._proxy
            ) as response:
                payload = await response.read()
                if self._clock is not None:
                    self._clock.hear(response.headers.get("Date"))
                if 400 <= response.status < 500 and response.content_type != "application/json":
                    # Of something between us and Telegram; not to be taken for a person's block.
                    raise NetworkError(f"a stranger answered with {response.status}")
                if self._answered is not None:
                    self._answered(response.status)
                return response.status, payload
        except (
            aiohttp.ClientConnectorError,
            aiohttp.ClientHttpProxyError,
            aiohttp.ConnectionTimeoutError,
        ) as error:
            raise NotSent(f"no connection to Telegram ({type(error).__name__})") from None
        except TimeoutError:
            self._renew(session)
            raise TimedOut("Telegram did not answer in time") from None
        except (aiohttp.ClientError, asyncio.IncompleteReadError, OSError) as error:
            raise NetworkError(f"the answer was cut off ({type(error).__name__})") from None

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Reads an answer; one that cannot be read leaves us as ignorant as a cut one."""
        try:
            answer = json.loads(payload)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise NetworkError("the answer was garbled")
        return answer


async def _close_later(session: aiohttp.ClientSession) -> None:
    try:
        await asyncio.sleep(LONGEST)
    finally:
        await session.close()


def _body(request_data: RequestData | None) -> tuple[aiohttp.FormData | bytes | None, str | None]:
    """The body and its kind; None where aiohttp knows the kind itself."""
    if request_data is None:
        return None, None
    files = request_data.multipart_data
    if not files:
        body = json.dumps(request_data.parameters, ensure_ascii=False)
        return body.encode(), "application/json"
    form = aiohttp.FormData()
    for name, value in request_data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, mime) in files.items():
        form.add_field(name, content, filename=filename, content_type=mime)
    return form, None
