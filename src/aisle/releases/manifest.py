"""What a release is made of: which data, which code, which settings, which measured quality."""

import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import orjson

from aisle.checksums import file_sha256
from aisle.errors import ReleaseError
from aisle.settings import Settings

FILE_NAME = "manifest.json"
FORMAT = 2
"""Raised when a release of an older Aisle can no longer be loaded."""
LIBRARIES = ("numpy", "onnxruntime", "polars", "tantivy", "tokenizers", "usearch")


@dataclass(frozen=True, slots=True)
class Manifest:
    """The first file of a release that is read and the last that is written."""

    release_id: str
    created_at: datetime
    n_items: int
    n_events: int
    n_users: int
    store_version: int
    """The store's item counter when the build began: later changes are not in the release."""
    encoder: str
    settings: Settings
    versions: Mapping[str, str]
    quality: Mapping[str, float]
    """Measured on the store's judgments when it was built, by measure ("nDCG@10"); empty without judgments."""
    timings_s: Mapping[str, float]
    """Seconds that each stage of the build took."""
    files: Mapping[str, str]
    """SHA-256 of every other file, by its path inside the release."""
    format: int = FORMAT
    vectors_known: float = 0.0
    """Share of the items whose vectors were taken from the cache, 0 to 1."""

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            **{name: value for name, value in asdict(self).items() if name != "settings"},
            "created_at": self.created_at.isoformat(),
            "settings": self.settings.model_dump(mode="json"),
        }

    def write(self, folder: Path) -> None:
        """Write manifest.json."""
        (folder / FILE_NAME).write_bytes(orjson.dumps(self.to_dict(), option=orjson.OPT_INDENT_2))

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """Read manifest.json. Raises ReleaseError when it is missing, damaged or of another format."""
        path = folder / FILE_NAME
        try:
            content = path.read_bytes()
        except OSError as error:
            raise ReleaseError(f"{path} is missing or damaged: {error}; run aisle build") from error
        return cls.parse(content, str(path))

    @classmethod
    def parse(cls, content: bytes, origin: str) -> "Manifest":
        """The manifest in the bytes of a manifest.json; errors name `origin`. Raises ReleaseError as `read`."""
        try:
            data = orjson.loads(content)
            if data.get("format") != FORMAT:
                found = data.get("format")
                raise ReleaseError(f"{origin} has format {found!r}, this Aisle reads {FORMAT}; run aisle build")
            settings = Settings.model_validate(data.pop("settings"))
            created_at = datetime.fromisoformat(data.pop("created_at")).astimezone(UTC)
            return cls(**data, settings=settings, created_at=created_at)
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise ReleaseError(f"{origin} is missing or damaged: {error}; run aisle build") from error


def library_versions() -> dict[str, str]:
    """Versions of Aisle, Python and the libraries whose files a release holds."""
    return {
        "aisle": version("aisle"),
        "python": platform.python_version(),
        **{name: version(name) for name in LIBRARIES},
    }


def checksums(folder: Path) -> dict[str, str]:
    """SHA-256 of every file in `folder` but the manifest, by its path with forward slashes."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != FILE_NAME)
    return {path.relative_to(folder).as_posix(): file_sha256(path) for path in files}
