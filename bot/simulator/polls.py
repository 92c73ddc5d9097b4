"""Polls and quizzes: what Telegram counts of them, and when they close.

Who has chosen what is known here as it is known to Telegram; the bot is told numbers alone, and
names only of a poll that was sent with names.
"""

import asyncio
import secrets
from dataclasses import dataclass, field

from bot.simulator.errors import bad_request
from bot.simulator.state import Chat, Json, Message, User
from bot.simulator.world import World


@dataclass(slots=True)
class Poll:
    """One poll in a chat: `api` is what the bot is told of it, `chosen` what each person took."""

    api: Json
    chat: Chat
    message: Message | None = None
    closes_at: float | None = None  # by the world's clock
    chosen: dict[int, list[int]] = field(default_factory=dict)

    @property
    def is_quiz(self) -> bool:
        return bool(self.api["type"] == "quiz")


def new(world: World, chat: Chat, told: Json, seconds: int) -> Poll:
    """A poll that is about to be sent."""
    poll_id = str(secrets.randbelow(10**18) + 10**18)
    poll = Poll({"id": poll_id, **told}, chat)
    world.polls[poll_id] = poll
    if seconds:
        poll.closes_at = world.clock.now().timestamp() + seconds
        asyncio.get_running_loop().call_later(seconds, close_due, world)
    return poll


def vote(world: World, user: User, message: Message, options: list[int]) -> None:
    """Somebody answers: once and for all in a quiz, else the newest answer counts."""
    poll = of(world, message)
    close_due(world)
    if poll.api["is_closed"]:
        raise bad_request("this poll is closed")
    if poll.is_quiz and user.id in poll.chosen:
        raise bad_request("an answer to a quiz stands")
    if not all(0 <= each < len(poll.api["options"]) for each in options):
        raise bad_request("there is no such option")
    if not poll.api["allows_multiple_answers"] and len(options) > 1:
        raise bad_request("one answer only")
    poll.chosen[user.id] = options
    if not options:
        del poll.chosen[user.id]
    _changed(world, poll)
    if not poll.api["is_anonymous"]:
        answer: Json = {
            "poll_id": poll.api["id"],
            "user": user.api(),
            "option_ids": options,
            "option_persistent_ids": [str(each) for each in options],
        }
        world.updates.add("poll_answer", answer, lane=user.id)


def close(world: World, poll: Poll) -> None:
    """No more answers."""
    if not poll.api["is_closed"]:
        poll.api = {**poll.api, "is_closed": True}
        _changed(world, poll)


def close_due(world: World) -> None:
    """Closes those whose time has passed."""
    now = world.clock.now().timestamp()
    for poll in list(world.polls.values()):
        if poll.closes_at is not None and poll.closes_at <= now:
            poll.closes_at = None
            close(world, poll)


def of(world: World, message: Message) -> Poll:
    """The poll that a message is."""
    if "poll" not in message.api:
        raise bad_request("message is not a poll")
    found: Poll = world.polls[message.api["poll"]["id"]]
    return found


def _changed(world: World, poll: Poll) -> None:
    counts = [0] * len(poll.api["options"])
    for options in poll.chosen.values():
        for each in options:
            counts[each] += 1
    told = [
        {**option, "voter_count": number}
        for option, number in zip(poll.api["options"], counts, strict=True)
    ]
    poll.api = {**poll.api, "options": told, "total_voter_count": len(poll.chosen)}
    if poll.message is not None:
        poll.message.api = {**poll.message.api, "poll": poll.api}
        world.changed(poll.chat, poll.message)
    world.updates.add("poll", poll.api, lane=int(poll.api["id"]))
