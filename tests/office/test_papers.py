"""The papers in LibreOffice: they open, and what has to stand in them can be read there.

The first page of the minutes is a picture of the guide (`tests/pictures.py`).
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmodel import Session

from handlers import prints as papers
from handlers.text import Reader
from storage import attendance, minutes, prints, speakers
from tests.big_meeting import ENDED, LONGEST, PLAIN, REASONS, held
from tests.handlers.test_minutes import minutes_of, says_everything
from tests.pictures import keep
from tests.town import ACCOUNTS, NOON

pytestmark = [pytest.mark.office, pytest.mark.parametrize("dialect", ["sqlite"])]
Pages = Callable[[bytes], str]


@pytest.fixture
def pages(tmp_path: Path) -> Pages:
    """What a person reads who opens the file and prints it."""

    def read(content: bytes) -> str:
        file = tmp_path / "paper.docx"
        file.write_bytes(content)
        profile = f"-env:UserInstallation=file://{tmp_path / 'office'}"
        convert = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir"]
        subprocess.run([*convert, str(tmp_path), str(file)], check=True, timeout=120)
        pdf = tmp_path / "paper.pdf"
        found = subprocess.run(["pdftotext", str(pdf), "-"], check=True, stdout=subprocess.PIPE)
        return found.stdout.decode()

    return read


@pytest.mark.parametrize("reasons", [REASONS, PLAIN])
def test_the_minutes_of_forty_can_be_opened_and_read(
    session: Session, cast: dict[str, int], pages: Pages, tmp_path: Path, reasons: list[str]
) -> None:
    meeting = held(session, cast, reasons)
    said = pages(minutes_of(session, meeting))
    says_everything(
        said, minutes.facts_of(session, meeting), attendance.totals(session, meeting).all, reasons
    )
    assert "ĐẢNG CỘNG SẢN VIỆT NAM" in said
    assert "{{" not in said.replace("{{ ca }}", "")
    if reasons is PLAIN:
        picture(tmp_path / "paper.pdf", "bien-ban")


def picture(pdf: Path, name: str) -> None:
    """The first page, where somebody wants pictures."""
    out = pdf.parent / name
    draw = ["pdftoppm", "-r", "110", "-png", "-gray", "-singlefile", "-f", "1"]
    subprocess.run([*draw, str(pdf), str(out)], check=True)
    keep(name, out.with_suffix(".png").read_bytes())


def test_the_sheet_and_the_letter_can_be_opened_and_read(
    session: Session, cast: dict[str, int], pages: Pages
) -> None:
    meeting = held(session, cast)
    an = speakers.who(session, ACCOUNTS["an"], today=NOON.date(), owner=False)
    printed = prints.printable(session, an, meeting.id)
    groups = prints.sheet(session, an, meeting.id, now=ENDED)
    said = " ".join(pages(papers.sheet_paper(printed, groups, Reader())).split())
    names = [line.name for group in groups for line in group.lines]
    assert len(names) == 40
    begun = [" ".join(name.split()[:4]) for name in names]  # a long name takes two lines
    assert [name for name in begun if name not in said] == []
    people = prints.unreached(session, an, meeting.id, now=ENDED)
    points = prints.points(session, an, meeting.id)
    letter = papers.letter_paper(printed, people, points, Reader(), today=NOON.date())
    said = " ".join(pages(letter).split())
    begun = [" ".join(name.split()[:4]) for name in LONGEST]
    assert [each for each in (*begun, "GIẤY MỜI", "báo giấy") if each not in said] == []
