"""Evidence: who presses a button has the message that it stands on.

Where we could not know whether a notice arrived, a press on it settles the question: it is not
repeated, it leaves the list of the uncertain, and a live card is edited where it stands.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from sqlmodel import Session
from telegram import CallbackQuery, Message

from handlers.acts import AGAIN, Act
from handlers.kit import Talk
from handlers.text import LANGUAGES, Reader, unmarked
from storage import outbox
from storage.outbox import Claimed


class Word(Protocol):
    """What finds the words of a notice (`Conversation.word`)."""

    def __call__(self, session: Session, claimed: Claimed, *, now: datetime) -> Act | None: ...


def weigh(talk: Talk, query: CallbackQuery, word: Word) -> None:
    """Settles the notices in doubt that this press proves to have arrived."""
    if not isinstance(query.message, Message) or talk.recipient is None:
        return
    for notice in outbox.doubtful(talk.session, talk.recipient):
        act = word(talk.session, Claimed(notice, talk.chat_id), now=talk.now)
        if act is not None and _is_it(act, query.data or "", query.message.text or ""):
            outbox.prove(
                talk.session, notice.id, query.message.message_id, talk.chat_id, now=talk.now
            )
            return


def _is_it(act: Act, data: str, text: str) -> bool:
    """The same button under the same first line; figures below it may have changed since."""
    known = any(each.get("data") == data for row in act.get("buttons", ()) for each in row)
    return known and _first(unmarked(act["text"])) == _first(text)


def _first(text: str) -> str:
    marks = {Reader(language).plain(AGAIN) for language in LANGUAGES}
    return next((line for line in text.splitlines() if line not in marks), "")
