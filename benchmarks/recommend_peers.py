"""SASRec of RecTools or RecBole on the same training part, epoch by epoch; recommend_speed.py runs it in their Python.

python benchmarks/recommend_peers.py rectools|recbole TRAIN.npz TARGET MINUTES

TRAIN.npz holds users, rows (in the order of time within each user), valid_users, valid_rows, n_items. Prints a line of
JSON an epoch: seconds of training so far, without evaluation, and NDCG@10 on validation (whole catalogue, seen
masked); stops at TARGET or after MINUTES.
"""

# ruff: noqa: PLC0415  each library is imported only where it is measured
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

K = 10


def main() -> None:
    name, path, target, minutes = sys.argv[1], Path(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])
    data = dict(np.load(path))
    epochs = {"rectools": rectools_epochs, "recbole": recbole_epochs}[name](data)
    seconds, began = 0.0, time.perf_counter()
    for number, (trained_s, top) in enumerate(epochs, start=1):
        seconds += trained_s
        value = ndcg(top(), data["valid_rows"])
        print(json.dumps({"epoch": number, "seconds": seconds, "ndcg": value}), flush=True)
        if value >= target or time.perf_counter() - began > 60 * minutes:
            break


def ndcg(lists: np.ndarray, wanted: np.ndarray) -> float:
    hits = lists == wanted[:, None]
    return float((hits / np.log2(np.arange(2, K + 2))).sum(axis=1).mean())


Epoch = tuple[float, Callable[[], np.ndarray]]


def rectools_epochs(data: dict[str, np.ndarray]) -> Iterator[Epoch]:
    """RecTools with the settings of its own SASRec benchmark: softmax over the catalogue, dim 256 cut to ours, 64."""
    import pandas as pd
    from rectools import Columns
    from rectools.dataset import Dataset
    from rectools.models import SASRecModel

    n = len(data["rows"])
    frame = pd.DataFrame(
        {
            Columns.User: data["users"],
            Columns.Item: data["rows"],
            Columns.Weight: np.ones(n),
            Columns.Datetime: pd.Timestamp(0) + pd.to_timedelta(np.arange(n), "s"),
        }
    )
    dataset = Dataset.construct(frame)
    model = SASRecModel(
        session_max_len=50, n_factors=64, n_blocks=2, n_heads=2, dropout_rate=0.5, loss="softmax", batch_size=128,
        lr=1e-3, epochs=1, verbose=0, deterministic=False,
    )  # fmt: skip

    def top() -> np.ndarray:
        found = model.recommend(data["valid_users"], dataset, k=K, filter_viewed=True)
        lists = np.full((len(data["valid_users"]), K), -1)
        place = {user: number for number, user in enumerate(data["valid_users"].tolist())}
        users = found[Columns.User].map(place).to_numpy()
        lists[users, found[Columns.Rank].to_numpy() - 1] = found[Columns.Item].to_numpy()
        return lists

    while True:
        began = time.perf_counter()
        model.fit_partial(dataset, min_epochs=1, max_epochs=1)
        yield time.perf_counter() - began, top


def recbole_epochs(data: dict[str, np.ndarray]) -> Iterator[Epoch]:
    """RecBole with the settings of its own SASRec on Beauty: softmax (CE), dim 64, batch 2,048."""
    patch_for_recbole()
    import torch
    from recbole.config import Config
    from recbole.data import create_dataset
    from recbole.data.dataloader import TrainDataLoader
    from recbole.model.sequential_recommender import SASRec
    from recbole.trainer import Trainer

    folder = Path(tempfile.mkdtemp())
    (folder / "beauty").mkdir()
    lines = [f"{u}\t{i}\t{t}" for t, (u, i) in enumerate(zip(data["users"], data["rows"], strict=True))]
    head = "user_id:token\titem_id:token\ttimestamp:float"
    (folder / "beauty" / "beauty.inter").write_text("\n".join([head, *lines]) + "\n")
    settings = {
        "data_path": str(folder), "load_col": {"inter": ["user_id", "item_id", "timestamp"]},
        "MAX_ITEM_LIST_LENGTH": 50, "train_neg_sample_args": None, "loss_type": "CE", "hidden_size": 64,
        "inner_size": 256, "n_layers": 2, "n_heads": 2, "hidden_dropout_prob": 0.5, "attn_dropout_prob": 0.5,
        "train_batch_size": 2048, "learning_rate": 1e-3, "epochs": 1, "show_progress": False, "use_gpu": False,
        "eval_args": {"split": {"RS": [1, 0, 0]}, "order": "TO", "group_by": "user", "mode": "full"},
        "state": "ERROR", "checkpoint_dir": str(folder), "log_wandb": False,
    }  # fmt: skip
    sys.argv = sys.argv[:1]
    config = Config(model="SASRec", dataset="beauty", config_dict=settings)
    dataset = create_dataset(config)
    parts = dataset.build()
    loader = TrainDataLoader(config, parts[0], None, shuffle=True)
    model = SASRec(config, loader.dataset)
    trainer = Trainer(config, model)
    names = dataset.field2id_token["item_id"]
    own = np.array([-1, *(int(name) for name in names[1:])])
    numbers = {int(name): number for number, name in enumerate(names) if number}

    histories: dict[int, list[int]] = {}
    for user, row in zip(data["users"].tolist(), data["rows"].tolist(), strict=True):
        histories.setdefault(user, []).append(row)

    def top() -> np.ndarray:
        model.eval()
        lists = []
        asked = data["valid_users"].tolist()
        with torch.no_grad():
            for start in range(0, len(asked), 512):
                seen = [[numbers[row] for row in histories[user]] for user in asked[start : start + 512]]
                padded = torch.zeros(len(seen), 50, dtype=torch.long)
                for place, rows in enumerate(seen):
                    padded[place, : len(rows[-50:])] = torch.tensor(rows[-50:])
                lengths = torch.tensor([min(50, len(rows)) for rows in seen])
                scores = model.full_sort_predict({"item_id_list": padded, "item_length": lengths})
                scores[:, 0] = -torch.inf
                for place, rows in enumerate(seen):
                    scores[place, rows] = -torch.inf
                lists.append(own[scores.topk(K).indices.numpy()])
        return np.concatenate(lists)

    number = 0
    while True:
        began = time.perf_counter()
        trainer._train_epoch(loader, number, show_progress=False)
        number += 1
        yield time.perf_counter() - began, top


def patch_for_recbole() -> None:
    """RecBole 1.2.1 uses names that numpy 2 and scipy have dropped: give them back, just enough to import and train."""
    import scipy.sparse
    import torch

    given: dict[str, Any] = {
        "float_": np.float64, "complex_": np.complex128, "unicode_": np.str_, "string_": np.bytes_, "bool8": np.bool_,
        "float": float, "int": int, "bool": bool, "object": object, "long": np.int64, "Inf": np.inf, "product": np.prod,
    }  # fmt: skip
    for name, value in given.items():
        if not hasattr(np, name):
            setattr(np, name, value)
    if not hasattr(scipy.sparse.dok_matrix, "_update"):
        scipy.sparse.dok_matrix._update = scipy.sparse.dok_matrix.update
    load = torch.load
    torch.load = lambda *given, **named: load(*given, **{"weights_only": False, **named})


if __name__ == "__main__":
    main()
