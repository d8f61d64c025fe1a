"""Load a pre-trained model to teach it: with a fast tokenizer, of a kind that can learn this, within memory."""

from pathlib import Path
from typing import Any

from aisle.encoders.export import check_tokenizer
from aisle.encoders.finetuning.recipe import Method
from aisle.encoders.memory import check_memory
from aisle.errors import InputError

COPIES = {"full": 4.0}
"""Float32 copies of the weights while learning: themselves, gradients and AdamW's two means."""
FEW_COPIES = 1.5


def load_encoder(source: Path, method: Method = "lora") -> tuple[Any, Any]:
    """The Hugging Face encoder in `source`, float32, and its tokenizer.

    Raises InputError when there is none, when it lacks a fast tokenizer, when it is of an architecture that gives
    no vector a token (an encoder-decoder, a model of pictures), and when it does not fit into memory.
    """
    return _loaded(source, method, "AutoModel")


def load_classifier_network(source: Path, n_outputs: int, method: Method = "lora", **config: Any) -> tuple[Any, Any]:
    """The model in `source` with a head of `n_outputs` numbers a text or pair; a new one where it has no such head.

    `config` goes into its config.json: id2label, problem_type. Raises InputError as `load_encoder` does.
    """
    return _loaded(
        source,
        method,
        "AutoModelForSequenceClassification",
        num_labels=n_outputs,
        ignore_mismatched_sizes=True,
        **config,
    )


def _loaded(source: Path, method: Method, kind: str, **options: Any) -> tuple[Any, Any]:
    import transformers  # noqa: PLC0415  seconds to import, after the cheap checks
    from safetensors import SafetensorError  # noqa: PLC0415

    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    check_memory(source, COPIES.get(method, FEW_COPIES))
    try:
        config = transformers.AutoConfig.from_pretrained(source)
        _check_architecture(source, config)
        tokenizer = transformers.AutoTokenizer.from_pretrained(source)
        model = getattr(transformers, kind).from_pretrained(source, **options)
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise InputError(f"cannot load the model in {source}: {error}") from error
    check_tokenizer(source, tokenizer)
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token or tokenizer.unk_token
        model.config.pad_token_id = tokenizer.pad_token_id
    return model.float(), tokenizer


def _check_architecture(source: Path, config: Any) -> None:
    kind = config.model_type
    if getattr(config, "is_encoder_decoder", False) or not getattr(config, "vocab_size", None):
        raise InputError(
            f"the model in {source} is a {kind}, which gives no vector for each token of a text; "
            "choose an encoder such as all-MiniLM-L6-v2, BERT or XLM-RoBERTa"
        )
