"""PostgreSQL: its own tools take a dump, read it and put it back.

The tools get the address by their environment, where `ps` does not show it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from sqlalchemy import make_url, text

from storage.backup.common import BackupError, Rest, at_once
from storage.backup.sealing import CHUNK
from storage.db import make_engine
from storage.upkeep import Mark

BEGIN = b"PGDMP"  # what a dump in the custom format begins with
TABLE = re.compile(r'COPY (?:\S+\.)?"?(\w+)"? \((.*)\) FROM stdin;')
PAUSE = """
INSERT INTO public.upkeep (name, at) VALUES ('{mark}', '{at:%Y-%m-%d %H:%M:%S%z}')
    ON CONFLICT (name) DO UPDATE SET at = excluded.at;
UPDATE public.handled_update SET reply = NULL;
"""


@dataclass
class Contents:
    """What a dump holds: rows by table, and the few values that a drill tells of."""

    rows: Counter[str] = field(default_factory=Counter)
    revision: str | None = None
    taken_at: datetime | None = None
    unsent: list[tuple[str, datetime]] = field(default_factory=list)  # notices: kind, when due


def dump(url: str, rest: Rest = at_once) -> Iterator[bytes]:
    """A dump as a stream; raises BackupError where it breaks off."""
    with (
        TemporaryFile() as told,
        subprocess.Popen(
            [program("pg_dump"), "--format=custom"],
            env=_environment(url),
            stdout=subprocess.PIPE,
            stderr=told,
        ) as process,
    ):
        try:
            first = _pipe(process.stdout).read(CHUNK)
            if first and not first.startswith(BEGIN):
                raise BackupError("pg_dump wrote something else than a dump")
            while first:
                yield first
                rest()
                first = _pipe(process.stdout).read(CHUNK)
        except BaseException:
            process.kill()
            raise
        if process.wait():
            raise BackupError(_failed("pg_dump", told))


def read(file: Path, unsent: tuple[str, ...] = ()) -> Contents:
    """Reads a dump from end to end; needs no server. Raises BackupError for what is none."""
    with file.open("rb") as opened:
        if opened.read(len(BEGIN)) != BEGIN:
            raise BackupError(f"{file} is no backup of a PostgreSQL database")
    contents, table, columns = Contents(), "", [""]
    with TemporaryFile() as told, _script(file, told, "--data-only") as process:
        for line in _pipe(process.stdout):
            row = line.decode("utf-8", "replace").rstrip("\n")
            if not table:
                if begun := TABLE.fullmatch(row):
                    table, columns = begun[1], begun[2].split(", ")
            elif row == "\\.":
                table = ""
            else:
                contents.rows[table] += 1
                _look(contents, table, dict(zip(columns, row.split("\t"), strict=False)), unsent)
        if process.wait():
            raise BackupError(f"{file} is damaged: {_failed('pg_restore', told)}")
    if contents.revision is None:
        raise BackupError(f"{file} is a dump, but not one of this program")
    return contents


def put_back(url: str, file: Path, *, now: datetime) -> None:
    """Replaces every table by those of a dump and pauses the outbox, in one transaction."""
    psql = [program("psql"), "--no-psqlrc", "--quiet", "--single-transaction"]
    with (
        TemporaryFile() as unread,
        TemporaryFile() as told,
        _script(file, unread, "--no-owner") as reading,
        subprocess.Popen(
            [*psql, "--set=ON_ERROR_STOP=1", "--file=-"],
            env=_environment(url),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=told,
        ) as writing,
    ):
        try:
            into = _pipe(writing.stdin)
            into.write(_drop_all(url).encode())
            shutil.copyfileobj(_pipe(reading.stdout), into, CHUNK)
            if reading.wait():
                raise BackupError(f"{file} is damaged: {_failed('pg_restore', unread)}")
            into.write(PAUSE.format(mark=Mark.OUTBOX_PAUSED, at=now).encode())
            into.close()
        except BrokenPipeError:
            reading.kill()  # what psql has to say of it comes below
        except BaseException:
            writing.kill()  # before it takes the end of the script for a commit
            raise
        if writing.wait():
            raise BackupError(_failed("psql", told))


def unfit(url: str) -> str | None:
    """Why no backup can be taken from here; None where it can."""
    found = shutil.which("pg_dump")
    if found is None:
        return "pg_dump is not installed here"
    told = subprocess.run([found, "--version"], capture_output=True, text=True).stdout
    ours = re.search(r"\d+", told)
    engine = make_engine(url)
    with engine.connect() as connection:
        theirs = int(connection.execute(text("SHOW server_version_num")).scalar_one()) // 10_000
    engine.dispose()
    if ours is None or int(ours[0]) < theirs:
        return f"pg_dump here is version {ours[0] if ours else '?'}, the server is {theirs}"
    return None


def _look(contents: Contents, table: str, row: dict[str, str], unsent: tuple[str, ...]) -> None:
    if table == "alembic_version":
        contents.revision = row["version_num"]
    elif table == "upkeep" and row["name"] == Mark.COPIED:
        contents.taken_at = datetime.fromisoformat(row["at"])
    elif table == "outbox" and row["state"] in unsent:
        contents.unsent.append((row["kind"], datetime.fromisoformat(row["due_at"])))


def _drop_all(url: str) -> str:
    """Every table in the way, newer ones included, which the dump does not know."""
    engine = make_engine(url)
    with engine.connect() as connection:
        quote = connection.dialect.identifier_preparer.quote_identifier
        found = connection.execute(
            text("SELECT tablename FROM pg_tables WHERE schemaname='public'")
        )
        names = [f"public.{quote(name)}" for name in found.scalars()]
    engine.dispose()
    return f"DROP TABLE IF EXISTS {', '.join(names)} CASCADE;\n" if names else ""


def _script(file: Path, told: IO[bytes], *options: str) -> subprocess.Popen[bytes]:
    """A dump as the SQL that it stands for."""
    arguments = [program("pg_restore"), *options, "--file=-", str(file)]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=told)


def _environment(url: str) -> dict[str, str]:
    address = make_url(url)
    known = {
        "PGHOST": address.host or address.query.get("host"),
        "PGPORT": address.port or address.query.get("port"),
        "PGUSER": address.username,
        "PGPASSWORD": address.password,
        "PGDATABASE": address.database,
    }
    return {**os.environ, **{name: str(value) for name, value in known.items() if value}}


def program(tool: str) -> str:
    """Where one of PostgreSQL's tools is; raises BackupError where it is not."""
    found = shutil.which(tool)
    if found is None:
        raise BackupError(
            f"{tool} is not installed here: install PostgreSQL's client programs (the package "
            "postgresql-client), or back up where the server runs"
        )
    return found


def _failed(tool: str, told: IO[bytes]) -> str:
    """What went wrong first, as a tool told it; its details may quote rows and are left out."""
    told.seek(0)
    lines = [line for line in told.read().decode("utf-8", "replace").splitlines() if line.strip()]
    errors = [line for line in lines if "error:" in line.lower() or "fatal:" in line.lower()]
    return f"{tool}: {(errors or lines or ['failed'])[0]}"


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise TypeError("the process has no such pipe")
    return stream
