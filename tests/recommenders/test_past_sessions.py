import numpy as np

from aisle.recommenders import Interactions
from aisle.recommenders.past_sessions import cut_sessions

HOUR = 3600.0


def log(users: list[int], rows: list[int], hours: list[float], weights: list[float] | None = None) -> Interactions:
    """Events in the order of time."""
    given = np.array(weights or [1.0] * len(rows), np.float32)
    return Interactions(np.array(users), np.array(rows), given, np.array(hours) * HOUR, max(users) + 1, 9)


def as_lists(told: Interactions, pause_h: float, longest: int) -> list[list[int]]:
    found = cut_sessions(told, pause_h, longest)
    return [found.rows[start:end].tolist() for start, end in zip(found.indptr[:-1], found.indptr[1:], strict=True)]


def test_sessions_come_in_the_order_in_which_they_ended() -> None:
    told = log([1, 0, 0, 1], [5, 6, 7, 8], [0, 1, 2, 3])
    assert as_lists(told, pause_h=9, longest=9) == [[6, 7], [5, 8]]


def test_a_pause_starts_a_new_session() -> None:
    assert as_lists(log([0, 0, 0], [1, 2, 3], [0, 1, 3]), pause_h=1, longest=9) == [[1, 2], [3]]


def test_a_long_session_is_cut() -> None:
    assert as_lists(log([0] * 5, [1, 2, 3, 4, 5], [0] * 5), pause_h=1, longest=2) == [[1, 2], [3, 4], [5]]


def test_what_was_disliked_is_left_out() -> None:
    assert as_lists(log([0, 0], [1, 2], [0, 0], [1, -1]), pause_h=1, longest=9) == [[1]]


def test_a_session_knows_its_items_once_and_how_far_they_stand_from_the_newest_shared() -> None:
    found = cut_sessions(log([0] * 4, [1, 2, 3, 2], [0] * 4), pause_h=1, longest=9)
    assert found.by_item().toarray()[1:4, 0].tolist() == [1, 1, 1]
    places = np.zeros((1, 9), np.int16)
    places[0, [2, 3]] = [2, 1]
    rows, distances, lengths = found.around(np.array([0]), np.array([0]), places)
    assert rows.tolist() == [1, 2, 3, 2]
    assert distances.tolist() == [-3, -2, -1, 0]
    assert lengths.tolist() == [4]
