import numpy as np
import polars as pl
import pytest

from aisle.encoders.finetuning.pairs import ACT_GRADES, acted_grades, judged_grades, make_pairs, split_queries
from aisle.errors import InputError

ROWS = {"a": 0, "b": 1, "c": 2}


def test_judgments_become_shares_of_the_highest_grade() -> None:
    frame = pl.DataFrame({"query": ["q", "q", "r", "r"], "item_id": ["a", "b", "c", "gone"], "grade": [3, 0, 1, 3]})
    assert judged_grades(frame, ROWS) == {("q", 0): 1.0, ("q", 1): 0.0, ("r", 2): 1 / 3}
    assert judged_grades(frame.clear(), ROWS) == {}


def test_acts_count_by_the_strongest_and_find_the_query_of_their_search() -> None:
    rows = [
        ("search", "lamp", "s1", ""),
        ("click", "", "s1", "a"),
        ("purchase", "", "s1", "a"),
        ("cart", "desk", "s2", "b"),
        ("click", "desk", "s2", "gone"),
        ("view", "desk", "s2", "c"),
        ("click", "", "", "c"),
    ]
    events = pl.DataFrame(rows, ["kind", "query", "query_id", "item_id"], orient="row")
    assert acted_grades(events, ROWS) == {("lamp", 0): ACT_GRADES["purchase"], ("desk", 1): ACT_GRADES["cart"]}


def test_pairs_of_some_queries_keep_their_items() -> None:
    pairs = make_pairs({("b", 1): 1.0, ("a", 0): 0.5, ("a", 2): 0.0, ("c", 0): 0.0})
    assert pairs.queries == ("a", "b", "c")
    assert [rows.tolist() for rows in pairs.relevant()] == [[0], [1], []]
    some = pairs.of(np.array([False, True, True]))
    assert (some.queries, some.query.tolist(), some.item.tolist()) == (("b", "c"), [0, 1], [1, 0])
    assert some.grade.tolist() == [1.0, 0.0]


def test_parts_are_whole_queries_and_disjoint() -> None:
    parts = split_queries(20, (0.1, 0.2), seed=3)
    assert [int(part.sum()) for part in parts] == [2, 4, 14]
    assert (np.stack(parts).sum(axis=0) == 1).all()
    assert (split_queries(20, (0.1, 0.2), seed=3)[0] == parts[0]).all()


def test_too_few_queries_are_an_input_error() -> None:
    with pytest.raises(InputError, match="3 queries with a relevant item are too few"):
        split_queries(3, (0.1, 0.1))
