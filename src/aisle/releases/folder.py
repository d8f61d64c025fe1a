"""The folder of a shop's releases: write one, make it the running one, go back, check them.

releases/
  active.json          which release runs, and which ran before it (replaced in one step)
  20261122-093000-1/   a finished release; never changed again
  .building/           one that is being built; worth nothing until it is renamed
  .pulling-ID/         one that comes from the storage; a pull that was interrupted goes on in it
"""

import fcntl
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import orjson

from aisle.errors import InputError, NotFoundError, ReleaseError
from aisle.releases.manifest import Manifest, checksums

ACTIVE = "active.json"
BUILDING = ".building"
PULLING = ".pulling-"
LOCK = ".lock"
PULL_LOCK = ".lock-pull"
MAX_PREVIOUS = 20


@dataclass(frozen=True, slots=True)
class Staging:
    """A release in the making."""

    release_id: str
    folder: Path


@dataclass(frozen=True, slots=True)
class ReleaseFolder:
    """All releases of a shop."""

    path: Path

    @contextmanager
    def build(self) -> Iterator[Staging]:
        """A fresh folder to write a release into, for one builder at a time.

        What a killed build left behind is cleared away first. Raises ReleaseError while another
        process builds.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / LOCK).open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise ReleaseError(f"another build is running in {self.path}; wait for it to end") from None
            folder = self.path / BUILDING
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            try:
                yield Staging(self._new_id(), folder)
            except OSError as error:
                raise ReleaseError(
                    f"the build stopped: {error}; the running release is untouched; make room or fix it, then run "
                    "aisle build again"
                ) from error
            finally:
                shutil.rmtree(folder, ignore_errors=True)

    def publish(self, staging: Staging, manifest: Manifest) -> None:
        """Turn what `staging` holds into a finished release with `manifest`. It does not run yet."""
        manifest.write(staging.folder)
        self._finish(staging)

    @contextmanager
    def pull(self, release_id: str) -> Iterator[Staging]:
        """A folder to pull a release into, which is finished when the block ends well. It does not run yet.

        Another process that pulls is waited for. What an interrupted pull left is still in the folder; after a full
        disk it is not, so that the rest of the shop has room. Raises ReleaseError then. A release of that name
        that is here already, because it is damaged, is replaced.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / PULL_LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            staging = Staging(release_id, self.path / f"{PULLING}{release_id}")
            for left in self.path.glob(f"{PULLING}*"):
                if left != staging.folder:
                    shutil.rmtree(left, ignore_errors=True)
            staging.folder.mkdir(exist_ok=True)
            try:
                yield staging
                self._finish(staging)
            except OSError as error:
                shutil.rmtree(staging.folder, ignore_errors=True)
                raise ReleaseError(
                    f"release {release_id} cannot be kept in {self.path}: {error}; make room or fix it, then pull again"
                ) from error

    def prune(self, keep: int) -> list[str]:
        """Remove all but the newest `keep` releases, the running one and the one before it; the ids that went."""
        running, previous = self._state()
        spare = {running, *previous[-1:]}
        gone = [release_id for release_id in self.ids()[:-keep] if release_id not in spare]
        for release_id in gone:
            self._remove(release_id)
        return gone

    def _finish(self, staging: Staging) -> None:
        for path in staging.folder.rglob("*"):
            _sync(path)
        _sync(staging.folder)
        if staging.release_id in self.ids():
            self._remove(staging.release_id)
        staging.folder.rename(self.path / staging.release_id)
        _sync(self.path)

    def _remove(self, release_id: str) -> None:
        """Take the name away in one step, then the files."""
        away = self.path / f".gone-{release_id}"
        shutil.rmtree(away, ignore_errors=True)
        (self.path / release_id).rename(away)
        shutil.rmtree(away, ignore_errors=True)

    def ids(self) -> list[str]:
        """The finished releases, oldest first."""
        if not self.path.is_dir():
            return []
        return sorted(path.name for path in self.path.iterdir() if path.is_dir() and not path.name.startswith("."))

    def active_id(self) -> str | None:
        """The release that runs, or None before the first build."""
        return self._state()[0]

    def manifest(self, release_id: str) -> Manifest:
        """What `release_id` is made of. Raises NotFoundError or ReleaseError."""
        return Manifest.read(self.folder(release_id))

    def folder(self, release_id: str) -> Path:
        """Where `release_id` lies. Raises NotFoundError when there is no such release."""
        if release_id not in self.ids():
            known = ", ".join(self.ids()[-5:]) or "none; run aisle build"
            raise NotFoundError(f"there is no release {release_id!r}; the latest are: {known}")
        return self.path / release_id

    def verify(self, release_id: str, *, spare: Sequence[str] = ()) -> Manifest:
        """Check every file of a release against its checksum. Raises ReleaseError naming the first bad one.

        Files of the folders `spare` may be bad: whoever loads them finds out and does without.
        """
        folder = self.folder(release_id)
        manifest = Manifest.read(folder)
        found = checksums(folder)
        for name, expected in manifest.files.items():
            if found.get(name) != expected and name.split("/")[0] not in spare:
                state = "is missing" if name not in found else "does not match its checksum"
                raise ReleaseError(
                    f"{folder / name} {state}; release {release_id} is corrupt: roll back (aisle release rollback) "
                    "or run aisle build"
                )
        return manifest

    def activate(self, release_id: str) -> None:
        """Make a release the running one, in one step, after checking it whole. Mends a damaged active.json."""
        self.verify(release_id)
        try:
            running, previous = self._state()
        except ReleaseError:
            running, previous = None, []
        if running != release_id:
            self._write_state(release_id, [*previous, running] if running else previous)

    def rollback(self) -> str:
        """Make the release that ran before the running one, and is still whole, run again; return its id."""
        _, previous = self._state()
        known = set(self.ids())
        while previous:
            release_id = previous.pop()
            if release_id in known:
                self.verify(release_id)
                self._write_state(release_id, previous)
                return release_id
        raise InputError("there is no earlier release to roll back to; activate one by its id (aisle release list)")

    def _state(self) -> tuple[str | None, list[str]]:
        try:
            data = orjson.loads((self.path / ACTIVE).read_bytes())
            return data["release_id"], list(data["previous"])
        except FileNotFoundError:
            return None, []
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ReleaseError(
                f"{self.path / ACTIVE} is damaged: {error}; name the release to run: aisle release activate ID"
            ) from error

    def _write_state(self, release_id: str, previous: list[str]) -> None:
        fresh = self.path / f"{ACTIVE}.{os.getpid()}"
        fresh.write_bytes(orjson.dumps({"release_id": release_id, "previous": previous[-MAX_PREVIOUS:]}))
        _sync(fresh)
        fresh.replace(self.path / ACTIVE)
        _sync(self.path)

    def _new_id(self) -> str:
        stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
        taken = sum(name.startswith(stamp) for name in self.ids())
        return f"{stamp}-{taken + 1}"


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
