"""`chibo`, also as `python -m bot`: where the program begins.

Loading it makes half a million objects that stay. The garbage collector would look through them
again and again in vain, and once more at the end: a third of the time of a start. So it waits
until all is loaded, and leaves that alone from then on.
"""

from __future__ import annotations

import gc
import io
import sys


def main() -> None:
    """Runs the command that the program was called with."""
    gc.disable()
    from bot.cli import app

    gc.freeze()
    gc.enable()
    for stream in (sys.stdout, sys.stderr):  # a pipe with LANG=C must still take Vietnamese
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")
    app()


if __name__ == "__main__":
    main()
