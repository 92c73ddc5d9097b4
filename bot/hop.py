"""The hop from the event loop to a database thread and back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from sqlmodel import Session

from storage.db import Database

T = TypeVar("T")


async def commit(database: Database, work: Callable[[Session], T]) -> T:
    """Runs `work` in one transaction; returns its result when it is committed."""
    return await asyncio.wrap_future(database.submit(work))
