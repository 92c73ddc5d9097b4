"""Real faults: a disk without room, a database that is held, a process that dies at a point."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

from storage.backup import sqlite_file
from storage.db import make_engine

ROOT = Path(__file__).parents[2]
HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""
# Dies at the n-th thing that it does to a folder: links, names, removals.
DIE_AT = """
import os, signal, sys
left = [int(sys.argv[1])]
def look(event, _arguments):
    if event in ("os.link", "os.rename", "os.remove"):
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
"""
NO_ROOM = """
CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100';
END $$;
CREATE TRIGGER no_room BEFORE INSERT OR UPDATE ON handled_update EXECUTE FUNCTION no_room();
CREATE TRIGGER no_room BEFORE UPDATE ON outbox EXECUTE FUNCTION no_room();
"""
NOT_NOTED = """
CREATE TRIGGER not_noted BEFORE UPDATE ON handled_update BEGIN SELECT RAISE(ABORT, 'no'); END
"""
KEPT_ALIVE = """
CREATE TRIGGER kept_alive BEFORE UPDATE ON outbox WHEN NEW.state = 'dead'
BEGIN SELECT RAISE(ABORT, 'no'); END
"""
KEPT_ALIVE_THERE = """
CREATE FUNCTION kept_alive() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'no';
END $$;
CREATE TRIGGER kept_alive BEFORE UPDATE ON outbox FOR EACH ROW WHEN (NEW.state = 'dead')
EXECUTE FUNCTION kept_alive();
"""
OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"


@contextmanager
def held(url: str) -> Iterator[None]:
    """Another process has begun to write and does not come to an end."""
    file = sqlite_file(url)
    if file is None:
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text("LOCK TABLE handled_update, outbox"))
            yield
        engine.dispose()
        return
    holding = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with holding:
        assert holding.stdout is not None
        assert holding.stdout.readline() == b"held\n"
        yield


@contextmanager
def without_room(url: str) -> Iterator[None]:
    """PostgreSQL's disk is full, as far as its clients can tell."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(NO_ROOM))
    yield
    with engine.begin() as connection:
        connection.execute(text("DROP FUNCTION no_room CASCADE"))
    engine.dispose()


@contextmanager
def nothing_noted(url: str) -> Iterator[None]:
    """The database takes everything but what it is told about replies."""
    engine = make_engine(url)
    postgres = engine.dialect.name == "postgresql"
    with engine.begin() as connection:
        if postgres:
            connection.execute(text(NO_ROOM))
            connection.execute(text("DROP TRIGGER no_room ON outbox"))
        else:
            connection.execute(text(NOT_NOTED))
    yield
    with engine.begin() as connection:
        end = "DROP FUNCTION no_room CASCADE" if postgres else "DROP TRIGGER not_noted"
        connection.execute(text(end))
    engine.dispose()


@contextmanager
def nobody_given_up(url: str) -> Iterator[None]:
    """The database takes no notice for dead."""
    engine = make_engine(url)
    postgres = engine.dialect.name == "postgresql"
    with engine.begin() as connection:
        connection.execute(text(KEPT_ALIVE_THERE if postgres else KEPT_ALIVE))
    yield
    with engine.begin() as connection:
        end = "DROP FUNCTION kept_alive CASCADE" if postgres else "DROP TRIGGER kept_alive"
        connection.execute(text(end))
    engine.dispose()


@contextmanager
def read_only(url: str) -> Iterator[None]:
    """PostgreSQL lets nobody write, as a standby does."""
    name = make_url(url).database
    engine = create_engine(make_url(url).set(database="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"ALTER DATABASE {name} SET default_transaction_read_only = on"))
        _part(url)
        yield
        connection.execute(text(f"ALTER DATABASE {name} RESET default_transaction_read_only"))
        _part(url)
    engine.dispose()


def _part(url: str) -> None:
    """Ends every connection but one's own: settings of a database hold from the next one on."""
    engine = create_engine(url)
    with engine.connect() as connection:
        connection.execute(text(f"{OTHERS} AND pid <> pg_backend_pid()"))
    engine.dispose()


@contextmanager
def files_end_at(size: int, pid: int) -> Iterator[None]:
    """A process can write no byte beyond this one, in no file."""
    soft, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))
    yield
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (soft, hard))


class Nursery:
    """Children that are born knowing our code, so that one is there at once and may be killed."""

    def __init__(self) -> None:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        self.mother = subprocess.Popen(
            [sys.executable, "-c", MOTHER],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, script: str, *arguments: str, within: str = "") -> tuple[int, str]:
        """Runs a script with arguments under a limit; returns how it ended and what it said."""
        assert self.mother.stdin is not None
        assert self.mother.stdout is not None
        with tempfile.NamedTemporaryFile() as told:
            order = {
                "folder": str(Path.cwd()),
                "environment": dict(os.environ),
                "script": within + script,
                "arguments": ["chibo", *arguments],
                "told": told.name,
            }
            self.mother.stdin.write(json.dumps(order) + "\n")
            self.mother.stdin.flush()
            return int(self.mother.stdout.readline()), told.read().decode()

    def close(self) -> None:
        with self.mother:
            assert self.mother.stdin is not None
            self.mother.stdin.close()


KILLED = -signal.SIGKILL
CHIBO = "from bot.__main__ import main; main()"
# In a child: rights on files count for root, too (all but the right to pass over them is kept).
AS_ANYBODY = """
import ctypes
header, sets = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
libc = ctypes.CDLL(None)
assert not libc.capget(header, sets)
for effective in (0, 1, 2):
    sets[effective] &= ~(1 << 1)  # CAP_DAC_OVERRIDE
assert not libc.capset(header, sets)
"""
WITH_SMALL_FILES = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, 1 << 16))
"""
MOTHER = """
import json, os, sys, traceback
import bot.cli, storage.backup, storage.migrate
storage.migrate.metadata()
for line in sys.stdin:
    order = json.loads(line)
    child = os.fork()
    if child:
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
        continue
    told = os.open(order["told"], os.O_WRONLY)
    os.dup2(told, 1), os.dup2(told, 2)
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    sys.argv = order["arguments"]
    code = 1
    try:
        exec(order["script"], {"__name__": "__main__"})
        code = 0
    except SystemExit as end:
        code = end.code or 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush(), sys.stderr.flush()
        os._exit(code)
"""
