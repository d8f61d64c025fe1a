import pytest

from aisle.errors import InputError
from aisle.sources.mapping import column_currency, guess_mapping, resolve_mapping, translation


def test_exact_names_win_over_other_names() -> None:
    assert guess_mapping("items", ["id", "item_id", "name", "title"]) == {"item_id": "item_id", "title": "title"}


def test_the_likeliest_other_name_wins_whatever_the_order_of_columns() -> None:
    columns = ["sku", "product_id", "product_title", "name"]
    assert guess_mapping("items", columns) == {"item_id": "product_id", "title": "name"}


def test_spelling_does_not_matter() -> None:
    assert guess_mapping("items", ["Product ID", "Product-Name", "PRICE"]) == {
        "price": "PRICE",
        "item_id": "Product ID",
        "title": "Product-Name",
    }


def test_icecat_columns() -> None:
    columns = ["item_id", "title", "name", "short_description", "brand", "price", "ean", "date_released",
               "product_type", "colour", "attributes_json", "img_thumb"]  # fmt: skip
    assert guess_mapping("items", columns) == {
        "item_id": "item_id",
        "title": "title",
        "description": "short_description",
        "brand": "brand",
        "category": "product_type",
        "price": "price",
        "image_url": "img_thumb",
        "gtin": "ean",
        "released_at": "date_released",
        "attributes": "attributes_json",
    }


def test_what_the_caller_says_wins_and_frees_the_field() -> None:
    mapping = guess_mapping("items", ["id", "title", "price"], {"price_cents": "price"})
    assert mapping == {"price_cents": "price", "title": "title", "item_id": "id"}


def test_translations_are_found_by_suffix_and_ids_are_no_indonesian() -> None:
    mapping = guess_mapping("items", ["id", "title", "title_zh", "category_id", "description_zh_tw"])
    assert mapping == {
        "item_id": "id",
        "title": "title",
        "title_zh": "title_zh",
        "description_zh_tw": "description_zh_tw",
    }
    assert translation("description_zh_tw") == ("description", "zh-tw")


def test_a_price_may_name_its_currency() -> None:
    assert guess_mapping("items", ["id", "title", "price_inr"])["price"] == "price_inr"
    assert [column_currency(name) for name in ("price_inr", "price", "price_net")] == ["INR", "", ""]


def test_events_columns() -> None:
    assert guess_mapping("events", ["visitorid", "event", "itemid", "timestamp"]) == {
        "timestamp": "timestamp",
        "kind": "event",
        "user_id": "visitorid",
        "item_id": "itemid",
    }


def test_judgment_columns() -> None:
    columns = ["id", "query_id", "item_id", "relevance"]
    assert guess_mapping("judgments", columns) == {"query_id": "query_id", "item_id": "item_id", "grade": "relevance"}


def test_an_unknown_column_is_an_error_that_names_the_nearest() -> None:
    with pytest.raises(InputError, match=r"title = 'nmae', but shop\.csv has no such column; did you mean .name."):
        resolve_mapping("items", ["id", "name"], {"title": "nmae"}, "shop.csv")


def test_an_unknown_field_is_an_error_that_names_the_nearest() -> None:
    with pytest.raises(InputError, match="'tilte' is not a field of items; did you mean \"title\""):
        resolve_mapping("items", ["id", "name"], {"tilte": "name"}, "shop.csv")


def test_one_column_for_two_fields_is_an_error() -> None:
    with pytest.raises(InputError, match="name the same column"):
        resolve_mapping("items", ["id", "name"], {"title": "name", "brand": "name"}, "shop.csv")


def test_two_prices_are_an_error() -> None:
    with pytest.raises(InputError, match="both price and price_cents"):
        resolve_mapping("items", ["id", "name", "a", "b"], {"price": "a", "price_cents": "b"}, "shop.csv")


def test_a_missing_title_is_an_error_that_lists_the_columns() -> None:
    with pytest.raises(
        InputError, match=r"no column that looks like the title of items; its columns are: id, colour; .*title = "
    ):
        resolve_mapping("items", ["id", "colour"], {}, "shop.csv")
