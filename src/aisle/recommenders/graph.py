"""A learned network as an ONNX graph, which is all that serving needs of it."""

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from aisle.errors import InputError, ReleaseError

if TYPE_CHECKING:
    from torch import Tensor, nn

Graph = NDArray[np.uint8]
"""(n_bytes,) uint8: an ONNX file, as it is kept in the model's npz."""
MAX_DIFFERENCE = 1e-3
"""Most by which the exported graph may differ from the network, in units of the answer's spread."""


def export(network: "nn.Module", example: "dict[str, Tensor]", axes: dict[str, dict[int, str]], output: str) -> Graph:
    """The graph of `network`, whose inputs are named in `example`; `axes` says which of their axes may vary.

    Raises InputError when the graph's answer to the example differs from the network's.
    """
    import io  # noqa: PLC0415

    import torch  # noqa: PLC0415  seconds to import, and only ever needed to learn

    file = io.BytesIO()
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer warns of branches that depend on the configuration alone
        expected = network(*example.values()).numpy()
        torch.onnx.export(
            network,
            tuple(example.values()),
            file,  # type: ignore[arg-type]  # the older exporter takes a file as well, which is not in its types
            input_names=list(example),
            output_names=[output],
            dynamic_axes=axes,
            opset_version=17,
            dynamo=False,
        )
    graph = np.frombuffer(file.getvalue(), np.uint8)
    found = open_graph(graph).run([output], {name: tensor.numpy() for name, tensor in example.items()})[0]
    difference = float(np.abs(found - expected).max() / max(1e-6, float(expected.std())))
    if not difference <= MAX_DIFFERENCE:
        raise InputError(f"the exported graph differs from the network by {difference:.2g}; expected {MAX_DIFFERENCE}")
    return graph


def open_graph(graph: Graph, threads: int = 0) -> Any:
    """An ONNX Runtime session on the processor; `threads` is how many cores a call may use, 0 for all.

    Raises ReleaseError when the bytes are no graph.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(graph.tobytes(), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's errors have no other base
        raise ReleaseError(f"the network of the model cannot be opened: {error}; run aisle build again") from error
