"""The part of a shop that the others stand on: its folder, its store, and the release that answers."""

from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from aisle import pipelines
from aisle.encoders import Encoder
from aisle.errors import ReleaseError
from aisle.releases import (
    Release,
    ReleaseFolder,
    ReleaseStorage,
    load_release,
)
from aisle.settings import Settings
from aisle.store import Store

if TYPE_CHECKING:
    pass


class Opened:
    """A shop that is open: what it lies in, and the release that answers."""

    def __init__(self, folder: Path, settings: Settings, store: Store, encoder: Encoder | None = None) -> None:
        self.folder = folder
        self.settings = settings
        self.store = store
        self._folder_of_releases = ReleaseFolder(folder / "releases")
        self._encoder = encoder
        self._release: Release | None = None
        self._prepared: Release | None = None
        self._version = 0
        self._loading = Lock()
        self._storage: ReleaseStorage | None = None

    @property
    def release(self) -> Release:
        """The release that answers, loaded on first use. Raises ReleaseError before the first build."""
        if self._release is None:
            self.refresh()
        if self._release is None:
            raise ReleaseError(f"the shop in {self.folder} has no release yet; run: aisle build --shop {self.folder}")
        return self._release

    def refresh(self, *, warm: bool = False) -> bool:
        """Take up a newly activated release, and the items that changed since; True when anything did.

        With `warm` a new release first answers a few questions to itself, so that no shopper waits
        for what is only done once: for servers.
        Requests that run meanwhile end with the release they began with. Raises ReleaseError when
        the new release is corrupt; the old one goes on answering.
        """
        with self._loading:
            active = self._folder_of_releases.active_id()
            if active is None:
                return False
            release, version = self._release, self._version
            if release is None or release.release_id != active:
                release, self._prepared = self._taken(active, warm), None
                version = release.manifest.store_version
            changes = self.store.changes_since(version)
            if changes.upserted or changes.deleted:
                release.apply(changes.upserted, changes.deleted)
            changed = self._release is not release or changes.version != self._version
            self._release, self._version = release, changes.version
            return changed

    def active_release_id(self) -> str | None:
        """The release that runs, or None before the first build."""
        return self._folder_of_releases.active_id()

    def prepare(self, release_id: str | None) -> None:
        """Load a release beside the one that answers, and warm it, so that `refresh` takes it up at once.

        None lets it go again. Raises NotFoundError or ReleaseError as `verify`.
        """
        prepared = None
        if release_id is not None and (self._release is None or self._release.release_id != release_id):
            prepared = load_release(self._folder_of_releases, release_id, self._encoder)
            pipelines.warm(prepared)
        self._prepared = prepared

    def _taken(self, release_id: str, warm: bool) -> Release:
        prepared = self._prepared
        if prepared is not None and prepared.release_id == release_id:
            return prepared
        release = load_release(self._folder_of_releases, release_id, self._encoder)
        if warm:
            pipelines.warm(release)
        return release

    def close(self) -> None:
        """Let go of the store."""
        self.store.close()

    @property
    def _built(self) -> Release | None:
        """The release that answers, or None before the first build."""
        return None if self.active_release_id() is None else self.release
