"""How the generative model learns, in PyTorch: a Transformer reads the history and says the next item code by code."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from aisle.recommenders.beam import Speaker
from aisle.recommenders.code_trie import Trie
from aisle.recommenders.dropout import Dropout
from aisle.recommenders.graph import export
from aisle.recommenders.learning import Progress, learn
from aisle.recommenders.protocol import Holdout
from aisle.recommenders.semantic_ids import SemanticIds
from aisle.recommenders.sequences import NO_TARGET, Batch, Sequences, packed_batches
from aisle.recommenders.transformer import INITIAL_SPREAD, NOISE, Asking, Reader, TransformerBlock, answer, fresh
from aisle.types import Rows, Vectors

if TYPE_CHECKING:
    from aisle.recommenders.generative import Generative

WATCHED = 2_000
"""Most users of the holdout that are asked after each epoch: an epoch must not wait for its exam."""
DEPTH = 10
"""The cut-off of the NDCG that decides."""
NEVER = -1e9
"""The score of a code that leads to no item."""


class Speaking(nn.Module):
    """What one beam.Speaker is learned as; what it says is compared with the vectors of its codes, as they are read."""

    def __init__(self, dim: int, inner: int, n_codes: int, dropout: float) -> None:
        super().__init__()
        self.history, self.told = nn.Linear(dim, inner), nn.Linear(dim, inner, bias=False)
        self.inward = nn.Linear(inner, dim, bias=False)
        self.bias = nn.Parameter(torch.zeros(n_codes))
        self.dropout = Dropout(dropout)

    def forward(self, hidden: Tensor, prefix: Tensor, words: Tensor) -> Tensor:
        """(n, n_codes) from (n, dim) of histories and of the codes before, and (n_codes, dim) of codes."""
        inner = self.dropout(functional.relu(self.history(hidden) + self.told(prefix)))
        scores: Tensor = (hidden + self.inward(inner)) @ words.T + self.bias
        return scores


class GenerativeNetwork(nn.Module):
    """Vectors of codes and items, a reader of histories and one speaker a depth, with their loss."""

    codes: Tensor
    nodes: Tensor
    known: Tensor

    def __init__(self, model: "Generative", ids: SemanticIds, trie: Trie, known: Tensor) -> None:
        """`known` is (n_items,) float32, 1 for items that somebody chose: the others have their codes only."""
        super().__init__()
        sizes = [int(column.max()) + 1 for column in ids.codes.T]
        inner = model.inner * model.dim
        self.temperature = model.temperature
        self.scale = INITIAL_SPREAD * model.dim**0.5
        self.alone = model.alone
        self.words = nn.ParameterList(torch.randn(size, model.dim) * INITIAL_SPREAD for size in sizes)
        self.own = nn.Parameter(torch.randn(len(known), model.dim) * INITIAL_SPREAD)
        blocks = [
            TransformerBlock(model.dim, model.heads, model.dropout, gated=False, inner=inner)
            for _ in range(model.layers)
        ]
        self.reader = Reader(model.dim, model.length, model.dropout, blocks, causal=True)
        self.prefix_norm = nn.LayerNorm(model.dim)
        self.speakers = nn.ModuleList(Speaking(model.dim, inner, size, model.dropout) for size in sizes)
        self.apply(fresh)
        self.register_buffer("codes", torch.from_numpy(ids.codes))
        self.register_buffer("nodes", torch.from_numpy(trie.nodes))
        self.register_buffer("known", known[:, None])
        self.allowed = [torch.from_numpy(trie.allowed(depth)) for depth in range(len(sizes))]

    def start(self, company: Tensor, centres: list[Tensor]) -> None:
        """Let items start from `company`, (n_items, dim): of which `centres` is what their codes already say."""
        with torch.no_grad():
            for words, of_level, codes in zip(self.words, centres, self.codes.T, strict=False):
                words.mul_(NOISE).add_(of_level * self.scale)
                company = company - of_level[codes]
            self.own.mul_(NOISE).add_(company * self.scale)

    def vectors(self, items: Tensor) -> Tensor:
        """(..., dim) of items, (...): the sum of their codes' vectors, and their own, at times forgotten."""
        kept = self.known[items]
        if self.training and self.alone:
            kept = kept * (torch.rand_like(kept) >= self.alone)
        out: Tensor = functional.embedding(items, self.own) * kept
        for words, codes in zip(self.words, self.codes.T, strict=True):
            out = out + functional.embedding(codes[items], words)
        return out

    def loss(self, batch: Batch) -> Tensor:
        """Mean of -log p(next item), the sum over its codes."""
        rows, positions, segments, targets = (
            torch.from_numpy(part) for part in (batch.rows, batch.positions, batch.segments, batch.targets)
        )
        hidden = self.reader(self.vectors(rows), positions, segments)
        asked = targets != NO_TARGET
        if not asked.any():
            nothing: Tensor = 0 * hidden.sum()
            return nothing
        return self.code_loss(answer(hidden[asked], self.temperature), targets[asked])

    def code_loss(self, hidden: Tensor, targets: Tensor) -> Tensor:
        """Mean of -log p(target | h) over (n, dim) and (n,)."""
        loss: Tensor = 0 * hidden.sum()  # so that a catalogue of one item has a gradient
        for depth, speaker in enumerate(self.speakers):
            allowed = self.allowed[depth][self.nodes[targets, depth]]
            open_ = allowed.sum(1) > 1  # the only code that leads on is certain
            if open_.any():
                scores = speaker(hidden[open_], self.prefix(targets[open_], depth), self.spelled(depth))
                scores = scores.masked_fill(~allowed[open_], NEVER)
                loss = loss + functional.cross_entropy(scores, self.codes[targets[open_], depth], reduction="sum")
        return loss / len(targets)

    def prefix(self, items: Tensor, depth: int) -> Tensor:
        """(n, dim): what the first `depth` codes of items say."""
        said = self.own.new_zeros(len(items), self.own.shape[1])
        for words, codes in zip(self.words[:depth], self.codes.T[:depth], strict=True):
            said = said + functional.embedding(codes[items], words)
        normed: Tensor = self.prefix_norm(said)
        return normed

    def spelled(self, depth: int) -> Tensor:
        """(n_codes, dim): what answers are multiplied with at a depth; of mean length about 1 at the start."""
        words: Tensor = self.words[depth] / self.scale
        return words

    def spoken(self, depth: int) -> Speaker:
        """What serving needs of one depth."""
        speaker = self.speakers[depth]
        assert isinstance(speaker, Speaking)  # noqa: S101  a ModuleList forgets what it holds
        _, examples = np.unique(self.nodes[:, depth].numpy(), return_index=True)
        told = speaker.told(self.prefix(torch.from_numpy(examples), depth)) + speaker.history.bias
        parts = (speaker.history.weight.T, told, speaker.inward.weight.T, self.spelled(depth).T, speaker.bias)
        return Speaker(*(np.ascontiguousarray(part.detach().numpy()).copy() for part in parts))


def teach(
    model: "Generative",
    sequences: Sequences,
    chosen: Rows,
    company: Vectors,
    ids: SemanticIds,
    holdout: Holdout | None,
    progress: Progress | None,
) -> None:
    """Learn from `sequences`, whose rows are places among the codes, and leave `model` ready to serve.

    `chosen` are the places that occur; `company` is (n_items, dim) float32, see neighbourhood.company_vectors.
    """
    trie = model.trie_
    assert trie is not None  # noqa: S101  the caller has just made it
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(model.seed)
        rng = np.random.default_rng(model.seed)
        known = torch.zeros(len(model.rows_))
        known[chosen] = 1
        network = GenerativeNetwork(model, ids, trie, known)
        centres = [] if model.features is not None else [torch.from_numpy(of_level) for of_level in ids.centres]
        network.start(torch.from_numpy(company), centres)
        watched = None if holdout is None or len(holdout) == 0 else _thin(holdout, rng)

        def quality() -> float:
            hand_over(network, model)
            return _ndcg(model, watched) if watched else 0.0

        def lessons() -> Iterator[Batch]:
            return packed_batches(sequences, model.length, model.batch, rng, causal=True)

        exam = quality if watched else None
        model.learned_ = learn(network, lessons, network.loss, model.course, exam, progress)
        hand_over(network, model)


def hand_over(network: GenerativeNetwork, model: "Generative") -> None:
    """Give the model what the network has learned so far. The network is in evaluation mode."""
    with torch.no_grad():
        model.vectors_ = network.vectors(torch.arange(len(model.rows_))).numpy()
        model.speakers_ = tuple(network.spoken(depth) for depth in range(len(network.speakers)))
    n_places = min(3, model.length)
    generator = torch.Generator().manual_seed(0)
    example = torch.from_numpy(model.vectors_)[torch.randint(len(model.vectors_), (2, n_places), generator=generator)]
    model.graph_ = export(
        Asking(network.reader, model.temperature).eval(),
        {"vectors": example, "lengths": torch.tensor([n_places, 1])},
        {"vectors": {0: "n", 1: "length"}, "lengths": {0: "n"}, "hidden": {0: "n"}},
        "hidden",
    )
    model.open()


def _thin(holdout: Holdout, rng: np.random.Generator) -> Holdout:
    kept = np.sort(rng.permutation(len(holdout))[:WATCHED])
    parts = (holdout.histories, holdout.relevant, holdout.excluded)
    return Holdout(*([part[at] for at in kept] for part in parts))


def _ndcg(model: "Generative", holdout: Holdout) -> float:
    """Mean NDCG@10 of what the beam finds."""
    found = model.recommend(holdout.histories, DEPTH, holdout.excluded)
    return float(np.mean([_gain(one.rows, rows) for one, rows in zip(found, holdout.relevant, strict=True)]))


def _gain(found: Rows, relevant: Rows) -> float:
    discounts = 1 / np.log2(np.arange(DEPTH) + 2)
    ideal = discounts[: len(np.unique(relevant))].sum()
    return float((np.isin(found, relevant) * discounts[: len(found)]).sum() / ideal) if ideal else 0.0
