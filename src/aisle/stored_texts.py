"""Many texts with a number each, in arrays on disk: a million take no memory of a process."""

from array import array
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ENDS = ("", "_ends", "_hashes", "_order")
"""What stands behind the name in the names of the four files."""


class StoredTexts(Mapping[str, int]):
    """Number by text; `text_of` is the way back. Texts that are added live as long as the process.

    A text is found by 8 bytes of its BLAKE2b hash among the sorted hashes of all, and then compared itself.
    """

    def __init__(
        self, text: NDArray[np.uint8], ends: NDArray[np.int64], hashes: NDArray[np.uint64], order: NDArray[np.int32]
    ) -> None:
        """`text` holds the texts one after the other, `ends` where each ends; `order` has the numbers by `hashes`."""
        self._text = text.data  # a slice of it costs less than numpy's, and is not copied
        self._ends = ends
        self._hashes = hashes
        self._order = order
        self._more: list[str] = []
        self._more_numbers: dict[str, int] = {}

    @classmethod
    def load(cls, folder: Path, name: str) -> "StoredTexts":
        """Read what `write_texts` wrote. Raises OSError or ValueError when it is missing or damaged."""
        paths = [folder / f"{name}{end}.npy" for end in ENDS]
        text, ends, hashes, order = (np.asarray(np.load(path, mmap_mode="r", allow_pickle=False)) for path in paths)
        if not len(ends) == len(hashes) == len(order) or (len(ends) and ends[-1] != len(text)):
            raise ValueError(f"{paths[0]}: {len(ends)} texts with {len(hashes)} hashes")
        return cls(text, ends, hashes, order)

    def __len__(self) -> int:
        return len(self._ends) + len(self._more)

    def __iter__(self) -> Iterator[str]:
        return map(self.text_of, range(len(self)))

    def __getitem__(self, text: str) -> int:
        if text in self._more_numbers:
            return self._more_numbers[text]
        wanted = np.uint64(_hash(text))
        place = int(np.searchsorted(self._hashes, wanted))
        while place < len(self._hashes) and self._hashes[place] == wanted:
            number = int(self._order[place])
            if self.text_of(number) == text:
                return number
            place += 1
        raise KeyError(text)

    def text_of(self, number: int) -> str:
        """The text of a number. Raises IndexError for one that never was."""
        if number >= len(self._ends):
            return self._more[number - len(self._ends)]
        start = self._ends[number - 1] if number else 0
        return bytes(self._text[start : self._ends[number]]).decode()

    def add(self, text: str) -> int:
        """The number of a text that there was not: the next one."""
        number = self._more_numbers[text] = len(self)
        self._more.append(text)
        return number


def write_texts(texts: Iterable[str], folder: Path, name: str) -> None:
    """Write `texts`, each given once, with the numbers from 0 on, to files of `folder` that begin with `name`."""
    text, ends, hashes = bytearray(), array("q"), array("Q")
    for one in texts:
        text += one.encode()
        ends.append(len(text))
        hashes.append(_hash(one))
    order = np.argsort(np.array(hashes, np.uint64), kind="stable")
    arrays: tuple[NDArray[Any], ...] = (
        np.frombuffer(text, np.uint8),
        np.array(ends, np.int64),
        np.array(hashes, np.uint64)[order],
        order.astype(np.int32),
    )
    for end, values in zip(ENDS, arrays, strict=True):
        # Whoever has loaded it reads its files while it lives: never write into those, put others in their place.
        np.save(folder / "new.npy", values)
        (folder / "new.npy").replace(folder / f"{name}{end}.npy")


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")
