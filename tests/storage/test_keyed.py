"""Keyed hashes: one key for an installation, made once, never shown."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import make_url

from storage.keyed import Keys, Match, NoKey

ONE, OTHER = "1a" * 32, "2b" * 32


def test_the_key_is_made_beside_the_database_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    keys = Keys.beside(make_url(f"sqlite:///{tmp_path / 'chibo.db'}"))
    assert list(tmp_path.iterdir()) == []
    signed = keys.sign("text")
    assert [each.name for each in tmp_path.iterdir()] == ["audit.key"]
    assert (tmp_path / "audit.key").stat().st_mode & 0o777 == 0o600
    assert Keys(tmp_path / "audit.key").check("text", signed) is Match.YES


def test_two_processes_that_begin_at_once_have_one_key(tmp_path: Path) -> None:
    file = tmp_path / "data" / "audit.key"
    script = f"from pathlib import Path; from storage.keyed import Keys;\
        print(Keys(Path({str(file)!r})).sign('text'))"
    root = Path(__file__).parents[2]
    both = [
        subprocess.Popen([sys.executable, "-c", script], cwd=root, stdout=subprocess.PIPE)
        for _each in range(3)
    ]
    said = {each.communicate(timeout=60)[0] for each in both}
    assert len(said) == 1
    assert [each.name for each in file.parent.iterdir()] == ["audit.key"]


def test_a_file_system_without_links_takes_a_key_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_self: Path, _target: Path) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    signed = Keys(tmp_path / "audit.key").sign("text")
    assert [each.name for each in tmp_path.iterdir()] == ["audit.key"]
    assert Keys(tmp_path / "audit.key").check("text", signed) is Match.YES


def test_another_text_and_another_key_are_told_apart() -> None:
    signed = Keys(ONE).sign("text")
    assert Keys(ONE).check("another text", signed) is Match.NO
    assert Keys(ONE).check("text", signed[:-1] + "_") is Match.NO
    assert Keys(OTHER).check("text", signed) is Match.OTHER_KEY


def test_a_new_key_leaves_the_old_one_its_signatures(tmp_path: Path) -> None:
    old = Keys(ONE).sign("text")
    (tmp_path / "audit.key").write_text(f"{OTHER}\n{ONE}\n", "ascii")
    both = Keys(tmp_path / "audit.key")
    assert both.check("text", old) is Match.YES
    assert both.sign("text") == Keys(OTHER).sign("text")


def test_an_account_is_another_one_elsewhere() -> None:
    here, elsewhere = Keys(ONE).name("telegram:1"), Keys(OTHER).name("telegram:1")
    assert len(here) == 16
    assert here != elsewhere
    assert here != Keys(ONE).name("telegram:2")


@pytest.mark.parametrize("content", [b"", b"abc", b"\xff\xfe", b"1a" * 31])
def test_a_file_that_holds_no_key_is_named_and_left_alone(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "audit.key"
    file.write_bytes(content)
    with pytest.raises(NoKey, match=r"audit\.key"):
        Keys(file).ready()
    assert file.read_bytes() == content


def test_a_place_where_no_key_can_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where a folder should be")
    with pytest.raises(NoKey, match="CHIBO_AUDIT_KEY"):
        Keys(tmp_path / "data" / "audit.key").ready()


def test_a_key_that_was_given_is_never_shown() -> None:
    with pytest.raises(NoKey) as wrong:
        Keys("secret-word").ready()
    assert "secret-word" not in str(wrong.value)
    assert ONE not in repr(Keys(ONE))
