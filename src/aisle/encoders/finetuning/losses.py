"""Losses over cosines of queries and items; every one is a mean over a batch, a scalar tensor."""

import torch
from torch import Tensor, nn


def contrastive(
    queries: Tensor, items: Tensor, known: Tensor, weights: Tensor | None = None, temperature: float = 0.05
) -> Tensor:
    """InfoNCE (van den Oord, Li and Vinyals 2018) with in-batch negatives.

    -log( exp(q_i . p_i / t) / sum_j exp(q_i . p_j / t) ), averaged by `weights` (b,), the grades. `queries` is
    (b, dim), `items` (m, dim), m >= b, L2-normalised; item i is the positive of query i, the others are
    negatives. `known` (b, m) is True where an item is another right answer of the query: it is left out.
    """
    logits = queries @ items.T / temperature
    own = torch.eye(*logits.shape, dtype=torch.bool, device=logits.device)
    logits = logits.masked_fill(known & ~own, -torch.inf)
    target = torch.arange(len(queries), device=logits.device)
    losses = nn.functional.cross_entropy(logits, target, reduction="none")
    if weights is None:
        return losses.mean()
    return (losses * weights).sum() / weights.sum().clamp(min=1e-9)


def soft_contrastive(
    queries: Tensor, items: Tensor, labels: Tensor, temperature: float = 0.05, label_temperature: float = 0.05
) -> Tensor:
    """Cross-entropy between softmax(labels / label_temperature) and softmax(queries @ items.T / temperature).

    Lin, Yang and Lin 2021, "In-Batch Negatives for Knowledge Distillation with Tightly-Coupled Teachers". `queries` is
    (b, dim), `items` (m, dim), L2-normalised, and `labels` (b, m) how well each item answers each query.
    """
    targets = torch.softmax(labels / label_temperature, dim=1)
    return nn.functional.cross_entropy(queries @ items.T / temperature, targets)


def matryoshka(
    queries: Tensor, items: Tensor, known: Tensor, weights: Tensor, temperature: float, dims: tuple[int, ...]
) -> Tensor:
    """The contrastive loss of the whole vectors and of their first `dims` dimensions, averaged.

    Kusupati et al. 2022, "Matryoshka Representation Learning", with equal weights: the leading dimensions
    learn to be vectors of their own, so that vectors may be cut.
    """
    whole = queries.shape[1]
    losses = [
        contrastive(
            nn.functional.normalize(queries[:, :dim], dim=1),
            nn.functional.normalize(items[:, :dim], dim=1),
            known,
            weights,
            temperature,
        )
        for dim in (*(dim for dim in dims if dim < whole), whole)
    ]
    return torch.stack(losses).mean()


def graded_bce(cosines: Tensor, grades: Tensor, scale: Tensor, bias: Tensor) -> Tensor:
    """Binary cross-entropy between logistic(scale * cosine + bias) and the grade, both (n,); grades from 0 to 1.

    `nn.BCEWithLogitsLoss` with a learned scale and bias, since a cosine alone is no logit (Zhai et al. 2023, "Sigmoid
    Loss for Language Image Pre-Training").
    """
    loss: Tensor = nn.BCEWithLogitsLoss()(scale * cosines + bias, grades)
    return loss


def cosent(cosines: Tensor, grades: Tensor, scale: float = 20.0) -> Tensor:
    """log(1 + sum over grade_i > grade_j of exp(scale * (cos_j - cos_i))): the better pair is to be the nearer.

    CoSENT (Su 2022). `cosines` and `grades` are (n,); 0 when all grades are the same.
    """
    gaps = scale * (cosines[None, :] - cosines[:, None])
    wrong = gaps[grades[:, None] > grades[None, :]]
    return torch.logsumexp(torch.cat([wrong.new_zeros(1), wrong]), dim=0)


def margin_mse(positive: Tensor, negative: Tensor, margins: Tensor) -> Tensor:
    """Mean of ((s(q, p) - s(q, n)) - (t(q, p) - t(q, n)))^2 over (n,) cosines and the teacher's margins.

    Hofstätter et al. 2020, "Improving Efficient Neural Ranking Models with Cross-Architecture Knowledge
    Distillation". The margins are to be of the size of cosines' differences.
    """
    return nn.functional.mse_loss(positive - negative, margins)
