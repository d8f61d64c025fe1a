import numpy as np
import pytest

from aisle.encoders.finetuning.pairs import make_pairs
from aisle.encoders.finetuning.soft_labels import SoftLabels

TEXTS = ("desk lamp", "lamp", "garden hose", "desk lamp, black")
GROUPS = np.array([0, 1, 2, 0])
ITEMS = np.eye(4, dtype=np.float32)
QUERIES = np.array([[0.6, 0.8, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]], np.float32)
PAIRS = make_pairs({("hose", 2): 1.0, ("hose", 1): 0.0, ("desk", 0): 0.5})


def labels() -> SoftLabels:
    return SoftLabels(PAIRS, TEXTS, GROUPS, QUERIES, ITEMS)


def test_unjudged_pairs_have_the_mean_of_words_and_meaning() -> None:
    found = labels().of(np.array([0]), np.array([1, 2]))  # "desk" is in neither, its vector is near the first
    np.testing.assert_allclose(found, [[0.4, 0.0]], atol=1e-6)


def test_judged_pairs_and_their_variants_have_half_of_their_label_from_the_grade() -> None:
    found = labels().of(np.array([0, 1]), np.array([0, 3, 2, 1]))
    # "desk": the best by words (1) at a cosine of 0.6, judged 0.5; its variant is longer, so worse by words
    assert found[0, 0] == pytest.approx((1 + 0.6) / 4 + 0.75 / 2)
    assert 0.75 / 2 < found[0, 1] < found[0, 0]
    # "hose": right in every way, and the lamp wrong in every way, though judged wrong is better than nothing known
    assert found[1].tolist() == pytest.approx([0.0, 0.0, 1.0, 0.25])


def test_made_queries_are_labelled_by_words_alone() -> None:
    found = labels().of_words(["hose", "garden lamp", "nothing"], np.array([1, 2]))
    assert found[0].tolist() == [0.0, 0.5]
    assert found[1, 1] == 0.5 > found[1, 0] > 0
    assert found[2].tolist() == [0.0, 0.0]


def test_the_highest_grade_of_a_group_counts() -> None:
    pairs = make_pairs({("desk", 0): 0.0, ("desk", 3): 1.0})
    found = SoftLabels(pairs, TEXTS, GROUPS, QUERIES[:1], ITEMS).of(np.array([0]), np.array([0]))
    assert found[0, 0] == pytest.approx((1 + 0.6) / 4 + 0.5)
