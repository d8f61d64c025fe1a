from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from aisle.cli.plain import plain
from aisle.types import Item, Translation


def test_empty_fields_of_an_item_stay_out_of_the_json() -> None:
    item = Item("a", "Cable", price=0.0, stock=0, translations={"zh": Translation(title="线")})
    assert plain(item) == {
        "item_id": "a", "title": "Cable", "price": 0.0, "stock": 0, "translations": {"zh": {"title": "线"}},
    }  # fmt: skip


def test_values_become_json_types() -> None:
    @dataclass
    class Value:
        at: datetime
        path: Path | None

    assert plain(Value(datetime(2026, 3, 1, tzinfo=UTC), Path("a/b"))) == {"at": "2026-03-01T00:00:00Z", "path": "a/b"}
    assert plain(Value(datetime(2026, 3, 1, tzinfo=UTC), None))["path"] is None
