"""The texts of a shop, as a language model reads them."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from aisle.errors import InputError
from aisle.sources import read_column
from aisle.sources.feed import Feed
from aisle.sources.files import decoded, lines
from aisle.store import Store
from aisle.types import Rejected


@dataclass(frozen=True, slots=True)
class Passage:
    """A text, or a title and the description that belongs to it."""

    first: str
    second: str = ""

    @property
    def text(self) -> str:
        """Both, as one text."""
        return f"{self.first}\n{self.second}" if self.second else self.first


@dataclass(frozen=True, slots=True)
class Corpus:
    """Passages to learn from, and others to measure on."""

    learned: Sequence[Passage]
    held_out: Sequence[Passage]

    @property
    def fingerprint(self) -> str:
        """The same for the same passages in the same order."""
        digest = hashlib.sha256()
        for passage in (*self.learned, *self.held_out):
            digest.update(f"{passage.first}\0{passage.second}\1".encode())
        return digest.hexdigest()


def shop_passages(store: Store) -> Iterator[Passage]:
    """Title and description of every item, in each of its languages, and every query that was searched for."""
    for item in store.items():
        yield Passage(item.title, item.description)
        for translation in item.translations.values():
            if translation.title:
                yield Passage(translation.title, translation.description)
            elif translation.description:
                yield Passage(translation.description)
    for query in store.events_frame(["search"])["query"].to_list():
        yield Passage(query)


def file_passages(location: str) -> Iterator[Passage]:
    """The texts of a file: one a line, or with FILE:COLUMN those of a column of a CSV, JSON Lines or Parquet file.

    Raises InputError when the file cannot be read, or a line of it.
    """
    file, _, column = location.rpartition(":")
    if not file or Path(location).exists():
        if location.lower().removesuffix(".gz").endswith((".parquet", ".jsonl", ".csv", ".tsv")):
            raise InputError(f"{location} is a table; name the column with the texts: {location}:COLUMN")
        for number, line in lines(Feed(location, _refuse)):
            text, fault = decoded(line)
            if fault:
                raise InputError(f"{location}, line {number}: {fault}")
            yield Passage(text.strip())
    else:
        for text in read_column(file, column, reject=_refuse):
            yield Passage(text)


def split(passages: Iterable[Passage], held_out: float, seed: int = 0) -> Corpus:
    """Each passage once, without empty ones; a share `held_out` of them, chosen by a hash of the text, apart.

    The same text is on the same side whatever stands beside it. Raises InputError when one side is empty.
    """
    learned: list[Passage] = []
    apart: list[Passage] = []
    for passage in dict.fromkeys(passages):
        if passage.first.strip():
            (apart if _drawn(passage, seed) < held_out else learned).append(passage)
    if not learned or not apart:
        n = len(learned) + len(apart)
        raise InputError(
            f"there are only {n} different texts, {len(apart)} of them held out; pre-training needs many: "
            "give the shop items (aisle ingest items FILE), or name files of texts (--texts FILE)"
        )
    return Corpus(learned, apart)


def _drawn(passage: Passage, seed: int) -> float:
    """A number from 0 to 1 that depends on the first text and `seed` alone."""
    digest = hashlib.blake2b(passage.first.encode(), digest_size=8, salt=seed.to_bytes(8, "big")).digest()
    return int.from_bytes(digest, "big") / 2**64


def _refuse(row: Rejected) -> None:
    raise InputError(f"{row.source}, line {row.line}: {row.reason}")
