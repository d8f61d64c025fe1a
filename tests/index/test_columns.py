from pathlib import Path

import numpy as np
import pytest

from aisle.index.columns import Columns, field_name, item_pairs, no_columns, value_key, value_text
from aisle.types import Item, Translation


def columns(*items: Item) -> Columns:
    return no_columns().with_rows(np.arange(len(items)), items)


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


def test_an_item_has_a_pair_for_every_value_and_every_path() -> None:
    item = Item(
        "i", "Title", brand="Volt", category=("A", "B"), stock=0, group_id="g",
        attributes={"Color": ("red", "blue"), "length": 2.0, "usb": True, "price": "cheap", "note": "x" * 101, "": "y"},
        translations={"zh": Translation(category=("甲", "乙"), attributes={"Color": ("红",), "usb": "有"})},
    )  # fmt: skip
    assert list(item_pairs(item)) == [
        (("in_stock", "false"), []),
        (("brand", "Volt"), []),
        (("group_id", "g"), []),
        (("category", "A"), [("zh", "甲")]),
        (("category", "A > B"), [("zh", "甲 > 乙")]),
        (("color", "red"), [("zh", "红")]),
        (("color", "blue"), []),
        (("length", "2"), []),
        (("usb", "true"), [("zh", "有")]),
    ]


def test_a_translated_path_of_another_depth_gives_no_label() -> None:
    item = Item("i", "Title", category=("A", "B"), translations={"zh": Translation(category=("甲",))})
    assert [labels for (field, _), labels in item_pairs(item) if field == "category"] == [[], []]


def test_a_value_named_twice_counts_once() -> None:
    made = columns(Item("i", "Title", attributes={"color": ("red", "red"), "Color": "red"}))
    assert [made.pairs[code] for code in made.codes_of(np.array([0])).tolist()] == [
        ("in_stock", "true"),
        ("color", "red"),
    ]


def test_rows_and_codes_lead_to_each_other() -> None:
    made = columns(Item("a", "A", brand="X"), Item("b", "B"), Item("c", "C", brand="X"), Item("d", "D", brand="x"))
    assert made.rows_with([made.code_of["brand", "X"]]).tolist() == [0, 2]
    assert sorted(made.rows_with(made.codes_by_field["brand"]["x"]).tolist()) == [0, 2, 3]
    assert made.rows_with([]).tolist() == []
    assert [made.pairs[code] for code in made.codes_of(np.array([3, 1])).tolist()] == [
        ("in_stock", "true"),
        ("brand", "x"),
        ("in_stock", "true"),
    ]
    assert made.codes_of(np.array([], np.int64)).tolist() == []


def test_changes_leave_the_old_columns_as_they_were() -> None:
    old = columns(Item("a", "A", brand="X", price=1.0), Item("b", "B"))
    new = old.with_rows(np.array([0, 3]), [None, Item("d", "D", brand="Y", price=4.0)])
    assert old.alive.tolist() == [True, True]
    assert old.numbers["price"][0] == 1
    assert old.rows_with([old.code_of["brand", "X"]]).tolist() == [0]
    assert new.alive.tolist() == [False, True, False, True]
    assert np.isnan(new.numbers["price"][:3]).all()
    assert new.rows_with([new.code_of["brand", "X"]]).tolist() == []
    assert new.rows_with([new.code_of["brand", "Y"]]).tolist() == [3]


def test_columns_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    translations = {"zh": Translation(attributes={"color": "红"})}
    made = columns(Item("a", "A", price=0.3, attributes={"color": "red"}, translations=translations), Item("b", "B"))
    made.save(tmp_path)
    again = Columns.load(tmp_path)
    assert (again.pairs, again.labels) == (made.pairs, made.labels)
    assert again.labels["zh"] == {made.code_of["color", "red"]: "红"}
    for name, values in made.numbers.items():
        np.testing.assert_array_equal(again.numbers[name], values)
    for one, other in ((again.alive, made.alive), (again.starts, made.starts), (again.codes, made.codes)):
        np.testing.assert_array_equal(one, other)
