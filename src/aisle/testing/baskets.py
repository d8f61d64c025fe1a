"""Interactions for examples that are checked by hand."""

import numpy as np

from aisle.recommenders import Interactions


def baskets(*chosen: list[int], n_items: int) -> Interactions:
    """One user a basket, who chose each of its rows once with weight 1, all at once.

    >>> baskets([0, 2], [1], n_items=3).users.tolist()
    [0, 0, 1]
    """
    users = np.repeat(np.arange(len(chosen)), [len(rows) for rows in chosen])
    rows = np.array([row for basket in chosen for row in basket], np.int64)
    return Interactions(users, rows, np.ones(len(rows), np.float32), np.zeros(len(rows)), len(chosen), n_items)
