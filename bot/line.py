"""The library's bot, and a call by name beside its methods.

Its methods build objects of what is sent and of what comes back. For a message that costs more
than all else on the way, and we look at nothing but the number that the message has got.
"""

from __future__ import annotations

from typing import Any

from telegram.ext import ExtBot


class Line(ExtBot[str]):
    """The bot as the rest of `bot` knows it."""

    async def call(self, method: str, *, rate_limit_args: str | None = None, **given: Any) -> Any:
        """Calls a method of the Bot API; returns its result as it came.

        What is None is left out. Raises what the library's own methods raise.
        """
        return await self._post(method, self._merge_api_rl_kwargs(given, rate_limit_args))
