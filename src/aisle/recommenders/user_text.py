"""What suits a history read as text: a language model turns the titles of what was chosen into one vector."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

import numpy as np

from aisle.errors import InputError, ReleaseError
from aisle.recommenders.matrices import answers
from aisle.recommenders.protocol import History, Interactions
from aisle.types import Candidates, ItemVectors, Rows, Scores, Vectors

LAST = 8
"""Items of a history that are read: an encoder cuts what is longer, and reading costs time for each."""


class UserText:
    """Cosine between the vector of a history's text and the vectors of all items.

    text(u) = the titles of the latest `LAST` different items that u chose (weight above 0), newest first, joined
    by "; ". score(u, i) = encode(text(u)) . v(i). Unlike the mean of item vectors (`Content`), the model reads all
    titles together and weighs them as it was taught: tune it with `aisle finetune --task user`. Only scores above 0
    are proposed; an empty history, or one of unknown rows or dislikes alone, gets no candidates.

    Nothing is learned and nothing is saved: encoder, titles and vectors are those of a release, which makes it anew.

    Source: Li et al., Text is all you need: learning language representations for sequential recommendation,
    KDD 2023 (a user as the sentence of their items).
    """

    name = "user_text"

    def __init__(
        self, encode: Callable[[Sequence[str]], Vectors], title: Callable[[int], str], vectors: ItemVectors
    ) -> None:
        """`encode` gives (n, dim) float32 of length 1, `title` that of a row, `vectors` is (n_items, dim) float32."""
        if len(vectors.shape) != 2:
            raise InputError(f"vectors have shape {vectors.shape}; expected (n_items, dim)")
        self.encode = encode
        self.title = title
        self.vectors = vectors

    def fit(self, interactions: Interactions) -> Self:
        """Check that there is a vector for each item. Raises InputError where there is not."""
        if interactions.n_items != len(self.vectors):
            raise InputError(f"{len(self.vectors)} vectors for {interactions.n_items} items; give one an item")
        return self

    def score(self, histories: Sequence[History]) -> Scores:
        """(len(histories), n_items) float32: cosines with the text of each history; 0 where there is none."""
        scores = np.zeros((len(histories), len(self.vectors)), np.float32)
        texts = [self.text(history) for history in histories]
        told = [place for place, text in enumerate(texts) if text]
        if told:
            scores[told] = self.vectors.dot(self.encode([texts[place] for place in told]).T).T
        return scores

    def recommend(
        self, histories: Sequence[History], k: int, exclude: Sequence[Rows] | None = None
    ) -> list[Candidates]:
        """The `k` items nearest to each history's text."""
        return answers(self.score, histories, k, self.name, exclude)

    def text(self, history: History) -> str:
        """What the encoder reads of a history; empty where it holds nothing that was chosen."""
        return user_text(history.known(len(self.vectors)), self.title)

    def save(self, folder: Path) -> None:
        """Write nothing: encoder, titles and vectors are kept by the release."""

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Raises ReleaseError always: a release makes this model of its encoder, titles and vectors."""
        raise ReleaseError(f"user_text is not kept in {folder}: it is made of a release's encoder, titles and vectors")


def user_text(history: History, title: Callable[[int], str]) -> str:
    """A history as one text: the titles of the latest `LAST` different items that were chosen, newest first.

    >>> titles = ["Tea pot", "Blue mug"]
    >>> user_text(History(np.array([0, 1]), np.ones(2, np.float32)), titles.__getitem__)
    'Blue mug; Tea pot'
    """
    newest = history.rows[history.weights > 0][::-1]
    return "; ".join(title(row) for row in list(dict.fromkeys(newest.tolist()))[:LAST])
