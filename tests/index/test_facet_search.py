import numpy as np
import pytest

from aisle.errors import InputError
from aisle.index.columns import Columns, no_columns
from aisle.index.facet_search import Order, category_levels, find_values, numbers_of
from aisle.types import Item, Translation

BRANDS = ["Café Noir", "Canon", "Canon", "De'Longhi", "Nikon", "Noirmont"]
ITEMS = [
    *(Item(f"b{place}", "Title", brand=brand, attributes={"width": float(width)})
      for place, (brand, width) in enumerate(zip(BRANDS, [10, 9, 9, 100, 2, 10], strict=True))),
    Item("z", "Lamp", category=("Home", "Light"), attributes={"color": "red", "wide": "no", "sizes": ("1", "2")},
         translations={"zh": Translation(category=("家居", "灯具"), attributes={"color": "大红色"})}),
    Item("y", "Sofa", category=("Home", "Seats", "Sofas")),
    Item("x", "Phone", category=("Phones",), price=5.0),
]  # fmt: skip
COLUMNS: Columns = no_columns().with_rows(np.arange(len(ITEMS)), ITEMS)
ALL = np.arange(len(ITEMS))


def found(field: str, typed: str, k: int = 20, locale: str = "", order: Order = "count") -> list[tuple[str, int]]:
    return [(one.value, one.count) for one in find_values(COLUMNS, field, typed, ALL, k, locale, order)]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("ca", [("Canon", 2), ("Café Noir", 1)]),
        ("CAFE n", [("Café Noir", 1)]),
        ("noir", [("Café Noir", 1), ("Noirmont", 1)]),  # any word's beginning
        ("ikon", []),  # not its middle
        ("delonghi", []),
        ("de longhi", [("De'Longhi", 1)]),
        ("!", [("Canon", 2), ("Café Noir", 1), ("De'Longhi", 1), ("Nikon", 1), ("Noirmont", 1)]),
    ],
)
def test_values_are_found_by_the_beginning_of_a_word(typed: str, expected: list[tuple[str, int]]) -> None:
    assert found("brand", typed) == expected


def test_values_come_by_count_or_by_name() -> None:
    assert found("brand", "", 2) == [("Canon", 2), ("Café Noir", 1)]
    assert found("brand", "", 2, order="name") == [("Café Noir", 1), ("Canon", 2)]
    assert found("width", "", order="name") == [("2", 1), ("9", 2), ("10", 2), ("100", 1)]


def test_labels_are_searched_in_their_language() -> None:
    assert found("color", "红", locale="zh") == [("red", 1)]
    assert found("color", "红") == []
    assert find_values(COLUMNS, "color", "大红", ALL, 5, "zh")[0].label == "大红色"


def test_only_the_given_rows_are_counted() -> None:
    assert [(one.value, one.count) for one in find_values(COLUMNS, "brand", "", np.array([1, 4]), 9)] == [
        ("Canon", 1),
        ("Nikon", 1),
    ]


def test_levels_lead_down_a_path() -> None:
    levels = category_levels(COLUMNS, "home > seats", ALL)
    assert [[(one.value, one.count) for one in level] for level in levels] == [
        [("Home", 2), ("Phones", 1)],
        [("Home > Light", 1), ("Home > Seats", 1)],
        [("Home > Seats > Sofas", 1)],
    ]
    assert [[one.value for one in level] for level in category_levels(COLUMNS, "", ALL)] == [["Home", "Phones"]]
    assert category_levels(COLUMNS, "Phones", ALL)[1] == ()
    assert category_levels(COLUMNS, "", ALL, "zh")[0][0].label == "家居"


def test_numbers_of_any_field() -> None:
    assert numbers_of(COLUMNS, "width", np.array([0, 3])).tolist() == [10, 100]
    assert numbers_of(COLUMNS, "price", np.array([8])).tolist() == [5]
    assert numbers_of(COLUMNS, "attributes.sizes", ALL).tolist() == [1, 2]
    assert numbers_of(COLUMNS, "width", np.array([8])).tolist() == []


def test_a_field_without_numbers_and_an_unknown_one_are_input_errors() -> None:
    with pytest.raises(InputError, match="'color' holds no numbers"):
        numbers_of(COLUMNS, "color", ALL)
    with pytest.raises(InputError, match=r"unknown field 'widht'; did you mean .width."):
        find_values(COLUMNS, "widht", "", ALL, 5)
    with pytest.raises(InputError, match="order='size'"):
        find_values(COLUMNS, "width", "", ALL, 5, "", "size")  # type: ignore[arg-type]
    assert find_values(COLUMNS, "gtin", "", ALL, 5) == ()
