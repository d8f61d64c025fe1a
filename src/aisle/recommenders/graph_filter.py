"""What the graph of people and items says: near neighbours, smoothed along its main directions and sharpened."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from aisle.errors import InputError
from aisle.recommenders.files import read_arrays, write_arrays
from aisle.recommenders.matrices import answers, asked, choices, normalised
from aisle.recommenders.protocol import History, Interactions
from aisle.recommenders.sparse_rows import EMPTY, blocks, highest, most_products
from aisle.recommenders.svd import main_directions
from aisle.types import Candidates, Rows, Scores, Vectors

_NOTHING: NDArray[np.float32] = np.empty(0, np.float32)


class GraphFilter:
    """Scores x (P + ideal D^-1/2 V V' D^1/2 - sharpness V s^4 V').

    P = R'R is two steps through the graph, from items to people to items, where R = C^-1/2 X D^-1/2 and
    C and D hold the sums of the rows and columns of X: a person of many choices and an item of many
    people pass on less. V and s are the first singular vectors and values of R. The second term is an ideal
    low-pass filter: it reaches items that no neighbour of the history has touched. The third is one step
    of P P, which blurs, taken back: x P P is x V s^4 V' but for small s. X is `choices`, the square root
    of summed weights. P keeps the `neighbors` strongest links of each item. A dislike pushes away. An
    empty history, or one of unknown rows or dislikes alone, gets no candidates.

    Memory: 8 * neighbors + 4 * factors bytes an item, and 100 MB while fitting.

    Sources: Shen et al., How powerful is graph convolution for recommendation?, CIKM 2021 (GF-CF); Choi et
    al., Blurring-sharpening process models for collaborative filtering, SIGIR 2023 (the third term).
    """

    name = "graph_filter"

    def __init__(
        self,
        *,
        factors: int = 512,
        ideal: float = 0.2,
        sharpness: float = 0.6,
        discount: float = 0.5,
        neighbors: int = 1_000,
        seed: int = 0,
    ) -> None:
        """`discount` is the power of D by which P holds popular items back when they are proposed; 1/2 above."""
        if factors < 1 or neighbors < 1 or not min(ideal, sharpness, discount) >= 0:
            raise InputError(
                f"factors={factors}, neighbors={neighbors}, ideal={ideal}, sharpness={sharpness}, "
                f"discount={discount}; expected at least 1, 1, 0, 0 and 0"
            )
        self.factors = factors
        self.ideal = ideal
        self.sharpness = sharpness
        self.discount = discount
        self.neighbors = neighbors
        self.seed = seed
        self.links_: Any = EMPTY
        """(n_items, n_items) sparse float32, P: row j holds what having item j says of others."""
        self.directions_: Vectors = np.zeros((0, 0), np.float32)
        """(n_items, factors or fewer) float32, V."""
        self.strengths_: NDArray[np.float32] = _NOTHING
        """(factors or fewer,) float32, s."""
        self.sizes_: NDArray[np.float32] = _NOTHING
        """(n_items,) float32, the diagonal of D^1/2, 1 for an item that nobody chose."""

    def fit(self, interactions: Interactions) -> Self:
        """Link the items, a block at a time, and find the main directions."""
        chosen = choices(interactions)
        sizes = np.asarray(chosen.sum(axis=0)).ravel()
        self.sizes_ = np.sqrt(np.where(sizes > 0, sizes, 1)).astype(np.float32)
        passed = normalised(chosen)
        self.directions_, self.strengths_ = main_directions(passed, self.factors, self.seed)
        offered = passed.multiply(self.sizes_ ** (1 - 2 * self.discount)).tocsr().astype(np.float32)
        self.links_ = _links(passed.T.tocsr(), offered, self.neighbors)
        return self

    def score(self, histories: Sequence[History]) -> Scores:
        """(len(histories), n_items) float32: what reaches each item from what was chosen."""
        known = asked(histories, len(self.sizes_))
        scores: Scores = (known @ self.links_).toarray()
        ideal = self.ideal * (known.multiply(1 / self.sizes_).tocsr() @ self.directions_)
        scores += ideal @ self.directions_.T * self.sizes_
        scores -= (known @ (self.directions_ * (self.sharpness * self.strengths_**4))) @ self.directions_.T
        scores[np.asarray((known > 0).sum(axis=1)).ravel() == 0] = 0
        return scores

    def recommend(
        self, histories: Sequence[History], k: int, exclude: Sequence[Rows] | None = None
    ) -> list[Candidates]:
        """The `k` items of the highest score for each history."""
        return answers(self.score, histories, k, self.name, exclude)

    def save(self, folder: Path) -> None:
        """Write links and directions to `folder`/graph_filter.npz."""
        config = [self.factors, self.ideal, self.sharpness, self.discount, self.neighbors, self.seed]
        kept = {"indptr": self.links_.indptr, "indices": self.links_.indices, "data": self.links_.data}
        arrays = {"directions": self.directions_, "strengths": self.strengths_, "sizes": self.sizes_}
        write_arrays(folder, self.name, config=np.array(config, np.float64), **kept, **arrays)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote. Raises ReleaseError when the file is missing or damaged."""
        keys = ("config", "directions", "strengths", "sizes", "data", "indices", "indptr")
        config, directions, strengths, sizes, *links = read_arrays(folder, cls.name, *keys)
        factors, ideal, sharpness, discount, neighbors, seed = config.tolist()
        model = cls(
            factors=int(factors), ideal=ideal, sharpness=sharpness, discount=discount,
            neighbors=int(neighbors), seed=int(seed),
        )  # fmt: skip
        model.directions_, model.strengths_, model.sizes_ = directions, strengths, sizes
        model.links_ = sparse.csr_matrix(tuple(links), shape=(len(sizes), len(sizes)))
        return model


def _links(chosen_by: Any, offered: Any, neighbors: int) -> Any:
    """(n_items, n_items) sparse: the `neighbors` highest of each row of `chosen_by` @ `offered`, a block at a time."""
    parts = []
    for start, end in blocks(most_products(offered)):
        products = chosen_by[start:end] @ offered
        products.sort_indices()
        parts.append(highest(products, neighbors))
    return sparse.vstack(parts, format="csr", dtype=np.float32) if parts else EMPTY
