"""What a second holds: texts answered, presses recorded, notices sent; and how long a press waits.

What is to be handled waits in the pretend Telegram before a program starts, so only handling is
measured: from the first getUpdates, or the first message sent, to the last.
"""

from __future__ import annotations

from bench.figures import Bound, Figure, medians
from bench.worlds import PEOPLE, PROGRAMS, Size, Town, town

TEXTS, PRESSES, STEADY, BROADCAST, SENDS = 1500, 1000, 600, 300, 5000
OFFERED = 100  # presses a second
TELEGRAM = 30.0  # messages a second that it lets a bot send


def texts(url: str, size: Size) -> list[Figure]:
    """Text → reply: ours looks up who speaks, in which language, and commits; theirs echo."""
    number = size.of(TEXTS)

    def measure(program: str) -> float:
        with town(url) as here:
            here.world.chatter(here.people, "/help", number)
            return _handled(here, program, "sendMessage", number)

    bounds = Bound(1.5, "stock"), Bound(1.0, "aiogram", aim=True)
    return [Figure("text → reply, per second", medians(measure, size.rounds), bounds)]


def presses(url: str, size: Size) -> list[Figure]:
    """Press on a card in the branch's group → one row more, and answered."""
    number = size.of(PRESSES)

    def measure(program: str) -> float:
        with town(url, meetings=-(-number // PEOPLE)) as here:
            here.world.presses(here.group_cards()[:number], over_seconds=0, timeout=0)
            return _handled(here, program, "answerCallbackQuery", number)

    bounds = Bound(1.5, "stock"), Bound(1.0, "aiogram", aim=True)
    name = "press → recorded and answered, per second"
    return [Figure(name, medians(measure, size.rounds), bounds)]


def latency(url: str, size: Size) -> list[Figure]:
    """A hundred presses a second on the cards in the branch's group: how long most wait."""
    number = size.of(STEADY)

    def measure(program: str) -> float:
        with town(url, meetings=-(-number // PEOPLE), flood=True) as here:
            wanted = here.group_cards()[:number]
            since = here.world.last_call
            with here.running(program, "run"):
                here.all_of("getUpdates", 1, since=since)
                answers = here.world.presses(wanted, over_seconds=number / OFFERED)
            waited = sorted(each.latency for each in answers if each.latency is not None)
            if len(waited) < number:
                raise SystemExit(f"{program}: {number - len(waited)} presses without an answer")
            return waited[int(0.95 * number)] * 1000

    bounds = (Bound(2.0, "stock", most=True),)
    name = f"press at {OFFERED}/s, p95 until answered, ms"
    return [Figure(name, medians(measure, size.rounds), bounds, digits=1)]


def broadcast(url: str, size: Size) -> list[Figure]:
    """Notices to many with Telegram's flood control on: its pace, and never refused."""
    number = size.of(BROADCAST)
    refused = dict.fromkeys(PROGRAMS, 0.0)

    def measure(program: str) -> float:
        with town(url, meetings=-(-number // PEOPLE), flood=True) as here:
            here.owe(number)
            found = _sent(here, program, "broadcast", number) / TELEGRAM
            calls = here.world.calls("sendMessage")
            refused[program] += sum(call.status == 429 for call in calls)
            return found

    share = medians(measure, size.rounds)
    return [
        Figure("broadcast, share of Telegram's 30/s", share, (Bound(0.9),), digits=2),
        Figure("broadcast, refused with 429", refused, (Bound(0, most=True),)),
    ]


def sends(url: str, size: Size) -> list[Figure]:
    """Notices through the outbox with no flood control, beside a loop of send_message."""
    number = size.of(SENDS)

    def measure(program: str) -> float:
        with town(url, meetings=-(-number // PEOPLE)) as here:
            here.owe(number)
            return _sent(here, program, "send", number)

    bounds = Bound(1.5, "stock"), Bound(1.0, "aiogram", aim=True)
    name = f"{number:,} notices without flood control, per second"
    return [Figure(name, medians(measure, size.rounds), bounds)]


def _handled(here: Town, program: str, method: str, number: int) -> float:
    """How many a second, from the first getUpdates to the last answer."""
    since = here.world.last_call
    with here.running(program, "serve"):
        last = here.all_of(method, number, since=since)[-1].monotonic
    first = here.world.calls("getUpdates", since=since)[0].monotonic
    return number / (last - first)


def _sent(here: Town, program: str, doing: str, number: int) -> float:
    """How many a second, from the first message to the last."""
    with here.running(program, doing):
        calls = here.all_of("sendMessage", number)
    return (number - 1) / (calls[-1].monotonic - calls[0].monotonic)
