"""Other engines that search by words and meaning at once, as their documentation sets them up, behind one call."""

import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

K = 100
Vector = NDArray[np.float32]
"""(dim,) float32, L2-normalised."""
Answer = Callable[[], list[str]]
"""The call that is timed: ids of the items found, best first."""
Engine = Callable[[str, Vector], Answer]
"""From a query and its ready vector to the call that answers it."""


def lancedb_graph(folder: Path, ids: Sequence[str], texts: Sequence[str], vectors: NDArray[np.float32]) -> Engine:
    """LanceDB: full-text index with English stems, HNSW graph over 8-bit vectors, reciprocal rank fusion."""
    table = _lancedb_table(folder, ids, texts, vectors)
    table.create_index(metric="cosine", index_type="IVF_HNSW_SQ")
    return partial(_ask_lancedb, table)


def lancedb_flat(folder: Path, ids: Sequence[str], texts: Sequence[str], vectors: NDArray[np.float32]) -> Engine:
    """LanceDB: the same without an index of vectors, which are compared one by one."""
    return partial(_ask_lancedb, _lancedb_table(folder, ids, texts, vectors))


def _lancedb_table(folder: Path, ids: Sequence[str], texts: Sequence[str], vectors: NDArray[np.float32]) -> Any:
    os.environ.setdefault("LANCEDB_LOG", "error")  # a warning at every search would be timed with it
    import lancedb  # noqa: PLC0415  each engine is asked for only where it is installed

    flat = pa.array(vectors.ravel(), pa.float32())
    rows = pa.table({
        "item_id": pa.array(ids),
        "text": pa.array(texts),
        "vector": pa.FixedSizeListArray.from_arrays(flat, vectors.shape[1]),
    })  # fmt: skip
    table = lancedb.connect(folder).create_table("items", rows)
    table.create_fts_index("text")
    return table


def _ask_lancedb(table: Any, query: str, vector: Vector) -> Answer:
    from lancedb.rerankers import RRFReranker  # noqa: PLC0415

    reranker = RRFReranker()

    def answer() -> list[str]:
        asked = table.search(query_type="hybrid").vector(vector).text(query).distance_type("cosine")
        found = asked.rerank(reranker).limit(K).select(["item_id"]).to_arrow()
        ids: list[str] = found["item_id"].to_pylist()
        return ids

    return answer


def milvus_lite(folder: Path, ids: Sequence[str], texts: Sequence[str], vectors: NDArray[np.float32]) -> Engine:
    """Milvus Lite: BM25 over its standard tokenizer (it has no English one), HNSW graph, reciprocal rank fusion."""
    from pymilvus import AnnSearchRequest, DataType, Function, FunctionType, MilvusClient, RRFRanker  # noqa: PLC0415

    quiet = {"grpc.keepalive_time_ms": 600_000}  # its own server refuses pings as often as the client sends them
    client = MilvusClient(str(folder / "milvus.db"), grpc_options=quiet)
    schema = client.create_schema()
    schema.add_field("item_id", DataType.VARCHAR, is_primary=True, max_length=512)
    standard = {"tokenizer": "standard"}
    schema.add_field("text", DataType.VARCHAR, max_length=65_535, enable_analyzer=True, analyzer_params=standard)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=vectors.shape[1])
    schema.add_field("words", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_function(Function("bm25", FunctionType.BM25, input_field_names="text", output_field_names="words"))
    index = client.prepare_index_params()
    index.add_index("vector", index_type="HNSW", metric_type="COSINE", params={"M": 16, "efConstruction": 200})
    index.add_index("words", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25")
    client.create_collection("items", schema=schema, index_params=index)
    for start in range(0, len(ids), 1_000):
        part = slice(start, start + 1_000)
        rows = zip(ids[part], texts[part], vectors[part], strict=True)
        client.insert("items", [{"item_id": one, "text": text[:16_000], "vector": v} for one, text, v in rows])
    client.flush("items")
    client.load_collection("items")

    def ask(query: str, vector: Vector) -> Answer:
        def answer() -> list[str]:
            near = AnnSearchRequest([vector], "vector", {"metric_type": "COSINE", "params": {"ef": 2 * K}}, K)
            worded = AnnSearchRequest([query], "words", {"metric_type": "BM25"}, K)
            found = client.hybrid_search("items", [near, worded], RRFRanker(), limit=K)
            return [str(hit["item_id"]) for hit in found[0]]

        return answer

    return ask


def txtai(folder: Path, ids: Sequence[str], texts: Sequence[str], vectors: NDArray[np.float32]) -> Engine:
    """txtai: hybrid=True and its default backends (Faiss, its own BM25); its vectors are the ready ones."""
    from txtai import Embeddings  # noqa: PLC0415

    known: dict[str, Vector] = dict(zip(texts, vectors, strict=True))

    def transform(asked: Sequence[str]) -> NDArray[np.float32]:
        return np.stack([known[text] for text in asked])

    embeddings = Embeddings(hybrid=True, method="external", transform=transform, path=None)
    embeddings.index(zip(ids, texts, strict=True))

    def ask(query: str, vector: Vector) -> Answer:
        known[query] = vector
        return lambda: [str(uid) for uid, _ in embeddings.search(query, K)]

    return ask
