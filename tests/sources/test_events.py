from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from aisle.errors import InputError
from aisle.sources import describe, read_events
from aisle.types import Event, Rejected

Write = Callable[[str, str | bytes], str]
NINE = datetime(2024, 1, 31, 9, tzinfo=UTC)


def test_rows_become_events(write: Write, rejected: list[Rejected]) -> None:
    location = write(
        "log.csv",
        "event_id,visitor,event,product_id,time,search_term,position,quantity,session\n"
        "e1,u1,add_to_cart,A1,1706691600,,2,3,s1\n"
        "e2,u1,search,,1706691600000,usb cable,,,s1\n"
        "e3,u1,buy,,1706691600,,,,\n"
        "e4,u1,dance,A1,1706691600,,,,\n"
        "e5,u1,view,A1,soon,,,,\n"
        "e6,u1,view,A1,1706691600,,0,,\n"
        "e7,u1,view,A1,,,,,\n"
        "e8,u1,,A1,1706691600,,,,\n",
    )
    assert list(read_events(location, reject=rejected.append)) == [
        Event("e1", "cart", NINE, user_id="u1", session_id="s1", item_id="A1", rank=2, value=3.0),
        Event("e2", "search", NINE, user_id="u1", session_id="s1", query="usb cable"),
    ]
    assert [(row.line, row.reason.partition(";")[0]) for row in rejected] == [
        (4, "item_id is missing or empty: ''"),
        (5, "kind='dance' is not an event kind"),
        (6, "timestamp='soon' is not a time"),
        (7, "rank=0"),
        (8, "timestamp is missing"),
        (9, "kind is missing"),
    ]


def test_ids_follow_from_the_row_so_that_reading_again_changes_nothing(write: Write, rejected: list[Rejected]) -> None:
    location = write("log.csv", "user_id,item_id,timestamp\nu1,A1,1706691600\nu1,A2,1706691600\n")
    first, second = (list(read_events(location, reject=rejected.append)) for _ in range(2))
    assert first == second
    assert first[0].kind == "view"
    assert first[0].event_id != first[1].event_id


@pytest.mark.parametrize(
    ("content", "kind", "value"),
    [
        ("user_id,item_id,timestamp\nu1,A1,1\n", "view", None),
        ("user_id,item_id,rating,timestamp\nu1,A1,4.5,1\n", "rate", 4.5),
        ("user_id,query,timestamp\nu1,lamp,1\n", "search", None),
    ],
)
def test_without_a_kind_the_columns_tell(
    content: str, kind: str, value: float | None, write: Write, rejected: list[Rejected]
) -> None:
    [event] = read_events(write("log.csv", content), reject=rejected.append)
    assert (event.kind, event.value) == (kind, value)


def test_the_mapping_of_the_caller_wins(write: Write, rejected: list[Rejected]) -> None:
    location = write("log.csv", "who,user_id,item_id,timestamp\nana,7,A1,1\n")
    [event] = read_events(location, {"user_id": "who"}, reject=rejected.append)
    assert event.user_id == "ana"
    assert describe(location, "events", {"user_id": "who"}).mapping["user_id"] == "who"


def test_a_log_without_times_is_an_error(write: Write, rejected: list[Rejected]) -> None:
    with pytest.raises(InputError, match="no column that looks like the timestamp of events"):
        read_events(write("log.csv", "user_id,item_id\nu1,A1\n"), reject=rejected.append)
