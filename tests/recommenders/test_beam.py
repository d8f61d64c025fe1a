import numpy as np
import pytest

from aisle.recommenders.beam import Speaker, spell
from aisle.recommenders.code_trie import trie_of

# items 0, 1 and 2 are called 0 0, 0 1 and 1 0
TRIE = trie_of(np.array([[0, 0], [0, 1], [1, 0]]))


def with_bias(bias: list[float]) -> Speaker:
    """Says code k with score `bias`[k] to a history of 0."""
    zeros = np.zeros((1, 2), np.float32)
    return Speaker(zeros, np.zeros((3, 2), np.float32), zeros.T, zeros, np.array(bias, np.float32))


# the first code is 0 with chance 3/4; after it, the second is 1 with chance 2/3; after 1 only 0 leads to an item
SPEAKERS = [with_bias([np.log(3), 0]), with_bias([0, np.log(2)])]


def found(width: int) -> dict[int, float]:
    (spelled,) = spell(SPEAKERS, TRIE, np.zeros((1, 1), np.float32), width)
    return dict(zip(spelled.items.tolist(), spelled.chances.tolist(), strict=True))


def test_a_chance_is_the_product_of_the_chances_of_codes_that_lead_on() -> None:
    assert found(width=10) == pytest.approx({0: 1 / 4, 1: 1 / 2, 2: 1 / 4})


def test_a_narrow_beam_keeps_the_likeliest_beginning() -> None:
    assert found(width=1) == pytest.approx({1: 1 / 2})


def test_what_is_said_depends_on_the_history_and_on_the_codes_before() -> None:
    # one inner value: relu(history + told), told 1 after code 0 and -9 after code 1; it adds to the score of code 1
    speaker = Speaker(
        history=np.array([[1.0]], np.float32),
        told=np.array([[1.0], [-9.0]], np.float32),
        inward=np.array([[1.0]], np.float32),
        out=np.array([[0.0, 2.0]], np.float32),
        bias=np.array([0.5, 0.0], np.float32),
    )
    scores = speaker.scores(np.array([[3.0]], np.float32), np.array([[0, 1]]))
    assert scores.tolist() == [[[0.5, 2 * (3 + 4)], [0.5, 2 * 3]]]


def test_many_histories_are_spelled_block_by_block() -> None:
    parts = list(spell(SPEAKERS, TRIE, np.zeros((100, 1), np.float32), 2))
    histories = np.concatenate([part.histories for part in parts])
    assert len(parts) == 2
    assert np.bincount(histories).tolist() == [2] * 100
