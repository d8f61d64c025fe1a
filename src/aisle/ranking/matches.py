"""Where the words of a query stand in the items that were found."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from aisle.index.lexical import FIELDS
from aisle.ranking.data import ALL_FIELDS, NOWHERE, NUMBERS, Numbers, RankingData
from aisle.text.bm25 import K1, B
from aisle.types import Rows

TITLE = FIELDS.index("title")
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Matches:
    """The words of a query in each item. A field and its translations count as one: the better of the two."""

    fields: tuple[str, ...]
    """Those of FIELDS that some item has words in."""
    lengths: Floats
    """(n, all fields) words of each of ALL_FIELDS."""
    counts: Floats
    """(n_fields, n_words, n) how often each word stands in each of `fields`."""
    bm25: Floats
    """(n_fields, n) BM25 of each field with the statistics of that field (k1 = 1.2, b = 0.75)."""
    idf: Floats
    """(n_words,) of each word, by the items that have it in any field."""

    def of(self, field: str) -> Floats:
        """(n_words, n) how often each word stands in `field`."""
        if field not in self.fields:
            return np.zeros(self.counts.shape[1:], np.float32)
        return np.asarray(self.counts[self.fields.index(field)])


@dataclass(frozen=True, slots=True, eq=False)
class TitleMatches:
    """How the words of a query stand in each title or its translation."""

    pairs: Floats
    """(n,) share of the query's neighbours that are neighbours in the title in the same order; of one word: whether
    it is there."""
    starts: Floats
    """(n,) 1 where the title starts with the whole query."""
    exact: Floats
    """(n,) 1 where the title is the query."""
    first: Floats
    """(n,) place of the first word of the query in the title, from 0; NOWHERE for none."""
    last: Floats
    """(n,) words of the title behind the last word of the query, the head of an English noun; NOWHERE for none."""
    purpose: Floats
    """(n,) 1 where the words of the query stand only behind a word of PURPOSE: a case for it, not the thing."""


def match_words(data: RankingData, words: Numbers, rows: Rows) -> Matches:
    """Counts and BM25 of `words`, (n_words,) without repeats, in the items of `rows`, (n,).

    Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework: BM25 and Beyond".
    """
    filled = data.filled
    counts = _counts(data, words, rows)
    n_items = max(1, data.n_rows)
    df = _frequencies(data, words)
    frequent = np.concatenate([df[filled], df.max(axis=0)[None]])
    *idf, anywhere = np.log1p((n_items - frequent + 0.5) / (frequent + 0.5)).astype(np.float32)
    lengths = data.lengths[rows]
    norms = K1 * (1 - B + B * lengths.T[filled] / np.maximum(data.average_lengths[filled, None], 1e-6))
    by_field: dict[int, tuple[Floats, Floats]] = {}
    for field, counted, weights, norm in zip(filled.tolist(), counts, idf, norms, strict=True):
        saturated = counted * (K1 + 1) / np.maximum(counted + norm, 1e-6)
        bm25 = (saturated * weights[:, None]).sum(axis=0)
        place = field % len(FIELDS)  # its translation has the same
        if place in by_field:
            before = by_field[place]
            counted, bm25 = np.maximum(before[0], counted), np.maximum(before[1], bm25)
        by_field[place] = counted, bm25
    shape = len(by_field), len(words), len(rows)
    return Matches(
        fields=tuple(FIELDS[place] for place in by_field),
        lengths=lengths,
        counts=np.array([counted for counted, _ in by_field.values()], np.float32).reshape(shape),
        bm25=np.array([bm25 for _, bm25 in by_field.values()], np.float32).reshape(shape[0], shape[2]),
        idf=anywhere,
    )


def match_titles(data: RankingData, words: Numbers, rows: Rows) -> TitleMatches:
    """How `words`, (n_words,) in the order of the query, stand in the titles of `rows`."""
    starts, ends = data.title_starts[rows], data.title_starts[rows + 1]
    lengths = ends - starts
    ends_here = np.cumsum(lengths)
    begins_here = ends_here - lengths
    owner = np.repeat(np.arange(len(rows)), lengths)
    tokens = data.titles[np.arange(ends_here[-1] if len(rows) else 0) + np.repeat(starts - begins_here, lengths)]
    n = len(rows)
    if not len(words) or not len(tokens):
        no, nowhere = np.zeros(n, np.float32), np.full(n, NOWHERE, np.float32)
        return TitleMatches(pairs=no, starts=no, exact=no, first=nowhere, last=nowhere, purpose=no)
    stops = (tokens == 0).nonzero()[0]
    equal = tokens == words[:, None]
    pairs = np.zeros(n, np.float32)
    whole = equal[0]
    for before, after in pairwise(equal):
        pairs += _any(owner[1:][before[:-1] & after[1:]], n)
        whole = whole[:-1] & after[len(after) - len(whole) + 1 :]
    at = whole.nonzero()[0]
    if len(words) == 1:
        pairs = _any(owner[at], n)
    at_start = at[tokens[at - 1] == 0]  # before the first of all stands, by -1, the 0 that ends the last
    alone = at_start[tokens[at_start + len(words)] == 0]
    found = equal.any(axis=0).nonzero()[0]
    ends = stops.searchsorted(found)
    begins = np.where(ends > 0, stops[ends - 1] + 1, 0)
    first = _least(owner[found], found - begins, n)
    is_last = equal[-1][found]
    purpose = data.numbers[rows, NUMBERS.index("purpose")]
    return TitleMatches(
        pairs=pairs / np.float32(max(1, len(words) - 1)),
        starts=_any(owner[at_start], n),
        exact=_any(owner[alone], n),
        first=first,
        last=_least(owner[found[is_last]], (stops[ends] - found - 1)[is_last], n),
        purpose=((purpose < first) & (first < NOWHERE)).astype(np.float32),
    )


def _any(owner: NDArray[np.int64], n: int) -> Floats:
    """(n,) 1 for each that owns something."""
    found = np.zeros(n, np.float32)
    found[owner] = 1
    return found


def _least(owner: NDArray[np.int64], values: NDArray[np.int64], n: int) -> Floats:
    least = np.full(n, NOWHERE, np.float32)
    np.minimum.at(least, owner, values.astype(np.float32))
    return least


def _counts(data: RankingData, words: Numbers, rows: Rows) -> Floats:
    """(n_filled, n_words, n) of the fields that some item has words in."""
    wanted = ((rows[:, None] << 32) | words.astype(np.int64)).ravel()  # of one row together: they lie side by side
    counts = np.zeros((len(data.filled), len(wanted)), np.float32)
    if len(data.words) and len(wanted):
        places = np.minimum(data.words.searchsorted(wanted), len(data.words) - 1)
        hits = (data.words[places] == wanted).nonzero()[0]
        counts[:, hits] = data.counts[places[hits]].T[data.filled]
    by_word = counts.reshape(len(data.filled), len(rows), len(words)).transpose(0, 2, 1)
    return np.ascontiguousarray(by_word)


def _frequencies(data: RankingData, words: Numbers) -> NDArray[np.int64]:
    """(n_fields, n_words) of ALL_FIELDS; 0 for a word that nothing had at the build."""
    found = np.zeros((len(words), len(ALL_FIELDS)), np.int64)
    if len(data.known) and len(words):
        places = np.minimum(data.known.searchsorted(words), len(data.known) - 1)
        hits = data.known[places] == words
        found[hits] = data.frequencies[places[hits]]
    return found.T
