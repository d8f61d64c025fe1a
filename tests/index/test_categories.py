import pytest

from aisle.index.categories import shown_paths

TREE = {"A": 9, "A > B": 6, "A > C": 3, "A > B > D": 4, "A > B > E": 2, "F": 5, "F > G": 5}


@pytest.mark.parametrize(
    ("chosen", "limit", "expected"),
    [
        (set(), 2, ["A", "F"]),
        (set(), 3, ["A", "A > B", "F"]),  # filled up with the most frequent
        ({"A"}, 2, ["A", "A > B", "F", "A > C"]),
        ({"A > B"}, 2, ["A", "A > B", "F", "A > B > D", "A > C", "A > B > E"]),
        ({"F > G"}, 1, ["A", "F", "F > G"]),  # the branch of the chosen is shown, however rare
        ({"X"}, 2, ["A", "F"]),
        (set(), 20, ["A", "A > B", "F", "F > G", "A > B > D", "A > C", "A > B > E"]),
    ],
)
def test_open_branches_show_their_children(chosen: set[str], limit: int, expected: list[str]) -> None:
    assert shown_paths(TREE, chosen, limit) == expected


def test_a_path_that_is_the_only_one_is_open() -> None:
    assert shown_paths({"A": 3, "A > B": 3, "A > B > C": 2, "A > B > D": 1}, (), 1) == ["A", "A > B", "A > B > C"]


def test_no_categories_show_none() -> None:
    assert shown_paths({}, {"A"}, 5) == []
