"""What the kit of indexes asks, the plain loops that its answers are compared with, and how they are compared."""

from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np

from aisle.index import Filter, Index, parse_filter
from aisle.testing.encoder import FakeEncoder
from aisle.text import item_text
from aisle.types import Candidates, FacetValue, Item, Rows, Vectors

CLOSE = 2e-3
"""Vectors may be kept in half precision: cosines that differ by less count as equal."""
ENCODER = FakeEncoder()

FILTERS: Sequence[tuple[str, Callable[[Item], bool]]] = (
    ("price < 30", lambda item: item.price is not None and item.price < 30),
    ("price <= 30", lambda item: item.price is not None and item.price <= 30),
    ("price > 90", lambda item: item.price is not None and item.price > 90),
    ("price >= 90", lambda item: item.price is not None and item.price >= 90),
    ("price = 8", lambda item: item.price == 8),
    ("price != 8", lambda item: item.price != 8),
    ("rating >= 4.5", lambda item: item.rating is not None and item.rating >= 4.5),
    ("NOT rating >= 4.5", lambda item: not (item.rating is not None and item.rating >= 4.5)),
    ("stock = 0", lambda item: item.stock == 0),
    ("in_stock = true", lambda item: item.in_stock),
    ("in_stock = false", lambda item: not item.in_stock),
    ('brand = "volt"', lambda item: item.brand == "Volt"),
    ("BRAND == VOLT", lambda item: item.brand == "Volt"),
    ('brand = "Clay & Co"', lambda item: item.brand == "Clay & Co"),
    ('brand IN ["Volt", "roma"]', lambda item: item.brand in ("Volt", "Roma")),
    ('brand NOT IN ("Volt", "roma")', lambda item: item.brand not in ("Volt", "Roma")),
    ('brand = "Nobody"', lambda item: False),
    ('category = "Electronics"', lambda item: item.category[:1] == ("Electronics",)),
    ('category = "electronics > AUDIO"', lambda item: item.category[:2] == ("Electronics", "Audio")),
    ('category = "Electronics>Audio"', lambda item: item.category[:2] == ("Electronics", "Audio")),
    ('category = "Audio"', lambda item: False),
    ('category != "Electronics"', lambda item: item.category[:1] != ("Electronics",)),
    ("wireless = true", lambda item: item.attributes.get("wireless") is True),
    ("wireless = false", lambda item: item.attributes.get("wireless") is False),
    ("power_w > 100", lambda item: item.attributes.get("power_w") == 1200),
    ("power_w = 1200", lambda item: item.attributes.get("power_w") == 1200),
    ("attributes.length_m <= 1.0", lambda item: item.attributes.get("length_m") == 1.0),
    ('sizes = "41"', lambda item: item.attributes.get("sizes") == ("41", "42", "43")),
    ("sizes = 43", lambda item: "sizes" in item.attributes),
    ("group_id = 'usb-c-cable'", lambda item: item.group_id == "usb-c-cable"),
    ('currency = "USD"', lambda item: False),
    ('gtin = "4006381333931"', lambda item: False),
    ("price 8 TO 30", lambda item: item.price is not None and 8 <= item.price <= 30),
    ("price: 8.5 TO 29", lambda item: item.price is not None and 8.5 <= item.price <= 29),
    ("power_w 1000 TO 2000", lambda item: item.attributes.get("power_w") == 1200),
    ("brand:Volt", lambda item: item.brand == "Volt"),
    ("EXISTS wireless", lambda item: "wireless" in item.attributes),
    ("NOT EXISTS wireless", lambda item: "wireless" not in item.attributes),
    ("EXISTS rating", lambda item: item.rating is not None),
    ("NOT EXISTS group_id", lambda item: not item.group_id),
    ('color = "black" AND price < 50', lambda item: item.attributes.get("color") == "black" and (item.price or 0) < 50),
    (
        'color = blue OR color = "red" AND price < 50',
        lambda item: (
            item.attributes.get("color") == "blue"
            or (item.attributes.get("color") == "red" and (item.price or 0) < 50)
        ),
    ),
    (
        "(color = blue OR color = red) AND NOT wireless = true",
        lambda item: (
            item.attributes.get("color") in ("blue", "red") and item.attributes.get("wireless") is not True
        ),
    ),
)  # fmt: skip


def put(index: Index, rows: Sequence[int] | range, items: Sequence[Item]) -> None:
    """Add `items` under `rows` with the vectors of FakeEncoder."""
    index.add(np.array(list(rows), np.int64), items, item_vectors(items))


def item_vectors(items: Sequence[Item]) -> Vectors:
    """(len(items), 26) float32: letter counts of each item's text."""
    return ENCODER.encode_items([item_text(item) for item in items])


def vector(text: str) -> Vectors:
    """(26,) float32: letter counts of `text`."""
    return np.asarray(ENCODER.encode_queries([text])[0])


def rows(*numbers: int) -> Rows:
    """(n,) int64."""
    return np.array(numbers, np.int64)


def condition(text: str) -> Filter:
    """The filter that `text` says."""
    parsed = parse_filter(text)
    assert parsed is not None
    return parsed


def brute_force(items: Sequence[Item], passes: Callable[[Item], bool]) -> list[int]:
    """The rows of the items that pass."""
    return [row for row, item in enumerate(items) if passes(item)]


def numbered(row: int) -> Item:
    """The item in `row` of the index of many: its number is its price."""
    return Item(f"n{row}", f"Thing {row}", price=float(row))


def random_vectors(n: int, seed: int) -> Vectors:
    """(n, 32) float32 of length 1, evenly spread."""
    vectors = np.random.default_rng(seed).standard_normal((n, 32)).astype(np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def recall(index: Index, vectors: Vectors, asked: Vectors, within: Filter | None = None) -> float:
    """Share of the ten truly nearest that the index finds; rows whose vector is zero must never be found."""
    shares = []
    for one in asked:
        answer = found(index.dense(one, 10, within))
        assert vectors[sorted(answer)].any(axis=1).all()
        alive = np.flatnonzero(vectors.any(axis=1))
        truth = set(alive[np.argsort(-(vectors[alive] @ one))[:10]].tolist())
        shares.append(len(answer & truth) / len(truth))
    return float(np.mean(shares))


def found(candidates: Candidates) -> set[int]:
    """The rows of the candidates."""
    return set(candidates.rows.tolist())


def counted(values: Sequence[FacetValue]) -> dict[str, int]:
    """Count by value."""
    return {value.value: value.count for value in values}


def same(one: Candidates, other: Candidates) -> None:
    """Fail unless two answers hold the same rows with the same scores."""
    assert one.source == other.source
    assert one.rows.tolist() == other.rows.tolist()
    np.testing.assert_allclose(one.scores, other.scores, rtol=1e-5)


def checksums(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below `folder`."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest() for path in files}
