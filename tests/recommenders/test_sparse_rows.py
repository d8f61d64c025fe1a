import numpy as np
import pytest
from scipy import sparse

from aisle.recommenders import sparse_rows
from aisle.recommenders.sparse_rows import blocks, highest, most_products, neighbors_of


def test_the_highest_above_nothing_of_each_row_stay() -> None:
    matrix = sparse.csr_matrix(np.array([[3, 1, 2, 0], [-1, 0, 0, 5], [2, 2, 2, 2]], np.float32))
    expected = [[3, 0, 2, 0], [0, 0, 0, 5], [2, 2, 0, 0]]
    np.testing.assert_array_equal(highest(matrix, 2).toarray(), expected)


def test_a_large_block_is_cut_and_a_large_item_stands_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sparse_rows, "MAX_BLOCK_ENTRIES", 6)
    assert blocks(np.array([3, 3, 9, 1])) == [(0, 2), (2, 3), (3, 4)]
    assert blocks(np.array([])) == []


def test_most_products_is_never_less_than_there_are() -> None:
    matrix = sparse.csr_matrix(np.array([[1, 1, 0], [0, 1, 1], [0, 1, 0]], np.float32))
    assert most_products(matrix).tolist() == [2, 3, 2]


def test_an_item_is_no_neighbour_of_itself() -> None:
    matrix = sparse.csr_matrix(np.array([[9, 2], [1, 9]], np.float32))
    assert neighbors_of(matrix, 0, 5, "x").rows.tolist() == [1]
    assert len(neighbors_of(matrix, 2, 5, "x")) == 0
