"""What getting in leaves behind: links, wrong codes, requests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger
from sqlmodel import Field

from storage.db import Row


class Invite(Row, table=True):
    """A personal link: the hash of its code, for whom, until when."""

    id: int = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    code_hash: str = Field(unique=True)
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None
    made_by: int | None = Field(default=None, foreign_key="person.id")


class WrongCodes(Row, table=True):
    """How many wrong codes an account has tried lately."""

    __tablename__ = "wrong_codes"

    telegram_id: int = Field(sa_type=BigInteger, primary_key=True)
    since: datetime
    count: int = 0


class JoinRequest(Row, table=True):
    """A stranger who named a unit; the name is forgotten when the request is decided."""

    __tablename__ = "join_request"

    id: int = Field(default=None, primary_key=True)
    telegram_id: int = Field(sa_type=BigInteger, index=True)
    name: str
    unit_id: int = Field(foreign_key="unit.id")  # the unit they named
    decider_id: int = Field(foreign_key="unit.id")  # the unit whose committee decides
    asked_at: datetime
    decided_at: datetime | None = None
    decided_by: int | None = Field(default=None, foreign_key="person.id")
    accepted: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """One line of a list of personal links; the code is nowhere else."""

    full_name: str
    unit: str
    code: str
    expires_at: datetime
