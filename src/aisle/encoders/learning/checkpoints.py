"""A checkpoint is there as a whole or not at all: a kill or a full disk leaves the one before it."""

import os
import pickle
import random
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError

from aisle.errors import InputError

FILE = "checkpoint.pt"


def save_checkpoint(folder: Path, state: Mapping[str, Any]) -> None:
    """Keep `state`, of tensors and plain values, in `folder`, in place of the one before.

    Raises InputError when it cannot be written; the checkpoint before it is kept then.
    """
    staged = folder / f".{FILE}.{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with staged.open("wb") as file:
            torch.save(dict(state), file)
            file.flush()
            os.fsync(file.fileno())
        staged.replace(folder / FILE)
    except (OSError, RuntimeError) as error:  # PyTorch hides the system's error in one of its own
        staged.unlink(missing_ok=True)
        raise InputError(
            f"cannot write the checkpoint {folder / FILE}: {_cause(error)}; the one before it is kept: "
            "make room on the disk and run the same command again to go on from there"
        ) from error


def load_checkpoint(folder: Path) -> dict[str, Any] | None:
    """What `save_checkpoint` kept in `folder`, on the processor, or None. Raises InputError when it cannot be read."""
    path = folder / FILE
    if not path.exists():
        return None
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError, ValueError, pickle.UnpicklingError) as error:
        raise InputError(f"cannot read the checkpoint {path}; delete {folder} to start over") from error
    return state


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """A temporary sibling of `target` that takes its place when the block ends well, and is gone when it does not.

    Raises InputError when the disk is full or cannot be written; what was in `target` is kept then.
    """
    staging = replaced = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
        staging.chmod(0o755)
        yield staging
        if target.exists():
            replaced = target.rename(staging.with_name(f"{staging.name}-old"))
        staging.rename(target)
    except (OSError, SafetensorError) as error:
        if replaced and not target.exists():
            replaced.rename(target)
        raise InputError(
            f"cannot write {target}: {error}; what was there is kept: make room on the disk and run it again"
        ) from error
    finally:
        for rest in (staging, replaced):
            if rest:
                shutil.rmtree(rest, ignore_errors=True)


def random_states() -> dict[str, Any]:
    """Where the generators of PyTorch, NumPy and Python are, as tensors and plain values."""
    name, keys, *rest = np.random.get_state(legacy=True)
    return {
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
        "numpy": (name, torch.from_numpy(np.asarray(keys, np.int64)), *rest),
        "python": random.getstate(),
    }


def restore_random_states(states: Mapping[str, Any]) -> None:
    """Set the generators to where `random_states` found them."""
    torch.set_rng_state(states["torch"])
    if states["cuda"] and torch.cuda.is_available():
        torch.cuda.set_rng_state_all(states["cuda"])
    name, keys, *rest = states["numpy"]
    np.random.set_state((name, keys.numpy().astype(np.uint32), *rest))
    random.setstate(states["python"])


def seed_everything(seed: int) -> None:
    """Set the generators of PyTorch (all devices), NumPy and Python."""
    torch.manual_seed(seed)
    np.random.seed(seed)
    random.seed(seed)


def _cause(error: BaseException) -> BaseException:
    """The error of the operating system behind `error`, where there is one."""
    behind: BaseException | None = error
    while behind is not None and not isinstance(behind, OSError):
        behind = behind.__cause__ or behind.__context__
    return behind or error
