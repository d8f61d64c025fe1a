"""Does a model fit into memory? Asked before it is loaded, because the system would end the process without a word."""

from pathlib import Path

from aisle.errors import InputError

COPIES = 2.5
"""Of the weights in float32 that stand in memory while a model is exported: the original, the graph, the quantised."""


def check_memory(folder: Path, copies: float = COPIES) -> None:
    """Raise InputError when `copies` of the weights in `folder` need more memory than is free."""
    n_bytes = sum(path.stat().st_size for path in folder.glob("*") if path.suffix in {".safetensors", ".bin"})
    free = free_memory()
    if free and n_bytes * copies > free:
        raise InputError(
            f"the model in {folder} needs about {n_bytes * copies / 1e9:.1f} GB of memory, and {free / 1e9:.1f} GB are "
            "free; choose a smaller model, or a machine with more memory"
        )


def free_memory() -> int:
    """Bytes that a new process could use without swapping, by /proc/meminfo; 0 where that cannot be known."""
    try:
        lines = Path("/proc/meminfo").read_text("utf-8").splitlines()
    except OSError:
        return 0
    found = [int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")]
    return found[0] if found else 0
