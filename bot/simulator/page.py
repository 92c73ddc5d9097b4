"""The web page: chat as anybody, press buttons, watch edits, move the clock, make Telegram fail."""

from starlette.routing import BaseRoute

from bot.simulator.world import Worlds


def page_routes(worlds: Worlds) -> list[BaseRoute]:
    return []
