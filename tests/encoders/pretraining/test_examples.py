"""Passages as tokens: pieces, frames, batches of like lengths."""

from typing import Any

import numpy as np
import pytest

from aisle.encoders.pretraining.corpus import Corpus, Passage
from aisle.encoders.pretraining.examples import Frame, Ragged, batches_by_length, build_examples
from aisle.encoders.pretraining.layout import BELONGS, NO_PAIR, draw_pairs
from aisle.encoders.pretraining.tokenizer import train_tokenizer


@pytest.fixture(scope="module")
def tokenizer(corpus: Corpus) -> Any:
    return train_tokenizer((one.text for one in corpus.learned), "masked", 400, 32)


def test_ragged_holds_sequences_behind_one_another() -> None:
    ragged = Ragged.of([[1, 2], [], [3]])
    assert (ragged.flat.tolist(), ragged.starts.tolist()) == ([1, 2, 3], [0, 2, 2, 3])
    assert [ragged[row].tolist() for row in range(len(ragged))] == [[1, 2], [], [3]]


def test_ragged_sequences_are_joined() -> None:
    joined = Ragged.of([[1, 2], []]).joined(Ragged.of([[3], [4, 5]]))
    assert [joined[row].tolist() for row in range(len(joined))] == [[1, 2], [], [3], [4, 5]]


def test_a_frame_is_read_off_the_tokenizer(tokenizer: Any) -> None:
    cls, sep = tokenizer.cls_token_id, tokenizer.sep_token_id
    assert Frame.of(tokenizer) == Frame((cls,), (sep,), (sep,), 1)


def test_long_texts_become_pieces_with_their_title(tokenizer: Any) -> None:
    def tokens(ids: Any) -> str:
        return " ".join(tokenizer.convert_ids_to_tokens(ids.tolist()))

    passages = [Passage("red lamp"), Passage("blue mug", "this is the number " * 2)]
    examples = build_examples(passages, tokenizer, Frame.of(tokenizer), max_tokens=10)
    assert [tokens(examples.first[row]) for row in range(3)] == ["red lamp", "blue mug", "blue mug"]
    assert [tokens(examples.second[row]) for row in range(3)] == ["", "this is the number this", "is the number"]
    assert examples.pairs.tolist() == [1, 2]
    assert examples.passage.tolist() == [0, 1, 1]
    # whichever piece stands beside it, a description of one's own belongs
    drawn = [draw_pairs(examples, Frame.of(tokenizer), 10, np.random.default_rng(seed)) for seed in range(20)]
    assert any((one.seconds[1:] != [1, 2]).any() for one in drawn)
    assert all(one.relation.tolist() == [NO_PAIR, BELONGS, BELONGS] for one in drawn)
    single = build_examples([Passage("this is the number " * 3)], tokenizer, Frame.of(tokenizer), max_tokens=10)
    assert single.first.lengths.tolist() == [8, 4]


def test_batches_hold_every_row_once_and_little_padding() -> None:
    lengths = np.random.default_rng(0).integers(3, 60, 500)
    batches = batches_by_length(lengths, 256, np.random.default_rng(1))
    assert sorted(np.concatenate(batches).tolist()) == list(range(500))
    padded = [len(rows) * lengths[rows].max() for rows in batches]
    assert max(padded) <= 256
    assert sum(padded) < 1.05 * lengths.sum()
    again = batches_by_length(lengths, 256, np.random.default_rng(1))
    assert all((one == other).all() for one, other in zip(batches, again, strict=True))
