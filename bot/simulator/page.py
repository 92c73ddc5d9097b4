"""The web page: chat as anybody, press buttons, watch edits, move the clock, make Telegram fail.

The page acts through the control API, as the tests do; what happens comes to it as server-sent
events, of which it gets only those of the person it is looking as.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

from jinja2 import Environment, PackageLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.simulator.state import Json
from bot.simulator.views import chats_of, message_view
from bot.simulator.words import words
from bot.simulator.world import World, Worlds

HEARTBEAT = 15
ONLY_OUR_OWN = "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'"


def page_routes(worlds: Worlds) -> list[BaseRoute]:
    templates = Environment(loader=PackageLoader("bot.simulator"), autoescape=True)

    async def home(request: Request) -> Response:
        world = worlds.newest()
        if world is None:
            told = words(request.query_params.get("lang"))
            return HTMLResponse(templates.get_template("empty.html").render(words=told))
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"/w/{world.id}{query}")

    async def page(request: Request) -> Response:
        world = worlds.find(request.path_params["key"])
        if world is None:
            return RedirectResponse("/")
        told = words(request.query_params.get("lang"))
        html = templates.get_template("page.html").render(words=told, world=world)
        return HTMLResponse(html, headers={"content-security-policy": ONLY_OUR_OWN})

    async def events(request: Request) -> Response:
        world = worlds.find(request.path_params["key"])
        if world is None:
            return Response(status_code=404)
        user_id = int(request.query_params.get("as") or 0)
        headers = {"cache-control": "no-store"}
        return StreamingResponse(_stream(world, user_id), 200, headers, "text/event-stream")

    static = StaticFiles(directory=Path(__file__).parent / "static")
    return [
        Route("/", home),
        Route("/w/{key}", page),
        Route("/w/{key}/events", events),
        Mount("/static", static),
    ]


async def _stream(world: World, user_id: int) -> AsyncIterator[str]:
    queue: asyncio.Queue[Json] = asyncio.Queue()
    world.watchers.add(queue)
    try:
        yield "retry: 1000\n\n"
        while True:
            try:
                event = await asyncio.wait_for(queue.get(), HEARTBEAT)
            except TimeoutError:
                yield ": still here\n\n"
                continue
            if event["kind"] == "closed":
                return
            told = _for_person(world, user_id, event)
            if told is not None:
                yield f"data: {json.dumps(told, ensure_ascii=False)}\n\n"
    finally:
        world.watchers.discard(queue)


def _for_person(world: World, user_id: int, event: Json) -> Json | None:
    """What this person sees of an event; of other people's chats only that there is news."""
    if event["kind"] == "answer":
        return event if event["user_id"] == user_id else None
    if event["kind"] != "message":
        return event
    chat = world.chats[event["chat_id"]]
    message = chat.messages.get(event["message_id"])
    user = world.users.get(user_id)
    if user is None or chat not in chats_of(world, user):
        by_bot = message is not None and message.by_bot
        return {"kind": "news", "chat_id": chat.id, "rev": world.rev} if by_bot else None
    if message is None:
        return {**event, "kind": "deleted"}
    return {**event, "message": message_view(world, chat, message, user_id)}
