"""Other engines of vectors, as their documentation sets them up for ten nearest by cosine."""

import importlib.util
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

K = 10
Find = Callable[[NDArray[np.float32]], NDArray[np.int64]]
"""From a vector, (dim,) float32, to the rows of the ten nearest."""


def faiss_graph(folder: Path, vectors: NDArray[np.float32]) -> Find:
    """FAISS: HNSW with 32 links, efConstruction 128, efSearch 128, vectors in full."""
    import faiss  # noqa: PLC0415  each engine is asked for only where it is installed

    index = faiss.IndexHNSWFlat(vectors.shape[1], 32, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction, index.hnsw.efSearch = 128, 128
    index.add(vectors)

    def find(vector: NDArray[np.float32]) -> NDArray[np.int64]:
        return np.asarray(index.search(vector[None], K)[1][0], np.int64)

    return find


def lancedb_graph(folder: Path, vectors: NDArray[np.float32]) -> Find:
    """LanceDB: an HNSW graph over 8-bit vectors in inverted lists, on disk."""
    os.environ.setdefault("LANCEDB_LOG", "error")
    import lancedb  # noqa: PLC0415

    flat = pa.array(vectors.ravel(), pa.float32())
    column = pa.FixedSizeListArray.from_arrays(flat, vectors.shape[1])
    rows: Any = lancedb.connect(folder).create_table(
        "items", pa.table({"row": pa.array(np.arange(len(vectors))), "vector": column})
    )
    rows.create_index(metric="cosine", index_type="IVF_HNSW_SQ")

    def find(vector: NDArray[np.float32]) -> NDArray[np.int64]:
        found = rows.search(vector).distance_type("cosine").limit(K).select(["row"]).to_arrow()
        return np.asarray(found["row"].to_numpy(), np.int64)

    return find


def milvus_lite(folder: Path, vectors: NDArray[np.float32]) -> Find:
    """Milvus Lite: HNSW with M 16, efConstruction 200, ef 128."""
    from pymilvus import DataType, MilvusClient  # noqa: PLC0415

    quiet = {"grpc.keepalive_time_ms": 600_000}  # its own server refuses pings as often as the client sends them
    client = MilvusClient(str(folder / "milvus.db"), grpc_options=quiet)
    schema = client.create_schema()
    schema.add_field("row", DataType.INT64, is_primary=True)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=vectors.shape[1])
    index = client.prepare_index_params()
    index.add_index("vector", index_type="HNSW", metric_type="COSINE", params={"M": 16, "efConstruction": 200})
    client.create_collection("items", schema=schema, index_params=index)
    for start in range(0, len(vectors), 1_000):
        part = enumerate(vectors[start : start + 1_000], start=start)
        client.insert("items", [{"row": row, "vector": vector} for row, vector in part])
    client.flush("items")
    client.load_collection("items")

    def find(vector: NDArray[np.float32]) -> NDArray[np.int64]:
        found = client.search(
            "items", [vector], limit=K, search_params={"metric_type": "COSINE", "params": {"ef": 128}}
        )
        return np.array([hit["row"] for hit in found[0]], np.int64)

    return find


PEERS: Mapping[str, Callable[[Path, NDArray[np.float32]], Find]] = {
    "FAISS HNSW": faiss_graph,
    "LanceDB HNSW": lancedb_graph,
    "Milvus Lite HNSW": milvus_lite,
}
PACKAGES = {"FAISS HNSW": "faiss", "LanceDB HNSW": "lancedb", "Milvus Lite HNSW": "milvus_lite"}
MOST = {"FAISS HNSW": 10**7, "LanceDB HNSW": 10**7, "Milvus Lite HNSW": 10**5}
"""The most items that each is given: Milvus Lite is not made for more."""


def installed() -> list[str]:
    """Those of the peers that are installed here: pip install -e ".[bench]" brings all but FAISS (faiss-cpu)."""
    return [name for name, package in PACKAGES.items() if importlib.util.find_spec(package)]
