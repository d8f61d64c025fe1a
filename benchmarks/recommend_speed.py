"""How fast recommenders learn: SASRec beside RecTools and RecBole, item-kNN with Markov, EASE.

python -m venv PEERS; PEERS/bin/pip install "torch<2.14" "rectools[torch]" recbole
python benchmarks/recommend_speed.py ../shared/datasets --peers PEERS/bin/python [--publish]

Everybody learns from the training part of Beauty (leave-one-out) on the same processors, one after another, until
NDCG@10 on validation is that of our best epoch. Seconds of peers are those of training alone, ours hold evaluation too.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from threading import Timer
from typing import Any

import numpy as np
from recommend_data import data_set
from report import environment, publish, table

from aisle.evaluation.splits import Split
from aisle.recommenders.ease import Ease
from aisle.recommenders.item_knn import ItemKnn
from aisle.recommenders.learning import Epoch
from aisle.recommenders.markov import Markov
from aisle.recommenders.sasrec import SasRec

PEERS = ("rectools", "recbole")
GRACE_S = 60
"""For loading data and for the last epoch."""
OURS: dict[str, Any] = {"learning_rate": 3e-3, "temperature": 12.0, "negatives": 1024, "epochs": 30, "patience": 3}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder that holds the data sets")
    parser.add_argument("--peers", type=Path, help="Python in which RecTools and RecBole are installed")
    parser.add_argument("--minutes", type=float, default=60.0, help="longest wait for each peer")
    parser.add_argument("--publish", action="store_true", help="write the table to docs/benchmarks.md")
    asked = parser.parse_args()
    split = data_set("beauty").read(asked.data)
    target, rows = ours(split)
    if asked.peers:
        rows += [peer(name, asked.peers, split, target, asked.minutes) for name in PEERS]
    rows += quick(split, data_set("ml1m_topn").read(asked.data))
    text = f"{environment()}\n\n{table(['what', 'measured', 'bar'], rows)}"
    print(text)
    if asked.publish:
        publish("recommend-speed", text)


def ours(split: Split) -> tuple[float, list[list[str]]]:
    """NDCG@10 on validation of our best epoch, and how long it took to get there."""
    told: list[Epoch] = []
    SasRec(**OURS).fit(split.train, split.validation, lambda epoch: (told.append(epoch), say(str(epoch)))[0])
    best = max(told, key=lambda epoch: epoch.quality or 0.0)
    target = best.quality or 0.0
    what = f"SASRec on Beauty to its best NDCG@10 on validation, {target:.4f} (epoch {best.number})"
    return target, [[what, f"{best.elapsed_s:.0f} s", "<= 360 s"]]


def peer(name: str, python: Path, split: Split, target: float, minutes: float) -> list[str]:
    """When the SASRec of another library reaches the same, or how far it gets."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "train.npz"
        order = np.argsort(split.train.users, kind="stable")
        asked = split.test_users
        wanted = np.array([rows[0] for rows in split.validation.relevant])
        np.savez(path, users=split.train.users[order], rows=split.train.rows[order], valid_users=asked,
                 valid_rows=wanted, n_items=split.train.n_items)  # fmt: skip
        script = Path(__file__).with_name("recommend_peers.py")
        call = [str(python), str(script), name, str(path), str(target), str(minutes)]
        told = []
        with subprocess.Popen(call, stdout=subprocess.PIPE, text=True) as process:
            # it looks at the clock after each epoch, and one may take longer than all that is allowed
            clock = Timer(60 * minutes + GRACE_S, process.kill)
            clock.start()
            for line in process.stdout or ():
                if line.startswith('{"epoch"'):
                    told.append(json.loads(line))
                    say(f"{name} {line.strip()}")
            stopped = not clock.is_alive()
            clock.cancel()
    if not told and stopped:
        return [f"{name}: SASRec on Beauty, no epoch done yet", f"> {60 * minutes:.0f} s", ">= 5 times ours"]
    if not told:
        return [f"{name}: SASRec on Beauty", "failed", ""]
    best = max(told, key=lambda one: one["ndcg"])
    reached = [one for one in told if one["ndcg"] >= target]
    if reached:
        return [f"{name}: SASRec on Beauty to {target:.4f}", f"{reached[0]['seconds']:.0f} s", ">= 5 times ours"]
    what = f"{name}: SASRec on Beauty, did not reach {target:.4f}; its best {best['ndcg']:.4f}, epoch {best['epoch']}"
    seconds, epochs = told[-1]["seconds"], told[-1]["epoch"]
    then = seconds * (1 + 1 / epochs)
    return [what, f"> {seconds:.0f} s; epoch {epochs + 1} would end at {then:.0f} s", ">= 5 times ours"]


def quick(beauty: Split, ml1m: Split) -> list[list[str]]:
    """Models that learn in seconds."""
    began = time.perf_counter()
    ItemKnn().fit(beauty.train)
    Markov().fit(beauty.train)
    both = time.perf_counter() - began
    began = time.perf_counter()
    Ease().fit(ml1m.full)
    ease = time.perf_counter() - began
    return [
        ["item-kNN and Markov on Beauty, fit", f"{both:.1f} s", "<= 5 s"],
        ["EASE on ML-1M, fit", f"{ease:.1f} s", "<= 5 s"],
    ]


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
