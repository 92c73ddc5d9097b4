"""What a database or a disk that cannot do its work means, in a sentence that says what to do.

Told apart by the codes of SQLite, PostgreSQL and the system, never by their words. Whatever has a
sentence here is the house's trouble and not the fault of what was being done: nobody gives up an
update or a notice over it, and it is done again when the trouble is over.
"""

from __future__ import annotations

import errno
import sqlite3

from sqlalchemy.exc import DBAPIError

FULL = "the disk is full: make room on it; a running bot goes on by itself"
READ_ONLY = (
    "the database or its folder cannot be written: give them to the user that the bot runs as; "
    "a running bot goes on by itself"
)
CLOSED = (
    "the database cannot be opened: look whether its file and folder are there, and whether the "
    "user that the bot runs as may write to them"
)
DAMAGED = (
    "the database is damaged: stop the bot and put back the newest backup with `chibo restore "
    "FILE`; `chibo doctor` names it, and the damaged file is kept beside it"
)
BUSY = "another program has held the database for long: wait, or end that program"
OVERLOADED = "the database server has run out of room, memory or connections: look at its log"
AWAY = (
    "the database does not answer: check that the server of CHIBO_DATABASE_URL runs and lets us "
    "in; a running bot goes on by itself"
)

# The first that a code begins with counts.
SQLITE = {
    "SQLITE_FULL": FULL,
    "SQLITE_IOERR": FULL,  # a disk that fails, or a limit on the size of files
    "SQLITE_READONLY": READ_ONLY,
    "SQLITE_PERM": READ_ONLY,
    "SQLITE_CANTOPEN": CLOSED,
    "SQLITE_CORRUPT": DAMAGED,
    "SQLITE_NOTADB": DAMAGED,
    "SQLITE_BUSY": BUSY,
    "SQLITE_LOCKED": BUSY,
}
POSTGRESQL = {
    "53100": FULL,
    "53": OVERLOADED,
    "58": OVERLOADED,  # an error of its disk
    "25006": READ_ONLY,
    "42501": READ_ONLY,
    "XX001": DAMAGED,
    "XX002": DAMAGED,
    "40": BUSY,  # serialisation failure, deadlock
    "55": BUSY,
    "57": AWAY,
    "08": AWAY,
}
FILES = {
    errno.ENOSPC: FULL,
    errno.EDQUOT: FULL,
    errno.EFBIG: FULL,
    errno.EROFS: READ_ONLY,
    errno.EACCES: READ_ONLY,
    errno.EPERM: READ_ONLY,
}


def advice(error: BaseException) -> str | None:
    """What to do about it; None where it is no trouble of the database or of the disk."""
    if isinstance(error, DBAPIError):
        if error.connection_invalidated:
            return AWAY
        error = error.orig or error
    if isinstance(error, sqlite3.Error):
        return _of(SQLITE, getattr(error, "sqlite_errorname", ""))
    if hasattr(error, "sqlstate"):  # psycopg's, which is not loaded where it is not used
        if error.sqlstate is None and _is_a("OperationalError", error):
            return AWAY  # there was no server to give a code
        return _of(POSTGRESQL, error.sqlstate or "")
    return FILES.get(error.errno or 0) if isinstance(error, OSError) else None


def _is_a(name: str, error: BaseException) -> bool:
    return any(each.__name__ == name for each in type(error).__mro__)


def _of(sentences: dict[str, str], code: str) -> str | None:
    return next((said for begin, said in sentences.items() if code.startswith(begin)), None)
