"""What tests of the delivery share: notices of their own, and a road that can be closed."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlparse

from sqlmodel import Session, select

from bot.simulator.client import Newcomer
from handlers.kit import Note, Say
from handlers.routing import TITLES, Route, Title
from handlers.text import Text
from storage import outbox, roster
from storage.outbox import Class, Notice, State
from tests.town import BRANCH_1, NOON, Town

AGAIN = "Gửi lại – nếu đã nhận, xin bỏ qua."


class Post:
    """Owes notices of the kind "test", and tells what has become of them."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.words: Callable[[Note], Say | None] = lambda note: Say(note.notice.subject)
        self.plug_in()

    def plug_in(self) -> None:
        """Gives the running bot, and every later one, the words."""
        assert self.town.bot is not None
        route = Route("notice", "test", "home", lambda note: self.words(note), klass=Class.ONCE)
        self.town.routes = [route]
        TITLES["test"] = Title(Text("Notice"), named=True)
        self.town.bot.chibo.conversation.routes["notice", "test"] = route

    def restart(self) -> None:
        self.town.close()
        self.town.open()

    def owe(self, *names: str, klass: Class = Class.ONCE, about: str = "test:1") -> None:
        people = [outbox.to_person(self.town.ids[name]) for name in names]
        self._enqueue(people, klass, about)

    def owe_group(
        self, chat_id: int, *, klass: Class, about: str = "test:1", standing: bool = False
    ) -> None:
        from storage import groups

        group = self.town.database.run(lambda s: groups.at(s, chat_id))
        assert group is not None
        self._enqueue([outbox.to_group(group.id)], klass, about, standing=standing)

    def _enqueue(
        self, to: list[dict[str, object]], klass: Class, about: str, *, standing: bool = False
    ) -> None:
        self.town.database.run(
            lambda s: outbox.enqueue(s, "test", about, to, klass=klass, now=NOON, standing=standing)
        )

    def refresh(self, about: str = "test:1") -> None:
        """Puts the standing message out of date, when its next edit may be made."""
        self.town.world.advance(seconds=6)
        self.town.database.run(lambda s: outbox.refresh(s, "test", about))

    def rows(self) -> list[Notice]:
        return self.town.database.run(
            lambda s: list(s.exec(select(Notice).where(Notice.kind == "test").order_by(Notice.id)))
        )

    def row(self, name: str, about: str = "test:1") -> Notice:
        (found,) = [
            each
            for each in self.rows()
            if (each.person_id, each.subject) == (self.town.ids[name], about)
        ]
        return found

    def until(self, fits: Callable[[Notice], bool], timeout: float = 8) -> list[Notice]:
        """All rows, as soon as every one of them fits."""
        end = time.monotonic() + timeout
        while True:
            rows = self.rows()
            if all(fits(each) for each in rows):
                return rows
            states = [(each.recipient, each.subject, each.state, each.reason) for each in rows]
            assert time.monotonic() < end, states
            time.sleep(0.03)

    def until_settled(self) -> list[Notice]:
        """All rows, as soon as none of them is on its way."""
        moving = (State.QUEUED, State.LEASED, State.SENDING)
        return self.until(lambda each: each.state not in moving)

    def said_to(self, name: str) -> list[str]:
        """What the bot has written to somebody, oldest first."""
        return [each.text for each in self.town.people[name].messages() if each.from_bot]

    def crowd(self, size: int) -> list[str]:
        """More people of Chi bộ 1, all of whom can be reached; their names."""
        names = [f"member{number}" for number in range(size)]
        crowd = self.town.world.crowd(
            [Newcomer(name, id=600_000_001 + n, started=True) for n, name in enumerate(names)]
        )
        self.town.people |= dict(zip(names, crowd, strict=True))

        def settle(session: Session) -> None:
            unit = roster.unit_at(session, BRANCH_1)
            for name in names:
                person = roster.new_person(
                    session,
                    unit,
                    f"Nguyễn Văn {name.capitalize()}",
                    telegram_id=self.town.people[name].id,
                    linked_at=NOON,
                    consented_at=NOON,
                    started=True,
                )
                self.town.ids[name] = person.id

        self.town.database.run(settle)
        return names


class Road:
    """A TCP road to the pretend Telegram, which a test can close."""

    def __init__(self, url: str) -> None:
        parts = urlparse(url)
        self._target = (str(parts.hostname), int(parts.port or 80))
        self._pipes: list[socket.socket] = []
        self._silent: set[socket.socket] = set()
        self._gate = socket.create_server(("127.0.0.1", 0))
        self.port = self._gate.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._open()

    def _open(self) -> None:
        threading.Thread(target=self._accept, args=(self._gate,), daemon=True).start()

    def close(self) -> None:
        """Refuses whoever comes, and cuts whoever is on the way."""
        for each in (self._gate, *self._pipes):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self._pipes.clear()

    def swallow(self) -> None:
        """Loses whatever is said on the connections of now, which stay open; new ones are well."""
        self._silent.update(self._pipes)

    def reopen(self) -> None:
        self._gate = socket.create_server(("127.0.0.1", self.port))
        self._open()

    def _accept(self, gate: socket.socket) -> None:
        with suppress(OSError):
            while True:
                here, _address = gate.accept()
                there = socket.create_connection(self._target)
                self._pipes += [here, there]
                for source, sink in ((here, there), (there, here)):
                    threading.Thread(target=self._carry, args=(source, sink), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if source not in self._silent:
                    sink.sendall(data)
        for each in (source, sink):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
