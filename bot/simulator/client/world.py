"""A world from the outside: its clock, its troubles, its calls, and the people in it."""

import contextlib
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import httpx

from bot.simulator.client.chats import Group, Person, ids
from bot.simulator.client.line import Line
from bot.simulator.client.values import (
    Answer,
    Call,
    Message,
    Newcomer,
    answer_from,
    call_from,
)

TIMEOUT = httpx.Timeout(150, connect=5)


class Barrier:
    """Holds one call of the bot, so that a test can act (say, kill it) at exactly that point."""

    def __init__(self, line: Line, barrier_id: int) -> None:
        self._line, self._id = line, barrier_id
        self.call: dict[str, Any] | None = None  # seq, method, chat_id, params of the held call
        self.seen = 0  # calls counted so far

    def reached(self, timeout: float = 10) -> bool:
        """Wait until the call is held; False when it did not come in time."""
        left = timeout
        while True:
            told = self._line.act("barrier_wait", id=self._id, timeout=min(left, 25))
            self.call, self.seen = told["call"], told["seen"]
            left -= 25
            if told["reached"] or left <= 0:
                return bool(told["reached"])

    def release(self) -> None:
        """Let the call go on; one held before is dropped if its client is dead by now."""
        self._line.act("barrier_release", id=self._id)


def _client(base_url: str) -> httpx.Client:
    """A connection in the clear; it trusts nobody, for reading all certificates takes 50 ms."""
    nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return httpx.Client(base_url=base_url, timeout=TIMEOUT, trust_env=False, verify=nobody)


class World:
    def __init__(self, base_url: str, key: str, token: str) -> None:
        self.base_url, self.token, self.id = base_url, token, key
        self.api_url = base_url  # what the bot's API_URL setting takes
        self._line = Line(_client(base_url), token)

    @classmethod
    def create(
        cls,
        base_url: str,
        bot_username: str = "chibo_demo_bot",
        *,
        bot_name: str = "",
        flood: bool = False,
        now: datetime | None = None,
        intro: str = "",
    ) -> "World":
        with _client(base_url) as http:
            made = http.post(
                "/control/worlds",
                json={
                    "bot_username": bot_username,
                    "bot_name": bot_name,
                    "flood": flood,
                    "now": now.isoformat() if now else None,
                    "intro": intro,
                },
            )
        made.raise_for_status()
        return cls(base_url, made.json()["id"], made.json()["token"])

    def close(self) -> None:
        """Forget the world; its token is refused from now on."""
        self._line.close()

    def __enter__(self) -> "World":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def page_url(
        self, person: Person | None = None, group: Group | None = None, *, start: str = ""
    ) -> str:
        """The page, open on somebody's private chat or on a group that they are in.

        With `start`, as if they had opened a t.me link with this code: they may press Start.
        """
        if person is None:
            return f"{self.base_url}/w/{self.id}"
        chat_id = group.chat_id if group else person.chat_id
        link = f"&start={start}" if start else ""
        return f"{self.base_url}/w/{self.id}?as={person.id}&chat={chat_id}{link}"

    # People and groups

    def person(
        self,
        first_name: str,
        *,
        last_name: str = "",
        username: str = "",
        language: str = "vi",
        note: str = "",
        id: int | None = None,
        started: bool = False,
    ) -> Person:
        """Somebody new; `started` for one who pressed Start long ago."""
        newcomer = Newcomer(first_name, last_name, username, language, note, id, started)
        return self.crowd([newcomer])[0]

    def crowd(self, people: Sequence[Newcomer]) -> list[Person]:
        """Many at once."""
        told = self._line.act("crowd", people=[asdict(each) for each in people])
        return [Person(self._line, each) for each in told]

    def find_person(self, user_id: int) -> Person:
        """Somebody made earlier, perhaps by another process."""
        return Person(self._line, self._line.act("user", user_id=user_id))

    def find_group(self, chat_id: int) -> Group:
        return Group(self._line, self._line.act("chat", chat_id=chat_id))

    def group(
        self, title: str, members: Sequence[Person] = (), *, supergroup: bool = False
    ) -> Group:
        """A group without the bot; the first member is its creator."""
        told = self._line.act("group", title=title, members=ids(members), supergroup=supergroup)
        return Group(self._line, told)

    def chatter(self, people: Sequence[Person], text: str, times: int) -> None:
        """The same text so many times, by these people in turn, in private; waits for nothing."""
        self._line.act("chatter", user_ids=ids(people), text=text, times=times)

    def presses(
        self,
        wanted: Sequence[tuple[Person, Message, str]],
        *,
        over_seconds: float,
        each_twice: bool = False,
        timeout: float = 60,
    ) -> list[Answer]:
        """Many presses, spread evenly; one answer for each, two where each is sent twice."""
        told = self._line.act(
            "presses",
            presses=[
                {"user_id": who.id, "chat_id": on.chat_id, "message_id": on.id, "label": label}
                for who, on, label in wanted
            ],
            over_seconds=over_seconds,
            each_twice=each_twice,
            timeout=timeout,
        )
        return [answer_from(result, result["user_id"]) for result in told]

    def answer(self, press: Answer, timeout: float = 0) -> Answer:
        """What has become of a press that was not waited for."""
        told = self._line.act("answer", query_id=press.query_id, timeout=timeout)
        return answer_from(told, press.user_id)

    # The clock

    @property
    def now(self) -> datetime:
        return datetime.fromisoformat(self._line.act("look")["now"])

    def set_now(self, now: datetime) -> None:
        self._line.act("move_clock", to=now.isoformat())

    def advance(
        self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0
    ) -> None:
        by = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        self._line.act("move_clock", seconds=by.total_seconds())

    # Troubles

    def fail(
        self,
        how: str | None = None,
        *,
        method: str | None = None,
        chat_id: int | None = None,
        times: int = 1,
        retry_after: int = 3,
        delay: float = 0,
        share: float = 1,
        seed: int = 0,
    ) -> None:
        """Make the next calls fail; `times=0` until healed, `how=None` for a delay alone.

        `share` is how many of them fail, by a chance that `seed` begins.
        """
        self._line.act(
            "fail",
            how=how,
            method=method,
            chat_id=chat_id,
            times=times,
            retry_after=retry_after,
            delay=delay,
            share=share,
            seed=seed,
        )

    def pause(self, on: bool = True) -> None:
        """Answer 503 to everything."""
        self._line.act("pause", on=on)

    def heal(self) -> None:
        """Forget all faults; connections that hang are cut."""
        self._line.act("heal")

    def flood(self, on: bool = True) -> None:
        self._line.act("flood", on=on)

    def barrier(self, when: str = "before", nth: int = 1, *, method: str | None = None) -> Barrier:
        """Hold the nth call from now, of this method or of any but getUpdates."""
        return Barrier(self._line, self._line.act("barrier", when=when, nth=nth, method=method))

    @contextlib.contextmanager
    def failing(self, how: str, **more: Any) -> Iterator[None]:
        """Until the end of the block, everything that matches fails."""
        self.fail(how, times=0, **more)
        try:
            yield
        finally:
            self.heal()

    # What has happened

    def calls(self, method: str | None = None, since: int = 0) -> list[Call]:
        """The bot's calls after number `since`, oldest first."""
        return [call_from(told) for told in self._line.act("calls", method=method, since=since)]

    @property
    def last_call(self) -> int:
        """The number of the newest call, to pass as `since` later."""
        newest = self._line.act("calls", limit=1)
        return int(newest[0]["seq"]) if newest else 0

    @property
    def pending(self) -> int:
        """Updates that the bot has not confirmed."""
        return int(self._line.act("look")["pending"])

    def settle(self, timeout: float = 10, quiet: float = 0.15) -> None:
        """Wait until every update is confirmed and no call but a long poll ran for `quiet` s."""
        told = self._line.act("settle", timeout=timeout, quiet=quiet)
        if not told["settled"]:
            raise AssertionError(
                f"not quiet after {timeout} s: {told['pending']} updates unconfirmed, "
                f"{told['running']} calls running"
            )

    def raw_update(self, update: dict[str, Any]) -> int:
        """Inject any update, the same update_id as often as you like; gives its update_id."""
        return int(self._line.act("raw_update", update=update))

    def commands(self, scope: str = "default", language: str = "") -> list[str]:
        """The commands set for exactly this scope, say "chat:123" or "chat_member:-5:123"."""
        told = self._line.act("commands", scope=scope, language=language)
        return [command["command"] for command in told]

    def set_intro(self, text: str) -> None:
        """A few words at the top of the page."""
        self._line.act("intro", text=text)
