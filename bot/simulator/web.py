"""What is not the Bot API: the control API, files for people, and the page."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from bot.simulator.control import act
from bot.simulator.errors import ApiError
from bot.simulator.page import page_routes
from bot.simulator.world import World, Worlds

Handler = Callable[[Request], Awaitable[Response]]


def web(worlds: Worlds) -> Starlette:
    def world_of(request: Request) -> World:
        world = worlds.find(request.path_params["key"])
        if world is None:
            raise ApiError(404, "there is no such world")
        return world

    def answering(handler: Handler) -> Handler:
        async def safe(request: Request) -> Response:
            try:
                return await handler(request)
            except ApiError as error:
                return JSONResponse({"error": error.description}, error.code)
            except (KeyError, TypeError, ValueError) as error:
                return JSONResponse({"error": f"cannot read the request: {error!r}"}, 400)

        return safe

    async def create(request: Request) -> Response:
        given = await request.json()
        now = given.pop("now", None)
        world = worlds.create(**given, now=datetime.fromisoformat(now) if now else None)
        return JSONResponse({"id": world.id, "token": world.token, "bot_id": world.bot.id})

    async def control(request: Request) -> Response:
        body = await request.json() if await request.body() else {}
        return JSONResponse(await act(world_of(request), request.path_params["action"], body))

    async def upload(request: Request) -> Response:
        asked = request.query_params
        size = int(asked["size"]) if "size" in asked else None
        file = world_of(request).files.add(asked["name"], await request.body(), size=size)
        return JSONResponse({"file_id": file.id})

    async def download(request: Request) -> Response:
        file = world_of(request).files.by_id(request.path_params["file_id"])
        if file is None:
            raise ApiError(404, "there is no such file")
        as_name = f"attachment; filename*=UTF-8''{quote(file.name)}"
        return Response(file.data, media_type=file.mime, headers={"content-disposition": as_name})

    async def remove(request: Request) -> Response:
        worlds.remove(world_of(request))
        return JSONResponse(None)

    routes = [
        Route("/worlds", answering(create), methods=["POST"]),
        Route("/{key}", answering(remove), methods=["DELETE"]),
        Route("/{key}/upload", answering(upload), methods=["POST"]),
        Route("/{key}/files/{file_id}", answering(download)),
        Route("/{key}/{action}", answering(control), methods=["POST"]),
    ]
    return Starlette(routes=[Mount("/control", routes=routes), *page_routes(worlds)])
