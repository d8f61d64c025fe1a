"""Users read as texts: the encoder as it is, and as `aisle finetune --task user` teaches it, beside other recommenders.

python benchmarks/users.py ../shared/datasets [--sets electronic,clothing] [--minutes N] [--publish]

bundles_amazon: what people bought, and its titles. The last item of everybody with three or more is asked of the whole
catalogue, less what they have; the shop never sees it. Equal times keep the order of the data: most people have one
session of one moment, so that what is asked is which item belongs to the others. Models are those of `aisle build`,
before and after; the weights of blends are fitted on the last choice that the shop knows.
"""

import argparse
import sys
import tempfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from report import environment, publish, table

import aisle
from aisle.encoders.finetuning.recipe import Recipe
from aisle.evaluation.rankings import measure, rank_holdout
from aisle.evaluation.significance import compare, intervals
from aisle.pipelines.finetune import use
from aisle.pipelines.finetuned import FinetunePlan
from aisle.pipelines.learn import learn_recommenders
from aisle.recommenders import Recommender, UserText, build_interactions, histories_of
from aisle.recommenders.protocol import Holdout
from aisle.releases.release import by_text
from aisle.shop import Shop

SETS = ("electronic", "clothing")
FEWEST = 3
"""Items of a user who is asked about."""
K, MEASURES = 10, ("HR@10", "NDCG@10")
READ = "history as text"
BASES = (f"{READ}, frozen", "blend, frozen")
"""What the others are compared with."""
Values = dict[str, dict[str, NDArray[np.float64]]]
"""By model, each measure of each question."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder that holds bundles_amazon")
    parser.add_argument("--sets", default=",".join(SETS), help="parted by commas")
    parser.add_argument("--minutes", type=float, default=10, help="of learning")
    parser.add_argument("--epochs", type=float, default=Recipe().epochs)
    parser.add_argument("--publish", action="store_true", help="write the tables to docs/benchmarks.md")
    asked = parser.parse_args()
    plan = FinetunePlan(task="user", recipe=Recipe(epochs=asked.epochs, budget_s=60 * asked.minutes))
    parts = [environment()]
    for name in asked.sets.split(","):
        with tempfile.TemporaryDirectory() as temporary:
            parts.append(measured(name, asked.data / "bundles_amazon", Path(temporary) / "shop", plan))
        print(parts[-1], flush=True)
    if asked.publish:
        publish("users", "\n\n".join(parts))


def measured(name: str, data: Path, folder: Path, plan: FinetunePlan) -> str:
    """Build, ask, fine-tune, build and ask again."""
    bought, last = read_log(data / f"{name}_user_item.parquet")
    with closing(make_shop(folder, data / f"{name}_items.parquet", bought)) as shop:
        shop.build()
        values = answers(shop, last, "frozen")
        done = shop.finetune(plan, progress)
    if use(folder, done):
        with closing(aisle.open(folder)) as shop:
            shop.build()
            values |= answers(shop, last, "tuned")
    head = (
        f"{name}: {bought['user_id'].n_unique():,} users with {len(bought):,} events, {len(last):,} questions. "
        f"{done.n_learned_from:,} pairs teach, {done.ending}. By the command's own measure, nDCG@10 of "
        f"{done.quality.n} users that it did not learn from: {done.quality.before:.4f} before, "
        f"{done.quality.after:.4f} after (p {done.quality.comparison.p_randomised:.3f})."
    )
    return f"{head}\n\n{quality(values)}"


def read_log(file: Path) -> tuple[pl.DataFrame, dict[str, str]]:
    """What the shop knows (user_id, item_id, timestamp, kind), and by user the item that is asked."""
    number, n = pl.int_range(pl.len()).over("user_id"), pl.len().over("user_id")
    events = (
        pl.read_parquet(file)
        .unique(["user_id", "item_id"], keep="first", maintain_order=True)
        .sort("timestamp", maintain_order=True)
        .select(
            # of one length, so that ids have the order of numbers
            user_id=pl.col("user_id").cast(pl.String).str.zfill(6),
            item_id=pl.col("item_id").cast(pl.String),
            timestamp=pl.from_epoch("timestamp", time_unit="s").dt.replace_time_zone("UTC"),
            kind=pl.lit("purchase"),
            is_asked=(n >= FEWEST) & (number == n - 1),
        )
    )
    asked = events.filter("is_asked").select("user_id", "item_id")
    return events.filter(~pl.col("is_asked")).drop("is_asked"), dict(asked.iter_rows())


def make_shop(folder: Path, items: Path, bought: pl.DataFrame) -> Shop:
    """A shop of titles and `bought`, not built."""
    aisle.init(folder).close()
    titles = pl.col("title").str.replace_all("&amp;", "&")
    pl.read_parquet(items).select("item_id", titles).write_parquet(folder / "items.parquet")
    bought.write_parquet(folder / "events.parquet")
    shop = aisle.open(folder)
    shop.ingest_items([str(folder / "items.parquet")])
    shop.ingest_events([str(folder / "events.parquet")])
    return shop


def progress(stage: str, done: int, total: int) -> None:
    print(f"\r{stage} {done}/{total}        ", end="", file=sys.stderr, flush=True)


def answers(shop: Shop, last: Mapping[str, str], encoder: str) -> Values:
    """What the models of the built shop make of the questions."""
    release, settings, events = shop.release, shop.settings.recommend, shop.store.events_frame()
    rows, n_items = release.catalogue.rows, len(release.catalogue.item_ids)
    log = build_interactions(events, rows, settings, n_items)
    users = {user: number for number, user in enumerate(sorted(events["user_id"].unique()))}
    known = histories_of(log, settings)
    histories = [known[users[user]] for user in last]
    holdout = Holdout(
        histories, [np.array([rows[item]]) for item in last.values()], [np.unique(one.rows) for one in histories]
    )
    texts = by_text(release.encoder, release.catalogue, release.index)
    without = tuple(name for name in settings.models if name != UserText.name)
    blends = [
        learn_recommenders(log, texts, settings.model_copy(update={"models": names})).blend
        for names in (without, (*without, UserText.name))
    ]
    models: dict[str, Recommender | None] = {
        "popularity": release.popularity,
        "item-kNN": release.item_knn,
        f"mean of vectors, {encoder}": texts[0],
        f"{READ}, {encoder}": texts[1],
        f"blend, {encoder}": blends[0],
        f"blend with {READ}, {encoder}": blends[1],
    }
    return {name: values_of(model, holdout, n_items) for name, model in models.items() if model is not None}


def values_of(model: Recommender, holdout: Holdout, n_items: int) -> dict[str, NDArray[np.float64]]:
    found = measure(rank_holdout(model.score, holdout, K, n_items), holdout.relevant, (K,))
    return {name: found[name] for name in MEASURES}


def quality(values: Values) -> str:
    """All models, with intervals, and by NDCG@10 against BASES."""
    lines = []
    for name, found in values.items():
        ranges = intervals(found)
        cells = [f"{found[one].mean():.4f} ({ranges[one][0]:.3f} to {ranges[one][1]:.3f})" for one in MEASURES]
        lines.append([name, *cells, *(against(found, values[base]) if base != name else "" for base in BASES)])
    return table(("model", *MEASURES, *(f"to {base}" for base in BASES)), lines)


def against(one: Mapping[str, NDArray[np.float64]], other: Mapping[str, NDArray[np.float64]]) -> str:
    compared = compare(one[MEASURES[1]], other[MEASURES[1]])
    return f"{compared.difference:+.4f} (p {compared.p_randomised:.3f})"


if __name__ == "__main__":
    main()
