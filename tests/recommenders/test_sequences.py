from itertools import pairwise

import numpy as np
import pytest

from aisle.recommenders import Interactions
from aisle.recommenders.sequences import (
    NO_TARGET,
    Batch,
    Sequences,
    cloze,
    disliked_rows,
    liked_rows,
    pack,
    packed_batches,
    padded,
    sequences_of,
    windows,
)
from aisle.testing.recommenders import history


def log(*told: tuple[int, int, float], n_users: int = 4, n_items: int = 100) -> Interactions:
    """(user, row, weight) in the order of time."""
    users, rows, weights = (np.array(column) for column in zip(*told, strict=True))
    return Interactions(
        users, rows, weights.astype(np.float32), np.arange(len(told), dtype=np.float64), n_users, n_items
    )


def of(*sequences: list[int]) -> Sequences:
    return Sequences(np.concatenate(sequences), np.cumsum([0, *map(len, sequences)]))


# users of 2, 1, 7 and 4 rows; each row names its user and its place
SHOP = of([10, 11], [20], [30, 31, 32, 33, 34, 35, 36], [40, 41, 42, 43])


def steps(batches: list[Batch]) -> list[tuple[int, int]]:
    """(row, target) of every position that has a target."""
    return sorted(
        (int(row), int(target))
        for batch in batches
        for row, target in zip(batch.rows.ravel(), batch.targets.ravel(), strict=True)
        if target != NO_TARGET
    )


def test_a_sequence_is_what_a_user_chose_in_the_order_of_the_log() -> None:
    found = sequences_of(log((2, 5, 1), (0, 6, 2), (2, 7, -1), (2, 8, 1), (2, 5, 1), (3, 9, -1)))
    assert found.rows.tolist() == [6, 5, 8, 5]
    assert found.lengths.tolist() == [1, 3]
    assert len(found) == 2


def test_liked_rows_leave_dislikes_out() -> None:
    assert liked_rows(history(3, 1, 3, weights=[1, -1, 0.5])).tolist() == [3, 3]


def test_the_last_word_on_a_row_decides_whether_it_is_disliked() -> None:
    assert disliked_rows(history(3, 1, 3, 1, weights=[-1, 1, 0.5, -1])).tolist() == [1]


@pytest.mark.parametrize("length", [2, 3, 5, 50])
def test_windows_hold_every_step_once(length: int) -> None:
    begin, end = windows(SHOP, length, np.random.default_rng(0))
    pieces = [SHOP.rows[a:b].tolist() for a, b in zip(begin, end, strict=True)]
    assert max(map(len, pieces)) <= length
    found = sorted(step for piece in pieces for step in pairwise(piece))
    wanted = [(10, 11), *((row, row + 1) for row in range(30, 36)), (40, 41), (41, 42), (42, 43)]
    assert found == wanted


def test_long_sequences_are_cut_elsewhere_in_another_epoch() -> None:
    rng = np.random.default_rng(0)
    cuts = {tuple(windows(SHOP, 4, rng)[0].tolist()) for _ in range(20)}
    assert len(cuts) > 1


def test_packed_sequences_share_lines_without_overlap() -> None:
    lengths = np.random.default_rng(0).integers(1, 9, 200)
    lines, offsets, segments = pack(lengths, 8)
    cells = [(line, offset + at) for line, offset, n in zip(lines, offsets, lengths, strict=True) for at in range(n)]
    assert len(set(cells)) == len(cells)
    assert (offsets + lengths).max() <= 8
    assert len({*zip(lines, segments, strict=True)}) == 200
    # hardly any padding: 8 positions a line
    assert (lines.max() + 1) * 8 < 1.05 * lengths.sum()


def test_an_epoch_predicts_every_next_row_once() -> None:
    batches = list(packed_batches(SHOP, 3, 6, np.random.default_rng(0), causal=True))
    wanted = [(10, 11), *((row, row + 1) for row in range(30, 36)), (40, 41), (41, 42), (42, 43)]
    assert steps(batches) == wanted
    assert {batch.rows.shape[1] for batch in batches} == {3}
    assert max(len(batch.rows) for batch in batches) == 2


def test_positions_count_from_the_start_of_each_sequence() -> None:
    (batch,) = packed_batches(of([1, 2, 3], [7, 8]), 3, 100, np.random.default_rng(0), causal=True)
    assert batch.rows.tolist() == [[1, 2, 7]]
    assert batch.positions.tolist() == [[0, 1, 0]]
    assert batch.segments.tolist() == [[1, 1, 2]]
    assert batch.targets.tolist() == [[2, 3, 8]]


def test_a_cloze_batch_holds_whole_sequences() -> None:
    (batch,) = packed_batches(of([1, 2, 3], [7, 8]), 5, 100, np.random.default_rng(0), causal=False)
    assert batch.rows.tolist() == [[1, 2, 3, 7, 8]]
    assert set(batch.targets.ravel().tolist()) == {NO_TARGET}


def test_a_hidden_row_becomes_the_target() -> None:
    (batch,) = packed_batches(SHOP, 7, 700, np.random.default_rng(0), causal=False)
    hidden = cloze(batch, 99, 0.5, 0.0, np.random.default_rng(1))
    asked = hidden.targets != NO_TARGET
    assert (hidden.rows[asked] == 99).all()
    np.testing.assert_array_equal(hidden.targets[asked], batch.rows[asked])
    np.testing.assert_array_equal(hidden.rows[~asked], batch.rows[~asked])
    assert 0 < asked.sum() < 13
    assert not asked[batch.segments == 0].any()


def test_only_the_last_row_may_be_hidden() -> None:
    (batch,) = packed_batches(SHOP, 7, 700, np.random.default_rng(0), causal=False)
    hidden = cloze(batch, 99, 1.0, 1.0, np.random.default_rng(1))
    assert sorted(hidden.targets[hidden.targets != NO_TARGET].tolist()) == [11, 36, 43]


def test_nobody_who_chose_two_items_makes_no_batch() -> None:
    assert list(packed_batches(of([1], [2]), 3, 6, np.random.default_rng(0), causal=True)) == []


def test_no_histories_are_padded_to_an_empty_table() -> None:
    table, lengths = padded([], 5)
    assert (table.shape, lengths.shape) == ((0, 1), (0,))
