from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from aisle.errors import InputError
from aisle.recommenders import History, Interactions, build_interactions, event_weight, histories_of, history_of
from aisle.settings import KindWeights, RecommendSettings
from aisle.store import open_store
from aisle.testing.recommenders import events_frame, toy_interactions, toy_rows
from aisle.testing.toy_shop import toy_events
from aisle.types import EVENT_KINDS, Event, EventKind

SETTINGS = RecommendSettings()
ROWS = {"a": 0, "b": 1}
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def event(
    number: int, item: str, kind: EventKind = "view", user: str = "", session: str = "", value: float | None = None
) -> Event:
    return Event(f"n{number}", kind, NOON + timedelta(days=number), user, session, item, value=value)


def test_the_toy_shop_has_five_users_and_no_impressions() -> None:
    told = toy_interactions()
    assert (told.n_users, told.n_items, len(told)) == (5, 12, 32 - 3 - 2)
    assert told.weights.dtype == np.float32
    ann = told.users == 0
    assert told.rows[ann].tolist() == [0, 0, 0, 2, 2, 3]
    assert told.weights[ann].tolist() == [1, 4, 8, 1, 4, 1]
    assert told.times[0] == datetime(2026, 3, 1, 0, 0, 3, tzinfo=UTC).timestamp()


def test_the_stores_frame_is_understood(tmp_path: Path) -> None:
    store = open_store("sqlite:///store.db", tmp_path)
    store.append_events(toy_events())
    told, expected = build_interactions(store.events_frame(), toy_rows(), SETTINGS), toy_interactions()
    for name in ("users", "rows", "weights", "times"):
        np.testing.assert_array_equal(getattr(told, name), getattr(expected, name))
    ann = history_of(store.user_events("ann"), toy_rows(), SETTINGS)
    assert ann.rows.tolist() == [0, 0, 0, 2, 2, 3]
    store.close()


def test_events_are_put_in_the_order_of_time_and_equal_times_stay_as_they_came() -> None:
    frame = events_frame([event(2, "a", user="u"), event(1, "b", user="u"), event(1, "a", user="u")])
    assert build_interactions(frame, ROWS, SETTINGS).rows.tolist() == [1, 0, 0]


def test_items_that_are_gone_are_left_out_and_the_catalogue_may_be_larger() -> None:
    told = build_interactions(events_frame([event(1, "a", user="u"), event(2, "gone", user="v")]), ROWS, SETTINGS, 7)
    assert (told.rows.tolist(), told.n_users, told.n_items) == ([0], 1, 7)


def test_events_without_a_user_belong_to_their_session_or_to_nobody_else() -> None:
    frame = events_frame(
        [event(1, "a", user="x"), event(2, "a", session="x"), event(3, "b", session="x"), event(4, "a"), event(5, "a")]
    )
    told = build_interactions(frame, ROWS, SETTINGS)
    assert told.n_users == 4
    assert told.users[1] == told.users[2] != told.users[0]


def test_the_kind_of_each_event_is_kept() -> None:
    told = toy_interactions()
    assert told.kinds is not None
    # what ann, user 0, did: click, cart, purchase of e1, view, cart of e3, view of e4
    (ann, *_) = histories_of(told, SETTINGS)
    assert ann.kinds is not None
    kinds = [EVENT_KINDS[code] for code in ann.kinds]
    assert kinds == ["click", "cart", "purchase", "view", "cart", "view"]
    known = ann.known(3)
    assert known.kinds is not None
    assert known.kinds.tolist() == ann.kinds[:5].tolist()


def test_kinds_that_do_not_fit_are_refused() -> None:
    one = np.ones(1, np.float32)
    with pytest.raises(InputError, match="2 kinds for 1 events"):
        History(np.array([0]), one, np.zeros(2, np.int8))
    with pytest.raises(InputError, match="positions in EVENT_KINDS"):
        Interactions(np.array([0]), np.array([0]), one, np.zeros(1), 1, 1, np.array([99], np.int8))


def test_no_events_make_no_interactions() -> None:
    told = build_interactions(events_frame([]), ROWS, SETTINGS)
    assert (len(told), told.n_users, told.n_items) == (0, 0, 2)
    assert histories_of(told, SETTINGS) == []


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [("view", None, 1.0), ("purchase", 3.0, 8.0), ("dislike", None, -4.0), ("return", None, -8.0),
     ("search", None, 0.0), ("rate", None, 2.0), ("rate", 5.0, 2.0), ("rate", 2.5, 0.0), ("rate", 1.0, -1.2),
     ("rate", 10.0, 2.0)],
)  # fmt: skip
def test_a_kind_weighs_what_the_settings_say_and_a_rating_by_its_stars(
    kind: EventKind, value: float | None, expected: float
) -> None:
    assert event_weight(kind, value, KindWeights()) == pytest.approx(expected)


def test_a_whole_frame_weighs_like_its_single_events() -> None:
    stars = [event(number, "a", "rate", "u", value=number / 2) for number in range(13)]
    told = build_interactions(events_frame(stars), ROWS, SETTINGS)
    expected = [event_weight("rate", one.value, SETTINGS.kinds) for one in stars if one.value != 2.5]
    assert told.weights.tolist() == pytest.approx(expected)


def test_a_history_is_oldest_first_and_decays_from_the_newest_event() -> None:
    settings = RecommendSettings(half_life_days=2)
    newest_first = [event(4, "b", "purchase"), event(3, "gone"), event(2, "a"), event(0, "a", "dislike")]
    found = history_of(newest_first, ROWS, settings)
    assert found.rows.tolist() == [0, 0, 1]
    assert found.weights.tolist() == [-4 / 4, 1 / 2, 8]


def test_a_history_keeps_the_latest_events() -> None:
    found = history_of([event(3, "b"), event(2, "a"), event(1, "b")], ROWS, RecommendSettings(history_length=2))
    assert found.rows.tolist() == [0, 1]


def test_a_user_without_events_has_an_empty_history() -> None:
    assert len(history_of([], ROWS, SETTINGS).rows) == 0


def test_histories_of_everybody_equal_those_of_each() -> None:
    told = histories_of(toy_interactions(), SETTINGS)
    for user, found in zip(("ann", "bob", "cid", "dee", "eve"), told, strict=True):
        newest_first = [one for one in reversed(toy_events()) if one.user_id == user]
        expected = history_of(newest_first, toy_rows(), SETTINGS)
        assert found.rows.tolist() == expected.rows.tolist()
        np.testing.assert_allclose(found.weights, expected.weights, rtol=1e-6)


def test_a_user_between_others_may_have_no_events() -> None:
    told = Interactions(np.array([2, 0]), np.array([1, 0]), np.ones(2, np.float32), np.zeros(2), 3, 2)
    assert [one.rows.tolist() for one in histories_of(told, SETTINGS)] == [[0], [], [1]]


def test_interactions_that_cannot_be_right_are_refused() -> None:
    one, weight, time = np.array([0]), np.ones(1, np.float32), np.zeros(1)
    with pytest.raises(InputError, match="rows go from 5 to 5; expected 0 to 2"):
        Interactions(one, one + 5, weight, time, 1, 3)
    with pytest.raises(InputError, match="differ in length"):
        Interactions(one, one, weight, np.zeros(2), 1, 3)
    with pytest.raises(InputError, match="NaN"):
        Interactions(one, one, weight * np.nan, time, 1, 3)


def test_a_history_that_cannot_be_right_is_refused() -> None:
    with pytest.raises(InputError, match="2 rows but 1 weights"):
        History(np.array([0, 1]), np.ones(1, np.float32))
    with pytest.raises(InputError, match="NaN"):
        History(np.array([0]), np.array([np.nan], np.float32))
