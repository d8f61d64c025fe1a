from pathlib import Path

import numpy as np
import pytest

from aisle.errors import ReleaseError
from aisle.ranking.blend_features import ItemFacts, feature_names, features_of
from aisle.ranking.norms import read_scale
from aisle.recommenders import Interactions
from aisle.testing.recommenders import history

DAY = 86_400.0
LOG = Interactions(
    users=np.zeros(4, np.int64),
    rows=np.array([0, 1, 1, 2]),
    weights=np.array([1, 1, 1, -1], np.float32),
    times=np.array([0, DAY, 2 * DAY, 3 * DAY]),
    n_users=1,
    n_items=4,
)
NAN = float("nan")


def columns() -> dict[str, list[float]]:
    """Items 2, 0 and 3 as one member scores them (8, 4, 0), for a history of 0, 1, 0."""
    asked, rows = history(0, 1, 0), np.array([2, 0, 9])
    scores = np.array([[4, 0, 8, 4]], np.float32)
    table = features_of(
        np.array([[8, 4, 0]], np.float32), [read_scale(scores, [asked])], np.array([0.9, 0.5, 0.1], np.float32), rows,
        asked, ItemFacts.of(LOG),
    )  # fmt: skip
    return {name: table[:, place].tolist() for place, name in enumerate(feature_names(["knn"]))}


def test_facts_count_likes_and_days_since_the_last() -> None:
    facts = ItemFacts.of(LOG)
    np.testing.assert_allclose(facts.popularity, np.log([2, 3, 1, 1]), rtol=1e-6)
    np.testing.assert_allclose(facts.age_days, [2, 0, NAN, NAN])


def test_what_a_member_says_is_told_as_share_rank_and_sureness() -> None:
    found = columns()
    assert found["knn_share"] == [1, 0.5, 0]
    assert found["knn_rank"] == [1, 2, 3]
    # the best of what the history does not hold, 8, of 8 + 4
    assert found["knn_sure"] == pytest.approx([2 / 3] * 3)
    assert found["agreed"] == [1, 1, 0]


def test_what_is_known_of_items_and_histories() -> None:
    found = columns()
    np.testing.assert_allclose(found["popularity"], [0, np.log(2), NAN], rtol=1e-6)
    assert found["times_seen"] == [0, 2, 0]
    np.testing.assert_array_equal(found["acts_since_seen"], [NAN, 0, NAN])
    assert found["history_length"] == [3, 3, 3]
    assert found["different_items"] == [2, 2, 2]
    np.testing.assert_allclose(found["last_popularity"], [np.log(2)] * 3, rtol=1e-6)


def test_an_empty_log_and_an_empty_history_are_described() -> None:
    nothing = np.empty(0, np.int64)
    facts = ItemFacts.of(Interactions(nothing, nothing, np.empty(0, np.float32), np.empty(0), 0, 2))
    scale = read_scale(np.zeros((1, 2), np.float32), [history()])
    table = features_of(np.zeros((1, 2), np.float32), [scale], np.zeros(2, np.float32), np.arange(2), history(), facts)
    assert table.shape == (2, len(feature_names(["knn"])))


def test_facts_are_kept(tmp_path: Path) -> None:
    facts = ItemFacts.of(LOG)
    facts.save(tmp_path)
    np.testing.assert_array_equal(ItemFacts.load(tmp_path).age_days, facts.age_days)
    with pytest.raises(ReleaseError, match="item_facts"):
        ItemFacts.load(tmp_path / "nowhere")
