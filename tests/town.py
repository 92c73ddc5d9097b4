"""The town in which tests take place, and the people who live there.

    Đảng bộ Sở Y tế          Oanh (secretary)
      Chi bộ 1               An (secretary), Bình (deputy), Chi (committee), Dũng
        Tổ 1                 Giang, Hương
        Tổ 2                 Khánh
      Chi bộ 2               Lan (secretary), Minh

Quyên is the owner and on no roll; Xuân is a stranger. All are invented.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic import SecretStr
from sqlmodel import Session, select

from bot.app import Chibo, build
from bot.config import Settings
from bot.pacing import Pacer
from bot.simulator.client import Group, Newcomer, Person, World
from handlers.routing import Route
from storage import roster
from storage.db import Database
from storage.powers import Role

NOON = datetime.fromisoformat("2026-08-03T12:00:00+07:00")  # a Monday
PARTY = "Đảng bộ Sở Y tế"
BRANCH_1, BRANCH_2 = f"{PARTY} / Chi bộ 1", f"{PARTY} / Chi bộ 2"

CAST: dict[str, tuple[str, str, Role | None]] = {
    "oanh": ("Trịnh Thị Oanh", PARTY, Role.SECRETARY),
    "an": ("Nguyễn Văn An", BRANCH_1, Role.SECRETARY),
    "binh": ("Trần Thanh Bình", BRANCH_1, Role.DEPUTY),
    "chi": ("Lê Thị Chi", BRANCH_1, Role.COMMITTEE),
    "dung": ("Phạm Tiến Dũng", BRANCH_1, None),
    "giang": ("Vũ Hương Giang", f"{BRANCH_1} / Tổ 1", None),
    "huong": ("Nguyễn Thị Hương", f"{BRANCH_1} / Tổ 1", None),
    "khanh": ("Đỗ Quốc Khánh", f"{BRANCH_1} / Tổ 2", None),
    "lan": ("Hoàng Thị Lan", BRANCH_2, Role.SECRETARY),
    "minh": ("Bùi Đức Minh", BRANCH_2, None),
}
ACCOUNTS = {name: 500_000_001 + number for number, name in enumerate(CAST)}
OWNER, STRANGER = 500_000_101, 500_000_102
AUDIT_KEY = "5e" * 32


def settle(session: Session, *, joined: datetime = NOON) -> dict[str, int]:
    """Puts the cast on the roll, linked and agreed; returns their person ids by name."""
    people: dict[str, int] = {}
    for name, (full_name, path, role) in CAST.items():
        unit = roster.unit_at(session, path)
        person = roster.new_person(
            session,
            unit,
            full_name,
            telegram_id=ACCOUNTS[name],
            linked_at=joined,
            consented_at=joined,
            started=True,
        )
        if role is not None:
            roster.give_role(session, person, unit.id, role, today=date(2026, 1, 1), by=None)
        people[name] = person.id
    return people


def cast_of(session: Session) -> dict[str, int]:
    """The person ids of the cast by name; nothing where it is not on the roll."""
    ids = dict(session.exec(select(roster.Person.telegram_id, roster.Person.id)).all())
    return {name: ids[account] for name, account in ACCOUNTS.items() if account in ids}


def unit_id(session: Session, path: str) -> int:
    """The id of a unit of the town."""
    return roster.unit_at(session, path).id


@dataclass
class BotThread:
    """The production bot, in a thread of the test's process."""

    chibo: Chibo
    loop: asyncio.AbstractEventLoop
    thread: threading.Thread

    @classmethod
    def start(
        cls,
        settings: Settings,
        database: Database,
        pacer: Pacer | None = None,
        routes: Sequence[Route] = (),
    ) -> BotThread:
        loop = asyncio.new_event_loop()
        ready = threading.Event()
        made: list[Chibo] = []

        async def serve() -> None:
            chibo = build(settings, database, pacer=pacer)
            for route in routes:
                chibo.conversation.routes[route.kind, route.name] = route
            made.append(chibo)
            ready.set()
            await chibo.serve()

        thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
        thread.start()
        assert ready.wait(10), "the bot did not start"
        return cls(made[0], loop, thread)

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.chibo.stop)
        self.thread.join(30)
        assert not self.thread.is_alive(), "the bot did not stop"
        self.loop.close()


class Town:
    """The pretend Telegram with the cast in it, the database, and the bot between them."""

    def __init__(
        self, world: World, database: Database, url: str, *, pacer: Pacer | None = None
    ) -> None:
        self.world, self.database, self.url, self.pacer = world, database, url, pacer
        self.ids: dict[str, int] = database.run(lambda s: cast_of(s) or settle(s))
        newcomers = {
            "quyen": Newcomer("Quyên", id=OWNER),
            "xuan": Newcomer("Xuân", id=STRANGER),
        }
        for name, (full, _path, _role) in CAST.items():
            family, _space, given = full.rpartition(" ")
            newcomers[name] = Newcomer(given, family, id=ACCOUNTS[name], started=True)
        crowd = world.crowd(list(newcomers.values()))
        self.people: dict[str, Person] = dict(zip(newcomers, crowd, strict=True))
        self.bot: BotThread | None = None
        self.routes: list[Route] = []  # of the test's own, there from the bot's first moment

    def __getattr__(self, name: str) -> Person:
        """`town.an` is An, as Telegram knows her."""
        try:
            return self.__dict__["people"][name]
        except KeyError:
            raise AttributeError(name) from None

    def settings(self, **more: Any) -> Settings:
        return Settings(
            _env_file=None,
            token=SecretStr(self.world.token),
            api_url=self.world.api_url,
            database_url=SecretStr(self.url),
            owner_id=OWNER,
            audit_key=SecretStr(AUDIT_KEY),
            clock="server",
            **more,
        )

    def open(self, **settings: Any) -> Town:
        """Starts the bot; it is about to hear people when this returns."""
        since, deadline = self.world.last_call, time.monotonic() + 30
        self.bot = BotThread.start(
            self.settings(**settings), self.database, self.pacer, self.routes
        )
        listens = "setWebhook" if settings.get("public_url") else "deleteWebhook"
        while not self.world.calls(listens, since=since):
            assert time.monotonic() < deadline, "the bot does not listen"
            time.sleep(0.01)
        return self

    def close(self) -> None:
        if self.bot is not None:
            self.bot.stop()
            self.bot = None

    def group(self, unit_path: str = BRANCH_1, title: str = "Chi bộ 1") -> Group:
        """A group with the whole cast and the bot in it, linked to a unit."""
        from storage import groups

        group = self.world.group(title, members=list(self.people.values()))
        group.add_bot(by=self.people["an"])
        self.world.settle()

        def link(session: Session) -> None:
            row = groups.joined(session, group.chat_id)
            row.unit_id = unit_id(session, unit_path)
            session.add(row)

        self.database.run(link)
        return group

    def person(self, session: Session, name: str) -> roster.Person:
        """The person on the roll."""
        return session.exec(select(roster.Person).where(roster.Person.id == self.ids[name])).one()
