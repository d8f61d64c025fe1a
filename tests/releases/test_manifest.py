"""The manifest says what a release is made of."""

import json
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest

import aisle
from aisle.checksums import file_sha256
from aisle.errors import ReleaseError
from aisle.pipelines import STAGES
from aisle.releases import Manifest
from aisle.shop import Shop
from aisle.testing.encoder import FakeEncoder
from aisle.testing.toy_shop import toy_items


def test_manifest_holds_counts_settings_versions_quality_and_checksums(new_shop: Callable[[], Shop]) -> None:
    shop = new_shop()
    manifest = shop.build()
    folder = shop.folder / "releases" / manifest.release_id
    assert (manifest.n_items, manifest.n_events, manifest.n_users) == (12, 32, 5)
    assert manifest.encoder == "letter counts"
    assert manifest.settings == shop.settings
    assert manifest.versions["numpy"] == version("numpy")
    assert 0 < manifest.quality["nDCG@10"] <= 1
    assert set(manifest.timings_s) == {*STAGES} - {"activate"}
    on_disk = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert set(manifest.files) == on_disk - {"manifest.json"}
    assert manifest.files["catalogue/items.jsonl"] == file_sha256(folder / "catalogue" / "items.jsonl")


def test_manifest_reads_back_as_written(new_shop: Callable[[], Shop]) -> None:
    shop = new_shop()
    manifest = shop.build()
    assert Manifest.read(shop.folder / "releases" / manifest.release_id) == manifest


def test_release_without_judgments_has_no_quality(tmp_path: Path) -> None:
    aisle.init(tmp_path / "plain").close()
    shop = aisle.open(tmp_path / "plain", encoder=FakeEncoder())
    shop.store.upsert_items(toy_items())
    assert shop.build().quality == {}
    shop.close()


@pytest.mark.parametrize(
    ("text", "message"),
    [("{", "missing or damaged"), ("[]", "missing or damaged"), (json.dumps({"format": 99}), "has format 99")],
)
def test_unreadable_manifest_is_a_release_error(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "manifest.json").write_text(text, "utf-8")
    with pytest.raises(ReleaseError, match=message):
        Manifest.read(tmp_path)
