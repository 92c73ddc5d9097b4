"""Text is compared, sorted and tidied the same way everywhere."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from storage.folding import clean_name, clean_text, fold, given_name_key

VIETNAMESE = (
    "aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệghiìỉĩíịklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvxyỳỷỹýỵ"
)
vietnamese = st.text(alphabet=VIETNAMESE + VIETNAMESE.upper() + " ", max_size=40)


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("Đảng phí", "dang phi"),
        ("ĐẢNG  PHÍ\n", "dang phi"),
        ("Ðảng phí", "dang phi"),
        ("Nguyễn Thị Hương", "nguyen thi huong"),
        ("hoà", "hoa"),
        ("thuỷ", "thuy"),
        ("zero\u200bwidth", "zerowidth"),
        ("\u202eabc\u202c", "abc"),
        ("a\u00a0b\tc", "a b c"),
        ("nul\x00", "nul"),
        ("đ/c", "d/c"),
        ("", ""),
    ],
)
def test_a_reader_who_types_no_accents_finds_the_same_words(typed: str, folded: str) -> None:
    assert fold(typed) == folded


def test_hoa_with_the_tone_on_either_vowel_is_one_word() -> None:
    assert fold("hoà") == fold("hòa")
    assert given_name_key("Lê hoà") == given_name_key("Lê hòa")


@given(st.text(max_size=60))
@example("\u0345")
@example("ﬃ")
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(vietnamese)
def test_composed_and_decomposed_text_fold_alike_to_plain_ascii(text: str) -> None:
    folded = fold(text)
    assert folded.isascii()
    assert folded == fold(unicodedata.normalize("NFD", text)) == fold(text.upper())


@given(st.text(max_size=60))
def test_a_cleaned_name_is_one_visible_trimmed_line(text: str) -> None:
    name = clean_name(text)
    assert name == clean_name(name) == unicodedata.normalize("NFC", name)
    assert not any(unicodedata.category(char).startswith("C") for char in name)
    assert name == " ".join(name.split())


@given(st.text(max_size=60))
def test_cleaned_text_is_stable_and_can_be_stored(text: str) -> None:
    cleaned = clean_text(text)
    assert clean_text(cleaned) == cleaned
    assert "\x00" not in cleaned
    cleaned.encode("utf-8")


def test_a_name_pasted_from_word_loses_what_nobody_can_see() -> None:
    decomposed = unicodedata.normalize("NFD", "Nguyễn  Thị\u200b")
    assert clean_name(f" \ufeff{decomposed} \u202eHương\x00\r\n") == "Nguyễn Thị Hương"
    assert clean_name("Ðỗ Văn\vA") == "Đỗ Văn A"


def test_an_answer_keeps_its_lines() -> None:
    assert clean_text(" Mục 1\r\nMục 2\rMục 3\u200e ") == "Mục 1\nMục 2\nMục 3"


def test_people_are_sorted_by_given_name_then_middle_then_family() -> None:
    expected = [
        "Nguyễn Văn An",
        "Trần Văn An",
        "Lê Xuân An",
        "Lê Thị Ánh",
        "Phạm Thị Ân",
        "Vũ Bình",
        "Lê Dung",
        "Hồ Đạt",
        "Hoa",
        "Lê Hoà",
        "Mai Hương",
        "Mai Minh",
        "Đỗ Thị Ý",
    ]
    assert sorted(set(expected), key=given_name_key) == expected


def test_tones_are_sorted_as_in_a_dictionary() -> None:
    expected = ["ma", "mà", "mả", "mã", "má", "mạ", "mă", "mằ", "mâ", "mấ"]
    assert sorted(set(expected), key=given_name_key) == expected


@given(vietnamese)
def test_the_sort_key_does_not_see_case_or_unicode_form(text: str) -> None:
    key = given_name_key(text)
    assert key == given_name_key(unicodedata.normalize("NFD", text)) == given_name_key(text.upper())


@given(st.lists(st.text(max_size=20), max_size=5))
def test_any_names_can_be_sorted(names: list[str]) -> None:
    once = sorted(names, key=given_name_key)
    assert sorted(once, key=given_name_key) == once
