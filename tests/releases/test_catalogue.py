from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from aisle.errors import ReleaseError
from aisle.releases import Catalogue, write_catalogue
from aisle.testing.toy_shop import toy_items
from aisle.types import Item


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    write_catalogue(iter(toy_items()), tmp_path)
    return Catalogue.load(tmp_path)


def test_items_are_read_from_the_file_as_often_as_they_are_asked_for(catalogue: Catalogue) -> None:
    items = catalogue.items
    assert list(items) == list(items) == list(toy_items())
    assert items[2:4] == list(toy_items()[2:4])
    assert items[11] == toy_items()[11]
    with pytest.raises(IndexError, match="row 12 of 12"):
        items[12]


def test_ids_and_rows_lead_to_each_other(catalogue: Catalogue) -> None:
    ids = [item.item_id for item in toy_items()]
    assert catalogue.item_ids == ids
    assert [catalogue.row(item_id) for item_id in ids] == list(range(12))
    assert [catalogue.item_id(row) for row in range(12)] == ids
    assert catalogue.row("nobody") is None
    assert dict(catalogue.rows) == {item_id: row for row, item_id in enumerate(ids)}


def test_changed_and_new_items_are_taken_in(catalogue: Catalogue) -> None:
    changed = replace(toy_items()[3], title="Something else")
    rows = catalogue.put([changed, Item("new", "New"), Item("newer", "Newer")])
    np.testing.assert_array_equal(rows, [3, 12, 13])
    assert (len(catalogue), catalogue.row("newer"), catalogue.item_id(12)) == (14, 13, "new")
    assert catalogue.items[3] == changed
    assert [item.item_id for item in catalogue.items[12:]] == ["new", "newer"]


def test_an_empty_catalogue(tmp_path: Path) -> None:
    write_catalogue([], tmp_path)
    assert list(Catalogue.load(tmp_path).items) == []


def test_a_damaged_catalogue_is_a_release_error(tmp_path: Path, catalogue: Catalogue) -> None:
    (tmp_path / "item_ends.npy").write_bytes(b"nothing")
    with pytest.raises(ReleaseError, match="run aisle build"):
        Catalogue.load(tmp_path)
