"""Polls and quizzes that the bot has sent: their votes, their end, and what the bot hears of them.

The bot hears of a poll's new state at most once a second, with the newest counts, and at once when
it ends; who chose what only where voting is public. A poll with a time ends by the world's clock.
"""

import asyncio
import heapq
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from bot.simulator.clock import Clock
from bot.simulator.entities import Entity
from bot.simulator.errors import bad_request
from bot.simulator.state import Json, User
from bot.simulator.updates import Updates

POLLS_KEPT = 20_000
PACE = 1.0  # seconds between two updates about the votes of one poll


@dataclass(slots=True)
class Poll:
    id: str
    question: str
    options: list[str]
    anonymous: bool = True
    multiple: bool = False
    revoting: bool = True  # whether a vote may be changed or taken back
    right: int | None = None  # the right option of a quiz
    explanation: str = ""
    explanation_entities: list[Entity] = field(default_factory=list)
    open_period: int = 0
    close_date: int = 0  # 0: open until it is stopped
    closed: bool = False
    chat_id: int = 0
    message_id: int = 0
    votes: dict[int, list[int]] = field(default_factory=dict)  # who -> options
    told_at: float = 0.0

    @property
    def quiz(self) -> bool:
        return self.right is not None

    def counts(self) -> list[int]:
        found = Counter(option for chosen in self.votes.values() for option in chosen)
        return [found[number] for number in range(len(self.options))]

    def api(self) -> Json:
        told: Json = {
            "id": self.id,
            "question": self.question,
            "options": [
                {"persistent_id": str(number), "text": text, "voter_count": count}
                for number, (text, count) in enumerate(
                    zip(self.options, self.counts(), strict=True)
                )
            ],
            "total_voter_count": len(self.votes),
            "is_closed": self.closed,
            "is_anonymous": self.anonymous,
            "type": "quiz" if self.quiz else "regular",
            "allows_multiple_answers": self.multiple,
            "allows_revoting": self.revoting,
            "members_only": False,
        }
        if self.right is not None:
            told["correct_option_ids"] = [self.right]
        if self.explanation:
            told["explanation"] = self.explanation
            told["explanation_entities"] = self.explanation_entities
        if self.close_date:
            told |= {"open_period": self.open_period, "close_date": self.close_date}
        return told


class Polls:
    """All polls of a world; `changed` is called when people are to see a new state of one."""

    def __init__(self, clock: Clock, updates: Updates, changed: Callable[[Poll], None]) -> None:
        self.clock, self.updates, self.changed = clock, updates, changed
        self._polls: OrderedDict[str, Poll] = OrderedDict()
        self._ends: list[tuple[int, str]] = []  # a heap; what is closed already stays in it
        self._untold: dict[str, asyncio.TimerHandle] = {}
        self._timer: asyncio.TimerHandle | None = None

    def find(self, poll_id: str) -> Poll | None:
        return self._polls.get(poll_id)

    @property
    def untold(self) -> bool:
        """Whether there are votes that the bot has not been told of."""
        return bool(self._untold)

    def add(self, poll: Poll) -> None:
        self._polls[poll.id] = poll
        if len(self._polls) > POLLS_KEPT:
            self.forget(next(iter(self._polls)))
        if poll.close_date and not poll.closed:
            heapq.heappush(self._ends, (poll.close_date, poll.id))
            self.end_what_is_over()

    def forget(self, poll_id: str) -> None:
        self._polls.pop(poll_id, None)
        self._cancel(poll_id)

    def _cancel(self, poll_id: str) -> None:
        waiting = self._untold.pop(poll_id, None)
        if waiting is not None:
            waiting.cancel()

    # Voting

    def vote(self, user: User, poll: Poll, options: list[int]) -> None:
        """Choose these options, or with none take one's vote back."""
        if poll.closed:
            raise bad_request("this poll is closed")
        before = poll.votes.get(user.id)
        if before is not None and not poll.revoting:
            raise bad_request(f"{user.name} has voted already, and a vote here is for good")
        if before is None and not options:
            raise bad_request(f"{user.name} has not voted")
        if len(options) > 1 and not poll.multiple:
            raise bad_request("this poll takes one answer")
        if options:
            poll.votes[user.id] = sorted(set(options))
        else:
            del poll.votes[user.id]
        self.changed(poll)
        if not poll.anonymous:
            self._tell_choice(user, poll)
        self._tell_soon(poll)

    def _tell_choice(self, user: User, poll: Poll) -> None:
        chosen = poll.votes.get(user.id, [])
        choice: Json = {
            "poll_id": poll.id,
            "user": user.api(),
            "option_ids": chosen,
            "option_persistent_ids": [str(option) for option in chosen],
        }
        self.updates.add("poll_answer", choice, lane=user.id)

    def _tell_soon(self, poll: Poll) -> None:
        left = poll.told_at + PACE - monotonic()
        if left <= 0:
            self._tell(poll)
        elif poll.id not in self._untold and self.updates.wants("poll"):
            loop = asyncio.get_running_loop()
            self._untold[poll.id] = loop.call_later(left, self._tell, poll)

    def _tell(self, poll: Poll) -> None:
        self._cancel(poll.id)
        poll.told_at = monotonic()
        self.updates.add("poll", poll.api(), lane=poll.chat_id)

    # Ending

    def close(self, poll: Poll) -> None:
        poll.closed = True
        self.changed(poll)
        self._tell(poll)

    def end_what_is_over(self) -> None:
        """Close every poll whose time has passed, and come back when the next one's will have."""
        now = self.clock.now().timestamp()
        while self._ends and self._ends[0][0] <= now:
            _, poll_id = heapq.heappop(self._ends)
            poll = self.find(poll_id)
            if poll is not None and not poll.closed:
                self.close(poll)
        self.stop()
        if self._ends:
            left = self._ends[0][0] - now
            self._timer = asyncio.get_running_loop().call_later(left, self.end_what_is_over)

    def stop(self) -> None:
        """No more waiting for the next end."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
