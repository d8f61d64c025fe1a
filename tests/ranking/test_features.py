from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from aisle.ranking import Found, LinearFusion
from aisle.ranking.clicks import ClickRates
from aisle.ranking.data import build_ranking_data
from aisle.ranking.features import FEATURES, NAMES, extract_features
from aisle.testing.rankers import QUERIES, nothing_found, toy_found
from aisle.testing.toy_shop import toy_items
from aisle.types import Candidates, Item

DATA = build_ranking_data(toy_items(), np.arange(12, dtype=np.float32))
E1, E4, E5, E6, K1 = 0, 3, 4, 5, 6


def features(found: Found, clicks: ClickRates | None = None) -> tuple[Candidates, NDArray[np.float32]]:
    fused = LinearFusion().rank(found)
    return fused, extract_features(DATA, found, fused, clicks)


def of(name: str, found: Found, clicks: ClickRates | None = None) -> dict[int, float]:
    """One feature by row."""
    fused, table = features(found, clicks)
    return dict(zip(fused.rows.tolist(), table[:, NAMES.index(name)].tolist(), strict=True))


def test_every_feature_has_a_name_of_its_own_and_a_meaning() -> None:
    assert len(set(NAMES)) == len(NAMES)
    assert all(meaning.endswith(".") for _, meaning in FEATURES)


@pytest.mark.parametrize("query", QUERIES)
def test_features_are_finite_and_one_row_a_candidate(query: str) -> None:
    fused, table = features(toy_found(query))
    assert table.shape == (len(fused), len(NAMES))
    assert table.dtype == np.float32
    assert np.isfinite(table).all()


def test_no_candidates_have_no_features() -> None:
    _, table = features(nothing_found())
    assert table.shape == (0, len(NAMES))


def test_items_that_say_little_have_finite_features_too() -> None:
    items = [Item(f"i{row}", "Thing") for row in range(12)]
    bare = build_ranking_data(items, np.zeros(12, np.float32))
    found = toy_found("usb c cable")
    assert np.isfinite(extract_features(bare, found, LinearFusion().rank(found))).all()


def test_words_in_the_title_are_covered() -> None:
    covered = of("coverage_title", toy_found("wireless headphones"))
    assert covered[E4] == pytest.approx(1)
    assert 0 < covered[E5] < 1


def test_the_order_of_candidates_is_that_of_the_fusion() -> None:
    fused, table = features(toy_found("usb c cable"))
    assert table[:, NAMES.index("fused_rank")].tolist() == list(range(1, len(fused) + 1))
    assert table[:, NAMES.index("fused")].tolist() == fused.scores.tolist()


def test_a_query_that_is_the_brand_is_seen() -> None:
    found = toy_found("volt usb")
    assert of("brand_named", found)[E1] == 1
    assert of("brand_is_query", found)[E1] == 0
    assert of("brand_is_query", toy_found("coffee roma"))[K1] == 0


def test_items_of_the_category_of_the_best_agree() -> None:
    agreement = of("category_agreement", toy_found("headphones"))
    assert agreement[E4] == agreement[E5] > 0
    own = {row for row, share in agreement.items() if share == agreement[E4]}
    assert own <= {E4, E5, E6}


def test_a_likely_category_gives_its_probability_to_all_below_it() -> None:
    found = replace(toy_found("headphones"), categories=(("Electronics", 0.25), ("Electronics > Audio", 0.75)))
    likely = of("category_probability", found)
    assert (likely[E4], likely.get(E1, 0.25)) == (0.75, 0.25)


def test_prices_are_compared_with_the_median() -> None:
    found = toy_found("headphones")
    prices = of("price_to_median", found)
    assert prices[E4] > prices[E5]
    assert min(abs(value) for value in prices.values()) == pytest.approx(0, abs=1e-6)


def test_what_is_sold_out_is_told() -> None:
    assert of("in_stock", toy_found("bluetooth speaker"))[E6] == 0


def test_clicks_of_the_query_are_features() -> None:
    nothing = np.empty(0, np.float32)
    rates = np.linspace(0, 1, 13, dtype=np.float32)
    clicks = ClickRates(np.empty(0, np.int64), nothing, nothing, nothing, rates, rates[::-1].copy(), np.ones(1))
    found = toy_found("headphones")
    assert of("click_rate", found, clicks)[E4] == rates[E4]
    assert of("purchase_rate", found, clicks)[E4] == rates[::-1][E4]
    assert of("click_rate", found)[E4] == 0


def test_some_of_what_was_found_may_be_asked_for() -> None:
    found = toy_found("usb c cable")
    fused, table = features(found)
    part = extract_features(DATA, found, fused.top(2))
    for name in ("bm25_title", "cosine", "lexical_rank", "fused", "title_pairs"):
        column = NAMES.index(name)
        assert part[:, column].tolist() == table[:2, column].tolist()
