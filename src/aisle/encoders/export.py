"""Turn a Hugging Face model into one ONNX file that answers in under a millisecond."""

import json
import logging
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from aisle.encoders.text import TextEncoder, pool
from aisle.errors import InputError
from aisle.settings import EncoderSettings

INPUTS = ("input_ids", "attention_mask", "token_type_ids")
MIN_AGREEMENT = {"float32": 0.999, "int8": 0.95}
"""Least mean cosine between the exported model's vectors and the original's, or concordance of its scores."""
PROBES = ["usb c cable", "A warm winter jacket with a hood, for women.", "无线耳机", "TN-2110", "x " * 40]


def export_model(source: Path, target: Path, settings: EncoderSettings) -> None:
    """Write model.onnx, tokenizer.json and encoder.json for the model in `source` into `target`.

    Attention, layer norms and GELU are fused, and with precision "int8" the weights of every matrix
    product are quantised per output channel (dynamic quantisation: activations at run time).
    Raises InputError when `source` holds no model with a fast tokenizer, or when the exported
    model disagrees with the original.
    """
    import torch  # noqa: PLC0415  seconds to import, and only ever needed once a model

    model, tokenizer = load_model(source, "AutoModel")
    inputs = write_model(torch, model, tokenizer, target, "last_hidden_state", settings.precision)
    info = {
        "model": settings.model,
        "dim": int(model.config.hidden_size),
        **reading(model, tokenizer, inputs, settings.max_tokens),
        **settings.model_dump(include={"precision", "pooling", "query_prefix", "item_prefix"}),
    }
    (target / "encoder.json").write_text(json.dumps(info, indent=1), "utf-8")
    _check_agreement(torch, model, inputs, target, settings)


def load_model(source: Path, kind: str) -> tuple[Any, Any]:
    """The model in `source` and its fast tokenizer; `kind` is the class of transformers that reads it.

    Raises InputError when there is no such model, or when weights of it are missing.
    """
    import transformers  # noqa: PLC0415  seconds to import, and only ever needed once a model
    from safetensors import SafetensorError  # noqa: PLC0415

    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(source)
        model, loading = getattr(transformers, kind).from_pretrained(
            source, attn_implementation="eager", output_loading_info=True
        )
    except (OSError, ValueError, SafetensorError) as error:
        raise InputError(f"cannot load the model in {source}: {error}") from error
    if kind == "AutoModelForSequenceClassification" and loading["missing_keys"]:
        absent = ", ".join(sorted(loading["missing_keys"])[:3])
        raise InputError(f"the model in {source} was not trained to score pairs of texts: it lacks {absent}")
    if not tokenizer.is_fast:
        raise InputError(f"the model in {source} has no tokenizer.json; save it with a fast tokenizer")
    return model.eval().float(), tokenizer


def write_model(torch: Any, model: Any, tokenizer: Any, target: Path, output: str, precision: str) -> list[str]:
    """Write model.onnx, which gives `output` of `model`, and tokenizer.json; return the names of the graph's inputs."""
    inputs = [name for name in INPUTS if name in tokenizer.model_input_names]
    tokenizer.backend_tokenizer.no_padding()
    tokenizer.backend_tokenizer.no_truncation()
    tokenizer.backend_tokenizer.save(str(target / "tokenizer.json"))
    plain, fused = target / "plain.onnx", target / "fused.onnx"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer warns of branches that these models never take
        _trace(torch, model, inputs, plain, output)
        _fuse(plain, fused, model.config)
        _quantise(fused, target / "model.onnx", precision)
    plain.unlink()
    fused.unlink(missing_ok=True)
    return inputs


def reading(model: Any, tokenizer: Any, inputs: list[str], max_tokens: int) -> dict[str, Any]:
    """How texts are to be given to the model: part of encoder.json."""
    return {
        "pad_id": int(tokenizer.pad_token_id or 0),
        "inputs": inputs,
        "max_tokens": min(max_tokens, _longest_text(model.base_model, tokenizer)),
    }


def _longest_text(model: Any, tokenizer: Any) -> int:
    """Most tokens that the model has positions for; RoBERTa's first positions stand for padding."""
    table = getattr(getattr(model, "embeddings", None), "position_embeddings", None)
    padding = getattr(table, "padding_idx", None)
    reserved = 0 if padding is None else padding + 1
    positions = getattr(model.config, "max_position_embeddings", tokenizer.model_max_length)
    return int(min(positions - reserved, tokenizer.model_max_length))


def _trace(torch: Any, model: Any, inputs: list[str], path: Path, output: str) -> None:
    class Positional(torch.nn.Module):  # type: ignore[misc]  # ONNX graphs take positions, not names
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *tensors: Any) -> Any:
            return getattr(self.model(**dict(zip(inputs, tensors, strict=True))), output)

    example = {name: torch.ones(2, 8, dtype=torch.long) for name in inputs}
    example["attention_mask"][1, 5:] = 0  # without padding to see, the tracer would leave the mask out
    axes = {name: {0: "n_texts", 1: "n_tokens"} for name in inputs}
    axes[output] = {0: "n_texts", 1: "n_tokens"} if output == "last_hidden_state" else {0: "n_texts"}
    with torch.no_grad():
        torch.onnx.export(
            Positional().eval(),
            tuple(example.values()),
            str(path),
            input_names=inputs,
            output_names=[output],
            dynamic_axes=axes,
            opset_version=17,
            dynamo=False,
        )


def _fuse(source: Path, target: Path, config: Any) -> None:
    from onnxruntime.transformers import optimizer  # noqa: PLC0415  needed once a model

    logging.getLogger("onnxruntime.transformers").setLevel(logging.ERROR)
    fused = optimizer.optimize_model(
        str(source),
        model_type="bert",
        num_heads=int(getattr(config, "num_attention_heads", 0)),
        hidden_size=int(config.hidden_size),
        opt_level=0,
    )
    fused.save_model_to_file(str(target))


def _quantise(source: Path, target: Path, precision: str) -> None:
    if precision == "float32":
        source.rename(target)
        return
    import onnx  # noqa: PLC0415  needed once a model
    from onnxruntime.quantization import QuantType, quantize_dynamic  # noqa: PLC0415
    from onnxruntime.quantization.quant_utils import add_pre_process_metadata  # noqa: PLC0415

    graph = onnx.load(source)
    add_pre_process_metadata(graph)  # fused already; without the mark the quantiser warns on the root logger
    quantize_dynamic(
        graph,
        target,
        weight_type=QuantType.QInt8,
        per_channel=True,
        reduce_range=True,  # processors without VNNI add two products in 16 bits: weights of 8 bits would overflow
        extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
    )


def _check_agreement(torch: Any, model: Any, inputs: list[str], target: Path, settings: EncoderSettings) -> None:
    encoder = TextEncoder(target)
    reference = []
    for text in PROBES:
        ids = encoder.tokenize([text])[0]
        tensors = {name: torch.tensor([[0 if name == "token_type_ids" else 1] * len(ids)]) for name in inputs}
        tensors["input_ids"] = torch.tensor([ids])
        with torch.no_grad():
            hidden = model(**tensors).last_hidden_state.numpy()
        reference.append(pool(hidden, np.ones((1, len(ids)), np.int64), settings.pooling)[0])
    cosine = float((encoder.encode(PROBES) * np.stack(reference)).sum(axis=1).mean())
    if cosine < MIN_AGREEMENT[settings.precision]:
        raise InputError(
            f"the exported {settings.precision} model agrees with {settings.model!r} only by a mean cosine of "
            f'{cosine:.3f}, expected {MIN_AGREEMENT[settings.precision]}; set encoder.precision = "float32"'
        )
