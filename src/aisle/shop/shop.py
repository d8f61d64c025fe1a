"""A shop: make one, open one, ask it everything."""

from pathlib import Path
from typing import TYPE_CHECKING

from aisle import pipelines
from aisle.encoders import Encoder
from aisle.errors import InputError, NotFoundError
from aisle.pipelines import Backup, Progress, ignore_progress
from aisle.settings import FILE_NAME, default_toml, load_settings
from aisle.store import open_store

if TYPE_CHECKING:
    pass
from aisle.shop.filling import Filling
from aisle.shop.learning import Learning
from aisle.shop.releasing import Releasing


def init(folder: str | Path, *, name: str = "") -> "Shop":
    """Make a new shop in `folder`: aisle.toml, store.db and releases/. Raises InputError when there is one already."""
    path = Path(folder)
    if (path / FILE_NAME).exists():
        raise InputError(f"{path} is a shop already; open it, or choose another folder")
    try:
        (path / "releases").mkdir(parents=True, exist_ok=True)
        (path / FILE_NAME).write_text(default_toml(name or path.resolve().name), "utf-8")
    except OSError as error:
        raise InputError(f"cannot make a shop in {path}: {error}; choose a folder that can be written") from error
    return open_shop(path)


def restore(backup: str | Path, folder: str | Path, progress: Progress = ignore_progress) -> Backup:
    """Make the shop of a backup again in `folder`. Raises NotFoundError, or InputError when that cannot be."""
    return pipelines.restore(Path(backup), Path(folder), progress)


def open_shop(folder: str | Path, *, encoder: Encoder | None = None) -> "Shop":
    """The shop in `folder`. `encoder` stands in for the one that the settings name.

    Raises NotFoundError when `folder` is no shop, SettingsError for a mistake in aisle.toml, StoreError
    when the database cannot be opened.
    """
    path = Path(folder)
    if not (path / FILE_NAME).exists():
        raise NotFoundError(f"{path} is no shop: it has no {FILE_NAME}; make one with: aisle init {path}")
    settings = load_settings(path / FILE_NAME)
    chosen = settings.store
    store = open_store(
        chosen.url,
        path,
        answer_s=chosen.timeout_s,
        replica_urls=chosen.replica_urls,
        redis_url=chosen.redis_url,
    )
    return Shop(path, settings, store, encoder)


class Shop(Learning, Filling, Releasing):
    """Everything that can be asked of a shop. Safe to use from many threads."""
