"""The pretend Telegram as a server: in its own process, in a thread of a test, or in a loop."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass
from types import TracebackType

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from bot.serving import Server
from bot.simulator.api import BotApi
from bot.simulator.web import web
from bot.simulator.world import Worlds


class _Connection(H11Protocol):
    """Hands its transport to the application, so that a fault can cut it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


def application(worlds: Worlds) -> ASGIApp:
    bot_api, rest = BotApi(worlds), web(worlds)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if path.startswith(("/bot", "/file/bot")):
            await bot_api(scope, receive, send)
        else:
            await rest(scope, receive, send)

    return app


def _config(worlds: Worlds) -> uvicorn.Config:
    return uvicorn.Config(
        application(worlds),
        http=_Connection,
        ws="none",
        lifespan="off",
        access_log=False,
        log_level="warning",
        proxy_headers=False,
        date_header=False,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
    )


def _listen(host: str, port: int) -> tuple[socket.socket, str]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio switches Nagle off (40 ms a reply) only where the protocol is named
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(512)
    shown = f"[{host}]" if ":" in host else host
    return listener, f"http://{shown}:{listener.getsockname()[1]}"


@contextlib.asynccontextmanager
async def running(host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
    """Serve inside the running loop; gives the base URL."""
    worlds = Worlds()
    listener, url = _listen(host, port)
    server = Server(_config(worlds))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        await server.ready.wait()
        yield url
    finally:
        worlds.close()
        server.should_exit = True
        await task


@dataclass
class Running:
    """A simulator in a thread of this process; a context manager, or `stop()` it."""

    url: str
    _loop: asyncio.AbstractEventLoop
    _stopping: asyncio.Event
    _thread: threading.Thread

    def stop(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join(timeout=10)

    def __enter__(self) -> "Running":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def serve_in_thread(port: int = 0, host: str = "127.0.0.1") -> Running:
    """Serve in a thread with its own loop; returns when it listens."""
    started = threading.Event()
    found: list[Running] = []
    failed: list[BaseException] = []

    async def main() -> None:
        stopping = asyncio.Event()
        async with running(host, port) as url:
            found.append(Running(url, asyncio.get_running_loop(), stopping, thread))
            started.set()
            await stopping.wait()

    def run() -> None:
        try:
            asyncio.run(main())
        except BaseException as error:
            failed.append(error)
            raise
        finally:
            started.set()

    thread = threading.Thread(target=run, name="simulator", daemon=True)
    thread.start()
    started.wait(timeout=10)
    if failed:
        raise failed[0]
    return found[0]
