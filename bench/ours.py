"""The production bot, without Telegram's limits: what the machine can do, not what we may.

Loaded as `chibo run` loads it (`bot/__main__.py`), so that it takes as much memory.
"""

from __future__ import annotations

import asyncio
import gc


def main() -> None:
    """Serves until it is told to stop."""
    gc.disable()
    from bot import cli, config
    from bot.app import build
    from bot.pacing import Unpaced
    from storage.db import Database

    assert cli.app
    gc.freeze()
    gc.enable()
    settings = config.load()
    database = Database(settings.database)
    asyncio.run(build(settings, database, pacer=Unpaced()).serve())
    database.close()


if __name__ == "__main__":
    main()
