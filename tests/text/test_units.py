import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisle.text import match_spans, terms, unify_units
from aisle.text.unit_table import UNITS
from aisle.text.units import is_measure, measures


def forms(text: str) -> list[str]:
    return [form for _, _, form in measures(text)]


@pytest.mark.parametrize(
    ("spellings", "form"),
    [
        (['15"', "15-inch", "15 inch", "15in", "15 in.", "15 Inches", "15寸", "15英寸", "15 ''", "15”"], "15in"),
        (['15.6"', "15.6-inch", "15,6 inch", "15.60 英寸"], "15d6in"),
        (["16GB", "16 GB", "16gb", "16 gigabytes"], "16gb"),
        (["2TB", "2 tb"], "2tb"),
        (["65W", "65 瓦", "65-Watt", "65 watts"], "65w"),
        (["250 ml", "250毫升", "0.25 l", "25 cl"], "250ml"),
        (["2 m", "2米", "200cm", "2 metres", "2,000 mm"], "2000mm"),
        (["1.5 kg", "1500 g", "3 斤"], "1500g"),
        (["1/2 in.", "0.5 inch", "½ in"], "0d5in"),
        (["4-1/2 in.", "4 1/2 inch", "4.5in"], "4d5in"),
        (["20 sq. ft.", "20 square feet", "20 sqft"], "20sqft"),
        (["24 fl. oz.", "24 fl oz"], "24floz"),
        (["8-bit", "8 bit"], "8bit"),
    ],
)
def test_spellings_of_a_measure_have_one_form(spellings: list[str], form: str) -> None:
    assert [terms(spelling)[-1] for spelling in spellings] == [form] * len(spellings)


@pytest.mark.parametrize(
    "text",
    [
        "2 in 1 laptop",
        "tools 5 in one",
        "10 in stock",
        "the 90's",
        "TN-2110 m",
        "rtx2060 w",
        "1.2.3 m",
        "1/0 in",
        "A4",
        "3D",
    ],
)
def test_what_only_looks_like_a_measure_stays(text: str) -> None:
    assert unify_units(text) == text
    assert forms(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("16 GB stick", "16 16gb stick"),
        ("500GB", "500GB"),
        ("(210x297 mm)", "(210x297 297mm )"),
        ("5-10 W", "5-10 10w"),
        ("15寸笔记本", "15寸 15in 笔记本"),
        ("36 in. W x 80 in. H", "36 36in W x 80 80in H"),
        ("nothing", "nothing"),
        ("", ""),
    ],
)
def test_the_form_follows_the_number(text: str, expected: str) -> None:
    assert unify_units(text) == expected


def test_query_and_item_agree_about_sizes() -> None:
    assert set(terms("16GB")) <= set(terms("USB stick 16 GB"))
    assert set(terms("15 寸")) & set(terms('Monitor 15"')) == {"15", "15in"}
    assert set(terms("36 shower door")) <= set(terms("36 in. shower door"))


def test_measures_are_marked_however_they_are_written() -> None:
    text = "Stick, 16 GB, 2 m cable"
    assert [text[start:end] for start, end in match_spans(text, set(terms("16GB 200cm")))] == ["16 GB", "2 m"]


@given(st.text("0123456789.,/-x\" 'inmlgbWft寸米升 ", max_size=30))
def test_any_text_keeps_its_digits_in_order(text: str) -> None:
    unified = iter(unify_units(text))
    assert all(digit in unified for digit in text if digit.isdigit())


@pytest.mark.parametrize("text", ["2 m", '15.6"', "3/4 in.", "500GB", "20 V", "1 1/2 inch", "5 gal", "10 oz", "60 Hz"])
def test_the_form_of_a_measure_is_known_again(text: str) -> None:
    assert all(map(is_measure, forms(text)))
    assert forms(text)


def test_every_unit_has_a_form_that_is_known_again() -> None:
    assert all(is_measure(f"12d5{unit.form}") for unit in UNITS if unit.form)


def test_words_that_hold_digits_are_no_measures() -> None:
    assert not any(map(is_measure, ["2x4", "rtx2060", "12", "mm", "iphone7"]))
