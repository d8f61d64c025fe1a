"""A taught model becomes a Hugging Face folder, whole or not at all."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aisle.encoders.learning.checkpoints import new_folder
from aisle.encoders.learning.distributed import is_first


def save_model(folder: Path, model: Any, tokenizer: Any, info: Mapping[str, Any]) -> None:
    """Write config.json, model.safetensors, tokenizer.json and aisle.json, which holds `info`, into `folder`.

    Raises InputError when the disk is full or cannot be written; what was in `folder` before is then still there.
    Of several processes the first writes.
    """
    if not is_first():
        return
    tokenizer.backend_tokenizer.no_padding()
    tokenizer.backend_tokenizer.no_truncation()
    with new_folder(folder) as staging:
        model.save_pretrained(staging)
        tokenizer.save_pretrained(staging)
        (staging / "aisle.json").write_text(json.dumps(info, indent=1, ensure_ascii=False), "utf-8")
