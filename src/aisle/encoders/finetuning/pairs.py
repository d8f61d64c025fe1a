"""What a shop teaches: pairs of query and item with a grade, from judgments, clicks and purchases."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from aisle.errors import InputError
from aisle.types import Rows

ACT_GRADES = {"click": 0.4, "favorite": 0.6, "cart": 0.7, "purchase": 1.0}
"""Grade of an item by the strongest act that followed the query; a judgment of the same pair has the last word."""


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """(n,) pairs. Pair `i` says that item `item[i]` answers `queries[query[i]]` by `grade[i]`."""

    queries: tuple[str, ...]
    query: Rows
    """(n,) int64, place in `queries`."""
    item: Rows
    """(n,) int64, row of the item."""
    grade: NDArray[np.float32]
    """(n,) from 0, irrelevant, to 1."""

    def __len__(self) -> int:
        return len(self.query)

    def of(self, chosen: NDArray[np.bool_]) -> "Pairs":
        """The pairs of the queries with True in (n_queries,) `chosen`."""
        places = np.cumsum(chosen) - 1
        kept = chosen[self.query]
        texts = tuple(text for text, keep in zip(self.queries, chosen, strict=True) if keep)
        return Pairs(texts, places[self.query[kept]], self.item[kept], self.grade[kept])

    def relevant(self) -> list[Rows]:
        """Rows of the items with a grade above 0, by query."""
        found: list[list[int]] = [[] for _ in self.queries]
        for query, item, grade in zip(self.query.tolist(), self.item.tolist(), self.grade.tolist(), strict=True):
            if grade > 0:
                found[query].append(item)
        return [np.array(rows, np.int64) for rows in found]


def make_pairs(graded: Mapping[tuple[str, int], float]) -> Pairs:
    """Pairs of (query, item row): grade, by query and row."""
    ordered = sorted(graded)
    queries = tuple(dict.fromkeys(query for query, _ in ordered))
    place = {query: at for at, query in enumerate(queries)}
    return Pairs(
        queries,
        np.array([place[query] for query, _ in ordered], np.int64),
        np.array([row for _, row in ordered], np.int64),
        np.array([graded[pair] for pair in ordered], np.float32),
    )


def judged_grades(judgments: pl.DataFrame, item_rows: Mapping[str, int]) -> dict[tuple[str, int], float]:
    """Grades as shares of the highest, from the columns query, item_id, grade; unknown items are passed over."""
    if judgments.is_empty():
        return {}
    highest = max(1.0, float(judgments["grade"].cast(pl.Float64).max() or 0))  # type: ignore[arg-type]
    rows = judgments.select("query", "item_id", "grade").iter_rows()
    return {(query, item_rows[item]): grade / highest for query, item, grade in rows if item in item_rows}


def acted_grades(events: pl.DataFrame, item_rows: Mapping[str, int]) -> dict[tuple[str, int], float]:
    """ACT_GRADES of what was clicked, kept or bought after a query; `events` as of `Store.events_frame`.

    An event without a query has that of the search with the same query_id.
    """
    told = events.with_columns(pl.col("kind").cast(pl.String))
    searches = told.filter((pl.col("kind") == "search") & (pl.col("query_id") != ""))
    asked = dict(searches.select("query_id", "query").unique("query_id", keep="first", maintain_order=True).iter_rows())
    grades: dict[tuple[str, int], float] = {}
    acts = told.filter(pl.col("kind").is_in(list(ACT_GRADES))).select("kind", "query", "query_id", "item_id").unique()
    for kind, own, query_id, item in acts.iter_rows():
        query = own or asked.get(query_id or "", "")
        if query and item in item_rows:
            pair = (query, item_rows[item])
            grades[pair] = max(grades.get(pair, 0.0), ACT_GRADES[kind])
    return grades


def split_queries(n_queries: int, shares: Sequence[float], seed: int = 0) -> list[NDArray[np.bool_]]:
    """(n_queries,) masks of parts with these shares, drawn by query; the rest is the last mask.

    Raises InputError when a part would be empty.
    """
    order = np.random.default_rng(seed).permutation(n_queries)
    sizes = [round(share * n_queries) for share in shares]
    sizes.append(n_queries - sum(sizes))
    if min(sizes) < 1:
        raise InputError(
            f"{n_queries} queries with a relevant item are too few to learn from and to measure on; "
            "give the shop more judgments (aisle ingest judgments) or more events"
        )
    masks, start = [], 0
    for size in sizes:
        mask = np.zeros(n_queries, bool)
        mask[order[start : start + size]] = True
        masks.append(mask)
        start += size
    return masks
