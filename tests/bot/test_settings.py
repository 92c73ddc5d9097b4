"""A wrong setting is one line that names it, and exit code 2."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app

TOKEN = "123456789:" + "A" * 35

WRONG = {
    "token": ("CHIBO_TOKEN", "hello"),
    "token without its number": ("CHIBO_TOKEN", "A" * 40),
    "API address with a path": ("CHIBO_API_URL", "https://api.telegram.org/bot"),
    "API address without scheme": ("CHIBO_API_URL", "api.telegram.org"),
    "API address with a port that is none": ("CHIBO_API_URL", "http://localhost:99999"),
    "API address with a port in letters": ("CHIBO_API_URL", "http://localhost:abc"),
    "API address with a question": ("CHIBO_API_URL", "http://x?y"),
    "API address with a login": ("CHIBO_API_URL", "https://user:secret-word@x.example"),
    "proxy that is no address": ("CHIBO_PROXY", "nonsense"),
    "proxy of another kind": ("CHIBO_PROXY", "ftp://user:secret-word@x"),
    "proxy that we cannot speak to": ("CHIBO_PROXY", "socks5://127.0.0.1:1080"),
    "owner too long for an id": ("CHIBO_OWNER_ID", "9" * 26),
    "zone that is a folder of zones": ("CHIBO_TIMEZONE", "Asia"),
    "place to listen with a space": ("CHIBO_LISTEN", "nonsense host:8443"),
    "database of another kind": ("CHIBO_DATABASE_URL", "mysql://root:secret-word@db/x"),
    "database that is no address": ("CHIBO_DATABASE_URL", "data/chibo.db"),
    "database in memory": ("CHIBO_DATABASE_URL", "sqlite://"),
    "database with a port that is none": ("CHIBO_DATABASE_URL", "postgresql+psycopg://h:x/y"),
    "owner that is a name": ("CHIBO_OWNER_ID", "Quyên"),
    "owner that is a group": ("CHIBO_OWNER_ID", "-100123"),
    "zone that is nowhere": ("CHIBO_TIMEZONE", "Asia/Atlantis"),
    "language that is not spoken": ("CHIBO_LANGUAGE", "fr"),
    "quiet hours in words": ("CHIBO_QUIET_HOURS", "at night"),
    "quiet hours after midnight": ("CHIBO_QUIET_HOURS", "21:30-25:00"),
    "profile that is unknown": ("CHIBO_PROFILE", "army"),
    "public address without scheme": ("CHIBO_PUBLIC_URL", "bot.example.org"),
    "place to listen without port": ("CHIBO_LISTEN", "127.0.0.1"),
    "port that is none": ("CHIBO_LISTEN", "127.0.0.1:99999"),
    "backup key that is none": ("CHIBO_BACKUP_KEY", "age1secret-word"),
    "backup key that is the secret one": ("CHIBO_BACKUP_KEY", "AGE-SECRET-KEY-1secret-word"),
    "backups kept for no day": ("CHIBO_BACKUP_KEEP_DAYS", "0"),
    "audit key that is a word": ("CHIBO_AUDIT_KEY", "secret-word"),
    "clock that is none": ("CHIBO_CLOCK", "sundial"),
    "log of another kind": ("CHIBO_LOG", "xml"),
}


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A folder and an environment with nothing set but a token."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CHIBO_TOKEN", TOKEN)
    return monkeypatch


@pytest.mark.parametrize("wrong", WRONG)
def test_whoever_sets_something_wrong_is_told_its_name(
    house: pytest.MonkeyPatch, wrong: str
) -> None:
    name, value = WRONG[wrong]
    house.setenv(name, value)
    result = CliRunner().invoke(app, ["run"])
    lines = result.stderr.strip().splitlines()
    assert (result.exit_code, len(lines)) == (2, 1), result.output
    assert name in lines[0]
    assert "secret-word" not in result.output
    assert "Input should" not in result.output, "the library's words, not ours"
    assert not Path("data").exists()


def test_whoever_sets_no_token_is_told_where_to_get_one(house: pytest.MonkeyPatch) -> None:
    house.delenv("CHIBO_TOKEN")
    result = CliRunner().invoke(app, ["run"])
    assert result.exit_code == 2
    assert "CHIBO_TOKEN" in result.stderr
    assert "@BotFather" in result.stderr


def test_a_webhook_without_a_secret_is_refused(house: pytest.MonkeyPatch) -> None:
    house.setenv("CHIBO_PUBLIC_URL", "https://bot.example.org")
    result = CliRunner().invoke(app, ["run"])
    assert result.exit_code == 2
    assert "CHIBO_WEBHOOK_SECRET" in result.stderr


def test_the_env_file_counts_and_the_environment_wins(house: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("CHIBO_LANGUAGE=fr\n", "utf-8")
    assert "CHIBO_LANGUAGE" in CliRunner().invoke(app, ["run"]).stderr
    house.setenv("CHIBO_LANGUAGE", "en")
    house.setenv("CHIBO_TIMEZONE", "Nowhere")
    assert "CHIBO_TIMEZONE" in CliRunner().invoke(app, ["run"]).stderr


def test_an_env_file_in_another_encoding_is_named(house: pytest.MonkeyPatch) -> None:
    Path(".env").write_bytes("CHIBO_LANGUAGE=vi\n# tiếng Việt".encode("utf-16"))
    result = CliRunner().invoke(app, ["run"])
    assert result.exit_code == 2
    assert ".env" in result.stderr
