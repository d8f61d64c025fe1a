"""Learn which words and vectors belong to which category, from the catalogue and from what shoppers chose."""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize

from aisle.index.pairs import PATH_SEPARATOR
from aisle.intent.calibration import Floats, fit_softmax
from aisle.intent.category import DEFAULT_MIX, SCALE, CategoryModel, mixed
from aisle.text import normalise, terms
from aisle.types import Item, ItemVectors, Vectors

MAX_CLASSES = 1_000
"""Paths with the fewest items beyond this number are not predicted."""
MAX_ROWS = 300
"""Items of one category that its meaning is learned from, chosen at random when there are more, and weighed for all."""
MAX_ALL_ROWS = 60_000
"""Of all categories together, where there are many: the time of learning grows with their number times this one."""
NO_CATEGORY = ""
"""The class of items without a category: what they are asked for by is no sign of any."""
SMOOTHING = 0.01
VOCABULARY = 50.0
"""How many words a category has room for, in the smoothing of its word counts."""
RIDGE = 0.05
N_STEPS = 60
"""Of the search for weights; a quarter where it starts from weights that fit the items."""
MAX_QUERY_WEIGHT = 10.0
"""However often a query was typed, it counts at most as ten titles of items."""
MIN_QUERIES = 30
"""With fewer held-out queries the default mix stays."""


@dataclass(frozen=True, slots=True, eq=False)
class LabelledQuery:
    """A query and the categories of the items that were chosen or judged good for it."""

    text: str
    vector: Vectors | None
    """(dim,) float32; None when the encoder does not know its language."""
    counts: Mapping[str, float]
    """By path: how many items, or clicks."""


def learn_category(
    items: Sequence[Item], vectors: ItemVectors, queries: Sequence[LabelledQuery], n_folds: int = 4
) -> tuple[CategoryModel, list[Floats | None]]:
    """The model, and by query the probabilities that it gives when it has not learned from that query.

    `vectors` is (n_items, dim). Queries are dealt to `n_folds` parts in turn; each part is predicted
    by a model of all the others, and the mix is fitted on these predictions.
    """
    table = _Table(items, vectors)
    first = table.fit(())
    if not queries or not table.paths:
        return first, [None] * len(queries)
    parts: list[tuple[NDArray[np.float32] | None, NDArray[np.float32] | None]] = [(None, None)] * len(queries)
    for fold in range(n_folds):
        others = [query for place, query in enumerate(queries) if place % n_folds != fold]
        model = table.fit(others, first)
        for place in range(fold, len(queries), n_folds):
            parts[place] = model.parts(queries[place].text, queries[place].vector)
    mix = _fit_mix(parts, [table.shares(query) for query in queries])
    model = replace(table.fit(queries, first), mix=mix)
    return model, [mixed(words, meaning, mix) for words, meaning in parts]


def _fit_mix(
    parts: Sequence[tuple[NDArray[np.float32] | None, NDArray[np.float32] | None]],
    shares: Sequence[NDArray[np.float32]],
) -> tuple[float, float, float]:
    """The mix under which held-out queries are most likely."""
    if len(parts) < MIN_QUERIES:
        return DEFAULT_MIX
    no_words = np.zeros(len(shares[0]), np.float32)
    whole = [
        (no_words if words is None else words, meaning, of)
        for (words, meaning), of in zip(parts, shares, strict=True)
        if of.any()
    ]
    seen = [(words, meaning, of) for words, meaning, of in whole if meaning is not None]
    every = np.array([words for words, _, _ in whole])
    labels = np.array([of / of.sum() for _, _, of in whole])
    by_word = by_meaning = 0.0
    if len(seen) >= MIN_QUERIES:
        pair = (np.array([words for words, _, _ in seen]), np.array([meaning for _, meaning, _ in seen]))
        by_word, by_meaning = _fit_weights(pair, np.array([of / of.sum() for _, _, of in seen]), DEFAULT_MIX[:2])
    else:
        by_word, by_meaning = DEFAULT_MIX[:2]
    (words_alone,) = _fit_weights((every,), labels, DEFAULT_MIX[2:])
    return by_word, by_meaning, words_alone


def _fit_weights(
    logits: Sequence[NDArray[np.float32]], labels: NDArray[np.float32], start: Sequence[float]
) -> list[float]:
    """A weight for each of `logits`, (n, n_classes) each, under which `labels`, (n, n_classes), are most likely."""

    def loss(weights: Floats) -> float:
        total = sum(weight * part for weight, part in zip(weights, logits, strict=True))
        total = total - total.max(axis=1, keepdims=True)
        return float(np.mean(np.log(np.exp(total).sum(axis=1)) - (labels * total).sum(axis=1)))

    found = minimize(loss, np.array(start), method="L-BFGS-B", bounds=[(0.01, 20.0)] * len(start))
    return [float(weight) for weight in found.x]


class _Table:
    """The catalogue as training rows, counted once for all folds."""

    def __init__(self, items: Sequence[Item], vectors: ItemVectors) -> None:
        sizes: dict[str, int] = {}
        for item in items:
            path = PATH_SEPARATOR.join(item.category)
            sizes[path] = sizes.get(path, 0) + 1
        if set(sizes) == {NO_CATEGORY}:
            sizes = {}
        self.paths = tuple(sorted(sorted(sizes, key=lambda path: (-sizes[path], path))[:MAX_CLASSES]))
        self.number = {path: number for number, path in enumerate(self.paths)}
        self.words: dict[str, int] = {}
        self.word_rows, self.classes = array("i"), array("i")  # of every word of every title: tens of millions
        self.n_titles = np.zeros(len(self.paths), np.float64)
        self.dim = vectors.shape[1]
        rows_of: dict[int, list[int]] = {}
        named: set[int] = set()
        for row, item in enumerate(items):
            number = self.number.get(PATH_SEPARATOR.join(item.category))
            if number is None:
                continue
            rows_of.setdefault(number, []).append(row)
            titles = [item.title, *(part.title for part in item.translations.values() if part.title)]
            self.n_titles[number] += len(titles)
            names = [*item.category, *(name for part in item.translations.values() for name in part.category)]
            for text in [*titles, *(() if number in named else names)]:
                for word in set(terms(normalise(text))):
                    self.word_rows.append(self._row(word))
                    self.classes.append(number)
            named.add(number)
        rng = np.random.default_rng(0)
        total = sum(min(len(rows), MAX_ROWS) for rows in rows_of.values())
        most = MAX_ROWS if total <= MAX_ALL_ROWS else max(1, MAX_ROWS * MAX_ALL_ROWS // total)
        chosen = {
            number: rows if len(rows) <= most else sorted(rng.choice(rows, most, replace=False).tolist())
            for number, rows in rows_of.items()
        }
        self.vectors = np.asarray(vectors[[row for rows in chosen.values() for row in rows]], np.float32)
        self.labels = np.array([number for number, rows in chosen.items() for _ in rows], np.int64)
        self.weights = np.array([len(rows_of[number]) / len(rows) for number, rows in chosen.items() for _ in rows])

    def _row(self, word: str) -> int:
        return self.words.setdefault(word, len(self.words))

    def shares(self, query: LabelledQuery) -> NDArray[np.float32]:
        """(n_classes,) the counts of a query, cut to a weight of ten."""
        counts = np.zeros(len(self.paths), np.float32)
        for path, count in query.counts.items():
            if path in self.number:
                counts[self.number[path]] += count
        total = counts.sum()
        return counts * (min(total, MAX_QUERY_WEIGHT) / total) if total else counts

    def fit(self, queries: Sequence[LabelledQuery], start: CategoryModel | None = None) -> CategoryModel:
        """A model of the catalogue and `queries`; `start` shortens the search for weights."""
        n_classes = len(self.paths)
        shares = np.array([self.shares(query) for query in queries], np.float32).reshape(len(queries), n_classes)
        query_words = [[self._row(word) for word in set(terms(normalise(query.text)))] for query in queries]
        gains, base = self._word_counts(query_words, shares)
        weights = np.zeros((self.dim + 1, n_classes)) if start is None else start.weights.astype(np.float64)
        if n_classes > 1:
            weights = self._meaning(queries, shares, weights, N_STEPS if start is None else N_STEPS // 4)
        return CategoryModel(self.paths, dict(self.words), gains, base, weights.astype(np.float32))

    def _word_counts(
        self, query_words: Sequence[Iterable[int]], shares: NDArray[np.float32]
    ) -> tuple[sparse.csr_array, NDArray[np.float32]]:
        rows, classes, values = array("i"), array("i"), array("d")
        for words, of in zip(query_words, shares, strict=True):
            for number in np.flatnonzero(of).tolist():
                for row in words:
                    rows.append(row)
                    classes.append(number)
                    values.append(float(of[number]))
        places = np.concatenate([self.word_rows, rows]), np.concatenate([self.classes, classes])
        weights = np.concatenate([np.ones(len(self.word_rows)), values])
        counts = sparse.csr_array((weights, places), shape=(len(self.words), len(self.paths)))
        counts.sum_duplicates()
        counts.data = np.log1p(counts.data / SMOOTHING).astype(np.float32)
        totals = self.n_titles + shares.sum(axis=0)
        return counts, np.log(SMOOTHING / (totals + SMOOTHING * VOCABULARY)).astype(np.float32)

    def _meaning(
        self, queries: Sequence[LabelledQuery], shares: NDArray[np.float32], start: Floats, n_steps: int
    ) -> Floats:
        asked = [place for place, query in enumerate(queries) if query.vector is not None and shares[place].any()]
        features = [
            self.vectors,
            *([np.array([queries[place].vector for place in asked], np.float32)] if asked else []),
        ]
        rows = np.concatenate(features) * np.float32(SCALE)
        rows = np.hstack([rows, np.ones((len(rows), 1), np.float32)])
        of_items = np.zeros((len(self.labels), len(self.paths)), np.float32)
        of_items[np.arange(len(self.labels)), self.labels] = self.weights
        of_queries = shares[asked] / np.maximum(shares[asked].sum(axis=1, keepdims=True), 1e-9)
        return fit_softmax(rows, np.concatenate([of_items, of_queries.astype(np.float32)]), RIDGE, start, n_steps)
