"""Releases to share, and the storages to share them by."""

import os
import shutil
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import aisle
from aisle.releases import Manifest, Objects, ReleaseFolder, ReleaseStorage, checksums
from aisle.settings import ReleaseSettings, Settings
from aisle.testing.encoder import FakeEncoder


@pytest.fixture(scope="session")
def two_releases(built_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a shop with two releases, of which the first runs. To be read only."""
    folder = tmp_path_factory.mktemp("two") / "shop"
    shutil.copytree(built_folder, folder)
    with closing(aisle.open(folder, encoder=FakeEncoder())) as shop:
        shop.build(activate=False)
    return folder


def write_release(folder: ReleaseFolder, files: Mapping[str, bytes]) -> str:
    """Publish a release of these files, which need not be those of a shop; its id."""
    with folder.build() as staging:
        for name, content in files.items():
            (staging.folder / name).parent.mkdir(exist_ok=True)
            (staging.folder / name).write_bytes(content)
        known = checksums(staging.folder)
        now = datetime.now(UTC)
        manifest = Manifest(staging.release_id, now, 0, 0, 0, 0, "fake", Settings(), {}, {}, {}, known)
        folder.publish(staging, manifest)
    return staging.release_id


@pytest.fixture
def built(tmp_path: Path) -> ReleaseFolder:
    """The releases of a machine that builds: two, with a file in common."""
    folder = ReleaseFolder(tmp_path / "built")
    for number in range(2):
        own = f"words of release {number}".encode()
        write_release(folder, {"encoder/weights": bytes(range(256)) * 100, "index/words": own, "index/rows": own * 900})
    return folder


@pytest.fixture
def elsewhere(tmp_path: Path) -> ReleaseFolder:
    """The releases of another machine: none yet."""
    return ReleaseFolder(tmp_path / "elsewhere")


@pytest.fixture(params=["file", "s3"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> ReleaseSettings:
    """Settings of an empty storage of each kind."""
    if request.param == "file":
        return ReleaseSettings(url=f"file://{tmp_path / 'storage'}")
    return s3_settings(request)


def s3_settings(request: pytest.FixtureRequest, **more: Any) -> ReleaseSettings:
    """Settings of an empty storage on the S3 server."""
    address = request.getfixturevalue("s3_server").address
    return ReleaseSettings(url=request.getfixturevalue("s3_url"), endpoint_url=address, **more)


@pytest.fixture
def storage(settings: ReleaseSettings) -> ReleaseStorage:
    """An empty storage of each kind."""
    return ReleaseStorage(Objects(settings))


@pytest.fixture
def pause_s3(s3_server: Any) -> Iterator[Callable[[], None]]:
    """Makes the S3 server silent until the test ends."""
    yield lambda: os.kill(s3_server.process.pid, signal.SIGSTOP)
    os.kill(s3_server.process.pid, signal.SIGCONT)
