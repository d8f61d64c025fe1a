"""How likely a recognised phrase means what it says: features, confidence, and when it may filter."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from aisle.index.filters import quote, spell
from aisle.intent.calibration import NEVER, Floats, sigmoid
from aisle.text.entities import Found, Pair, Word

ReadingKind = Literal["brand", "category", "attribute"]
"""What a phrase names: a brand, a category, or a value of another field."""
READING_KINDS: tuple[ReadingKind, ...] = get_args(ReadingKind)
PRIOR = (0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0)
"""Weights of the features before anything was observed: the confidence is the share of titles."""
MIN_SURE = 0.9
"""No reading filters below it, whatever was observed: few doubtful readings are no proof."""
JOINTS = frozenset(
    ("a", "and", "by", "for", "from", "in", "is", "no", "of", "off", "on", "or", "s", "that", "the", "to")
)
JOINTS |= {"which", "with", "without", *"的给用适带和与"}
"""Words after a category that do not make it a part of a compound."""
_EDGE = 0.01


@dataclass(frozen=True, slots=True)
class Trust:
    """What judgments and clicks have taught about readings."""

    weights: tuple[float, ...] = PRIOR
    """By feature; see `features`."""
    thresholds: Mapping[str, float] | None = None
    """By kind of reading: the confidence from which on it filters. None: never."""

    def confidence(self, rows: Floats) -> Floats:
        """(n,) of (n, 7) features."""
        return sigmoid(rows @ np.array(self.weights))

    def sure(self, kind: ReadingKind, confidence: float) -> bool:
        """Whether a reading of that kind may filter."""
        return confidence >= max(MIN_SURE, (self.thresholds or {}).get(kind, NEVER))

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {"weights": list(self.weights), "thresholds": dict(self.thresholds or {})}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Trust":
        """What `to_dict` gave. Raises ValueError, KeyError or TypeError when it is something else."""
        if len(data["weights"]) != len(PRIOR):
            raise ValueError(f"{len(data['weights'])} weights of features, expected {len(PRIOR)}")
        return cls(tuple(map(float, data["weights"])), {str(k): float(v) for k, v in data["thresholds"].items()})


def kind_of(found: Found) -> ReadingKind:
    """The kind of what a phrase most likely means."""
    field = found.phrase.meanings[0][0]
    return field if field in ("brand", "category") else "attribute"  # type: ignore[return-value]  # the two are kinds


def may_filter(one: Found, found: Sequence[Found], words: Sequence[Word]) -> bool:
    """Whether the phrase `one` is what the query is about, and the only one about its field.

    "Black and white" cannot both be met. A category right before a word that is none of the phrases only
    describes that word: the head of a compound comes last, in English as in Chinese ("camera strap", "笔记本快充线").
    """
    field = one.phrase.meanings[0][0]
    if sum(other.phrase.meanings[0][0] == field for other in found) > 1:
        return False
    if field != "category":
        return True
    after = next((word for word in words if word.start >= one.end), None)
    return after is None or after.term in JOINTS or any(other.start <= after.start < other.end for other in found)


def features(found: Sequence[Found], query: str, likely: Mapping[str, float]) -> Floats:
    """(n, 7): of each phrase 1, the logit of its share of titles, how many titles, brand or not, category or not,
    whether it is the whole query, and the logit of the probability of its category.

    `likely` holds the predicted probability of paths, parents included; with none at all the last is 0.
    """
    rows = np.zeros((len(found), len(PRIOR)))
    for row, one in zip(rows, found, strict=True):
        kind = kind_of(one)
        row[:6] = (
            1.0,
            _logit(one.phrase.share),
            math.log1p(one.phrase.n_titles) / 5,
            kind == "brand",
            kind == "category",
            one.end - one.start == len(query),
        )
        if kind == "category" and likely:
            row[6] = _logit(sum(likely.get(value, 0.0) for field, value in one.phrase.meanings if field == "category"))
    return rows


def pairs_filter(pairs: Sequence[Pair]) -> str:
    """Any of `pairs` in the filter language.

    >>> pairs_filter([("brand", "HP"), ("fits brand", "HP")])
    '(brand = "HP" OR "fits brand" = "HP")'
    """
    parts = [f"{spell(field)} = {quote(value)}" for field, value in pairs]
    return parts[0] if len(parts) == 1 else f"({' OR '.join(parts)})"


def _logit(share: float) -> float:
    inside = min(max(share, _EDGE), 1 - _EDGE)
    return math.log(inside / (1 - inside))
