import math

import pytest

from aisle.text.bm25 import K1, B, fit_bm25, rarity

TEXTS = ("desk lamp", "lamp lamp shade", "garden hose 台灯")


def test_scores_by_hand() -> None:
    bm25 = fit_bm25(TEXTS)
    scores = (bm25.queries(["lamps", "desk hose", "nothing here"]) @ bm25.texts.T).toarray()
    # 2, 3 and 3 words: 8 / 3 on average; two of three texts have "lamp", one has "desk", one "hose"
    common, rare = math.log(1 + 1.5 / 2.5), math.log(1 + 2.5 / 1.5)
    short, long = (K1 * (1 - B + B * length / (8 / 3)) for length in (2, 3))
    assert scores[0].tolist() == pytest.approx(
        [common * (K1 + 1) / (1 + short), common * 2 * (K1 + 1) / (2 + long), 0.0]
    )
    assert scores[1].tolist() == pytest.approx([rare * (K1 + 1) / (1 + short), 0.0, rare * (K1 + 1) / (1 + long)])
    assert scores[2].tolist() == [0.0, 0.0, 0.0]


def test_a_query_says_a_word_once_and_chinese_words_are_words() -> None:
    bm25 = fit_bm25(TEXTS)
    assert bm25.queries(["lamp lamp"]).toarray().sum() == 1
    assert (bm25.queries(["台灯"]) @ bm25.texts.T).toarray()[0].argmax() == 2


def test_no_texts_and_no_words_give_empty_matrices() -> None:
    assert fit_bm25([]).texts.shape == (0, 0)
    assert fit_bm25(["", "-"]).queries(["lamp"]).shape == (1, 0)


def test_rarity_is_above_nothing_even_when_more_texts_have_a_word_than_were_counted() -> None:
    assert rarity(10, 1) > rarity(10, 9) > 0
    assert rarity(10, 12) > 0
