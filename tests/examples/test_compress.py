"""The recipe for a smaller encoder gives a shop that searches with it."""

import runpy
from contextlib import closing
from pathlib import Path

import pytest

import aisle

EXAMPLE = Path(__file__).parents[2] / "examples" / "04_compress.py"


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_shop_is_built_with_its_table(tmp_path: Path) -> None:
    report = runpy.run_path(str(EXAMPLE))["compress"](tmp_path / "shop", minutes=0.2, max_items=120)
    whole, table = report.variant("float32"), report.variant("static")
    assert 0 < table.quality < whole.quality
    assert table.model_mb < whole.model_mb
    with closing(aisle.open(tmp_path / "shop")) as shop:
        assert shop.release.manifest.encoder == "all-MiniLM-L6-v2 (static)"
        assert shop.search("jacket", 3).hits
