"""The files that pages refer to: our scripts and styles, and the pictures of the shop."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from starlette.responses import FileResponse, Response

from aisle.errors import NotFoundError

_STATIC = Path(__file__).parent / "static"
_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
_PICTURE = re.compile(r"\w[\w.~ -]{0,200}\.(svg|webp|png|jpg)")
_PICTURE_TYPES = {"svg": "image/svg+xml", "webp": "image/webp", "png": "image/png", "jpg": "image/jpeg"}
_FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Assets:
    """Our scripts, styles and icons, held in memory."""

    files: Mapping[str, bytes]
    version: str
    """Changes with the content of any file, and is part of every address, so that browsers may keep files forever."""

    def url(self, name: str) -> str:
        """The address of a file."""
        return f"/static/{self.version}/{name}"


@cache
def load_assets() -> Assets:
    """All files of `static/`."""
    files = {path.name: path.read_bytes() for path in sorted(_STATIC.iterdir()) if path.suffix in _TYPES}
    digest = hashlib.sha256(b"".join(name.encode() + content for name, content in files.items()))
    return Assets(files, digest.hexdigest()[:12])


def static_response(assets: Assets, version: str, name: str) -> Response:
    """The file `name`; kept by browsers when `version` is the current one. Raises NotFoundError."""
    if name not in assets.files:
        raise NotFoundError(f"there is no file {name!r} among the shop's scripts and styles")
    kept = _FOREVER if version == assets.version else "no-cache"
    return Response(assets.files[name], media_type=_TYPES[Path(name).suffix], headers={"Cache-Control": kept})


def picture_response(folder: Path, name: str) -> Response:
    """The picture `folder/name`: one file directly in the folder. Raises NotFoundError."""
    found = _PICTURE.fullmatch(name)
    if not found or not (folder / name).is_file():
        raise NotFoundError(f"there is no picture {name!r}")
    # The sandbox keeps a hostile SVG from running scripts when it is opened as a page of its own.
    guard = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    headers = {"Cache-Control": "public, max-age=604800", "Content-Security-Policy": guard}
    return FileResponse(folder / name, media_type=_PICTURE_TYPES[found[1]], headers=headers)
