from pathlib import Path

import numpy as np

from aisle.index.columns import Columns, item_pairs, no_columns
from aisle.types import Item, Translation


def columns(*items: Item) -> Columns:
    return no_columns().with_rows(np.arange(len(items)), items)


def pairs(made: Columns, *rows: int) -> list[tuple[str, str]]:
    return [made.pairs[made.spellings[slot]] for slot in made.slots_of(np.array(rows)).tolist()]


def holders(made: Columns, field: str, key: str) -> list[int]:
    return [int(row) for row in made.rows_with(np.array([made.known.slot_of[field, key]]))]


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
    assert pairs(made, 0) == [("in_stock", "true"), ("color", "red")]


def test_rows_and_values_lead_to_each_other() -> None:
    made = columns(Item("a", "A", brand="X"), Item("b", "B"), Item("c", "C", brand="X"), Item("d", "D", brand="x"))
    assert holders(made, "brand", "x") == [0, 2, 3]
    assert made.rows_with(np.array([], np.int64)).tolist() == []
    assert pairs(made, 3, 1) == [("in_stock", "true"), ("brand", "X"), ("in_stock", "true")]
    assert made.slots_of(np.array([], np.int64)).tolist() == []
    assert made.totals.tolist() == [4, 3]
    assert made.field_totals.tolist() == [4, 3]


def test_a_value_is_shown_in_its_most_used_spelling() -> None:
    made = columns(
        *(Item(f"i{place}", "I", brand=brand) for place, brand in enumerate(["SONY", "Sony", "Sony", "Acme"]))
    )
    assert [made.pairs[code] for code in made.spellings.tolist()][1:] == [("brand", "Acme"), ("brand", "Sony")]
    equal = columns(Item("a", "A", brand="b"), Item("b", "B", brand="B"))
    assert equal.pairs[equal.spellings[1]] == ("brand", "b")


def test_an_item_with_two_spellings_of_a_value_has_it_once() -> None:
    made = columns(Item("a", "A", attributes={"color": ("Red", "red", "blue")}))
    assert pairs(made, 0) == [("in_stock", "true"), ("color", "blue"), ("color", "Red")]


def test_fields_with_several_values_are_known() -> None:
    made = columns(
        Item("a", "A", category=("X", "Y"), brand="B", attributes={"size": ("1", "2")}),
        Item("b", "B", attributes={"w": 1}),
    )
    several = dict(zip(made.known.field_names, made.several.tolist(), strict=True))
    assert several == {"in_stock": False, "brand": False, "category": True, "size": True, "w": False}


def test_changes_leave_the_old_columns_as_they_were() -> None:
    old = columns(Item("a", "A", brand="X", price=1.0), Item("b", "B"))
    new = old.with_rows(np.array([0, 3]), [None, Item("d", "D", brand="Y", price=4.0)])
    assert old.alive.tolist() == [True, True]
    assert old.numbers["price"][0] == 1
    assert holders(old, "brand", "x") == [0]
    assert new.alive.tolist() == [False, True, False, True]
    assert np.isnan(new.numbers["price"][:3]).all()
    assert holders(new, "brand", "x") == []
    assert holders(new, "brand", "y") == [3]


def test_columns_with_no_new_values_share_what_is_known_of_them() -> None:
    old = columns(Item("a", "A", brand="X", price=1.0), Item("b", "B"))
    assert old.with_rows(np.array([0]), [Item("a", "A", brand="X", price=2.0)]).known is old.known
    assert old.with_rows(np.array([0]), [Item("a", "A", brand="Y")]).known is not old.known


def test_columns_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    translations = {"zh": Translation(attributes={"color": "红"})}
    made = columns(Item("a", "A", price=0.3, attributes={"color": "red"}, translations=translations), Item("b", "B"))
    made.save(tmp_path)
    again = Columns.load(tmp_path)
    assert (tuple(again.pairs), again.labels) == (made.pairs, made.labels)
    assert again.labels["zh"] == {made.known.code_of["color", "red"]: "红"}
    for name, values in made.numbers.items():
        np.testing.assert_array_equal(again.numbers[name], values)
    for one, other in ((again.alive, made.alive), (again.starts, made.starts), (again.codes, made.codes)):
        np.testing.assert_array_equal(one, other)
