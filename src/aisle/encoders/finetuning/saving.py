"""A taught model becomes a Hugging Face folder, whole or not at all."""

import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError

from aisle.errors import InputError


def save_model(folder: Path, model: Any, tokenizer: Any, info: Mapping[str, Any]) -> None:
    """Write config.json, model.safetensors, tokenizer.json and aisle.json, which holds `info`, into `folder`.

    Everything is written beside `folder` first and takes its place at the end. Raises InputError when the disk
    is full or cannot be written; what was in `folder` before is then still there.
    """
    staging = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        tokenizer.backend_tokenizer.no_padding()
        tokenizer.backend_tokenizer.no_truncation()
        model.save_pretrained(staging)
        tokenizer.save_pretrained(staging)
        (staging / "aisle.json").write_text(json.dumps(info, indent=1, ensure_ascii=False), "utf-8")
        if folder.exists():
            folder.rename(staging / ".before")
        staging.rename(folder)
        shutil.rmtree(folder / ".before", ignore_errors=True)
    except (OSError, SafetensorError) as error:
        if staging and (staging / ".before").exists() and not folder.exists():
            (staging / ".before").rename(folder)
        raise InputError(
            f"the model could not be written to {folder}: {error}; free some space on the disk, or choose another "
            "folder, and run again"
        ) from error
    finally:
        if staging:
            shutil.rmtree(staging, ignore_errors=True)
