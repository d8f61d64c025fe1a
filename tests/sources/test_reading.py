from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aisle.sources import describe, guess_mapping, read_events, read_items, read_judgments
from aisle.types import Judgment, Rejected

Write = Callable[[str, str | bytes], str]


def test_a_feed_is_described_before_it_is_read(write: Write) -> None:
    location = write("items.csv", "id,name,colour\n1,a,red\n")
    info = describe(location, "items")
    assert (info.location, info.kind, info.format, info.n_bytes) == (location, "items", "csv", 23)
    assert info.columns == ("id", "name", "colour")
    assert info.mapping == guess_mapping("items", info.columns) == {"item_id": "id", "title": "name"}


def test_a_feed_with_a_header_only_has_no_items(write: Write, rejected: list[Rejected]) -> None:
    assert list(read_items(write("items.csv", "id,title\n"), reject=rejected.append)) == []
    assert rejected == []


def test_the_icecat_catalogue_reads_without_options(datasets: Path, rejected: list[Rejected]) -> None:
    found = list(read_items(str(datasets / "chorus_icecat" / "items.parquet"), reject=rejected.append))
    assert (len(found), rejected) == (19_406, [])
    first = found[0]
    assert (first.item_id, first.title, first.brand) == ("1399", "HP 80 Original Cyan", "HP")
    assert first.description == "80 175-ml Cyan DesignJet Ink Cartridge"
    assert (first.price, first.gtin) == (12595.0, "0882780756328")
    assert first.released_at == datetime(2006, 7, 1, tzinfo=UTC)
    assert first.image_url == "http://images.icecat.biz/img/gallery_thumbs/1399_0964723466.jpg"
    assert first.attributes["name"] == "80"
    assert first.attributes["colour_ink_volume"] == 175.0
    assert "colour" in {name for item in found for name in item.attributes}


def test_the_icecat_prices_are_cents_when_told(datasets: Path, rejected: list[Rejected]) -> None:
    location = str(datasets / "chorus_icecat" / "items.parquet")
    first = next(iter(read_items(location, {"price_cents": "price"}, reject=rejected.append, currency="USD")))
    assert (first.price, first.currency) == (125.95, "USD")


def test_the_icecat_judgments_are_joined_with_their_queries(datasets: Path, rejected: list[Rejected]) -> None:
    folder = datasets / "chorus_icecat"
    queries = str(folder / "queries.parquet")
    found = list(read_judgments(str(folder / "judgments.parquet"), reject=rejected.append, queries=queries))
    assert (len(found), rejected) == (1_839, [])
    assert found[0] == Judgment("laptop", "1229111", 0)
    assert len({judgment.query for judgment in found}) == 67


@pytest.mark.parametrize(("name", "n_items"), [("catalog_myntra", 12_491), ("homedepot_search", 54_667)])
def test_other_catalogues_read_without_options(
    name: str, n_items: int, datasets: Path, rejected: list[Rejected]
) -> None:
    location = str(datasets / name / "items.parquet")
    assert sum(1 for _ in read_items(location, reject=rejected.append)) == n_items
    assert rejected == []


def test_the_rupees_of_myntra_are_known_by_the_column(datasets: Path, rejected: list[Rejected]) -> None:
    first = next(
        iter(read_items(str(datasets / "catalog_myntra" / "items.parquet"), reject=rejected.append, currency="EUR"))
    )
    assert (first.price, first.currency) == (11745.0, "INR")


def test_a_log_of_ratings_reads_without_options(datasets: Path, rejected: list[Rejected]) -> None:
    found = read_events(str(datasets / "movielens_100k" / "interactions.parquet"), reject=rejected.append)
    first = next(iter(found))
    assert (first.kind, first.user_id, first.item_id, first.value) == ("rate", "196", "242", 3.0)
    assert first.timestamp == datetime(1997, 12, 4, 15, 55, 49, tzinfo=UTC)
