"""Turn a Hugging Face model that scores pairs of texts into one ONNX file."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aisle.encoders.cross import CrossEncoder, one_score
from aisle.encoders.export import MIN_AGREEMENT, PROBES, feeding, load_model, write_model
from aisle.errors import InputError


def export_cross_encoder(source: Path, target: Path, model: str, precision: str, max_tokens: int) -> None:
    """Write model.onnx, tokenizer.json and encoder.json for the sequence-classification model in `source`.

    `model` is what the shop calls it; `precision` is "int8" or "float32" as in `export_model`. Raises
    InputError when `source` holds no such model with a fast tokenizer and one score a pair (or
    two, for no and yes), or when the exported model scores pairs of texts otherwise than the original.
    """
    import torch  # noqa: PLC0415  seconds to import, and only ever needed once a model

    original, tokenizer = load_model(source, "AutoModelForSequenceClassification")
    if original.config.num_labels not in (1, 2):
        raise InputError(
            f"the model in {source} tells {original.config.num_labels} labels apart; expected one score a pair, or two "
            "for no and yes; name a cross-encoder for search, such as cross-encoder/ms-marco-MiniLM-L-6-v2"
        )
    inputs = write_model(torch, original, tokenizer, target, "logits", precision)
    how = feeding(original, tokenizer, inputs, max_tokens)
    info = {"model": model, "precision": precision, "kind": "cross-encoder", **how}
    (target / "encoder.json").write_text(json.dumps(info, indent=1), "utf-8")
    _check_scores(torch, original, target, info)


def _check_scores(torch: Any, model: Any, target: Path, info: dict[str, Any]) -> None:
    encoder = CrossEncoder(target)
    exported, reference = [], []
    for query in PROBES[:3]:
        exported += encoder.logits(query, PROBES).tolist()
        for text in PROBES:
            feeds = {name: torch.tensor(values) for name, values in encoder.feeds(query, [text]).items()}
            with torch.no_grad():
                reference.append(float(one_score(model(**feeds).logits.numpy())[0]))
    agreement = concordance(np.array(exported), np.array(reference))
    if agreement < MIN_AGREEMENT[info["precision"]]:
        raise InputError(
            f"the exported {info['precision']} model agrees with {info['model']!r} only by a concordance of "
            f'{agreement:.3f}, expected {MIN_AGREEMENT[info["precision"]]}; set the precision to "float32"'
        )


def concordance(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """How far two measurements of the same things agree, 1 for wholly: Lin's coefficient (Biometrics 1989).

    >>> concordance(np.array([1.0, 2.0, 3.0]), np.array([2.0, 3.0, 4.0]))
    0.5714285714285715
    """
    covariance = float(((one - one.mean()) * (other - other.mean())).mean())
    spread = float(one.var() + other.var() + (one.mean() - other.mean()) ** 2)
    return 2 * covariance / spread if spread > 0 else 1.0
