"""Which category a query asks for: what its words and its meaning say, weighed by what shoppers chose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from aisle.intent.calibration import Floats
from aisle.text import terms
from aisle.types import Vectors

SCALE = 3.0
"""Vectors are stretched by it before the regression, so that its ridge does not hold back their weights."""
DEFAULT_MIX = (0.5, 1.0, 0.5)


@dataclass(frozen=True, eq=False)
class CategoryModel:
    """Predicts the narrowest category: naive Bayes on words, softmax regression on query vectors, mixed.

    log p(c | q) = mix_w * sum over words log p(word | c) + mix_v * (vector @ weights)_c + constant; a
    query without a vector has mix_0 * the first sum. The mix is fitted on queries that neither part
    has seen, so that it is a temperature as well: probabilities are calibrated.
    """

    paths: tuple[str, ...]
    """The classes: "Electronics > Audio > Headphones"; empty where some items have none."""
    words: Mapping[str, int]
    """Row of each word in `gains`."""
    gains: sparse.csr_array
    """(n_words, n_classes) float32: log p(word | c) above `base`."""
    base: NDArray[np.float32]
    """(n_classes,) log p(c has never had the word)."""
    weights: NDArray[np.float32]
    """(dim + 1, n_classes); the last row is the bias."""
    mix: tuple[float, float, float] = DEFAULT_MIX

    def parts(self, text: str, vector: Vectors | None) -> tuple[NDArray[np.float32] | None, NDArray[np.float32] | None]:
        """(n_classes,) what the words say and what the meaning says; None where nothing is known."""
        return self.by_words(text), self.by_vector(vector)

    def by_words(self, text: str) -> NDArray[np.float32] | None:
        """(n_classes,) sum of log p(word | c) over known words; None when none is known."""
        starts, classes, values = self.gains.indptr, self.gains.indices, self.gains.data
        known = {self.words[word] for word in terms(text) if word in self.words}
        rows = [row for row in known if starts[row] < starts[row + 1]]
        if not rows:
            return None
        scores = self.base * np.float32(len(rows))
        for row in rows:
            inside = slice(starts[row], starts[row + 1])
            scores[classes[inside]] += values[inside]
        return scores

    def by_vector(self, vector: Vectors | None) -> NDArray[np.float32] | None:
        """(n_classes,) logits of the softmax regression; None without a vector."""
        if vector is None or not self.paths or not vector.any():
            return None
        return np.asarray(np.vecdot(self._by_class, vector) * np.float32(SCALE) + self.weights[-1], np.float32)

    @cached_property
    def _by_class(self) -> NDArray[np.float32]:
        """(n_classes, dim): compared class by class, since the threads of a matrix product go on spinning after it."""
        return np.ascontiguousarray(self.weights[:-1].T)

    def predict(self, text: str, vector: Vectors | None = None) -> Floats | None:
        """(n_classes,) probabilities of the paths, or None when nothing is known about `text`."""
        return mixed(*self.parts(text, vector), self.mix)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What `from_arrays` reads besides the words."""
        return {
            "starts": self.gains.indptr.astype(np.int64), "classes": self.gains.indices.astype(np.int32),
            "gains": self.gains.data, "base": self.base, "weights": self.weights, "mix": np.array(self.mix),
        }  # fmt: skip

    @classmethod
    def from_arrays(cls, paths: Sequence[str], words: Sequence[str], arrays: Mapping[str, Any]) -> "CategoryModel":
        """What `arrays` gave. Raises ValueError or KeyError when parts do not fit together."""
        shape = (len(words), len(paths))
        gains = sparse.csr_array((arrays["gains"], arrays["classes"], arrays["starts"]), shape=shape)
        if arrays["base"].shape != shape[1:] or arrays["weights"].shape[1:] != shape[1:]:
            raise ValueError(f"weights of {arrays['weights'].shape[1:]} classes for {len(paths)} categories")
        places = {word: row for row, word in enumerate(words)}
        mix = cast("tuple[float, float, float]", tuple(map(float, arrays["mix"])))
        return cls(tuple(paths), places, gains, arrays["base"], arrays["weights"], mix)


def mixed(
    words: NDArray[np.float32] | None, meaning: NDArray[np.float32] | None, mix: tuple[float, float, float]
) -> Floats | None:
    """(n_classes,) probabilities from what words and meaning say; None when both are None."""
    by_word, by_meaning, words_alone = mix
    if words is None and meaning is None:
        return None
    if meaning is None:
        logits = words_alone * cast(NDArray[np.float32], words)
    else:
        logits = by_meaning * meaning + (0 if words is None else by_word * words)
    exponents = np.exp((logits - logits.max()).astype(np.float64))
    return np.asarray(exponents / exponents.sum(), np.float64)
