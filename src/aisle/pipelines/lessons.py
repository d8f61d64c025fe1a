"""What a shop knows about queries and items, as pairs to learn from and to measure on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from aisle.encoders.finetuning.augment import NO_SYNONYMS
from aisle.encoders.finetuning.negatives import nearest_items
from aisle.encoders.finetuning.pace import Watch
from aisle.encoders.finetuning.pairs import Pairs, acted_grades, judged_grades, make_pairs, split_queries
from aisle.errors import InputError
from aisle.evaluation import measure_run, parse_measures
from aisle.pipelines.build import Progress
from aisle.pipelines.learn import last_choices
from aisle.recommenders import build_interactions
from aisle.recommenders.user_text import user_text
from aisle.settings import Settings
from aisle.store import Store
from aisle.text import has_chinese, item_text, normalise
from aisle.text.synonyms import Synonyms, read_synonyms
from aisle.types import Item, Rows, Vectors

HELD_OUT = 0.1
"""Share of the queries that learning is stopped by, and share that quality is measured on."""
FINENESS = 60
"""Grades are measured as whole numbers of sixtieths, in which thirds, quarters, fifths and sixths are exact."""


@dataclass(frozen=True, slots=True, eq=False)
class Catalogue:
    """The items as a language model reads them."""

    texts: tuple[str, ...]
    groups: Rows
    """(n_items,) variants of one product, and items with the same text, have the same number."""


def read_catalogue(items: Sequence[Item]) -> Catalogue:
    """The texts of items, and which are the same. Raises InputError without any."""
    if not items:
        raise InputError("the store holds no items; give it some: aisle ingest items FILE")
    texts = tuple(item_text(item) for item in items)
    return Catalogue(texts, groups_of(texts, [item.group_id for item in items]))


def groups_of(texts: Sequence[str], group_ids: Sequence[str]) -> Rows:
    """(n,) int64 from 0: the same number for the same text, whatever its case, and for the same id that is not empty.

    Also for those that other ones between them hold together.
    """
    nodes: dict[tuple[str, bool], int] = {}
    edges = [
        (place, nodes.setdefault(name, len(texts) + len(nodes)))
        for place, (text, group) in enumerate(zip(texts, group_ids, strict=True))
        for name in ((normalise(text).casefold(), False), (group, True))
        if name != ("", True)
    ]
    ends = np.array(edges, np.int64).reshape(-1, 2)
    n = len(texts) + len(nodes)
    joined = sparse.coo_matrix((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), (n, n))
    numbers: Rows = np.unique(connected_components(joined, directed=False)[1][: len(texts)], return_inverse=True)[1]
    return numbers.astype(np.int64)


def shop_pairs(store: Store, settings: Settings, items: Sequence[Item]) -> Pairs:
    """Judgments, and what was clicked and bought after queries; of one pair the judgment counts.

    Queries without a relevant item say nothing, and Chinese ones only to an encoder that knows Chinese.
    Raises InputError when nothing is left.
    """
    rows = {item.item_id: row for row, item in enumerate(items)}
    forms: dict[str, str] = {}
    acted = in_one_form(acted_grades(store.events_frame(), rows), forms)
    graded = acted | in_one_form(judged_grades(store.judgments_frame(), rows), forms)
    readable = {pair: grade for pair, grade in graded.items() if settings.encoder.chinese or not has_chinese(pair[0])}
    pairs = answered(make_pairs(readable))
    if not len(pairs):
        raise InputError(
            "the shop has no query with a relevant item to learn from; give it judgments (aisle ingest judgments FILE) "
            "or events with queries (aisle ingest events FILE)"
            + ("; Chinese queries count with encoder.chinese = true" if graded else "")
        )
    return pairs


def in_one_form(graded: Mapping[tuple[str, int], float], forms: dict[str, str]) -> dict[tuple[str, int], float]:
    """`graded` with queries that differ in case and spaces alone made one, written as `forms`, which grows, says.

    Apart, one could be learned from and the other measured on. Of one pair the highest grade counts.
    """
    found: dict[tuple[str, int], float] = {}
    for (query, row), grade in sorted(graded.items()):
        asked = normalise(query)
        pair = forms.setdefault(asked.casefold(), asked), row
        found[pair] = max(grade, found.get(pair, 0.0))
    return found


def user_pairs(store: Store, settings: Settings, items: Sequence[Item]) -> Pairs:
    """What each user chose last, asked by the text of all that they chose before (see `user_text`).

    One pair a user, so that no history stands in another part than its own end. Raises InputError when nobody
    chose two items, or none that the encoder can read.
    """
    rows = {item.item_id: row for row, item in enumerate(items)}
    log = build_interactions(store.events_frame(), rows, settings.recommend, len(items))
    _, ends = last_choices(log, settings.recommend)
    texts = (user_text(history, lambda row: items[row].title) for history in ends.histories)
    graded = {
        (text, int(chosen[0])): 1.0
        for text, chosen in zip(texts, ends.relevant, strict=True)
        if text and (settings.encoder.chinese or not has_chinese(text))
    }
    if not graded:
        raise InputError(
            "no user chose two items one after another, so there is no history to learn from; "
            "give the shop events: aisle ingest events FILE"
        )
    return make_pairs(graded)


def answered(pairs: Pairs) -> Pairs:
    """The pairs of queries with a relevant item."""
    relevant = np.zeros(len(pairs.queries), bool)
    relevant[pairs.query[pairs.grade > 0]] = True
    return pairs.of(relevant)


def shop_synonyms(settings: Settings, folder: Path) -> Synonyms:
    """Those that the settings of the shop in `folder` name. Raises InputError as `read_synonyms` does."""
    file = settings.understand.synonyms
    return read_synonyms(folder / file) if file else NO_SYNONYMS


def folds_of(pairs: Pairs, folds: int, seed: int) -> list[tuple[Pairs, Pairs, Pairs]]:
    """(train, validation, test) by query: one cut of 80, 10 and 10 %, or `folds` cuts whose tests are all queries.

    Raises InputError when a part would be empty.
    """
    if folds == 1:
        validation, test, train = split_queries(len(pairs.queries), (HELD_OUT, HELD_OUT), seed)
        return [(pairs.of(train), pairs.of(validation), pairs.of(test))]
    tests = split_queries(len(pairs.queries), (1 / folds,) * (folds - 1), seed)
    cuts = []
    for number, test in enumerate(tests):
        rest = pairs.of(~test)
        validation, train = split_queries(len(rest.queries), (HELD_OUT,), seed + number)
        cuts.append((rest.of(train), rest.of(validation), pairs.of(test)))
    return cuts


def watched(progress: Progress, stage: str) -> Watch:
    """Tell `progress` of each step of learning."""
    return lambda step, n_steps: progress(stage, step.number, n_steps)


def ndcg(queries: Vectors, items: Vectors, pairs: Pairs) -> NDArray[np.float64]:
    """(n_queries,) nDCG@10 of the nearest of all `items` to the vectors of `pairs.queries`; unjudged items count 0."""
    return ndcg_of_rows(nearest_items(queries, items, 10), pairs)


def ndcg_of_rows(found: Rows | Sequence[Rows], pairs: Pairs) -> NDArray[np.float64]:
    """(n_queries,) nDCG@10 of the rows found for each of `pairs.queries`, best first."""
    qrels: list[dict[str, int]] = [{} for _ in pairs.queries]
    for query, item, grade in zip(pairs.query.tolist(), pairs.item.tolist(), pairs.grade.tolist(), strict=True):
        qrels[query][str(item)] = round(grade * FINENESS)
    rankings = [[str(row) for row in rows.tolist()] for rows in found]
    return measure_run(qrels, rankings, parse_measures(["nDCG@10"], 10))["nDCG@10"]
