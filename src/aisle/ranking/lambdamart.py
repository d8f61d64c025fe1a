"""A ranker that was trained: LambdaMART over the features, mixed with the fused order."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

import lightgbm
import numpy as np
import orjson
from numpy.typing import NDArray

from aisle.errors import ReleaseError
from aisle.ranking.clicks import ClickRates
from aisle.ranking.data import RankingData
from aisle.ranking.features import NAMES, extract_features
from aisle.ranking.protocol import Found
from aisle.ranking.weights import LinearFusion
from aisle.types import Candidates, Item, Rows, Scores

DEPTH = 200
"""Best fused candidates that are put in a new order; the others follow in theirs."""
FUSED_SHARE = 0.2
"""Weight of the fused score in the mix, both standardised among the candidates."""
FILE = "lambdamart.json"


class LambdaMart:
    """Boosted trees of LightGBM (Burges 2010, "From RankNet to LambdaRank to LambdaMART").

    Scores are those of the fused order, handed out anew: the best item gets the highest. So they keep
    their scale, and whoever cuts or adds to them need not know which ranker ran. Thread-safe.
    """

    name = "lambdamart"

    def __init__(
        self,
        model: lightgbm.Booster,
        data: RankingData,
        *,
        fusion: LinearFusion | None = None,
        clicks: ClickRates | None = None,
    ) -> None:
        self.model = model
        self.data = data
        self.fusion = fusion or LinearFusion()
        self.clicks = clicks

    def rank(self, found: Found) -> Candidates:
        """All of `found.rows`, best first."""
        fused = self.fusion.rank(found)
        data = self.data
        top = np.flatnonzero(fused.rows < data.n_rows)[:DEPTH]
        if len(top) < 2:
            return fused
        head = Candidates(fused.rows[top], fused.scores[top], fused.source)
        scores = model_scores(self.model, extract_features(data, found, head, self.clicks))
        rows = fused.rows.copy()  # a row that came after `data` was read keeps its place
        rows[top] = head.rows[np.argsort(-scores, kind="stable")]
        return Candidates(rows, fused.scores, self.name)

    def put(self, rows: Rows, items: Sequence[Item]) -> None:
        """Take in items that changed after the build."""
        self.data = self.data.with_rows(rows, items)

    def save(self, folder: Path) -> None:
        """Write lambdamart.json and the files of its data, clicks and fusion."""
        self.data.save(folder)
        self.fusion.save(folder)
        if self.clicks is not None:
            self.clicks.save(folder)
        text = self.model.model_to_string()
        kept = {"features": NAMES, "has_clicks": self.clicks is not None, "sha256": _digest(text), "model": text}
        (folder / FILE).write_bytes(orjson.dumps(kept))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote. Raises ReleaseError when it is missing, damaged, or made by another version."""
        path = folder / FILE
        try:
            kept = orjson.loads(path.read_bytes())
            # LightGBM may crash on a damaged model: it only gets a text that is as it was written.
            if _digest(kept["model"]) != kept["sha256"]:
                raise ValueError("the model does not match its checksum")
            if tuple(kept["features"]) != NAMES:
                raise ValueError("it was trained on other features")
            model = lightgbm.Booster(model_str=kept["model"])
            has_clicks = bool(kept["has_clicks"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError, lightgbm.basic.LightGBMError) as error:
            raise ReleaseError(f"cannot read the ranker {path}: {error}; run aisle build") from error
        clicks = ClickRates.load(folder) if has_clicks else None
        return cls(model, RankingData.load(folder), fusion=LinearFusion.load(folder), clicks=clicks)


def model_scores(model: lightgbm.Booster, table: NDArray[np.float32]) -> Scores:
    """(n,) float32: the model mixed with the fused score, for the candidates of one query, (n, len(NAMES)).

    Both are standardised among the candidates first; the fused score weighs FUSED_SHARE.
    """
    if not len(table):
        return np.empty(0, np.float32)
    learned = _standard(np.asarray(model.predict(table, num_threads=1)))
    fused = _standard(table[:, NAMES.index("fused")])
    return np.asarray((1 - FUSED_SHARE) * learned + FUSED_SHARE * fused, np.float32)


def _standard(scores: NDArray[Any]) -> NDArray[np.float64]:
    # numpy's mean and std take several times as long for so few.
    apart = scores - scores.sum(dtype=np.float64) / len(scores)
    return np.asarray(apart / (np.sqrt((apart * apart).sum() / len(scores)) + 1e-9))


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
