"""The networks that read a sequence, in PyTorch. Only learning imports this module; serving reads their graph."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from aisle.encoders.learning.distributed import own_part
from aisle.recommenders.dropout import Dropout
from aisle.recommenders.shards import fresh_rows, looked_up, used_by_all

INITIAL_SPREAD = 0.02
"""Standard deviation of fresh weights, as in BERT and GPT-2."""
NOISE = 0.3
"""How much of a fresh vector is left beside a head start."""


class ItemTable(nn.Module):
    """A vector an item: its own, plus a projection of what is known about it.

    In several processes (see `encoders.learning.distributed`) each holds the rows `part` alone, with what belongs to
    them: vectors, features, gradients, moments.
    """

    features: Tensor | None
    own: Tensor

    def __init__(self, n_items: int, dim: int, own: Tensor, features: Tensor | None, alone: float) -> None:
        """`own` is (n_items,) float32, 0 for an item that has to do with its features only.

        `features` is (n_items, width) float32; in training a share `alone` of the items goes by
        features only, so that features learn to stand in for items that nobody has met.
        """
        super().__init__()
        self.n_items, self.part = n_items, own_part(n_items)
        self.vectors = fresh_rows(n_items, dim)
        with torch.no_grad():
            self.vectors.mul_(INITIAL_SPREAD)
        self.alone = alone
        self.register_buffer("own", own[self.part, None])
        self.register_buffer("features", None if features is None else features[self.part])
        self.projection = None if features is None else nn.Linear(features.shape[1], dim, bias=False)

    def start(self, vectors: Tensor) -> None:
        """Let the first items start from `vectors`, (n, dim) float32 of mean length 1, and some chance."""
        own = vectors[self.part]
        with torch.no_grad():
            self.vectors.mul_(NOISE)[: len(own)] += own * INITIAL_SPREAD * vectors.shape[1] ** 0.5

    def forward(self) -> Tensor:
        """(n_items, dim) float32, or the rows `part` of it in several processes."""
        if self.projection is None or self.features is None:
            return self.vectors
        kept = self.own
        if self.training and self.alone:
            kept = kept * (torch.rand(self.n_items, 1)[self.part] >= self.alone)
        known = nn.functional.linear(self.features, used_by_all(self.projection.weight))
        return self.vectors * kept + known

    def read(self, rows: Tensor, table: Tensor) -> Tensor:
        """(*rows.shape, dim): `rows` of the whole table, of which `table` is what `forward` gave."""
        return looked_up(rows, table, self.part.start)

    def without_last(self, table: Tensor, n_items: int) -> Tensor:
        """The rows of `table`, which `forward` gave, that are among the first `n_items`."""
        return table[: max(0, n_items - self.part.start)]


class Attention(nn.Module):
    """Multi-head attention by softmax (Vaswani et al., Attention is all you need, 2017)."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.inward = nn.Linear(dim, 3 * dim)
        self.outward = nn.Linear(dim, dim)

    def forward(self, x: Tensor, allowed: Tensor) -> Tensor:
        """(n, length, dim) from the same; `allowed` is (n, length, length) bool: who may look at whom."""
        query, key, value = (split_heads(part, self.heads) for part in self.inward(x).chunk(3, dim=-1))
        mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=allowed[:, None])
        out: Tensor = self.outward(mixed.transpose(1, 2).flatten(2))
        return out


class TransformerBlock(nn.Module):
    """Attention and a feed-forward net, each on normalised input and added to it.

    With `gated`, what is added passes a gate sigmoid(W x), as LiGR does (Borisyuk et al., From features to
    transformers, 2025), which eSASRec found to help.
    """

    def __init__(self, dim: int, heads: int, dropout: float, *, gated: bool, inner: int) -> None:
        super().__init__()
        self.attention = Attention(dim, heads)
        self.widen, self.narrow = nn.Linear(dim, inner), nn.Linear(inner, dim)
        self.attention_norm, self.inner_norm = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.dropout = Dropout(dropout)
        self.gates = nn.ModuleList([nn.Linear(dim, dim), nn.Linear(dim, dim)]) if gated else None

    def forward(self, x: Tensor, allowed: Tensor) -> Tensor:
        """(n, length, dim) from the same; `allowed` is (n, length, length) bool."""
        x = self._add(x, self.attention(self.attention_norm(x), allowed), 0)
        inner = self.dropout(functional.gelu(self.widen(self.inner_norm(x))))
        return self._add(x, self.narrow(inner), 1)

    def _add(self, x: Tensor, more: Tensor, gate: int) -> Tensor:
        more = self.dropout(more)
        return x + (more if self.gates is None else more * torch.sigmoid(self.gates[gate](x)))


class HstuBlock(nn.Module):
    """A hierarchical sequential transduction unit without times.

    U, V, Q, K = split(SiLU(W1 norm(x))); A = SiLU(Q K^T / sqrt(d) + b(place difference)) / (rows seen);
    out = x + W2(norm(A V) * U). No softmax: how many times a taste shows up stays visible.

    Source: Zhai et al., Actions speak louder than words, ICML 2024.
    """

    def __init__(self, dim: int, heads: int, dropout: float, length: int) -> None:
        super().__init__()
        self.heads = heads
        self.inward = nn.Linear(dim, 4 * dim)
        self.outward = nn.Linear(dim, dim)
        self.norm, self.mixed_norm = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.bias = nn.Parameter(torch.zeros(heads, length))
        self.dropout = Dropout(dropout)

    def forward(self, x: Tensor, allowed: Tensor) -> Tensor:
        """(n, length, dim) from the same; `allowed` is (n, length, length) bool."""
        gate, value, query, key = functional.silu(self.inward(self.norm(x))).chunk(4, dim=-1)
        query, key, value = (split_heads(part, self.heads) for part in (query, key, value))
        places = torch.arange(x.shape[1])
        apart = (places[:, None] - places[None, :]).clamp(min=0)
        scores = query @ key.transpose(-1, -2) * query.shape[-1] ** -0.5 + self.bias[:, apart]
        seen = allowed[:, None]
        weights = functional.silu(scores) * seen / seen.sum(-1, keepdim=True).clamp(min=1)
        mixed = (weights @ value).transpose(1, 2).flatten(2)
        out: Tensor = x + self.dropout(self.outward(self.mixed_norm(mixed) * gate))
        return out


class Reader(nn.Module):
    """From vectors of what was chosen to what each position makes of its past."""

    def __init__(self, dim: int, length: int, dropout: float, blocks: Sequence[nn.Module], *, causal: bool) -> None:
        super().__init__()
        self.positions = nn.Parameter(torch.randn(length, dim) * INITIAL_SPREAD)
        self.blocks = nn.ModuleList(blocks)
        self.dropout = Dropout(dropout)
        self.norm = nn.LayerNorm(dim)
        self.causal = causal

    def forward(self, vectors: Tensor, positions: Tensor, segments: Tensor) -> Tensor:
        """(n, length, dim) from (n, length, dim), with `positions` and `segments` (n, length) as in Batch."""
        x = self.dropout(vectors + self.positions[positions])
        allowed = segments[:, :, None] == segments[:, None, :]
        if self.causal:
            places = torch.arange(x.shape[1])
            allowed = allowed & (places[:, None] >= places[None, :])
        for block in self.blocks:
            x = block(x, allowed)
        out: Tensor = self.norm(x)
        return out


class Asking(nn.Module):
    """What is exported: histories of vectors, padded at the end, to one vector a history."""

    def __init__(self, reader: Reader, temperature: float) -> None:
        super().__init__()
        self.reader = reader
        self.temperature = temperature

    def forward(self, vectors: Tensor, lengths: Tensor) -> Tensor:
        """(n, dim) from (n, length, dim) float32 and (n,) int64 of at least 1."""
        places = torch.arange(vectors.shape[1])[None, :].expand(vectors.shape[0], -1)
        segments = (places < lengths[:, None]).long()
        hidden = self.reader(vectors, places, segments)
        return answer(hidden[torch.arange(vectors.shape[0]), lengths - 1], self.temperature)


def answer(hidden: Tensor, temperature: float) -> Tensor:
    """What the vectors of items are multiplied with: `hidden`, of length `temperature` where that is above 0."""
    return functional.normalize(hidden, dim=-1) * temperature if temperature else hidden


def split_heads(x: Tensor, heads: int) -> Tensor:
    """(n, heads, length, dim / heads) from (n, length, dim)."""
    return x.reshape(*x.shape[:2], heads, -1).transpose(1, 2)


def fresh(module: nn.Module) -> None:
    """Give a linear layer of `module` small random weights and no bias: for `Module.apply`."""
    if isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=INITIAL_SPREAD)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
