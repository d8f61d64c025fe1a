"""Releases in a storage that machines share: sent once, and taken whole or not at all.

objects/SHA-256                 the content of a file; releases that have a file in common share it
releases/ID.json                names the manifest among the objects; written last, so that half a release is never seen
activations/                    which release runs (`activations.py`)
"""

import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson

from aisle.checksums import file_sha256
from aisle.errors import NotFoundError, ReleaseError
from aisle.releases.folder import ReleaseFolder
from aisle.releases.manifest import FILE_NAME, Manifest
from aisle.releases.objects import Objects

Progress = Callable[[str, int, int], None]
"""Hears of the stage, the bytes that are done, and how many there are in all."""
OBJECTS, RELEASES = "objects", "releases"
PIECE = 8_000_000
"""Bytes that are asked for at once: a pull that is interrupted goes on at the last piece."""
UNUSED = timedelta(days=1)
"""Files of no release are kept so long: they may be those of a release that is being sent."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """What was sent of a release."""

    release_id: str
    n_files: int
    n_sent: int
    n_bytes_sent: int


class ReleaseStorage:
    """All releases in a storage. Every method raises AwayError and SettingsError as `Objects` does."""

    def __init__(self, objects: Objects) -> None:
        self.objects = objects

    def ids(self) -> list[str]:
        """The releases that are there whole, oldest first."""
        names = (Path(name) for name in self.objects.sizes(RELEASES))
        return sorted(name.stem for name in names if name.suffix == ".json")

    def manifest(self, release_id: str) -> Manifest:
        """What a release is made of. Raises NotFoundError, or ReleaseError when what is there is damaged."""
        own = self._own(release_id)
        content = self.objects.read(f"{OBJECTS}/{own}")
        return Manifest.parse(content or b"", f"the manifest of release {release_id} in {self.objects.url}")

    def push(
        self, folder: ReleaseFolder, release_id: str, progress: Progress = lambda *_: None, *, whole: bool = False
    ) -> Pushed:
        """Send a release of `folder`; files that are there already are not sent again, unless `whole`.

        Safe to repeat: what was interrupted goes on with the next file. Raises NotFoundError, and ReleaseError when
        the release is damaged, or another one of that name is there.
        """
        manifest, here = folder.verify(release_id), folder.folder(release_id)
        own = file_sha256(here / FILE_NAME)
        paths = {f"{OBJECTS}/{known}": here / name for name, known in {**manifest.files, FILE_NAME: own}.items()}
        sent = self._send(paths, {} if whole else self.objects.sizes(OBJECTS), progress)
        pointer = orjson.dumps({"manifest": own})
        if not self.objects.create(_pointer(release_id), pointer) and self._own(release_id) != own:
            raise ReleaseError(f"another release {release_id} is in {self.objects.url}; build again for a new name")
        # Somebody may have cleared away files of no release in the moment before this one had a name.
        self._send(paths, self.objects.sizes(OBJECTS), lambda *_: None)
        return Pushed(release_id, len(paths), len(sent), sum(path.stat().st_size for path in sent))

    def pull(self, folder: ReleaseFolder, release_id: str, progress: Progress = lambda *_: None) -> Manifest:
        """Bring a release into `folder`, unless it is there and whole; it does not run yet.

        Safe to repeat: what was interrupted goes on with the next piece, and files that another release of the
        folder has are copied from there. Raises NotFoundError, and ReleaseError when a file does not match its
        checksum or the disk is full; nothing of the release is seen in the folder then.
        """
        if release_id in folder.ids():
            try:
                return folder.verify(release_id)
            except ReleaseError:
                pass  # pulled anew
        own, sizes = self._own(release_id), self.objects.sizes(OBJECTS)
        with folder.pull(release_id) as staging:
            path = staging.folder / FILE_NAME
            self._fetch(own, path, sizes, lambda n: None)
            manifest = Manifest.read(staging.folder)
            total = sum(sizes.get(f"{OBJECTS}/{known}", 0) for known in manifest.files.values())
            _check_room(staging.folder, total)
            near, heard = _files_here(folder), _Heard(total, progress)
            for name, known in manifest.files.items():
                path = _inside(staging.folder, name)
                if known in near and not path.exists():
                    shutil.copyfile(near[known], path)
                self._fetch(known, path, sizes, heard)
        return manifest

    def prune(self, keep: int, spare: tuple[str, ...] = ()) -> list[str]:
        """Remove all but the newest `keep` releases and those of `spare`, and files of none; the ids that went.

        Files go a day after they were sent at the earliest.
        """
        gone = [release_id for release_id in self.ids()[:-keep] if release_id not in spare]
        for release_id in gone:
            self.objects.delete(_pointer(release_id))
        used = {f"{OBJECTS}/{known}" for release_id in self.ids() for known in self._files(release_id)}
        for name in self.objects.sizes(OBJECTS).keys() - used:
            written = self.objects.written_at(name)
            if written is not None and datetime.now(UTC) - written.astimezone(UTC) > UNUSED:
                self.objects.delete(name)
        return gone

    def _own(self, release_id: str) -> str:
        """The checksum of a release's manifest."""
        content = self.objects.read(_pointer(release_id))
        if content is None:
            known = ", ".join(self.ids()[-5:]) or "none"
            raise NotFoundError(
                f"there is no release {release_id!r} in {self.objects.url}; the latest are: {known}; "
                "send it first: aisle release push"
            )
        try:
            return str(orjson.loads(content)["manifest"])
        except (ValueError, KeyError, TypeError) as error:
            raise ReleaseError(
                f"{_pointer(release_id)} in {self.objects.url} is damaged: {error}; delete it and push again"
            ) from error

    def _files(self, release_id: str) -> list[str]:
        return [self._own(release_id), *self.manifest(release_id).files.values()]

    def _send(self, paths: Mapping[str, Path], there: Mapping[str, int], progress: Progress) -> list[Path]:
        missing = {name: path for name, path in paths.items() if there.get(name) != path.stat().st_size}
        done, total = 0, sum(path.stat().st_size for path in missing.values())
        for name, path in missing.items():
            self.objects.upload(path, name)
            done += path.stat().st_size
            progress("push", done, total)
        return list(missing.values())

    def _fetch(self, known: str, path: Path, sizes: Mapping[str, int], heard: Callable[[int], None]) -> None:
        """Bring the object of checksum `known` to `path`, going on after what is there of it."""
        name = f"{OBJECTS}/{known}"
        if name not in sizes:
            raise ReleaseError(f"{name} is missing in {self.objects.url}; push the release again: aisle release push")
        path.parent.mkdir(parents=True, exist_ok=True)
        for _ in range(2):  # a second time: what was damaged on the way, or by a kill, may be whole then
            with path.open("ab") as file:
                heard(file.tell())
                while (start := file.tell()) < sizes[name]:
                    piece = self.objects.read_part(name, start, min(start + PIECE, sizes[name]))
                    if not piece:
                        break  # it has become shorter, which its checksum will say
                    file.write(piece)
                    heard(len(piece))
            if file_sha256(path) == known:
                return
            path.unlink()
            heard(-sizes[name])
        raise ReleaseError(
            f"{path.name} came from {self.objects.url} with another checksum than its own; the release is refused; "
            "send it anew from where it was built: aisle release push --whole"
        )


class _Heard:
    """Turns bytes that came into progress of a pull."""

    def __init__(self, total: int, progress: Progress) -> None:
        self.done, self.total, self.progress = 0, total, progress

    def __call__(self, n_bytes: int) -> None:
        self.done += n_bytes
        self.progress("pull", self.done, self.total)


def _pointer(release_id: str) -> str:
    if not re.fullmatch(r"\w[\w.-]*", release_id):
        raise NotFoundError(f"{release_id!r} is no name of a release")
    return f"{RELEASES}/{release_id}.json"


def _inside(folder: Path, name: str) -> Path:
    """The place of a file of a release, which is never outside of it, whatever a manifest says."""
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise ReleaseError(f"the manifest names {name!r}, which is outside of the release; it is refused")
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _check_room(folder: Path, n_bytes: int) -> None:
    needed = n_bytes - sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise OSError(f"it needs {needed / 1e6:,.1f} MB more, and {free / 1e6:,.1f} MB are free")


def _files_here(folder: ReleaseFolder) -> dict[str, Path]:
    """Files of the releases of a folder by their checksum."""
    found: dict[str, Path] = {}
    for release_id in folder.ids():
        try:
            files = folder.manifest(release_id).files
        except ReleaseError:
            continue
        found.update({known: folder.path / release_id / name for name, known in files.items()})
    return {known: path for known, path in found.items() if path.is_file()}
