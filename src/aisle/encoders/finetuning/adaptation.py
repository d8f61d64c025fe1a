"""Which weights of a model learn, through peft; and back to plain weights, that anybody can load."""

import re
import warnings
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from aisle.encoders.finetuning.recipe import Recipe
from aisle.errors import InputError, MissingExtraError

PROMPT_NAMES = ("Q", "I")
"""Learned tokens of queries are [Q0], [Q1]...; those of items and of other texts [I0], [I1]..."""


@dataclass(frozen=True, slots=True)
class Adapted:
    """A backbone of which some weights learn."""

    network: nn.Module
    """Answers as the backbone did."""
    query_prefix: str = ""
    """Learned tokens, to be put before every query; empty but for the method prompt."""
    item_prefix: str = ""


def adapt(backbone: nn.Module, tokenizer: Any, recipe: Recipe) -> Adapted:
    """Let `recipe.method` choose what of `backbone`, a Hugging Face encoder, learns; everything else is frozen.

    full: all weights, or those above `frozen_layers`. lora: Hu et al. 2021, low-rank changes of every linear map.
    adapters: IA3 (Liu et al. 2022), learned factors of keys, values and the feed-forward's inside; of peft's
    adapters the one that leaves nothing behind in the model. prompt: prompt tuning (Lester et al. 2021) as
    new tokens of the vocabulary, which are added to `tokenizer` unless it has them, and learn on then. bitfit:
    biases alone (Ben Zaken et al. 2022). Raises InputError where the model has no such parts, MissingExtraError
    without peft.
    """
    backbone.requires_grad_(False)
    if recipe.method == "full":
        _thaw(backbone, recipe.frozen_layers)
        return Adapted(backbone)
    if recipe.method == "bitfit":
        biases = [weight for name, weight in backbone.named_parameters() if name.endswith("bias")]
        if not biases:
            raise InputError("method 'bitfit': this model has no biases; use lora")
        for weight in biases:
            weight.requires_grad_(True)
        return Adapted(backbone)
    if recipe.method == "prompt":
        return _with_prompts(backbone, tokenizer, recipe)
    peft = _peft()
    if recipe.method == "lora":
        config = peft.LoraConfig(
            r=recipe.rank,
            lora_alpha=2 * recipe.rank,
            lora_dropout=0.05,
            target_modules="all-linear",
            exclude_modules=r".*pooler.*",
        )
        return Adapted(_wrapped(peft, backbone, config))
    factors = _ia3_targets(backbone)
    return Adapted(_wrapped(peft, backbone, peft.IA3Config(target_modules=factors[0], feedforward_modules=factors[1])))


def merged(network: nn.Module) -> nn.Module:
    """The plain backbone again: what was learned beside the weights becomes part of them."""
    unload = getattr(network, "merge_and_unload", None)
    return unload() if unload else network


def without_prompts(prefix: str) -> str:
    """`prefix` without the learned tokens at its beginning.

    >>> without_prompts("[Q0][Q1]query: ")
    'query: '
    """
    return re.sub(rf"^(\[[{''.join(PROMPT_NAMES)}]\d+\])+", "", prefix)


def n_trainable(network: nn.Module) -> tuple[int, int]:
    """How many weights learn, and how many there are, those that peft added left out of the second."""
    learns = sum(weight.numel() for weight in network.parameters() if weight.requires_grad)
    added = re.compile(r"lora_|ia3_|trainable_tokens")
    return learns, sum(weight.numel() for name, weight in network.named_parameters() if not added.search(name))


def _thaw(backbone: nn.Module, frozen_layers: int) -> None:
    backbone.requires_grad_(True)
    if not frozen_layers:
        return
    layers = max((part for part in backbone.modules() if isinstance(part, nn.ModuleList)), key=len, default=None)
    if layers is None or frozen_layers >= len(layers):
        n_layers = 0 if layers is None else len(layers)
        raise InputError(f"frozen_layers={frozen_layers}, but the model has {n_layers} layers; freeze fewer")
    getattr(backbone, "get_input_embeddings")().requires_grad_(False)  # noqa: B009  nn.Module knows no such method
    embeddings = getattr(backbone, "embeddings", None)
    for part in [*([embeddings] if embeddings is not None else []), *layers[:frozen_layers]]:
        part.requires_grad_(False)


def _ia3_targets(backbone: nn.Module) -> tuple[list[str], list[str]]:
    """Full names of the linear maps whose results, and of those whose inputs, are scaled."""
    linear = [name for name, part in backbone.named_modules() if isinstance(part, nn.Linear)]
    scaled = [name for name in linear if re.search(r"\.(key|value|k_proj|v_proj|k_lin|v_lin|Wqkv)$", name)]
    inner = r"\.(\d+\.output\.dense|down_proj|lin2|mlp\.Wo|output\.dense)$"
    feeds = [name for name in linear if re.search(inner, name) and "attention" not in name]
    if not scaled or not feeds:
        raise InputError("method 'adapters': no keys, values and feed-forward maps known in this model; use lora")
    return [*scaled, *feeds], feeds


def _with_prompts(backbone: Any, tokenizer: Any, recipe: Recipe) -> Adapted:
    peft = _peft()
    names = [[f"[{kind}{number}]" for number in range(recipe.n_prompts)] for kind in PROMPT_NAMES]
    new = [*names[0], *names[1]]
    known = tokenizer.get_vocab()
    tokenizer.add_tokens(new, special_tokens=True)
    ids = tokenizer.convert_tokens_to_ids(new)
    begun = [token for token, name in zip(ids, new, strict=True) if name not in known]
    words = backbone.get_input_embeddings()
    n_words = words.weight.shape[0]
    if n_words <= max(ids):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            words = backbone.resize_token_embeddings(max(ids) + 1, mean_resizing=False)
    rng = torch.Generator().manual_seed(recipe.seed)
    with torch.no_grad():  # Lester et al. start prompts at words of the vocabulary
        start = torch.randint(0, min(n_words, min(ids)), (len(begun),), generator=rng)
        words.weight[begun] = words.weight[start]
    name = next(name for name, part in backbone.named_modules() if part is words)
    config = peft.TrainableTokensConfig(token_indices=ids, target_modules=[name])
    return Adapted(_wrapped(peft, backbone, config), "".join(names[0]), "".join(names[1]))


def _wrapped(peft: Any, backbone: Any, config: Any) -> nn.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # peft calls what transformers has renamed
        network: nn.Module = peft.get_peft_model(backbone, config)
    return network


def _peft() -> Any:
    try:
        import peft  # noqa: PLC0415  an extra, that full fine-tuning and BitFit do without
    except ImportError as error:
        raise MissingExtraError("parameter-efficient fine-tuning", "learn") from error
    return peft
