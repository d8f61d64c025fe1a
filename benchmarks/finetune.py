"""Fine-tuning the encoder on a real shop's judgments: frozen, LoRA, full, and hybrids of them with BM25.

python benchmarks/finetune.py ../shared/datasets [--minutes 35] [--methods lora,full] [--shops homedepot,icecat]
    [--soft-minutes N] [--queries N] [--items N] [--keep FOLDER] [--publish]

homedepot_search: 80 % of the queries teach (a tenth of them says when to stop), 20 % are asked once, all 54,667 items
are searched; the cut is that of ranking.py. chorus_icecat: the Home Depot model as it is, and models of its own by
cross-validation in 5 folds. `--minutes` is the time of learning of each model: what it allows is learned, and how much
that was is printed. `--soft-minutes` lets each Home Depot model learn on by the loss soft-contrastive.
With `--icecat-minutes 0` Icecat is asked with the Home Depot models in `--keep` alone.
`--queries` and `--items` cut the data down, to try the script.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray
from report import environment, publish, table

import aisle
from aisle.encoders.families import reading_of
from aisle.encoders.finetuning.bi_encoder import BiEncoder
from aisle.encoders.finetuning.negatives import nearest_items
from aisle.encoders.finetuning.pairs import Pairs, make_pairs
from aisle.encoders.finetuning.recipe import Recipe
from aisle.encoders.finetuning.saving import save_model
from aisle.encoders.weights import model_folder
from aisle.evaluation.significance import compare, intervals
from aisle.pipelines.finetune_search import (
    School,
    Taught,
    measured,
    measured_before,
    open_encoder,
    open_school,
    teach,
)
from aisle.pipelines.lessons import Catalogue, answered, folds_of, ndcg, ndcg_of_rows, read_catalogue
from aisle.pipelines.search import retrieve
from aisle.pipelines.understand import understand
from aisle.ranking import linear_fusion
from aisle.releases import Release
from aisle.settings import EncoderSettings
from aisle.types import Candidates, Rows, SearchRequest, Vectors

MODEL = "all-MiniLM-L6-v2"
INFO = "aisle.json"
WORDS = "words (BM25)"
DEPTH = 200
WEIGHTS = tuple(round(share / 10, 1) for share in range(1, 10))
"""Of the meaning in the hybrid, against the words; chosen on validation."""
N_FOLDS = 5
HALVES = "hybrid, frozen, half and half"
BROUGHT = {
    "homedepot-lora": "the Home Depot model (LoRA)",
    "homedepot-lora-soft": "the Home Depot model (LoRA, then soft labels)",
}
"""Models that Icecat is asked with as they are."""
Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Data:
    """A built shop, its items as texts, and pairs to learn from, to choose by and to ask."""

    release: Release
    catalogue: Catalogue
    train: Pairs
    validation: Pairs
    test: Pairs


@dataclass(frozen=True, slots=True, eq=False)
class Spoken:
    """An encoder, and the items as it says them."""

    network: BiEncoder
    tokenizer: Any
    items: Vectors
    longest: int
    """Tokens of a text."""

    def queries(self, pairs: Pairs) -> Vectors:
        return self.network.encode_queries(self.tokenizer, pairs.queries, self.longest)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with homedepot_search and chorus_icecat")
    parser.add_argument("--minutes", type=float, default=35, help="time of learning of each Home Depot model")
    parser.add_argument("--soft-minutes", type=float, default=0, help="of learning on, from soft labels too")
    parser.add_argument("--icecat-minutes", type=float, default=2, help="the same of each Icecat model; 0: none")
    parser.add_argument("--icecat-loss", default="contrastive", choices=["contrastive", "soft-contrastive"])
    parser.add_argument("--methods", default="lora,full", help="parted by commas; lora comes first")
    parser.add_argument("--shops", default="homedepot,icecat", help="parted by commas")
    parser.add_argument("--queries", type=int, default=0, help="so many queries alone, to try the script")
    parser.add_argument("--items", type=int, default=0, help="so many items beside the judged ones alone")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--epochs", type=float, default=4.0)
    parser.add_argument("--negatives", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="where models go; those it holds are not learned again")
    parser.add_argument("--publish", action="store_true", help="write the tables to docs/benchmarks.md")
    asked = parser.parse_args()
    head = f"{environment()}, PyTorch {torch.__version__}, {hardware()}"
    known = {"homedepot": homedepot, "icecat": icecat}
    with tempfile.TemporaryDirectory() as temporary:
        for shop in asked.shops.split(","):
            found = f"{head}\n\n{known[shop](asked, Path(temporary), asked.keep or Path(temporary))}"
            print(found, flush=True)
            if asked.publish:
                soft = asked.soft_minutes if shop == "homedepot" else not asked.icecat_minutes
                publish(f"finetune-{shop}-soft" if soft else f"finetune-{shop}", found)


def hardware() -> str:
    return torch.cuda.get_device_name() if torch.cuda.is_available() else f"{torch.get_num_threads()} threads, no GPU"


def homedepot(asked: argparse.Namespace, shops: Path, keep: Path) -> str:
    data = read_homedepot(asked.data / "homedepot_search", shops, asked.queries, asked.items)
    methods = {method: recipe_of(asked, method) for method in asked.methods.split(",")}
    school = open_school(model_folder(MODEL), EncoderSettings(), data.catalogue, Recipe())
    network, tokenizer = school.network(Recipe())
    frozen = Spoken(network.eval(), tokenizer, school.items, school.reading.max_tokens)
    typed: dict[str, Values] = {WORDS: ndcg_of_rows(top(words_of(data.release, data.test, mend=False)), data.test)}
    rows: dict[str, Values] = {WORDS: ndcg_of_rows(top(words_of(data.release, data.test)), data.test)}
    told: list[str] = []
    steps = {"frozen": frozen}
    for method, recipe in methods.items():
        folder = keep / f"homedepot-{method}"
        steps[method] = learned(folder, school, data, recipe, told)
        if asked.soft_minutes:
            again = open_school(folder, EncoderSettings(model=str(folder)), data.catalogue, recipe)
            soft = softened(recipe, asked.soft_minutes)
            steps[f"{method}, then soft labels"] = learned(keep / f"homedepot-{method}-soft", again, data, soft, told)
    for method, spoken in steps.items():
        name, hybrid_name = f"meaning, {method}", f"hybrid, {method}"
        typed[name] = ndcg(spoken.queries(data.test), spoken.items, data.test)
        rows[name] = ndcg(spoken.queries(mended(data.release, data.test)), spoken.items, data.test)
        rows[hybrid_name], weight = hybrid(data, spoken)
        told.append(f"{hybrid_name}: {weight:g} of meaning")
    head = (
        f"homedepot_search: {len(data.train.queries):,} queries with {len(data.train):,} pairs teach, "
        f"{len(data.validation.queries):,} stop it, {len(data.test.queries):,} are asked; "
        f"{len(data.catalogue.texts):,} items. {'. '.join(told)}."
    )
    gains = {method: rows[f"meaning, {method}"].mean() - rows["meaning, frozen"].mean() for method in steps}
    for lora in (method for method in steps if method.startswith("lora")):
        full = gains.get(lora.replace("lora", "full"), 0.0)
        if full > 0:
            head += f" {lora}: {gains[lora] / full:.0%} of the gain of full fine-tuning (bar: >= 95 %)."
    head += " Bars: LoRA >= 30 % above frozen, and above BM25."
    asked_as = "Queries mended, as the engine asks them:", "Queries as they were typed:"
    mended_table = quality(rows, (WORDS, "meaning, frozen", "hybrid, frozen"))
    return f"{head}\n\n{asked_as[0]}\n\n{mended_table}\n\n{asked_as[1]}\n\n{quality(typed, (WORDS, 'meaning, frozen'))}"


def learned(folder: Path, school: School, data: Data, recipe: Recipe, told: list[str]) -> Spoken:
    """The model in `folder`, taught now unless an earlier run left it there; `told` hears how it learned."""
    if not (folder / INFO).exists():
        started = time.perf_counter()
        taught = teach(school, data.train, data.validation, recipe, progress)
        minutes = (time.perf_counter() - started) / 60
        how = (
            f"{recipe.method}, {recipe.loss}: "
            f"{minutes:.1f} minutes with its checks, {taught.ending}; {taught.n_trainable:,} of "
            f"{taught.n_weights:,} weights learn ({taught.n_trainable / taught.n_weights:.2%})"
        )
        save(folder, school, taught, how)
    told.append(json.loads((folder / INFO).read_text())["learned"])
    network, tokenizer = open_encoder(folder, reading_of(folder, EncoderSettings(model=str(folder))), recipe)
    items = network.eval().encode_items(tokenizer, data.catalogue.texts, school.reading.max_tokens)
    return Spoken(network, tokenizer, items, school.reading.max_tokens)


def icecat(asked: argparse.Namespace, shops: Path, keep: Path) -> str:
    release, catalogue, pairs = read_icecat(asked.data / "chorus_icecat", shops, asked.items)
    recipe = replace(recipe_of(asked, "lora", minutes=asked.icecat_minutes), loss=asked.icecat_loss)
    school = open_school(model_folder(MODEL), EncoderSettings(), catalogue, recipe)
    found, asked_as = words_of(release, pairs), mended(release, pairs)
    places = {query: place for place, query in enumerate(pairs.queries)}
    cuts = folds_of(pairs, N_FOLDS, 0)
    tests = [np.array([places[query] for query in test.queries]) for _, _, test in cuts]
    rows: dict[str, Values] = {WORDS: ndcg_of_rows(top(found), pairs)}
    rows["meaning, frozen"], queries = measured_before(school, asked_as, recipe)
    hybrids = {"frozen": hybrid_worth(found, queries, school.items, asked_as)}
    for folder, name in BROUGHT.items():
        if (keep / folder).exists():
            other = open_school(keep / folder, EncoderSettings(model=str(keep / folder)), catalogue, recipe)
            rows[f"meaning, {name}"], queries = measured_before(other, asked_as, recipe)
            hybrids[name] = hybrid_worth(found, queries, other.items, asked_as)
    own, fused = np.zeros(len(pairs.queries)), np.zeros((len(WEIGHTS), len(pairs.queries)))
    for at, cut in zip(tests, cuts if asked.icecat_minutes else [], strict=bool(asked.icecat_minutes)):
        train, validation, test = (mended(release, part) for part in cut)
        taught = teach(school, train, validation, recipe, progress)
        own[at], queries, items = measured(school, taught, test)
        fused[:, at] = hybrid_worth([found[place] for place in at], queries, items, test)
    if asked.icecat_minutes:
        rows[f"meaning, LoRA on its own judgments ({N_FOLDS} folds)"] = own
        hybrids["LoRA on its own judgments"] = fused
    rows[HALVES] = hybrids["frozen"][WEIGHTS.index(0.5)]
    told = []
    for name, worth in hybrids.items():
        rows[f"hybrid, {name}"], weights = chosen_elsewhere(worth, tests)
        told.append(f"{name} {' '.join(f'{weight:g}' for weight in weights)}")
    head = (
        f"chorus_icecat: {len(pairs.queries)} queries, {len(catalogue.texts):,} items; every query is asked of a model "
        f"that did not see it. Loss: {asked.icecat_loss}. Weights of the meaning in hybrids, for each fold the best of "
        f"the others' queries: {', '.join(told)}. Bars: the Home Depot model loses at most 2 %; its own judgments "
        "gain; hybrid with the tuned encoder >= 5 % above hybrid with the frozen one."
    )
    return f"{head}\n\n{quality(rows, ('meaning, frozen', 'hybrid, frozen'))}"


def recipe_of(asked: argparse.Namespace, method: str, minutes: float = 0.0) -> Recipe:
    return Recipe(
        method=cast(Any, method),
        batch=asked.batch,
        epochs=asked.epochs,
        negatives=asked.negatives,
        budget_s=60 * (minutes or asked.minutes),
        checks=5,
    )


def softened(recipe: Recipe, minutes: float) -> Recipe:
    """Learning on at half the learning rate, and from what words and meaning say of unjudged items."""
    return replace(
        recipe, loss="soft-contrastive", learning_rate=recipe.rate / 2, epochs=100.0, budget_s=60 * minutes, batch=64
    )


def read_homedepot(data: Path, shops: Path, n_queries: int, n_items: int) -> Data:
    """The cut of ranking.py: a permutation of the queries with seed 0, the first fifth of them is asked."""
    judged = pl.read_parquet(data / "judgments.parquet")
    queries = pl.read_parquet(data / "queries.parquet")
    texts = queries["query"].to_list()
    order = np.random.default_rng(0).permutation(len(texts))[: n_queries or None]
    asked = {texts[place] for place in order[: len(order) // 5]}
    kept = {texts[place] for place in order}
    judged = judged.join(queries, on="query_id").filter(pl.col("query").is_in(list(kept)))
    release = open_release(shops / "homedepot", some_items(data, judged, n_items), {})
    graded = {
        (query, release.catalogue.rows[str(item)]): round((relevance - 1) * 3) / 6
        for query, item, relevance in judged.select("query", "item_id", "relevance").iter_rows()
    }
    pairs = make_pairs(graded)
    test = np.array([query in asked for query in pairs.queries])
    rest = answered(pairs.of(~test))
    validation = np.random.default_rng(1).permutation(len(rest.queries)) < len(rest.queries) // 10
    train = mended(release, rest.of(~validation))
    return Data(release, texts_of(release), train, rest.of(validation), pairs.of(test))


def read_icecat(data: Path, shops: Path, n_items: int) -> tuple[Release, Catalogue, Pairs]:
    judged = pl.read_parquet(data / "judgments.parquet").join(pl.read_parquet(data / "queries.parquet"), on="query_id")
    release = open_release(shops / "icecat", some_items(data, judged, n_items), {"price_cents": "price"})
    rows = release.catalogue.rows
    graded = {
        (query, rows[str(item)]): grade / 3
        for query, item, grade in judged.select("query", "item_id", "grade").iter_rows()
    }
    return release, texts_of(release), answered(make_pairs(graded))


def some_items(data: Path, judged: pl.DataFrame, n_items: int) -> pl.DataFrame:
    frame = pl.read_parquet(data / "items.parquet")
    wanted = pl.col("item_id").is_in(judged["item_id"].unique().to_list())
    return pl.concat([frame.filter(wanted), frame.filter(~wanted).head(n_items)]) if n_items else frame


def open_release(folder: Path, items: pl.DataFrame, mapping: Mapping[str, str]) -> Release:
    """A shop without judgments, so that nothing but the encoder has seen any; its words are the engine's own."""
    aisle.init(folder).close()
    shop = aisle.open(folder)
    items.write_parquet(folder / "items.parquet")
    shop.ingest_items([str(folder / "items.parquet")], mapping)
    shop.build()
    return shop.release


def texts_of(release: Release) -> Catalogue:
    return read_catalogue([release.catalogue.item(row) for row in range(len(release.catalogue.item_ids))])


def mended(release: Release, pairs: Pairs) -> Pairs:
    """The queries as the engine gives them to the encoder: with their spelling mended."""
    read = (understand(release, SearchRequest(query=query)).query for query in pairs.queries)
    return replace(pairs, queries=tuple(read))


def words_of(release: Release, pairs: Pairs, *, mend: bool = True) -> list[Candidates]:
    """What the engine's words alone find: BM25 of the best field."""
    asked = (SearchRequest(query=query, spelling=mend) for query in pairs.queries)
    return [retrieve(release, understand(release, request)).lexical for request in asked]


def mixed(words: Sequence[Candidates], queries: Vectors, items: Vectors, weight: float) -> list[Rows]:
    """The ten best of words and meaning by linear fusion, as the shop's search fuses them."""
    near = nearest_items(queries, items, DEPTH)
    found = []
    for one, vector, others in zip(words, queries, near, strict=True):
        rows = np.union1d(one.rows, others)
        fused = linear_fusion(one, rows, np.asarray(items[rows] @ vector, np.float32), 1 - weight, weight)
        found.append(fused.rows[:10])
    return found


def hybrid_worth(words: Sequence[Candidates], queries: Vectors, items: Vectors, pairs: Pairs) -> Values:
    """(n_weights, n_queries) nDCG@10 of the hybrid at each of WEIGHTS."""
    return np.stack([ndcg_of_rows(mixed(words, queries, items, weight), pairs) for weight in WEIGHTS])


def chosen_elsewhere(worth: Values, tests: Sequence[Rows]) -> tuple[Values, list[float]]:
    """(n_queries,) values of `worth`, each fold's at the weight that is best for all other folds, and these weights."""
    values, weights = np.zeros(worth.shape[1]), []
    for at in tests:
        best = int(np.delete(worth, at, axis=1).mean(axis=1).argmax())
        values[at] = worth[best, at]
        weights.append(WEIGHTS[best])
    return values, weights


def top(found: Sequence[Candidates]) -> list[Rows]:
    return [one.rows[:10] for one in found]


def hybrid(data: Data, spoken: Spoken) -> tuple[Values, float]:
    """nDCG@10 on the test at the weight that is best on validation, and that weight."""
    asked = words_of(data.release, data.validation), spoken.queries(mended(data.release, data.validation))
    best = WEIGHTS[int(hybrid_worth(*asked, spoken.items, data.validation).mean(axis=1).argmax())]
    asked = words_of(data.release, data.test), spoken.queries(mended(data.release, data.test))
    return ndcg_of_rows(mixed(*asked, spoken.items, best), data.test), best


def quality(rows: Mapping[str, Values], baselines: Sequence[str]) -> str:
    """nDCG@10 with intervals, and against each baseline the gain and the p of the paired randomisation test."""
    bounds = intervals(dict(rows))
    lines = []
    for name, values in rows.items():
        low, high = bounds[name]
        line = [name, f"{values.mean():.4f} ({low:.3f} to {high:.3f})"]
        for other in baselines:
            if other == name:
                line.append("")
                continue
            p = compare(values, rows[other]).p_randomised
            line.append(f"{values.mean() / rows[other].mean() - 1:+.1%} (p {p:.3f})")
        lines.append(line)
    return table(["run", "nDCG@10", *(f"to {name}" for name in baselines)], lines)


def save(folder: Path, school: School, taught: Taught, how: str) -> None:
    reading = school.reading
    info = {"kind": "encoder", "pooling": reading.pooling, "max_tokens": reading.max_tokens, "learned": how}
    info |= {"query_prefix": taught.network.query_prefix, "item_prefix": taught.network.item_prefix}
    save_model(folder, taught.backbone, taught.tokenizer, info)


def progress(step: Any, n_steps: int) -> None:
    if step.number % 20 == 0 or step.quality is not None:
        found = "" if step.quality is None else f", nDCG@10 {step.quality:.4f}"
        print(f"step {step.number}/{n_steps}, loss {step.loss:.3f}{found}, {step.elapsed_s:.0f} s", flush=True)


if __name__ == "__main__":
    main()
