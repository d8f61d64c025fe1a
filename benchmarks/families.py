"""What the well-known families need: parameters and memory, computed from their configurations, and one measured time.

python benchmarks/families.py [--measure] [--publish]

The sizes below are those of the published config.json files; the models are built without weights, so nothing is
downloaded. Time is estimated from the default model's, measured here with --measure, by the products that a token
takes: twice the parameters outside the token table. Writes the table of docs/models.md.
"""

import argparse
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import torch
import transformers
from report import environment, publish, table

from aisle.encoders import prepare_encoder
from aisle.encoders.export import LARGEST
from aisle.encoders.families import family_of
from aisle.settings import EncoderSettings

PAGE = Path(__file__).parents[1] / "docs" / "models.md"


def sizes(vocabulary: int, width: int, layers: int, heads: int, inner: int, **more: Any) -> dict[str, Any]:
    return {
        "vocab_size": vocabulary, "hidden_size": width, "num_hidden_layers": layers, "num_attention_heads": heads,
        "intermediate_size": inner, **more,
    }  # fmt: skip


LONG = {"max_position_embeddings": 8194, "type_vocab_size": 1}
MODELS: dict[str, tuple[str, dict[str, Any]]] = {
    "all-MiniLM-L6-v2": ("BertConfig", sizes(30522, 384, 6, 12, 1536)),
    "BAAI/bge-small-en-v1.5": ("BertConfig", sizes(30522, 384, 12, 12, 1536)),
    "BAAI/bge-base-en-v1.5": ("BertConfig", sizes(30522, 768, 12, 12, 3072)),
    "BAAI/bge-small-zh-v1.5": ("BertConfig", sizes(21128, 512, 4, 8, 2048)),
    "BAAI/bge-m3": ("XLMRobertaConfig", sizes(250002, 1024, 24, 16, 4096, **LONG)),
    "intfloat/multilingual-e5-small": ("BertConfig", sizes(250037, 384, 12, 12, 1536)),
    "intfloat/multilingual-e5-base": ("XLMRobertaConfig", sizes(250002, 768, 12, 12, 3072, type_vocab_size=1)),
    "thenlper/gte-small": ("BertConfig", sizes(30522, 384, 12, 12, 1536)),
    "Alibaba-NLP/gte-modernbert-base": ("ModernBertConfig", sizes(50368, 768, 22, 12, 1152)),
    "jinaai/jina-embeddings-v3-hf": ("JinaEmbeddingsV3Config", sizes(250002, 1024, 24, 16, 4096)),
    "Qwen/Qwen3-Embedding-0.6B": (
        "Qwen3Config",
        sizes(151669, 1024, 28, 16, 3072, num_key_value_heads=8, head_dim=128),
    ),
    "sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2": (
        "BertConfig",
        sizes(250037, 384, 12, 12, 1536),
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--measure", action="store_true", help="time the default model on one core")
    parser.add_argument("--publish", action="store_true", help="write the table to docs/models.md")
    asked = parser.parse_args()
    p50 = measured() if asked.measure else None
    counted = {name: counts(*config) for name, config in MODELS.items()}
    base = counted["all-MiniLM-L6-v2"][1]
    rows = [row(name, *numbers, base, p50) for name, numbers in counted.items()]
    head = ("model", "family", "dimensions", "parameters", "float32 MB", "int8 MB", "work a token", "query, int8")
    note = (
        f"Measured: all-MiniLM-L6-v2 in int8, {p50:.2f} ms a query on one core ({environment()}); other times are that "
        "one times the work a token. " if p50 else "No time was measured in this run. "
    ) + "Everything else is computed from the configuration: parameters x 4 bytes and x 1 byte."  # fmt: skip
    text = f"{table(head, rows)}\n\n{note}"
    print(text)
    if asked.publish:
        publish("families", text, PAGE)


def counts(kind: str, config: dict[str, Any]) -> tuple[int, int, int]:
    """Parameters, those that every token is multiplied with, and dimensions."""
    with torch.device("meta"):
        model = transformers.AutoModel.from_config(getattr(transformers, kind)(**config))
    n_all = sum(weight.numel() for weight in model.parameters())
    tables = sum(one.weight.numel() for one in model.modules() if isinstance(one, torch.nn.Embedding))
    return n_all, n_all - tables, config["hidden_size"]


def row(name: str, n_all: int, n_work: int, dim: int, base: int, p50: float | None) -> tuple[str, ...]:
    family = family_of(name, {})
    large = 4 * n_all > LARGEST
    return (
        f"`{name}`",
        family.name if family else "",
        f"{dim}",
        f"{n_all / 1e6:.0f} M",
        f"{4 * n_all / 1e6:,.0f}" + (" (too large for one file: int8 only)" if large else ""),
        f"{n_all / 1e6:,.0f}",
        f"{n_work / base:.1f} x",
        f"about {p50 * n_work / base:.1f} ms" if p50 else "",
    )


def measured() -> float:
    """Median milliseconds of a short query on one core."""
    encoder = prepare_encoder(EncoderSettings(), threads=1)
    times = []
    for number in range(220):
        began = perf_counter()
        encoder.encode_queries([f"warm winter jacket {number}"])
        times.append(perf_counter() - began)
    return float(np.median(times[20:])) * 1_000


if __name__ == "__main__":
    main()
