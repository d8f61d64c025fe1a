import shutil
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisle.errors import ReleaseError
from aisle.index import parse_filter
from aisle.intent import Intent, IntentResult
from aisle.intent.learning import learn_intent
from aisle.testing.encoder import FakeEncoder
from aisle.testing.toy_shop import toy_items
from aisle.text import item_text

NO_JUDGMENTS = pl.DataFrame(schema={"query": pl.String, "item_id": pl.String, "grade": pl.Int64})
NO_CLICKS = pl.DataFrame(schema={"query": pl.String, "item_id": pl.String, "n": pl.Int64})


def learned() -> Intent:
    items = toy_items()
    vectors = FakeEncoder().encode_items([item_text(item) for item in items])
    return learn_intent(items, vectors, NO_JUDGMENTS, NO_CLICKS, FakeEncoder())


INTENT = learned()


def said(result: IntentResult) -> list[tuple[str, str, bool]]:
    return [(one.filter, one.label, one.sure) for one in result.constraints]


def test_a_price_filters_and_leaves_the_query() -> None:
    result = INTENT.read("Wireless headphones under 100 euro")
    assert result.constraints[0].filter == "price <= 100"
    assert result.constraints[0].label == "under 100 euro"
    assert result.constraints[0].sure
    assert result.remaining == "Wireless headphones"
    assert result.kind == "specific"


def test_a_chinese_price_filters_too() -> None:
    result = INTENT.read("100元以下的耳机")
    assert said(result)[0] == ("price <= 100", "100元以下", True)
    assert (result.remaining, result.categories[0][0]) == ("耳机", "Electronics > Audio")


def test_a_price_alone_leaves_nothing_to_search_for() -> None:
    result = INTENT.read("under 20 euro")
    assert (result.remaining, said(result)) == ("", [("price <= 20", "under 20 euro", True)])


def test_brands_colours_and_properties_boost_without_evidence() -> None:
    found = said(INTENT.read("black wireless volt cable"))
    assert ('color = "black"', "black", False) in found
    assert ('wireless = "true"', "wireless", False) in found
    assert ('brand = "Volt"', "volt", False) in found


def test_a_size_names_the_values_inside() -> None:
    result = INTENT.read("usb cable at least 2 m")
    assert ("length_m >= 2", "at least 2 m") in [(one.filter, one.label) for one in result.constraints]


def test_a_size_that_the_shop_does_not_know_stays_in_the_query() -> None:
    result = INTENT.read("usb stick at least 16 gb")
    assert result.remaining == "usb stick at least 16 gb"
    assert not any("gb" in one.filter for one in result.constraints)


def test_a_constraint_that_was_taken_back_is_read_as_words() -> None:
    result = INTENT.read("mug under 20 euro", without=("price <= 20",))
    assert result.remaining == "mug under 20 euro"
    assert all(one.field != "price" for one in result.constraints)


def test_a_rough_price_only_boosts() -> None:
    result = INTENT.read("mug around 10 euro")
    assert said(result)[0] == ("price >= 8 AND price <= 12", "around 10 euro", False)
    assert result.remaining == "mug around 10 euro"


def test_likely_adds_up_the_categories_below_a_path() -> None:
    result = IntentResult((), "", (("A > B", 0.5), ("A > C", 0.25), ("AA", 0.1)), "broad")
    assert (result.likely("A"), result.likely("A > B"), result.likely("D")) == (0.75, 0.5, 0)


def test_an_empty_query_says_nothing() -> None:
    assert INTENT.read("  ") == IntentResult((), "", (), "broad")


def test_what_was_saved_reads_the_same(tmp_path: Path) -> None:
    INTENT.save(tmp_path)
    again = Intent.load(tmp_path)
    for query in ("black volt cable under 20", "意式咖啡机", "e1", "yoga mat"):
        vector = FakeEncoder().encode_queries([query])[0]
        assert again.read(query, vector) == INTENT.read(query, vector)


@pytest.mark.parametrize("name", ["intent.json", "intent.npz"])
def test_a_damaged_file_is_refused(tmp_path: Path, name: str) -> None:
    INTENT.save(tmp_path / "whole")
    for number, content in enumerate((None, b"", b"{}", (tmp_path / "whole" / name).read_bytes()[:200])):
        folder = tmp_path / str(number)
        shutil.copytree(tmp_path / "whole", folder)
        (folder / name).unlink()
        if content is not None:
            (folder / name).write_bytes(content)
        with pytest.raises(ReleaseError, match="aisle build"):
            Intent.load(folder)


@given(st.text(max_size=60) | st.text('black volt "under 20 euro 无线耳机\\m', max_size=60))
def test_every_constraint_is_a_filter_that_can_be_read(query: str) -> None:
    result = INTENT.read(query, FakeEncoder().encode_queries([query])[0])
    for one in result.constraints:
        assert parse_filter(one.filter) is not None
        assert 0 <= one.confidence <= 1
        assert one.label
    assert sum(share for _, share in result.categories) <= 1 + 1e-9
