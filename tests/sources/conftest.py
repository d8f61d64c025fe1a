"""What the tests of feeds share: writing one, and collecting its rejected rows."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from aisle.types import Rejected

Write = Callable[[str, str | bytes], str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a feed into the test's folder and returns its location; names ending in .gz are compressed."""

    def written(name: str, content: str | bytes) -> str:
        data = content.encode() if isinstance(content, str) else content
        path = tmp_path / name
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return str(path)

    return written


@pytest.fixture
def rejected() -> list[Rejected]:
    """The list whose append is given to readers as `reject`."""
    return []
