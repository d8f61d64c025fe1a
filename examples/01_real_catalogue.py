"""A real catalogue, from its files to a measured search.

19,406 electronics products and human judgments of 67 queries: the Chorus / Icecat set as three Parquet files.

    python examples/01_real_catalogue.py ../shared/datasets/chorus_icecat

does in Python what these commands do:

    aisle init icecat --name Icecat
    aisle ingest items items.parquet --shop icecat --map price_cents=price
    aisle build --shop icecat
    aisle evaluate search --shop icecat --judgments judgments.parquet --queries queries.parquet
"""

import sys
import tempfile
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

import aisle

BASELINES = {
    "BM25 (tantivy), title x 3": 0.6074,
    "dense (all-MiniLM-L6-v2 int8)": 0.4891,
    "reciprocal rank fusion of the two": 0.6170,
    "txtai 9.14, hybrid": 0.6304,
    "LanceDB 0.40, hybrid": 0.6493,
}
"""nDCG@10 on the same 67 queries, from the data set's README; items without a judgment count as irrelevant."""


def measure(data: Path, folder: Path) -> float:
    """Make a shop of the catalogue in `folder`, measure its search, print what came out, and return nDCG@10."""
    with closing(aisle.init(folder, name="Icecat")) as shop:
        report = shop.ingest_items([str(data / "items.parquet")], {"price_cents": "price"})
        print(f"{report.n_read:,} products read, {report.n_rejected:,} set aside")
        manifest = shop.build()
        print(f"release {manifest.release_id} is active")
        quality = shop.evaluate_search(str(data / "judgments.parquet"), queries=str(data / "queries.parquet"))
    own = {f"Aisle {version('aisle')}": quality.metrics["nDCG@10"]}
    print(f"\nnDCG@10 on {quality.n_queries} queries")
    for name, value in sorted({**BASELINES, **own}.items(), key=lambda row: row[1]):
        print(f"{value:.4f}  {name}")
    print("\n" + ", ".join(f"{name} {value:.4f}" for name, value in quality.metrics.items()))
    print(", ".join(f"{name} {value:.2f} ms" for name, value in quality.latency_ms.items()))
    return quality.metrics["nDCG@10"]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python examples/01_real_catalogue.py FOLDER_OF_CHORUS_ICECAT")
    with tempfile.TemporaryDirectory() as shops:
        measure(Path(sys.argv[1]), Path(shops) / "icecat")
