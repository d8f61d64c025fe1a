"""Does a model fit into memory? Asked before it is loaded, because the system would end the process without a word."""

import json
import math
from pathlib import Path
from typing import Any

from aisle.errors import InputError

COPIES = 2.5
"""Of the weights in float32 that stand in memory while a model is exported: the original, the graph, the quantised."""


def check_memory(folder: Path, copies: float = COPIES) -> None:
    """Raise InputError when `copies` of the weights in `folder`, in float32, need more memory than is free."""
    n_bytes = sum(map(_float32_bytes, folder.glob("*")))
    free = free_memory()
    if free and n_bytes * copies > free:
        raise InputError(
            f"the model in {folder} needs about {n_bytes * copies / 1e9:.1f} GB of memory, and {free / 1e9:.1f} GB are "
            "free; choose a smaller model, or a machine with more memory"
        )


def _float32_bytes(path: Path) -> int:
    """Of the weights in `path`: half-precision files need twice their size. 0 for a file without weights."""
    if path.suffix != ".safetensors":
        return path.stat().st_size if path.suffix == ".bin" else 0
    try:
        with path.open("rb") as file:
            told: dict[str, Any] = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        return 4 * sum(int(math.prod(tensor["shape"])) for name, tensor in told.items() if name != "__metadata__")
    except (ValueError, KeyError, TypeError, MemoryError, OverflowError):  # a damaged file is told of where it is read
        return path.stat().st_size


def free_memory() -> int:
    """Bytes that a new process could use without swapping, by /proc/meminfo; 0 where that cannot be known."""
    try:
        lines = Path("/proc/meminfo").read_text("utf-8").splitlines()
    except OSError:
        return 0
    found = [int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")]
    return found[0] if found else 0
