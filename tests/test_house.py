"""The house itself: words complete, addresses unique, labels short, floors kept."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from bot.app import FEATURES
from bot.clock import HAPPENINGS
from handlers.dispatch import Conversation
from handlers.kit import House
from handlers.routing import routes_in
from handlers.text import LANGUAGES, PROFILES, WORDS, Reader, _, sentence
from storage.powers import POWERS

ROOT = Path(__file__).parent.parent
# Where a source sentence stands in a call: the function, and which argument.
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": (1,),
    "n_": (1,),
    "Refusal": (1,),
    "Closed": (1,),
    "whole_file": (1,),
    "BadValue": (1,),
    "_TooBig": (1,),
    "Problem": (3,),
    "add": (3,),
    "wrong": (1,),
}
LABEL_LIMIT = 18
DIGIT = "4"  # stands for a value in a label


@cache
def sources() -> dict[str, str]:
    """Every source sentence of the code, and a file that says it."""
    found: dict[str, str] = {}
    for floor in ("bot", "handlers", "storage"):
        for name, _line, message, _comments, _context in extract_from_dir(
            ROOT / floor, [("**.py", "python")], keywords=KEYWORDS, comment_tags=()
        ):
            text = message if isinstance(message, str) else message[0]
            found[text] = f"{floor}/{name}"
    return found


def translations(language: str) -> Iterator[tuple[str, str, str]]:
    """File, source sentence, translation."""
    for path in sorted((WORDS / language).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file):
                if message.id:  # Vietnamese has no plural: the first form is the only one
                    source = message.id if isinstance(message.id, str) else message.id[0]
                    said = message.string if isinstance(message.string, str) else message.string[0]
                    yield path.name, source, said


def test_every_sentence_has_its_vietnamese() -> None:
    known = {source for _file, source, said in translations("vi") if said}
    missing = [f"{where}: {source}" for source, where in sources().items() if source not in known]
    assert missing == []


def test_no_translation_is_left_over() -> None:
    over = [
        f"{file}: {source}" for file, source, _said in translations("vi") if source not in sources()
    ]
    assert over == []


def test_a_sentence_that_two_features_say_is_translated_once() -> None:
    files: dict[str, list[str]] = {}
    for file, source, _said in translations("vi"):
        files.setdefault(source, []).append(file)
    assert {source: where for source, where in files.items() if len(where) > 1} == {}


def test_a_translation_has_the_same_places_and_marks() -> None:
    for file, source, said in translations("vi"):
        places = set(re.findall(r"\{\w+\}", source))
        assert set(re.findall(r"\{\w+\}", said)) == places, f"{file}: {source}"
        marks = sorted(re.findall(r"</?\w+", source))
        assert sorted(re.findall(r"</?\w+", said)) == marks, f"{file}: {source}"


def test_every_handler_has_a_power_and_an_address_of_its_own() -> None:
    conversation = Conversation(FEATURES, House())
    assert len(conversation.routes) > 20
    for route in conversation.routes.values():
        assert route.power in POWERS, route.name


@pytest.mark.parametrize("language", LANGUAGES)
def test_commands_are_such_as_telegram_takes(language: str) -> None:
    for feature in FEATURES:
        for route in routes_in(feature):
            if route.kind == "command":
                for name in filter(None, (route.name, route.vi)):
                    assert re.fullmatch(r"[a-z0-9_]{1,32}", name), name


def test_what_happens_by_itself_has_somebody_to_do_it() -> None:
    said = set()
    for path in (ROOT / "storage").rglob("*.py"):
        said |= set(
            re.findall(r'schedule\.(?:once|repeat)\(\s*\w+,\s*"([\w.]+)"', path.read_text())
        )
    assert said <= set(HAPPENINGS)


def test_every_notice_that_is_owed_has_its_words() -> None:
    owed = set()
    for path in (ROOT / "storage").rglob("*.py"):
        owed |= set(re.findall(r'enqueue\(\s*\w+,\s*"([\w.]+)"', path.read_text()))
    known = {name for kind, name in Conversation(FEATURES, House()).routes if kind == "notice"}
    assert owed <= known


def test_every_button_leads_somewhere() -> None:
    """The address on a button has a handler that takes as many parts."""
    routes = Conversation(FEATURES, House()).routes
    astray = []
    for path in (ROOT / "handlers").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(
                    func=ast.Name(id="Button"),
                    args=[_label, ast.Constant(value=str(action)), *parts],
                ):
                    route = routes.get(("button", action))
                    starred = any(isinstance(part, ast.Starred) for part in parts)
                    if route is None or not (starred or len(route.arguments) == len(parts)):
                        astray.append(f"{path.name}:{node.lineno} {action}")
    assert astray == []


def labels() -> Iterator[tuple[str, str]]:
    """Every label that a Button is given in words."""
    for path in (ROOT / "handlers").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(
                    func=ast.Name(id="Button"),
                    args=[
                        ast.Call(func=ast.Name(id="_"), args=[ast.Constant(value=str(label))]),
                        *_,
                    ],
                ):
                    yield path.name, label


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("profile", PROFILES)
def test_labels_fit_a_thumb(language: str, profile: str) -> None:
    long = [
        f"{file}: {said}"
        for file, label in labels()
        if len(said := re.sub(r"\{\w+\}", DIGIT, sentence(label, language, profile))) > LABEL_LIMIT
    ]
    assert long == []


def test_a_profile_changes_words_and_never_a_persons_values() -> None:
    union = Reader("vi", profile="union")
    words = _("Comrade {name} · {unit}", name="Bí thư Chi", unit="Chi bộ 1")
    assert union.html(words) == "Anh/chị Bí thư Chi · Chi bộ 1"


def test_what_people_type_is_escaped_in_one_place() -> None:
    words = _("Comrade {name} · {unit}", name="<b>An</b> & {unit}", unit="tg://user?id=1")
    assert Reader().html(words) == ("Đồng chí &lt;b&gt;An&lt;/b&gt; &amp; {unit} · tg://user?id=1")


def test_every_table_that_goes_out_is_written_where_formulas_become_text() -> None:
    writers = {
        str(path.relative_to(ROOT))
        for floor in ("bot", "handlers", "storage")
        for path in (ROOT / floor).rglob("*.py")
        if re.search(r"csv\.writer|csv\.DictWriter|import xlsxwriter", path.read_text())
    }
    assert writers == {"storage/sheets/writing.py"}


def test_nothing_but_the_reader_reads_what_people_send() -> None:
    parsers = "read_table|read_one_of|read_roster|parse_toml|parse_campaign|load_workbook"
    astray = {
        str(path.relative_to(ROOT))
        for floor in ("bot", "handlers")
        for path in (ROOT / floor).rglob("*.py")
        if re.search(rf"\b({parsers}|(reading|questions)\.read)\(", path.read_text())
    }
    assert astray == {"bot/reader.py", "bot/demo/history.py"}  # the demo's files are ours


def test_files_stay_short() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for floor in ("bot", "handlers", "storage")
        for path in (ROOT / floor).rglob("*.py")
        if path.parent.name != "versions"  # what Alembic writes
        and (lines := path.read_text().count("\n")) > 400
    }
    assert long == {}
