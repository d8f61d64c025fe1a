"""Where the words of a query stand in the items that were found."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from aisle.index.lexical import FIELDS
from aisle.ranking.data import ALL_FIELDS, NOWHERE, NUMBERS, Numbers, RankingData
from aisle.types import Rows

K1 = 1.2
B = 0.75
TITLE = FIELDS.index("title")
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Matches:
    """The words of a query in each item. A field and its translations count as one: the better of the two."""

    counts: Floats
    """(n, n_words, n_fields) how often each word stands in each of FIELDS."""
    bm25: Floats
    """(n, n_fields) BM25 of each field with the statistics of that field (k1 = 1.2, b = 0.75)."""
    idf: Floats
    """(n_words,) of each word, by the items that have it in any field."""


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
    counts = _counts(data, words, rows)
    n_items = max(1, data.n_rows)
    df = _frequencies(data, words)
    idf = np.log1p((n_items - df + 0.5) / (df + 0.5)).astype(np.float32)
    average = np.maximum(data.average_lengths, 1e-6)
    norm = K1 * (1 - B + B * data.lengths[rows] / average)
    saturated = counts * (K1 + 1) / np.maximum(counts + norm[:, None, :], 1e-6)
    bm25 = np.einsum("rwf,wf->rf", saturated, idf, optimize=False)
    n_fields = len(FIELDS)
    anywhere = np.log1p((n_items - df.max(axis=1) + 0.5) / (df.max(axis=1) + 0.5)).astype(np.float32)
    return Matches(
        counts=np.maximum(counts[:, :, :n_fields], counts[:, :, n_fields:]),
        bm25=np.maximum(bm25[:, :n_fields], bm25[:, n_fields:]),
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
    places = np.arange(len(tokens))
    new = np.ones(len(tokens), bool)
    new[1:] = tokens[:-1] == 0
    begin = np.maximum.accumulate(np.where(new, places, 0))
    equal = [tokens == word for word in words.tolist()]
    pairs = np.zeros(n)
    whole = equal[0]
    for before, after in pairwise(equal):
        together = before[:-1] & after[1:]
        pairs += np.bincount(owner[1:][together], minlength=n) > 0
        whole = whole[:-1] & after[len(after) - len(whole) + 1 :]
    if len(words) == 1:
        pairs += np.bincount(owner[whole], minlength=n) > 0
    at = np.flatnonzero(whole)
    at_start = at[begin[at] == at]
    alone = at_start[tokens[at_start + len(words)] == 0]
    found = np.flatnonzero(np.logical_or.reduce(equal))
    first = _least(owner[found], found - begin[found], n)
    purpose = data.numbers[rows, NUMBERS.index("purpose")]
    return TitleMatches(
        pairs=(pairs / max(1, len(words) - 1)).astype(np.float32),
        starts=(np.bincount(owner[at_start], minlength=n) > 0).astype(np.float32),
        exact=(np.bincount(owner[alone], minlength=n) > 0).astype(np.float32),
        first=first,
        last=_behind(tokens, owner, equal[-1], n),
        purpose=((purpose < first) & (first < NOWHERE)).astype(np.float32),
    )


def _behind(tokens: Numbers, owner: NDArray[np.int64], is_last: NDArray[np.bool_], n: int) -> Floats:
    stops = np.flatnonzero(tokens == 0)
    found = np.flatnonzero(is_last)
    return _least(owner[found], stops[np.searchsorted(stops, found)] - found - 1, n)


def _least(owner: NDArray[np.int64], values: NDArray[np.int64], n: int) -> Floats:
    least = np.full(n, NOWHERE, np.float32)
    np.minimum.at(least, owner, values.astype(np.float32))
    return least


def _counts(data: RankingData, words: Numbers, rows: Rows) -> Floats:
    wanted = ((rows[:, None] << 32) | words.astype(np.int64)).ravel()
    counts = np.zeros((len(wanted), len(ALL_FIELDS)), np.float32)
    if len(data.words) and len(wanted):
        places = np.minimum(np.searchsorted(data.words, wanted), len(data.words) - 1)
        hits = np.flatnonzero(data.words[places] == wanted)
        counts[hits] = data.counts[places[hits]]
    return counts.reshape(len(rows), len(words), len(ALL_FIELDS))


def _frequencies(data: RankingData, words: Numbers) -> NDArray[np.int64]:
    """(n_words, n_fields); 0 for a word that nothing had at the build."""
    found = np.zeros((len(words), len(ALL_FIELDS)), np.int64)
    if len(data.known) and len(words):
        places = np.minimum(np.searchsorted(data.known, words), len(data.known) - 1)
        hits = data.known[places] == words
        found[hits] = data.frequencies[places[hits]]
    return found
