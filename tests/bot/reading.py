"""What tests of the health read: the site of the running bot, as a watcher would."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import Any

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tests.town import Town


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Desk:
    """The watcher's: opens the town's bot with a site, and reads it over HTTP."""

    def __init__(self, town: Town) -> None:
        self.town, self.port = town, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.http = httpx.Client(base_url=self.url, timeout=15, trust_env=False)

    def open(self, **settings: Any) -> None:
        self.town.close()
        self.town.open(listen=f"127.0.0.1:{self.port}", **settings)

    def alive(self) -> dict[str, str]:
        """What a process that is alive complains of."""
        answer = self.http.get("/healthz")
        assert answer.status_code == 200
        told = answer.json()
        assert told["alive"] is True
        return dict(told["reasons"])

    def red(self) -> dict[str, str]:
        """The parts that are red, with their reasons."""
        answer = self.http.get("/readyz")
        told = answer.json()
        assert (answer.status_code, told["ready"]) == ((503, False) if told["red"] else (200, True))
        return dict(told["red"])

    def until_red(self, *parts: str) -> dict[str, str]:
        """As soon as these parts and no others are."""
        return self.until(lambda: self.red() if set(self.red()) == set(parts) else None)

    def until_ready(self) -> None:
        self.until(lambda: self.red() == {} or None)

    def until(self, true: Callable[[], Any], seconds: float = 20) -> Any:
        end = time.monotonic() + seconds
        while not (found := true()):
            assert time.monotonic() < end, self.red()
            time.sleep(0.1)
        return found

    def figures(self) -> dict[str, float]:
        """Every figure, by its name and the values of its labels: "polls_total stalled"."""
        answer = self.http.get("/metrics")
        assert answer.status_code == 200
        return {
            " ".join((sample.name.removeprefix("chibo_"), *sample.labels.values())): sample.value
            for family in text_string_to_metric_families(answer.text)
            for sample in family.samples
        }
