from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from aisle.encoders.finetuning import cross_encoder
from aisle.encoders.finetuning.cross_encoder import pair_ids, score_pairs, teach_cross_encoder
from aisle.encoders.finetuning.feeding import Lessons
from aisle.encoders.finetuning.heads import adapted_head
from aisle.encoders.finetuning.loading import load_classifier_network
from aisle.encoders.finetuning.pairs import make_pairs
from aisle.encoders.finetuning.recipe import Recipe

TEXTS = ("blue lamp", "warm lamp", "blue mug", "warm mug")
GRADES = {("desk lamp", 0): 1.0, ("desk lamp", 2): 0.0, ("coffee mug", 3): 1.0, ("coffee mug", 1): 0.0}


def test_a_cross_encoder_learns_grades_and_scores_pairs_whatever_stands_beside_them(tiny_model: Path) -> None:
    torch.manual_seed(0)
    recipe = Recipe(method="full", epochs=120, batch=8, learning_rate=3e-3, checks=1)
    model, tokenizer = load_classifier_network(tiny_model, 1)
    head = adapted_head(model, tokenizer, recipe)
    pairs = make_pairs(GRADES)
    mined = [np.array([2, 3]) if "lamp" in query else np.array([0, 1]) for query in pairs.queries]
    learned = teach_cross_encoder(head, tokenizer, Lessons(pairs, TEXTS, np.arange(4), mined), recipe)
    assert learned.steps[-1].loss < learned.steps[0].loss
    queries, texts = [query for query, _ in GRADES], [TEXTS[row] for _, row in GRADES]
    scores = score_pairs(head, tokenizer, queries, texts, recipe)
    assert scores[0] > scores[1]
    assert scores[2] > scores[3]
    alone = [
        score_pairs(head, tokenizer, [query], [text], recipe)[0] for query, text in zip(queries, texts, strict=True)
    ]
    np.testing.assert_allclose(scores, alone, atol=1e-4)


def test_pairs_are_typed_and_the_longer_text_is_cut(tiny_model: Path) -> None:
    _, tokenizer = load_classifier_network(tiny_model, 1)
    (one,) = pair_ids(tokenizer, ["ab"], ["abcdefghijkl"], Recipe(query_tokens=4, item_tokens=4))
    assert len(one["input_ids"]) == 8
    assert one["token_type_ids"] == [0, 0, 0, 0, 1, 1, 1, 1]


def test_queries_and_items_are_changed_anew_each_epoch(tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[set[str]] = []

    def written(tokenizer: Any, queries: list[str], items: list[str], recipe: Recipe) -> list[dict[str, list[int]]]:
        read.append({*queries, *items})
        return pair_ids(tokenizer, queries, items, recipe)

    monkeypatch.setattr(cross_encoder, "pair_ids", written)
    pairs, mined = make_pairs(GRADES), [np.array([1]), np.array([0])]
    for augment in (0.0, 0.9):
        recipe = Recipe(method="bitfit", epochs=2, batch=8, checks=1, augment=augment)
        model, tokenizer = load_classifier_network(tiny_model, 1)
        head = adapted_head(model, tokenizer, recipe)
        teach_cross_encoder(head, tokenizer, Lessons(pairs, TEXTS, np.arange(4), mined), recipe)
    as_they_are = {*TEXTS, *pairs.queries}
    plain, changed = read[: len(read) // 2], read[len(read) // 2 :]
    assert all(texts <= as_they_are for texts in plain)
    assert all(texts - as_they_are for texts in changed)
    assert changed[-1] != changed[-2]
