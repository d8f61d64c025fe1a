"""Turn a taught classifier into one ONNX file."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from aisle.encoders.classifier import TextClassifier
from aisle.encoders.export import MIN_AGREEMENT, PROBES, load_model, write_model
from aisle.encoders.export_cross import concordance
from aisle.encoders.families import read_json
from aisle.errors import InputError


def export_classifier(source: Path, target: Path, precision: str) -> None:
    """Write model.onnx, tokenizer.json and encoder.json for the classifier in `source`, which `aisle finetune` made.

    Raises InputError when `source` holds no such model, or when the exported one answers otherwise than the original.
    """
    import torch  # noqa: PLC0415  seconds to import, and only ever needed once a model

    told = read_json(source / "aisle.json")
    if told.get("kind") != "classifier":
        raise InputError(
            f"{source} holds no classifier of Aisle; make one with: aisle finetune --task classify --texts FILE"
        )
    names = ("classes", "temperature", "least_energy", "mean", "deviation", "item_prefix", "max_tokens")
    if missing := [name for name in names if name not in told]:
        raise InputError(
            f"{source / 'aisle.json'} lacks {', '.join(missing)}: another version of Aisle made the classifier; "
            "make it again with: aisle finetune --task classify"
        )
    model, tokenizer = load_model(source, "AutoModelForSequenceClassification")
    inputs = write_model(torch, model, tokenizer, target, "logits", precision)
    info = {"kind": "classifier", **{name: told[name] for name in names}}
    info |= {"pad_id": int(tokenizer.pad_token_id or 0), "inputs": inputs, "precision": precision}
    (target / "encoder.json").write_text(json.dumps(info, indent=1, ensure_ascii=False), "utf-8")
    _check_logits(torch, model, target, info)


def _check_logits(torch: Any, model: Any, target: Path, info: dict[str, Any]) -> None:
    classifier, reference = TextClassifier(target), []
    for text in PROBES:
        feeds = {name: torch.tensor(values) for name, values in classifier.feeds([text]).items()}
        with torch.no_grad():
            reference.append(model(**feeds).logits[0].numpy())
    agreement = concordance(classifier.logits(PROBES).ravel().astype(float), np.concatenate(reference).astype(float))
    if agreement < MIN_AGREEMENT[info["precision"]]:
        raise InputError(
            f"the exported {info['precision']} classifier agrees with the original only by a concordance of "
            f'{agreement:.3f}, expected {MIN_AGREEMENT[info["precision"]]}; set the precision to "float32"'
        )
