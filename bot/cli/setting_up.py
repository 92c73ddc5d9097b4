"""`chibo init`: asks what is needed, checks it and writes it down."""

from __future__ import annotations

import sys
from pathlib import Path

import typer
from telegram.error import InvalidToken

from bot import config
from bot.cli.house import Failed, complain, name_of
from bot.config import Settings, WrongSetting

FILE = Path(".env")
NEEDED = """Standard input is no terminal, so nothing is asked. Set these, here or in .env:
  CHIBO_TOKEN       the token that @BotFather gives for your bot (needed)
  CHIBO_OWNER_ID    your own Telegram id: the first administrator
  CHIBO_TIMEZONE    Asia/Ho_Chi_Minh unless you say otherwise
  CHIBO_LANGUAGE    vi (or en)"""


def ask() -> None:
    """Asks for token, owner, zone and language; writes .env."""
    if not sys.stdin.isatty():
        typer.echo(NEEDED, err=True)
        raise typer.Exit(2)
    if FILE.exists():
        typer.confirm(f"{FILE} exists. Change what is asked here, keep the rest?", abort=True)
    token, username = _token()
    answers = {"CHIBO_TOKEN": token}
    owner = _ask("Your Telegram id, a number (0 to set it later)", "0", "owner_id")
    if owner != "0":
        answers["CHIBO_OWNER_ID"] = owner
    answers["CHIBO_TIMEZONE"] = _ask("Time zone", "Asia/Ho_Chi_Minh", "timezone")
    answers["CHIBO_LANGUAGE"] = _ask("Language, vi or en", "vi", "language")
    write(FILE, answers)
    typer.echo(f"Written to {FILE}. Now: `chibo import roster FILE`, then `chibo run`;")
    typer.echo(f"people find the bot at https://t.me/{username}.")


def write(file: Path, answers: dict[str, str]) -> None:
    """Sets the answers in the file, keeps its other lines; only its owner may read it."""
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    kept = [line for line in lines if line.partition("=")[0].strip().upper() not in answers]
    kept += [f"{name}={value}" for name, value in answers.items()]
    fresh = file.with_name(f"{file.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    fresh.write_text("\n".join(kept) + "\n", "utf-8")
    fresh.replace(file)


def _token() -> tuple[str, str]:
    """A token that Telegram knows, and the bot's name."""
    while True:
        token = str(typer.prompt("The bot's token, from @BotFather", hide_input=True)).strip()
        try:
            name = name_of(_with("token", token))
        except WrongSetting as wrong:
            complain(str(wrong))
        except InvalidToken:
            complain("Telegram does not know this token")
        else:
            typer.echo(f"This is @{name}.")
            return token, name


def _ask(question: str, default: str, setting: str) -> str:
    while True:
        answer = str(typer.prompt(question, default=default)).strip()
        try:
            if answer != default:
                _with(setting, answer)
        except WrongSetting as wrong:
            complain(str(wrong))
        else:
            return answer


def _with(setting: str, value: str) -> Settings:
    """The settings with this value; whatever else is wrong ends the command."""
    try:
        return config.load(**{setting: value})
    except WrongSetting as wrong:
        if not str(wrong).startswith(f"CHIBO_{setting.upper()}:"):
            raise Failed(str(wrong)) from None
        raise
