"""A clock that runs like the real one and can be moved: dates of messages and the Date header."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from time import monotonic


class Clock:
    def __init__(self, now: datetime | None = None) -> None:
        self.set(now or datetime.now(UTC))
        self._header = (0, b"")

    def set(self, now: datetime) -> None:
        if now.tzinfo is None:
            raise ValueError("the clock needs an aware datetime")
        self._epoch = now.astimezone(UTC).timestamp() - monotonic()

    def advance(self, by: timedelta) -> None:
        self._epoch += by.total_seconds()

    def timestamp(self) -> int:
        return int(self._epoch + monotonic())

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._epoch + monotonic(), UTC)

    def header(self) -> bytes:
        """The HTTP Date; made once a second, for it is asked at every reply."""
        second = self.timestamp()
        if self._header[0] != second:
            date = datetime.fromtimestamp(second, UTC)
            self._header = (second, format_datetime(date, usegmt=True).encode())
        return self._header[1]
