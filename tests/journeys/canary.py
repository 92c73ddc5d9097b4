"""What people wrote and what is secret, looked for in everything that the program lets out.

Its logs, its figures, what its commands print, what it leaves in its folder and in the folder for
temporary files. Only the database, its backups and the files that people themselves brought may
hold any of it.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx

from tests.journeys.month import ACCOUNT, NAMES
from tests.journeys.process import Office

WORDS = (
    "vùng cao",  # a question to the committee
    "Dự kiến tháng 10",  # its answer
    "dang phi dong bao nhieu",
    "Nhà văn hóa Khu phố 3",
    "BIMAT",  # stands in what cannot be read
    "01-CT/TW",  # of a campaign's file
)
KEPT = (".db", ".db-wal", ".db-shm", ".csv", ".toml", ".key", ".lock")
# An update that no library can read, and one that our own code cannot: both hold words.
UNREADABLE = {"message": {"message_id": 1, "date": "BIMAT", "chat": {"id": "BIMAT"}, "text": "x"}}


class Trouble:
    """Between two steps Telegram sends what cannot be read, and then refuses or breaks off."""

    def __init__(self, office: Office) -> None:
        self.world = office.world
        self.ways = itertools.cycle(("revoked", "garbled", "500", "502_before", "cut_before"))

    def __call__(self) -> None:
        """Once more, in another way."""
        self.world.raw_update(UNREADABLE)
        self.world.fail(next(self.ways), method="getUpdates")


def outputs(office: Office, began: float) -> Iterator[tuple[str, str]]:
    """Everything that was let out since, by where it was found."""
    yield "the log", office.log.read_text()
    for page in ("metrics", "healthz", "readyz"):
        yield page, httpx.get(f"http://{office.listen}/{page}", trust_env=False).text
    for command in ("doctor --json", "outbox", "audit list --json"):
        yield command, office.run(*command.split())
    for folder in (office.folder, Path(tempfile.gettempdir())):
        for file in folder.rglob("*") if folder == office.folder else folder.glob("*"):
            if file.is_file() and file.stat().st_mtime >= began and not file.name.endswith(KEPT):
                yield str(file), file.read_bytes().decode(errors="replace")


def leaks(office: Office, began: float, codes: list[str]) -> list[str]:
    """What was found where it must not be."""
    token = office.world.token
    secrets = {
        "the token": [token, token.partition(":")[2]],
        "a name": NAMES,
        "an account": [str(ACCOUNT)[:6]],
        "somebody's words": list(WORDS),
        "a link's code": codes,
    }
    return [
        f"{what} in {where}"
        for where, text in outputs(office, began)
        for what, each in secrets.items()
        if any(secret in text for secret in each)
    ]
