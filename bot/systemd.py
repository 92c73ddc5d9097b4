"""What systemd is told, where it asks: that the bot has started, is alive, is about to end.

The protocol is a datagram of lines to a local socket (sd_notify(3)); it needs no library. Where
nobody asks (no NOTIFY_SOCKET) nothing is sent, and a socket that has gone is no trouble of ours.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from contextlib import suppress


class Systemd:
    """The line to systemd; silent where there is none."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        address = environment.get("NOTIFY_SOCKET", "")
        # A name that begins with @ is in the abstract namespace, where the kernel wants a NUL.
        self._address = "\0" + address[1:] if address.startswith("@") else address
        microseconds = environment.get("WATCHDOG_USEC", "")
        ours = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        self.patience: float | None = None  # seconds without a sign of life; None: any number
        if ours and microseconds.isdecimal() and int(microseconds):
            self.patience = int(microseconds) / 1_000_000

    def ready(self) -> None:
        """The bot is at work, or will be as soon as Telegram answers."""
        self._tell("READY=1")

    def alive(self) -> None:
        """Everything that has to move moves."""
        if self.patience is not None:
            self._tell("WATCHDOG=1")

    def stopping(self) -> None:
        """The bot finishes what is in flight."""
        self._tell("STOPPING=1")

    def _tell(self, line: str) -> None:
        if not self._address:
            return
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line_out:
            line_out.setblocking(False)  # a full socket must not hold the loop
            line_out.sendto(line.encode(), self._address)
