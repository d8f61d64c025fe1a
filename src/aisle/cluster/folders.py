"""A folder as a value, so that it can go to another machine without a disk that both see."""

from collections.abc import Mapping
from pathlib import Path

Files = Mapping[str, bytes]
"""The content of each file, by its path inside the folder with forward slashes."""


def read_folder(folder: Path) -> dict[str, bytes]:
    """Every file in `folder`, and in the folders inside."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def write_folder(files: Files, folder: Path) -> None:
    """Write `files` into `folder`, which is made where it does not exist."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
