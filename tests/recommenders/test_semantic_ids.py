import numpy as np
import pytest

from aisle.recommenders.semantic_ids import semantic_ids

# two towns far apart, of two houses each
HOUSES = np.array([[0.0, 0.0], [0.0, 1.0], [100.0, 0.0], [100.0, 1.0]], np.float32)


def test_similar_items_share_their_first_codes() -> None:
    codes = semantic_ids(HOUSES, n_codes=2, levels=2).codes
    assert codes[0, 0] == codes[1, 0] != codes[2, 0] == codes[3, 0]
    # what is left over is the same in both towns: half a step down or up
    assert codes[0, 1] == codes[2, 1] != codes[1, 1] == codes[3, 1]
    assert codes[:, 2].tolist() == [0, 0, 0, 0]


def test_centres_add_up_to_the_item() -> None:
    ids = semantic_ids(HOUSES, n_codes=2, levels=2)
    found = sum(centres[codes] for centres, codes in zip(ids.centres, ids.codes.T, strict=False))
    np.testing.assert_allclose(found, HOUSES, atol=1e-5)
    assert sorted(ids.centres[0].tolist()) == [[0, 0.5], [100, 0.5]]


def test_items_of_the_same_vector_are_told_apart_by_their_last_code() -> None:
    codes = semantic_ids(np.zeros((3, 2), np.float32), n_codes=4, levels=2).codes
    assert codes.tolist() == [[0, 0, 0], [0, 0, 1], [0, 0, 2]]


def test_every_item_has_a_word_of_its_own_and_the_seed_decides() -> None:
    vectors = np.random.default_rng(1).normal(size=(300, 4)).astype(np.float32)
    first, again = semantic_ids(vectors, 4, 3, seed=7), semantic_ids(vectors, 4, 3, seed=7)
    assert len(np.unique(first.codes, axis=0)) == 300
    np.testing.assert_array_equal(first.codes, again.codes)
    assert first.codes[:, :3].max() == 3
    assert not np.array_equal(first.codes, semantic_ids(vectors, 4, 3, seed=8).codes)


def test_each_level_leaves_less_over() -> None:
    vectors = np.random.default_rng(1).normal(size=(200, 4)).astype(np.float32)
    ids = semantic_ids(vectors, 8, 3)
    left, sizes = vectors, list[float]()
    for centres, codes in zip(ids.centres, ids.codes.T, strict=False):
        left = left - centres[codes]
        sizes.append(float(np.square(left).sum()))
    assert sizes[0] > sizes[1] > sizes[2]


@pytest.mark.parametrize("n_items", [0, 1, 2])
def test_few_items_have_few_codes(n_items: int) -> None:
    ids = semantic_ids(np.eye(2, dtype=np.float32)[:n_items], n_codes=256, levels=2)
    assert ids.codes.shape == (n_items, 3)
    assert len(ids.centres[0]) == n_items


def test_no_centre_is_without_an_item() -> None:
    # the second level finds hardly anything left over
    ids = semantic_ids(np.random.default_rng(3).normal(size=(11, 4)).astype(np.float32), n_codes=16, levels=3)
    assert [len(centres) for centres in ids.centres] == [int(column.max()) + 1 for column in ids.codes.T[:3]]
