"""The production bot, without Telegram's limits: what the machine can do, not what we may."""

from __future__ import annotations

import asyncio

from bot.app import build
from bot.config import load
from bot.pacing import Unpaced
from storage.db import Database

if __name__ == "__main__":
    settings = load()
    asyncio.run(build(settings, Database(settings.database), pacer=Unpaced()).serve())
