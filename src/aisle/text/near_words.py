"""Which words are near to one that nobody knows? Found without looking at all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from aisle.errors import ReleaseError
from aisle.text.sounds import sound_key

PREFIX = 7
"""Letters in which slips are looked for; behind them words are compared as they are."""
MAX_SLIPS = 2
_BASE = np.uint32(0x9E3779B1)
_DELETIONS = [list(deleted) for n in range(MAX_SLIPS + 1) for deleted in combinations(range(PREFIX), n)]
"""Positions of letters that may be missing: none, each one, each two."""


@dataclass(frozen=True, slots=True)
class NearWords:
    """Words by what is left when letters are deleted, and by their sound (symmetric deletes, Garbe 2012).

    Hashes instead of texts: a hundred thousand words take 25 MB, and none of it on the heap when loaded.
    """

    hashes: NDArray[np.uint32]
    """(n,) ascending: of every shortened form and sound."""
    places: NDArray[np.int32]
    """(n,) which word it belongs to."""

    @classmethod
    def of(cls, words: Sequence[str], places: Sequence[int]) -> "NearWords":
        """The `words`, each under its number in `places`."""
        letters = _letters(words)
        owners = np.array(places, np.int32)
        sounds = np.array([_sound_hash(word) for word in words], np.uint32)
        hashes, owned = [sounds], [owners]
        for deleted in _DELETIONS:
            there = (letters[:, deleted] != 0).all(axis=1)
            kept = np.delete(letters[there], deleted, axis=1)
            hashes.append(_hashes(kept))
            owned.append(owners[there])
        every = np.concatenate(hashes)
        order = np.argsort(every, kind="stable")
        return cls(every[order], np.concatenate(owned)[order])

    def find(self, word: str, slips: int) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        """The places of words that may be within `slips` (1 or 2) of `word`, or sound like it, and which of them do."""
        size = min(len(word), PREFIX)
        forms = np.append(_letters([word])[0], np.uint32(0))[_KEPT[size][: 1 + size if slips == 1 else None]]
        wanted = np.append(_hashes(forms), np.uint32(_sound_hash(word)))
        starts = self.hashes.searchsorted(wanted, "left").tolist()
        ends = self.hashes.searchsorted(wanted, "right").tolist()
        same_sound = self.places[starts[-1] : ends[-1]]
        parts = [self.places[start:end] for start, end in zip(starts, ends, strict=True) if start < end]
        if not parts:
            return np.empty(0, np.int32), np.empty(0, np.bool_)
        places = np.unique(np.concatenate(parts))
        sounding = np.zeros(len(places), np.bool_)
        sounding[places.searchsorted(same_sound)] = True
        return places, sounding

    def save(self, folder: Path) -> None:
        """Write near_hashes.npy and near_places.npy."""
        np.save(folder / "near_hashes.npy", self.hashes)
        np.save(folder / "near_places.npy", self.places)

    @classmethod
    def load(cls, folder: Path, n_words: int) -> "NearWords":
        """Read what `save` wrote. Raises ReleaseError when it is missing or damaged."""
        try:
            hashes = np.load(folder / "near_hashes.npy", mmap_mode="r", allow_pickle=False)
            places = np.load(folder / "near_places.npy", mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise ReleaseError(f"the words in {folder} cannot be read: {error}; run aisle build") from error
        if hashes.shape != places.shape or (len(places) and int(places.max()) >= n_words):
            raise ReleaseError(f"the words in {folder} do not belong together; run aisle build")
        return cls(hashes, places)


def _letters(words: Sequence[str]) -> NDArray[np.uint32]:
    """(n, PREFIX) the first letters of each word as numbers, 0 behind its end."""
    return np.array([word[:PREFIX] for word in words], f"U{PREFIX}").view(np.uint32).reshape(-1, PREFIX)


def _hashes(letters: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """(n,) one number for each row of letters, zeros passed over."""
    hashes = np.zeros(len(letters), np.uint32)
    for column in letters.T:
        hashes = np.where(column == 0, hashes, hashes * _BASE + column)
    return hashes * _BASE


def _sound_hash(word: str) -> int:
    return crc32(sound_key(word).encode()) | 1


def _kept(size: int) -> NDArray[np.int64]:
    """(forms, PREFIX) which letters of a word with `size` of them each shortened form keeps, padded with PREFIX."""
    deletions = [deleted for deleted in _DELETIONS if all(at < size for at in deleted)]
    rows = [[at for at in range(size) if at not in deleted] for deleted in deletions]
    return np.array([row + [PREFIX] * (PREFIX - len(row)) for row in rows], np.int64)


_KEPT = [_kept(size) for size in range(PREFIX + 1)]
