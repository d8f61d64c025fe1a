from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from aisle.errors import InputError
from aisle.evaluation.logs import build_log, read_test
from aisle.settings import RecommendSettings
from aisle.testing.recommenders import events_frame
from aisle.types import Event

DAY = datetime(2026, 1, 1, tzinfo=UTC)
SETTINGS = RecommendSettings()


def event(user_id: str, item_id: str, seconds: float, kind: str = "view") -> Event:
    when = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    return Event(f"{user_id} {item_id} {seconds}", kind, when, user_id=user_id, item_id=item_id)  # type: ignore[arg-type]


def frame(*events: Event) -> pl.DataFrame:
    return events_frame(events).sort("timestamp", maintain_order=True)


def told(events: pl.DataFrame) -> list[tuple[str, float]]:
    log = build_log(events, [], SETTINGS)
    return [(log.item_ids[row], time) for row, time in zip(log.events.rows, log.events.times.round(3), strict=True)]


def test_items_are_those_of_the_catalogue_the_events_and_the_test() -> None:
    log = build_log(frame(event("u", "b", 1)), ["d", "b"], SETTINGS, frame(event("v", "a", 1), event("u", "c", 2)))
    assert log.item_ids == ("a", "b", "c", "d")
    assert log.events.n_items == 4
    assert log.test is not None
    assert log.test.rows.tolist() == [0, 2]
    # User u is the same in both, v is new.
    assert log.events.users.tolist() == [0]
    assert sorted(log.test.users.tolist()) == [0, 1]
    assert log.events.n_users == log.test.n_users == 2


def test_a_log_with_a_clock_keeps_its_times() -> None:
    start = 1_700_000_000
    assert told(frame(event("u", "a", start), event("v", "b", start + 60), event("u", "c", start + 120))) == [
        ("a", start),
        ("b", start + 60),
        ("c", start + 120),
    ]


def test_places_in_histories_are_no_times_and_users_follow_each_other() -> None:
    events = frame(event("z", "a", 1), event("z", "b", 2), event("z", "c", 3), event("y", "d", 1), event("y", "e", 2))
    assert told(events) == [("a", 0), ("b", 0.001), ("c", 0.002), ("d", 0.003), ("e", 0.004)]
    assert not build_log(events, [], SETTINGS).has_clock


def test_a_split_by_time_may_have_the_places_as_they_are() -> None:
    events = frame(event("z", "a", 1), event("z", "b", 2), event("y", "d", 1), event("y", "e", 2))
    log = build_log(events, [], SETTINGS, keep_times=True)
    assert log.events.times.tolist() == [1, 1, 2, 2]
    assert not log.has_clock


def test_a_log_of_one_moment_keeps_its_order() -> None:
    events = frame(event("u", "b", 7), event("v", "a", 7), event("u", "c", 7))
    assert [item for item, _ in told(events)] == ["b", "c", "a"]


def test_one_user_alone_has_a_clock() -> None:
    assert build_log(frame(event("u", "a", 1), event("u", "b", 2)), [], SETTINGS).has_clock


def test_events_that_say_nothing_about_taste_are_no_log() -> None:
    with pytest.raises(InputError, match="1 events, and none of them says what somebody likes"):
        build_log(frame(event("u", "a", 1, "impression")), [], SETTINGS)


def test_a_test_file_has_the_columns_of_the_event_log_and_counts_each_event_once(tmp_path: Path) -> None:
    (tmp_path / "test.csv").write_text("user_id,item_id,timestamp\n7,30,2\n7,20,1\n7,30,2\n")
    found = read_test(str(tmp_path / "test.csv"), {})
    assert found.select("user_id", "item_id", "kind").rows() == [("7", "20", "view"), ("7", "30", "view")]


def test_whole_numbers_in_parquet_are_ids(tmp_path: Path) -> None:
    pl.DataFrame({"user_id": [7], "item_id": [30], "timestamp": [1]}).write_parquet(tmp_path / "test.parquet")
    assert read_test(str(tmp_path / "test.parquet"), {}).select("user_id", "item_id").rows() == [("7", "30")]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty"),
        ("user_id,item_id,timestamp\n", "holds no events"),
        ("user_id,thing\n1,2\n", "timestamp"),
        ("user_id,item_id,timestamp\n1,2,yesterday\n", "line 2: timestamp='yesterday' is not a time"),
    ],
)
def test_a_test_file_that_cannot_be_used_says_why(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "test.csv").write_text(text)
    with pytest.raises(InputError, match=reason):
        read_test(str(tmp_path / "test.csv"), {})


def test_a_missing_test_file_is_an_input_error() -> None:
    with pytest.raises(InputError, match="does not exist"):
        read_test("nowhere.csv", {})


def test_kinds_weigh_as_the_settings_say() -> None:
    log = build_log(frame(event("u", "a", 10**9), event("u", "b", 10**9 + 9, "dislike")), [], SETTINGS)
    np.testing.assert_array_equal(log.events.weights, [1, -4])
