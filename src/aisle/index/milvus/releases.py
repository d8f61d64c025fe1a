"""A collection for each release: written at the end of a build, named by an alias while it is active, dropped with it.

A collection is called PREFIX_MARK_RELEASE, where the mark is drawn once for each folder of releases: two shops
that share a Milvus, and even a prefix, never drop each other's collections.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from uuid import uuid4

import numpy as np

from aisle.errors import ReleaseError
from aisle.index.embedded import EmbeddedIndex
from aisle.index.milvus.collection import BATCH, Collection, collection_names, point_alias
from aisle.index.milvus.index import FILE, write_name
from aisle.index.milvus.server import Server
from aisle.index.milvus.weights import Lengths, Weigher
from aisle.settings import IndexSettings, MilvusSettings
from aisle.types import Item

MARK = ".milvus"


def collection_name(settings: MilvusSettings, releases: Path, release_id: str) -> str:
    """What the collection of a release is called; draws the mark of the folder `releases` the first time."""
    mark = releases / MARK
    if not mark.exists():
        mark.write_text(uuid4().hex[:8], "utf-8")
    return f"{settings.prefix}_{mark.read_text('utf-8')}_{release_id.replace('-', '_')}"


def upload(
    index: EmbeddedIndex,
    items: Sequence[Item],
    folder: Path,
    name: str,
    settings: IndexSettings,
    progress: Callable[[int], None],
) -> None:
    """Write a finished index, saved in `folder`, into the collection `name`: `items` are its rows from 0.

    `progress` hears how many more items are written. What was written is dropped again when anything fails.
    Raises AwayError when Milvus does not answer, MissingExtraError without pymilvus.
    """
    lengths = Lengths().with_items(items)
    weigh = Weigher(settings.fields, lengths, index.n_with)
    collection = Collection.create(name, index.vectors.shape[1], Server(settings.milvus))
    try:
        for start in range(0, len(items), BATCH):
            part = items[start : start + BATCH]
            rows = np.arange(start, start + len(part))
            collection.write(index.columns, rows, index.vectors[rows], [weigh(item) for item in part])
            progress(len(part))
        collection.settle()
    except BaseException:
        collection.drop()
        raise
    write_name(folder, collection, lengths)
    (folder / "graph.usearch").unlink(missing_ok=True)  # Milvus has its own


def activate(folder: Path, settings: MilvusSettings) -> None:
    """Have the alias PREFIX name the collection of the index in `folder`. Raises AwayError, ReleaseError."""
    try:
        name = json.loads((folder / FILE).read_text("utf-8"))["collection"]
    except (OSError, ValueError, KeyError) as error:
        raise ReleaseError(f"{folder / FILE} cannot be read: {error}; run aisle build") from error
    point_alias(Server(settings), name)


def drop_others(settings: MilvusSettings, releases: Path, release_ids: Iterable[str]) -> list[str]:
    """Drop the collections of the folder `releases` whose releases are gone; the names of what was dropped."""
    kept = {collection_name(settings, releases, release_id) for release_id in release_ids}
    own = collection_name(settings, releases, "")
    server = Server(settings)
    dropped = [name for name in collection_names(server) if name.startswith(own) and name not in kept]
    for name in dropped:
        Collection(name, server).drop()
    return dropped
