"""A model becomes a table: a vector a token, first read off the model, then taught to add up to its vectors."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from aisle.encoders.compression.distil import distance, split
from aisle.encoders.compression.material import Material
from aisle.encoders.finetuning.pace import learn_by
from aisle.encoders.finetuning.recipe import Recipe
from aisle.encoders.static import KIND, StaticEncoder
from aisle.encoders.text import TextEncoder
from aisle.types import Vectors

DIM = 256
SMOOTHING = 1e-3
"""a in the weight a / (a + p) of a token with the share p of all tokens (Arora et al. 2017: 1e-3 to 1e-4)."""
BATCH = 256
LEARNING_RATE = 3e-3
EPOCHS = 30.0
TOKENS_AT_ONCE = 256
Progress = Callable[[int, int], None]


class Table(nn.Module):
    """A vector a token, (n_tokens, dim); the vector of a text is their sum, L2-normalised."""

    def __init__(self, vectors: NDArray[np.float32]) -> None:
        super().__init__()
        self.bag = nn.EmbeddingBag.from_pretrained(torch.from_numpy(vectors), freeze=False, mode="sum")

    def forward(self, tokens: Tensor, starts: Tensor) -> Tensor:
        """Vectors, (n, dim), of texts whose token ids follow each other in `tokens` and begin at `starts`."""
        return nn.functional.normalize(self.bag(tokens, starts), dim=-1)


def distil_table(material: Material, folder: Path, dim: int = DIM, progress: Progress | None = None) -> None:
    """Write a static encoder of `dim` dimensions that adds up to the model's vectors into `folder`.

    Each token alone goes through the model; its vector is shortened by the principal components and weighed by
    smooth inverse frequency: Tulkens and van Dongen 2024, "Model2Vec". Then the table learns to add up to the
    model's vectors of the shop's texts, as in their "Tokenlearn" (2025), if there is time (`material.budget_s`).
    """
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = material.teacher.copied_tokenizer()
    tokenizer.save(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(material.reading.max_tokens)
    ids = [one.ids for one in tokenizer.encode_batch_fast(list(material.texts), add_special_tokens=False)]
    axes = principal_axes(material.vectors, min(dim, material.vectors.shape[1]))
    counts = np.bincount(
        np.concatenate([*map(np.asarray, ids), [0]]).astype(np.int64), minlength=tokenizer.get_vocab_size()
    )
    table = token_vectors(material.teacher, tokenizer.get_vocab_size()) @ axes
    table = (table - table.mean(axis=0)) * inverse_frequency(counts)[:, None]
    table = np.ascontiguousarray(table, np.float32)
    table[tokenizer.encode("").ids] = 0  # marks of beginning and end, which texts are encoded without
    if material.budget_s > 0:
        table = _taught(material, table, ids, axes, progress)
    np.save(folder / "vectors.npy", table.astype(np.float16))
    reading = material.reading
    info = {
        "kind": KIND,
        "model": material.name,
        "dim": table.shape[1],
        "max_tokens": reading.max_tokens,
        "query_prefix": reading.query_prefix,
        "item_prefix": reading.item_prefix,
    }
    (folder / "encoder.json").write_text(json.dumps(info, indent=1), "utf-8")
    StaticEncoder(folder)


def token_vectors(teacher: TextEncoder, n_tokens: int) -> Vectors:
    """The model's vector of each token alone, between its marks of beginning and end: (n_tokens, dim) float32."""
    marks = teacher.tokenize([""])[0]
    before, after = (marks[:1], marks[1:]) if len(marks) > 1 else ([], marks)
    texts = [[*before, token, *after] for token in range(n_tokens)]
    parts = [teacher.encode_tokens(texts[at : at + TOKENS_AT_ONCE]) for at in range(0, n_tokens, TOKENS_AT_ONCE)]
    return np.concatenate(parts)


def principal_axes(vectors: Vectors, dim: int) -> NDArray[np.float32]:
    """The `dim` directions, (n, dim), in which `vectors` are longest; not centred, so that cosines stay."""
    _, axes = np.linalg.eigh((vectors.T @ vectors).astype(np.float64))  # from the shortest
    return np.ascontiguousarray(axes[:, ::-1][:, :dim], np.float32)


def inverse_frequency(counts: NDArray[np.int64]) -> NDArray[np.float32]:
    """The weight of each token, a / (a + p), from how often it stands in the texts; each is counted once more.

    >>> inverse_frequency(np.array([998, 0])).round(3).tolist()
    [0.001, 0.5]
    """
    shares = (counts + 1) / (counts + 1).sum()
    return np.asarray(SMOOTHING / (SMOOTHING + shares), np.float32)


def _taught(
    material: Material,
    table: NDArray[np.float32],
    ids: Sequence[Sequence[int]],
    axes: NDArray[np.float32],
    progress: Progress | None,
) -> NDArray[np.float32]:
    goals = nn.functional.normalize(torch.from_numpy(material.vectors @ axes), dim=-1)
    network = Table(table.copy())
    learned, held = split(material)

    def batch_of(rows: NDArray[np.int64]) -> dict[str, Tensor]:
        texts = [ids[row] for row in rows]
        starts = np.cumsum([0, *(len(text) for text in texts[:-1])])
        tokens = np.fromiter((token for text in texts for token in text), np.int64)
        return {"tokens": torch.from_numpy(tokens), "starts": torch.from_numpy(starts), "goals": goals[rows]}

    def batches(epoch: int) -> Iterator[dict[str, Tensor]]:
        order = np.random.default_rng((material.seed, epoch)).permutation(learned)
        for start in range(0, len(order), BATCH):
            yield batch_of(order[start : start + BATCH])

    def loss_of(batch: dict[str, Tensor]) -> Tensor:
        return distance(network(batch["tokens"], batch["starts"]), batch["goals"])

    def quality() -> float:
        batch = batch_of(held)
        where = network.bag.weight.device
        found = network(batch["tokens"].to(where), batch["starts"].to(where)).detach().cpu()
        return float((found * batch["goals"]).sum(dim=1).mean())

    recipe = Recipe(
        method="full", learning_rate=LEARNING_RATE, epochs=EPOCHS, budget_s=material.budget_s, seed=material.seed
    )
    n_batches = -(-len(learned) // BATCH)
    learn_by(
        recipe,
        network,
        batches,
        loss_of,
        n_batches,
        quality,
        lambda step, n: progress(step.number, n) if progress else None,
    )
    return np.asarray(network.bag.weight.detach().cpu().numpy(), np.float32)
