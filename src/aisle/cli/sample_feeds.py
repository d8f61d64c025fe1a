"""The sample shop as feeds: what any shop could hand over."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson

from aisle.cli.plain import plain
from aisle.cli.progress import Report
from aisle.records import event_to_dict, item_to_dict
from aisle.sample_shop import generate
from aisle.types import Item


def write_feeds(folder: Path, n_items: int, n_users: int, seed: int, progress: Report) -> Path:
    """Generate a shop and write its items, events and judgments into `folder` as JSONL; returns `folder`."""
    folder.mkdir(parents=True)
    progress("inventing a shop", 0, 1)
    sample = generate(seed=seed, n_items=n_items, n_users=n_users)
    progress("inventing a shop", 1, 1)
    write_lines(folder / "items.jsonl", map(item_row, sample.items))
    write_lines(folder / "events.jsonl", map(event_to_dict, sample.events))
    write_lines(folder / "judgments.jsonl", map(plain, sample.judgments))
    return folder


def item_row(item: Item) -> dict[str, Any]:
    """The item as a feed has it: translations are columns of their own, such as title_zh."""
    row = item_to_dict(item)
    for language, fields in row.pop("translations", {}).items():
        row |= {f"{name}_{language}": value for name, value in fields.items()}
    return row


def write_lines(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write `rows` as JSON, one a line."""
    with path.open("wb") as file:
        file.writelines(orjson.dumps(row) + b"\n" for row in rows)
