"""Keyed hashes: what only this installation can make, and check.

A plain hash of a Telegram id is no secret: there are few enough ids to try them all. With a key it
is one, as long as the key is not beside it. So the key is never in the database and in no backup
of it: it is given (CHIBO_AUDIT_KEY), or stands in `audit.key` beside the database file, which is
made on first use and which only its owner may read.

There may be several keys, one a line: the first is used, the others still check what they made.
Every keyed hash begins with the name of its key, so that a wrong key is not taken for a forgery.
"""

from __future__ import annotations

import hmac
import os
import re
import secrets
import tempfile
from collections.abc import Sequence
from enum import Enum, auto
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from sqlalchemy import URL
from sqlmodel import Session

FILE = "audit.key"
ELSEWHERE = Path("data")  # for a database that is no file


class NoKey(Exception):
    """The key can neither be read nor made; the text is a sentence that says what to do."""


class Match(Enum):
    """Whether a text and a keyed hash belong together."""

    YES = auto()
    NO = auto()
    OTHER_KEY = auto()  # made with a key that is not here


class Keys:
    """The keys of an installation; read, or made, when the first hash is asked for."""

    def __init__(self, source: str | Path) -> None:
        self._source = source

    @classmethod
    def beside(cls, address: URL) -> Keys:
        """Those in the file beside a database."""
        inside = address.get_backend_name() == "sqlite" and address.database
        return cls((Path(inside).parent if inside else ELSEWHERE) / FILE)

    def ready(self) -> None:
        """Raises NoKey now, rather than in the middle of the first act."""
        self.sign("")

    def sign(self, text: str) -> str:
        """The keyed hash of a text, "<name of the key>.<64 hexadecimal digits>"."""
        name = next(iter(self._secrets))
        return f"{name}.{_hash(self._secrets[name], text)}"

    def check(self, text: str, signed: str) -> Match:
        """Whether the hash was made of this text, with a key that is here."""
        name, _, digits = signed.partition(".")
        secret = self._secrets.get(name)
        if secret is None:
            return Match.OTHER_KEY
        return Match.YES if hmac.compare_digest(_hash(secret, text), digits) else Match.NO

    def name(self, text: str) -> str:
        """A short keyed hash, to stand for a text in a list."""
        return self.sign(text).partition(".")[2][:16]

    @cached_property
    def _secrets(self) -> dict[str, bytes]:
        given, origin = self._source, "CHIBO_AUDIT_KEY"  # never the value: it is the secret
        if isinstance(given, Path):
            given, origin = _in_file(given), str(given)
        try:
            return {sha256(secret).hexdigest()[:8]: secret for secret in parse(given)}
        except ValueError as error:
            raise NoKey(f"{origin} {error}") from None


def parse(text: str) -> Sequence[bytes]:
    """The keys of a text, apart by commas or lines; raises ValueError when there is none."""
    words = re.split(r"[\s,]+", text.strip())
    if not all(re.fullmatch(r"[0-9a-fA-F]{64}", word) for word in words):
        raise ValueError("takes 64 hexadecimal digits, as `openssl rand -hex 32` makes them")
    return [bytes.fromhex(word) for word in words]


def keys_of(session: Session) -> Keys:
    """The keys that belong to the session's database."""
    found: Keys = session.get_bind().get_execution_options()["keys"]
    return found


def _hash(secret: bytes, text: str) -> str:
    return hmac.new(secret, text.encode(), sha256).hexdigest()


def _in_file(file: Path) -> str:
    try:
        if not file.exists():
            _make(file)
        return file.read_text("ascii")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise NoKey(f"{file} cannot be used ({reason}); or set CHIBO_AUDIT_KEY") from None


def _make(file: Path) -> None:
    """Written whole before it has its name: two processes that begin at once use the same key."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, fresh = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    try:
        with os.fdopen(handle, "w") as out:
            out.write(secrets.token_hex(32) + "\n")
            out.flush()
            os.fsync(out.fileno())
        _name(Path(fresh), file)
    finally:
        Path(fresh).unlink(missing_ok=True)


def _name(fresh: Path, file: Path) -> None:
    try:
        file.hardlink_to(fresh)
    except FileExistsError:
        pass
    except OSError:  # a file system that has no links
        fresh.replace(file)
