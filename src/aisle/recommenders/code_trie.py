"""Which codes may follow which, so that a decoder can only spell real items."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aisle.recommenders.semantic_ids import Codes


@dataclass(frozen=True, slots=True)
class Trie:
    """The beginnings of all codes, depth by depth; at each depth in the order of their codes, so children lie together.

    Depth 0 is the one empty beginning; at the last depth there is one node an item.
    """

    starts: tuple[NDArray[np.int64], ...]
    """For each depth but the last (n_nodes + 1,) int64: node n has the children starts[n] to starts[n + 1] - 1."""
    codes: tuple[NDArray[np.int64], ...]
    """For each depth but the first (n_nodes,) int64: the code that leads to each node."""
    items: NDArray[np.int64]
    """(n_items,) int64: the item at each node of the last depth."""
    nodes: NDArray[np.int64]
    """(n_items, depths) int64: the nodes that each item passes, but for its own at the end."""

    def allowed(self, depth: int) -> NDArray[np.bool_]:
        """(n_nodes, n_codes) bool: which codes may follow each node of a depth."""
        counts = np.diff(self.starts[depth])
        allowed = np.zeros((len(counts), int(self.codes[depth].max(initial=0)) + 1), bool)
        allowed[np.repeat(np.arange(len(counts)), counts), self.codes[depth]] = True
        return allowed

    def children(self, depth: int, nodes: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """The children of `nodes`, (..., most) int64, and which of them are real: the others stand for node 0."""
        first, end = self.starts[depth][nodes], self.starts[depth][nodes + 1]
        most = int((end - first).max(initial=1))
        children = first[..., None] + np.arange(most)
        real = children < end[..., None]
        return np.where(real, children, 0), real


def trie_of(codes: Codes) -> Trie:
    """The trie of `codes`, (n_items, depths), of which no two rows are alike.

    >>> trie = trie_of(np.array([[1, 0], [0, 2], [1, 3]]))
    >>> [starts.tolist() for starts in trie.starts], [of.tolist() for of in trie.codes], trie.items.tolist()
    ([[0, 2], [0, 1, 3]], [[0, 1], [2, 0, 3]], [1, 0, 2])
    """
    n_items, depths = codes.shape
    order = np.lexsort(codes.T[::-1])
    sorted_codes = codes[order]
    changed = np.zeros(n_items, bool)
    node = np.zeros(n_items, np.int64)
    starts: list[NDArray[np.int64]] = []
    following: list[NDArray[np.int64]] = []
    nodes = np.empty((n_items, depths), np.int64)
    for depth in range(depths):
        nodes[order, depth] = node
        parents = np.flatnonzero(np.diff(node, prepend=-1))
        changed[1:] |= sorted_codes[1:, depth] != sorted_codes[:-1, depth]
        child = np.cumsum(changed)
        starts.append(np.append(child[parents], child[-1:] + 1))
        following.append(sorted_codes[np.flatnonzero(np.diff(child, prepend=-1)), depth])
        node = child
    return Trie(tuple(starts), tuple(following), order, nodes)
