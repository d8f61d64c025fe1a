"""Fewer bits a weight: int8 with ranges of activations measured beforehand, and int4."""

import json
import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aisle.encoders.compression.material import Material
from aisle.encoders.export import export_network, fastest_batch, load_encoder_model
from aisle.encoders.text import TextEncoder

CALIBRATED_AT_ONCE = 8
BLOCK = 32
"""Weights that share one scale in int4."""


def quantise_dynamic(material: Material, folder: Path) -> None:
    """int8 weights, activations rounded to the range of each batch: what `encoder.precision = "int8"` does."""
    model, tokenizer = load_encoder_model(material.source)
    folder.mkdir(parents=True, exist_ok=True)
    export_network(model, tokenizer, material.reading, folder, material.name, "int8")


def quantise_static(material: Material, folder: Path) -> None:
    """int8 weights and activations, whose ranges are measured on texts of the shop beforehand.

    Jacob et al. 2018, "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only
    Inference"; the ranges are the least and the greatest value seen.
    """
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_static  # noqa: PLC0415  needed once a model
    from onnxruntime.quantization.calibrate import CalibrationDataReader  # noqa: PLC0415

    plain = _traced(material, folder)
    encoder = TextEncoder(folder)
    texts = sorted(material.calibration(), key=len)

    class Reader(CalibrationDataReader):  # type: ignore[misc]  # the library has no types
        def __init__(self) -> None:
            self._feeds = self._all()

        def _all(self) -> Iterator[dict[str, Any]]:
            for start in range(0, len(texts), CALIBRATED_AT_ONCE):
                yield encoder.feeds(encoder.tokenize(texts[start : start + CALIBRATED_AT_ONCE]))

        def get_next(self) -> dict[str, Any] | None:
            return next(self._feeds, None)

    with _quiet_root():
        quantize_static(
            plain,
            folder / "model.onnx",
            Reader(),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["MatMul", "Gather"],
            per_channel=True,
            reduce_range=True,  # processors without VNNI add two products in 16 bits
            weight_type=QuantType.QInt8,
            activation_type=QuantType.QUInt8,
            extra_options={"MatMulConstBOnly": True},
        )
    _finish(folder, plain, "static int8")


def quantise_int4(material: Material, folder: Path) -> None:
    """int4 weights, 32 of them to a scale, multiplied by activations in int8: ONNX Runtime's operator MatMulNBits.

    Rounded to nearest, as in Dettmers and Zettlemoyer 2023, "The case for 4-bit precision"; token vectors have 8 bits.
    """
    import onnx  # noqa: PLC0415  needed once a model
    from onnxruntime.quantization import QuantType, quantize_dynamic  # noqa: PLC0415

    plain = _traced(material, folder)
    graph = onnx.load(plain)
    weights = {one.name: one for one in graph.graph.initializer}
    for node in graph.graph.node:
        if node.op_type == "MatMul" and node.input[1] in weights:
            _to_int4(onnx, graph.graph, node, onnx.numpy_helper.to_array(weights[node.input[1]]))
    still = {name for node in graph.graph.node for name in node.input}
    kept = [one for one in graph.graph.initializer if one.name in still]
    del graph.graph.initializer[:]
    graph.graph.initializer.extend(kept)
    graph.opset_import.append(onnx.helper.make_opsetid("com.microsoft", 1))
    onnx.save(graph, plain)
    with _quiet_root():
        quantize_dynamic(plain, folder / "model.onnx", op_types_to_quantize=["Gather"], weight_type=QuantType.QUInt8)
    _finish(folder, plain, "int4")


def int4_blocks(weight: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """`weight`, (k, n), in four bits: (n, n_blocks, 16) uint8, two to a byte, lower first, and scales (n, n_blocks).

    A value is (bits - 8) * scale, and the largest of a block's 32 is exactly 7 scales.
    """
    k, n = weight.shape
    blocks = np.zeros((n, -(-k // BLOCK) * BLOCK), np.float32)
    blocks[:, :k] = weight.T
    blocks = blocks.reshape(n, -1, BLOCK)
    scales = np.abs(blocks).max(axis=2) / 7
    bits = np.rint(blocks / np.maximum(scales, 1e-12)[..., None]).astype(np.int8) + 8
    return (bits[..., ::2] | bits[..., 1::2] << 4).astype(np.uint8), scales.astype(np.float32)


def _to_int4(onnx: Any, graph: Any, node: Any, weight: NDArray[np.float32]) -> None:
    """Make `node` of `graph`, a product with the constant `weight`, one with its four bits."""
    bits, scales = int4_blocks(weight)
    names = [f"{node.input[1]}.{part}" for part in ("bits", "scales")]
    if names[0] not in {one.name for one in graph.initializer}:
        graph.initializer.extend(
            onnx.numpy_helper.from_array(values, name)
            for values, name in zip((bits, scales.ravel()), names, strict=True)
        )
    node.op_type, node.domain = "MatMulNBits", "com.microsoft"
    del node.input[1:]
    node.input.extend(names)
    options = {"K": weight.shape[0], "N": weight.shape[1], "bits": 4, "block_size": BLOCK, "accuracy_level": 4}
    node.attribute.extend(onnx.helper.make_attribute(name, value) for name, value in options.items())


@contextmanager
def _quiet_root() -> Iterator[None]:
    """Without the quantiser's advice, on the root logger, to prepare a graph that needs it not."""
    root = logging.getLogger()
    before = root.level
    root.setLevel(logging.ERROR)
    try:
        yield
    finally:
        root.setLevel(before)


def _traced(material: Material, folder: Path) -> Path:
    """The graph of the model with its products apart, as quantisers want it."""
    model, tokenizer = load_encoder_model(material.source)
    folder.mkdir(parents=True, exist_ok=True)
    export_network(model, tokenizer, material.reading, folder, material.name, "float32", fused=False)
    # model.onnx stays beside it, so that the folder is an encoder meanwhile
    return Path(shutil.copyfile(folder / "model.onnx", folder / "plain.onnx"))


def _finish(folder: Path, plain: Path, precision: str) -> None:
    plain.unlink()
    info = json.loads((folder / "encoder.json").read_text("utf-8"))
    info |= {"precision": precision, "batch": fastest_batch(folder)}
    (folder / "encoder.json").write_text(json.dumps(info, indent=1), "utf-8")
