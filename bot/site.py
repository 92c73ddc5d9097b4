"""What the bot serves over HTTP: its health, its figures and, where updates come so, the webhook.

`/healthz` says that the process is alive, `/readyz` whether it can do its work, `/metrics` how much
it does (docs/growing.md). None of them tells anything about people, but only the webhook is for
the world: whatever stands in front (deploy/nginx.conf) keeps the others in the house.
"""

from __future__ import annotations

import asyncio
import socket
from urllib.parse import urlparse

import uvicorn
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.config import WrongSetting
from bot.health import PARTS, Health
from bot.serving import Server
from bot.webhook import Webhook

GRACE = 10  # seconds that requests in flight have when the bot ends


class Site:
    """One HTTP server in the bot's own loop."""

    def __init__(self, listen: str, health: Health, webhook: Webhook | None = None) -> None:
        self.health, self.webhook = health, webhook
        routes = [
            Route("/healthz", self.alive),
            Route("/readyz", self.ready),
            Route("/metrics", self.figures),
        ]
        if webhook is not None:
            path = urlparse(webhook.address).path
            routes.append(Route(path, webhook.take, methods=["POST"]))
        self._socket = _listen(listen)
        self._server = Server(_config(Starlette(routes=routes)))
        self._serving: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Begins to answer."""
        self._serving = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        await self._server.ready.wait()

    async def close(self) -> None:
        """Finishes what is in flight; safe to call twice."""
        self._server.should_exit = True
        if self._serving is not None:
            await self._serving
        self._socket.close()

    async def alive(self, _request: Request) -> Response:
        """The process lives: that it answers is the proof."""
        return JSONResponse({"alive": True, "reasons": self.health.reasons()})

    async def ready(self, _request: Request) -> Response:
        """Whether the bot can do its work."""
        red = await self.health.red()
        return JSONResponse({"ready": not red, "red": red}, status_code=503 if red else 200)

    async def figures(self, _request: Request) -> Response:
        """For Prometheus."""
        red, queue = await asyncio.gather(self.health.red(), self.health.queue())
        shown = self.health.watch.show({part: part in red for part in PARTS}, queue)
        return Response(shown, media_type=CONTENT_TYPE_LATEST)


def _config(app: Starlette) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=75,  # longer than nginx's, so that it never meets a closing door
        timeout_graceful_shutdown=GRACE,
    )


def _listen(place: str) -> socket.socket:
    """The open port; raises WrongSetting where it cannot be had."""
    host, _, port = place.rpartition(":")
    host = host.strip("[]")
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(
            host, int(port), type=socket.SOCK_STREAM
        )[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(512)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise WrongSetting(f"CHIBO_LISTEN: {place} cannot be used ({reason.lower()})") from None
    return listener
