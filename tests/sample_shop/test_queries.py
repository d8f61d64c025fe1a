import numpy as np

from aisle.sample_shop.queries import Query, Stand, grade_stand, stands_of, write_queries
from aisle.sample_shop.taxonomy import read_leaves
from aisle.types import Item

_STAND = Stand(
    np.array([4, 7, 9]),
    (
        {"type": "wok", "material": "cast iron", "brand": "Ada"},
        {"type": "wok", "material": "non-stick", "brand": "Ada"},
        {"type": "grill pan", "material": "non-stick", "brand": "Bea"},
    ),
)


def test_noun_alone_is_answered_by_the_whole_leaf() -> None:
    assert grade_stand(Query("pan", "en", 0, {}, 1.0), _STAND).tolist() == [3, 3, 3]


def test_missing_want_makes_a_substitute_and_two_missing_wants_a_weak_one() -> None:
    one = Query("wok", "en", 0, {"type": ("wok",)}, 1.0)
    two = Query("cast iron wok", "en", 0, {"type": ("wok",), "material": ("cast iron",)}, 1.0)
    assert grade_stand(one, _STAND).tolist() == [3, 3, 2]
    assert grade_stand(two, _STAND).tolist() == [3, 2, 1]


def test_queries_are_written_only_for_what_the_shop_has() -> None:
    leaves = read_leaves()
    mugs = next(position for position, leaf in enumerate(leaves) if leaf.slug == "mugs")
    item = Item("a", "Mug", brand="Terramor", category=("Kitchen", "Coffee & Tea", "Mugs"), attributes={"color": "red"})
    queries = write_queries(leaves, stands_of(leaves, [item]))
    texts = {query.text for query in queries}
    assert {query.leaf for query in queries} == {mugs}
    assert {"mug", "red mug", "terramor mug", "马克杯", "红色马克杯"} <= texts
    assert "blue mug" not in texts


def test_value_that_is_a_noun_stands_alone() -> None:
    leaves = read_leaves()
    pan = Item("a", "Wok", category=("Kitchen", "Cookware", "Frying Pans"), attributes={"type": "wok"})
    texts = {query.text for query in write_queries(leaves, stands_of(leaves, [pan]))}
    assert "wok" in texts and "炒锅" in texts
    assert "wok frying pan" not in texts
