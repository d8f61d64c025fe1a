"""Does pre-training teach a small model Chinese in ten minutes?

    python benchmarks/pretrain.py ../shared/datasets [--minutes 9] [--keep FOLDER] [--publish]

A BERT and its tokenizer are made from nothing on the queries and shopping reviews of the data set zh_ecommerce,
of which 5 % are held out by a hash of the text. The loss of hidden held-out tokens stands beside that of foretelling
each token by how often it occurs in the texts learned from (one added to each count), with a 95 % bootstrap interval
over batches of held-out texts. `--minutes` is of learning; reading, the tokenizer and measuring come on top, and are
told. `--keep` leaves the model in a folder, for benchmarks that fine-tune it. `--queries N` and `--reviews N` take
only so many.
"""

import argparse
import json
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import numpy as np
import polars as pl
import torch
from report import environment, publish, table
from torch.nn.functional import cross_entropy
from transformers import AutoModelForPreTraining, AutoTokenizer

from aisle.encoders.learning.devices import device, moved
from aisle.encoders.learning.tracking import Tracking
from aisle.encoders.pretraining.corpus import Corpus, Passage, split
from aisle.encoders.pretraining.masked import MaskedObjective
from aisle.encoders.pretraining.plan import Pretrained, Pretraining
from aisle.encoders.pretraining.pretrain import pretrain

PLAN = Pretraining(masked_share=0.3)
"""Twice the usual share is hidden while learning: a step has more to teach (Wettig et al. 2023). Measured is 0.15."""
BAR, BAR_S = 0.40, 600.0
N_RESAMPLES = 2_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of all data sets")
    parser.add_argument("--minutes", type=float, default=9.0, help="of learning")
    parser.add_argument("--keep", type=Path, help="folder that the model is left in; default: none")
    parser.add_argument("--queries", type=int, help="take so many queries; default: all")
    parser.add_argument("--reviews", type=int, help="take so many reviews; default: all")
    parser.add_argument("--publish", action="store_true", help="write the tables to docs/benchmarks.md")
    asked = parser.parse_args()
    began = perf_counter()
    corpus = read(asked.data / "zh_ecommerce", asked.queries, asked.reviews)
    with tempfile.TemporaryDirectory() as temporary:
        target = asked.keep or Path(temporary) / "model"
        plan = replace(PLAN, minutes=asked.minutes)
        result = pretrain(corpus, plan, target, fresh=True, tracking=Tracking(note=Told()))
        whole_s = perf_counter() - began
        text = "\n\n".join([environment(), losses(result, corpus, plan), summary(result, whole_s), curve(target)])
    print(text)
    if asked.publish:
        publish("pretrain", text)


class Told:
    """Prints how learning goes, every half minute."""

    def __init__(self) -> None:
        self.last = 0.0

    def __call__(self, note: str) -> None:
        if perf_counter() - self.last > 30:
            self.last = perf_counter()
            print(note, flush=True)


def read(folder: Path, n_queries: int | None, n_reviews: int | None) -> Corpus:
    """The queries of the training part and the shopping reviews; the validation queries are not looked at."""
    queries = pl.read_parquet(folder / "multicpr_ecom_queries_train.parquet")["query"].head(n_queries or 10**9)
    reviews = pl.read_parquet(folder / "online_shopping_10_cats.parquet")["review"]
    # The file is sorted by category: a part of it has to be drawn.
    reviews = reviews.sample(n_reviews, seed=0) if n_reviews else reviews
    return split((Passage(text) for text in (*queries, *reviews)), PLAN.held_out, PLAN.seed)


def losses(result: Pretrained, corpus: Corpus, plan: Pretraining) -> str:
    """Loss of the model and of the baseline on the same hidden tokens, and how far the one is below the other."""
    model = AutoModelForPreTraining.from_pretrained(result.folder)
    made = MaskedObjective(model, AutoTokenizer.from_pretrained(result.folder), corpus, plan)
    made.network.to(device()).eval()
    rows = []
    for batch in made.held_out_batches:
        placed = moved(batch, device())
        with torch.no_grad():
            logits, _ = made.network(placed.tokens, placed.chosen)
        learned = float(cross_entropy(logits.float(), placed.targets, reduction="sum"))
        rows.append((len(batch.targets), learned, -float(made.log_shares[batch.targets.numpy()].sum())))
    sums = np.array(rows)
    n_tokens, learned, baseline = sums.sum(axis=0)
    rng = np.random.default_rng(0)
    drawn = sums[rng.integers(0, len(sums), (N_RESAMPLES, len(sums)))].sum(axis=1)
    below = 1 - drawn[:, 1] / drawn[:, 2]
    gain, (low, high) = 1 - learned / baseline, np.percentile(below, [2.5, 97.5])
    head = ("model", "loss, nats a hidden token", "perplexity", "below the baseline", "bar")
    uniform = float(np.log(len(made.log_shares)))
    return f"{int(n_tokens):,} hidden tokens of {len(corpus.held_out):,} held-out texts.\n\n" + table(
        head,
        [
            ("every token alike", f"{uniform:.3f}", f"{np.exp(uniform):,.0f}", "", ""),
            ("by frequency (unigram)", f"{baseline / n_tokens:.3f}", f"{np.exp(baseline / n_tokens):,.0f}", "", ""),
            (
                "**pre-trained here from scratch**", f"{learned / n_tokens:.3f}", f"{np.exp(learned / n_tokens):,.1f}",
                f"{gain:.1%} ({low:.1%} to {high:.1%})", f">= {BAR:.0%}",
            ),
        ],
    )  # fmt: skip


def summary(result: Pretrained, whole_s: float) -> str:
    """What was learned from, and how fast."""
    rows = [
        ("texts, tokens", f"{result.n_texts:,}, {result.n_tokens:,}", ""),
        ("weights", f"{result.n_parameters:,}", ""),
        ("steps", f"{result.n_steps:,} ({result.ending})", ""),
        ("tokens/s while learning, padding not counted", f"{result.tokens_per_s:,.0f}", ""),
        ("learning", f"{result.elapsed_s:.0f} s", ""),
        ("all: reading, tokenizer, learning, measuring", f"{whole_s:.0f} s", f"<= {BAR_S:.0f} s"),
        ("device", f"{device().type}, {torch.get_num_threads()} threads", ""),
    ]
    return table(("what", "measured", "bar"), rows)


def curve(folder: Path) -> str:
    """The loss while learning: the mean of the steps between two checks, and what the check found."""
    steps: Sequence[dict[str, float]] = json.loads((folder / "history.json").read_text("utf-8"))["steps"]
    rows, begin = [], 0
    for place, step in enumerate(steps, 1):
        if step["quality"] is not None:
            mean = np.mean([one["loss"] for one in steps[begin:place]])
            rows.append((f"{place:,}", f"{step['elapsed_s']:.0f}", f"{mean:.3f}", f"{-step['quality']:.3f}"))
            begin = place
    return table(("step", "seconds", "loss, mean since the row above", "held-out loss, of a part"), rows)


if __name__ == "__main__":
    main()
