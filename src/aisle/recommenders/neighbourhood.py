"""Vectors of items from the company they keep: a head start for models that learn in epochs."""

import numpy as np
from scipy import sparse

from aisle.recommenders.sequences import Sequences
from aisle.types import Vectors

WINDOW = 10
"""How many places apart two items still keep company; one place counts 1, two 1/2, and so on."""
SMOOTHING = 0.75
"""Exponent of how often an item keeps company: below 1, so that rare items are not near everything."""
OVERSAMPLING = 16
ROUNDS = 4


def company_vectors(sequences: Sequences, n_items: int, dim: int, rng: np.random.Generator) -> Vectors:
    """(n_items, dim) float32, of mean length 1: items that are chosen near each other point the same way.

    Factors of the positive pointwise mutual information max(0, log p(i, j) / (p(i) p(j)^0.75)) of items within
    WINDOW places, by a randomised singular value decomposition; an item without company gets 0.

    Source: Levy and Goldberg, Neural word embedding as implicit matrix factorization, NIPS 2014;
    Halko et al., Finding structure with randomness, SIAM Review 2011.
    """
    information = _information(_company(sequences, n_items))
    rank = min(dim, n_items)
    basis = information @ rng.standard_normal((n_items, min(n_items, rank + OVERSAMPLING))).astype(np.float32)
    for _ in range(ROUNDS):
        basis = information @ np.linalg.qr(basis)[0]
    basis = np.linalg.qr(basis)[0]
    values, directions = np.linalg.eigh(basis.T @ (information @ basis))
    largest = np.argsort(-values)[:rank]
    vectors = np.zeros((n_items, dim), np.float32)
    vectors[:, :rank] = (basis @ directions[:, largest]) * np.sqrt(np.maximum(0, values[largest]))
    lengths = np.linalg.norm(vectors, axis=1)
    return vectors / max(1e-12, float(lengths.mean()))


def _company(sequences: Sequences, n_items: int) -> sparse.csr_matrix:
    """(n_items, n_items) symmetric: how often two items are near each other."""
    rows, owner = sequences.rows, np.repeat(np.arange(len(sequences)), sequences.lengths)
    parts = []
    for apart in range(1, min(WINDOW, len(rows) - 1) + 1):
        together = owner[apart:] == owner[:-apart]
        one, other = rows[:-apart][together], rows[apart:][together]
        weights = np.full(len(one), 1 / apart, np.float32)
        parts.append(sparse.coo_matrix((weights, (one, other)), shape=(n_items, n_items)).tocsr())
    total = sum(parts, start=sparse.csr_matrix((n_items, n_items), dtype=np.float32))
    total.setdiag(0)
    return (total + total.T).tocsr()


def _information(company: sparse.csr_matrix) -> sparse.csr_matrix:
    counts = np.asarray(company.sum(axis=1)).ravel()
    smoothed = counts**SMOOTHING
    pairs = company.tocoo()
    ratio = pairs.data * smoothed.sum() / (counts[pairs.row] * smoothed[pairs.col])
    told = np.log(np.maximum(ratio, 1)).astype(np.float32)
    information = sparse.csr_matrix((told, (pairs.row, pairs.col)), shape=company.shape)
    return (information + information.T) / 2
