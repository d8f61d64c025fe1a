"""What a department says about one of its leaf categories: the words and numbers that items are made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class Phrase(NamedTuple):
    """The same words in both languages of the shop. Slots such as {brand} are filled when an item is written."""

    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Value:
    """One value of an attribute, and what a description says about items that carry it."""

    en: str
    zh: str
    price_factor: float = 1.0
    says: Phrase | None = None


@dataclass(frozen=True, slots=True)
class Attribute:
    """A property that every item of a leaf has, with its possible values, the most usual first."""

    name: str
    values: tuple[Value, ...]


Wants = Mapping[str, tuple[str, ...]]
"""By attribute name: the English values that will do."""


class Wish(NamedTuple):
    """A need in a shopper's own words, met by the items that carry what it wants."""

    words: Phrase
    wants: Wants


@dataclass(frozen=True, slots=True)
class Leaf:
    """A narrowest category: its path, prices, attributes and the words of its items."""

    slug: str
    path: tuple[Phrase, ...]
    """From the department to the leaf."""
    prices: tuple[float, float]
    """The cheapest and the dearest price, in euro."""
    series: tuple[Phrase, ...]
    """Names that brands give to their product lines."""
    titles: tuple[Phrase, ...]
    """Patterns with the slots {brand}, {series} and attribute names; each names every varying attribute."""
    attributes: tuple[Attribute, ...]
    vary: tuple[str, ...]
    """Attributes in which the variants of one product differ."""
    openers: tuple[Phrase, ...]
    details: tuple[Phrase, ...]
    closers: tuple[Phrase, ...]
    nouns: tuple[Phrase, ...]
    """What shoppers type for the leaf, the most usual first."""
    asked: tuple[str, ...]
    """Attributes that shoppers put before the noun of a query."""
    named_by: str = ""
    """An attribute whose values are nouns themselves: who wants a wok does not type "wok frying pan"."""
    wishes: tuple[Wish, ...] = ()
    only: Mapping[str, Wants] = field(default_factory=dict)
    """By attribute: the choice that an item must have made to carry it (a wired headphone has no battery)."""
    never: tuple[Wants, ...] = ()
    """Choices that do not go together."""
    share: float = 1.0
    """The leaf's part of the catalogue, relative to the others."""
    consumable: bool = False
    """Used up, and so bought again."""
    complements: Mapping[str, float] = field(default_factory=dict)
    """By slug of another leaf: the chance that a purchase here is followed by one there."""

    @property
    def name(self) -> Phrase:
        """The leaf's own name, the last of its path."""
        return self.path[-1]

    def attribute(self, name: str) -> Attribute:
        """The attribute of that name; KeyError when the leaf has none."""
        for attribute in self.attributes:
            if attribute.name == name:
                return attribute
        raise KeyError(name)


def meets(carried: Mapping[str, str], wants: Wants) -> bool:
    """Whether an item that carries these English values has one that will do for every attribute of `wants`.

    >>> meets({"type": "wok", "size": "28 cm"}, {"type": ("wok", "grill pan")})
    True
    """
    return all(carried.get(name) in values for name, values in wants.items())
