"""Encryption with age: whoever takes a backup needs the public key only.

The secret key is needed to open one, and has no business on the machine that the bot runs on.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pyrage
from pyrage import x25519

from storage.backup.common import BackupError

SUFFIX = ".age"
BEGIN = b"age-encryption.org/"
ARMORED = b"-----BEGIN AGE"
SECRET = "AGE-SECRET-KEY-"  # noqa: S105 - what all of them begin with
CHUNK = 1 << 20


def recipients(keys: str) -> list[x25519.Recipient]:
    """The public keys of a setting, apart by spaces or commas; raises ValueError for others."""
    if SECRET in keys.upper():
        raise ValueError("is a secret key; the public one that belongs to it begins with age1")
    try:
        return [x25519.Recipient.from_str(each) for each in re.split(r"[\s,]+", keys) if each]
    except pyrage.RecipientError:
        raise ValueError("takes public keys of age, as in age1…") from None


def sealed_name(target: Path, keys: str) -> Path:
    """The name of a file that shall be encrypted to these keys, if there are any."""
    return target if not keys or target.suffix == SUFFIX else target.with_name(target.name + SUFFIX)


def is_sealed(file: Path) -> bool:
    """Whether a file is encrypted with age."""
    with file.open("rb") as opened:
        return opened.read(len(BEGIN)).startswith((BEGIN, ARMORED))


def write(chunks: Iterable[bytes], target: Path, keys: str) -> None:
    """Writes a stream to a file, encrypted where there are keys; it is read back and compared."""
    with target.open("wb") as file:
        tally = _Tally(file)
        if keys:
            _seal(chunks, tally, keys)
        else:
            for chunk in chunks:
                tally.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    with target.open("rb") as file:
        if hashlib.file_digest(file, "sha256").digest() != tally.digest.digest():
            raise BackupError(f"{target} does not read as it was written: try another disk")


@contextmanager
def opened(source: Path, identity: Path | None, near: Path) -> Iterator[Path]:
    """The file itself, or its contents decrypted in a folder of our own that goes afterwards."""
    if not source.is_file():
        raise BackupError(f"there is no file {source}")
    if not is_sealed(source):
        yield source
        return
    if identity is None:
        raise BackupError(f"{source} is encrypted: name the file with its secret key, --identity")
    keys = _identities(identity)
    with TemporaryDirectory(prefix=".chibo-", dir=near if near.is_dir() else None) as folder:
        plain = Path(folder) / source.name.removesuffix(SUFFIX)
        try:
            with source.open("rb") as sealed, plain.open("wb") as file:
                pyrage.decrypt_io(sealed, file, keys)
        except pyrage.DecryptError as error:
            if "matching keys" in str(error):
                raise BackupError(f"the keys in {identity} do not open {source}") from None
            raise BackupError(f"{source} is damaged and cannot be decrypted") from None
        except OSError as error:
            if error.errno:
                raise
            raise BackupError(f"{source} is damaged and cannot be decrypted") from None
        yield plain


def new_key(file: Path) -> str:
    """Makes a key pair: the secret key goes into a new file, the public one is returned."""
    pair = x25519.Identity.generate()
    public = str(pair.to_public())
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise BackupError(f"{file} is there already: a key is never written over") from None
    with os.fdopen(handle, "w") as opened_file:
        opened_file.write(f"# public key: {public}\n{pair}\n")
    return public


class _Tally:
    """Passes on what is written, and keeps its checksum."""

    def __init__(self, file: io.BufferedWriter) -> None:
        self.file, self.digest = file, hashlib.sha256()
        self.failure: BaseException | None = None  # pyrage would put it into words of its own

    def write(self, chunk: bytes) -> int:
        self.digest.update(chunk)
        try:
            return self.file.write(chunk)
        except OSError as error:
            self.failure = error
            raise

    def flush(self) -> None:
        self.file.flush()


class _Stream(io.RawIOBase):
    """Chunks, as a file to read from."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self.chunks, self.left = iter(chunks), b""
        self.failure: BaseException | None = None

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        try:
            self.left = self.left or next(self.chunks, b"")
        except BaseException as error:
            self.failure = error
            raise
        taken, self.left = self.left[:size], self.left[size:]
        return taken


def _seal(chunks: Iterable[bytes], tally: _Tally, keys: str) -> None:
    stream = _Stream(chunks)
    try:
        pyrage.encrypt_io(stream, tally, recipients(keys))
    except (pyrage.EncryptError, OSError) as error:
        raise stream.failure or tally.failure or error from None


def _identities(file: Path) -> list[x25519.Identity]:
    try:
        lines = [line.strip() for line in file.read_text("utf-8").splitlines()]
        return _some(
            [x25519.Identity.from_str(line) for line in lines if line[:1] not in ("", "#")]
        )
    except OSError as error:
        raise BackupError(f"{file} cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, ValueError, pyrage.IdentityError):
        raise BackupError(f"{file} holds no secret key of age ({SECRET}1…)") from None


def _some(found: list[x25519.Identity]) -> list[x25519.Identity]:
    if not found:
        raise ValueError
    return found
