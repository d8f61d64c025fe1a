"""A collection of Milvus: the items of one release, by row."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from aisle.index.columns import NUMBERS, Columns
from aisle.index.milvus.expressions import MISSING, partition
from aisle.index.milvus.server import NOT_LOADED, Server
from aisle.index.milvus.weights import Sparse
from aisle.types import Rows, Scores, Vectors

T = TypeVar("T")
BATCH = 1_000
"""Items of one request; with vectors of 384 numbers about 2.5 MB of the 64 that Milvus takes."""
MOST = 16_384
"""Milvus gives no more of one search."""
LEAST = 256
"""Neighbours that an index follows at least, as the embedded graph does."""
MAX_VALUES = 4_096
"""Milvus keeps no longer lists: an item has at most so many values."""


@dataclass(frozen=True, slots=True)
class Hits:
    """What a search found, best first."""

    rows: Rows
    scores: Scores
    words: tuple[Sparse, ...] = ()
    """The items' words, where they were asked for."""


class Collection:
    """The collection `name` on a server. Every method raises AwayError when the server does not answer."""

    def __init__(self, name: str, server: Server, *, settled: bool = True) -> None:
        """`settled`: nothing is written any more, so that searches need not wait for what was written last."""
        self.name = name
        self.server = server
        self._consistency = "Bounded" if settled else "Strong"

    @classmethod
    def create(cls, name: str, dim: int, server: Server) -> "Collection":
        """An empty collection in memory, in place of any of that name, for vectors of length `dim`."""

        def make(client: Any, timeout_s: float) -> None:
            client.drop_collection(name, timeout=timeout_s)
            schema = _schema(client, dim, server)
            client.create_collection(name, schema=schema, num_shards=server.settings.shards, timeout=timeout_s)
            client.create_index(name, _indexes(client, server), timeout=timeout_s, sync=False)
            if "lite" not in client.get_server_version(timeout=timeout_s):  # which looks through all lists
                client.create_index(name, _index_of_lists(client), timeout=timeout_s, sync=False)
            client.load_collection(name, replica_number=server.settings.replicas, timeout=timeout_s)

        server.write(make)
        return cls(name, server, settled=False)

    def write(self, columns: Columns, rows: Rows, vectors: Vectors, words: Sequence[Sparse]) -> None:
        """Put items in place of what stood in `rows`; `columns` holds their fields."""
        key = self.server.settings.partition_key
        numbered = zip(rows.tolist(), vectors, words, strict=True)
        entities = [_entity(columns, key, row, vector, sparse) for row, vector, sparse in numbered]
        for start in range(0, len(entities), BATCH):
            self._upsert(entities[start : start + BATCH])
        if len(entities) > BATCH:
            self.settle()  # what is not indexed yet is looked through one by one

    def remove(self, rows: Rows) -> None:
        """Take items out."""
        ids = rows.tolist()
        self.server.write(lambda client, timeout_s: client.delete(self.name, ids=ids, timeout=timeout_s))

    def settle(self) -> None:
        """Have everything on disk and indexed."""
        self.server.write(lambda client, timeout_s: client.flush(self.name, timeout=timeout_s))

    def drop(self) -> None:
        """Take the collection away, if it is there."""
        self.server.write(lambda client, timeout_s: client.drop_collection(self.name, timeout=timeout_s))

    def nearest(self, vector: Vectors, k: int, within: str) -> Hits:
        """At most `k` items that pass `within`, by cosine; those without a vector too, unless it says `FILLED`."""
        return self._search("vector", vector, k, within, [])

    def wordiest(self, weights: Sparse, k: int, within: str, *, words: bool) -> Hits:
        """At most `k` items that pass `within`, by inner product; with their `words` if asked for."""
        return self._search("words", dict(weights), k, within, ["words"] if words else [])

    def passing(self, within: str) -> Rows:
        """The rows that pass, ascending."""

        def ask(client: Any, timeout_s: float) -> Rows:
            rows = client.query(self.name, filter=within, output_fields=["row"], timeout=timeout_s, limit=MOST)
            return np.sort(np.array([row["row"] for row in rows], np.int64))

        return self.server.call(lambda client, timeout_s: self._loaded(ask, client, timeout_s))

    def _upsert(self, entities: Sequence[Mapping[str, Any]]) -> None:
        self.server.write(lambda client, timeout_s: client.upsert(self.name, list(entities), timeout=timeout_s))

    def _search(self, field: str, asked: Any, k: int, within: str, wanted: list[str]) -> Hits:
        k = min(k, MOST)

        def ask(client: Any, timeout_s: float) -> Hits:
            found = client.search(
                self.name,
                data=[asked],
                anns_field=field,
                limit=k,
                filter=within,
                output_fields=wanted,
                search_params={"params": self._effort(k) if field == "vector" else {}},
                consistency_level=self._consistency,
                timeout=timeout_s,
            )
            return _hits(found[0], wanted)

        return self.server.call(lambda client, timeout_s: self._loaded(ask, client, timeout_s))

    def _loaded(self, ask: Callable[[Any, float], T], client: Any, timeout_s: float) -> T:
        """What `ask` gives. A server that began anew has its collections on disk only: then it is told to load."""
        try:
            return ask(client, timeout_s)
        except _exception() as error:
            if error.code != NOT_LOADED:
                raise
            client.load_collection(self.name, timeout=timeout_s, _async=True)
            return ask(client, timeout_s)

    def _effort(self, k: int) -> Mapping[str, int]:
        """How far each kind of index looks."""
        wide = max(k, LEAST)
        return {"HNSW": {"ef": wide}, "IVF_FLAT": {"nprobe": 32}, "DISKANN": {"search_list": wide}}.get(
            self.server.settings.index_type, {}
        )


def point_alias(server: Server, name: str) -> None:
    """Have the shop's alias stand for the collection `name`, in one step."""

    def point(client: Any, timeout_s: float) -> None:
        alias = server.settings.prefix
        try:
            client.alter_alias(name, alias, timeout=timeout_s)
        except _exception():  # there is none yet
            client.create_alias(name, alias, timeout=timeout_s)

    server.write(point)


def collection_names(server: Server) -> list[str]:
    """The names of all collections."""
    return server.write(lambda client, timeout_s: list(client.list_collections(timeout=timeout_s)))


def _schema(client: Any, dim: int, server: Server) -> Any:
    kind: Any = _types()
    schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("row", kind.INT64, is_primary=True)
    if server.settings.partition_key:
        schema.add_field("part", kind.INT64, is_partition_key=True)
    schema.add_field("vector", kind.FLOAT_VECTOR, dim=dim)
    schema.add_field("words", kind.SPARSE_FLOAT_VECTOR)
    schema.add_field("filled", kind.BOOL)
    schema.add_field("pairs", kind.ARRAY, element_type=kind.INT64, max_capacity=MAX_VALUES)
    schema.add_field("fields", kind.ARRAY, element_type=kind.INT64, max_capacity=MAX_VALUES)
    for name in NUMBERS:
        schema.add_field(name, kind.DOUBLE)
    return schema


def _indexes(client: Any, server: Server) -> Any:
    """Those of vectors and words; the graph is as dense as the embedded one."""
    chosen = server.settings.index_type
    params = {"HNSW": {"M": 16, "efConstruction": 128}, "IVF_FLAT": {"nlist": 1_024}}.get(chosen, {})
    indexes = client.prepare_index_params()
    indexes.add_index("vector", index_type=chosen, metric_type="COSINE", params=params)
    indexes.add_index("words", index_type="SPARSE_INVERTED_INDEX", metric_type="IP")
    return indexes


def _index_of_lists(client: Any) -> Any:
    indexes = client.prepare_index_params()
    for name in ("pairs", "fields"):
        indexes.add_index(name, index_type="INVERTED")
    return indexes


def _entity(columns: Columns, key: str, row: int, vector: Vectors, words: Sparse) -> dict[str, Any]:
    codes = columns.codes[columns.starts[row] : columns.starts[row + 1]]
    numbers = {name: float(values[row]) for name, values in columns.numbers.items()}
    part = {"part": partition(columns, key, row)} if key else {}
    return {
        "row": row,
        **part,
        "vector": vector,
        "words": dict(words),
        "filled": bool(vector.any()),
        "pairs": codes.tolist(),
        "fields": np.unique(columns.fields[codes]).tolist(),
        **{name: MISSING if np.isnan(number) else number for name, number in numbers.items()},
    }


def _hits(found: Any, wanted: list[str]) -> Hits:
    rows = np.array([hit["row"] for hit in found], np.int64)
    scores = np.array([hit["distance"] for hit in found], np.float32)
    return Hits(rows, scores, tuple(hit["entity"]["words"] for hit in found) if wanted else ())


def _exception() -> Any:
    import pymilvus  # noqa: PLC0415  an extra; the server has it

    return pymilvus.MilvusException


def _types() -> Any:
    import pymilvus  # noqa: PLC0415

    return pymilvus.DataType
