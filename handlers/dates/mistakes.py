"""What can be wrong with a day or a time that somebody typed."""

import datetime as dt


class NotUnderstood(ValueError):
    """No day or time can be read from `text`."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class NoSuchDay(NotUnderstood):
    """A day was typed that is not in the calendar, as "30/2"."""


class OtherWeekday(NotUnderstood):
    """A day and a weekday were typed, and `date`, that day, falls on another one."""

    def __init__(self, text: str, date: dt.date) -> None:
        super().__init__(text)
        self.date = date
