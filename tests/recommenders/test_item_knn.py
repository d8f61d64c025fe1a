import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from aisle.errors import InputError
from aisle.recommenders import Interactions, ItemKnn, Popularity, histories_of, sparse_rows
from aisle.settings import RecommendSettings
from aisle.testing.recommenders import (
    RecommenderConformance,
    SimilarItemsConformance,
    history,
    toy_interactions,
    toy_rows,
)


class TestItemKnn(RecommenderConformance, SimilarItemsConformance):
    def make(self, n_items: int) -> ItemKnn:
        return ItemKnn(shrinkage=1)

    def make_similar(self) -> ItemKnn:
        return self.make(12).fit(toy_interactions())


def chosen(*baskets: dict[int, float], n_items: int = 4) -> Interactions:
    """One user a basket, who chose each row with that weight, all at once."""
    told = [(user, row, weight) for user, basket in enumerate(baskets) for row, weight in basket.items()]
    users, rows, weights = (np.array(column) for column in zip(*told, strict=True))
    return Interactions(users, rows, weights.astype(np.float32), np.zeros(len(told)), len(baskets), n_items)


# item 0 is chosen by three users, 1 by two of them, 2 by one of them, 3 by nobody
SHOP = chosen({0: 1, 1: 1}, {0: 1, 1: 1, 2: 1}, {0: 1})


def test_similarity_is_the_shrunk_cosine() -> None:
    (found,) = ItemKnn(shrinkage=2, idf=False).fit(SHOP).similar(np.array([0]), 10)
    assert found.rows.tolist() == [1, 2]
    np.testing.assert_allclose(found.scores, [2 / (math.sqrt(3 * 2) + 2), 1 / (math.sqrt(3 * 1) + 2)], rtol=1e-6)


def test_a_buyer_counts_as_many_times_a_viewer_as_the_weights_say() -> None:
    # 0 and 1 share a user of weights 4 and 9: dot 2 * 3; |0|^2 = 4 + 1, |1|^2 = 9
    (found,) = ItemKnn(shrinkage=0, idf=False).fit(chosen({0: 4, 1: 9}, {0: 1})).similar(np.array([0]), 1)
    np.testing.assert_allclose(found.scores, [6 / math.sqrt(5 * 9)], rtol=1e-6)


def test_a_history_sums_its_weighted_neighbours() -> None:
    model = ItemKnn(shrinkage=0, idf=False, recency=1).fit(SHOP)
    (found,) = model.recommend([history(0, 1, weights=[2, 1])], 1, [np.array([0, 1])])
    assert found.rows.tolist() == [2]
    np.testing.assert_allclose(found.scores, [2 / math.sqrt(3) + 1 / math.sqrt(2)], rtol=1e-6)


def test_what_was_seen_is_proposed_unless_excluded() -> None:
    (found,) = ItemKnn(shrinkage=0, idf=False).fit(SHOP).recommend([history(0, 1)], 3)
    assert set(found.rows.tolist()) == {0, 1, 2}


def test_a_dislike_pushes_its_neighbours_away() -> None:
    model = ItemKnn(shrinkage=0, idf=False).fit(SHOP)
    liked, torn = model.recommend([history(1), history(1, 0, weights=[1, -4])], 5)
    assert 2 in liked.rows
    assert 2 not in torn.rows


def test_what_somebody_disliked_is_no_choice() -> None:
    (found,) = ItemKnn(shrinkage=0, idf=False).fit(chosen({0: 1, 1: -4}, {0: 1, 2: 1})).similar(np.array([0]), 5)
    assert found.rows.tolist() == [2]


def test_only_the_nearest_neighbours_are_kept() -> None:
    model = ItemKnn(idf=False, shrinkage=0, neighbors=1).fit(SHOP)
    assert [found.rows.tolist() for found in model.similar(np.array([0, 1, 2, 3]), 5)] == [[1], [0], [1], []]


def test_old_choices_count_less_when_asked() -> None:
    # 0 with 1 on day 0, 0 with 2 on day 7: after a half-life of 7 days the weights are 1/2 and 1
    aged = Interactions(
        np.array([0, 0, 1, 1]), np.array([0, 1, 0, 2]), np.ones(4, np.float32),
        np.array([0, 0, 7, 7]) * 86_400.0, n_users=2, n_items=3,
    )  # fmt: skip
    (found,) = ItemKnn(idf=False, shrinkage=0, half_life_days=7).fit(aged).similar(np.array([0]), 2)
    assert found.rows.tolist() == [2, 1]
    np.testing.assert_allclose(found.scores, [1 / math.sqrt(1.5), 0.5 / math.sqrt(1.5 * 0.5)], rtol=1e-6)


def test_coffee_drinkers_are_offered_coffee_things() -> None:
    rows = toy_rows()
    (found,) = ItemKnn(shrinkage=1).fit(toy_interactions()).similar(np.array([rows["k1"]]), 5)
    assert set(found.rows.tolist()) == {rows["k2"], rows["k3"]}


def test_small_blocks_find_the_same_neighbours(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = ItemKnn().fit(toy_interactions())
    monkeypatch.setattr(sparse_rows, "MAX_BLOCK_ENTRIES", 5)
    blocks = ItemKnn().fit(toy_interactions())
    np.testing.assert_array_equal(blocks.similarities_.toarray(), whole.similarities_.toarray())


def test_who_chose_few_things_says_more() -> None:
    # 0 with 1 by a user of two things, 0 with 2 by a user of four: idf log(1 + 6/2) and log(1 + 6/4) over their mean
    log = chosen({0: 1, 1: 1}, {0: 1, 2: 1, 3: 1, 4: 1}, n_items=6)
    (found,) = ItemKnn(shrinkage=0, idf=True).fit(log).similar(np.array([0]), 2)
    few, many = math.log(4), math.log(2.5)
    assert found.rows.tolist() == [1, 2]
    np.testing.assert_allclose(found.scores, np.array([few, many]) / math.hypot(few, many), rtol=1e-6)


def test_newer_events_of_a_history_count_more() -> None:
    model = ItemKnn(shrinkage=0, idf=False, recency=0.5).fit(chosen({0: 1, 2: 1}, {1: 1, 3: 1}))
    np.testing.assert_allclose(model.score([history(0, 1)]), [[0, 0, 0.5, 1]], rtol=1e-6)


def test_its_settings_are_saved(tmp_path: Path) -> None:
    ItemKnn(neighbors=7, shrinkage=3.5, idf=False, recency=0.6).fit(SHOP).save(tmp_path)
    model = ItemKnn.load(tmp_path)
    assert (model.neighbors, model.shrinkage, model.half_life_days) == (7, 3.5, math.inf)
    assert (model.idf, model.recency) == (False, 0.6)


def test_a_setting_out_of_range_is_refused() -> None:
    with pytest.raises(InputError, match="neighbors=0"):
        ItemKnn(neighbors=0)


def test_item_knn_finds_the_last_film_more_often_than_popularity(datasets: Path) -> None:
    """Leave-one-out on MovieLens 100k, the whole catalogue ranked, seen films masked: HR@10."""
    log = pl.read_parquet(datasets / "movielens_100k" / "interactions.parquet").sort("timestamp", maintain_order=True)
    users, rows = (log[name].rank("dense").to_numpy().astype(np.int64) - 1 for name in ("user_id", "item_id"))
    last = log.select(pl.int_range(pl.len()).reverse().over("user_id") == 0).to_series().to_numpy()
    past = Interactions(
        users[~last], rows[~last], np.ones((~last).sum(), np.float32),
        log["timestamp"].cast(pl.Float64).to_numpy()[~last], users.max() + 1, rows.max() + 1,
    )  # fmt: skip
    target = rows[last][np.argsort(users[last])]
    everything = histories_of(past, RecommendSettings(history_length=10_000))
    asked, seen = histories_of(past, RecommendSettings()), [one.rows for one in everything]

    def hit_rate(model: ItemKnn | Popularity) -> float:
        found = model.fit(past).recommend(asked, 10, seen)
        return float(np.mean([row in one.rows for row, one in zip(target, found, strict=True)]))

    assert hit_rate(ItemKnn()) > max(hit_rate(Popularity()), hit_rate(Popularity(half_life_days=math.inf))) + 0.01
