"""A smaller Transformer that learns to give the vectors of the larger one."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from aisle.encoders.compression.layers import keep_layers, layers_of, spread_layers
from aisle.encoders.compression.material import Material, rng_of
from aisle.encoders.compression.saving import save_network
from aisle.encoders.export import load_encoder_model
from aisle.encoders.finetuning.pace import learn_by
from aisle.encoders.finetuning.reading import batches_by_length, encode_all
from aisle.encoders.finetuning.recipe import Recipe
from aisle.encoders.learning.course import Learned
from aisle.encoders.learning.embedder import Embedder, ids_of, padded
from aisle.errors import InputError
from aisle.types import Rows

BATCH = 32
LEARNING_RATE = 2e-4
EPOCHS = 20.0
HELD_OUT = 0.05
"""Share of the texts on which it is measured whether the student still learns."""
MAX_HELD_OUT = 512
Progress = Callable[[int, int], None]


def distil(material: Material, folder: Path, n_layers: int = 0, progress: Progress | None = None) -> Learned:
    """Teach a student of `n_layers` layers (0: half) the teacher's vectors of the shop's texts.

    It begins as every other layer of the teacher (Sanh et al. 2019, DistilBERT), and learns to give the same
    vector (Reimers and Gurevych 2020, "Making Monolingual Sentence Embeddings Multilingual using Knowledge
    Distillation") and the same cosines within a batch (Park et al. 2019, "Relational Knowledge Distillation").
    Writes a Hugging Face model and its export into `folder`. Raises InputError as `drop_layers` does, and without
    any time.
    """
    if material.budget_s <= 0:
        raise InputError("distil learns, and there is no time for it; give it some with --minutes")
    model, tokenizer = load_encoder_model(material.source)
    keep_layers(model, spread_layers(len(layers_of(model)), n_layers))
    student = Embedder(model, material.reading.pooling)
    ids = ids_of(tokenizer, material.texts, material.reading.max_tokens)
    goals = torch.from_numpy(material.vectors)
    lengths = np.array([len(one) for one in ids])
    learned, held = split(material)

    def batches(epoch: int) -> Iterator[dict[str, Tensor]]:
        rng = np.random.default_rng((material.seed, epoch))
        for places in batches_by_length(lengths[learned], BATCH, rng):
            rows = learned[places]
            yield {**padded(tokenizer, [ids[row] for row in rows]), "goals": goals[rows]}

    def loss_of(batch: dict[str, Tensor]) -> Tensor:
        tokens = {name: tensor for name, tensor in batch.items() if name != "goals"}
        return distance(cut(student(tokens), batch["goals"].shape[1]), batch["goals"])

    def quality() -> float:
        vectors = encode_all(student, tokenizer, [material.texts[row] for row in held], material.reading.max_tokens)
        found = cut(torch.from_numpy(vectors), goals.shape[1])
        return float((found * goals[held]).sum(dim=1).mean())

    recipe = Recipe(
        method="full", learning_rate=LEARNING_RATE, epochs=EPOCHS, budget_s=material.budget_s, seed=material.seed
    )
    outcome = learn_by(
        recipe,
        student,
        batches,
        loss_of,
        -(-len(learned) // BATCH),
        quality,
        lambda step, total: progress(step.number, total) if progress else None,
    )
    save_network(material, folder, model.cpu().float(), tokenizer)
    return outcome


def distance(found: Tensor, goals: Tensor) -> Tensor:
    """How far L2-normalised vectors, (n, dim), are from their goals: 1 - cosine, and the error of cosines of pairs."""
    alone = 1 - (found * goals).sum(dim=1).mean()
    return alone + (found @ found.T - goals @ goals.T).square().mean()


def cut(vectors: Tensor, dim: int) -> Tensor:
    """The first `dim` dimensions, L2-normalised anew."""
    return torch.nn.functional.normalize(vectors[:, :dim], dim=-1)


def split(material: Material) -> tuple[Rows, Rows]:
    """Rows of the texts to learn from, and of those held out."""
    order = rng_of(material).permutation(len(material.texts))
    n_held = max(1, min(MAX_HELD_OUT, round(len(order) * HELD_OUT)))
    return np.sort(order[n_held:]), np.sort(order[:n_held])
