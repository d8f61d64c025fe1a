"""Objects in a storage on another machine, by name: read, written and listed in bounded time."""

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from threading import get_ident
from typing import Any, TypeVar

from aisle.errors import MissingExtraError, NotFoundError, SettingsError
from aisle.remote import Remote
from aisle.settings import ReleaseSettings

T = TypeVar("T")
SLOWEST = 1_000_000
"""Bytes a second: a transfer may take this long beyond the time-out."""
PART = ".part"


class Objects:
    """What lies under one address (S3, Google Cloud Storage, a mounted folder), through fsspec.

    An object is seen whole or not at all. Every method raises AwayError when the storage does not answer in time, and
    SettingsError when it refuses who asks, or the bucket does not exist. Safe to use from many threads.
    """

    def __init__(self, settings: ReleaseSettings) -> None:
        """Opens nothing yet but the packages. Raises SettingsError for an address that cannot be, MissingExtraError."""
        self.url = settings.url.rstrip("/")
        self._timeout_s = settings.timeout_s
        self._files, self._root = _open(settings)
        slips, self._refusals = _failures(settings.url)
        self._line = Remote(f"the storage of releases at {self.url}", (OSError, *slips), deadline_s=settings.timeout_s)
        self._is_here = not getattr(self._files, "async_impl", False)

    def read(self, name: str) -> bytes | None:
        """The content of an object, or None when there is none of that name."""
        return self._call(lambda: _none_if_missing(lambda: self._files.cat_file(self._at(name), **self._within(0))))

    def read_part(self, name: str, start: int, end: int) -> bytes:
        """The bytes from `start` to before `end`. Raises NotFoundError."""
        within = self._within(end - start)
        found: bytes | None = self._call(
            lambda: _none_if_missing(lambda: self._files.cat_file(self._at(name), start=start, end=end, **within))
        )
        if found is None:
            raise NotFoundError(f"{self._at(name)} is not in the storage of releases")
        return found

    def write(self, name: str, content: bytes) -> None:
        """Put an object in the place of the one of that name."""
        within = self._within(len(content))
        self._call(lambda: self._place(name, lambda path: self._files.pipe_file(path, content, **within)))

    def create(self, name: str, content: bytes) -> bool:
        """Put an object where none of that name is; False when there is one.

        Of several who try at once one succeeds: by If-None-Match on S3, ifGenerationMatch on Google's, a hard link
        in a folder. A server that knows none of these lets the last one win. May be False after a slip of the line
        although it was this call that wrote: read the object to know.
        """
        return self._call(lambda: self._create(name, content))

    def upload(self, path: Path, name: str) -> None:
        """Send a file, in the place of the object of that name."""
        within = self._within(path.stat().st_size)
        self._call(lambda: self._place(name, lambda target: self._files.put_file(str(path), target, **within)))

    def sizes(self, prefix: str) -> dict[str, int]:
        """Bytes of every object whose name begins with the folder `prefix`, by its name."""
        found = self._call(lambda: self._files.find(self._at(prefix), detail=True, **self._within(0)))
        start = len(self._root) + 1
        return {name[start:]: int(about["size"]) for name, about in found.items() if not name.endswith(PART)}

    def written_at(self, name: str) -> datetime | None:
        """When the object was written (with its time zone), or None when there is none."""
        return self._call(lambda: _none_if_missing(lambda: self._files.modified(self._at(name))))

    def delete(self, name: str) -> None:
        """Remove an object; one that is not there is no error."""
        self._call(lambda: _none_if_missing(lambda: self._files.rm_file(self._at(name), **self._within(0))))

    def _at(self, name: str) -> str:
        return f"{self._root}/{name}"

    def _within(self, n_bytes: int) -> dict[str, float]:
        """The time that a call may take in all: a server that answers a byte a second is away, too."""
        return {} if self._is_here else {"timeout": self._timeout_s + n_bytes / SLOWEST}

    def _call(self, work: Callable[[], T]) -> T:
        return self._line.call(lambda: self._allowed(work))

    def _allowed(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except self._refusals as error:
            raise SettingsError(
                f"the storage of releases at {self.url} refuses these credentials ({error}); it takes them from the "
                "environment, as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
            ) from error
        except FileNotFoundError as error:
            raise SettingsError(f"the storage of releases at {self.url} does not exist ({error}); make it") from error

    def _place(self, name: str, fill: Callable[[str], Any]) -> None:
        """Fill the object; in a folder beside its name, which it gets in one step, when it is on the disk."""
        if not self._is_here:
            fill(self._at(name))
            return
        fresh = self._fresh(name, fill)
        fresh.replace(self._at(name))

    def _create(self, name: str, content: bytes) -> bool:
        try:
            if not self._is_here:
                self._files.pipe_file(self._at(name), content, mode="create", **self._within(0))
                return True
            fresh = self._fresh(name, lambda path: self._files.pipe_file(path, content))
            try:
                os.link(fresh, self._at(name))
            finally:
                fresh.unlink()
        except FileExistsError:
            return False
        return True

    def _fresh(self, name: str, fill: Callable[[str], Any]) -> Path:
        fresh = Path(f"{self._at(name)}.{os.getpid()}-{get_ident()}{PART}")
        fill(str(fresh))
        with fresh.open("rb") as file:
            os.fsync(file.fileno())
        return fresh


def _none_if_missing(work: Callable[[], T]) -> T | None:
    try:
        return work()
    except FileNotFoundError as error:
        if "bucket does not exist" in str(error):
            raise
        return None


def _open(settings: ReleaseSettings) -> tuple[Any, str]:
    """The file system of an address, and the path in it."""
    protocol = settings.url.partition("://")[0]
    if protocol not in ("s3", "gs", "file"):
        raise SettingsError(
            f"releases.url = {settings.url!r}; expected s3://bucket/folder, gs://bucket/folder or file:///folder"
        )
    try:
        import fsspec  # noqa: PLC0415  an extra

        files, root = fsspec.core.url_to_fs(settings.url.rstrip("/"), **_options(settings, protocol))
    except ImportError as error:
        if protocol == "gs":
            raise SettingsError(f"releases.url = {settings.url!r} needs a package: pip install gcsfs") from error
        raise MissingExtraError("a storage of releases", "objects") from error
    if protocol == "s3":
        files.retries = 1  # our own line tries again, and knows when to stop
        files.connect()  # reads Amazon's tables, which may take longer than a call may
    return files, str(root)


def _options(settings: ReleaseSettings, protocol: str) -> dict[str, Any]:
    if protocol == "file":
        return {"auto_mkdir": True}
    # Listings change under us, and an instance that others share would have their time-outs.
    fresh = {"use_listings_cache": False, "skip_instance_cache": True}
    if protocol == "gs":
        return {**fresh, "timeout": settings.timeout_s, **({"token": "anon"} if settings.anonymous else {})}
    times = {"connect_timeout": settings.timeout_s, "read_timeout": settings.timeout_s}
    return {
        **fresh,
        "anon": settings.anonymous,
        "endpoint_url": settings.endpoint_url or None,
        "config_kwargs": {**times, "retries": {"total_max_attempts": 1}},
    }


def _failures(url: str) -> tuple[tuple[type[BaseException], ...], tuple[type[BaseException], ...]]:
    """What the client of an address raises, beside OSError, when the storage is away; and when it refuses who asks."""
    if url.startswith("s3:"):
        from aiohttp import ClientError  # noqa: PLC0415  an extra
        from botocore.exceptions import BotoCoreError, NoCredentialsError, PartialCredentialsError  # noqa: PLC0415

        return (ClientError, BotoCoreError), (PermissionError, NoCredentialsError, PartialCredentialsError)
    if url.startswith("gs:"):
        from aiohttp import ClientError  # noqa: PLC0415
        from gcsfs.retry import HttpError  # noqa: PLC0415
        from google.auth.exceptions import GoogleAuthError  # noqa: PLC0415

        return (ClientError, HttpError, GoogleAuthError), (PermissionError,)
    return (), (PermissionError,)
