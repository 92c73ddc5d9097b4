"""What the tests of the rights press with: forged addresses, and a look at every row there is.

`Branch` holds the conversation and the session. What is done in `untouched_by` is undone after it,
and must have changed nothing of Chi bộ 1. The rows are read again only if a statement has written
to a table that is to stay as it is: without one they are those that were read before, for nobody
else can reach them.
"""

from __future__ import annotations

import functools
import inspect
import itertools
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from typing import Any

from sqlalchemy import event
from sqlmodel import Session, SQLModel
from telegram import Update

from handlers.acts import Act
from handlers.dispatch import Conversation
from handlers.routing import Route
from storage import drafts, roster
from storage.drafts import Draft
from tests.town import ACCOUNTS, NOON, STRANGER

NOW = NOON + timedelta(minutes=5)
FORMER, UNASKED = 500_000_201, 500_000_202  # was secretary of Chi bộ 1; has not agreed yet
OUTSIDERS = {
    "lan": ACCOUNTS["lan"],  # secretary of Chi bộ 2: every route lets her pass, storage must not
    "minh": ACCOUNTS["minh"],
    "xuan": STRANGER,
    "phuc": FORMER,
    "que": UNASKED,
}

Rows = dict[tuple[str, tuple[Any, ...]], tuple[Any, ...]]
Key = tuple[str, tuple[Any, ...]]
Forged = dict[str, list[Any]]  # what stands in for each argument of a handler


@dataclass
class Branch:
    """The town with one of everything in Chi bộ 1, and a conversation with it."""

    session: Session
    talk: Conversation
    forged: Forged
    texts: list[str]  # that nobody outside may read
    theirs: set[Key] = field(default_factory=set)  # the rows of Chi bộ 1
    before: Rows = field(default_factory=dict)  # all rows, before anybody presses anything
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    ran: bool = False  # whether the last update got as far as a handler
    written: set[str] = field(default_factory=set)  # statements that wrote to a table, by its name

    def __post_init__(self) -> None:
        for key, route in self.talk.routes.items():
            self.talk.routes[key] = replace(route, run=self._noting(route.run))
        event.listen(self.session.connection(), "before_cursor_execute", self._note)

    def _noting(self, run: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(run)
        def noted(*arguments: Any) -> Any:
            self.ran = True
            return run(*arguments)

        return noted

    def _note(self, _connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        """Which table a statement writes to; what looks like none of ours may write anywhere."""
        if not READING.match(statement):
            writes = WRITING.match(statement)
            self.written.add(writes[1] if writes else "anywhere")

    def press(self, account: int, data: str, chat: int | None = None) -> list[Act]:
        return self._handle(
            callback_query={
                "id": "1",
                "from": user(account),
                "chat_instance": "1",
                "data": data,
                "message": {
                    "message_id": 7,
                    "date": 1,
                    "chat": where(chat or account),
                    "from": {"id": 1, "is_bot": True, "first_name": "Chi Bộ"},
                    "text": "…",
                },
            }
        )

    def type(self, account: int, text: str, chat: int | None = None) -> list[Act]:
        message = {
            "message_id": 8,
            "date": 1,
            "chat": where(chat or account),
            "from": user(account),
            "text": text,
        }
        return self._handle(message=message)

    def _handle(self, **what: Any) -> list[Act]:
        update = Update.de_json({"update_id": next(self.numbers), **what}, None)
        self.ran = False
        said = self.talk.handle(self.session, update, now=NOW)
        self.session.flush()
        return said

    def open_form(self, account: int, form: Draft) -> None:
        """Puts the form into somebody's hands."""
        drafts.keep(self.session, account, form, now=NOW)

    @contextmanager
    def untouched_by(self, account: int, what: str) -> Iterator[None]:
        """What is done in here is undone; it must have changed nothing of Chi bộ 1."""
        self.written.clear()
        savepoint = self.session.begin_nested()
        yield
        self.session.flush()
        if self.written - PASSING:
            self.is_untouched(account, what)
        savepoint.rollback()

    def is_untouched(self, account: int, what: str) -> None:
        """Nothing of Chi bộ 1 is changed or gone, and no new row hangs on it."""
        self.session.expire_all()
        after = rows(self.session)
        own = self.own_rows(account)
        changed = [key for key in self.theirs - own if after.get(key) != self.before[key]]
        assert not changed, f"{what} changed {changed}"
        for key in after.keys() - self.before.keys():
            hangs = [to for to in references(*key, after[key]) if to in self.theirs - own]
            assert not hangs, f"{what} wrote {key} about {hangs}"

    def own_rows(self, account: int) -> set[Key]:
        person = roster.person_of(self.session, account)
        return {("person", (person.id,))} if person else set()

    def tells_nothing(self, said: list[Act], what: str) -> None:
        heard = json.dumps(said, ensure_ascii=False)
        leaked = [text for text in self.texts if text in heard]
        assert not leaked, f"{what} told {leaked}: {heard}"


def user(account: int) -> dict[str, Any]:
    return {"id": account, "is_bot": False, "first_name": "?"}


def where(chat: int) -> dict[str, Any]:
    if chat > 0:
        return {"id": chat, "type": "private", "first_name": "?"}
    return {"id": chat, "type": "supergroup", "title": "?"}


# -- what the database holds ---------------------------------------------------------------------

# No row of another table hangs on these, and no trigger of theirs leads out of them.
PASSING = {"handled_update", "draft", "wrong_codes", "wrong_digits", "search_entry"}
TABLES = [each for each in SQLModel.metadata.sorted_tables if each.name not in PASSING]
READING = re.compile(r"SELECT\b|SAVEPOINT\b|RELEASE\b|ROLLBACK\b")
WRITING = re.compile(r"(?:INSERT INTO|UPDATE|DELETE FROM) (\w+)")


def rows(session: Session) -> Rows:
    """Every row of every table that is to stay as it is."""
    session.flush()
    found: Rows = {}
    for table in TABLES:
        keys = [list(table.columns).index(each) for each in table.primary_key.columns]
        for row in session.connection().execute(table.select()):
            found[table.name, tuple(row[key] for key in keys)] = tuple(map(repr, row))
    return found


def references(name: str, _key: tuple[Any, ...], row: tuple[Any, ...]) -> Iterator[Key]:
    """The rows that a row's foreign keys lead to."""
    table = SQLModel.metadata.tables[name]
    for place, column in enumerate(table.columns):
        for foreign in column.foreign_keys:
            if row[place] != "None":
                yield foreign.column.table.name, (int(row[place]),)


# -- forged addresses ----------------------------------------------------------------------------

# What is no id: enough of each to get past the look at the words themselves.
FORGED: Forged = {
    "number": [0, 1],
    "page": [0],
    "topic": [0],
    "seconds": [0],
    "year": [2026],
    "place": ["before", "after", "during"],
    "request": [1],
    "letter": [1],
    "index": [0, -1],
    "mark": [0, 1],
    "last": [1_000_000],  # of all there are
    "revision": [0, 1],
    "form": ["newmeeting", "leave_message"],
    "to": [1],
    "choice": ["yes", "no", "anyway", "plain", "said", "link"],
    "choice:int": [0],
    "answer": ["yes", "no", "online", "back"],
    "reason": ["illness", "other", "typed"],
    "standing": ["elsewhere"],
    "state": ["present", "excused", "absent"],
    "said": ["yes", "no"],
    "how": ["named", "anonymous"],
    "what": ["day", "place", "text", "headings"],
    "heading": [1],
    "rules": ["weekly"],
    "predicted": [1],
    "verdict": ["done"],
    "day": ["2026-08-20"],
    "clock": ["1930"],
    "digits": ["22000600"],
    "code": ["AAAAAAAAAAAAAAAAAAAAAA"],
    "field": ["phone", "unit", "kind"],
    "kind": ["regular", "probationary"],
    "word": ["secretary"],
    "group": ["quorum"],
    "key": ["late.after", "vote.temporary"],
    "figure": ["1"],
    "value": ["1"],
    "act": ["pause"],
    "which": ["ends", "due"],
    "criterion": ["conduct", "attendance"],
    "paper": ["AAAAAAAA0123456789abcdef"],
    "taps": ["g", "ggg"],
    "content": ["study"],
    "minutes": [15],
    "part": ["chair", "minutes", "minute_taker"],
}


@cache
def arguments_of(run: Callable[..., Any]) -> list[inspect.Parameter]:
    """What a handler takes beside the update itself."""
    return list(inspect.signature(run, eval_str=True).parameters.values())[1:]


def addresses(forged: Forged, route: Route) -> Iterator[tuple[Any, ...]]:
    """The forged arguments of a route."""
    choices = []
    for each in arguments_of(route.run):
        key = "choice:int" if (each.name, each.annotation) == ("choice", int) else each.name
        assert key in forged, f"{route.name}: say in FORGED what a forged {key} is"
        choices.append(forged[key])
    return itertools.product(*choices)


def routes(branch: Branch, kind: str) -> list[Route]:
    return [route for (of, _name), route in branch.talk.routes.items() if of == kind]


def address(route: Route, arguments: tuple[Any, ...]) -> str:
    return ":".join([route.name, *map(str, arguments)])
