"""Fewer layers and fewer heads: the parts of a Transformer that matter least are left out."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from aisle.encoders.compression.material import Material
from aisle.encoders.compression.saving import save_network
from aisle.encoders.export import export_network, load_encoder_model
from aisle.encoders.learning.embedder import Embedder, tokens_of
from aisle.errors import InputError

SHARE = 0.25
"""Of the heads that are pruned."""
SCALE = 20.0
"""Of cosines in the softmax."""
JUDGED_TOKENS = 128
"""That texts are cut to while heads are judged."""
AT_ONCE = 16


def prune_heads(material: Material, folder: Path, n_heads: int = 0) -> None:
    """Leave out the `n_heads` attention heads that matter least (0: a quarter of them).

    Michel, Levy and Neubig 2019, "Are Sixteen Heads Really Better than One?". No layer loses its last head.
    Raises InputError for a number out of range, and for an architecture whose heads are not those of BERT.
    """
    model, tokenizer = load_encoder_model(material.source)
    importance = head_importance(
        model, tokenizer, material.calibration(), material.reading.pooling, material.reading.max_tokens
    )
    total = importance.size
    keep = kept_heads(importance, n_heads or max(1, round(total * SHARE)))
    for layer, kept in zip(layers_of(model), keep, strict=True):
        cut_heads(layer.attention, kept)
    folder.mkdir(parents=True, exist_ok=True)
    # heads are cut unevenly, which a config.json cannot say: what is kept is the graph
    export_network(model, tokenizer, material.reading, folder, material.name, "int8", fused=False)


def drop_layers(material: Material, folder: Path, n_layers: int = 0) -> None:
    """Keep `n_layers` layers, evenly spread (0: half of them), without learning anything anew.

    Sajjad et al. 2023, "On the effect of dropping layers of pre-trained Transformer models". Raises InputError for a
    number out of range, and for an architecture whose layers are not those of BERT.
    """
    model, tokenizer = load_encoder_model(material.source)
    keep_layers(model, spread_layers(len(layers_of(model)), n_layers))
    save_network(material, folder, model, tokenizer)


def head_importance(
    model: Any, tokenizer: Any, texts: Sequence[str], pooling: str, max_tokens: int = JUDGED_TOKENS
) -> NDArray[np.float64]:
    """How much each head matters, (n_layers, n_heads): the mean size of the gradient of a mask over the heads.

    Michel et al. 2019, equation 2, each layer's divided by its L2 norm as there. The loss is how badly the
    texts of a batch are told apart: the log-sum-exp of their cosines with each other. Texts are cut to `max_tokens`, at
    most JUDGED_TOKENS.
    """
    layers = layers_of(model)
    masks = [torch.ones(layer.attention.self.num_attention_heads, requires_grad=True) for layer in layers]
    hooks = [_mask(layer.attention, mask) for layer, mask in zip(layers, masks, strict=True)]
    network = Embedder(model, pooling)
    sums = [torch.zeros_like(mask) for mask in masks]
    for start in range(0, len(texts) - 1, AT_ONCE):
        batch = texts[start : start + AT_ONCE]
        if len(batch) < 2:
            break
        loss = _alikeness(network(tokens_of(tokenizer, batch, min(max_tokens, JUDGED_TOKENS))))
        for total, grad in zip(sums, torch.autograd.grad(loss, masks), strict=True):
            total += grad.abs()
    for hook in hooks:
        hook.remove()
    return np.stack([(one / one.norm().clamp(min=1e-12)).double().numpy() for one in sums])


def kept_heads(importance: NDArray[np.float64], n_pruned: int) -> list[list[int]]:
    """The heads of each layer that stay when the `n_pruned` least important go, at least one a layer.

    >>> kept_heads(np.array([[3.0, 1.0], [0.5, 0.2]]), 2)
    [[0], [0]]
    """
    n_layers, n_heads = importance.shape
    most = n_layers * (n_heads - 1)
    if not 1 <= n_pruned <= most:
        raise InputError(f"{n_pruned} heads to prune; expected 1 to {most}: every one of {n_layers} layers keeps one")
    kept = [set(range(n_heads)) for _ in range(n_layers)]
    for place in np.argsort(importance, axis=None, kind="stable"):
        layer, head = divmod(int(place), n_heads)
        if n_pruned and len(kept[layer]) > 1:
            kept[layer].remove(head)
            n_pruned -= 1
    return [sorted(heads) for heads in kept]


def spread_layers(n_all: int, n_kept: int) -> list[int]:
    """Which of `n_all` layers stay, evenly spread and with the last among them; 0 keeps half.

    >>> spread_layers(6, 3)
    [1, 3, 5]
    """
    n_kept = n_kept or math.ceil(n_all / 2)
    if not 1 <= n_kept <= n_all:
        raise InputError(f"{n_kept} layers to keep; expected 1 to {n_all}, as many as the model has")
    return [(place + 1) * n_all // n_kept - 1 for place in range(n_kept)]


def keep_layers(model: Any, kept: Sequence[int]) -> None:
    """Leave `model` with the layers at the places `kept`."""
    layers = layers_of(model)
    model.encoder.layer = nn.ModuleList([layers[place] for place in kept])
    model.config.num_hidden_layers = len(kept)


def layers_of(model: Any) -> Sequence[Any]:
    """The layers of a model of BERT's architecture (BERT, RoBERTa, XLM-RoBERTa). Raises InputError for another."""
    layers = getattr(getattr(model, "encoder", None), "layer", None)
    attention = getattr(layers[0], "attention", None) if layers else None
    if not hasattr(getattr(attention, "self", None), "num_attention_heads"):
        raise InputError(
            f"a {type(model).__name__} has no layers and heads like BERT's to leave out; expected a BERT, RoBERTa or "
            "XLM-RoBERTa model; the methods int8, int4, static and truncate work on any"
        )
    return cast(Sequence[Any], layers)


def _alikeness(vectors: Tensor) -> Tensor:
    cosines = SCALE * vectors @ vectors.T
    return (cosines - torch.diag(torch.full((len(vectors),), torch.inf))).logsumexp(dim=1).mean()


def _mask(attention: Any, mask: Tensor) -> Any:
    def masked(module: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        heads = inputs[0].reshape(*inputs[0].shape[:-1], len(mask), -1)
        return ((heads * mask[:, None]).flatten(-2), *inputs[1:])

    return attention.output.dense.register_forward_pre_hook(masked)


def cut_heads(attention: Any, kept: Sequence[int]) -> None:
    """Leave the attention of a layer with the heads `kept`: smaller matrices that compute the same for these."""
    own = attention.self
    size = own.attention_head_size
    places = torch.cat([torch.arange(head * size, (head + 1) * size) for head in kept])
    for name in ("query", "key", "value"):
        setattr(own, name, _sliced(getattr(own, name), places, rows=True))
    attention.output.dense = _sliced(attention.output.dense, places, rows=False)
    own.num_attention_heads = len(kept)
    own.all_head_size = len(places)


def _sliced(layer: nn.Linear, places: Tensor, *, rows: bool) -> nn.Linear:
    weight = layer.weight[places] if rows else layer.weight[:, places]
    cut = nn.Linear(weight.shape[1], weight.shape[0])
    with torch.no_grad():
        cut.weight.copy_(weight)
        cut.bias.copy_(layer.bias[places] if rows else layer.bias)
    return cut
