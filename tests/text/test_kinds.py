import pytest

from aisle.text.entities import learn_phrases
from aisle.text.kinds import Kind, learn_names, query_kind
from aisle.types import Item

ITEMS = (
    Item(
        "p-1", "Brother TN-2110 toner black", brand="Brother", gtin="4977766654227", attributes={"oem_code": "XQ 77/A"}
    ),
    Item("p-2", "Nintendo Switch console 32GB", brand="Nintendo"),
    Item("p-3", "Nintendo Switch Lite console", brand="Nintendo"),
)
NAMES = learn_names(ITEMS)
PHRASES = learn_phrases(
    [{("brand", item.brand): (), ("category", "Toner"): (("zh", "墨粉"),), ("color", "black"): ()} for item in ITEMS],
    [[item.title] for item in ITEMS],
)


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("tn-2110", "product_number"),
        ("TN2110", "product_number"),
        ("tn 2110", "product_number"),
        ("4977766654227", "product_number"),
        ("xq77a", "product_number"),
        ("brother tn-2110 toner", "navigational"),
        ("cheap tn-2110 toner for brother", "specific"),
        ("rtx 2060", "specific"),
        ("32gb", "broad"),
        ("brother", "navigational"),
        ("nintendo switch", "navigational"),
        ("nintendo switch lite", "navigational"),
        ("toner", "broad"),
        ("black toner", "specific"),
        ("墨粉", "broad"),
        ("打印机", "broad"),
        ("something for my old printer", "specific"),
        ("", "broad"),
    ],
)
def test_kinds_of_queries(query: str, kind: Kind) -> None:
    assert query_kind(query, PHRASES.find(query), NAMES) == kind


def test_a_price_makes_a_query_specific() -> None:
    assert query_kind("toner", PHRASES.find("toner"), NAMES, bounded=True) == "specific"


def test_a_code_that_many_titles_share_is_no_product_number() -> None:
    many = learn_names([Item(f"i{number}", f"Monitor FHD1080 {number}") for number in range(30)])
    assert query_kind("fhd1080", (), many) == "broad"


def test_an_empty_shop_has_no_names() -> None:
    assert query_kind("tn-2110", (), learn_names(())) == "specific"
