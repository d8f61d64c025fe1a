"""Fixtures that every test may use."""

import os
from pathlib import Path

import pytest

BESIDE = Path(__file__).parents[2] / "shared" / "datasets"


@pytest.fixture(scope="session")
def datasets() -> Path:
    """The folder of real public data sets, which never enter the repository."""
    folder = Path(os.environ.get("AISLE_DATASETS", BESIDE))
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}; set AISLE_DATASETS to its folder to run this test")
    return folder
