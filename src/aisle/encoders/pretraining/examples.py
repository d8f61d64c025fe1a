"""Passages as tokens, and batches of them that hold little padding."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aisle.encoders.pretraining.corpus import Passage

Tokens = NDArray[np.int32]
AT_ONCE = 5_000
"""Texts tokenised together."""
TITLE_SHARE = 4
"""A title takes at most one of so many parts of an example."""


@dataclass(frozen=True, slots=True)
class Ragged:
    """Sequences of tokens behind one another: `flat` (n_tokens,) int32; `starts` (n + 1,) int64."""

    flat: Tokens
    starts: NDArray[np.int64]

    @classmethod
    def of(cls, sequences: Sequence[Sequence[int]]) -> "Ragged":
        """Put `sequences` behind one another."""
        lengths = np.fromiter((len(one) for one in sequences), np.int64, len(sequences))
        flat = np.fromiter((token for one in sequences for token in one), np.int32, int(lengths.sum()))
        return cls(flat, np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)]))

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, row: int) -> Tokens:
        return self.flat[self.starts[row] : self.starts[row + 1]]

    def joined(self, other: "Ragged") -> "Ragged":
        """These sequences, and those of `other` behind them."""
        starts = np.concatenate([self.starts, self.starts[-1] + other.starts[1:]])
        return Ragged(np.concatenate([self.flat, other.flat]), starts)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Tokens of each sequence, (n,) int64."""
        return np.diff(self.starts)


@dataclass(frozen=True, slots=True)
class Examples:
    """What a masked model reads: a text, or a title (first) with a piece of its description (second)."""

    first: Ragged
    second: Ragged
    passage: NDArray[np.int64]
    """(n,) int64, number of the passage: another piece of the same description belongs to its title too."""

    @property
    def pairs(self) -> NDArray[np.int64]:
        """Rows that are pairs, (n_pairs,) int64."""
        return np.flatnonzero(self.second.lengths)


@dataclass(frozen=True, slots=True)
class Frame:
    """The marks that a tokenizer puts around a text or a pair, and the type of the second text's tokens."""

    before: tuple[int, ...]
    between: tuple[int, ...]
    after: tuple[int, ...]
    second_type: int

    @classmethod
    def of(cls, tokenizer: Any) -> "Frame":
        """The frame of a fast tokenizer, read off a pair that it makes."""
        backend = _whole(tokenizer)
        one = backend.encode("a", add_special_tokens=False)
        pair = backend.post_process(one, backend.encode("a", add_special_tokens=False))
        ids, n = pair.ids, len(one.ids)
        texts = [place for place, mark in enumerate(pair.special_tokens_mask) if not mark]
        return cls(
            tuple(ids[: texts[0]]),
            tuple(ids[texts[n - 1] + 1 : texts[n]]),
            tuple(ids[texts[-1] + 1 :]),
            int(pair.type_ids[texts[-1]]),
        )

    @property
    def n_single(self) -> int:
        """Marks around one text."""
        return len(self.before) + len(self.after)

    @property
    def n_pair(self) -> int:
        """Marks around and in a pair."""
        return self.n_single + len(self.between)


def token_lists(texts: Iterable[str], tokenizer: Any) -> Iterator[list[int]]:
    """The tokens of each text, without marks and however many."""
    backend = _whole(tokenizer)
    rest = iter(texts)
    while some := list(islice(rest, AT_ONCE)):
        for encoding in backend.encode_batch_fast(some, add_special_tokens=False):
            yield encoding.ids


def build_examples(passages: Sequence[Passage], tokenizer: Any, frame: Frame, max_tokens: int) -> Examples:
    """Examples of at most `max_tokens`, marks counted: longer texts become several, each piece with its title."""
    titles = token_lists((passage.first for passage in passages), tokenizer)
    descriptions = token_lists((passage.second for passage in passages), tokenizer)
    firsts: list[list[int]] = []
    seconds: list[list[int]] = []
    passage: list[int] = []
    for number, (title, description) in enumerate(zip(titles, descriptions, strict=True)):
        if description:
            head = title[: max_tokens // TITLE_SHARE]
            for piece in _pieces(description, max_tokens - frame.n_pair - len(head)):
                firsts.append(head)
                seconds.append(piece)
        else:
            for piece in _pieces(title, max_tokens - frame.n_single):
                firsts.append(piece)
                seconds.append([])
        passage += [number] * (len(firsts) - len(passage))
    return Examples(Ragged.of(firsts), Ragged.of(seconds), np.array(passage, np.int64))


def batches_by_length(
    lengths: NDArray[np.int64], batch_tokens: int, rng: np.random.Generator
) -> list[NDArray[np.int64]]:
    """All rows, in batches of about the same length and at most `batch_tokens` with padding, in random order."""
    shuffled = rng.permutation(len(lengths))
    order = shuffled[np.argsort(lengths[shuffled], kind="stable")]
    batches, begin = [], 0
    for end in range(1, len(order) + 1):
        if end == len(order) or (end + 1 - begin) * lengths[order[end]] > batch_tokens:
            batches.append(order[begin:end])
            begin = end
    return [batches[place] for place in rng.permutation(len(batches))]


def _whole(tokenizer: Any) -> Any:
    """What is behind a fast tokenizer, set to cut and pad nothing."""
    backend = tokenizer.backend_tokenizer
    backend.no_truncation()
    backend.no_padding()
    return backend


def _pieces(tokens: list[int], length: int) -> Iterator[list[int]]:
    for begin in range(0, len(tokens), length):
        yield tokens[begin : begin + length]
