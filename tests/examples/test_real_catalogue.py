"""The recipe for a real catalogue reaches what it promises."""

import runpy
from pathlib import Path

EXAMPLE = Path(__file__).parents[2] / "examples" / "01_real_catalogue.py"


def test_search_on_a_real_catalogue_reaches_its_quality(datasets: Path, tmp_path: Path) -> None:
    measure = runpy.run_path(str(EXAMPLE))["measure"]
    assert measure(datasets / "chorus_icecat", tmp_path / "icecat") >= 0.65
