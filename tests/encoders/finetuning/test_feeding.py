from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import transformers

from aisle.encoders.finetuning.feeding import MADE, MARGIN, Feeder, Lessons, graded_pairs, positive_pairs, taught_pairs
from aisle.encoders.finetuning.pairs import make_pairs
from aisle.encoders.finetuning.recipe import Recipe
from aisle.encoders.finetuning.soft_labels import SoftLabels
from aisle.errors import InputError
from aisle.types import Scores

TEXTS = ("desk lamp", "usb c cable", "coffee mug blue", "garden hose", "warm jacket", "lamp")
GRADES = {("lamp", 0): 1.0, ("lamp", 5): 0.5, ("lamp", 1): 0.0, ("mug", 2): 1.0}


def lessons(**changes: Any) -> Lessons:
    mined = [np.array([3, 4]), np.array([1])]
    made = Lessons(make_pairs(GRADES), TEXTS, np.arange(6), mined)
    return replace(made, **changes)


@pytest.fixture(scope="module")
def tokenizer(bert_folder: Path) -> Any:
    return transformers.AutoTokenizer.from_pretrained(bert_folder)


def test_right_answers_come_with_mined_negatives_and_graded_pairs_with_both() -> None:
    rng = np.random.default_rng(0)
    asked = positive_pairs(lessons(), 2, rng)
    assert asked.item.tolist() == [0, 5, 2]
    assert set(asked.negatives[:2].ravel().tolist()) <= {3, 4}
    assert asked.negatives[2].tolist() == [1, 1]
    graded = graded_pairs(lessons(), 1, rng)
    assert graded.item[:4].tolist() == [0, 1, 5, 2]
    assert graded.grade.tolist() == [1.0, 0.0, 0.5, 1.0, 0.0, 0.0, 0.0]


def test_no_right_answer_is_taught_as_a_wrong_one_where_nothing_was_mined() -> None:
    bare = lessons(mined=[np.array([], np.int64)] * 2, groups=np.array([0, 1, 2, 3, 0, 5]))
    for seed in range(50):
        graded = graded_pairs(bare, 3, np.random.default_rng(seed))
        wrong = graded.grade == 0
        assert not {0, 4, 5} & set(graded.item[wrong & (graded.query == 0)].tolist())  # 4 is a variant of 0
        assert 2 not in graded.item[wrong & (graded.query == 1)]


def test_a_batch_holds_its_pairs_and_knows_right_answers(tokenizer: Any) -> None:
    feeder = Feeder(tokenizer, lessons(), Recipe(batch=8, negatives=1), item_prefix="query ")
    assert feeder.n_batches == 1
    (batch,) = feeder.batches(0)
    assert batch.queries["input_ids"].shape[0] == 3
    assert batch.items["input_ids"].shape[0] == 6
    assert batch.known.shape == (3, 6)
    # "lamp" has two right answers, "mug" one, and no mined negative is any
    assert batch.known[:, :3].sum().item() == 2 * 2 + 1
    assert batch.known[:, 3:].sum().item() == 0
    prefix = tokenizer.convert_tokens_to_ids("query")
    assert batch.items["input_ids"][:, 1].tolist() == [prefix] * 6


def test_an_epoch_is_the_same_again_and_another_is_another(tokenizer: Any) -> None:
    feeder = Feeder(tokenizer, lessons(), Recipe(batch=2, augment=0.9))

    def ids(epoch: int) -> list[Any]:
        return [
            (batch.queries["input_ids"].tolist(), batch.items["input_ids"].tolist()) for batch in feeder.batches(epoch)
        ]

    assert ids(0) == ids(0)
    assert ids(0) != ids(1)


def test_texts_are_cut(tokenizer: Any) -> None:
    feeder = Feeder(tokenizer, lessons(), Recipe(batch=8, query_tokens=4, item_tokens=4))
    (batch,) = feeder.batches(0)
    assert batch.items["input_ids"].shape[1] == 4


def test_margins_of_a_teacher_are_scaled() -> None:
    def teacher(query: str, texts: Sequence[str]) -> Scores:
        return np.array([len(text) for text in texts], np.float32)

    asked = taught_pairs(lessons(teacher=teacher), Recipe(loss="margin-mse"))
    assert asked.margins.std() == pytest.approx(MARGIN, rel=1e-5)
    lengths = np.array([len(text) for text in TEXTS])
    raw = lengths[asked.item] - lengths[asked.negatives[:, 0]]
    np.testing.assert_allclose(asked.margins / asked.margins[0], raw / raw[0], rtol=1e-5)


def test_soft_labels_come_with_batches_of_near_queries(tokenizer: Any) -> None:
    pairs = make_pairs({(f"{TEXTS[row]} {number}", row): 1.0 for row in range(4) for number in range(8)})
    vectors = np.eye(6, dtype=np.float32)
    labels = SoftLabels(pairs, TEXTS, np.arange(6), vectors[pairs.item], vectors)
    told = lessons(pairs=pairs, mined=[np.array([5])] * 32, soft_labels=labels)
    batches = list(Feeder(tokenizer, told, Recipe(loss="soft-contrastive", batch=16, negatives=1)).batches(0))
    assert [len(batch.grades) for batch in batches] == [16, 16]
    for batch in batches:
        assert batch.labels.shape == (16 * (1 + MADE), 32)
        assert len(batch.queries["input_ids"]) == 16 * (1 + MADE)
        counted = np.unique(batch.items["input_ids"][:16].numpy(), axis=0, return_counts=True)[1]
        assert (counted % 4 == 0).all()  # groups of four, each of one kind
        assert (batch.labels[:16, :16].argmax(dim=1) == batch.known[:, :16].int().argmax(dim=1)).all()
    with pytest.raises(ValueError, match="soft_labels"):
        Feeder(tokenizer, lessons(), Recipe(loss="soft-contrastive"))


def test_margin_mse_without_a_teacher_and_lessons_without_an_answer_are_input_errors() -> None:
    with pytest.raises(InputError, match="needs a teacher"):
        taught_pairs(lessons(), Recipe(loss="margin-mse"))
    with pytest.raises(InputError, match="no query has a relevant item"):
        lessons(pairs=make_pairs({("lamp", 0): 0.0}))
