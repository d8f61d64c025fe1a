"""A blend whose best candidates are put in order by trees that were trained on what users chose."""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

import lightgbm
import numpy as np
import orjson
from numpy.typing import NDArray

from aisle.errors import ReleaseError
from aisle.ranking.blend import BLOCK, Blend, Kinds, Member, taken
from aisle.ranking.blend_features import ItemFacts, feature_names, features_of
from aisle.ranking.norms import Scale
from aisle.recommenders import History, Interactions, Recommender
from aisle.recommenders.protocol import exclusions
from aisle.recommenders.slate import propose
from aisle.types import Candidates, Rows, Scores, best_first

FILE = "ranked_blend.json"
DEPTH = 100
"""Best candidates of the blend that are put in a new order, besides those of the history."""


class RankedBlend:
    """Boosted trees over the scores of the models, their agreement, and facts of the item and the history.

    Scores are those of the blend, handed out anew, so that whoever cuts or adds need not know who ranked.

    Source: Burges 2010, "From RankNet to LambdaRank to LambdaMART", as the second of two stages (Covington et al.,
    Deep neural networks for YouTube recommendations, RecSys 2016).
    """

    name = "ranked_blend"

    def __init__(self, blend: Blend, trees: lightgbm.Booster, facts: ItemFacts, share: float) -> None:
        """`share` is the weight of the trees against the blend, both standardised among the candidates."""
        self.blend = blend
        self.trees = trees
        self.share = share
        self.facts_ = facts

    def fit(self, interactions: Interactions) -> Self:
        """Fit every model anew and count items again; weights and trees stay."""
        self.blend.fit(interactions)
        self.facts_ = ItemFacts.of(interactions)
        return self

    @property
    def members(self) -> tuple[Member, ...]:
        """Those of the blend."""
        return self.blend.members

    @property
    def missing(self) -> tuple[str, ...]:
        """Nothing: trees need every member."""
        return self.blend.missing

    def score(self, histories: Sequence[History]) -> Scores:
        """(len(histories), n_items) float32: the scores of the blend, the highest handed out anew."""
        return self._ranked(self.blend.opinions(histories), histories)

    def explained(self, history: History, k: int, excluded: Rows) -> tuple[Candidates, tuple[str, ...]]:
        """The `k` best for one history, and for each the name of the model that says most for it."""
        opinions = self.blend.opinions([history])
        (found,) = propose(self._ranked(opinions, [history]), k, self.name, [excluded])
        return found, self.blend.leaders(opinions, found.rows)

    def using(self, *models: Recommender) -> "RankedBlend":
        """The same with `models` in place of the members of their names."""
        return RankedBlend(self.blend.using(*models), self.trees, self.facts_, self.share)

    def _ranked(self, opinions: Sequence[tuple[Scores, Scale]], histories: Sequence[History]) -> Scores:
        scores = self.blend.combine(opinions, len(histories))
        tops = [self._top(scores[place], history) for place, history in enumerate(histories)]
        tables = [
            features_of(
                np.stack([taken(own[place], tops[place].rows) for own, _ in opinions]),
                [scale.of(slice(place, place + 1)) for _, scale in opinions],
                tops[place].scores,
                tops[place].rows,
                history,
                self.facts_,
            )
            for place, history in enumerate(histories)
            if len(tops[place]) > 1
        ]
        told = predicted(self.trees, tables)
        for place, top in enumerate(tops):
            if len(top) > 1:
                order = np.argsort(-mixed(next(told), top.scores, self.share), kind="stable")
                scores[place, top.rows[order]] = top.scores
        return scores

    def _top(self, scores: Scores, history: History) -> Candidates:
        top = best_first(scores, DEPTH + len(history.rows), self.name)
        return top.top(int((top.scores > 0).sum()))

    def recommend(
        self, histories: Sequence[History], k: int, exclude: Sequence[Rows] | None = None
    ) -> list[Candidates]:
        """The `k` best in the order of the trees."""
        excluded = exclusions(histories, k, exclude)
        found: list[Candidates] = []
        for start in range(0, len(histories), BLOCK):
            block = slice(start, start + BLOCK)
            found += propose(self.score(histories[block]), k, self.name, excluded[block])
        return found

    def save(self, folder: Path, elsewhere: Sequence[str] = ()) -> None:
        """Write the blend, the facts of items and ranked_blend.json."""
        self.blend.save(folder, elsewhere)
        self.facts_.save(folder)
        text = self.trees.model_to_string()
        names = [member.model.name for member in self.blend.members]
        kept = {"members": names, "share": self.share, "sha256": sha256(text.encode()).hexdigest(), "trees": text}
        (folder / FILE).write_bytes(orjson.dumps(kept))

    @classmethod
    def load(cls, folder: Path, kinds: Kinds | None = None, given: Sequence[Recommender] = ()) -> Self:
        """Read what `save` wrote. Raises ReleaseError when trees, facts or any member of the blend are unreadable."""
        path = folder / FILE
        blend = Blend.load(folder, kinds, given)
        try:
            kept = orjson.loads(path.read_bytes())
            # LightGBM may crash on a damaged model: it only gets a text that is as it was written.
            if sha256(kept["trees"].encode()).hexdigest() != kept["sha256"]:
                raise ValueError("the trees do not match their checksum")
            if kept["members"] != [member.model.name for member in blend.members]:
                raise ValueError(f"they rank models that could not be read: {', '.join(blend.missing)}")
            trees, share = lightgbm.Booster(model_str=kept["trees"]), float(kept["share"])
            if trees.num_feature() != len(feature_names(kept["members"])):
                raise ValueError("the trees were trained on other features")
        except (OSError, ValueError, KeyError, TypeError, AttributeError, lightgbm.basic.LightGBMError) as error:
            raise ReleaseError(f"cannot read the ranker {path}: {error}; run aisle build") from error
        return cls(blend, trees, ItemFacts.load(folder), share)


def predicted(trees: lightgbm.Booster, tables: Sequence[NDArray[np.float32]]) -> Iterator[NDArray[np.float64]]:
    """What the trees say of each history's candidates, (n, n_features); asked at once, for a call costs as 50 rows."""
    if not tables:
        return iter(())
    told = np.asarray(trees.predict(np.concatenate(tables), num_threads=1), np.float64)
    return iter(np.split(told, np.cumsum([len(table) for table in tables])[:-1]))


def mixed(learned: NDArray[np.float64], blended: Scores, share: float) -> NDArray[np.float64]:
    """(n,) the trees' scores of the candidates of one history mixed with the blend's."""
    return share * _standard(learned) + (1 - share) * _standard(np.log(np.maximum(blended, 1e-9)))


def _standard(scores: NDArray[Any]) -> NDArray[np.float64]:
    return np.asarray((scores - scores.mean(dtype=np.float64)) / (scores.std(dtype=np.float64) + 1e-9))


AnyBlend = Blend | RankedBlend
