"""Rankers that need no training, and how much words and meaning count for each kind of query."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal, Self, get_args

import numpy as np
import orjson
from numpy.typing import NDArray

from aisle.errors import ReleaseError
from aisle.ranking.fusion import linear_fusion, reciprocal_rank_fusion
from aisle.ranking.gain import Graded, ndcg
from aisle.ranking.protocol import Found
from aisle.text import has_chinese, terms
from aisle.types import Candidates, Item, Rows, best_first

QueryClass = Literal["chinese", "digits", "one_word", "several_words"]
QUERY_CLASSES: tuple[QueryClass, ...] = get_args(QueryClass)
MIN_QUERIES = 30
"""With fewer judged queries of a class, it keeps the weights of the settings."""
N_FOLDS = 5
SHARES = tuple(round(step / 10, 1) for step in range(11))
"""Weights of the meaning that are tried; the words have the rest."""


def query_class(query: str) -> QueryClass:
    """The kind of a query that fusion weights are fitted for.

    >>> [query_class(text) for text in ("无线耳机", "tn-2110", "mugs", "blue mugs")]
    ['chinese', 'digits', 'one_word', 'several_words']
    """
    if has_chinese(query):
        return "chinese"
    if any(letter.isdigit() for letter in query):
        return "digits"
    return "one_word" if len(terms(query)) <= 1 else "several_words"


@dataclass(frozen=True, slots=True)
class LinearFusion:
    """A ranker: the weighted sum of words and meaning, with weights by class of query."""

    lexical_weight: float = 0.5
    dense_weight: float = 0.5
    fitted: Mapping[QueryClass, tuple[float, float]] | None = None
    """Weights of words and meaning of the classes that have their own."""
    name: ClassVar[str] = "fusion"

    def rank(self, found: Found) -> Candidates:
        """See `aisle.ranking.linear_fusion`."""
        a1, a2 = self.weights(found.query)
        return linear_fusion(found.lexical, found.rows, found.cosines, a1, a2)

    def weights(self, query: str) -> tuple[float, float]:
        """The weights of words and meaning for a query."""
        own = self.fitted.get(query_class(query)) if self.fitted else None
        return own or (self.lexical_weight, self.dense_weight)

    def put(self, rows: Rows, items: Sequence[Item]) -> None:
        """Nothing is kept about items."""

    def save(self, folder: Path) -> None:
        """Write fusion.json."""
        folder.mkdir(parents=True, exist_ok=True)
        kept = {"lexical": self.lexical_weight, "dense": self.dense_weight, "fitted": dict(self.fitted or {})}
        (folder / "fusion.json").write_bytes(orjson.dumps(kept))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote. Raises ReleaseError when it is missing or damaged."""
        path = folder / "fusion.json"
        try:
            kept = orjson.loads(path.read_bytes())
            fitted = {name: (float(kept["fitted"][name][0]), float(kept["fitted"][name][1])) for name in kept["fitted"]}
            return cls(float(kept["lexical"]), float(kept["dense"]), {k: v for k, v in fitted.items()} or None)
        except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
            raise ReleaseError(f"cannot read the fusion weights {path}: {error}; run aisle build") from error


@dataclass(frozen=True, slots=True)
class RankFusion:
    """A ranker: reciprocal rank fusion, which looks at places alone. Its scores are shares of the best possible."""

    constant: float = 60.0
    name: ClassVar[str] = "rrf"

    def rank(self, found: Found) -> Candidates:
        """See `aisle.ranking.reciprocal_rank_fusion`."""
        fused = reciprocal_rank_fusion([found.lexical, found.dense], self.constant)
        scores = np.zeros(len(found.rows), np.float32)
        scores[np.searchsorted(found.rows, fused.rows)] = fused.scores * np.float32((self.constant + 1) / 2)
        return best_first(scores, len(scores), "hybrid", found.rows)

    def put(self, rows: Rows, items: Sequence[Item]) -> None:
        """Nothing is kept about items."""

    def save(self, folder: Path) -> None:
        """Write rank_fusion.json."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "rank_fusion.json").write_bytes(orjson.dumps({"constant": self.constant}))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote. Raises ReleaseError when it is missing or damaged."""
        path = folder / "rank_fusion.json"
        try:
            return cls(float(orjson.loads(path.read_bytes())["constant"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ReleaseError(f"cannot read {path}: {error}; run aisle build") from error


def fit_weights(examples: Sequence[tuple[Found, Graded]], start: LinearFusion | None = None) -> LinearFusion:
    """`start` with weights of their own for the classes of queries where that pays.

    For each class with at least 30 judged queries, the share of the meaning with the best nDCG@10 is
    sought in steps of 0.1. It is taken only when, chosen on four fifths of the queries, it beats
    `start` on the remaining fifth by more than one standard error of the mean difference.
    """
    start = start or LinearFusion()
    fitted: dict[QueryClass, tuple[float, float]] = dict(start.fitted or {})
    for name in QUERY_CLASSES:
        own = [(found, graded) for found, graded in examples if query_class(found.query) == name]
        if len(own) < MIN_QUERIES:
            continue
        share = _best_share(own, start)
        if share is not None:
            fitted[name] = (round(1 - share, 1), share)
    return LinearFusion(start.lexical_weight, start.dense_weight, fitted or None)


def _best_share(examples: Sequence[tuple[Found, Graded]], start: LinearFusion) -> float | None:
    tries = [LinearFusion(1 - share, share) for share in SHARES]
    tried = np.array([[ndcg(fusion.rank(found), graded) for fusion in tries] for found, graded in examples])
    before = np.array([ndcg(start.rank(found), graded) for found, graded in examples])
    folds = np.arange(len(examples)) % N_FOLDS
    gains = np.empty(len(examples))
    for fold in range(N_FOLDS):
        chosen = int(tried[folds != fold].mean(axis=0).argmax())
        gains[folds == fold] = tried[folds == fold, chosen] - before[folds == fold]
    return SHARES[int(tried.mean(axis=0).argmax())] if surely_better(gains) else None


def surely_better(gains: NDArray[np.float64]) -> bool:
    """True when the mean of the differences by query lies more than one standard error above 0."""
    return bool(gains.mean() > gains.std() / np.sqrt(len(gains)) and gains.mean() > 0)
