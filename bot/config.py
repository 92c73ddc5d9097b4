"""The settings: what the one who installs it decides.

They come from the environment or from `.env`, with the prefix `CHIBO_`. A wrong one is a line
that names it; the program then ends with exit code 2.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from handlers.kit import House
from storage import backup, keyed
from storage.backup import Keeping
from storage.keyed import Keys
from storage.quiet import parse_quiet_hours

TELEGRAM = "https://api.telegram.org"
LISTEN = "127.0.0.1:8443"


class Settings(BaseSettings):
    """Every setting, checked."""

    model_config = SettingsConfigDict(
        env_prefix="CHIBO_", env_file=".env", env_ignore_empty=False, extra="ignore"
    )

    token: SecretStr = SecretStr("")
    api_url: str = TELEGRAM
    database_url: SecretStr = SecretStr("sqlite:///data/chibo.db")
    owner_id: int | None = None
    timezone: str = "Asia/Ho_Chi_Minh"
    language: Literal["vi", "en"] = "vi"
    quiet_hours: str = "21:30-06:30"
    profile: Literal["party", "union", "youth", "association"] = "party"
    public_url: str = ""
    listen: str = ""  # nothing is served; with a webhook, LISTEN
    webhook_secret: SecretStr = SecretStr("")
    proxy: SecretStr = SecretStr("")
    log: Literal["text", "json"] = "text"
    backups: str = ""  # a folder; empty: beside the database
    backup_keep_days: int = 35
    backup_key: str = ""  # public keys of age
    audit_key: SecretStr = SecretStr("")
    clock: Literal["system", "server"] = "system"  # "server": the demo's movable clock

    @field_validator("owner_id", mode="before")
    @classmethod
    def _owner_id(cls, value: object) -> object:
        if value in ("", None):
            return None
        if not re.fullmatch(r"[1-9][0-9]{0,15}", str(value)):
            raise ValueError("is not a Telegram id, which is a number such as 123456789")
        return value

    @field_validator("backup_keep_days", mode="before")
    @classmethod
    def _days(cls, value: object) -> object:
        if not re.fullmatch(r"[1-9][0-9]{0,4}", str(value)):
            raise ValueError("is a number of days, at least 1, as in 35")
        return value

    @field_validator("language", "profile", "log", "clock", mode="before")
    @classmethod
    def _chosen(cls, value: object, info: ValidationInfo) -> object:
        choices = get_args(cls.model_fields[str(info.field_name)].annotation)
        if value not in choices:
            raise ValueError(f"is one of {', '.join(choices)}")
        return value

    @field_validator("token")
    @classmethod
    def _token(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and not re.fullmatch(
            r"[0-9]+:[A-Za-z0-9_-]{20,}", value.get_secret_value()
        ):
            raise ValueError("is not a bot token; @BotFather gives one like 123456:ABC…")
        return value

    @field_validator("api_url")
    @classmethod
    def _api_url(cls, value: str) -> str:
        if not _is_server(value):
            raise ValueError("takes scheme, host and port without a path, as in " + TELEGRAM)
        return value

    @field_validator("proxy")
    @classmethod
    def _proxy(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and not _is_server(value.get_secret_value(), login=True):
            raise ValueError("is not a proxy that we can use, as in http://name:password@host:3128")
        return value

    @field_validator("public_url")
    @classmethod
    def _public_url(cls, value: str) -> str:
        if value and not re.fullmatch(r"https?://[^\s]+", value):
            raise ValueError(
                "is not an address that Telegram could reach, as in https://example.org"
            )
        return value.rstrip("/")

    @field_validator("listen")
    @classmethod
    def _listen(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        if value and not (re.fullmatch(r"[\w.:\[\]-]+", host) and _is_port(port)):
            raise ValueError("takes host and port, as in " + LISTEN)
        return value

    @field_validator("database_url")
    @classmethod
    def _database_url(cls, value: SecretStr) -> SecretStr:
        try:
            address = make_url(value.get_secret_value())
        except (ArgumentError, ValueError):
            address = make_url("unknown://")
        if address.drivername not in ("sqlite", "postgresql+psycopg"):
            raise ValueError("begins with sqlite:/// or postgresql+psycopg://")
        if address.database in (None, "", ":memory:"):
            raise ValueError("names no database, as in sqlite:///data/chibo.db")
        return value

    @field_validator("audit_key")
    @classmethod
    def _audit_key(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value():
            keyed.parse(value.get_secret_value())
        return value

    @field_validator("timezone")
    @classmethod
    def _timezone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):  # "Asia" is a folder of zones
            raise ValueError("is no known zone, as in Asia/Ho_Chi_Minh") from None
        return value

    @field_validator("quiet_hours")
    @classmethod
    def _quiet_hours(cls, value: str) -> str:
        parse_quiet_hours(value)
        return value

    @field_validator("backup_key")
    @classmethod
    def _backup_key(cls, value: str) -> str:
        backup.recipients(value)
        return value.strip()

    @model_validator(mode="after")
    def _webhook(self) -> Settings:
        secret = self.webhook_secret.get_secret_value()
        if self.public_url and not re.fullmatch(r"[A-Za-z0-9_-]{16,256}", secret):
            raise ValueError(
                "CHIBO_WEBHOOK_SECRET: with CHIBO_PUBLIC_URL, 16 to 256 letters, digits, _ or -"
            )
        if self.public_url and not self.listen:
            self.listen = LISTEN
        return self

    @property
    def database(self) -> str:
        """The address of the database, password and all: never to be printed."""
        return self.database_url.get_secret_value()

    @property
    def secrets(self) -> list[str]:
        """What must never be printed or logged."""
        hidden = [
            self.token,
            self.webhook_secret,
            self.proxy,
            self.database_url,
            self.audit_key,
        ]
        password = make_url(self.database).password
        return [each.get_secret_value() for each in hidden] + [str(password or "")]

    @property
    def keeping(self) -> Keeping:
        """Where backups lie, how long, and encrypted to which keys."""
        folder = Path(self.backups).expanduser() if self.backups else backup.beside(self.database)
        return Keeping(folder, self.backup_keep_days, self.backup_key, self.timezone)

    @property
    def keys(self) -> Keys | None:
        """The keys of the audit, where they are not those in the file beside the database."""
        given = self.audit_key.get_secret_value()
        return Keys(given) if given else None

    def house(self, bot_username: str = "") -> House:
        """What handlers may know of the settings."""
        return House(
            bot_username=bot_username,
            owner_id=self.owner_id,
            language=self.language,
            zone=self.timezone,
            quiet_hours=self.quiet_hours,
            profile=self.profile,
        )


def _is_server(address: str, *, login: bool = False) -> bool:
    """Whether it is scheme, host and perhaps a port, and nothing else but a login where allowed."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return False
    known = parts.scheme in ("http", "https") and parts.hostname and port != 0
    bare = not (parts.path or parts.query or parts.fragment or "?" in address or "#" in address)
    return bool(known and bare and (login or "@" not in parts.netloc) and " " not in address)


def _is_port(text: str) -> bool:
    return text.isdecimal() and 0 < int(text) < 65536


class WrongSetting(Exception):
    """A setting that cannot be used; the text is one line that names it."""


def load(**given: Any) -> Settings:
    """Reads the settings; raises WrongSetting with one clear line. What is given counts first."""
    try:
        return Settings(**given)
    except UnicodeDecodeError:
        raise WrongSetting(".env: is no text in UTF-8") from None
    except ValidationError as error:
        first = error.errors()[0]
        reason = str(first["msg"]).removeprefix("Value error, ")
        name = "_".join(str(part) for part in first["loc"]).upper()
        # Never the value: it may be a token or a password.
        raise WrongSetting(f"CHIBO_{name}: {reason}" if name else reason) from None
