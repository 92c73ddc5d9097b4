"""A pretend Telegram: the Bot API over HTTP and a web page with chats.

It exists so that the tests, the demo and the benchmarks can point the real bot at something that is
as strict as Telegram, whose clock can be moved and which can be made to fail on purpose. It knows
nothing of the bot that it serves: it imports neither handlers nor storage nor the rest of `bot`.
"""

from bot.simulator.server import Running, running, serve_in_thread

__all__ = ["Running", "running", "serve_in_thread"]
