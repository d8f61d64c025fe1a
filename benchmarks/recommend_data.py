"""The data sets of the recommendation benchmark: how each is cut, what was published, what must be reached."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from aisle.evaluation.splits import Split, given_test, leave_one_out
from aisle.recommenders.protocol import NOTHING, History, Holdout, Interactions


@dataclass(frozen=True, slots=True)
class DataSet:
    """One public data set with its protocol."""

    name: str
    title: str
    read: Callable[[Path], Split]
    """Cuts it, given the folder that holds all data sets."""
    measures: tuple[str, str]
    chosen_by: str
    """The measure on validation by which settings and weights are chosen."""
    bars: tuple[float, float]
    published: Sequence[tuple[str, float | None, float | None]]
    models: tuple[str, ...]
    depth: int = 100
    """Candidates asked of each model while weights are fitted."""


SEQUENCES = ("item_knn", "user_knn", "markov", "associations", "session_knn", "ease", "slim", "als", "svd")
NEURAL = ("sasrec", "bert4rec", "hstu")
TOP_N = ("item_knn", "user_knn", "ease", "slim", "als", "svd", "graph_filter", "simplex", "lightgcn")


def read_s3rec(name: str, folder: Path) -> Split:
    """Leave-one-out; what a user has reviewed is not proposed again."""
    return leave_one_out(_log(_lists(folder / f"seqrec_s3rec/{name}_sequences.parquet", "item_ids")))


def read_ml1m(folder: Path) -> Split:
    """Protocol 1 of its README: the test item from the known history, which lacks the item before it for most users.

    Validation asks the same question one step earlier: the last known item, with the one before it hidden from
    models and questions alike for the same users. Only where it is asked that way do settings and weights fit.
    """
    frame = pl.read_parquet(folder / "seqrec_ml1m/sequences.parquet")
    known = [np.asarray(rows, np.int64) for rows in frame["known_history"].to_list()]
    ids = np.unique(np.concatenate([*known, frame["test_item"].to_numpy()]))
    known = [np.searchsorted(ids, rows) for rows in known]
    targets = np.searchsorted(ids, frame["test_item"].to_numpy())
    before = [rows[: -1 - gap] for rows, gap in zip(known, frame["penultimate_missing"].to_list(), strict=True)]
    return Split(
        train=_log(before, len(ids)),
        validation=_asked(before, [rows[-1] for rows in known]),
        test=_asked(known, targets),
        test_users=np.arange(len(known)),
        full=_log(known, len(ids)),
        protocol={"name": "leave-one-out", "seen": "mask", "validation": "with the gap of the test"},
    )


def read_top_n(name: str, folder: Path) -> Split:
    """The given split; validation is a random tenth of each user's training items."""
    train, test = (pl.read_parquet(folder / f"{name}/{part}.parquet") for part in ("train", "test"))
    users = np.unique(np.concatenate([train["user_id"].to_numpy(), test["user_id"].to_numpy()]))
    rows = np.unique(np.concatenate([train["item_ids"].explode().to_numpy(), test["item_ids"].explode().to_numpy()]))

    def log(frame: pl.DataFrame) -> Interactions:
        flat = frame.explode("item_ids")
        named = np.searchsorted(users, flat["user_id"].to_numpy())
        return _interactions(named, np.searchsorted(rows, flat["item_ids"].to_numpy()), len(users), len(rows))

    return given_test(log(train), log(test))


def read_sessions(name: str, folder: Path) -> Split:
    """The given test prefixes; validation are the last tenth of the training sessions. Seen items may come again."""
    sessions = _lists(folder / f"sessions_srgnn/{name}_train_sessions.parquet", "item_ids")
    pairs = pl.read_parquet(folder / f"sessions_srgnn/{name}_test_pairs.parquet")
    prefixes = [np.asarray(prefix, np.int64) for prefix in pairs["prefix"].to_list()]
    targets = pairs["target"].to_numpy().astype(np.int64)
    ids = np.unique(np.concatenate([*sessions, *prefixes, targets]))
    log = _log([np.searchsorted(ids, rows) for rows in sessions], n_items=len(ids))
    # any unknown session of two events cuts validation in the same way; the real test takes its place
    stand_in = _interactions(np.full(2, log.n_users), log.rows[:2], log.n_users + 1, len(ids))
    split = given_test(replace(log, n_users=log.n_users + 1), stand_in)
    histories = [History(np.searchsorted(ids, rows), np.ones(len(rows), np.float32)) for rows in prefixes]
    relevant = [np.array([row]) for row in np.searchsorted(ids, targets)]
    protocol = {**split.protocol, "n_sessions": int(_sessions_of(prefixes, targets).max()) + 1}
    return replace(
        split,
        test=Holdout(histories, relevant, [NOTHING] * len(histories)),
        test_users=_sessions_of(prefixes, targets),
        protocol=protocol,
    )


def on_validation(split: Split) -> Split:
    """The same with validation in place of the test: for work on the script, so that the test is looked at once."""
    return replace(split, test=split.validation, test_users=np.arange(len(split.validation)), refits=False)


def _asked(histories: Sequence[NDArray[np.int64]], targets: Sequence[np.int64] | NDArray[np.int64]) -> Holdout:
    """One item a history, which is not among what the history holds."""
    return Holdout(
        [History(rows, np.ones(len(rows), np.float32)) for rows in histories],
        [np.array([target]) for target in targets],
        histories,
    )


def _lists(path: Path, column: str) -> list[NDArray[np.int64]]:
    return [np.asarray(rows, np.int64) for rows in pl.read_parquet(path)[column].to_list()]


def _log(histories: Sequence[NDArray[np.int64]], n_items: int | None = None) -> Interactions:
    """One user a history, in the order of the file: the files hold no times."""
    every = np.concatenate(histories)
    if n_items is None:
        ids, every = np.unique(every, return_inverse=True)
        n_items = len(ids)
    return _interactions(
        np.repeat(np.arange(len(histories)), list(map(len, histories))), every, len(histories), n_items
    )


def _interactions(users: NDArray[np.int64], rows: NDArray[np.int64], n_users: int, n_items: int) -> Interactions:
    n = len(rows)
    times = np.arange(n) / 1_000
    return Interactions(users.astype(np.int64), rows.astype(np.int64), np.ones(n, np.float32), times, n_users, n_items)


def _sessions_of(prefixes: Sequence[NDArray[np.int64]], targets: NDArray[np.int64]) -> NDArray[np.int64]:
    """The number of each pair's session: neighbours in the file where one is the beginning of the other."""
    whole = [(*prefix.tolist(), int(target)) for prefix, target in zip(prefixes, targets, strict=True)]
    numbers = np.zeros(len(whole), np.int64)
    for place in range(1, len(whole)):
        before, now = whole[place - 1], whole[place]
        short, long = sorted((before, now), key=len)
        same = len(long) == len(short) + 1 and long[: len(short)] == short
        numbers[place] = numbers[place - 1] + (not same)
    return numbers


SETS = (
    DataSet(
        "beauty",
        "Amazon Beauty, leave-one-out",
        partial(read_s3rec, "beauty"),
        ("HR@10", "NDCG@10"),
        "NDCG@10",
        (0.0930, 0.0560),
        (
            ("SASRec, as published", 0.0605, 0.0318),
            ("TIGER", 0.0648, 0.0384),
            ("ActionPiece", 0.0775, 0.0424),
            ("item-kNN + Markov fusion on these files", 0.0791, 0.0513),
            ("SASRec + sampled softmax, transformer_benchmark", 0.0921, 0.0531),
            ("eSASRec, transformer_benchmark", 0.0928, 0.0523),
        ),
        (*SEQUENCES, *NEURAL, "two_tower", "generative", "simplex", "lightgcn"),
    ),
    DataSet(
        "sports",
        "Amazon Sports, leave-one-out",
        partial(read_s3rec, "sports"),
        ("HR@10", "NDCG@10"),
        "NDCG@10",
        (0.0570, 0.0325),
        (
            ("SASRec, as published", 0.0350, 0.0192),
            ("TIGER", 0.0400, 0.0225),
            ("item-kNN + Markov fusion on these files", 0.0438, 0.0272),
            ("SASRec + sampled softmax, transformer_benchmark", 0.0569, 0.0314),
            ("eSASRec, transformer_benchmark", 0.0560, 0.0323),
        ),
        (*SEQUENCES, *NEURAL),
    ),
    DataSet(
        "ml1m",
        "MovieLens-1M in SASRec order, protocol 1 (most histories lack one item)",
        read_ml1m,
        ("HR@10", "NDCG@10"),
        "NDCG@10",
        (0.2990, 0.1726),
        (
            ("SASRec, as published", 0.2392, 0.1259),
            ("gSASRec", 0.3003, 0.1726),
            ("SASRec softmax, RecTools", 0.2990, 0.1818),
            ("eSASRec, transformer_benchmark", 0.3133, 0.1772),
            ("HSTU-large", 0.3642, 0.2164),
        ),
        (*SEQUENCES, *NEURAL),
    ),
    DataSet(
        "gowalla",
        "Gowalla, given test",
        partial(read_top_n, "topn_gowalla"),
        ("Recall@20", "NDCG@20"),
        "NDCG@20",
        (0.1872, 0.1580),
        (
            ("ItemCF", 0.1570, 0.1214),
            ("EASE-R", 0.1765, 0.1467),
            ("LightGCN", 0.1830, 0.1554),
            ("GF-CF", 0.1849, 0.1518),
            ("UltraGCN", 0.1862, 0.1580),
            ("SimpleX", 0.1872, 0.1557),
        ),
        TOP_N,
        depth=200,
    ),
    DataSet(
        "ml1m_topn",
        "MovieLens-1M top-N, given test",
        partial(read_top_n, "topn_ml1m_ultragcn"),
        ("Recall@20", "NDCG@20"),
        "NDCG@20",
        (0.2790, 0.2680),
        (("EASE on these files", 0.2755, 0.2674), ("UltraGCN", 0.2787, 0.2642)),
        TOP_N,
        depth=200,
    ),
    DataSet(
        "diginetica",
        "Diginetica, sessions",
        partial(read_sessions, "diginetica"),
        ("HR@20", "MRR@20"),
        "NDCG@20",
        (0.5422, 0.1904),
        (("Item-kNN", 0.3575, 0.1157), ("SR-GNN", 0.5073, 0.1759), ("GCE-GNN", 0.5422, 0.1904)),
        ("item_knn", "markov", "session_knn", *NEURAL),
    ),
    DataSet(
        "yoochoose",
        "Yoochoose 1/64, sessions",
        partial(read_sessions, "yoochoose1_64"),
        ("HR@20", "MRR@20"),
        "NDCG@20",
        (0.7100, 0.3100),
        (("Item-kNN", 0.5160, 0.2181), ("SR-GNN", 0.7057, 0.3094)),
        ("item_knn", "markov", "session_knn", *NEURAL),
    ),
)


def data_set(name: str) -> DataSet:
    """The data set of that name. Raises KeyError without one."""
    return {one.name: one for one in SETS}[name]
