"""The command line: what each command does, says and ends with."""

from __future__ import annotations

import json
import os
import pty
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session
from typer.testing import CliRunner

from bot.cli import app
from bot.cli.setting_up import write
from bot.simulator.client import World
from storage import outbox
from storage.db import Database
from storage.outbox import Class
from tests import program
from tests.town import NOON

COMMANDS = (
    *("demo", "init", "run", "doctor", "invites"),
    *("backup", "backup-key", "restore", "outbox", "db"),
)
BELOW = ("import roster", "import questions", "import campaign", "export roster", "audit verify")
PRESENT = "Câu hỏi,Trả lời,Nguồn\nĐảng phí đóng bao nhiêu?,Một phần trăm.,Sổ tay 4.2\n"

ROSTER = (
    "Họ và tên,Đơn vị,Chức vụ,Ngày sinh,Telegram ID\n"
    "Nguyễn Văn An,Chi bộ 1,Bí thư,02/09/1970,500000001\n"
    "Vũ Hương Giang,Chi bộ 1 / Tổ 1,,19/05/1980,\n"
)
CAMPAIGN = """
name = "Học tập"
unit = "Chi bộ 1"
starts = 2026-08-01
ends = 2026-08-31
remind = "19:30"
[[lesson]]
title = "Bài 1"
text = "Đọc."
"""


class Shell:
    """A folder with settings, in which `chibo` is run as a process."""

    def __init__(self, folder: Path, world: World) -> None:
        self.folder, self.world = folder, world
        self.environment = {
            **{name: value for name, value in os.environ.items() if name[:6] != "CHIBO_"},
            "CHIBO_TOKEN": world.token,
            "CHIBO_API_URL": world.api_url,
            "CHIBO_CLOCK": "server",
            "PYTHONPATH": str(Path(__file__).parents[2]),
        }
        self.started: list[ForkServerProcess] = []

    def run(self, *arguments: str, **more: str) -> program.Done:
        return program.run(self.folder, {**self.environment, **more}, *arguments)

    def begin(self) -> ForkServerProcess:
        """`chibo run`, from its first moment."""
        log = self.folder / "bot.log"
        bot = program.start(self.folder, self.environment, "run", out=log, err=log)
        self.started.append(bot)
        return bot

    def start(self) -> ForkServerProcess:
        """`chibo run`, until it is about to ask for updates."""
        seen = self.world.last_call
        bot = self.begin()
        deadline = time.monotonic() + 40
        while not self.world.calls("deleteWebhook", since=seen):
            assert bot.is_alive(), self.log
            assert time.monotonic() < deadline, self.log
            time.sleep(0.05)
        return bot

    @property
    def log(self) -> str:
        return (self.folder / "bot.log").read_text("utf-8")


@pytest.fixture
def shell(tmp_path: Path, world: World) -> Iterator[Shell]:
    opened = Shell(tmp_path, world)
    yield opened
    for bot in opened.started:
        bot.kill()
        bot.join()


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to run commands in."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("CHIBO_")]:
        monkeypatch.delenv(name)
    return tmp_path


@pytest.mark.parametrize("command", [*COMMANDS, *BELOW])
def test_every_command_explains_itself(here: Path, command: str) -> None:
    result = CliRunner().invoke(app, [*command.split(), "--help"])
    assert result.exit_code == 0, result.output
    assert "Usage" in result.output
    assert list(here.iterdir()) == []


def test_a_running_bot_lets_no_second_one_near_its_database(shell: Shell) -> None:
    first = shell.start()
    second = shell.run("run")
    assert second.returncode == 1
    assert second.stderr.count("\n") == 1
    assert str(first.pid) in second.stderr
    assert first.is_alive()


def test_a_killed_bot_leaves_no_lock(shell: Shell) -> None:
    killed = shell.start()
    killed.kill()
    killed.join(10)
    assert shell.start().is_alive()


def test_a_bot_that_is_told_to_stop_ends_well(shell: Shell) -> None:
    bot = shell.start()
    bot.terminate()
    bot.join(25)
    assert bot.exitcode == 0, shell.log


def test_a_refused_token_is_one_line_without_the_token(shell: Shell) -> None:
    wrong = "987654321:" + "B" * 35
    result = shell.run("run", CHIBO_TOKEN=wrong)
    assert result.returncode == 2
    assert "CHIBO_TOKEN" in result.stderr.splitlines()[-1]
    assert "B" * 35 not in result.stdout + result.stderr
    assert "Traceback" not in result.stderr


def test_a_bot_waits_for_a_telegram_that_cannot_be_reached(shell: Shell) -> None:
    shell.world.pause()
    bot = shell.begin()
    deadline = time.monotonic() + 30
    while "bot.waiting" not in shell.log:
        assert bot.is_alive(), shell.log
        assert time.monotonic() < deadline, shell.log
        time.sleep(0.05)
    shell.world.pause(False)
    deadline = time.monotonic() + 30
    while not shell.world.calls("deleteWebhook"):
        assert time.monotonic() < deadline, shell.log
        time.sleep(0.05)
    assert shell.world.token not in shell.log


def test_init_asks_nothing_where_nobody_can_answer(shell: Shell) -> None:
    result = shell.run("init")
    assert result.returncode == 2
    assert "CHIBO_TOKEN" in result.stderr
    assert not (shell.folder / ".env").exists()


def test_what_init_writes_only_its_owner_may_read(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("# mine\nCHIBO_TOKEN=old\nOTHER=1\n", "utf-8")
    file.chmod(0o644)
    write(file, {"CHIBO_TOKEN": "new", "CHIBO_LANGUAGE": "vi"})
    assert file.read_text("utf-8") == "# mine\nOTHER=1\nCHIBO_TOKEN=new\nCHIBO_LANGUAGE=vi\n"
    assert file.stat().st_mode & 0o777 == 0o600


def test_the_database_is_upgraded_on_request(here: Path) -> None:
    result = CliRunner().invoke(app, ["db", "upgrade"])
    assert result.exit_code == 0, result.output
    assert (here / "data" / "chibo.db").stat().st_mode & 0o077 == 0


def test_a_database_from_the_future_is_refused(here: Path) -> None:
    CliRunner().invoke(app, ["db", "upgrade"])
    connection = sqlite3.connect(here / "data" / "chibo.db")
    connection.execute("DELETE FROM alembic_version")
    connection.execute("INSERT INTO alembic_version VALUES ('9999')")
    connection.commit()
    connection.close()
    result = CliRunner().invoke(app, ["outbox", "list"])
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "9999" in result.stderr


def test_a_file_that_is_no_database_is_named(here: Path) -> None:
    (here / "data").mkdir()
    (here / "data" / "chibo.db").write_bytes(b"not a database at all" * 100)
    result = CliRunner().invoke(app, ["outbox", "list"])
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.stderr


def test_questions_from_a_file_are_imported_once(here: Path) -> None:
    (here / "base.csv").write_text(PRESENT, "utf-8")
    trial = CliRunner().invoke(app, ["import", "questions", "base.csv", "--dry-run"])
    first = CliRunner().invoke(app, ["import", "questions", "base.csv"])
    again = CliRunner().invoke(app, ["import", "questions", "base.csv"])
    assert [each.exit_code for each in (trial, first, again)] == [0, 0, 0], first.output
    assert "1 mới" in trial.output
    assert "1 mới" in first.output
    assert "0 mới" in again.output


def test_a_wrong_file_of_questions_names_row_and_column(here: Path) -> None:
    (here / "base.csv").write_text(PRESENT + ",Trả lời gì?,\n", "utf-8")
    result = CliRunner().invoke(app, ["import", "questions", "base.csv"])
    assert result.exit_code == 1
    assert "base.csv" in result.stderr
    assert "dòng 3" in result.stderr
    assert "cột Câu hỏi" in result.stderr
    after = CliRunner().invoke(app, ["import", "questions", "base.csv", "--dry-run"])
    assert after.exit_code == 1


def chibo(*arguments: str) -> str:
    """A command that must go well; what it said."""
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_roster_goes_in_once_and_comes_out_the_same(here: Path) -> None:
    (here / "roster.csv").write_text(ROSTER, "utf-8")
    assert "2 mới" in chibo("import", "roster", "roster.csv", "--dry-run")
    assert "2 mới" in chibo("import", "roster", "roster.csv")
    assert "2 như cũ" in chibo("import", "roster", "roster.csv")
    assert "2 dòng" in chibo("export", "roster", "out.xlsx")
    assert "2 như cũ" in chibo("import", "roster", "out.xlsx")


def test_a_wrong_roster_names_every_row_and_writes_nothing(here: Path) -> None:
    (here / "roster.csv").write_text(
        ROSTER + "Lê Thị Chi,Chi bộ 1,,31/02/1980,\nTrần Bình,Chi bộ 1,,,abc\n", "utf-8"
    )
    result = CliRunner().invoke(app, ["import", "roster", "roster.csv"])
    assert result.exit_code == 1
    assert "roster.csv, dòng 4, cột Ngày sinh" in result.stderr
    assert "roster.csv, dòng 5, cột Telegram ID" in result.stderr
    assert "0 dòng" in chibo("export", "roster", "out.xlsx")


def test_every_wrong_row_is_named_whether_a_cell_is_empty_or_wrong(here: Path) -> None:
    (here / "roster.csv").write_text(
        ROSTER + ",Chi bộ 1,,,\nLê Thị Chi,Chi bộ 1,,31/02/1980,\n", "utf-8"
    )
    result = CliRunner().invoke(app, ["import", "roster", "roster.csv"])
    assert result.exit_code == 1
    assert "roster.csv, dòng 4, cột Họ và tên" in result.stderr
    assert "roster.csv, dòng 5, cột Ngày sinh" in result.stderr
    assert "0 dòng" in chibo("export", "roster", "out.xlsx")


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("roster", "Họ và tên,Đơn vị,Ghi chú\nLê Thị Chi,Chi bộ 1,a\nTổng cộng,,\n"),
        ("questions", "Câu hỏi,Trả lời,Ghi chú\nHọp khi nào?,Mồng ba.,a\nTổng cộng,,\n"),
    ],
)
def test_what_is_left_out_of_a_file_is_said(here: Path, what: str, text: str) -> None:
    (here / "a.csv").write_text(text, "utf-8")
    result = CliRunner().invoke(app, ["import", what, "a.csv"])
    assert result.exit_code == 0, result.output
    assert "Ghi chú" in result.stderr
    assert "a.csv, dòng 3" in result.stderr


def test_a_campaign_goes_in_and_a_wrong_one_does_not(here: Path) -> None:
    (here / "roster.csv").write_text(ROSTER, "utf-8")
    (here / "campaign.toml").write_text(CAMPAIGN, "utf-8")
    (here / "wrong.toml").write_text(CAMPAIGN.replace("19:30", "0 9 * * 1"), "utf-8")
    chibo("import", "roster", "roster.csv")
    assert "2 người" in chibo("import", "campaign", "campaign.toml")
    wrong = CliRunner().invoke(app, ["import", "campaign", "wrong.toml"])
    assert wrong.exit_code == 1
    assert "wrong.toml" in wrong.stderr


@pytest.mark.parametrize("what", ["roster", "attendance"])
def test_a_table_that_cannot_be_written_is_one_line(here: Path, what: str) -> None:
    result = CliRunner().invoke(app, ["export", what, "nowhere/out.xlsx"])
    assert (result.exit_code, result.output.count("Traceback")) == (1, 0)
    assert "out.xlsx cannot be written: No such file or directory" in " ".join(
        result.stderr.split()
    )


def test_a_file_that_is_not_there_is_named(here: Path) -> None:
    result = CliRunner().invoke(app, ["import", "roster", "nobody.csv"])
    assert (result.exit_code, "nobody.csv" in result.stderr) == (1, True)


def test_everybody_without_an_account_gets_a_link(
    here: Path, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHIBO_TOKEN", world.token)
    monkeypatch.setenv("CHIBO_API_URL", world.api_url)
    (here / "roster.csv").write_text(ROSTER, "utf-8")
    chibo("import", "roster", "roster.csv")
    assert "1 liên kết" in chibo("invites", "--output", "links.csv")
    content = (here / "links.csv").read_bytes()
    assert content.startswith("\ufeffHọ và tên,Đơn vị,Liên kết,Hết hạn".encode())
    assert "Vũ Hương Giang,Chi bộ 1 / Tổ 1,https://t.me/chibo_bot?start=" in content.decode()
    assert "Giang" in chibo("invites", "--unit", "Tổ 1")
    nowhere = CliRunner().invoke(app, ["invites", "--unit", "Tổ 9"])
    assert (nowhere.exit_code, "Tổ 9" in nowhere.stderr) == (1, True)


def test_attendance_is_exported_although_nobody_has_met(here: Path) -> None:
    assert "0 dòng" in chibo("export", "attendance", "attendance.xlsx")
    assert (here / "attendance.xlsx").read_bytes().startswith(b"PK")


def test_a_backup_can_be_tried_and_restored(here: Path) -> None:
    (here / "roster.csv").write_text(ROSTER, "utf-8")
    chibo("import", "roster", "roster.csv")
    chibo("backup", "copy.db")
    told = chibo("restore", "copy.db", "--check")
    assert "2  person" in told
    assert "2 people, 0 meetings, 0 notices" in told
    assert "Taken on" in told
    assert "The outbox would be paused: 0 notices are owed." in told
    chibo("restore", "copy.db")
    assert "paused" in chibo("outbox", "list")
    assert "goes on" in chibo("outbox", "discard")
    assert "paused" not in chibo("outbox", "list")


def test_what_a_restored_outbox_owes_is_shown_before_it_goes(here: Path) -> None:
    def owe(session: Session) -> None:
        to = [outbox.to_account(500_000_001)]
        for number in range(2):
            outbox.enqueue(session, "greeting", f"x:{number}", to, klass=Class.ONCE, now=NOON)

    chibo("db", "upgrade")
    database = Database("sqlite:///data/chibo.db")
    database.run(owe)
    database.close()
    chibo("backup", "copy.db")
    line = "        2  greeting, the first due 2026-08-03 12:00"
    would = chibo("restore", "copy.db", "--check").splitlines()
    assert would[would.index("The outbox would be paused: 2 notices are owed:") + 1] == line
    chibo("restore", "copy.db")
    assert chibo("outbox").splitlines() == ["The outbox is paused: 2 notices are owed:", line]
    went = chibo("outbox", "resume").splitlines()
    assert (went[1], went[2]) == (line, "The outbox goes on; 2 notices are owed.")
    assert chibo("outbox").startswith("The outbox is open: 2 notices are owed:")


def test_a_backup_is_encrypted_where_a_key_is_set(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, _, public = chibo("backup-key", "khoa.txt").splitlines()[0].partition("=")
    monkeypatch.setenv(name, public)
    (here / "roster.csv").write_text(ROSTER, "utf-8")
    chibo("import", "roster", "roster.csv")
    assert "copy.db.age" in chibo("backup", "copy.db")
    assert [each.name for each in here.glob("copy*")] == ["copy.db.age"]
    assert b"Giang" not in (here / "copy.db.age").read_bytes()
    locked = CliRunner().invoke(app, ["restore", "copy.db.age", "--check"])
    assert (locked.exit_code, "--identity" in locked.stderr) == (1, True)
    assert "2 people" in chibo("restore", "copy.db.age", "--check", "--identity", "khoa.txt")
    chibo("restore", "copy.db.age", "--identity", "khoa.txt")
    assert "2 dòng" in chibo("export", "roster", "out.xlsx")


def audited() -> list[dict[str, Any]]:
    """The entries of the audit, the oldest first."""
    return list(reversed(json.loads(chibo("audit", "list", "--json"))))


def test_whoever_uses_the_shell_is_in_the_audit_as_such(here: Path) -> None:
    (here / "roster.csv").write_text(ROSTER, "utf-8")
    (here / "base.csv").write_text(PRESENT, "utf-8")
    (here / "campaign.toml").write_text(CAMPAIGN, "utf-8")
    chibo("import", "roster", "roster.csv", "--dry-run")
    for kind, file in (("roster", "roster.csv"), ("questions", "base.csv")):
        chibo("import", kind, file)
    chibo("import", "campaign", "campaign.toml")
    chibo("export", "roster", "out.xlsx")
    chibo("export", "attendance", "out.xlsx")
    chibo("backup", "copy.db")
    chibo("restore", "copy.db")
    chibo("outbox", "resume")
    entries = audited()
    assert [(each["entry"], each["did"]) for each in entries] == [
        (1, "roster.import"),
        (2, "question.import"),
        (3, "campaign.import"),
        (4, "export.roster"),
        (5, "export.attendance"),
        (6, "restore"),
        (7, "outbox.resume"),
    ]
    assert {each["actor"] for each in entries} == {"shell"}
    assert entries[0]["details"] == {"new": "1-2", "linked": "1", "given": "1:1:secretary"}
    assert (here / "data" / "audit.key").stat().st_mode & 0o777 == 0o600
    assert "3  " in chibo("audit", "list", "--limit", "5").splitlines()[-1]


def test_whoever_checks_the_audit_gets_a_head_to_keep(here: Path) -> None:
    (here / "roster.csv").write_text(ROSTER, "utf-8")
    chibo("import", "roster", "roster.csv")
    said = chibo("audit", "verify")
    head = said.splitlines()[-1].removeprefix("Head: ")
    assert "Entries: 1, all in order." in said
    chibo("export", "roster", "out.xlsx")
    verdict = json.loads(chibo("audit", "verify", "--head", head, "--json"))
    assert (verdict["ok"], verdict["count"], verdict["fault"]) == (True, 2, None)
    assert verdict["head"].startswith("2:")


def test_whoever_changes_the_audit_by_hand_is_found_by_it(here: Path) -> None:
    chibo("export", "roster", "out.xlsx")
    head = json.loads(chibo("audit", "verify", "--json"))["head"]
    connection = sqlite3.connect(here / "data" / "chibo.db")
    connection.execute("UPDATE audit SET actor = 'person:1'")
    connection.commit()
    result = CliRunner().invoke(app, ["audit", "verify"])
    assert (result.exit_code, "Entry 1 is changed" in result.stdout) == (1, True)
    connection.execute("DELETE FROM audit")
    connection.execute("UPDATE audit_head SET number = 0, hash = ''")
    connection.commit()
    connection.close()
    assert CliRunner().invoke(app, ["audit", "verify"]).exit_code == 0
    result = CliRunner().invoke(app, ["audit", "verify", "--json", "--head", head])
    assert result.exit_code == 1
    assert json.loads(result.stdout)["fault"] == {"entry": 1, "what": "missing"}


def test_a_head_with_a_slip_of_the_pen_is_named(here: Path) -> None:
    result = CliRunner().invoke(app, ["audit", "verify", "--head", "12:abc"])
    assert (result.exit_code, "12:abc" in result.stderr) == (2, True)


def test_a_key_that_cannot_be_read_stops_a_command_with_one_line(here: Path) -> None:
    (here / "data").mkdir()
    (here / "data" / "audit.key").write_text("nonsense")
    result = CliRunner().invoke(app, ["export", "roster", "out.xlsx"])
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1), result.output
    assert "audit.key" in result.stderr
    assert not (here / "out.xlsx").exists()


def test_a_bot_without_a_key_does_not_begin(shell: Shell) -> None:
    (shell.folder / "data").mkdir()
    (shell.folder / "data" / "audit.key").write_text("nonsense")
    result = shell.run("run")
    assert result.returncode == 1
    assert "audit.key" in result.stderr.splitlines()[-1]
    assert "Traceback" not in result.stderr


def test_nothing_is_restored_below_a_running_bot(shell: Shell) -> None:
    bot = shell.start()
    assert shell.run("backup", "copy.db").returncode == 0
    refused = shell.run("restore", "copy.db")
    assert (refused.returncode, str(bot.pid) in refused.stderr) == (1, True)


def test_init_asks_checks_the_token_and_writes_it_down(shell: Shell) -> None:
    told, ours = pty.openpty()
    asking = subprocess.Popen(
        [sys.executable, "-m", "bot", "init"],
        cwd=shell.folder,
        env={key: value for key, value in shell.environment.items() if key != "CHIBO_TOKEN"},
        stdin=ours,
        stdout=ours,
        stderr=ours,
        start_new_session=True,
    )
    os.close(ours)
    try:
        answer_what_is_asked(shell, told)
        assert asking.wait(30) == 0
    finally:
        asking.kill()
    assert (shell.folder / ".env").read_text("utf-8").splitlines() == [
        f"CHIBO_TOKEN={shell.world.token}",
        "CHIBO_OWNER_ID=500000101",
        "CHIBO_TIMEZONE=Asia/Ho_Chi_Minh",
        "CHIBO_LANGUAGE=en",
    ]


def answer_what_is_asked(shell: Shell, told: int) -> None:
    """Types at the terminal, wrongly at first."""
    wrong = "987654321:" + "B" * 35
    for question, answer in (
        ("token", "hello"),
        ("token", wrong),
        ("token", shell.world.token),
        ("Telegram id", "500000101"),
        ("Time zone", "Asia/Atlantis"),
        ("Time zone", ""),
        ("Language", "en"),
    ):
        shown = b""
        while question.encode() not in shown or not shown.endswith(b": "):
            shown += os.read(told, 4096)
        os.write(told, f"{answer}\n".encode())
