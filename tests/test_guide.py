"""The guide for secretaries says what the screens say, and shows pictures that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

REPOSITORY = Path(__file__).parents[1]
GUIDE = REPOSITORY / "docs" / "bi-thu.md"
WORDS = REPOSITORY / "handlers" / "words" / "vi"


def spoken() -> set[str]:
    """Everything the bot says in Vietnamese."""
    said: set[str] = set()
    for file in WORDS.glob("*.po"):
        with file.open("rb") as opened:
            for message in read_po(opened):
                string = message.string or ""
                said.update([string] if isinstance(string, str) else string)
    return said


def test_a_secretary_finds_every_button_that_the_guide_names() -> None:
    labels = set(re.findall(r"\[([^\]\[]+)\](?!\()", GUIDE.read_text("utf-8")))
    assert len(labels) > 40
    assert labels - spoken() == set()


def test_the_page_about_evidence_names_buttons_that_are_there() -> None:
    page = (REPOSITORY / "docs" / "diem-danh.md").read_text("utf-8")
    labels = set(re.findall(r"\[([^\]\[]+)\](?!\()", page))
    assert len(labels) > 20
    assert labels - spoken() == set()


def test_the_page_on_preparing_a_meeting_names_buttons_that_there_are() -> None:
    page = (REPOSITORY / "docs" / "chuan-bi-hop.md").read_text("utf-8")
    labels = set(re.findall(r"\[([^\]\[]+)\](?!\()", page))
    assert len(labels) > 20
    assert labels - spoken() == set()


@pytest.mark.parametrize("page", ["README.md", "docs/bi-thu.md"])
def test_a_reader_sees_every_picture(page: str) -> None:
    file = REPOSITORY / page
    shown = re.findall(r'(?:src="|!\[[^\]]*\]\()([^")]+\.png)', file.read_text("utf-8"))
    assert shown
    assert [each for each in shown if not (file.parent / each).is_file()] == []


def test_a_link_inside_the_guide_leads_to_a_heading() -> None:
    text = GUIDE.read_text("utf-8")
    headings = {
        re.sub(r"[^\w\- ]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in text.splitlines()
        if line.startswith("## ")
    }
    linked = set(re.findall(r"\]\(#([^)]+)\)", text))
    assert len(linked) > 10
    assert linked - headings == set()
