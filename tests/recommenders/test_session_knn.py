import math
from pathlib import Path

import numpy as np
import pytest

from aisle.errors import InputError
from aisle.recommenders import Interactions, session_knn
from aisle.recommenders.session_knn import SessionKnn
from aisle.testing.recommenders import RecommenderConformance, history

HOUR = 3600.0


class TestSessionKnn(RecommenderConformance):
    def make(self, n_items: int) -> SessionKnn:
        return SessionKnn()


def sessions(*rows: list[int], n_items: int = 8, step_s: float = 60) -> Interactions:
    """One user a list, one after the other, an event every `step_s` seconds."""
    users = np.repeat(np.arange(len(rows)), [len(one) for one in rows])
    flat = np.concatenate([np.array(one, np.int64) for one in rows])
    times = np.arange(len(flat), dtype=np.float64) * step_s
    return Interactions(users, flat, np.ones(len(flat), np.float32), times, len(rows), n_items)


def flat(**changed: float) -> SessionKnn:
    """A model in which age, distance and rarity of items count nothing, but for what is `changed`."""
    settings = {
        "half_life": 1e9,
        "nearness": 1.0,
        "backward": 1.0,
        "rarity": 0.0,
        "recency": 1.0,
        "repeat": 1.0,
    } | changed
    return SessionKnn(**settings)  # type: ignore[arg-type]


def test_the_neighbours_vote_with_their_items() -> None:
    # both sessions share 0, as long as each other: half of the votes each; 0 itself has all
    scores = flat().fit(sessions([0, 1], [0, 2], [3, 4])).score([history(0)])
    np.testing.assert_allclose(scores[0], [1, 0.5, 0.5, 0, 0, 0, 0, 0], rtol=1e-6)


def test_a_longer_session_says_less() -> None:
    scores = flat(length_power=0.5).fit(sessions([0, 1], [0, 2, 3, 4])).score([history(0)])
    np.testing.assert_allclose(scores[0, 2] / scores[0, 1], math.sqrt(2 / 4), rtol=1e-5)


def test_a_newer_session_says_more() -> None:
    # half of the sessions ended after the first did, none after the second
    scores = flat(half_life=0.5).fit(sessions([0, 1], [0, 2])).score([history(0)])
    np.testing.assert_allclose(scores[0, 1] / scores[0, 2], 0.5, rtol=1e-5)


def test_a_newer_event_of_the_history_says_more() -> None:
    scores = flat(recency=0.25).fit(sessions([0, 2], [1, 3])).score([history(0, 1)])
    np.testing.assert_allclose(scores[0, 2] / scores[0, 3], 0.25, rtol=1e-5)


def test_what_stands_farther_from_the_newest_shared_item_says_less() -> None:
    scores = flat(nearness=0.5, backward=0.2).fit(sessions([4, 0, 1, 2])).score([history(0)])
    np.testing.assert_allclose(scores[0, [0, 1, 2, 4]], [1, 1, 0.5, 0.2], rtol=1e-5)


def test_the_newest_shared_item_itself_counts_as_a_repeat() -> None:
    scores = flat(repeat=0.25).fit(sessions([0, 1])).score([history(0)])
    np.testing.assert_allclose(scores[0, :2], [0.25, 1], rtol=1e-6)


def test_distance_counts_from_the_newest_of_the_shared_items() -> None:
    scores = flat(nearness=0.5).fit(sessions([0, 5, 1, 2])).score([history(1, 0)])
    np.testing.assert_allclose(scores[0, 5] / scores[0, 2], 1 / 0.5**2, rtol=1e-5)


def test_a_rare_item_is_proposed_before_a_common_one() -> None:
    log = sessions([0, 1], [0, 2], [3, 1], [4, 1])
    even, rare = (flat(rarity=rarity).fit(log).score([history(0)])[0] for rarity in (0, 1))
    assert even[1] == even[2]
    assert rare[2] > rare[1]


def test_only_the_newest_sessions_of_an_item_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_knn, "SAMPLE", 1)
    scores = flat().fit(sessions([0, 1], [0, 2])).score([history(0)])
    assert np.flatnonzero(scores[0]).tolist() == [0, 2]


def test_only_the_nearest_sessions_vote() -> None:
    scores = flat(neighbors=1).fit(sessions([0, 1, 2], [0, 3, 4])).score([history(0, 1)])
    assert np.flatnonzero(scores[0]).tolist() == [0, 1, 2]


def test_a_pause_ends_a_session() -> None:
    log = sessions([0, 1], [2, 3], step_s=HOUR)
    whole, cut = (flat(pause_h=pause).fit(log).score([history(0)])[0] for pause in (2, 0.5))
    assert np.flatnonzero(whole).tolist() == [0, 1]
    assert np.flatnonzero(cut).tolist() == [0]


def test_what_was_chosen_twice_counts_at_its_newer_place() -> None:
    model = flat(recency=0.5).fit(sessions([0, 2], [1, 3]))
    np.testing.assert_allclose(model.score([history(0, 1, 0)]), model.score([history(7, 1, 0)]), rtol=1e-6)


def test_a_dislike_is_passed_over() -> None:
    model = flat().fit(sessions([0, 2], [1, 3]))
    np.testing.assert_array_equal(model.score([history(0, 1, weights=[1, -4])]), model.score([history(0)]))


def test_settings_are_saved(tmp_path: Path) -> None:
    given = {"neighbors": 7, "repeat": 0.5, "recency": 0.6, "half_life": 0.2, "nearness": 0.9, "backward": 0.1}
    given |= {"rarity": 0.3, "pause_h": 5.0, "length_power": 0.4}
    SessionKnn(**given).fit(sessions([0, 1])).save(tmp_path)  # type: ignore[arg-type]
    loaded = SessionKnn.load(tmp_path)
    assert {name: getattr(loaded, name) for name in given} == given


def test_settings_out_of_range_are_refused() -> None:
    with pytest.raises(InputError, match="neighbors=0"):
        SessionKnn(neighbors=0)
    with pytest.raises(InputError, match="nearness=2"):
        SessionKnn(nearness=2)
