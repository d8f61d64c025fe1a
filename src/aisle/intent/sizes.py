"""Which fields of the catalogue hold measures, so that "at least 2 m" can be said as a filter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aisle.index.filters import quote, spell
from aisle.index.pairs import Pair
from aisle.text.measures import named_unit, read_measure
from aisle.text.ranges import Range
from aisle.text.unit_table import Dimension

MAX_SIZES = 100
"""Values in one filter; the sizes of a catalogue that names more are not searched by text values."""
_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Sizes:
    """Measures by dimension ("length", "weight", ...)."""

    texts: Mapping[Dimension, tuple[tuple[str, str, float], ...]]
    """(field, value as it is written, base units): ("length", "2 m", 2.0)."""
    numbers: Mapping[Dimension, tuple[tuple[str, float], ...]]
    """(field whose values are plain numbers, base units that 1 stands for): ("length_cm", 0.01)."""
    coverage: Mapping[Dimension, Mapping[str, float]]
    """By category path: the share of its items that say how long (heavy, ...) they are."""

    def filter(self, one: Range) -> tuple[str, str]:
        """The bounds of `one` in the filter language and the field that most of it is about; empty when no item has it.

        A text value is listed where it lies within; a field of numbers is compared.
        """
        low = one.low * (1 - _TOLERANCE) if one.low is not None else float("-inf")
        high = one.high * (1 + _TOLERANCE) if one.high is not None else float("inf")
        inside: dict[str, list[str]] = {}
        for field, text, value in self.texts.get(one.dimension, ()):
            if low <= value <= high:
                inside.setdefault(field, []).append(text)
        parts = [f"{spell(field)} IN [{', '.join(map(quote, values))}]" for field, values in inside.items()]
        for field, factor in self.numbers.get(one.dimension, ()):
            bounds = [(sign, bound) for sign, bound in ((">=", one.low), ("<=", one.high)) if bound is not None]
            compared = " AND ".join(f"{spell(field)} {sign} {bound / factor:.9g}" for sign, bound in bounds)
            parts.append(compared if len(bounds) == 1 else f"({compared})")
        fields = [*inside, *(field for field, _ in self.numbers.get(one.dimension, ()))]
        if not parts:
            return "", ""
        return (parts[0] if len(parts) == 1 else f"({' OR '.join(parts)})"), fields[0]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {"texts": dict(self.texts), "numbers": dict(self.numbers), "coverage": dict(self.coverage)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Sizes":
        """What `to_dict` gave. Raises ValueError, KeyError or TypeError when it is something else."""
        return cls(
            {name: tuple((str(f), str(t), float(v)) for f, t, v in of) for name, of in data["texts"].items()},
            {name: tuple((str(f), float(factor)) for f, factor in of) for name, of in data["numbers"].items()},
            {name: {str(path): float(share) for path, share in of.items()} for name, of in data["coverage"].items()},
        )


def learn_sizes(carried: Sequence[Mapping[Pair, object]]) -> Sizes:
    """The measures of a catalogue: by item, the pairs that it carries."""
    texts: dict[Dimension, dict[tuple[str, str, float], int]] = {}
    numbers: dict[Dimension, dict[tuple[str, float], int]] = {}
    measured: dict[Dimension, dict[str, int]] = {}
    totals: dict[str, int] = {}
    for pairs in carried:
        path = max((value for field, value in pairs if field == "category"), key=len, default="")
        totals[path] = totals.get(path, 0) + 1
        found: set[Dimension] = set()
        for field, value in pairs:
            if (unit := named_unit(field)) and _is_number(value):
                counts = numbers.setdefault(unit[0], {})
                counts[field, unit[1]] = counts.get((field, unit[1]), 0) + 1
                found.add(unit[0])
            elif field not in ("category", "brand") and value[:1].isdigit() and (size := read_measure(value)):
                sizes = texts.setdefault(size.dimension, {})
                sizes[field, value, size.value] = sizes.get((field, value, size.value), 0) + 1
                found.add(size.dimension)
        for dimension in found:
            of = measured.setdefault(dimension, {})
            of[path] = of.get(path, 0) + 1
    return Sizes(
        {
            name: tuple(sorted(of, key=lambda size: (-of[size], size)))
            for name, of in texts.items()
            if len(of) <= MAX_SIZES
        },
        {name: tuple(sorted(of, key=lambda field: (-of[field], field))) for name, of in numbers.items()},
        {name: {path: round(n / totals[path], 4) for path, n in of.items()} for name, of in measured.items()},
    )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
