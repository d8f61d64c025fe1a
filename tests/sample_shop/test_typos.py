import numpy as np
import pytest

from aisle.sample_shop import SampleShop
from aisle.sample_shop.typos import misspell, neighbours


def _edits(one: str, other: str) -> int:
    """Damerau-Levenshtein distance (optimal string alignment), as in the textbook."""
    rows = [[max(i, j) if min(i, j) == 0 else 0 for j in range(len(other) + 1)] for i in range(len(one) + 1)]
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            change = rows[i - 1][j - 1] + (one[i - 1] != other[j - 1])
            rows[i][j] = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, change)
            if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
                rows[i][j] = min(rows[i][j], rows[i - 2][j - 2] + 1)
    return rows[-1][-1]


def test_neighbours_lie_around_a_key() -> None:
    assert set(neighbours("a")) == set("sqwz")
    assert neighbours("-") == ""


@pytest.mark.parametrize("query", ["headphones", "kitchen knife", "耳机", "usb-c to usb-c charging cable"])
def test_mistake_is_small(query: str) -> None:
    rng = np.random.default_rng(1)
    for _ in range(50):
        assert _edits(query, misspell(query, rng)) <= 2


def test_words_too_short_to_mistake_stay() -> None:
    assert misspell("pen", np.random.default_rng(1)) == "pen"


def test_same_seed_makes_the_same_mistake() -> None:
    assert misspell("headphones", np.random.default_rng(5)) == misspell("headphones", np.random.default_rng(5))


def test_typos_of_the_shop_map_to_queries_that_were_meant(small_shop: SampleShop) -> None:
    truth = small_shop.truth
    known = {text for texts in truth.queries.values() for text in texts}
    assert len(truth.typos) > 20
    for mistaken, meant in truth.typos.items():
        assert meant in known
        assert mistaken not in known
        assert _edits(mistaken, meant) <= 2


def test_every_search_is_a_known_query_or_a_typo_of_one(small_shop: SampleShop) -> None:
    searched = set(small_shop.events["query"].unique()) - {""}
    truth = small_shop.truth
    assert searched <= {*truth.queries["en"], *truth.queries["zh"], *truth.typos}
    assert set(truth.typos) <= searched
