"""Vectors of texts that were encoded before: an unchanged item is never encoded twice, across builds and releases."""

import hashlib
import logging
import math
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from threading import Lock
from typing import Protocol, TypeVar, runtime_checkable

import numpy as np

from aisle.encoders.protocol import Encoder
from aisle.types import Vectors

FILE_NAME = "vectors.db"
AT_ONCE = 500
"""Keys asked of the database in one statement."""
WAIT_S = 30.0
"""For another process that writes."""
KEPT_AFTER_EVICTION = 0.9
"""Share of the size that is left, so that not every build has to make room."""
LOOKED_AFTER = 0.02
"""Share of the size that is written before its growth is looked at again, which takes a walk through all of it."""
_TABLE = "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL, used REAL NOT NULL)"
_log = logging.getLogger(__name__)
T = TypeVar("T")
Encode = Callable[[Sequence[str], Callable[[int], None] | None], Vectors]
"""Turns texts into (n, dim) float32, and tells of the size of each batch."""


@runtime_checkable
class Fingerprinted(Protocol):
    """An encoder that says which model it is: only vectors of the same model are the same."""

    @property
    def fingerprint(self) -> str:
        """Differs whenever a text would get another vector."""
        ...


class VectorCache:
    """Vectors by key in the SQLite file `folder`/vectors.db; of more than `max_bytes` the longest unused are left out.

    Safe for many threads and processes at once. A file that is damaged is made anew with a warning, a vector that is
    damaged is forgotten; a cache that cannot be read or written (a full disk, a folder without permission) is
    done without, with a warning.
    """

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self.path = folder / FILE_NAME
        self.max_bytes = max_bytes
        self._unseen = math.inf  # bytes written since its size was looked at

    def get(self, keys: Sequence[bytes], dim: int) -> dict[bytes, Vectors]:
        """The vectors, (dim,) float32, of those of `keys` that are known."""
        found: dict[bytes, Vectors] = {}
        self._ask(lambda database: _read(database, keys, dim, found), None)
        return found

    def put(self, vectors: dict[bytes, Vectors]) -> None:
        """Keep `vectors`, (dim,) float32 each, by their keys."""
        self._unseen += sum(vector.nbytes for vector in vectors.values())
        due = self._unseen >= LOOKED_AFTER * self.max_bytes
        self._unseen = 0 if due else self._unseen
        self._ask(lambda database: _write(database, vectors, self.max_bytes if due else None), None)

    def n_bytes(self) -> int:
        """Of the vectors that are kept."""
        return self._ask(lambda database: int(_sizes(database)[0]), 0)

    def _ask(self, act: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        """What `act` finds in the open database; `otherwise` where that goes wrong, which is no error."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self.path, timeout=WAIT_S)) as database:
                database.execute("PRAGMA journal_mode=WAL")
                database.execute("PRAGMA synchronous=NORMAL")
                database.execute(_TABLE)
                return act(database)
        except (OSError, sqlite3.OperationalError) as error:
            _log.warning("the cache %s is done without: %s", self.path, error)
        except sqlite3.DatabaseError as error:
            _log.warning("the cache %s is damaged and is made anew: %s", self.path, error)
            for end in ("", "-wal", "-shm"):
                with suppress(OSError):
                    self.path.with_name(self.path.name + end).unlink(missing_ok=True)
        return otherwise


class CachedEncoder:
    """Answers as `encoder` does; items that `cache` knows are not encoded again. Thread-safe.

    Vectors are found by SHA-256 of the model's fingerprint and the text (Merkle 1987 named things by their
    content; Nix and Git do), so a changed model, prefix or text never gets an old vector. Queries are not kept.
    """

    def __init__(self, encoder: Encoder, cache: VectorCache, encode: Encode | None = None) -> None:
        """`encode` encodes the items that are not known, where it is not `encoder.encode_items` itself."""
        self._encoder = encoder
        self._encode = encode or encoder.encode_items
        self._cache = cache
        self._lock = Lock()
        self._model = encoder.fingerprint if isinstance(encoder, Fingerprinted) else None
        self.n_hits = 0
        self.n_misses = 0

    @property
    def name(self) -> str:
        """What the encoder is called in a release's manifest."""
        return self._encoder.name

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self._encoder.dim

    @property
    def hit_rate(self) -> float:
        """Share of the item texts so far that were not encoded, 0 to 1; 0 before the first."""
        return self.n_hits / max(1, self.n_hits + self.n_misses)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of what shoppers typed, (n, dim) float32, L2-normalised."""
        return self._encoder.encode_queries(texts)

    def encode_items(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        """Vectors of item texts, (n, dim) float32, L2-normalised; `progress` hears of what is known, then of batches.

        A text that stands twice is encoded once.
        """
        if self._model is None or not self._cache.max_bytes or not texts:
            self._count(0, len(texts))
            return self._encode(texts, progress)
        keys = [content_key(self._model, text) for text in texts]
        vectors = self._cache.get(list(dict.fromkeys(keys)), self.dim)
        fresh = dict((key, text) for key, text in zip(keys, texts, strict=True) if key not in vectors)
        self._count(len(texts) - len(fresh), len(fresh))
        if progress and len(fresh) < len(texts):
            progress(len(texts) - len(fresh))
        if fresh:
            encoded = dict(zip(fresh, self._encode(list(fresh.values()), progress), strict=True))
            self._cache.put(encoded)
            vectors |= encoded
        return np.stack([vectors[key] for key in keys]).astype(np.float32)

    def save(self, folder: Path) -> None:
        """Write what the encoder needs; the cache stays where it is."""
        self._encoder.save(folder)

    def _count(self, n_hits: int, n_misses: int) -> None:
        with self._lock:
            self.n_hits += n_hits
            self.n_misses += n_misses


def content_key(fingerprint: str, text: str) -> bytes:
    """The key of the vector that the model with `fingerprint` gives the item `text`: 32 bytes of SHA-256."""
    return hashlib.sha256(f"{fingerprint}\0{text}".encode("utf-8", "surrogatepass")).digest()


def _read(database: sqlite3.Connection, keys: Sequence[bytes], dim: int, found: dict[bytes, Vectors]) -> None:
    for start in range(0, len(keys), AT_ONCE):
        asked = keys[start : start + AT_ONCE]
        rows = database.execute(f"SELECT key, vector FROM vectors WHERE key IN ({_marks(asked)})", asked).fetchall()
        known = [(key, vector) for key, blob in rows if (vector := _unpacked(key, blob, dim)) is not None]
        found.update(known)
        used = [key for key, _ in known]
        database.execute(f"UPDATE vectors SET used = ? WHERE key IN ({_marks(used)})", [time.time(), *used])
        database.commit()


def _write(database: sqlite3.Connection, vectors: dict[bytes, Vectors], max_bytes: int | None) -> None:
    """Keep `vectors`, and where `max_bytes` are given no more than those of all."""
    now = time.time()
    rows = [(key, _packed(key, vector), now) for key, vector in vectors.items()]
    database.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)
    total, n = (0, 0) if max_bytes is None else _sizes(database)
    if max_bytes is not None and total > max_bytes:
        n_left = int(n * max_bytes * KEPT_AFTER_EVICTION / total)
        oldest = "SELECT key FROM vectors ORDER BY used LIMIT ?"
        database.execute(f"DELETE FROM vectors WHERE key IN ({oldest})", [n - n_left])
    database.commit()


def _sizes(database: sqlite3.Connection) -> tuple[int, int]:
    """Bytes of all vectors, and how many there are."""
    total, n = database.execute("SELECT COALESCE(SUM(LENGTH(vector)), 0), COUNT(*) FROM vectors").fetchone()
    return int(total), int(n)


def _marks(keys: Sequence[bytes]) -> str:
    return ",".join("?" * len(keys))


def _packed(key: bytes, vector: Vectors) -> bytes:
    plain = np.ascontiguousarray(vector, np.float32).tobytes()
    return plain + _check(key, plain)


def _unpacked(key: bytes, blob: bytes, dim: int) -> Vectors | None:
    plain, check = blob[:-8], blob[-8:]
    whole = len(plain) == 4 * dim and check == _check(key, plain)
    return np.frombuffer(plain, np.float32) if whole else None


def _check(key: bytes, plain: bytes) -> bytes:
    return hashlib.sha256(key + plain).digest()[:8]
