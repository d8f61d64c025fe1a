from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from aisle.errors import InputError, ReleaseError
from aisle.recommenders.user_text import LAST, UserText
from aisle.testing.recommenders import RecommenderConformance, history, toy_interactions
from aisle.types import Vectors

WORDS = ("red", "blue", "mug", "pot")
TITLES = ("red mug", "blue mug", "red pot", "blue pot", "mug")


def counted(texts: Sequence[str]) -> Vectors:
    """How often each of WORDS stands in a text, of length 1."""
    counts = np.array([[text.count(word) for word in WORDS] for text in texts], np.float32)
    lengths: Vectors = np.linalg.norm(counts, axis=1, keepdims=True)
    return np.asarray(counts / np.maximum(lengths, 1e-9), np.float32)


def model(titles: Sequence[str] = TITLES) -> UserText:
    return UserText(counted, titles.__getitem__, counted(titles))


class TestUserText(RecommenderConformance):
    def make(self, n_items: int) -> UserText:
        return model([TITLES[row % len(TITLES)] for row in range(n_items)])

    def test_a_loaded_model_answers_like_the_saved_one(self, tmp_path: Path) -> None:
        self.fitted().save(tmp_path)
        assert list(tmp_path.iterdir()) == []  # a release makes it anew

    def test_a_damaged_file_is_a_release_error(self, tmp_path: Path) -> None:
        with pytest.raises(ReleaseError, match="made of a release's encoder"):
            UserText.load(tmp_path)


def test_the_titles_of_what_was_chosen_are_read_newest_first() -> None:
    assert model().text(history(0, 3, 1, weights=[1, -1, 2])) == "blue mug; red mug"
    assert model().text(history(0, 1, 0)) == "red mug; blue mug"
    assert model().text(history(3, weights=[-1])) == ""


def test_only_the_latest_are_read() -> None:
    many = [str(row) for row in range(LAST + 3)]
    read = UserText(counted, many.__getitem__, counted(many)).text(history(*range(LAST + 3)))
    assert read.split("; ") == many[:2:-1]


def test_scores_are_cosines_with_the_whole_text() -> None:
    # red pot and red mug: twice red, once mug, once pot, so a length of sqrt(6)
    scores = model().score([history(0, 2)])[0]
    np.testing.assert_allclose(scores[:4] * np.sqrt(12), [3, 1, 3, 1], rtol=1e-6)


def test_an_item_without_events_is_found() -> None:
    (found,) = model().recommend([history(0, 4)], 5, [np.array([0, 4])])
    assert found.rows[0] == 1  # the other mug


def test_vectors_of_another_number_of_items_are_refused() -> None:
    with pytest.raises(InputError, match="5 vectors for 12 items"):
        model().fit(toy_interactions())
