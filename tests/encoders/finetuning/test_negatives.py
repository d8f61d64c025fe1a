import numpy as np

from aisle.encoders.finetuning.negatives import draw_negatives, mine_negatives, nearest_items
from aisle.types import Vectors

ANGLES = [0, 5, 20, 40, 60, 90]  # of the items; the query is at 0 degrees


def circle(degrees: list[int]) -> Vectors:
    at = np.deg2rad(np.array(degrees, np.float64))
    return np.stack([np.cos(at), np.sin(at)], axis=1).astype(np.float32)


def test_nearest_items_come_best_first() -> None:
    assert nearest_items(circle([0, 90]), circle(ANGLES), 3).tolist() == [[0, 1, 2], [5, 4, 3]]
    assert nearest_items(circle([0]), circle([30, 10]), 9).tolist() == [[1, 0]]


def test_false_negatives_are_filtered() -> None:
    groups = np.array([0, 1, 2, 3, 3, 5])
    (mined,) = mine_negatives(circle([0]), circle(ANGLES), [np.array([2])], groups, share=0.95)
    # 0 and 1 are nearer than .95 of the cosine of item 2 (.893): answers that nobody judged; 2 is the answer
    assert mined.tolist() == [3, 4, 5]
    (mined,) = mine_negatives(circle([0]), circle(ANGLES), [np.array([0, 4])], groups, share=2)
    assert mined.tolist() == [1, 2, 5]  # 3 is a variant of 4
    (mined,) = mine_negatives(circle([0]), circle(ANGLES), [np.array([2])], groups, depth=2, share=0.95)
    assert mined.tolist() == [] or mined.max() <= 3


def test_negatives_are_drawn_from_the_mined_and_else_from_all() -> None:
    rng = np.random.default_rng(0)
    drawn = draw_negatives([np.array([7, 8]), np.empty(0, np.int64)], np.array([0, 0, 1]), 4, 5, rng)
    assert drawn.shape == (3, 4)
    assert set(drawn[:2].ravel().tolist()) <= {7, 8}
    assert drawn[2].max() < 5
