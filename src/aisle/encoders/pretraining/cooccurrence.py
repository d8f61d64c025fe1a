"""Where the vectors of tokens begin: what stands near what, counted, is a start that gradients need not find."""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.utils.extmath import randomized_svd

from aisle.encoders.pretraining.examples import Ragged

WINDOW = 3
"""Tokens to either side; one at distance d counts 1 / d."""
SMOOTHING = 0.75
"""Exponent of the context's frequency, so that rare tokens do not seem to go together."""
SPREAD = 0.05
"""Standard deviation of the result: 2.5 times that of BERT's random start."""


def cooccurrence_vectors(texts: Ragged, n_tokens: int, dim: int, seed: int = 0) -> NDArray[np.float32] | None:
    """A vector for each of `n_tokens` tokens, (n_tokens, dim) float32; tokens that stand in like places are alike.

    The truncated singular value decomposition of positive pointwise mutual information, U sqrt(S)
    (Levy, Goldberg and Dagan 2015). None where the texts have too few tokens for `dim`.
    """
    information = _information(_counts(texts, n_tokens))
    if min(information.shape) <= dim or information.nnz <= dim:
        return None
    vectors, values, _ = randomized_svd(information, dim, n_iter=2, random_state=seed)
    found = vectors * np.sqrt(values)
    spread = found[np.unique(texts.flat)].std()
    return np.asarray(found * (SPREAD / spread), np.float32) if spread > 0 else None


def _counts(texts: Ragged, n_tokens: int) -> sp.csr_matrix:
    """How often two tokens stand near each other in a text, (n_tokens, n_tokens) symmetric."""
    rows = np.repeat(np.arange(len(texts)), texts.lengths)
    counts = sp.csr_matrix((n_tokens, n_tokens))
    for distance in range(1, WINDOW + 1):
        same = rows[:-distance] == rows[distance:]
        pairs = (texts.flat[:-distance][same], texts.flat[distance:][same])
        counts = counts + sp.coo_matrix((np.full(int(same.sum()), 1 / distance), pairs), counts.shape).tocsr()
    return counts + counts.T


def _information(counts: sp.csr_matrix) -> sp.csr_matrix:
    """Positive pointwise mutual information: the logarithm of how much oftener than by chance, where above 0."""
    of_token = np.asarray(counts.sum(axis=1)).ravel()
    smoothed = of_token**SMOOTHING
    shares = smoothed / max(smoothed.sum(), 1e-9)
    cells = counts.tocoo()
    ratio = np.log(cells.data / (of_token[cells.row] * shares[cells.col]))
    kept = ratio > 0
    return sp.csr_matrix((ratio[kept], (cells.row[kept], cells.col[kept])), counts.shape)
