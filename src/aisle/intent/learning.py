"""Learn what queries mean from the catalogue, judgments and clicks."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar, overload

import numpy as np
import polars as pl

from aisle.encoders import Encoder
from aisle.index.columns import item_pairs
from aisle.index.pairs import PATH_SEPARATOR, Pair
from aisle.intent.calibration import Floats, fit_logistic, lowest_sure, sigmoid
from aisle.intent.category_learning import LabelledQuery, learn_category
from aisle.intent.intent import Intent
from aisle.intent.readings import PRIOR, READING_KINDS, ReadingKind, Trust, features, kind_of, may_filter
from aisle.intent.sizes import learn_sizes
from aisle.text import has_chinese, normalise
from aisle.text.entities import Carried, learn_phrases, phrase_words
from aisle.text.kinds import learn_names
from aisle.text.ranges import cut_ranges
from aisle.types import Item, ItemVectors

T = TypeVar("T")
NO_PHRASES = frozenset({"in_stock", "gtin", "group_id", "currency"})
"""Fields whose values nobody types as a wish."""
MIN_CLICKS = 5
"""A query with fewer clicks says nothing about what is relevant to it; it still counts for its category."""
MAX_QUERIES = 20_000
"""The most clicked ones that are learned from."""
PRECISION = 0.98
"""A kind of reading filters only where it keeps this share of what is relevant to held-out queries."""
MOST = 0.5
"""A reading is right when this share of what was judged best, or clicked, carries what it says."""
N_FOLDS = 4
CLICKS = ("click", "cart", "purchase")


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """A query and what was found good for it."""

    query: str
    relevant: Mapping[int, float]
    """Weight by item row; of judged queries those with at least half of the highest grade, of others the clicks."""
    best: Mapping[int, float]
    """Of judged queries the items with the query's best grade; else the same as `relevant`."""
    judged: bool


def clicks_by_query(events: pl.DataFrame) -> pl.DataFrame:
    """(query, item_id, n): how often an item was clicked, put into the cart or bought after a query.

    `events` has the columns of `Store.events_frame`. An event without a query has that of the search
    with the same query_id.
    """
    kind = pl.col("kind").cast(pl.String)
    searches = events.filter((kind == "search") & (pl.col("query_id") != "")).unique(
        "query_id", keep="first", maintain_order=True
    )
    searched = searches.select("query_id", pl.col("query").alias("searched"))
    acts = events.filter(kind.is_in(CLICKS)).join(searched, on="query_id", how="left", maintain_order="left")
    own = pl.when(pl.col("query") != "").then(pl.col("query")).otherwise(pl.col("searched")).alias("query")
    found = acts.select(own, "item_id").filter(pl.col("query").is_not_null())
    return found.group_by("query", "item_id").len("n").sort("query", "item_id")


def learn_intent(
    items: Sequence[Item],
    vectors: ItemVectors,
    judgments: pl.DataFrame,
    clicks: pl.DataFrame,
    encoder: Encoder,
    *,
    chinese: bool = False,
) -> Intent:
    """What queries mean in this shop.

    `vectors` is (n_items, dim) float32 of the items; `judgments` has the columns query, item_id, grade,
    `clicks` those of `clicks_by_query`; both may be empty: then readings only boost. `chinese` says
    that the encoder knows Chinese; else Chinese queries are read by their words alone.
    """
    carried, titles = _Read(items, _carried), _Read(items, _titles)
    named = {*judgments["item_id"], *clicks["item_id"]}
    rows = {item.item_id: row for row, item in enumerate(items) if item.item_id in named} if named else {}
    seen = _seen(rows, judgments, clicks)
    labelled = _labelled(seen, items, encoder, chinese)
    category, held_out = learn_category(items, vectors, labelled, N_FOLDS)
    intent = Intent(learn_phrases(carried, titles), learn_names(items), learn_sizes(carried), category, Trust())
    return replace(intent, trust=_learn_trust(intent, seen, held_out, carried))


class _Read(Sequence[T]):
    """What `read` makes of each item, made anew whenever it is asked for: of a million it would fill the memory."""

    def __init__(self, items: Sequence[Item], read: Callable[[Item], T]) -> None:
        self._items, self._read = items, read

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, row: int) -> T: ...
    @overload
    def __getitem__(self, row: slice) -> Sequence[T]: ...
    def __getitem__(self, row: int | slice) -> T | Sequence[T]:
        return _Read(self._items[row], self._read) if isinstance(row, slice) else self._read(self._items[row])

    def __iter__(self) -> Iterator[T]:
        return map(self._read, self._items)


def _titles(item: Item) -> list[str]:
    return [item.title, *(part.title for part in item.translations.values() if part.title)]


def _carried(item: Item) -> Carried:
    return {pair: labels for pair, labels in item_pairs(item) if pair[0] not in NO_PHRASES}


def _seen(rows: Mapping[str, int], judgments: pl.DataFrame, clicks: pl.DataFrame) -> list[_Seen]:
    graded: dict[str, dict[int, float]] = {}
    for query, item_id, grade in judgments.select("query", "item_id", "grade").iter_rows():
        if item_id in rows and grade > 0:
            graded.setdefault(normalise(query), {})[rows[item_id]] = float(grade)
    enough = 0.5 * float(judgments["grade"].max() or 0)  # type: ignore[arg-type]  # grades are numbers
    found = []
    for query, grades in graded.items():
        relevant = {row: 1.0 for row, grade in grades.items() if grade >= enough}
        if relevant:
            best = max(grades.values())
            found.append(_Seen(query, relevant, {row: 1.0 for row, grade in grades.items() if grade == best}, True))
    clicked: dict[str, dict[int, float]] = {}
    for query, item_id, n in clicks.select("query", "item_id", "n").iter_rows():
        if item_id in rows and (text := normalise(query)) not in graded:
            counts = clicked.setdefault(text, {})
            counts[rows[item_id]] = counts.get(rows[item_id], 0.0) + n
    busiest = sorted(clicked, key=lambda query: (-sum(clicked[query].values()), query))[:MAX_QUERIES]
    found += [_Seen(query, clicked[query], clicked[query], False) for query in busiest]
    return sorted((one for one in found if one.query), key=lambda one: one.query)


def _labelled(seen: Sequence[_Seen], items: Sequence[Item], encoder: Encoder, chinese: bool) -> list[LabelledQuery]:
    texts = [cut_ranges(one.query) for one in seen]
    known = [place for place, text in enumerate(texts) if text and (chinese or not has_chinese(text))]
    vectors = dict(zip(known, encoder.encode_queries([texts[place] for place in known]), strict=True)) if known else {}
    labelled = []
    for place, one in enumerate(seen):
        counts: dict[str, float] = {}
        for row, weight in one.best.items():
            path = PATH_SEPARATOR.join(items[row].category)
            counts[path] = counts.get(path, 0.0) + weight
        labelled.append(LabelledQuery(texts[place], vectors.get(place), counts))
    return labelled


def _learn_trust(
    intent: Intent, seen: Sequence[_Seen], held_out: Sequence[Floats | None], carried: Sequence[Carried]
) -> Trust:
    """Confidence and thresholds from readings of held-out queries."""
    kinds: list[ReadingKind] = []
    known: list[Floats] = []
    right: list[float] = []
    kept: list[float] = []
    fold: list[int] = []
    filtering: list[bool] = []
    for place, (one, probabilities) in enumerate(zip(seen, held_out, strict=True)):
        if not one.judged and sum(one.relevant.values()) < MIN_CLICKS:
            continue
        likely = intent.likely(probabilities)
        query = cut_ranges(one.query)
        found = intent.phrases.find(query)
        words = phrase_words(query)
        for phrase, row in zip(found, features(found, query, likely), strict=True):
            kinds.append(kind_of(phrase))
            known.append(row)
            right.append(float(_share(one.best, phrase.phrase.meanings, carried) >= MOST))
            kept.append(_share(one.relevant, phrase.phrase.meanings, carried))
            fold.append(place % N_FOLDS)
            filtering.append(may_filter(phrase, found, words))
    rows, truth, folds = np.array(known).reshape(len(known), len(PRIOR)), np.array(right), np.array(fold)
    confidence = np.zeros(len(rows))
    for number in range(N_FOLDS):
        weights = fit_logistic(rows[folds != number], truth[folds != number], PRIOR)
        confidence[folds == number] = sigmoid(rows[folds == number] @ weights)
    thresholds: dict[str, float] = {}
    for kind in READING_KINDS:
        inside = np.array([one == kind and able for one, able in zip(kinds, filtering, strict=True)], bool)
        thresholds[kind] = lowest_sure(confidence[inside], np.array(kept)[inside], PRECISION)
    return Trust(tuple(fit_logistic(rows, truth, PRIOR).tolist()), thresholds)


def _share(weights: Mapping[int, float], pairs: Sequence[Pair], carried: Sequence[Carried]) -> float:
    """The share of the weighted items that carries one of `pairs`."""
    total = sum(weights.values())
    return sum(weight for row, weight in weights.items() if any(pair in carried[row] for pair in pairs)) / total
