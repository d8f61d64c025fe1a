"""Load a pre-trained model to teach it: with a fast tokenizer, of a kind that can learn this, within memory."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aisle.encoders.export import check_tokenizer
from aisle.encoders.finetuning.recipe import Method
from aisle.encoders.learning.distributed import n_processes
from aisle.encoders.memory import check_memory
from aisle.errors import InputError

COPIES = 5.0
"""Float32 copies of the weights while all learn: themselves, gradients, AdamW's two means and the best so far."""
FEW_COPIES = 1.5
"""Where few of them learn."""
LEAST_COPIES = 2.0
"""Where several processes hold a part each: before it is parted, the whole and its gradients while steps are timed."""


def load_encoder(source: Path, method: Method = "lora", *, shard: bool = False) -> tuple[Any, Any]:
    """The Hugging Face encoder in `source`, float32, and its tokenizer, to learn by `method`, `shard` as in `Recipe`.

    Raises InputError when there is none, when it lacks a fast tokenizer or weights that its architecture has, when it
    is compressed already or of an architecture that gives no vector a token (an encoder-decoder, a model of pictures),
    and when it does not fit into memory.
    """
    return _loaded(source, _copies(method, shard), "AutoModel")


def load_classifier_network(
    source: Path, n_outputs: int, method: Method = "lora", *, shard: bool = False, **config: Any
) -> tuple[Any, Any]:
    """The model in `source` with a head of `n_outputs` numbers a text or pair; a new one where it has no such head.

    `config` goes into its config.json: id2label, problem_type. Raises InputError as `load_encoder` does.
    """
    return _loaded(
        source,
        _copies(method, shard),
        "AutoModelForSequenceClassification",
        num_labels=n_outputs,
        ignore_mismatched_sizes=True,
        **config,
    )


def _copies(method: Method, shard: bool) -> float:
    """Float32 copies of the weights that the processes of this machine hold together."""
    if method != "full":
        return FEW_COPIES * n_processes()
    return max(LEAST_COPIES, COPIES / n_processes() if shard else COPIES) * n_processes()


def _loaded(source: Path, copies: float, kind: str, **options: Any) -> tuple[Any, Any]:
    import transformers  # noqa: PLC0415  seconds to import, after the cheap checks
    from safetensors import SafetensorError  # noqa: PLC0415

    if (source / "encoder.json").exists() and not (source / "config.json").exists():
        raise InputError(f"{source} is compressed and cannot learn; name the model that it was made from with --from")
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    check_memory(source, copies)
    try:
        config = transformers.AutoConfig.from_pretrained(source)
        _check_architecture(source, config)
        tokenizer = transformers.AutoTokenizer.from_pretrained(source)
        model, loading = getattr(transformers, kind).from_pretrained(source, output_loading_info=True, **options)
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise InputError(f"cannot load the model in {source}: {error}") from error
    _check_weights(source, model, loading, headed=bool(options))
    check_tokenizer(source, tokenizer)
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token or tokenizer.unk_token
        model.config.pad_token_id = tokenizer.pad_token_id
    return model.float(), tokenizer


def _check_weights(source: Path, model: Any, loading: Mapping[str, Any], *, headed: bool) -> None:
    """Raise InputError where weights would be drawn by chance, but for those of a head and of the pooler before it."""
    unknown = [*loading["missing_keys"], *(key for key, *_ in loading["mismatched_keys"])]
    inside = f"{model.base_model_prefix}." if headed else ""
    lacking = sorted(name for name in unknown if name.startswith(inside) and "pooler" not in name)
    if lacking:
        raise InputError(
            f"the weights in {source} are not those of the architecture in its config.json: they lack "
            f"{', '.join(lacking[:3])}, or have others in their place; save the model and its config.json together"
        )


def _check_architecture(source: Path, config: Any) -> None:
    kind = config.model_type
    if getattr(config, "is_encoder_decoder", False) or not getattr(config, "vocab_size", None):
        raise InputError(
            f"the model in {source} is a {kind}, which gives no vector for each token of a text; "
            "choose an encoder such as all-MiniLM-L6-v2, BERT or XLM-RoBERTa"
        )
