from pathlib import Path

import numpy as np
import pytest

from aisle.index.pairs import Pairs, field_name, folded, value_key, value_text


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("color", "color"),
        ("Screen size", "screen_size"),
        ("attributes.Screen-Size ", "screen_size"),
        ("  Größe (cm) ", "grösse_cm"),
        ("颜色", "颜色"),
        ("!?", ""),
    ],
)
def test_fields_have_one_name_however_they_are_written(name: str, expected: str) -> None:
    assert field_name(name) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(True, "true"), (False, "false"), (2.0, "2"), (0.1 + 0.2, "0.3"), (4006381333931, "4006381333931"), ("Ü", "Ü")],
)
def test_values_are_written_short(value: str | float | bool, expected: str) -> None:
    assert value_text(value) == expected


def test_long_numbers_stay_apart() -> None:
    assert value_text(4006381333931) != value_text(4006381333932)


def test_categories_are_compared_part_by_part() -> None:
    assert value_key("category", "A>b > C ") == "a > b > c"
    assert value_key("color", "A>b") == "a>b"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Café", "cafe"), ("ＵＳＢ", "usb"), ("Straße", "strasse"), ("無線", "無線"), ("ガ", "カ"), ("Ång", "ang")],
)
def test_case_and_accents_are_folded_away(text: str, expected: str) -> None:
    assert folded(text) == expected


def test_slots_run_by_field_then_number_then_name() -> None:
    known = Pairs((("w", "10"), ("c", "Red"), ("w", "9.5"), ("w", "wide"), ("c", "red"), ("c", "Blue"), ("w", "10.0")))
    assert known.slots.tolist() == [1, 5, 0, 3, 5, 4, 2]
    assert known.slot_of == {
        ("w", "9.5"): 0, ("w", "10"): 1, ("w", "10.0"): 2, ("w", "wide"): 3, ("c", "blue"): 4, ("c", "red"): 5,
    }  # fmt: skip
    assert known.numbers[:3].tolist() == [9.5, 10, 10]
    assert (known.span("w"), known.span("c"), known.span("x")) == (slice(0, 4), slice(4, 6), slice(0, 0))


@pytest.mark.parametrize("text", ["nan", "inf", "1e999", "", "1,5", "2 m", "-", "e5"])
def test_what_is_no_finite_number_is_a_text(text: str) -> None:
    known = Pairs((("w", text), ("w", "1")))
    assert known.numbers[known.slots[1]] == 1
    assert known.numbers[known.slots[0]] != known.numbers[known.slots[0]]


def test_no_pairs_have_no_slots() -> None:
    known = Pairs(())
    assert (known.n_slots, known.field_names, len(known.numbers)) == (0, (), 0)


def test_pairs_that_come_later_stand_where_they_would_have_stood() -> None:
    rng = np.random.default_rng(0)
    values = ["10", "9.5", "wide", "Wide", "2", "02", "b", "a", "A", "1e3", "-1"]
    for _ in range(20):
        drawn = [(str(rng.choice(["w", "c", "g"])), str(rng.choice(values))) for _ in range(25)]
        every = tuple(dict.fromkeys(drawn))
        cuts = sorted(rng.integers(0, len(every), 2).tolist())
        whole, grown = Pairs(every), Pairs(every[: cuts[0]])
        for start, end in zip(cuts, (*cuts[1:], len(every)), strict=True):
            grown = grown.with_pairs(every[start:end])
        assert tuple(grown.pairs) == every
        assert dict(grown.code_of) == dict(whole.code_of)
        assert dict(grown.slot_of) == dict(whole.slot_of)
        assert (grown.field_names, grown.n_slots) == (whole.field_names, whole.n_slots)
        assert grown.span("c") == whole.span("c")
        for name in ("slots", "numbers", "slot_fields", "field_starts"):
            np.testing.assert_array_equal(getattr(grown, name), getattr(whole, name))


def test_pairs_come_back_from_their_files_and_grow_there(tmp_path: Path) -> None:
    every = (("w", "10"), ("c", "Red"), ("w", "9.5"), ("c", "red"), ("w", "wide"), ("g", "1"), ("c", "blue"))
    Pairs(every[:4]).save(tmp_path)
    grown = Pairs.load(tmp_path).with_pairs(every[4:])
    assert tuple(grown.pairs) == every
    assert dict(grown.slot_of) == dict(Pairs(every).slot_of)
    grown.save(tmp_path)
    again = Pairs.load(tmp_path)
    assert (tuple(again.pairs), dict(again.code_of)) == (every, {pair: code for code, pair in enumerate(every)})
    assert again.numbers.tolist()[:2] == [9.5, 10]
