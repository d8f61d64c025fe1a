"""Rankers that need no training: words and meaning, weighed or by their places."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
import orjson

from aisle.errors import ReleaseError
from aisle.ranking.fusion import linear_fusion, reciprocal_rank_fusion
from aisle.ranking.protocol import Found
from aisle.types import Candidates, Item, Rows, best_first


@dataclass(frozen=True, slots=True)
class LinearFusion:
    """A ranker: the weighted sum of words and meaning.

    Weights of their own for classes of queries (Chinese, with digits, one word, several), fitted on judged queries,
    gained nothing on held-out queries of three shops: the settings have one pair of weights for all.
    """

    lexical_weight: float = 0.5
    dense_weight: float = 0.5
    name: ClassVar[str] = "fusion"

    def rank(self, found: Found) -> Candidates:
        """See `aisle.ranking.linear_fusion`."""
        return linear_fusion(found.lexical, found.rows, found.cosines, self.lexical_weight, self.dense_weight)

    def put(self, rows: Rows, items: Sequence[Item]) -> None:
        """Nothing is kept about items."""

    def save(self, folder: Path) -> None:
        """Write fusion.json."""
        folder.mkdir(parents=True, exist_ok=True)
        kept = {"lexical": self.lexical_weight, "dense": self.dense_weight}
        (folder / "fusion.json").write_bytes(orjson.dumps(kept))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote. Raises ReleaseError when it is missing or damaged."""
        path = folder / "fusion.json"
        try:
            kept = orjson.loads(path.read_bytes())
            return cls(float(kept["lexical"]), float(kept["dense"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
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
