"""How contests, rounds and results are shown, wherever they are mentioned."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from handlers.kit import Button
from handlers.text import Day, Text, Words, _, cut, n_
from storage.contest import Contest, Line, Order, Result, Round

HOME = Button(_("‹ Home"), "home")
MANAGE = Button(_("‹ Manage"), "manage")
STUDY = Button(_("‹ Study"), "study")
LETTERS = "ABCDEFGH"
LABEL = 18
ORDERS = {
    Order.PREDICTION: _("All correct, then the nearest prediction, then the earliest"),
    Order.SHORTEST: _("Most correct, then the shortest time, then the earliest"),
    Order.EARLIEST: _("Most correct, then the earliest"),
}


def short(name: str) -> str:
    """A name as a label."""
    return cut(name, LABEL)


def at(moment: datetime, zone: str) -> Text:
    """ "09:00 10/8", by the clocks of the contest."""
    local = moment.astimezone(ZoneInfo(zone))
    return _("{clock} {day}", clock=f"{local:%H:%M}", day=Day(local.date(), short=True))


def exact(moment: datetime, zone: str) -> Text:
    """ "09:00:05 10/8": to the second, for who is before whom."""
    local = moment.astimezone(ZoneInfo(zone))
    return _("{clock} {day}", clock=f"{local:%H:%M:%S}", day=Day(local.date(), short=True))


def round_line(contest: Contest, round_: Round) -> Text:
    """ "Vòng 2: 10:00 10/8 – 09:00 17/8"."""
    return _(
        "Round {number}: {opens} – {closes}",
        number=round_.number,
        opens=at(round_.opens_at, contest.zone),
        closes=at(round_.closes_at, contest.zone),
    )


def left(until: timedelta) -> Text:
    """ "2 ngày 3 giờ", "9 phút 5 giây"."""
    seconds = max(int(until.total_seconds()), 0)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return _("{days} d {hours} h", days=days, hours=hours)
    if hours:
        return _("{hours} h {minutes} min", hours=hours, minutes=minutes)
    return _("{minutes} min {seconds} s", minutes=minutes, seconds=seconds)


def took(seconds: int) -> str:
    """ "9:05"."""
    minutes, rest = divmod(seconds, 60)
    return f"{minutes}:{rest:02}"


def limits(contest: Contest) -> Text:
    """ "5 câu · không giới hạn lượt · 10 phút một lượt"."""
    attempts = (
        n_("{n} attempt", "{n} attempts", n=contest.attempts)
        if contest.attempts
        else _("any number of attempts")
    )
    if not contest.minutes:
        return _(
            "{questions} questions · {attempts}", questions=contest.questions, attempts=attempts
        )
    return _(
        "{questions} questions · {attempts} · {minutes} minutes each",
        questions=contest.questions,
        attempts=attempts,
        minutes=contest.minutes,
    )


def order_line(contest: Contest) -> Text:
    """Who is before whom."""
    return ORDERS[Order(contest.order)]


def who(line: Line) -> Words:
    """A name, by consent; else the unit that they are of."""
    if line.person is not None:
        return line.person.full_name
    return _("A comrade of {unit}", unit=line.unit.name)


def scored(contest: Contest, result: Result) -> Text:
    """ "5/5 · đoán lệch 3 · nộp 10:00:05 3/8", or with the time that it took."""
    values = {
        "right": result.right,
        "of": result.of,
        "at": exact(result.ended_at, contest.zone),
    }
    if contest.predicts:
        return _("{right}/{of} · off by {off} · {at}", off=result.off or 0, **values)
    if contest.order == Order.SHORTEST:
        return _("{right}/{of} · took {took} · {at}", took=took(result.seconds), **values)
    return _("{right}/{of} · {at}", **values)


def placed(result: Result) -> Text:
    """ "Hạng 3", or that there is no place."""
    if result.place is None:
        return _("no place")
    return _("place {n}", n=result.place)
