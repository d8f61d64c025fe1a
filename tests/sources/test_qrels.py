from collections.abc import Callable

import pytest

from aisle.errors import InputError
from aisle.sources import read_judgments
from aisle.types import Judgment, Rejected

Write = Callable[[str, str | bytes], str]


def test_query_text_may_stand_in_place_of_the_id(write: Write, rejected: list[Rejected]) -> None:
    location = write("a.qrels", "usb c cable 0 A1 2\nusb c cable 0 B2 0\nlamp 0 C3 1\nlamp 0 D4\nlamp 0 E5 -1\n")
    assert list(read_judgments(location, reject=rejected.append)) == [
        Judgment("usb c cable", "A1", 2),
        Judgment("usb c cable", "B2", 0),
        Judgment("lamp", "C3", 1),
    ]
    assert [(row.line, row.reason.partition(";")[0]) for row in rejected] == [
        (4, "not a line of qrels"),
        (5, "grade=-1"),
    ]


def test_tabs_keep_texts_and_ids_with_spaces(write: Write, rejected: list[Rejected]) -> None:
    location = write("a.txt", "usb 3 cable\t0\tA 1\t2\n")
    assert list(read_judgments(location, reject=rejected.append)) == [Judgment("usb 3 cable", "A 1", 2)]


def test_ids_are_looked_up_among_the_queries(write: Write, rejected: list[Rejected]) -> None:
    location = write("a.qrels", "301 0 A1 2\n302 0 B2 1\n999 0 B2 1\n")
    topics = write("topics.tsv", "301\tusb c cable\n302\tdesk lamp\n")
    table = write("topics.csv", "query_id,query\n301,usb c cable\n302,desk lamp\n")
    for queries in (topics, table):
        rejected.clear()
        assert list(read_judgments(location, reject=rejected.append, queries=queries)) == [
            Judgment("usb c cable", "A1", 2),
            Judgment("desk lamp", "B2", 1),
        ]
        assert [(row.line, row.reason.partition(";")[0]) for row in rejected] == [
            (3, "query_id='999' is not among the queries")
        ]


def test_ids_without_texts_are_an_error(write: Write, rejected: list[Rejected]) -> None:
    with pytest.raises(
        InputError, match=r"has query ids \(query_id\), but no text of the queries; give the file of queries too"
    ):
        read_judgments(write("a.qrels", "301 0 A1 2\n"), reject=rejected.append)
