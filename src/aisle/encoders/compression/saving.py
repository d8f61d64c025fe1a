"""A compressed network, saved twice in one folder: as a Hugging Face model to go on with, and exported to serve."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from aisle.encoders.compression.material import Material
from aisle.encoders.export import export_network
from aisle.encoders.finetuning.saving import save_model


def save_network(material: Material, folder: Path, model: Any, tokenizer: Any, precision: str = "int8") -> None:
    """Write `model` and `tokenizer` into `folder`, and the export. Raises InputError when the disk is full."""
    model.eval()
    info = {"base_model": material.name, **asdict(material.reading)}
    save_model(folder, model, tokenizer, info)
    export_network(model, tokenizer, material.reading, folder, material.name, precision)
