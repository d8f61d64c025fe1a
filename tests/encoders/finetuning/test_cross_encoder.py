from pathlib import Path

import numpy as np
import torch

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
