import numpy as np

from aisle.recommenders.neighbourhood import company_vectors
from aisle.recommenders.sequences import Sequences
from aisle.types import Vectors


def vectors(*walks: list[int], n_items: int, dim: int) -> Vectors:
    starts = np.cumsum([0, *map(len, walks)])
    return company_vectors(Sequences(np.concatenate(walks), starts), n_items, dim, np.random.default_rng(0))


def test_items_chosen_together_point_the_same_way() -> None:
    found = vectors([0, 1, 2, 0], [2, 1, 0], [3, 4, 5, 3], [5, 4, 3], n_items=7, dim=2)
    lengths = np.linalg.norm(found, axis=1)
    cosines = (found @ found.T) / np.outer(np.maximum(lengths, 1e-9), np.maximum(lengths, 1e-9))
    assert cosines[:3, :3].min() > 0.9
    assert cosines[3:6, 3:6].min() > 0.9
    assert np.abs(cosines[:3, 3:6]).max() < 0.1


def test_their_mean_length_is_one_and_an_item_without_company_has_none() -> None:
    found = vectors([0, 1], [2, 3], n_items=5, dim=3)
    assert found.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(found, axis=1).mean(), 1, rtol=1e-5)
    np.testing.assert_allclose(found[4], 0, atol=1e-6)


def test_the_end_of_one_sequence_keeps_no_company_with_the_start_of_the_next() -> None:
    found = vectors([0, 1], [2, 3], n_items=4, dim=4)
    np.testing.assert_allclose(found[:2] @ found[2:].T, 0, atol=1e-5)


def test_a_wide_vector_of_few_items_is_filled_with_zeros() -> None:
    found = vectors([0, 1], n_items=2, dim=5)
    assert found.shape == (2, 5)
    np.testing.assert_array_equal(found[:, 2:], 0)


def test_a_single_item_again_and_again_has_no_company() -> None:
    np.testing.assert_array_equal(vectors([0, 0, 0], n_items=1, dim=2), 0)
