"""What is in deploy/ fits the program: versions, limits, paths, times."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from bot.app import DRAIN_SECONDS
from bot.config import Settings
from bot.health import BEAT
from bot.site import GRACE
from bot.webhook import BODY_LIMIT

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"


def pins(file: Path) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9_.-]+)==(\S+)", file.read_text("utf-8"), re.MULTILINE))


def unit() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r"^(\w+)=(.*)$", (DEPLOY / "chibo.service").read_text(), re.M):
        found.setdefault(name, []).append(value)
    return found


def test_the_image_has_what_was_tested_and_nothing_for_tests() -> None:
    ours, tested = pins(DEPLOY / "requirements.lock"), pins(ROOT / "requirements.lock")
    assert ours.items() <= tested.items()
    assert {"python-telegram-bot", "psycopg-binary", "starlette", "structlog"} <= ours.keys()
    assert not {"pytest", "mypy", "playwright"} & ours.keys()


def test_every_package_of_the_image_has_its_hashes() -> None:
    lines = (DEPLOY / "requirements.lock").read_text("utf-8").replace("\\\n", " ").splitlines()
    packages = [line for line in lines if line and not line.startswith("#")]
    named = {line.partition("==")[0] for line in packages}  # one for each Python, where they differ
    assert named == set(pins(DEPLOY / "requirements.lock"))
    assert all("--hash=sha256:" in line for line in packages)


def test_nginx_lets_through_what_the_bot_takes_and_no_more() -> None:
    text = re.sub(r"#.*", "", (DEPLOY / "nginx.conf").read_text("utf-8"))
    assert re.findall(r"location (.*?) \{", text) == ["= /telegram", "/"]
    assert re.findall(r"client_max_body_size (\d+)m;", text) == [str(BODY_LIMIT >> 20)]
    assert text.count("proxy_pass") == 1
    assert not {"/metrics", "/readyz", "/healthz"} & set(text.split())


def test_systemd_waits_for_what_the_bot_finishes() -> None:
    found = unit()
    assert float(found["TimeoutStopSec"][0]) > DRAIN_SECONDS + GRACE
    assert float(found["WatchdogSec"][0]) > 3 * BEAT
    assert found["Type"] == ["notify"]
    assert found["RestartPreventExitStatus"] == ["2"]


def test_every_setting_that_is_named_there_is_one() -> None:
    known = {f"CHIBO_{name.upper()}" for name in Settings.model_fields}
    for file in DEPLOY.iterdir():
        named = set(re.findall(r"CHIBO_[A-Z_]+[A-Z]", file.read_text("utf-8")))
        assert named <= known, file.name


def test_the_image_and_the_unit_start_what_the_program_calls_itself() -> None:
    (start,) = unit()["ExecStart"]
    assert shlex.split(start)[1:] == ["run"]
    image = (DEPLOY / "Dockerfile").read_text("utf-8")
    for folder in re.findall(r"^COPY (\w+) ", image, re.MULTILINE):
        assert (ROOT / folder).is_dir()
    assert "USER chibo" in image and "--require-hashes" in image
