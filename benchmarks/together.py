"""What several processes bring: memory of each with the items of SASRec in parts, and speed of pre-training.

python benchmarks/together.py [--items 1000000] [--publish]

Needs no data: users walk over the catalogue at random, and texts are random words. Every process computes with one
thread, so that two of them are twice the processor.
"""

import argparse
import os
import resource
import tempfile
from collections.abc import Callable
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from report import environment, publish, table

from aisle.encoders.learning.distributed import of_all
from aisle.encoders.learning.launching import run
from aisle.encoders.pretraining.corpus import Passage, split
from aisle.encoders.pretraining.plan import Pretraining
from aisle.encoders.pretraining.pretrain import pretrain
from aisle.recommenders.protocol import Interactions
from aisle.recommenders.sasrec import SasRec

PROCESSES = (1, 2)
CHOSEN, LENGTH = 100_000, 10
"""Items that are chosen at all, and by one user."""
STEPS = 60
"""Of pre-training."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=1_000_000, help="items of the catalogue")
    parser.add_argument("--publish", action="store_true", help="write the table to docs/benchmarks.md")
    asked = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    rows = [recommender_row(n, asked.items) for n in PROCESSES] + [pretraining_row(n) for n in PROCESSES]
    text = f"{environment()}\n\n{table(['what', 'processes', 'memory of each', 'speed', 'loss'], rows)}"
    print(text)
    if asked.publish:
        publish("together", text)


def recommender_row(n_processes: int, n_items: int) -> list[str]:
    """One epoch of SASRec; run in a process of its own, whose memory is then that of learning."""
    learned, most = apart(learn_recommender, n_processes, n_items)
    epoch = learned.epochs[0]
    what = f"SASRec, {n_items:,} items of 64 dimensions, an epoch"
    return [what, str(n_processes), in_megabytes(most), f"{epoch.elapsed_s:.0f} s", f"{epoch.loss:.5f}"]


def pretraining_row(n_processes: int) -> list[str]:
    """Masked pre-training of a tiny model."""
    result, most = apart(learn_language, n_processes)
    speed = f"{result.tokens_per_s:,.0f} tokens/s"
    what = f"masked pre-training, {result.n_parameters / 1e6:.1f} million weights, {STEPS} steps"
    return [what, str(n_processes), in_megabytes(most), speed, f"{result.loss_after:.4f}"]


def learn_recommender(n_items: int, *, tell: Callable[..., None]) -> tuple[Any, list[int]]:
    """How it went, and the most memory that each process took, in kilobytes."""
    rng = np.random.default_rng(0)
    rows = rng.permutation(n_items)[:CHOSEN]
    users = np.arange(len(rows)) // LENGTH
    log = Interactions(users, rows, np.ones(len(rows), np.float32), np.arange(len(rows)) * 1.0, len(users), n_items)
    features = rng.standard_normal((n_items, 1)).astype(np.float32)  # so that all items have a vector
    model = SasRec(layers=1, epochs=1, batch=8_192, head_start=False, features=features).fit(log)
    return model.learned_, of_all(most_memory())


def learn_language(*, tell: Callable[..., None]) -> tuple[Any, list[int]]:
    """What came of it, and the most memory that each process took, in kilobytes."""
    rng = np.random.default_rng(0)
    words = [f"{first}{second}" for first in ("lam", "mug", "hos", "jack", "cab") for second in ("p", "er", "et", "le")]
    corpus = split((Passage(" ".join(rng.choice(words, 12))) for _ in range(4_000)), 0.05)
    plan = Pretraining(vocabulary=1_000, max_tokens=64, batch_tokens=2_048, steps=STEPS)
    with tempfile.TemporaryDirectory() as folder:
        return pretrain(corpus, plan, Path(folder) / "model"), of_all(most_memory())


def apart(work: Callable[..., Any], n_processes: int, *arguments: Any) -> Any:
    """What `work` brings in new processes, also where it is a single one."""
    if n_processes > 1:
        return run(work, n_processes, *arguments)
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(partial(work, *arguments, tell=print))


def most_memory() -> int:
    """The most memory that this process took, in kilobytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def in_megabytes(most: list[int]) -> str:
    return " and ".join(f"{kilobytes / 1_000:,.0f} MB" for kilobytes in most)


if __name__ == "__main__":
    main()
