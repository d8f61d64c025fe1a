"""The network that is pre-trained: a new one, or one that others have trained."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import transformers
from safetensors import SafetensorError

from aisle.encoders.export import TOKENIZERS
from aisle.encoders.pretraining.cooccurrence import cooccurrence_vectors
from aisle.encoders.pretraining.examples import Ragged
from aisle.encoders.pretraining.plan import Objective, Size
from aisle.errors import InputError


@dataclass(frozen=True, slots=True)
class Shape:
    """How wide and how deep a network is."""

    dim: int
    n_layers: int
    head_dim: int = 64


SHAPES: dict[Size, Shape] = {"tiny": Shape(128, 2, 32), "small": Shape(256, 4), "base": Shape(768, 12)}
"""tiny learns within minutes on a processor, small within an hour; base, as large as BERT's, wants a graphics card."""


def be_quiet() -> None:
    """Keep transformers from writing to the terminal: what matters of its warnings is checked here."""
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()


def new_config(objective: Objective, size: Size, tokenizer: Any, max_tokens: int) -> Any:
    """The configuration of a new BERT (masked) or GPT-2 (causal) for the tokens of `tokenizer`.

    Nothing is dropped out: with few passes over the texts it only slows learning (Geiping and Goldstein 2023).
    """
    shape = SHAPES[size]
    if objective == "masked":
        return transformers.BertConfig(
            vocab_size=len(tokenizer),
            hidden_size=shape.dim,
            num_hidden_layers=shape.n_layers,
            num_attention_heads=shape.dim // shape.head_dim,
            intermediate_size=4 * shape.dim,
            max_position_embeddings=max_tokens,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
            pad_token_id=tokenizer.pad_token_id,
        )
    return transformers.GPT2Config(
        vocab_size=len(tokenizer),
        n_embd=shape.dim,
        n_layer=shape.n_layers,
        n_head=shape.dim // shape.head_dim,
        n_positions=max_tokens,
        resid_pdrop=0.0,
        embd_pdrop=0.0,
        attn_pdrop=0.0,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )


def read_config(source: Path, objective: Objective) -> Any:
    """The configuration of the model in `source`. Raises InputError when there is none, or it cannot do `objective`."""
    try:
        config = transformers.AutoConfig.from_pretrained(source)
    except (OSError, ValueError) as error:
        raise InputError(f"{source} holds no model of a known architecture: {error}") from error
    masked = type(config) in transformers.AutoModelForMaskedLM._model_mapping
    able = masked if objective == "masked" else type(config) in transformers.AutoModelForCausalLM._model_mapping
    if not able or (masked and objective == "causal"):  # BERT could be made to, but reads both ways by training
        other = "causal" if objective == "masked" else "masked"
        raise InputError(
            f"the model in {source} is of the architecture {config.model_type}, which has no {objective} language "
            f"model; try --objective {other}, or another model"
        )
    return config


def read_tokenizer(source: Path, objective: Objective, config: Any) -> Any:
    """The tokenizer of the model in `source`. Raises InputError when it is missing or does not fit."""
    if not any((source / name).exists() for name in TOKENIZERS):
        raise InputError(f"the model in {source} has no tokenizer; save it there: tokenizer.save_pretrained({source})")
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(source)
    except (OSError, ValueError) as error:
        raise InputError(f"cannot load the tokenizer in {source}: {error}") from error
    if not tokenizer.is_fast or len(tokenizer) > config.vocab_size:
        raise InputError(
            f"the tokenizer in {source} does not fit: expected a fast one (tokenizer.json) of at most "
            f"{config.vocab_size} tokens, it has {len(tokenizer)}; save the model with its own tokenizer"
        )
    needed = "mask_token" if objective == "masked" else "eos_token"
    if getattr(tokenizer, needed) is None:
        raise InputError(f"the tokenizer in {source} has no {needed}, which {objective} pre-training needs")
    return tokenizer


def make_model(config: Any, objective: Objective, source: Path | None) -> tuple[Any, bool]:
    """The network of `config` with the weights in `source`, or new ones; and whether what foretells tokens is new.

    Raises InputError when the weights cannot be read or are of another architecture.
    """
    kind = _kind(config, objective)
    if source is None:
        return kind.from_config(config), True
    try:
        model, loading = kind.from_pretrained(
            source, config=config, output_loading_info=True, ignore_mismatched_sizes=True
        )
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise InputError(f"cannot load the weights in {source}: {error}") from error
    prefix = f"{model.base_model_prefix}."
    renewed = {*loading["missing_keys"], *(name for name, *_ in loading["mismatched_keys"])}
    absent = sorted(name for name in renewed if name.startswith(prefix) and "pooler" not in name)
    if absent:
        raise InputError(
            f"the weights in {source} are not those of the architecture {config.model_type} that its config.json "
            f"names: {len(absent)} are missing or of another size, such as {absent[0]}; give a whole model"
        )
    new = any(not name.startswith(prefix) for name in renewed)
    return model.float(), new


def count_parameters(config: Any, objective: Objective) -> int:
    """How many weights the network of `config` has, without making it."""
    with torch.device("meta"):
        model = _kind(config, objective).from_config(config)
    return sum(weight.numel() for weight in model.parameters())


def foretell_by_frequency(model: Any, log_shares: Any) -> None:
    """Let a new network foretell each token as often as it occurs, as far as it has a bias to say so."""
    bias = getattr(model.get_output_embeddings(), "bias", None)
    if bias is not None:
        with torch.no_grad():
            bias.copy_(torch.as_tensor(log_shares, dtype=bias.dtype))


def embed_by_context(model: Any, texts: Ragged, seed: int) -> None:
    """Let a new network's tokens begin where the places they stand in put them."""
    weight = model.get_input_embeddings().weight
    vectors = cooccurrence_vectors(texts, weight.shape[0], weight.shape[1], seed)
    if vectors is not None:
        with torch.no_grad():
            weight.copy_(torch.from_numpy(vectors))


def _kind(config: Any, objective: Objective) -> Any:
    """The class of transformers that does `objective`; only BERT's own also tells what belongs together."""
    if objective == "causal":
        return transformers.AutoModelForCausalLM
    if config.model_type == "bert":
        return transformers.AutoModelForPreTraining
    return transformers.AutoModelForMaskedLM
