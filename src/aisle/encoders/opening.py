"""Which kind of encoder lies in a folder?"""

import json
from pathlib import Path

from aisle.encoders.static import KIND, StaticEncoder
from aisle.encoders.text import TextEncoder
from aisle.errors import ReleaseError


def open_encoder(folder: Path, threads: int = 0) -> TextEncoder | StaticEncoder:
    """The encoder in `folder`: a network, or a static table. Raises ReleaseError when there is no whole one."""
    try:
        kind = json.loads((folder / "encoder.json").read_text("utf-8")).get("kind")
    except (OSError, ValueError, AttributeError) as error:
        raise ReleaseError(f"{folder} does not hold a usable encoder: {error}; run aisle build again") from error
    return StaticEncoder(folder, threads) if kind == KIND else TextEncoder(folder, threads)
