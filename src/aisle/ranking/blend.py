"""Many recommenders as one: a1 * H + a2 * C + ..., with weights that were measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import orjson

from aisle.checksums import file_sha256
from aisle.errors import InputError, ReleaseError
from aisle.ranking.norms import NORMS, Norm, Scale, normalised, read_scale
from aisle.recommenders import Content, History, Interactions, ItemKnn, Recommender
from aisle.recommenders.protocol import exclusions
from aisle.recommenders.slate import propose
from aisle.types import Candidates, Rows, Scores

FILE = "blend.json"
BLOCK = 64
"""Histories scored at once: each model's answer is a dense matrix."""
Kinds = Mapping[str, type[Recommender]]
"""Which class reads the file of a model, by the model's name."""


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """One model of a blend. Raises InputError for a weight below 0 or an unknown norm."""

    model: Recommender
    weight: float
    norm: Norm = "share"

    def __post_init__(self) -> None:
        if not self.weight >= 0 or self.norm not in NORMS:
            raise InputError(
                f"{self.model.name} has weight {self.weight} and norm {self.norm!r}; expected a weight of at least 0 "
                f"and one of {', '.join(NORMS)}"
            )


class Blend:
    """score(u, i) = sum over members of weight * norm(score of the member), 0 where no member proposes i.

    Norms (`aisle.ranking.norms`) make models comparable that count in different units. An empty history is
    answered by the members that answer one. Members of weight 0 are not kept.

    Source: convex combination of normalised scores as in Bruch et al., An analysis of fusion functions for
    hybrid retrieval, TOIS 2023; the norm "log" gives a product of powers of probabilities (Genest and Zidek 1986).
    """

    name = "blend"

    def __init__(
        self, members: Sequence[Member], *, quality: Mapping[str, float] | None = None, missing: Sequence[str] = ()
    ) -> None:
        """`quality` is what was measured when the weights were fitted, `missing` what `load` could not read, and why.

        Raises InputError when two members have the same name.
        """
        names = [member.model.name for member in members]
        if len(set(names)) < len(names):
            raise InputError(f"members of a blend are called {names}; give each model once")
        self.members = tuple(member for member in members if member.weight > 0)
        self.quality = dict(quality or {})
        self.missing = tuple(missing)

    def fit(self, interactions: Interactions) -> Self:
        """Fit every member anew; weights and norms stay."""
        for member in self.members:
            member.model.fit(interactions)
        return self

    def score(self, histories: Sequence[History]) -> Scores:
        """(len(histories), n_items) float32, n_items of the member that knows most."""
        return self.combine(self.opinions(histories), len(histories))

    def opinions(self, histories: Sequence[History]) -> list[tuple[Scores, Scale]]:
        """For each member its scores, (len(histories), n_items) float32 of at least 0, and what to measure them by."""
        scored = [(member, positive(member.model, histories)) for member in self.members]
        return [(scores, read_scale(scores, histories, ranked=member.norm == "rank")) for member, scores in scored]

    def combine(self, opinions: Sequence[tuple[Scores, Scale]], n: int) -> Scores:
        """(n, n_items) float32: the weighted sum of what the members think of `n` histories."""
        total = np.zeros((n, max((scores.shape[1] for scores, _ in opinions), default=0)), np.float32)
        for member, (scores, scale) in zip(self.members, opinions, strict=True):
            total[:, : scores.shape[1]] += np.float32(member.weight) * normalised(member.norm, scores, scale)
        return total

    def recommend(
        self, histories: Sequence[History], k: int, exclude: Sequence[Rows] | None = None
    ) -> list[Candidates]:
        """The `k` best of all members together."""
        excluded = exclusions(histories, k, exclude)
        found: list[Candidates] = []
        for start in range(0, len(histories), BLOCK):
            block = slice(start, start + BLOCK)
            found += propose(self.score(histories[block]), k, self.name, excluded[block])
        return found

    def explained(self, history: History, k: int, excluded: Rows) -> tuple[Candidates, tuple[str, ...]]:
        """The `k` best for one history, and for each the name of the model that says most for it."""
        opinions = self.opinions([history])
        (found,) = propose(self.combine(opinions, 1), k, self.name, [excluded])
        return found, self.leaders(opinions, found.rows)

    def leaders(self, opinions: Sequence[tuple[Scores, Scale]], rows: Rows) -> tuple[str, ...]:
        """For each of `rows`, the member that adds most to its score, given what members think of one history."""
        shares = [
            member.weight * normalised(member.norm, taken(scores[0], rows)[np.newaxis], scale)[0]
            for member, (scores, scale) in zip(self.members, opinions, strict=True)
        ]
        names = [member.model.name for member in self.members]
        return tuple(names[place] for place in np.argmax(shares, axis=0)) if len(rows) else ()

    def using(self, *models: Recommender) -> "Blend":
        """The same with `models` in place of the members of their names."""
        own = {model.name: model for model in models}
        members = [replace(member, model=own.get(member.model.name, member.model)) for member in self.members]
        return Blend(members, quality=self.quality, missing=self.missing)

    def save(self, folder: Path, elsewhere: Sequence[str] = ()) -> None:
        """Write each member's files and blend.json, which holds their checksums.

        Members named in `elsewhere` are not written: whoever loads the blend gives them.
        """
        folder.mkdir(parents=True, exist_ok=True)
        kept = []
        for member in self.members:
            name, files = member.model.name, {}
            if name not in elsewhere:
                member.model.save(folder)
                files = {path.name: file_sha256(path) for path in sorted(folder.glob(f"{name}.*"))}
            kept.append({"name": name, "weight": member.weight, "norm": member.norm, "files": files})
        (folder / FILE).write_bytes(orjson.dumps({"members": kept, "quality": self.quality}))

    @classmethod
    def load(cls, folder: Path, kinds: Kinds | None = None, given: Sequence[Recommender] = ()) -> Self:
        """Read what `save` wrote; `kinds` are the classes of the members, `given` members that are loaded already.

        A member that is missing, damaged or of an unknown name is left out and told of in `missing`. Raises
        ReleaseError when blend.json itself is missing or damaged.
        """
        members, missing = [], []
        own = {model.name: model for model in given}
        told = _read(folder)
        for one in told["members"]:
            try:
                model = own.get(one["name"]) or _load_member(folder, one, kinds or {})
                members.append(Member(model, one["weight"], one["norm"]))
            except ReleaseError as error:
                missing.append(f"{one['name']}: {error}")
        return cls(members, quality=told["quality"], missing=missing)


def positive(model: Recommender, histories: Sequence[History]) -> Scores:
    """The scores of `model` with 0 where it proposes nothing."""
    return np.fmax(model.score(histories), np.float32(0))


def taken(scores: Scores, rows: Rows) -> Scores:
    """(len(rows),) the scores of `rows`, 0 for those that a model does not know."""
    found = np.zeros(len(rows), np.float32)
    known = rows < len(scores)
    found[known] = scores[rows[known]]
    return found


def usual_blend(item_knn: ItemKnn, content: Content) -> Blend:
    """What answers where no weights could be measured: what others took says more than what is described alike."""
    return Blend([Member(item_knn, 0.7), Member(content, 0.3)])


def _read(folder: Path) -> dict[str, Any]:
    path = folder / FILE
    try:
        told = orjson.loads(path.read_bytes())
        members = [
            {
                "name": str(one["name"]),
                "weight": float(one["weight"]),
                "norm": str(one["norm"]),
                "files": dict(one["files"]),
            }
            for one in told["members"]
        ]
        return {"members": members, "quality": dict(told["quality"])}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ReleaseError(f"cannot read the blend {path}: {error}; run aisle build") from error


def _load_member(folder: Path, told: Mapping[str, Any], kinds: Kinds) -> Recommender:
    if told["name"] not in kinds:
        raise ReleaseError(f"this Aisle has no such model, only {', '.join(kinds) or 'none'}; run aisle build")
    if not told["files"]:
        # its file is checked by whoever gives it, so that a damaged one does not come in by this door
        raise ReleaseError("it is kept outside of the blend and was not given; run aisle build")
    for name, expected in told["files"].items():
        path = folder / name
        if not path.is_file() or file_sha256(path) != expected:
            state = "does not match its checksum" if path.is_file() else "is missing"
            raise ReleaseError(f"{path} {state}; run aisle build")
    return kinds[told["name"]].load(folder)
