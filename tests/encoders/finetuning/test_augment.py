import numpy as np

from aisle.encoders.finetuning.augment import (
    changed_items,
    changed_queries,
    made_query,
    with_synonym,
    without_part,
)
from aisle.text.synonyms import Synonyms

SOFA = Synonyms({"sofa": (("couch", 0.9),)})


def test_nothing_changes_without_a_share_and_all_with_the_same_seed() -> None:
    queries = ["garden hose", "desk lamp", "winter jacket"] * 20
    assert changed_queries(queries, 0.0, np.random.default_rng(0)) == queries
    one, other = (changed_queries(queries, 0.5, np.random.default_rng(7)) for _ in range(2))
    assert one == other != queries
    assert 10 < sum(a != b for a, b in zip(one, queries, strict=True)) < 50


def test_a_synonym_takes_the_place_of_its_word() -> None:
    rng = np.random.default_rng(0)
    assert with_synonym("red Sofa", SOFA, rng) == "red couch"
    assert with_synonym("red lamp", SOFA, rng) == "red lamp"


def test_a_part_is_left_out_but_never_the_name() -> None:
    rng = np.random.default_rng(0)
    assert {without_part("Mug, blue, 300 ml", rng) for _ in range(20)} == {"Mug, blue", "Mug, 300 ml"}
    assert without_part("Mug. Holds 300 ml.", rng) == "Mug"
    assert changed_items(["Mug"], 0.9, rng) == ["Mug"]


def test_made_queries_are_some_words_in_their_order() -> None:
    text = "Blue coffee mug, with a lid; TN-2110"
    words = ["blue", "coffee", "mug", "with", "a", "lid", "tn-2110"]
    for seed in range(50):
        made = made_query(text, np.random.default_rng(seed)).split()
        places = [words.index(word) for word in made]
        assert 2 <= len(made) <= 5
        assert places == sorted(places)
    assert made_query("!", np.random.default_rng(0)) == ""
