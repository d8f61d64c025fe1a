from dataclasses import replace

import numpy as np
import pytest

from aisle.errors import InputError
from aisle.pipelines.learn import Params, last_choices, learn_recommenders
from aisle.recommenders import Content, History, Interactions
from aisle.settings import RecommendSettings

SETTINGS = RecommendSettings(half_life_days=1e9)


def log(*events: tuple[int, int, float], n_users: int = 2, n_items: int = 6) -> Interactions:
    """Events as (user, row, weight), a second apart."""
    users, rows, weights = (np.array(column) for column in zip(*events, strict=True))
    times = np.arange(len(events), dtype=np.float64)
    return Interactions(users, rows, weights.astype(np.float32), times, n_users, n_items)


def test_the_last_choice_is_the_item_that_was_liked_for_the_first_time_last() -> None:
    # user 0 looks at 1, then at 2, buys 2 and comes back to 1; user 1 likes one item alone
    told = log((0, 1, 1), (1, 3, 1), (0, 2, 1), (1, 3, 8), (0, 2, 8), (0, 1, 1))
    train, holdout = last_choices(told, SETTINGS)
    assert (train.users.tolist(), train.rows.tolist()) == ([0, 1, 1], [1, 3, 3])
    assert [rows.tolist() for rows in holdout.relevant] == [[2]]
    assert [history.rows.tolist() for history in holdout.histories] == [[1]]
    assert [rows.tolist() for rows in holdout.excluded] == [[1]]


def test_dislikes_are_no_choice_but_stay_in_the_history() -> None:
    train, holdout = last_choices(log((0, 1, 1), (0, 4, -4), (0, 2, 1), (0, 5, -4)), SETTINGS)
    assert train.rows.tolist() == [1, 4]
    assert holdout.histories[0].rows.tolist() == [1, 4]
    assert holdout.excluded[0].tolist() == [1, 4]


def chains(n_users: int = 150) -> Interactions:
    """Everybody goes from an item to the next higher one, three times."""
    starts = [user % 20 for user in range(n_users)]
    return log(
        *[(user, (start + step) % 23, 1.0) for user, start in enumerate(starts) for step in range(3)],
        n_users=n_users,
        n_items=23,
    )


def test_models_that_foresee_the_last_choice_are_blended() -> None:
    vectors = np.eye(23, dtype=np.float32)
    found = learn_recommenders(chains(), [Content(vectors)], SETTINGS)
    assert found.blend is not None
    names = [member.model.name for member in found.blend.members]
    assert "markov" in names or "item_knn" in names
    assert "content" not in names  # nothing is described alike here
    assert len(found.popularity.scores_) == 23


def test_with_few_users_nothing_is_measured() -> None:
    found = learn_recommenders(chains(20), [Content(np.eye(23, dtype=np.float32))], SETTINGS)
    assert found.blend is None
    assert found.item_knn.similar(np.array([1]), 1)[0].rows.tolist() == [2]


def test_tuned_settings_are_learned_with() -> None:
    tuned: Params = {"item_knn": {"neighbors": 3}, "popularity": {"half_life_days": 7.0}}
    found = learn_recommenders(chains(20), [Content(np.eye(23, dtype=np.float32))], SETTINGS, tuned)
    assert (found.item_knn.neighbors, found.popularity.half_life_days) == (3, 7.0)


def test_an_unknown_model_is_an_input_error() -> None:
    settings = SETTINGS.model_copy(update={"models": ("item_knm",)})
    with pytest.raises(InputError, match="item_knn"):
        learn_recommenders(chains(), [Content(np.eye(23, dtype=np.float32))], settings)


def test_a_new_item_is_recommended_by_what_is_known_of_it() -> None:
    # nobody has chosen item 23 yet; it is described as item 5 is, so it is proposed where that is
    features = np.eye(24, 23, dtype=np.float32)
    features[23] = features[5]
    walks = chains()
    known = replace(walks, n_items=24)
    course = {"dim": 16, "dropout": 0.1, "epochs": 20, "learning_rate": 0.02}
    settings = SETTINGS.model_copy(update={"models": ("two_tower",), "learned": False})
    found = learn_recommenders(
        known, [Content(np.eye(24, dtype=np.float32))], settings, {"two_tower": course}, features
    )
    assert found.blend is not None
    (scores,) = found.blend.score([History(np.array([3, 4]), np.ones(2, np.float32))])
    assert scores[23] > 0
    assert np.count_nonzero(scores > scores[23]) < 6
