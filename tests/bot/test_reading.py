"""A file may break the process that reads it, and nothing else."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.reading import PACKAGES, Died, Limits, read_file
from storage.questions import COLUMNS as QUESTIONS
from storage.roster_import import COLUMNS as ROSTER
from storage.sheets import SheetError
from tests.sheets import (
    BOMBS,
    CSV,
    a_key_of_half_a_million_parts,
    a_million_sheets,
    a_tower_of_accents,
    largest_allowed,
    largest_text,
)

TABLES = {"roster": ROSTER, "questions": QUESTIONS}
UNHURRIED = Limits(patience=120)  # where the machine is busy with other tests
MIB = 2**20


def readers() -> list[Path]:
    """The processes that read a file for us now."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((process / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == os.getpid() and b"bot.reader" in (process / "cmdline").read_bytes():
                found.append(process)
        except (FileNotFoundError, ProcessLookupError):
            continue  # gone meanwhile
    return found


def reader_at_work() -> Path:
    """The process that has limited itself and begun to read."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        for process in readers():
            if re.search(r"Max open files +0 ", (process / "limits").read_text()):
                return process
        time.sleep(0.01)
    raise AssertionError("nobody reads")


def test_a_good_file_is_read() -> None:
    found = read_file("a.csv", CSV.encode(), TABLES)
    assert (found.kind, found.problems) == ("roster", [])
    assert found.table[0]["full_name"] == "Nguyễn Thị Hương"
    assert read_file("a.toml", b"a = 1", None).settings == {"a": 1}
    assert readers() == []


HEAVY: dict[str, tuple[str, Callable[[], bytes], Limits]] = {
    "memory": ("a.xlsx", a_million_sheets, UNHURRIED),
    "processor": ("a.csv", a_tower_of_accents, UNHURRIED._replace(seconds=1)),
    "time": ("a.csv", a_tower_of_accents, Limits(patience=2)),
    "at once": ("a.csv", CSV.encode, Limits(patience=0)),
}


@pytest.mark.parametrize("what", HEAVY)
def test_a_file_that_takes_too_much_is_given_up(what: str) -> None:
    name, build, limits = HEAVY[what]
    with pytest.raises(Died, match=f"^{name} is too heavy to be read safely; nothing") as caught:
        read_file(f"../tệp\u202e nặng/{name}", build(), TABLES, limits)
    assert caught.value.code < 0
    assert readers() == []


def test_a_campaign_that_takes_too_much_is_refused_like_any_file() -> None:
    limits = UNHURRIED._replace(seconds=1)
    with pytest.raises(Died):
        read_file("a.toml", a_key_of_half_a_million_parts(), None, limits)


def test_a_file_that_is_too_large_starts_no_process() -> None:
    used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    with pytest.raises(SheetError, match="at most 20 MiB"):
        read_file("a.csv", bytes(20 * MIB + 1), TABLES)
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime == used


def test_the_reader_is_given_no_secret_and_no_file_of_ours(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    secret = "987654321:" + "S" * 35
    monkeypatch.setenv("CHIBO_TOKEN", secret)
    monkeypatch.setenv("CHIBO_DATABASE_URL", "postgresql://u:pass@host/db")
    (tmp_path / "open").touch()
    with (tmp_path / "open").open() as ours:
        os.set_inheritable(ours.fileno(), True)

        def read() -> None:
            with pytest.raises(Died):
                read_file("a.csv", a_tower_of_accents(), TABLES, UNHURRIED)

        reads = threading.Thread(target=read)
        reads.start()
        process = reader_at_work()
        environment = (process / "environ").read_bytes().rstrip(b"\0")
        command = (process / "cmdline").read_text()
        files = {str(each.readlink()) for each in (process / "fd").iterdir()}
        niceness = int((process / "stat").read_text().rpartition(")")[2].split()[16])
        os.kill(int(process.name), 9)
        reads.join()
    assert environment == f"PYTHONPATH={PACKAGES}".encode()
    assert secret not in command
    assert all(each == os.devnull or each.startswith("pipe:") for each in files), files
    assert niceness > os.nice(0)


NO_FILE = "Too many open files"
BROKEN_INTO = {
    "open('/etc/passwd')": NO_FILE,
    "socket.socket()": NO_FILE,
    "subprocess.run(['/bin/true'], stdout=-1)": NO_FILE,
    "os.fork()": "Resource temporarily unavailable",
    "bytearray(300 * 2**20)": "MemoryError",
    "resource.setrlimit(resource.RLIMIT_NOFILE, (9, 9))": "not allowed to raise maximum limit",
    "print(resource.getrlimit(resource.RLIMIT_CORE))": "(0, 0)",
    "print(len(bytearray(200 * 2**20)))": str(200 * MIB),
}


@pytest.mark.parametrize("work", BROKEN_INTO)
def test_who_breaks_into_the_reader_can_do_little_there(work: str) -> None:
    program = f"""
import os, resource, socket, subprocess
from bot.reader import confine
confine(10, 256)
if os.getuid() == 0:
    os.setuid(65534)  # who runs everything may lift any limit
{work}
"""
    result = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(PACKAGES)},
        capture_output=True,
        text=True,
    )
    assert BROKEN_INTO[work] in result.stdout + result.stderr
    assert (result.returncode == 0) == work.startswith("print")


MEASURE = """
import resource, sys, time
from bot.reader import confine
from storage import reading
from storage.questions import COLUMNS as QUESTIONS
from storage.roster_import import COLUMNS as ROSTER
status = open("/proc/self/status")  # nothing can be opened later
def size(what):
    status.seek(0)
    return next(int(line.split()[1]) / 1024 for line in status if line.startswith(what))
before, started = size("VmSize:"), time.process_time()
confine(10, 256)
found = reading.read(sys.argv[1], sys.stdin.buffer.read(), {"roster": ROSTER, "q": QUESTIONS})
print(size("VmPeak:") - before, time.process_time() - started, len(found.table))
"""


@pytest.mark.parametrize("what", ["largest.xlsx", "largest.csv", *BOMBS])
def test_no_file_costs_more_than_256_mib_or_ten_seconds(what: str) -> None:
    largest = {"largest.xlsx": largest_allowed, "largest.csv": largest_text}
    build = largest.get(what) or BOMBS[what][0]
    name = what if what in largest else "a.xlsx"
    run = subprocess.run(
        [sys.executable, "-c", MEASURE, name],
        input=build(),
        env={"PYTHONPATH": str(PACKAGES)},
        capture_output=True,
        check=True,
    )
    mebibytes, seconds, rows = map(float, run.stdout.split())
    assert (rows > 0) == (what in largest)
    assert mebibytes < 256
    assert seconds < 10


def test_the_largest_that_is_allowed_comes_back_whole() -> None:
    found = read_file("a.csv", largest_text(), TABLES, UNHURRIED)
    assert (found.problems, len(found.table)) == ([], 19_991)
    assert found.table[-1]["full_name"] == "Nguyễn Văn 19989"
