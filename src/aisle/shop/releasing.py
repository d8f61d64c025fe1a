"""Releases: build one, share it, make it run, go back, check it; and copies of the whole shop."""

from pathlib import Path
from typing import TYPE_CHECKING

from aisle import pipelines
from aisle.cluster import placed
from aisle.encoders import located, prepare_encoder
from aisle.errors import AwayError, InputError, ReleaseError
from aisle.pipelines import Backup, Progress, ignore_progress
from aisle.releases import (
    Expected,
    Manifest,
    Objects,
    Pushed,
    ReleaseStorage,
    Replica,
    announce,
    replica_name,
    tidy,
    together,
)

if TYPE_CHECKING:
    pass
from aisle.shop.opened import Opened


class Releasing(Opened):
    """Everything about the releases of a shop."""

    def build(self, progress: Progress = ignore_progress, *, activate: bool = True, cluster: str = "") -> Manifest:
        """Build a release from the store, send it to the storage where there is one, and make it the running one.

        Without `activate` it does not run yet. Raises ReleaseError, or AwayError when it is built and could not be
        sent: then the running one goes on, and `push` and `activate` do the rest later.
        `cluster` is the address of a Ray cluster that encodes the items: HOST:PORT where this machine belongs to it,
        ray://HOST:PORT where not, or "local", which starts one here. Raises AwayError when nobody answers there.
        """
        encoder = self._encoder
        if encoder is None:
            progress("prepare the encoder", 0, 1)
            chosen = self.settings.encoder
            encoder = prepare_encoder(chosen.model_copy(update={"model": located(chosen.model, self.folder)}))
            progress("prepare the encoder", 1, 1)
        releases, shared = self._folder_of_releases, bool(self.settings.releases.url)
        with placed(cluster) as place:
            manifest = pipelines.build(
                self.store,
                releases,
                self.settings,
                encoder,
                self.folder,
                progress,
                place=place,
                activate=activate and not shared,
            )
        if shared:
            self._share(manifest.release_id, progress, activate)
        elif activate:
            announce(releases, manifest)
        tidy(releases, manifest)
        return manifest

    def releases(self) -> list[Manifest]:
        """The finished releases, newest first."""
        folder = self._folder_of_releases
        return [folder.manifest(release_id) for release_id in reversed(folder.ids())]

    def activate(self, release_id: str) -> Manifest:
        """Make a release the running one, after checking it: on every server where there is a storage.

        Raises NotFoundError, ReleaseError, and AwayError when the storage does not answer.
        """
        if self.settings.releases.url:
            return self.activate_together(release_id)
        self._folder_of_releases.activate(release_id)
        return announce(self._folder_of_releases, self._folder_of_releases.manifest(release_id))

    def activate_together(
        self,
        release_id: str,
        expected: Expected = together.NOBODY,
        deadline_s: float = 60.0,
        progress: Progress = ignore_progress,
    ) -> Manifest:
        """Make a release of the storage run on every server, once those expected have loaded it; else on none.

        Raises ReleaseError with the reason when not all are ready within `deadline_s` seconds; see
        `aisle.releases.together`.
        """
        together.activate(self.storage, release_id, expected, deadline_s, progress)
        return self._also_here(release_id)

    def rollback(self) -> Manifest:
        """Make the release before the running one run again. Raises InputError when there is none."""
        if self.settings.releases.url:
            return self._also_here(together.rollback(self.storage))
        release_id = self._folder_of_releases.rollback()
        return announce(self._folder_of_releases, self._folder_of_releases.manifest(release_id))

    @property
    def storage(self) -> ReleaseStorage:
        """The releases that machines share. Raises InputError where the settings name none."""
        if self._storage is None:
            if not self.settings.releases.url:
                raise InputError("this shop has no storage of releases; set releases.url in aisle.toml")
            self._storage = ReleaseStorage(Objects(self.settings.releases))
        return self._storage

    def push(
        self, release_id: str | None = None, progress: Progress = ignore_progress, *, whole: bool = False
    ) -> Pushed:
        """Send a release (the latest) to the storage; files that are there are not sent again, unless `whole`."""
        chosen = release_id or next(reversed(self._folder_of_releases.ids()), None)
        if chosen is None:
            raise ReleaseError(f"the shop in {self.folder} has no release yet; run: aisle build --shop {self.folder}")
        return self.storage.push(self._folder_of_releases, chosen, progress, whole=whole)

    def pull(self, release_id: str | None = None, progress: Progress = ignore_progress) -> Manifest:
        """Bring a release (the one that runs on the servers) from the storage. It does not run yet."""
        chosen = release_id or self.shared_release_id()
        if chosen is None:
            raise ReleaseError(f"no release runs in {self.settings.releases.url} yet; run aisle build")
        return self.storage.pull(self._folder_of_releases, chosen, progress)

    def shared_releases(self) -> list[Manifest]:
        """The releases in the storage, newest first."""
        return [self.storage.manifest(release_id) for release_id in reversed(self.storage.ids())]

    def shared_release_id(self) -> str | None:
        """The release that runs on every server that follows the storage, or None before the first."""
        return together.active_id(self.storage)

    def replica(self) -> Replica:
        """This process's part in following the storage: a server calls its `look` again and again."""
        settings = self.settings.releases
        name = replica_name(settings.replica)
        return Replica(name, self.storage, self._folder_of_releases, self.prepare, settings.keep)

    def _share(self, release_id: str, progress: Progress, activate: bool) -> None:
        try:
            self.push(release_id, progress)
            if activate:
                self.activate(release_id)
            self.storage.prune(self.settings.releases.keep, together.in_use(self.storage))
        except AwayError as error:
            raise AwayError(
                f"release {release_id} is built, and could not be shared: {error}; the running one goes on; later: "
                f"aisle release push {release_id}, and aisle release activate {release_id}"
            ) from error

    def _also_here(self, release_id: str) -> Manifest:
        if release_id in self._folder_of_releases.ids():
            self._folder_of_releases.activate(release_id)
            announce(self._folder_of_releases, self._folder_of_releases.manifest(release_id))
        return self.storage.manifest(release_id)

    def back_up(self, folder: str | Path, progress: Progress = ignore_progress) -> Backup:
        """Copy what cannot be made again to `folder`, which must not be there; the shop may serve meanwhile.

        That is the settings, the store (where it is SQLite), the models, and the running release.
        """
        return pipelines.back_up(self.folder, self.settings, Path(folder), progress)

    def verify(self, release_id: str | None = None) -> Manifest:
        """Check a release (the running one) against its checksums. Raises NotFoundError or ReleaseError."""
        chosen = release_id or self.active_release_id()
        if chosen is None:
            raise ReleaseError(f"the shop in {self.folder} has no release yet; run: aisle build --shop {self.folder}")
        return self._folder_of_releases.verify(chosen)
