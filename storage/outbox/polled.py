"""Telegram's own quizzes that we have sent: how often each choice was taken, and by nobody.

A quiz is sent without names, so Telegram tells us numbers alone, as they grow and when it closes.
They may come before we have noted what we sent; either finds the other here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import JSON
from sqlmodel import Field, Session, col, select

from storage.db import Row, upsert
from storage.outbox.rows import Arrived, Notice


class SentPoll(Row, table=True):
    """One quiz in a chat; `notice_id` is missing until its sending has been noted."""

    __tablename__ = "sent_poll"

    id: int = Field(default=None, primary_key=True)
    poll_id: str = Field(unique=True)  # Telegram's
    notice_id: int | None = Field(default=None, foreign_key="outbox.id", index=True)
    counts: list[int] = Field(default_factory=list, sa_type=JSON)  # of each choice
    closed: bool = False
    at: datetime  # when it was last heard of


def note_polls(session: Session, arrived: Sequence[Arrived], *, now: datetime) -> None:
    """Notes which of the notices that have arrived are quizzes."""
    for each in arrived:
        if each.poll_id:
            row = _locked(session, each.poll_id, now)
            row.notice_id = each.id
            session.add(row)


def count(
    session: Session, poll_id: str, counts: Sequence[int], *, closed: bool, now: datetime
) -> None:
    """Takes over what Telegram counts; an older state that comes later changes nothing."""
    row = _locked(session, poll_id, now)
    if sum(counts) >= sum(row.counts):
        row.counts, row.at = list(counts), now
    row.closed = row.closed or closed
    session.add(row)


def counted(session: Session, kind: str, subjects: Sequence[str]) -> dict[str, list[int]]:
    """What is known of the quizzes of these notices, by subject; [] where nobody has answered."""
    found = session.exec(
        select(Notice.subject, SentPoll.counts)
        .join(SentPoll, col(SentPoll.notice_id) == Notice.id)
        .where(Notice.kind == kind, col(Notice.subject).in_(subjects))
    )
    return {subject: list(counts) for subject, counts in found}


def _locked(session: Session, poll_id: str, now: datetime) -> SentPoll:
    new = upsert(session, SentPoll).values(poll_id=poll_id, counts=[], closed=False, at=now)
    session.execute(new.on_conflict_do_nothing())
    return session.exec(
        select(SentPoll)
        .where(SentPoll.poll_id == poll_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
