"""The bot of a demo, on a leash: it ends when the demo does, however that ends.

A demo that is told to stop stops its bot. One that is killed outright can tell nobody anything;
but the system then closes its end of the pipe that is this process's standard input, and that is
what a thread waits for here. Everything else is `chibo run`.
"""

from __future__ import annotations

import os
import sys
import threading

from bot.__main__ import main


def _end_with_the_demo() -> None:
    # Not through sys.stdin: its lock, held in a waiting thread, would break an orderly end.
    while os.read(0, 1024):
        pass
    os._exit(1)  # the town has gone with its Telegram: there is nobody to take leave of


if __name__ == "__main__":
    threading.Thread(target=_end_with_the_demo, daemon=True).start()
    sys.argv[1:] = ["run"]
    main()
