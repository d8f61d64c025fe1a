"""Train a small cross-encoder from all-MiniLM-L6-v2 on graded pairs of query and title, on one processor core.

    python benchmarks/train_reranker.py ../shared/datasets/homedepot_search FOLDER [--layers 0,2,4] [--seconds 600]

Four fifths of the queries train it, the others are held out for `late_stage.py`. The folder can be named in
`prepare_cross_encoder`. The weights depend on data that is not ours to pass on: build them, never ship them.
"""

import argparse
import math
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import torch
import transformers
from tokenizers import Encoding, Tokenizer

from aisle.encoders.weights import model_folder

BATCH = 64
N_STRANGERS = 8
"""Pairs of a query and a title of another one in each batch, graded 0: judged pairs are all somewhat alike."""
MAX_TOKENS = 64
LEARNING_RATE = 2e-4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of the homedepot_search data set")
    parser.add_argument("folder", type=Path, help="where the trained model goes")
    parser.add_argument("--layers", default="0,2,4", help="layers of all-MiniLM-L6-v2 to start from")
    parser.add_argument("--seconds", type=float, default=600, help="processor time to train for")
    asked = parser.parse_args()
    os.nice(10)
    train(asked.data, asked.folder, [int(layer) for layer in asked.layers.split(",")], asked.seconds)


def split(data: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Training and held-out judgments: query_id, query, item_id, title, relevance (1 to 3). Whole queries move."""
    queries = pl.read_parquet(data / "queries.parquet")
    ids = np.random.default_rng(0).permutation(queries["query_id"].to_numpy())
    held_out = pl.col("query_id").is_in(ids[: len(ids) // 5].tolist())
    judged = pl.read_parquet(data / "judgments.parquet").join(queries, on="query_id")
    judged = judged.join(pl.read_parquet(data / "items.parquet"), on="item_id")
    return judged.filter(~held_out), judged.filter(held_out)


def train(data: Path, folder: Path, layers: Sequence[int], seconds: float) -> None:
    """Cross-entropy against (relevance - 1) / 2, in bfloat16; the learning rate falls to 0 over the time given."""
    torch.set_num_threads(1)  # on busy cores a second thread costs more than it gives
    torch.set_flush_denormal(True)
    torch.manual_seed(0)
    judged, _ = split(data)
    source = model_folder("all-MiniLM-L6-v2")
    tokenizer = Tokenizer.from_file(str(source / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    queries, titles = judged["query"].to_list(), judged["title"].to_list()
    grades = ((judged["relevance"].to_numpy() - 1) / 2).astype(np.float32)
    pairs = tokenizer.encode_batch(list(zip(queries, titles, strict=True)))
    model = first_layers(source, layers)
    learned = [weights for weights in model.parameters() if weights.requires_grad]
    optimiser = torch.optim.AdamW(learned, lr=LEARNING_RATE, weight_decay=0.01)
    rng, started, loss_sum = np.random.default_rng(0), time.process_time(), 0.0
    for step, batch in enumerate(batches([len(pair.ids) for pair in pairs], rng), start=1):
        share = (time.process_time() - started) / seconds
        if share >= 1:
            break
        for group in optimiser.param_groups:
            group["lr"] = LEARNING_RATE * min(1, step / 50) * (1 - share)
        strangers = zip(rng.choice(batch, N_STRANGERS), rng.integers(0, len(titles), N_STRANGERS), strict=True)
        others = tokenizer.encode_batch([(queries[one], titles[other]) for one, other in strangers])
        wanted = torch.tensor(np.concatenate([grades[batch], np.zeros(N_STRANGERS, np.float32)]))
        with torch.autocast("cpu", torch.bfloat16):
            scores = model(**tensors([*(pairs[pair] for pair in batch), *others])).logits[:, 0].float()
        loss = torch.nn.functional.binary_cross_entropy_with_logits(scores, wanted)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learned, 1.0)
        optimiser.step()
        loss_sum += float(loss.detach())
        if step % 50 == 0:
            print(f"{share:4.0%}  epoch {step * BATCH / len(pairs):.2f}  loss {loss_sum / 50:.4f}", flush=True)
            loss_sum = 0.0
    model.eval().save_pretrained(folder)
    transformers.AutoTokenizer.from_pretrained(source).save_pretrained(folder)


def first_layers(source: Path, layers: Sequence[int]) -> Any:
    """A classifier with some layers of the model in `source`; its word embeddings are not trained."""
    base = transformers.AutoModel.from_pretrained(source)
    config = transformers.BertConfig.from_pretrained(source, num_labels=1, num_hidden_layers=len(layers))
    config.hidden_dropout_prob = config.attention_probs_dropout_prob = 0.0  # one pass over the data cannot overfit
    model = transformers.BertForSequenceClassification(config)
    model.bert.embeddings.load_state_dict(base.embeddings.state_dict())
    model.bert.pooler.load_state_dict(base.pooler.state_dict())
    for place, layer in enumerate(layers):
        model.bert.encoder.layer[place].load_state_dict(base.encoder.layer[layer].state_dict())
    model.bert.embeddings.requires_grad_(False)
    return model.train()


def batches(lengths: Sequence[int], rng: np.random.Generator) -> Iterator[np.ndarray[Any, np.dtype[np.int64]]]:
    """Places in random order, pairs of like length together: padding costs time and teaches nothing."""
    by_place = np.array(lengths)
    while True:
        order = rng.permutation(len(lengths))
        for start in range(0, len(order), BATCH * 32):
            block = order[start : start + BATCH * 32]
            block = block[np.argsort(by_place[block], kind="stable")]
            cut = [block[first : first + BATCH] for first in range(0, len(block), BATCH)]
            yield from (cut[place] for place in rng.permutation(len(cut)))


def tensors(pairs: Sequence[Encoding]) -> dict[str, torch.Tensor]:
    """The model's inputs; widths are multiples of 8, for which kernels are made anew less often."""
    width = 8 * math.ceil(max(len(pair.ids) for pair in pairs) / 8)
    feeds = {
        name: np.zeros((len(pairs), width), np.int64) for name in ("input_ids", "attention_mask", "token_type_ids")
    }
    for row, pair in enumerate(pairs):
        feeds["input_ids"][row, : len(pair.ids)] = pair.ids
        feeds["attention_mask"][row, : len(pair.ids)] = 1
        feeds["token_type_ids"][row, : len(pair.ids)] = pair.type_ids
    return {name: torch.from_numpy(values) for name, values in feeds.items()}


if __name__ == "__main__":
    main()
