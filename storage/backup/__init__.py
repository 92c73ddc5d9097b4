"""Backups that can be trusted: taken beside a running bot, checked when taken and when restored.

- `taking`: a copy on request, before an upgrade, and every night; whole and checked, or none
- `sqlite`, `postgres`: how each kind of database is copied, read and put back
- `sealing`: encrypted with age, so that a copy elsewhere opens to one key only
- `keeping`: where they lie, what they are called, when the next is due, which go
- `restoring`: putting one back, and the drill that tries it without touching anything

A restored database is in the past: what its outbox still owes may have been sent since, and what
its clock finds overdue may have happened. So its outbox starts paused, until somebody has looked
and says `resume` or `discard`.
"""

from storage.backup.common import BackupError, Interrupted
from storage.backup.keeping import Keeping, beside, nightly_due, nightly_taken, renew
from storage.backup.restoring import (
    Drill,
    Owed,
    discard,
    drill,
    owed,
    restore,
    resume,
    waiting,
)
from storage.backup.sealing import new_key, recipients, sealed_name
from storage.backup.sqlite import refuse_unsound, sqlite_file
from storage.backup.taking import backup, before_upgrade, nightly, size, unfit

__all__ = [
    "BackupError",
    "Drill",
    "Interrupted",
    "Keeping",
    "Owed",
    "backup",
    "before_upgrade",
    "beside",
    "discard",
    "drill",
    "new_key",
    "nightly",
    "nightly_due",
    "nightly_taken",
    "owed",
    "recipients",
    "refuse_unsound",
    "renew",
    "restore",
    "resume",
    "sealed_name",
    "size",
    "sqlite_file",
    "unfit",
    "waiting",
]
