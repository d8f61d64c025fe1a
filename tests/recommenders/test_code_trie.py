import numpy as np

from aisle.recommenders.code_trie import trie_of

# items 0 to 3 are called 1 0, 0 2, 1 3 and 1 1; in order: item 1, then items 0, 3 and 2
TRIE = trie_of(np.array([[1, 0], [0, 2], [1, 3], [1, 1]]))


def test_children_of_a_beginning_lie_together() -> None:
    assert [starts.tolist() for starts in TRIE.starts] == [[0, 2], [0, 1, 4]]
    assert [codes.tolist() for codes in TRIE.codes] == [[0, 1], [2, 0, 1, 3]]
    assert TRIE.items.tolist() == [1, 0, 3, 2]


def test_each_item_knows_its_way() -> None:
    assert TRIE.nodes.tolist() == [[0, 1], [0, 0], [0, 1], [0, 1]]


def test_only_codes_of_real_items_are_allowed() -> None:
    assert TRIE.allowed(0).tolist() == [[True, True]]
    assert TRIE.allowed(1).tolist() == [[False, False, True, False], [True, True, False, True]]


def test_children_are_padded_to_the_most() -> None:
    children, real = TRIE.children(1, np.array([[0, 1]]))
    assert children.tolist() == [[[0, 0, 0], [1, 2, 3]]]
    assert real.tolist() == [[[True, False, False], [True, True, True]]]
