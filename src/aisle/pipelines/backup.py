"""A copy of a shop from which it can be made again: whole or not at all, and while it serves."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import orjson

from aisle.checksums import file_sha256
from aisle.errors import InputError, NotFoundError, StoreError
from aisle.releases import ReleaseFolder
from aisle.settings import FILE_NAME, Settings, use_setting
from aisle.store import sqlite_file

LIST = "backup.json"
FORMAT = 1
NOT_KEPT = ("cache", "releases", "quarantine")
"""Folders of a shop that a backup leaves out, but for the running release: a build makes them again."""
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds."""

    created_at: datetime
    release_id: str | None
    """The release that ran; None before the first build."""
    store: str
    """The file of the store inside the backup; empty where the store is a PostgreSQL database, which has its own."""
    files: Mapping[str, str]
    """SHA-256 of every file, by its path."""
    format: int = FORMAT


def back_up(folder: Path, settings: Settings, to: Path, progress: Progress) -> Backup:
    """Copy what the shop in `folder` cannot make again to `to`: settings, store, models, and the running release.

    The store is copied by SQLite's online backup, of one moment, while others read and write. `to` appears when it
    is whole. Raises InputError when it is there already, when it lies in the shop, or when it cannot be written.
    """
    if to.exists():
        raise InputError(f"{to} is there already; name a folder that is not")
    if to.resolve().is_relative_to(folder.resolve()):
        raise InputError(f"{to} lies inside the shop that it is a copy of; name a folder elsewhere")
    fresh = to.with_name(f".{to.name}.making")
    try:
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        # The release first: it was built from a store that is no newer than the one that is copied after it.
        release_id = _copy_release(ReleaseFolder(folder / "releases"), fresh, progress)
        store = _copy_store(folder, settings, fresh, progress)
        _copy_files(folder, fresh, progress)
        backup = Backup(datetime.now(UTC), release_id, store, _checksums(fresh, progress))
        (fresh / LIST).write_bytes(orjson.dumps(asdict(backup), option=orjson.OPT_INDENT_2))
        _sync(fresh)
        fresh.replace(to)
    except OSError as error:
        raise InputError(
            f"the backup in {to} cannot be written: {error}; make room or fix it, then try again"
        ) from error
    return backup


def restore(backup: Path, folder: Path, progress: Progress) -> Backup:
    """Make the shop of a backup again in `folder`, which must not be there, after checking every file.

    Raises NotFoundError when `backup` is none, InputError when a file of it is damaged or `folder` cannot be made.
    """
    known = read_backup(backup)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder} is there already; name an empty folder, and move the old shop away first")
    for done, (name, expected) in enumerate(known.files.items()):
        progress("check", done, len(known.files))
        if not (backup / name).is_file() or file_sha256(backup / name) != expected:
            raise InputError(f"{backup / name} is missing or does not match its checksum; take another backup")
    fresh = folder.with_name(f".{folder.name}.making")
    try:
        shutil.rmtree(fresh, ignore_errors=True)
        for done, name in enumerate(known.files):
            progress("restore", done, len(known.files))
            _copy(backup / name, fresh / name)
        (fresh / "releases").mkdir(exist_ok=True)
        if known.release_id is not None:
            ReleaseFolder(fresh / "releases").activate(known.release_id)
        _sync(fresh)
        if folder.exists():
            folder.rmdir()
        fresh.replace(folder)
    except OSError as error:
        raise InputError(f"the shop {folder} cannot be made: {error}; make room or fix it, then try again") from error
    progress("restore", len(known.files), len(known.files))
    return known


def read_backup(backup: Path) -> Backup:
    """What a backup holds. Raises NotFoundError when there is none, InputError when it is damaged or too new."""
    try:
        data = orjson.loads((backup / LIST).read_bytes())
        if data["format"] != FORMAT:
            raise InputError(f"{backup} has format {data['format']}, this Aisle reads {FORMAT}; use a newer Aisle")
        return Backup(**{**data, "created_at": datetime.fromisoformat(data["created_at"])})
    except FileNotFoundError as error:
        raise NotFoundError(f"{backup} is no backup: it has no {LIST}; make one with: aisle backup FOLDER") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{backup / LIST} is damaged: {error}; take another backup") from error


def _copy_release(releases: ReleaseFolder, fresh: Path, progress: Progress) -> str | None:
    release_id = releases.active_id()
    if release_id is None:
        return None
    here = releases.folder(release_id)
    paths = [path for path in here.rglob("*") if path.is_file()]
    for done, path in enumerate(paths):
        progress("release", done, len(paths))
        _copy(path, fresh / "releases" / release_id / path.relative_to(here))
    return release_id


def _copy_store(folder: Path, settings: Settings, fresh: Path, progress: Progress) -> str:
    path = sqlite_file(settings.store.url, folder)
    if path is None:
        return ""
    inside = path.resolve().is_relative_to(folder.resolve())
    name = path.resolve().relative_to(folder.resolve()).as_posix() if inside else "store.db"
    progress("store", 0, 1)
    _copy_database(path, fresh / name)
    if not inside:
        _copy(folder / FILE_NAME, fresh / FILE_NAME)
        use_setting(fresh, "store.url", f"sqlite:///{name}")
    progress("store", 1, 1)
    return name


def _copy_database(path: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    try:
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(to)) as target:
            source.backup(target)  # in one step: in several, each write of another process would begin it anew
            target.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it
    except sqlite3.Error as error:
        raise StoreError(f"the database {path} cannot be copied: {error}; see aisle doctor") from error


def _copy_files(folder: Path, fresh: Path, progress: Progress) -> None:
    """Settings, models, synonyms, tuned hyper-parameters: what lies in the folder and is not made by a build."""
    paths = list(_own_files(folder))
    for done, path in enumerate(paths):
        progress("files", done, len(paths))
        to = fresh / path.relative_to(folder)
        if not to.exists():
            (_copy_database if path.suffix == ".db" else _copy)(path, to)


def _own_files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if parts[0] in NOT_KEPT or any(part.startswith(".") for part in parts) or not path.is_file():
            continue
        if not path.name.endswith(("-wal", "-shm")):
            yield path


def _copy(path: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, to)


def _checksums(fresh: Path, progress: Progress) -> dict[str, str]:
    paths = sorted(path for path in fresh.rglob("*") if path.is_file())
    found = {}
    for done, path in enumerate(paths):
        progress("checksums", done, len(paths))
        found[path.relative_to(fresh).as_posix()] = file_sha256(path)
    progress("checksums", len(paths), len(paths))
    return found


def _sync(folder: Path) -> None:
    """Bring everything in a folder onto the disk, before its name says that it is whole."""
    for path in [*folder.rglob("*"), folder]:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
