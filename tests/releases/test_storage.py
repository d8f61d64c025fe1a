"""Releases in a storage: sent once, taken whole or not at all, whatever breaks on the way."""

import hashlib
import json
import os
import resource
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from multiprocessing import get_context
from pathlib import Path

import pytest

from aisle.errors import AwayError, NotFoundError, ReleaseError
from aisle.releases import Objects, ReleaseFolder, ReleaseStorage
from aisle.releases import storage as module
from aisle.settings import ReleaseSettings


def die(act: str, settings: ReleaseSettings, folder: ReleaseFolder, release_id: str) -> int | None:
    """Push or pull in a process of its own that is killed when a third is done; its exit code."""
    n_calls = count()

    def progress(stage: str, done: int, total: int) -> None:
        if done * 3 > total and next(n_calls) > 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def work() -> None:
        module.PIECE = 5_000
        getattr(ReleaseStorage(Objects(settings)), act)(folder, release_id, progress)

    process = get_context("fork").Process(target=work)  # one that starts anew imports for seconds
    process.start()
    process.join(60)
    return process.exitcode


def damage(storage: ReleaseStorage, built: ReleaseFolder, release_id: str, name: str) -> str:
    """Change a file of a release in the storage; the name of its object."""
    known = f"objects/{built.manifest(release_id).files[name]}"
    content = bytearray(storage.objects.read(known) or b"")
    content[0] ^= 0xFF
    storage.objects.write(known, bytes(content))
    return known


def test_a_release_comes_elsewhere_as_it_was(
    storage: ReleaseStorage, built: ReleaseFolder, elsewhere: ReleaseFolder
) -> None:
    first, second = built.ids()
    assert storage.ids() == []
    pushed = storage.push(built, second)
    assert storage.ids() == [second]
    assert pushed.n_sent == pushed.n_files
    assert storage.manifest(second) == built.manifest(second)

    told: list[tuple[str, int, int]] = []
    assert storage.pull(elsewhere, second, lambda *now: told.append(now)) == built.manifest(second)
    assert elsewhere.ids() == [second]
    assert elsewhere.verify(second) == built.manifest(second)
    assert elsewhere.active_id() is None, "to pull is not to activate"
    assert told[-1][1] == told[-1][2]

    assert storage.push(built, second).n_sent == 0
    again = storage.push(built, first)
    assert 0 < again.n_sent < again.n_files, "files that the other release has are not sent again"


def test_what_is_not_there_is_named(storage: ReleaseStorage, built: ReleaseFolder, elsewhere: ReleaseFolder) -> None:
    with pytest.raises(NotFoundError, match=r"no release '2020.*the latest are: none; send it first"):
        storage.pull(elsewhere, "20200101-000000-1")
    with pytest.raises(NotFoundError, match="no name of a release"):
        storage.pull(elsewhere, "../up")
    with pytest.raises(NotFoundError, match="no release 'nope'"):
        storage.push(built, "nope")


@pytest.mark.parametrize("settings", ["s3"], indirect=True)
def test_a_push_that_is_killed_is_not_seen_and_goes_on(
    settings: ReleaseSettings, storage: ReleaseStorage, built: ReleaseFolder
) -> None:
    release_id = built.ids()[0]
    assert die("push", settings, built, release_id) == -signal.SIGKILL
    assert storage.ids() == []
    n_there = len(storage.objects.sizes("objects"))
    pushed = storage.push(built, release_id)
    assert n_there > 0
    assert pushed.n_sent == pushed.n_files - n_there
    assert storage.ids() == [release_id]


@pytest.mark.parametrize("settings", ["s3"], indirect=True)
def test_a_pull_that_is_killed_is_not_seen_and_goes_on(
    settings: ReleaseSettings, storage: ReleaseStorage, built: ReleaseFolder, elsewhere: ReleaseFolder
) -> None:
    release_id = built.ids()[0]
    storage.push(built, release_id)
    assert die("pull", settings, elsewhere, release_id) == -signal.SIGKILL
    assert elsewhere.ids() == []
    told: list[int] = []
    storage.pull(elsewhere, release_id, lambda _, done, total: told.append(done * 100 // total))
    assert elsewhere.verify(release_id) == built.manifest(release_id)
    assert [path.name for path in elsewhere.path.iterdir() if path.name.startswith(".pulling")] == []


def test_a_file_that_comes_damaged_is_refused_until_it_is_sent_again(
    storage: ReleaseStorage, built: ReleaseFolder, elsewhere: ReleaseFolder
) -> None:
    first, second = built.ids()
    storage.push(built, first)
    storage.push(built, second)
    storage.pull(elsewhere, first)
    damage(storage, built, second, "index/words")
    with pytest.raises(ReleaseError, match=r"words came from .* with another checksum.*push --whole"):
        storage.pull(elsewhere, second)
    assert elsewhere.ids() == [first]
    storage.push(built, second, whole=True)
    storage.pull(elsewhere, second)
    assert elsewhere.verify(second) == built.manifest(second)


def test_a_file_that_is_missing_in_the_storage_is_named(
    storage: ReleaseStorage, built: ReleaseFolder, elsewhere: ReleaseFolder
) -> None:
    release_id = built.ids()[0]
    storage.push(built, release_id)
    gone = f"objects/{built.manifest(release_id).files['index/words']}"
    storage.objects.delete(gone)
    with pytest.raises(ReleaseError, match=f"{gone} is missing.*aisle release push"):
        storage.pull(elsewhere, release_id)
    storage.push(built, release_id)
    assert storage.pull(elsewhere, release_id).release_id == release_id


def test_a_damaged_release_is_not_sent(storage: ReleaseStorage, built: ReleaseFolder) -> None:
    release_id = built.ids()[0]
    (built.folder(release_id) / "index" / "words").write_text("{}", "utf-8")
    with pytest.raises(ReleaseError, match="does not match its checksum"):
        storage.push(built, release_id)
    assert storage.ids() == []


@pytest.fixture
def near(tmp_path: Path) -> ReleaseStorage:
    """A storage in a folder, where its kind does not matter."""
    return ReleaseStorage(Objects(ReleaseSettings(url=f"file://{tmp_path / 'near'}")))


def test_a_release_that_is_damaged_here_is_pulled_anew(
    near: ReleaseStorage, built: ReleaseFolder, elsewhere: ReleaseFolder
) -> None:
    release_id = built.ids()[0]
    near.push(built, release_id)
    near.pull(elsewhere, release_id)
    (elsewhere.folder(release_id) / "index" / "words").write_text("{}", "utf-8")
    near.pull(elsewhere, release_id)
    assert elsewhere.verify(release_id) == built.manifest(release_id)


def test_another_release_of_the_same_name_is_refused(near: ReleaseStorage, built: ReleaseFolder) -> None:
    first, second = built.ids()
    near.push(built, first)
    own = built.folder(first) / "manifest.json"
    own.write_bytes(own.read_bytes() + b"\n")
    with pytest.raises(ReleaseError, match=r"another release .* build again"):
        near.push(built, first)
    near.push(built, second)


def test_a_manifest_cannot_write_outside_of_its_release(
    near: ReleaseStorage, built: ReleaseFolder, elsewhere: ReleaseFolder, tmp_path: Path
) -> None:
    release_id = built.ids()[0]
    near.push(built, release_id)
    pointer = json.loads(near.objects.read(f"releases/{release_id}.json") or b"")
    manifest = json.loads(near.objects.read(f"objects/{pointer['manifest']}") or b"")
    manifest["files"]["../../outside"] = manifest["files"]["index/words"]
    evil = json.dumps(manifest).encode()
    known = hashlib.sha256(evil).hexdigest()
    near.objects.write(f"objects/{known}", evil)
    near.objects.write(f"releases/{release_id}.json", json.dumps({"manifest": known}).encode())
    with pytest.raises(ReleaseError, match="outside of the release"):
        near.pull(elsewhere, release_id)
    assert not (tmp_path / "outside").exists()


@contextmanager
def small_files(n_bytes: int) -> Iterator[None]:
    """Let no file of this process grow beyond so many bytes: the system then refuses to write, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    heard = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, heard)


def test_a_disk_that_refuses_to_write_loses_nothing(
    near: ReleaseStorage, built: ReleaseFolder, elsewhere: ReleaseFolder
) -> None:
    first, second = built.ids()
    near.push(built, first)
    near.push(built, second)
    near.pull(elsewhere, first)
    elsewhere.activate(first)
    largest = max(path.stat().st_size for path in built.folder(second).rglob("*") if path.is_file())
    with small_files(largest - 1), pytest.raises(ReleaseError, match=r"cannot be kept in .*make room.*then pull again"):
        near.pull(elsewhere, second)
    assert elsewhere.ids() == [first]
    assert elsewhere.verify(first).release_id == elsewhere.active_id()
    assert list(elsewhere.path.glob(".pulling*")) == [], "what was pulled does not fill the disk"
    assert near.pull(elsewhere, second).release_id == second


def test_a_disk_that_is_full_is_seen_before_anything_is_pulled(
    near: ReleaseStorage, built: ReleaseFolder, tmp_path: Path
) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32k", "aisle-test", str(small)], capture_output=True)
    if mounted.returncode:
        pytest.skip("a small disk cannot be mounted here")
    try:
        release_id = built.ids()[0]
        near.push(built, release_id)
        folder = ReleaseFolder(small / "releases")
        with pytest.raises(ReleaseError, match=r"needs .* MB more, and 0\.\d MB are free; make room"):
            near.pull(folder, release_id)
        assert folder.ids() == []
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_the_newest_releases_are_kept_and_files_of_none_after_a_day(
    near: ReleaseStorage, built: ReleaseFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = built.ids()
    near.push(built, first)
    near.push(built, second)
    before = near.objects.sizes("objects")
    assert near.prune(1, (first,)) == []
    assert near.prune(1) == [first]
    assert near.ids() == [second]
    assert near.objects.sizes("objects") == before, "they may be those of a release that is being sent"
    monkeypatch.setattr(module, "UNUSED", timedelta(0))
    near.prune(1)
    assert len(near.objects.sizes("objects")) == near.push(built, second).n_files < len(before)


def test_a_storage_that_goes_silent_in_a_pull_ends_it_and_the_next_goes_on(
    request: pytest.FixtureRequest, built: ReleaseFolder, elsewhere: ReleaseFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = request.getfixturevalue("s3_server")
    settings = ReleaseSettings(url=request.getfixturevalue("s3_url"), endpoint_url=server.address, timeout_s=2.0)
    there = ReleaseStorage(Objects(settings))
    release_id = built.ids()[0]
    there.push(built, release_id)

    def pause(stage: str, done: int, total: int) -> None:
        if done:
            os.kill(server.process.pid, signal.SIGSTOP)

    monkeypatch.setattr(module, "PIECE", 5_000)
    started = datetime.now(UTC)
    try:
        with pytest.raises(AwayError, match="does not answer"):
            there.pull(elsewhere, release_id, pause)
    finally:
        os.kill(server.process.pid, signal.SIGCONT)
    assert datetime.now(UTC) - started < timedelta(seconds=20)
    assert elsewhere.ids() == []
    assert there.pull(elsewhere, release_id).release_id == release_id
