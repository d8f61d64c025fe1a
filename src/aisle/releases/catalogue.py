"""The id map, and the items themselves as they are shown."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import overload

import numpy as np
import orjson
from numpy.typing import NDArray

from aisle.errors import ReleaseError
from aisle.records import item_to_dict, restore_item
from aisle.stored_texts import StoredTexts, write_texts
from aisle.types import Item, Rows


class Catalogue:
    """Items by row and rows by item id. Items and ids stay in their files until they are asked for."""

    def __init__(self, item_ids: StoredTexts, records: NDArray[np.uint8], ends: NDArray[np.int64]) -> None:
        self._rows = item_ids
        self._records = records.data  # a slice of it costs less than numpy's, and is not copied
        self._ends = ends
        self._changed: dict[int, Item] = {}

    @classmethod
    def load(cls, folder: Path) -> "Catalogue":
        """Read what `write_catalogue` wrote. Raises ReleaseError when it is missing or damaged."""
        try:
            item_ids = StoredTexts.load(folder, "item_ids")
            ends = np.asarray(np.load(folder / "item_ends.npy", mmap_mode="r"))
            path = folder / "items.jsonl"
            records = np.asarray(np.memmap(path, np.uint8, "r") if path.stat().st_size else np.empty(0, np.uint8))
        except (OSError, ValueError) as error:
            raise ReleaseError(f"the catalogue in {folder} cannot be read: {error}; run aisle build") from error
        return cls(item_ids, records, ends)

    def __len__(self) -> int:
        """Rows there are; a deleted item keeps its row."""
        return len(self._rows)

    @property
    def rows(self) -> Mapping[str, int]:
        """Row by item id, of deleted items too; item ids in the order of their rows."""
        return self._rows

    @property
    def items(self) -> "StoredItems":
        """All items by row, as they are now."""
        return StoredItems(self)

    @property
    def item_ids(self) -> list[str]:
        """All item ids by row, in memory; `item_id` gives a single one."""
        return list(self._rows)

    def row(self, item_id: str) -> int | None:
        """The row of an item, or None when there never was one."""
        return self._rows.get(item_id)

    def item_id(self, row: int) -> str:
        """The id of the item in `row`, without reading the item."""
        return self._rows.text_of(row)

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
                self._changed[len(self._rows)] = item
                row = self._rows.add(item.item_id)
            self._changed[row] = item
            rows.append(row)
        return np.array(rows, np.int64)


class StoredItems(Sequence[Item]):
    """The items of a catalogue by row. Each is read when it is asked for, so that a million take no memory."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def __len__(self) -> int:
        return len(self._catalogue)

    @overload
    def __getitem__(self, row: int) -> Item: ...
    @overload
    def __getitem__(self, row: slice) -> list[Item]: ...
    def __getitem__(self, row: int | slice) -> Item | list[Item]:
        if isinstance(row, slice):
            return [self._catalogue.item(one) for one in range(*row.indices(len(self)))]
        if not 0 <= row < len(self):
            raise IndexError(f"row {row} of {len(self)}")
        return self._catalogue.item(row)

    def __iter__(self) -> Iterator[Item]:
        return map(self._catalogue.item, range(len(self)))


def write_catalogue(items: Iterable[Item], folder: Path) -> None:
    """Write items.jsonl, item_ends.npy and the id map; rows are in the order of `items`, which are read once."""
    folder.mkdir(parents=True, exist_ok=True)
    ends: list[int] = []

    def written() -> Iterator[str]:
        end = 0
        with (folder / "items.jsonl").open("wb") as file:
            for item in items:
                end += file.write(orjson.dumps(item_to_dict(item)) + b"\n")
                ends.append(end)
                yield item.item_id

    write_texts(written(), folder, "item_ids")
    np.save(folder / "item_ends.npy", np.array(ends, np.int64))
