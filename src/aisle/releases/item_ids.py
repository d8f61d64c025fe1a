"""The id map: item ids by row and rows by item id, in arrays on disk, so that a million take no memory of a process."""

from array import array
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FILES = ("item_ids.npy", "item_id_ends.npy", "item_id_hashes.npy", "item_id_order.npy")


class ItemIds(Mapping[str, int]):
    """Rows by item id; `id_of` is the way back. Ids that are added live as long as the process.

    An id is found by 8 bytes of its BLAKE2b hash among the sorted hashes of all, and then compared itself.
    """

    def __init__(
        self, text: NDArray[np.uint8], ends: NDArray[np.int64], hashes: NDArray[np.uint64], order: NDArray[np.int32]
    ) -> None:
        """`text` holds the ids one after the other, `ends` where each ends; `order` has the rows by `hashes`."""
        self._text = text.data  # a slice of it costs less than numpy's, and is not copied
        self._ends = ends
        self._hashes = hashes
        self._order = order
        self._more: list[str] = []
        self._more_rows: dict[str, int] = {}

    @classmethod
    def load(cls, folder: Path) -> "ItemIds":
        """Read what `write_item_ids` wrote. Raises OSError or ValueError when it is missing or damaged."""
        text, ends, hashes, order = (np.asarray(np.load(folder / name, mmap_mode="r")) for name in FILES)
        if not len(ends) == len(hashes) == len(order) or (len(ends) and ends[-1] != len(text)):
            raise ValueError(f"{len(ends)} item ids with {len(hashes)} hashes")
        return cls(text, ends, hashes, order)

    def __len__(self) -> int:
        return len(self._ends) + len(self._more)

    def __iter__(self) -> Iterator[str]:
        return map(self.id_of, range(len(self)))

    def __getitem__(self, item_id: str) -> int:
        if item_id in self._more_rows:
            return self._more_rows[item_id]
        wanted = np.uint64(_hash(item_id))
        place = int(np.searchsorted(self._hashes, wanted))
        while place < len(self._hashes) and self._hashes[place] == wanted:
            row = int(self._order[place])
            if self.id_of(row) == item_id:
                return row
            place += 1
        raise KeyError(item_id)

    def id_of(self, row: int) -> str:
        """The item id of a row. Raises IndexError for one that never was."""
        if row >= len(self._ends):
            return self._more[row - len(self._ends)]
        start = self._ends[row - 1] if row else 0
        return bytes(self._text[start : self._ends[row]]).decode()

    def add(self, item_id: str) -> int:
        """The row of an item id that there was not: the next one."""
        row = self._more_rows[item_id] = len(self)
        self._more.append(item_id)
        return row


def write_item_ids(item_ids: Iterable[str], folder: Path) -> None:
    """Write the id map of `item_ids`, rows in their order, to `folder`."""
    text, ends, hashes = bytearray(), array("q"), array("Q")
    for item_id in item_ids:
        text += item_id.encode()
        ends.append(len(text))
        hashes.append(_hash(item_id))
    order = np.argsort(np.array(hashes, np.uint64), kind="stable")
    arrays = np.frombuffer(text, np.uint8), np.array(ends, np.int64), np.array(hashes, np.uint64)[order], order
    for name, values in zip(FILES, (*arrays[:3], order.astype(np.int32)), strict=True):
        np.save(folder / name, values)


def _hash(item_id: str) -> int:
    return int.from_bytes(blake2b(item_id.encode(), digest_size=8).digest(), "little")
