"""The organisation's own form of the minutes: taken, changed, sent back; and what is no form."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest
from docx import Document as read_docx
from sqlmodel import Session

from bot.reading import Limits, read_file
from handlers.minutes.wording import values
from handlers.paper.checking import problems_of
from handlers.paper.form import PLACES, TEXTS, default_form
from handlers.text import PROFILES, Reader
from storage import minutes, roster, speakers
from storage.errors import NotFound
from storage.reading import FORM
from tests.big_meeting import LONGEST, held
from tests.handlers.test_minutes import draft, has_file, minutes_of, text_of
from tests.town import ACCOUNTS, BRANCH_1, NOON, PARTY, Town, unit_id

UNHURRIED = Limits(patience=120)


def form(*lines: str, header: str = "") -> bytes:
    """A Word file with these lines."""
    paper, target = read_docx(), io.BytesIO()
    for line in lines:
        paper.add_paragraph(line)
    if header:
        paper.sections[0].header.paragraphs[0].text = header
    paper.save(target)
    return target.getvalue()


def with_part(content: bytes, name: str, part: bytes) -> bytes:
    """The same file with one part more, or another in its place."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w") as new:
        for each in old.infolist():
            if each.filename != name:
                new.writestr(each, old.read(each))
        new.writestr(name, part)
    return target.getvalue()


def heavy() -> bytes:
    """Twenty-one megabytes of nothing, packed into a few thousand bytes."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("word/document.xml", b"0" * 21 * 2**20)
    return target.getvalue()


def loading_from_elsewhere() -> bytes:
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate"
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r1" Type="{kind}" Target="http://x/y" TargetMode="External"/>'
        "</Relationships>"
    )
    return with_part(form("x"), "word/_rels/settings.xml.rels", relations.encode())


OWN = form("BIÊN BẢN RIÊNG", "Chủ trì: {{ chu_tri }}", "{%p for v in vang_co_ly_do %}",
           "{{ v.so }}) {{ v.ten }}: {{ v.ly_do }}", "{%p endfor %}")  # fmt: skip

BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "unknown": (lambda: form("{{ chu_toa }}"), "not known"),
    "unknown in a list": (
        lambda: form("{% for v in den_muon %}{{ v.tuoi }}{% endfor %}"),
        "not known",
    ),
    "open": (lambda: form("{{ chu_tri"), "cannot say"),
    "endless": (lambda: form("{% for v in den_muon %}"), "cannot say"),
    "call": (lambda: form("{{ chu_tri.upper() }}"), "cannot say"),
    "filter": (lambda: form("{{ chu_tri|safe }}"), "cannot say"),
    "range": (lambda: form("{% for v in range(99999) %}x{% endfor %}"), "cannot say"),
    "inner": (lambda: form("{{ chu_tri.__class__.__mro__ }}"), "cannot say"),
    "set": (lambda: form("{% set x = 1 %}"), "cannot say"),
    "include": (lambda: form("{% include 'x' %}"), "cannot say"),
    "sum": (lambda: form("{{ 9 ** 9 }}"), "cannot say"),
    "lists in lists": (
        lambda: form(
            "{% for a in den_muon %}{% for b in den_muon %}x{% endfor %}{% endfor %}"
        ),
        "cannot say",
    ),
    "in the head": (lambda: form("x", header="{{ chu_tri|safe }}"), "cannot say"),
    "no zip": (lambda: b"%PDF-1.4", "no Word file"),
    "other zip": (lambda: with_part(form("x"), "[Content_Types].xml", b"<x/>"), "no Word file"),
    "macro": (lambda: with_part(form("x"), "word/vbaProject.bin", b"x"), "macro"),
    "elsewhere": (loading_from_elsewhere, "elsewhere"),
    "heavy": (heavy, "too heavy"),
    "large": (lambda: b"PK" + b"x" * 2 * 2**20, "at most"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_form_is_refused_and_says_why(name: str) -> None:
    build, why = BAD[name]
    (problem,) = problems_of(build())
    assert why in problem.message


@pytest.mark.parametrize("profile", PROFILES)
def test_the_default_form_is_a_form(profile: str) -> None:
    for language in ("vi", "en"):
        assert problems_of(default_form(Reader(language, profile=profile))) == []
    assert problems_of(OWN) == []


def test_a_form_is_looked_at_by_a_process_that_may_die_of_it() -> None:
    good = read_file("mau.docx", OWN, FORM, UNHURRIED)
    assert (good.problems, good.content) == ([], OWN)
    for wrong in ("unknown", "unknown in a list", "call", "inner", "in the head", "macro"):
        build, why = BAD[wrong]
        found = read_file("mau.docx", build(), FORM, UNHURRIED)
        assert why in found.problems[0].message
        assert found.content == b""


# The database has nothing to do with it; one kind will do.
@pytest.mark.parametrize("dialect", ["sqlite"])
def test_every_place_of_a_form_is_filled_by_every_meeting(
    session: Session, cast: dict[str, int]
) -> None:
    an = speakers.who(session, ACCOUNTS["an"], today=NOON.date(), owner=False)
    meeting = held(session, cast)
    taken = minutes.take_away(session, an, meeting.id, profile="party", now=NOON)
    filled = values(taken, Reader())
    assert set(filled) == {*TEXTS, *PLACES}
    for name, holds in PLACES.items():
        assert filled[name] and all(set(each) == set(holds) for each in filled[name])


def test_a_units_form_holds_for_those_below_that_have_none(
    session: Session, cast: dict[str, int]
) -> None:
    oanh, an = (
        speakers.who(session, ACCOUNTS[name], today=NOON.date(), owner=False)
        for name in ("oanh", "an")
    )
    above, own = roster.unit_at(session, PARTY), roster.unit_at(session, BRANCH_1)
    meeting = held(session, cast)
    assert minutes.form_for(session, own) is None
    minutes.keep_form(session, oanh, above.id, "trên.docx", form("TRÊN {{ chu_tri }}"), now=NOON)
    assert "TRÊN Nguyễn Văn An" in text_of(minutes_of(session, meeting))
    minutes.keep_form(session, an, own.id, "mẫu.docx", OWN, now=NOON)
    said = text_of(minutes_of(session, meeting))
    assert said.startswith("BẢN NHÁP") and "BIÊN BẢN RIÊNG\nChủ trì: Nguyễn Văn An" in said
    assert f"{LONGEST[2]}: Ốm" in said and "TRÊN" not in said
    for _twice in range(2):
        minutes.drop_form(session, an, own.id, now=NOON)
    found = minutes.form_for(session, own)
    assert found is not None and found.name == "trên.docx"


@pytest.mark.parametrize("name", ["binh", "chi", "giang", "oanh", "lan"])
def test_only_the_units_secretary_changes_its_form(
    session: Session, cast: dict[str, int], name: str
) -> None:
    other = speakers.who(session, ACCOUNTS[name], today=NOON.date(), owner=False)
    unit = unit_id(session, BRANCH_1)
    for act in (
        lambda: minutes.keep_form(session, other, unit, "x.docx", OWN, now=NOON),
        lambda: minutes.drop_form(session, other, unit, now=NOON),
        lambda: minutes.form_desk(session, other, unit),
    ):
        with pytest.raises(NotFound):
            act()


def test_the_secretary_sends_a_form_and_goes_back_to_the_default(town: Town) -> None:
    meeting_id, result = draft(town)
    town.an.press_data(result, f"minutes:{meeting_id}")
    town.an.press("Mẫu biên bản", town.an.wait_for("BIÊN BẢN họp 3/8"))
    screen = town.an.wait_for("Đang dùng: mẫu mặc định.")
    town.an.press("Tải mẫu", screen)
    taken = town.an.wait_for(has_file).document
    assert taken is not None and "{{ chu_tri }}" in text_of(taken.read())
    town.an.send_document("hỏng.docx", form("{{ chu_toa }}"))
    refused = town.an.wait_for("Không dùng được hỏng.docx làm mẫu.", timeout=60)
    assert "'chu_toa' is undefined" in refused.text
    town.an.send_document("mẫu của ta.docx", OWN)
    kept = town.an.wait_for("Đang dùng: mẫu của ta.docx.", timeout=60)
    town.an.press_data(kept, f"minutes_word:{meeting_id}")
    made = town.an.wait_for(has_file).document
    assert made is not None and "BIÊN BẢN RIÊNG" in text_of(made.read())
    town.an.press("Mẫu mặc định", kept)
    town.an.wait_for("Đã thôi dùng mẫu riêng")
