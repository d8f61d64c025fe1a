"""From the log to one sequence a user, and from sequences to batches that hardly hold any padding."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aisle.recommenders.protocol import History, Interactions
from aisle.types import Rows

NO_TARGET = -1


@dataclass(frozen=True, slots=True)
class Sequences:
    """What users chose, one after another: sequence s is `rows[starts[s]:starts[s + 1]]`, oldest first."""

    rows: Rows
    """(n,) int64."""
    starts: NDArray[np.int64]
    """(n_sequences + 1,) int64, from 0 to n."""

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def lengths(self) -> NDArray[np.int64]:
        """(n_sequences,) int64."""
        return np.diff(self.starts)


@dataclass(frozen=True, slots=True)
class Batch:
    """Sequences side by side in lines of one width, each (n_lines, width) int64.

    Segment 0 is padding; sequences in one line have segments 1, 2, ..., and must not see each other.
    """

    rows: NDArray[np.int64]
    positions: NDArray[np.int64]
    """Place in its own sequence, from 0."""
    segments: NDArray[np.int64]
    targets: NDArray[np.int64]
    """What comes next in the same sequence; NO_TARGET where nothing is to be predicted."""


def sequences_of(interactions: Interactions) -> Sequences:
    """What each user chose (weight above 0), in the order of the log; users who chose nothing are left out.

    >>> log = Interactions(np.array([1, 0, 1]), np.array([5, 6, 7]), np.ones(3, np.float32), np.zeros(3), 3, 8)
    >>> found = sequences_of(log)
    >>> found.rows.tolist(), found.starts.tolist()
    ([6, 5, 7], [0, 1, 3])
    """
    chosen = interactions.weights > 0
    users, rows = interactions.users[chosen], interactions.rows[chosen]
    lengths = np.bincount(users, minlength=interactions.n_users)
    starts = np.concatenate([[0], np.cumsum(lengths[lengths > 0])])
    return Sequences(rows[np.argsort(users, kind="stable")], starts.astype(np.int64))


def liked_rows(history: History) -> Rows:
    """What was chosen in a history, oldest first: its rows of weight above 0."""
    return history.rows[history.weights > 0]


def disliked_rows(history: History) -> Rows:
    """The rows whose last weight in a history is below 0."""
    rows, places = np.unique(history.rows[::-1], return_index=True)
    return rows[history.weights[::-1][places] < 0]


def windows(sequences: Sequences, length: int, rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where pieces of at most `length` rows begin and end, which together hold every step from a row to its next.

    A longer sequence is cut at places that differ from call to call, so that over the epochs each row
    is predicted from short and from long pasts. Neighbouring pieces share one row. Sequences of a
    single row hold no step and are left out.
    """
    kept = np.flatnonzero(sequences.lengths > 1)
    starts, ends = sequences.starts[kept], sequences.starts[kept + 1]
    stride = length - 1
    steps = ends - starts - 1
    # A piece of fewer steps comes first, because the newest taste deserves the longest past.
    first = np.where(steps > stride, rng.integers(1, stride + 1, len(kept)), steps)
    pieces = 1 + -(-(steps - first) // stride)
    of = np.repeat(np.arange(len(kept)), pieces)
    number = np.arange(len(of)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    begin = starts[of] + np.where(number > 0, first[of] + (number - 1) * stride, 0)
    end = np.minimum(np.where(number > 0, begin + stride, begin + first[of]), ends[of] - 1)
    return begin, end + 1


def pack(lengths: NDArray[np.int64], width: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """The line, the offset in it and the segment (from 1) of each sequence: the longest first, where it fits best.

    Best-fit decreasing. Raises nothing: `lengths` are 1 to `width`, which the caller has seen to.

    >>> [part.tolist() for part in pack(np.array([2, 5, 3]), 5)]
    [[1, 0, 1], [3, 0, 0], [2, 1, 1]]
    """
    lines, offsets, segments = (np.empty(len(lengths), np.int64) for _ in range(3))
    open_lines: list[list[tuple[int, int]]] = [[] for _ in range(width + 1)]
    spaces = 0  # bit s is set when some line has s positions left
    n_lines = 0
    for at in np.argsort(-lengths, kind="stable").tolist():
        length = int(lengths[at])
        fitting = spaces >> length
        if fitting:
            space = length + (fitting & -fitting).bit_length() - 1
            line, segment = open_lines[space].pop()
            if not open_lines[space]:
                spaces ^= 1 << space
        else:
            space, line, segment = width, n_lines, 0
            n_lines += 1
        lines[at], offsets[at], segments[at] = line, width - space, segment + 1
        open_lines[space - length].append((line, segment + 1))
        if space > length:
            spaces |= 1 << (space - length)
    return lines, offsets, segments


def packed_batches(
    sequences: Sequences, length: int, batch: int, rng: np.random.Generator, *, causal: bool
) -> Iterator[Batch]:
    """One epoch: every sequence once, cut to `length`, in random company, about `batch` positions at a time.

    `causal`: a position predicts what comes next, so the last row of a sequence is only a target.
    Otherwise all rows are put in and `targets` are NO_TARGET for the caller to fill.
    """
    begin, end = windows(sequences, length + causal, rng)
    shuffled = rng.permutation(len(begin))
    begin, end = begin[shuffled], end[shuffled]
    sizes = end - begin - causal
    lines, offsets, segments = pack(sizes, length)
    n_lines = int(lines.max(initial=-1)) + 1
    lines = rng.permutation(n_lines)[lines]
    within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    source = np.repeat(begin, sizes) + within
    cells = np.repeat(lines * length + offsets, sizes) + within
    whole = Batch(*(np.full((n_lines, length), fill, np.int64) for fill in (0, 0, 0, NO_TARGET)))
    whole.rows.ravel()[cells] = sequences.rows[source]
    whole.positions.ravel()[cells] = within
    whole.segments.ravel()[cells] = np.repeat(segments, sizes)
    if causal:
        whole.targets.ravel()[cells] = sequences.rows[source + 1]
    step = max(1, batch // length)
    for start in range(0, n_lines, step):
        part = slice(start, start + step)
        yield Batch(whole.rows[part], whole.positions[part], whole.segments[part], whole.targets[part])


def cloze(batch: Batch, question: int, share: float, last: float, rng: np.random.Generator) -> Batch:
    """The batch with a share of its rows replaced by `question`; what they were becomes their target.

    In a share `last` of the sequences only the last row is hidden, which is what serving asks for.
    """
    real = batch.segments > 0
    following = np.pad(batch.segments[:, 1:], ((0, 0), (0, 1)))
    number = np.cumsum(real & (batch.positions == 0)).reshape(real.shape)
    only_last = (rng.random(number.max(initial=0) + 1) < last)[number]
    asked = real & np.where(only_last, following != batch.segments, rng.random(real.shape) < share)
    rows, targets = np.where(asked, question, batch.rows), np.where(asked, batch.rows, NO_TARGET)
    return Batch(rows, batch.positions, batch.segments, targets)


def padded(
    histories: Sequence[Rows], length: int, question: int | None = None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The last `length` rows of each history from the left, and how many they are: (n, longest) and (n,) int64.

    `question` comes after the last row, and counts.

    >>> [part.tolist() for part in padded([np.array([1, 2, 3]), np.array([4])], 2)]
    [[[2, 3], [4, 0]], [2, 1]]
    >>> [part.tolist() for part in padded([np.array([1, 2, 3]), np.array([4])], 3, question=9)]
    [[[2, 3, 9], [4, 9, 0]], [3, 2]]
    """
    end = np.array([] if question is None else [question], np.int64)
    latest = [np.concatenate([rows[max(0, len(rows) - length + len(end)) :], end]) for rows in histories]
    lengths = np.array([len(rows) for rows in latest], np.int64)
    table = np.zeros((len(latest), int(lengths.max(initial=1))), np.int64)
    if latest:
        table[np.arange(table.shape[1]) < lengths[:, None]] = np.concatenate(latest)
    return table, lengths
