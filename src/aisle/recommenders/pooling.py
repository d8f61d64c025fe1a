"""The user's side of a two-tower model, in PyTorch: a history pooled by learned shares. Only learning imports this."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from aisle.recommenders.dropout import Dropout
from aisle.recommenders.transformer import split_heads


class Pool(nn.Module):
    """A weighted mean of the past at every position, by what each item is and by how long ago it was.

    out(t) = concatenation over heads of sum over j <= t of softmax_j(a(x_j) + b(t - j)) x_j, with a linear and b a
    number for each age: no item looks at another, so that items and ages are weighed once for all users.
    """

    def __init__(self, dim: int, heads: int, length: int) -> None:
        super().__init__()
        self.heads = heads
        self.worth = nn.Linear(dim, heads, bias=False)
        self.ages = nn.Parameter(torch.zeros(heads, length))

    def forward(self, x: Tensor, allowed: Tensor) -> Tensor:
        """(n, length, dim) from the same; `allowed` is (n, length, length) bool: who may look at whom."""
        places = torch.arange(x.shape[1])
        ages = (places[:, None] - places[None, :]).clamp(min=0)
        worth = self.worth(x).transpose(1, 2)[:, :, None, :] + self.ages[:, ages]
        # a number instead of -inf: a position of padding alone has to give something finite
        shares = functional.softmax(worth.masked_fill(~allowed[:, None], -1e9), dim=-1)
        return (shares @ split_heads(x, self.heads)).transpose(1, 2).flatten(2)


class Perceptron(nn.Module):
    """A feed-forward net of one hidden layer on normalised input, added to it. Looks at one position alone."""

    def __init__(self, dim: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(dim)
        self.widen, self.narrow = nn.Linear(dim, 4 * dim), nn.Linear(4 * dim, dim)
        self.dropout = Dropout(dropout)

    def forward(self, x: Tensor, allowed: Tensor) -> Tensor:
        """(n, length, dim) from the same; `allowed` is passed over."""
        out: Tensor = x + self.dropout(self.narrow(functional.gelu(self.widen(self.norm(x)))))
        return out
