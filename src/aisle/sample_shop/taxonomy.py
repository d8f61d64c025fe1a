"""The categories of the sample shop, read from the files of its departments."""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from aisle.sample_shop.leaf import Attribute, Leaf, Phrase, Value, Wants, Wish
from aisle.sample_shop.palette import colors

_DEPARTMENTS = ("electronics", "home", "kitchen", "sports", "fashion", "beauty", "toys", "stationery")


@cache
def read_leaves() -> tuple[Leaf, ...]:
    """The 32 leaf categories, department by department."""
    series = {mood: _phrases(names) for mood, names in _table("series").items()}
    return tuple(
        _leaf(slug, table, series) for department in _DEPARTMENTS for slug, table in _table(department).items()
    )


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads((files("aisle.sample_shop.departments") / f"{name}.toml").read_text("utf-8"))


def _leaf(slug: str, table: Mapping[str, Any], series: Mapping[str, tuple[Phrase, ...]]) -> Leaf:
    attributes = tuple(
        Attribute(name, tuple(_value(row) for row in rows)) for name, rows in table["attributes"].items()
    )
    low, high = table["prices"]
    return Leaf(
        slug=slug,
        path=_phrases(table["path"]),
        prices=(low, high),
        series=series[table["series"]],
        titles=_phrases(table["titles"]),
        attributes=(*attributes, colors(*table["colors"])) if "colors" in table else attributes,
        vary=tuple(table["vary"]),
        openers=_phrases(table["openers"]),
        details=_phrases(table["details"]),
        closers=_phrases(table["closers"]),
        nouns=_phrases(table["nouns"]),
        asked=tuple(table["asked"]),
        named_by=table.get("named_by", ""),
        wishes=tuple(_wish(row) for row in table.get("wishes", ())),
        only={name: _wants(choice) for name, choice in table.get("only", {}).items()},
        never=tuple(_wants(*pair.split(" + ")) for pair in table.get("never", ())),
        share=table.get("share", 1.0),
        consumable=table.get("consumable", False),
        complements=table.get("complements", {}),
    )


def _phrases(rows: Sequence[str]) -> tuple[Phrase, ...]:
    """A name without a bar is the same in both languages."""
    return tuple(Phrase(*row.split(" | ")) if " | " in row else Phrase(row, row) for row in rows)


def _value(row: str) -> Value:
    en, zh, *rest = row.split(" | ")
    return Value(en, zh, float(rest[0]) if rest else 1.0, Phrase(*rest[1:]) if len(rest) > 1 else None)


def _wish(row: str) -> Wish:
    en, zh, choice = row.split(" | ")
    return Wish(Phrase(en, zh), _wants(choice))


def _wants(*choices: str) -> Wants:
    """The wants behind texts such as "type=wok/grill pan"."""
    return {name: tuple(values.split("/")) for name, _, values in (choice.partition("=") for choice in choices)}
