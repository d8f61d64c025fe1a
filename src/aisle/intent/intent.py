"""What a query means: constraints, likely categories, and what kind of query it is."""

import json
import zipfile
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from aisle.errors import ReleaseError
from aisle.index.pairs import PATH_SEPARATOR
from aisle.intent.calibration import Floats
from aisle.intent.category import CategoryModel
from aisle.intent.readings import Trust, features, kind_of, may_filter, pairs_filter
from aisle.intent.sizes import Sizes
from aisle.text import normalise
from aisle.text.entities import Found, Phrases, phrase_words
from aisle.text.kinds import Kind, Names, query_kind
from aisle.text.ranges import PRICE, Range, cut_ranges, find_ranges, price_filter
from aisle.types import Constraint, Vectors

N_CATEGORIES = 5
MIN_PROBABILITY = 0.01
MIN_CONFIDENCE = 0.3
"""Readings below it are not mentioned: they are more often wrong than right."""
MIN_PREDICTED = 0.5
"""A category that no word names is a constraint, which boosts, when it is likelier than all others together."""
MIN_COVERAGE = 0.98
"""A size filters when this share of the items of the category says its size, and the category is as likely."""
ROUGH_CONFIDENCE = 0.5
ARRAYS, WORDS = "intent.npz", "intent.json"


@dataclass(frozen=True, slots=True)
class IntentResult:
    """What was read out of a query."""

    constraints: tuple[Constraint, ...]
    """Ranges first, then phrases from left to right, then a category that is predicted but not named."""
    remaining: str
    """The query, in normal form, without the ranges that filter; may be empty. Names of brands and categories
    stay, whether sure or not: their words still help to rank."""
    categories: tuple[tuple[str, float], ...]
    """Narrowest categories ("Electronics > Audio > Headphones") and their probabilities, likeliest first."""
    kind: Kind

    def likely(self, path: str) -> float:
        """The probability that the query asks for something in `path`, which may be a parent; from the likeliest five.

        >>> IntentResult((), "", (("A > B", 0.5), ("A > C", 0.25)), "broad").likely("A")
        0.75
        """
        return sum(share for name, share in self.categories if name == path or name.startswith(path + PATH_SEPARATOR))


@dataclass(frozen=True, slots=True, eq=False)
class Intent:
    """Everything learned that reading a query needs. Immutable; thread-safe."""

    phrases: Phrases
    names: Names
    sizes: Sizes
    category: CategoryModel
    trust: Trust

    def read(self, query: str, vector: Vectors | None = None, without: Collection[str] = ()) -> IntentResult:
        """What `query` asks for. `vector` is (dim,) float32 of `cut_ranges(query)`, or None when there is none.

        `without` are filters of constraints that the shopper has taken back: they are read as plain words.
        """
        query = normalise(query)
        ranges = find_ranges(query)
        bounds = [(one, self._bound(one, query)) for one in ranges]
        asked = cut_ranges(query, [one for one, constraint in bounds if constraint is not None])
        found = self.phrases.find(asked)
        probabilities = self.category.predict(asked, vector)
        likely = self.likely(probabilities)
        bounds = [(one, self._judged(one, constraint, likely)) for one, constraint in bounds]
        named = self._named(found, asked, likely)
        constraints = [constraint for _, constraint in bounds if constraint is not None] + named
        if not any(one.field == "category" for one in named) and (path := predicted_path(likely)):
            label = path.split(PATH_SEPARATOR)[-1]
            text = pairs_filter((("category", path),))
            constraints.append(Constraint("category", text, label, min(likely[path], 1.0), sure=False))
        kept = tuple(one for one in constraints if one.filter not in without)
        filtering = {one.filter for one in kept if one.sure}
        cut = [one for one, constraint in bounds if constraint is not None and constraint.filter in filtering]
        return IntentResult(
            constraints=kept,
            remaining=cut_ranges(query, cut),
            categories=self._best(probabilities),
            kind=query_kind(asked, found, self.names, bounded=len(asked) < len(query)),
        )

    def likely(self, probabilities: Floats | None) -> dict[str, float]:
        """By path, parents included: its probability; paths below 1 % are left out."""
        found: dict[str, float] = {}
        if probabilities is None:
            return found
        for number in np.flatnonzero(probabilities >= MIN_PROBABILITY).tolist():
            if not self.category.paths[number]:
                continue
            names = self.category.paths[number].split(PATH_SEPARATOR)
            for depth in range(1, len(names) + 1):
                path = PATH_SEPARATOR.join(names[:depth])
                found[path] = found.get(path, 0.0) + float(probabilities[number])
        return found

    def _bound(self, one: Range, query: str) -> Constraint | None:
        label = query[one.start : one.end]
        if one.dimension == PRICE:
            confidence = ROUGH_CONFIDENCE if one.rough else 1.0
            return Constraint(PRICE, price_filter(one), label, confidence, sure=not one.rough)
        text, field = self.sizes.filter(one)
        return Constraint(field, text, label, ROUGH_CONFIDENCE, sure=False) if text else None

    def _judged(self, one: Range, constraint: Constraint | None, likely: Mapping[str, float]) -> Constraint | None:
        """A size filters where nearly all items of the category say theirs."""
        if constraint is None or one.dimension == PRICE or one.rough:
            return constraint
        coverage = self.sizes.coverage.get(one.dimension, {})
        covered = sum(share for path, share in likely.items() if coverage.get(path, 0.0) >= MIN_COVERAGE)
        confidence = max(ROUGH_CONFIDENCE, min(covered, 1.0))
        return Constraint(constraint.field, constraint.filter, constraint.label, confidence, covered >= MIN_COVERAGE)

    def _named(self, found: Sequence[Found], query: str, likely: Mapping[str, float]) -> list[Constraint]:
        if not found:
            return []
        confidences = self.trust.confidence(features(found, query, likely)).tolist()
        words = phrase_words(query)
        constraints: dict[str, Constraint] = {}
        for one, confidence in zip(found, confidences, strict=True):
            if confidence >= MIN_CONFIDENCE:
                sure = self.trust.sure(kind_of(one), confidence) and may_filter(one, found, words)
                pairs = one.phrase.meanings
                text, label = pairs_filter(pairs), query[one.start : one.end]
                constraints.setdefault(text, Constraint(pairs[0][0], text, label, confidence, sure))
        return list(constraints.values())

    def _best(self, probabilities: Floats | None) -> tuple[tuple[str, float], ...]:
        if probabilities is None:
            return ()
        order = np.argsort(-probabilities, kind="stable")[: N_CATEGORIES + 1].tolist()
        best = [(self.category.paths[number], float(probabilities[number])) for number in order]
        return tuple((path, share) for path, share in best if path and share >= MIN_PROBABILITY)[:N_CATEGORIES]

    def save(self, folder: Path) -> None:
        """Write intent.json and intent.npz."""
        folder.mkdir(parents=True, exist_ok=True)
        words = {
            "phrases": self.phrases.to_dict(),
            "sizes": self.sizes.to_dict(),
            "trust": self.trust.to_dict(),
            "paths": self.category.paths,
            "words": list(self.category.words),
        }
        (folder / WORDS).write_text(json.dumps(words, ensure_ascii=False), "utf-8")
        arrays = {**self.category.arrays(), "codes": self.names.codes, "names": self.names.names}
        np.savez(folder / ARRAYS, allow_pickle=False, **arrays)

    @classmethod
    def load(cls, folder: Path) -> "Intent":
        """Read what `save` wrote. Raises ReleaseError when a file is missing or damaged."""
        try:
            words = json.loads((folder / WORDS).read_text("utf-8"))
            with (folder / ARRAYS).open("rb") as file, np.load(file, allow_pickle=False) as stored:
                arrays = dict(stored)
            return cls(
                Phrases.from_dict(words["phrases"]),
                Names(arrays["codes"], arrays["names"]),
                Sizes.from_dict(words["sizes"]),
                CategoryModel.from_arrays(words["paths"], words["words"], arrays),
                Trust.from_dict(words["trust"]),
            )
        except (
            OSError,
            ValueError,
            EOFError,
            KeyError,
            TypeError,
            AttributeError,
            zipfile.BadZipFile,
            zlib.error,
        ) as error:
            raise ReleaseError(
                f"cannot read {WORDS} and {ARRAYS} in {folder}: {error}; run aisle build again"
            ) from error


def predicted_path(likely: Mapping[str, float]) -> str:
    """The narrowest category that is likelier than all others together; empty when there is none."""
    chosen = [path for path, share in likely.items() if share >= MIN_PREDICTED]
    return max(chosen, key=lambda path: (path.count(PATH_SEPARATOR), likely[path]), default="")
