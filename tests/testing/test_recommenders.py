from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from aisle.recommenders import History, ItemKnn, Popularity, Recommender
from aisle.testing import recommenders as kit
from aisle.types import Candidates, Rows


class Forgetful(Popularity):
    """Proposes what it was told to leave out."""

    def recommend(
        self, histories: Sequence[History], k: int, exclude: Sequence[Rows] | None = None
    ) -> list[Candidates]:
        return super().recommend(histories, k)


class Greedy(Popularity):
    """Proposes one item too many."""

    def recommend(
        self, histories: Sequence[History], k: int, exclude: Sequence[Rows] | None = None
    ) -> list[Candidates]:
        return super().recommend(histories, k + 1, exclude)


class Secretive(Popularity):
    """Learns into an attribute without an underscore."""

    def _learned(self, scores: np.ndarray[tuple[int], np.dtype[np.float32]]) -> "Secretive":
        self.order = np.argsort(scores)
        return super()._learned(scores)


class Amnesiac(ItemKnn):
    """Loads less than was saved."""

    @classmethod
    def load(cls, folder: Path) -> "Amnesiac":
        model = super().load(folder)
        model.similarities_ = model.similarities_ * 0
        return model


def conformance(make: Callable[[], Recommender]) -> kit.RecommenderConformance:
    class Checked(kit.RecommenderConformance):
        def make(self, n_items: int) -> Recommender:
            return make()

    return Checked()


def test_the_kit_catches_a_model_that_proposes_excluded_rows() -> None:
    with pytest.raises(AssertionError):
        conformance(Forgetful).test_nothing_is_left_when_everything_is_excluded()


def test_the_kit_catches_a_model_that_proposes_too_many() -> None:
    with pytest.raises(AssertionError):
        conformance(Greedy).test_k_is_the_most_that_is_proposed(3)


def test_the_kit_catches_a_learned_attribute_without_underscore() -> None:
    with pytest.raises(AssertionError):
        conformance(Secretive).test_what_is_learned_ends_in_an_underscore()


def test_the_kit_catches_a_model_that_loads_less_than_it_saved(tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        conformance(Amnesiac).test_a_loaded_model_answers_like_the_saved_one(tmp_path)


def test_the_kit_catches_an_undocumented_answer_to_an_empty_history() -> None:
    with pytest.raises(AssertionError):
        conformance(Popularity).test_an_empty_history_gets_the_documented_answer()
