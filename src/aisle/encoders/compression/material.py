"""What a model is compressed with: itself, and texts of the shop that show what must stay right."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from aisle.encoders.export import export_network, load_encoder_model, longest_text
from aisle.encoders.families import TOWER, Reading, reading_of
from aisle.encoders.text import TextEncoder
from aisle.errors import InputError
from aisle.settings import EncoderSettings
from aisle.types import Vectors

FIRST_WORDS = 5
"""Of an item's text: read alone they are like a query."""
N_CALIBRATION = 128
MIN_TEXTS = 8


@dataclass(frozen=True, slots=True)
class Material:
    """A model and the texts of a shop. Made by `make_material`."""

    source: Path
    """Hugging Face folder of the model."""
    name: str
    """What the shop calls the model."""
    reading: Reading
    teacher: TextEncoder
    """The model as it is, in float32."""
    texts: tuple[str, ...]
    """Items, queries and beginnings of items, with the prefix of their kind: what students learn from."""
    vectors: Vectors
    """The teacher's vectors of `texts`, (n, dim) float32."""
    budget_s: float
    """Seconds that learning a student may take."""
    seed: int = 0
    threads: int = 0
    """That variants are opened with, as the model is; 0: every core."""

    def calibration(self) -> list[str]:
        """A few of `texts`, evenly spread."""
        n = len(self.texts)
        return [self.texts[place] for place in np.linspace(0, n - 1, min(n, N_CALIBRATION)).astype(int)]


def make_material(
    source: Path,
    settings: EncoderSettings,
    folder: Path,
    items: Sequence[str],
    queries: Sequence[str],
    budget_s: float,
    seed: int = 0,
) -> Material:
    """Export the model in `source` to float32 in `folder` and let it encode the shop's texts.

    Raises InputError when the model gives one vector a text by itself (CLIP, SigLIP), which no method here can
    shorten, when it cannot be loaded, and with fewer than 8 texts to learn from.
    """
    reading = reading_of(source, settings)
    if reading.pooling == TOWER:
        raise InputError(
            f"the model in {source} is the text half of CLIP or SigLIP; expected a text encoder to compress"
        )
    begun = [" ".join(text.split()[:FIRST_WORDS]) for text in items]
    asked = [reading.query_prefix + text for text in dict.fromkeys([*queries, *begun])]
    texts = tuple(dict.fromkeys([*(reading.item_prefix + text for text in items), *asked]))
    if len(texts) < MIN_TEXTS:
        raise InputError(f"{len(texts)} texts to compress with; expected at least {MIN_TEXTS}; ingest more items")
    folder.mkdir(parents=True, exist_ok=True)
    model, tokenizer = load_encoder_model(source)
    reading = replace(reading, max_tokens=min(reading.max_tokens, longest_text(model.base_model, tokenizer)))
    export_network(model, tokenizer, reading, folder, settings.model, "float32")
    teacher = TextEncoder(folder, settings.threads)
    vectors = teacher.encode(texts)
    return Material(source, settings.model, reading, teacher, texts, vectors, budget_s, seed, settings.threads)


def rng_of(material: Material) -> np.random.Generator:
    """Chance, the same for the same material."""
    return np.random.default_rng(material.seed)
