"""A smaller encoder for a shop: every way measured, one kept, and the shop built with it.

    python examples/04_compress.py [minutes]

does in Python, on a sample shop in a temporary folder, what these commands do:

    aisle compress --shop SHOP --methods int8,static --minutes 1 --keep static --use
    aisle build --shop SHOP

Needs the extra "learn": pip install "aisle[learn]".
"""

import sys
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import aisle
from aisle.pipelines.compressed import CompressPlan, CompressReport
from aisle.sample_shop import generate
from aisle.settings import use_setting

DAYS = 30


def compress(folder: Path, minutes: float = 1.0, max_items: int = 0) -> CompressReport:
    """Make a sample shop in `folder`, compress its encoder to a static table, and build the shop with it."""
    sample = generate(7, days=DAYS, end=datetime(2026, 6, 30, tzinfo=UTC))
    aisle.init(folder).close()
    with closing(aisle.open(folder)) as shop:
        shop.store.upsert_items(sample.items[:max_items] if max_items else sample.items)
        shop.store.upsert_judgments(sample.judgments)
        report = shop.compress(CompressPlan(["int8", "static"], minutes=minutes, keep="static"))
    use_setting(folder, "encoder.model", "models/static")
    with closing(aisle.open(folder)) as shop:
        shop.build()
    return report


def main() -> None:
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "shop"
        report = compress(folder, minutes)
        for one in report.variants:
            print(
                f"{one.method:10} {report.measure} {one.quality:.4f} ({one.share:.0%}), {one.model_mb:.0f} MB, "
                f"{one.p50_ms:.2f} ms a query, {one.texts_per_s:,.0f} texts/s"
            )
        print(f"Recommended: {report.recommended}: {report.why}")
        with closing(aisle.open(folder)) as shop:
            print(f"With the table, {shop.release.manifest.encoder}, the shop finds for 'warm jacket':")
            for hit in shop.search("warm jacket", 3).hits:
                print(f"  {hit.item_id}  {shop.item(hit.item_id).title}")


if __name__ == "__main__":
    main()
