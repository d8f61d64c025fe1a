"""Turn a Hugging Face model into one ONNX file that answers in under a millisecond."""

import json
import logging
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from aisle.encoders.batching import SIZES, best_batch
from aisle.encoders.families import TOWERS, Reading, read_json, reading_of
from aisle.encoders.memory import check_memory
from aisle.encoders.text import TextEncoder, pool
from aisle.errors import InputError
from aisle.settings import EncoderSettings

INPUTS = ("input_ids", "attention_mask", "token_type_ids")
MIN_AGREEMENT = {"float32": 0.999, "int8": 0.95}
"""Least mean cosine between the exported model's vectors and the original's, or concordance of its scores."""
LARGEST = 2_000_000_000
"""Bytes of weights in one ONNX file: the limit of its format, Protocol Buffers, is 2 GiB."""
OUTPUTS = {"clip_text_model": "text_embeds", "siglip_text_model": "pooler_output"}
"""Output of the graph by kind of model, where it is not the vectors of the tokens."""
HALVES = ("CLIPTextModelWithProjection", "SiglipTextModel")
TOKENIZERS = ("tokenizer.json", "vocab.txt", "vocab.json", "tokenizer.model", "spiece.model", "sentencepiece.bpe.model")
"""Without one of these transformers makes an empty tokenizer up, and says nothing."""
PROBES = ["usb c cable", "A warm winter jacket with a hood, for women.", "无线耳机", "TN-2110", "x " * 40]


def export_model(source: Path, target: Path, settings: EncoderSettings) -> None:
    """Write model.onnx, tokenizer.json and encoder.json for the model in `source` into `target`.

    Attention, layer norms and GELU are fused, and with precision "int8" the weights of every matrix
    product are quantised per output channel (dynamic quantisation: activations at run time).
    How the model is read (pooling, prefixes) is what `families.reading_of` finds. Raises InputError
    when `source` holds no model with a fast tokenizer, or when the exported model disagrees with the original.
    """

    reading = reading_of(source, settings)
    model, tokenizer = load_encoder_model(source)
    export_network(model, tokenizer, reading, target, settings.model, settings.precision)


def export_network(
    model: Any,
    tokenizer: Any,
    reading: Reading,
    target: Path,
    name: str,
    precision: str,
    *,
    fused: bool = True,
) -> None:
    """As `export_model`, of a model in memory. Without `fused` the graph stays as traced, for other quantisers."""
    import torch  # noqa: PLC0415  seconds to import, and only ever needed once a model

    output = OUTPUTS.get(model.config.model_type, "last_hidden_state")
    inputs = write_model(torch, model, tokenizer, target, output, precision, fused=fused)
    info = encoder_info(name, precision, model, tokenizer, reading, inputs)
    (target / "encoder.json").write_text(json.dumps(info, indent=1), "utf-8")
    _check_agreement(torch, model, target, info, output)
    info["batch"] = fastest_batch(target)
    (target / "encoder.json").write_text(json.dumps(info, indent=1), "utf-8")


def fastest_batch(target: Path) -> int:
    """Texts in one pass of the encoder in `target` that are fastest on this machine."""
    encoder = TextEncoder(target)

    def encode(size: int) -> None:
        encoder.batch = size
        encoder.encode([f"{PROBES[1]} {number}" for number in range(max(SIZES))])

    return best_batch(encode)


def encoder_info(
    name: str, precision: str, model: Any, tokenizer: Any, reading: Reading, inputs: list[str]
) -> dict[str, Any]:
    """What encoder.json says: all that `TextEncoder` must know beside the graph and the tokenizer."""
    return {
        "model": name,
        "dim": reading.dim,
        "precision": precision,
        "pooling": reading.pooling,
        "query_prefix": reading.query_prefix,
        "item_prefix": reading.item_prefix,
        **feeding(model, tokenizer, inputs, reading.max_tokens),
    }


def check_tokenizer(source: Path, tokenizer: Any) -> None:
    """Raise InputError unless `tokenizer`, as transformers read it from `source`, is a fast one that was there."""
    if not tokenizer.is_fast or not any((source / name).exists() for name in TOKENIZERS):
        raise InputError(f"the model in {source} has no tokenizer.json; save it with a fast tokenizer")


def load_encoder_model(source: Path) -> tuple[Any, Any]:
    """The encoder in `source`, of a CLIP or SigLIP its text half, and its fast tokenizer. Raises as `load_model`."""
    kind = read_json(source / "config.json").get("model_type")
    return load_model(source, HALVES[str(kind).startswith("siglip")] if kind in TOWERS else "AutoModel")


def load_model(source: Path, kind: str) -> tuple[Any, Any]:
    """The model in `source` and its fast tokenizer; `kind` is the class of transformers that reads it.

    Raises InputError when there is no such model, or when weights of it are missing.
    """
    import transformers  # noqa: PLC0415  seconds to import, and only ever needed once a model
    from safetensors import SafetensorError  # noqa: PLC0415

    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    check_memory(source)
    scoring = kind == "AutoModelForSequenceClassification"
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(source)
        model, loading = getattr(transformers, kind).from_pretrained(
            source, attn_implementation="eager", output_loading_info=True
        )
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise InputError(f"cannot load the model in {source}: {error}") from error
    missing = sorted(name for name in loading["missing_keys"] if scoring or "pooler" not in name or kind in HALVES)
    if missing:
        absent = ", ".join(missing[:3])
        raise InputError(
            f"the model in {source} was not trained to score pairs of texts: it lacks {absent}"
            if scoring
            else f"the weights in {source} are not those of the architecture in its config.json: they lack {absent}"
        )
    model.config.use_cache = False
    check_tokenizer(source, tokenizer)
    return model.eval().float(), tokenizer


def write_model(
    torch: Any, model: Any, tokenizer: Any, target: Path, output: str, precision: str, *, fused: bool = True
) -> list[str]:
    """Write model.onnx, which gives `output` of `model`, and tokenizer.json; return the names of the graph's inputs."""
    siglip = output == OUTPUTS["siglip_text_model"]  # was trained without a mask, on texts padded to their full length
    n_bytes = 4 * sum(weight.numel() for weight in model.parameters())
    large = n_bytes > LARGEST
    if large and precision == "float32":
        raise InputError(
            f"the model has {n_bytes / 1e9:.1f} GB of weights, and one ONNX file holds {LARGEST / 1e9:.0f} GB; "
            'set encoder.precision = "int8", or choose a smaller model of its family'
        )
    inputs = [name for name in INPUTS if name in tokenizer.model_input_names][: 1 if siglip else None]
    tokenizer.backend_tokenizer.no_padding()
    tokenizer.backend_tokenizer.no_truncation()
    tokenizer.backend_tokenizer.save(str(target / "tokenizer.json"))
    with tempfile.TemporaryDirectory(prefix="tracing-", dir=target) as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer warns of branches that these models never take
        graph = Path(folder) / "plain.onnx"  # the weights of a large model lie beside it, a file each
        _trace(torch, model, inputs, graph, output)
        inputs = _read_inputs(graph, inputs)
        if fused and not large:
            graph = _fused(graph, model.config)
        _quantise(graph, target / "model.onnx", precision, large=large)
    return inputs


def feeding(model: Any, tokenizer: Any, inputs: list[str], max_tokens: int) -> dict[str, Any]:
    """How texts are to be given to the model: part of encoder.json."""
    longest = longest_text(model.base_model, tokenizer)
    fixed = {"min_tokens": longest} if model.config.model_type == "siglip_text_model" else {}
    return {
        "pad_id": int(tokenizer.pad_token_id or 0),
        "inputs": inputs,
        "max_tokens": min(max_tokens, longest),
        **fixed,
    }


def longest_text(model: Any, tokenizer: Any) -> int:
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
    if "attention_mask" in example:
        example["attention_mask"][1, 5:] = 0  # without padding to see, the tracer would leave the mask out
    if inputs == ["input_ids"]:
        example["input_ids"] = torch.ones(2, model.config.max_position_embeddings, dtype=torch.long)
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


def _read_inputs(graph: Path, inputs: list[str]) -> list[str]:
    """Those of `inputs` that the graph has: what a model takes and never looks at is not in it."""
    import onnx  # noqa: PLC0415  needed once a model

    read = {one.name for one in onnx.load(graph, load_external_data=False).graph.input}
    return [name for name in inputs if name in read]


def _fused(source: Path, config: Any) -> Path:
    """A graph beside `source` that computes the same in fewer steps."""
    from onnxruntime.transformers import optimizer  # noqa: PLC0415  needed once a model

    logging.getLogger("onnxruntime.transformers").setLevel(logging.ERROR)
    fused = optimizer.optimize_model(
        str(source),
        model_type="bert",
        num_heads=int(getattr(config, "num_attention_heads", 0)),
        hidden_size=int(config.hidden_size),
        opt_level=0,
    )
    target = source.with_name("fused.onnx")
    fused.save_model_to_file(str(target))
    return target


def _quantise(source: Path, target: Path, precision: str, *, large: bool) -> None:
    if precision == "float32":
        source.rename(target)
        return
    import onnx  # noqa: PLC0415  needed once a model
    from onnxruntime.quantization import QuantType, quantize_dynamic  # noqa: PLC0415
    from onnxruntime.quantization.quant_utils import add_pre_process_metadata  # noqa: PLC0415

    if not large:  # a large one is only read weight by weight, in the quantiser
        graph = onnx.load(source)
        add_pre_process_metadata(graph)  # fused already; without the mark the quantiser warns on the root logger
    quantize_dynamic(
        source if large else graph,
        target,
        weight_type=QuantType.QInt8,
        per_channel=True,
        reduce_range=True,  # processors without VNNI add two products in 16 bits: weights of 8 bits would overflow
        extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
    )


def _check_agreement(torch: Any, model: Any, target: Path, info: dict[str, Any], output: str) -> None:
    encoder = TextEncoder(target)
    reference = []
    for text in PROBES:
        tokens = encoder.tokenize([text])
        feeds = {name: torch.tensor(values) for name, values in encoder.feeds(tokens).items()}
        with torch.no_grad():
            hidden = getattr(model(**feeds), output).numpy()
        mask = np.ones((1, len(tokens[0])), np.int64)
        reference.append(pool(hidden, mask, info["pooling"], info["dim"])[0])
    cosine = float((encoder.encode(PROBES) * np.stack(reference)).sum(axis=1).mean())
    if cosine < MIN_AGREEMENT[info["precision"]]:
        raise InputError(
            f"the exported {info['precision']} model agrees with {info['model']!r} only by a mean cosine of "
            f'{cosine:.3f}, expected {MIN_AGREEMENT[info["precision"]]}; set encoder.precision = "float32"'
        )
