from collections.abc import Callable

import pytest

from aisle.errors import InputError
from aisle.sources import read_judgments
from aisle.types import Judgment, Rejected

Write = Callable[[str, str | bytes], str]


def test_grades_are_whole_and_not_negative(write: Write, rejected: list[Rejected]) -> None:
    location = write(
        "j.csv", "query,product_id,relevance\nlamp,1,3\nlamp,2,2.0\nlamp,3,2.33\nlamp,4,-1\n,5,1\nlamp,6,\n"
    )
    assert list(read_judgments(location, reject=rejected.append)) == [
        Judgment("lamp", "1", 3),
        Judgment("lamp", "2", 2),
    ]
    assert [(row.line, row.reason.partition(";")[0]) for row in rejected] == [
        (4, "grade='2.33' is not whole"),
        (5, "grade=-1"),
        (6, "query of a judgment is empty"),
        (7, "grade is missing"),
    ]


def test_a_pair_that_comes_again_replaces_the_first_and_is_reported(write: Write, rejected: list[Rejected]) -> None:
    location = write("j.csv", "query,item_id,grade\nlamp,1,3\nlamp,1,0\n")
    assert [judgment.grade for judgment in read_judgments(location, reject=rejected.append)] == [3, 0]
    assert [(row.line, row.reason.partition(":")[0]) for row in rejected] == [(3, "duplicate")]


def test_the_text_in_the_feed_needs_no_queries(write: Write, rejected: list[Rejected]) -> None:
    location = write("j.jsonl", '{"query_id": 7, "query": "lamp", "item_id": 1, "grade": 2}\n')
    assert list(read_judgments(location, reject=rejected.append)) == [Judgment("lamp", "1", 2)]


def test_queries_without_ids_to_look_up_are_an_error(write: Write, rejected: list[Rejected]) -> None:
    location = write("j.csv", "query,item_id,grade\nlamp,1,3\n")
    with pytest.raises(InputError, match="has no column of query ids"):
        read_judgments(location, reject=rejected.append, queries=write("q.csv", "query_id,query\n1,lamp\n"))


def test_a_file_of_other_things_is_no_queries(write: Write, rejected: list[Rejected]) -> None:
    location = write("j.csv", "query_id,item_id,grade\n1,1,3\n")
    with pytest.raises(InputError, match="holds no queries: its columns are colour, size"):
        read_judgments(location, reject=rejected.append, queries=write("q.csv", "colour,size\n1,lamp\n"))
