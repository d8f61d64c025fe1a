"""Shorter vectors: the first dimensions alone."""

from dataclasses import replace
from pathlib import Path

from aisle.encoders.compression.material import Material
from aisle.encoders.compression.quantise import quantise_dynamic
from aisle.errors import InputError


def truncate(material: Material, folder: Path, dim: int = 0) -> None:
    """The int8 model, of whose vectors the first `dim` dimensions are kept (0: half), L2-normalised anew.

    Kusupati et al. 2022, "Matryoshka Representation Learning": good for models that were taught so (`aisle finetune
    --dims`), worth measuring for others. Raises InputError for a number out of range.
    """
    whole = material.reading.dim
    dim = dim or whole // 2
    if not 1 <= dim <= whole:
        raise InputError(f"dim={dim}; expected 1 to {whole}, the length of the model's vectors")
    quantise_dynamic(replace(material, reading=replace(material.reading, dim=dim)), folder)
