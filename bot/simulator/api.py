"""The Bot API's door: plain ASGI, for every call of the bot and of the benchmarks passes here.

One call: read → faults and barriers before → flood control → the method → barriers and faults
after → reply. What happens "before" leaves no trace in the world; what happens "after" has had its
effect although the bot does not learn of it.
"""

import asyncio
import json
import logging
from contextlib import suppress
from time import monotonic
from typing import Any

from starlette.types import Receive, Scope, Send

from bot.simulator.errors import ApiError, bad_request
from bot.simulator.faults import Barrier, Fault
from bot.simulator.methods import METHODS
from bot.simulator.methods.receiving import get_updates
from bot.simulator.params import Params
from bot.simulator.world import Call, World, Worlds

log = logging.getLogger(__name__)


class Gone(Exception):
    """The connection is no more: there is nobody to answer."""


class Exchange:
    """One HTTP request of the bot and its reply."""

    __slots__ = ("gone", "receive", "scope", "send", "world")

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope, self.receive, self.send = scope, receive, send
        self.gone = asyncio.Event()
        self.world: World | None = None

    async def params(self) -> Params:
        body = await self._body()
        kind = next((v for k, v in self.scope["headers"] if k == b"content-type"), b"")
        return Params.read(self.scope["query_string"], kind, body)

    async def _body(self) -> bytes:
        chunks = []
        while True:
            event = await self.receive()
            if event["type"] == "http.disconnect":
                raise Gone
            chunks.append(event.get("body", b""))
            if not event.get("more_body"):
                return bytes(b"".join(chunks)) if len(chunks) > 1 else bytes(chunks[0])

    async def watch(self) -> None:
        while (await self.receive())["type"] != "http.disconnect":
            pass
        self.gone.set()

    async def reply(self, status: int, body: bytes, kind: bytes = b"application/json") -> None:
        headers = [(b"content-type", kind), (b"content-length", b"%d" % len(body))]
        if self.world is not None:
            headers.append((b"date", self.world.clock.header()))
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})

    async def fail(self, error: ApiError) -> None:
        if error.code in (502, 503):  # these come from the proxy before the real server
            page = f"<html><h1>{error.code} {error.description}</h1></html>"
            await self.reply(error.code, page.encode(), b"text/html")
        else:
            await self.reply(error.code, failure(error))

    async def cut(self) -> None:
        """Close the socket without a word."""
        self.scope["state"]["transport"].abort()
        with suppress(Gone):
            while (await self.receive())["type"] != "http.disconnect":
                pass
        raise Gone

    async def wait_or_gone(self, *events: asyncio.Event) -> None:
        """Until one of the events, or until the client has left (which raises)."""
        watching = asyncio.ensure_future(self.watch())
        waiting = [asyncio.ensure_future(event.wait()) for event in events]
        try:
            await asyncio.wait({watching, *waiting}, return_when="FIRST_COMPLETED")
        finally:
            for task in (watching, *waiting):
                task.cancel()
        if self.gone.is_set():
            raise Gone


def success(result: Any) -> bytes:
    return _encode({"ok": True, "result": result})


def failure(error: ApiError) -> bytes:
    told = {"ok": False, "error_code": error.code, "description": error.description}
    if error.parameters:
        told["parameters"] = error.parameters
    return _encode(told)


_encode_text = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _encode(value: Any) -> bytes:
    return _encode_text(value).encode("utf-8", "replace")


class BotApi:
    def __init__(self, worlds: Worlds) -> None:
        self.worlds = worlds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = Exchange(scope, receive, send)
        with suppress(Gone):
            try:
                await self._serve(exchange, scope["path"])
            except ApiError as error:
                await exchange.fail(error)

    async def _serve(self, exchange: Exchange, path: str) -> None:
        is_file = path.startswith("/file/bot")
        token, _, rest = path.removeprefix("/file").removeprefix("/bot").partition("/")
        world = exchange.world = self.worlds.by_token(token)
        if world is None:
            await exchange._body()
            raise ApiError(401, "Unauthorized")
        if is_file:
            await _download(exchange, world, rest)
        else:
            await _Call(world, exchange, rest.lower()).run()


async def _download(exchange: Exchange, world: World, path: str) -> None:
    await exchange._body()
    fault = world.trouble.take("file", None)
    if fault is not None and fault.how is not None:
        raise ApiError(502, "Bad Gateway")
    file = world.files.by_path(path)
    if file is None:
        raise ApiError(404, "Not Found")
    await exchange.reply(200, file.data, file.mime.encode())


class _Call:
    """One call of a method, from the request to the log."""

    __slots__ = ("exchange", "fault", "held", "method", "params", "seq", "world")

    def __init__(self, world: World, exchange: Exchange, method: str) -> None:
        self.world, self.exchange, self.method = world, exchange, method
        self.params = Params({})
        self.fault: Fault | None = None
        self.held: list[Barrier] = []

    async def run(self) -> None:
        if self.method == "getupdates":
            await self._get_updates()
            return
        world = self.world
        world.in_flight += 1
        world.active_at = monotonic()
        try:
            self.params = await self.exchange.params()
            await self._answer()
        finally:
            world.in_flight -= 1
            world.active_at = monotonic()

    async def _answer(self) -> None:
        world = self.world
        world.call_count += 1
        self.seq = world.call_count
        troubled = world.trouble.any
        if troubled:
            await self._before()
        status, description = 200, ""
        try:
            body = success(self._effect())
        except ApiError as error:
            status, description, body = error.code, error.description, failure(error)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            log.exception("the simulator could not make sense of %s", self.method)
            refusal = bad_request(f"the simulator could not read the request: {error!r}")
            status, description, body = 400, refusal.description, failure(refusal)
        self._log(status, description)
        if troubled:
            body = await self._after(body)
        await self.exchange.reply(status, body)

    def _effect(self) -> Any:
        method = METHODS.get(self.method)
        if method is None:
            name = self.exchange.scope["path"].rpartition("/")[2]
            raise bad_request(f"method {name} is not known to the simulator")
        if method.counted:
            self.world.flood.check(self.params.loose_chat_id())
        return method.run(self.world, self.params)

    async def _get_updates(self) -> None:
        world, exchange = self.world, self.exchange
        self.params = await exchange.params()
        world.call_count += 1
        self.seq = world.call_count
        troubled = world.trouble.any
        if troubled:
            await self._before()
        watching = asyncio.ensure_future(exchange.watch())
        try:
            result = await get_updates(world, self.params, exchange.gone)
        except ApiError as error:
            self._log(error.code, error.description)
            raise
        finally:
            watching.cancel()
        if exchange.gone.is_set():
            raise Gone
        self._log(200, "")
        body = success(result)
        if troubled:
            body = await self._after(body)
        await exchange.reply(200, body)

    def _log(self, status: int, description: str) -> None:
        world = self.world
        world.calls.append(
            Call(
                self.seq,
                world.clock.timestamp(),
                monotonic(),
                self.method,
                self.params.loose_chat_id(),
                self.params.log(),
                status,
                description,
            )
        )

    async def _before(self) -> None:
        """Faults and barriers that strike before the call is accepted."""
        trouble = self.world.trouble
        if trouble.paused:
            self._refused(503, "Service Unavailable")
        self.held = trouble.barriers_for(self.method)
        await self._hold("before")
        fault = self.fault = trouble.take(self.method, self.params.loose_chat_id())
        if fault is None:
            return
        if fault.delay:
            await asyncio.sleep(fault.delay)
        how = fault.how
        if how == "429":
            self._refused(
                429,
                f"Too Many Requests: retry after {fault.retry_after}",
                retry_after=fault.retry_after,
            )
        elif how == "500":
            self._refused(500, "Internal Server Error")
        elif how == "502_before":
            self._refused(502, "Bad Gateway")
        elif how == "revoked":
            self._refused(401, "Unauthorized")
        elif how == "cut_before":
            self._log(0, "cut before it was accepted")
            await self.exchange.cut()
        elif how == "hang":
            self._log(0, "hangs, not accepted")
            await self.exchange.wait_or_gone(trouble.healed)
            await self.exchange.cut()

    def _refused(self, status: int, description: str, **parameters: Any) -> None:
        self._log(status, description)
        raise ApiError(status, description, **parameters)

    async def _after(self, body: bytes) -> bytes:
        """Faults and barriers that strike when the call has had its effect."""
        await self._hold("after")
        how = self.fault.how if self.fault else None
        if how == "502_after":
            raise ApiError(502, "Bad Gateway")
        if how == "cut_after":
            await self.exchange.cut()
        if how == "hang_after":
            await self.exchange.wait_or_gone(self.world.trouble.healed)
            await self.exchange.cut()
        return body[: len(body) // 2] if how == "garbled" else body

    async def _hold(self, when: str) -> None:
        for barrier in self.held:
            if barrier.when == when:
                barrier.call = {
                    "seq": self.seq,
                    "method": self.method,
                    "chat_id": self.params.loose_chat_id(),
                    "params": self.params.log(),
                }
                barrier.reached.set()
                await self.exchange.wait_or_gone(barrier.released)
