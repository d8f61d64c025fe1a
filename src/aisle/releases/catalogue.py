"""The id map, and the items themselves as they are shown."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import orjson
from numpy.typing import NDArray

from aisle.errors import ReleaseError
from aisle.records import item_to_dict, restore_item
from aisle.types import Item, Rows


class Catalogue:
    """Items by row and rows by item id. Items of the file are read when they are asked for."""

    def __init__(self, item_ids: Sequence[str], records: NDArray[np.uint8], ends: NDArray[np.int64]) -> None:
        self.item_ids = list(item_ids)
        """By row; a deleted item keeps its row."""
        self._rows = {item_id: row for row, item_id in enumerate(item_ids)}
        self._records = records.data  # a slice of it costs less than numpy's, and is not copied
        self._ends = ends
        self._changed: dict[int, Item] = {}

    @classmethod
    def load(cls, folder: Path) -> "Catalogue":
        """Read what `write_catalogue` wrote. Raises ReleaseError when it is missing or damaged."""
        try:
            item_ids = orjson.loads((folder / "item_ids.json").read_bytes())
            ends = np.load(folder / "item_ends.npy")
            path = folder / "items.jsonl"
            records = np.asarray(np.memmap(path, np.uint8, "r") if path.stat().st_size else np.empty(0, np.uint8))
        except (OSError, ValueError) as error:
            raise ReleaseError(f"the catalogue in {folder} cannot be read: {error}; run aisle build") from error
        return cls(item_ids, records, ends)

    @property
    def rows(self) -> Mapping[str, int]:
        """Row by item id, of deleted items too."""
        return self._rows

    def row(self, item_id: str) -> int | None:
        """The row of an item, or None when there never was one."""
        return self._rows.get(item_id)

    def item(self, row: int) -> Item:
        """The item in `row`, as it is now."""
        changed = self._changed.get(row)
        if changed is not None:
            return changed
        start = self._ends[row - 1] if row else 0
        return restore_item(orjson.loads(self._records[start : self._ends[row]]))

    def put(self, items: Iterable[Item]) -> Rows:
        """Take in changed and new items for as long as the process lives; (n_items,) int64, their rows."""
        rows = []
        for item in items:
            row = self._rows.get(item.item_id)
            if row is None:
                row = len(self.item_ids)
                self.item_ids.append(item.item_id)
                self._changed[row] = item
                self._rows[item.item_id] = row
            self._changed[row] = item
            rows.append(row)
        return np.array(rows, np.int64)


def write_catalogue(items: Iterable[Item], folder: Path) -> list[str]:
    """Write items.jsonl, item_ends.npy and item_ids.json; return the item ids in the order of their rows."""
    folder.mkdir(parents=True, exist_ok=True)
    item_ids, ends, end = [], [], 0
    with (folder / "items.jsonl").open("wb") as file:
        for item in items:
            end += file.write(orjson.dumps(item_to_dict(item)) + b"\n")
            item_ids.append(item.item_id)
            ends.append(end)
    np.save(folder / "item_ends.npy", np.array(ends, np.int64))
    (folder / "item_ids.json").write_bytes(orjson.dumps(item_ids))
    return item_ids
