"""Users times items: what was learned from and what is asked, as sparse matrices; and answers out of dense scores."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy import sparse

from aisle.recommenders.protocol import History, Interactions, exclusions
from aisle.recommenders.slate import propose
from aisle.recommenders.stack import BLOCK, stack
from aisle.types import Candidates, Rows, Scores


def choices(interactions: Interactions) -> Any:
    """(n_users, n_items) sparse float32: the square root of the summed weight of each user's events with each item.

    So a buyer counts as many times a viewer as the weights say, not that squared. A sum of 0 or less is no choice.
    """
    shape = (interactions.n_users, interactions.n_items)
    matrix = sparse.csr_matrix((interactions.weights, (interactions.users, interactions.rows)), shape, np.float32)
    matrix.data = np.sqrt(np.maximum(matrix.data, 0))
    matrix.eliminate_zeros()
    return matrix


def balanced(chosen: Any, power: float) -> Any:
    """`chosen` with each user's row divided by its sum to the power `power` / 2, scaled to the same sum of squares.

    At 0 every choice counts the same, at 1 about every user: who chose a thousand items says little with each.
    """
    sums = np.maximum(np.asarray(chosen.sum(axis=1)), 1e-9)
    scaled = chosen.multiply(sums ** (-power / 2)).tocsr()
    kept = np.sqrt(np.square(chosen.data).sum() / max(np.square(scaled.data).sum(), 1e-30))
    return (scaled * kept).astype(np.float32)


def normalised(chosen: Any) -> Any:
    """C^-1/2 X D^-1/2 of `chosen` X, sparse float32, where C and D hold the sums of its rows and columns.

    So a person of many choices and an item of many people pass on less with each.
    """
    people, sizes = (np.maximum(np.asarray(chosen.sum(axis=axis)).ravel(), 1e-9) for axis in (1, 0))
    return chosen.multiply(people[:, None] ** -0.5).multiply(sizes**-0.5).tocsr().astype(np.float32)


def asked(histories: Sequence[History], n_items: int) -> Any:
    """(len(histories), n_items) sparse float32, as `choices`; a sum below 0 stays below 0, unknown rows are dropped."""
    matrix = stack(histories, n_items).matrix()
    matrix.sum_duplicates()
    matrix.data = np.sign(matrix.data) * np.sqrt(np.abs(matrix.data))
    matrix.eliminate_zeros()
    return matrix


def answers(
    score: Callable[[Sequence[History]], Scores],
    histories: Sequence[History],
    k: int,
    source: str,
    exclude: Sequence[Rows] | None,
) -> list[Candidates]:
    """What a model that can `score` recommends: the head of its scores, a block of histories at a time.

    Raises InputError as `Recommender.recommend` says.
    """
    excluded = exclusions(histories, k, exclude)
    found: list[Candidates] = []
    for start in range(0, len(histories), BLOCK):
        block = slice(start, start + BLOCK)
        found += propose(score(histories[block]), k, source, excluded[block])
    return found
