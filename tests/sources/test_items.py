from collections.abc import Callable
from datetime import UTC, datetime

from aisle.sources import read_items
from aisle.types import Item, Rejected, Translation

Write = Callable[[str, str | bytes], str]


def test_every_field_of_an_item(write: Write, rejected: list[Rejected]) -> None:
    location = write(
        "items.csv",
        "sku,name,body,vendor,categories,price,availability,stars,review_count,link,image,ean,item_group_id,created_at,"
        "attributes,colour,width,new,title_zh,category_zh,attributes_zh,empty\n"
        'A1, Lamp ,<b>Bright</b> &amp; warm,Acme,Home > Lamps,"1.299,00 €",in stock,4.5,12,https://x.example/a1,'
        'https://x.example/a1.png,0012345678905,LAMPS,2024-01-31,"{""attr_n_watts"": 5, ""colour"": ""no""}",'
        'red,12.5,yes,灯,家居 > 灯,"{""colour"": ""红""}",\n',
    )
    assert list(read_items(location, reject=rejected.append)) == [
        Item(
            "A1",
            "Lamp",
            description="Bright & warm",
            brand="Acme",
            category=("Home", "Lamps"),
            price=1299.0,
            currency="EUR",
            rating=4.5,
            rating_count=12,
            url="https://x.example/a1",
            image_url="https://x.example/a1.png",
            gtin="0012345678905",
            group_id="LAMPS",
            released_at=datetime(2024, 1, 31, tzinfo=UTC),
            attributes={"colour": "red", "width": 12.5, "new": True, "watts": 5.0},
            translations={"zh": Translation(title="灯", category=("家居", "灯"), attributes={"colour": "红"})},
        )
    ]
    assert rejected == []


def test_bad_rows_are_quarantined_with_line_reason_and_row(write: Write, rejected: list[Rejected]) -> None:
    location = write(
        "items.csv",
        "id,title,price,released_at,rating\n"
        "1,Good,5,,\n"
        ",No id,5,,\n"
        "2,,5,,\n"
        "3,Negative,-5,,\n"
        "4,Bad date,5,someday,\n"
        "5,Too good,5,,11\n"
        "6,Bell\x07,5,,\n"
        "7,Nulls,null,N/A,-\n",
    )
    assert list(read_items(location, reject=rejected.append, currency="EUR")) == [
        Item("1", "Good", price=5.0, currency="EUR"),
        Item("7", "Nulls"),
    ]
    assert [(row.line, row.reason.partition(";")[0]) for row in rejected] == [
        (3, "item_id is missing or empty: ''"),
        (4, "title of item '2' is empty"),
        (5, "price=-5.0"),
        (6, "released_at='someday' is not a time"),
        (7, "rating=11.0"),
        (8, "title holds the control character '\\x07'"),
    ]
    assert rejected[2] == Rejected(location, 5, "price=-5.0; expected a finite number, at least 0", "3,Negative,-5,,")


def test_an_id_that_comes_again_replaces_the_first_and_is_reported(write: Write, rejected: list[Rejected]) -> None:
    location = write("items.csv", "id,title\nA,old\nB,other\nA,new\n")
    assert [item.title for item in read_items(location, reject=rejected.append)] == ["old", "other", "new"]
    reason = "duplicate: 'A' came before in this feed; this row replaces it"
    assert rejected == [Rejected(location, 4, reason, "A,new", replaces=True)]


def test_prices_in_cents(write: Write, rejected: list[Rejected]) -> None:
    location = write("items.csv", "id,title,price\n1,a,1995\n")
    [item] = read_items(location, {"price_cents": "price"}, reject=rejected.append, currency="EUR")
    assert (item.price, item.currency, item.attributes) == (19.95, "EUR", {})


def test_the_currency_of_a_row_and_of_a_column_come_before_the_shops(write: Write, rejected: list[Rejected]) -> None:
    by_row = write("a.csv", "id,title,price,currency\n1,a,5,GBP\n2,b,5,\n")
    assert [item.currency for item in read_items(by_row, reject=rejected.append, currency="EUR")] == ["GBP", "EUR"]
    by_column = write("b.csv", "id,title,price_inr\n1,a,5\n")
    assert [item.currency for item in read_items(by_column, reject=rejected.append, currency="EUR")] == ["INR"]


def test_columns_with_a_word_among_numbers_stay_text(write: Write, rejected: list[Rejected]) -> None:
    location = write("items.csv", "id,title,size,code,mpn,watts\n1,a,42,007,1,5\n2,b,XL,008,2,\n")
    attributes = [item.attributes for item in read_items(location, reject=rejected.append)]
    assert attributes == [
        {"size": "42", "code": "007", "mpn": "1", "watts": 5.0},
        {"size": "XL", "code": "008", "mpn": "2"},
    ]


def test_json_values_keep_their_types(write: Write, rejected: list[Rejected]) -> None:
    location = write(
        "items.jsonl",
        '{"id": 1, "title": "a", "categories": ["A", "B"], "stock": 0, "tags": ["x", "y"], "model": "80", "new": true,'
        ' "size": {"width": 3, "unit": "cm"}}\n{"id": 2, "title": "b", "late": 1}\n',
    )
    assert list(read_items(location, reject=rejected.append)) == [
        Item(
            "1",
            "a",
            category=("A", "B"),
            stock=0,
            attributes={"tags": ("x", "y"), "model": "80", "new": True, "size.width": 3.0, "size.unit": "cm"},
        ),
        Item("2", "b", attributes={"late": 1.0}),
    ]


def test_an_object_of_translations_is_read_as_the_api_writes_it(write: Write, rejected: list[Rejected]) -> None:
    location = write(
        "items.jsonl",
        '{"item_id": "1", "title": "Lamp", "title_de": "Leuchte", "translations": {"zh": {"title": "灯", "category": '
        '["家居", "灯"], "attributes": {"colour": "红"}}, "de": {"title": "Lampe", "description": "Hell"}}}\n'
        '{"item_id": "2", "title": "Chair", "translations": {"zh": {"titel": "椅子"}}}\n'
        '{"item_id": "3", "title": "Table", "translations": "桌子"}\n',
    )
    assert list(read_items(location, reject=rejected.append)) == [
        Item(
            "1",
            "Lamp",
            translations={
                "zh": Translation(title="灯", category=("家居", "灯"), attributes={"colour": "红"}),
                "de": Translation(title="Leuchte", description="Hell"),
            },
        )
    ]
    assert [(row.line, row.reason.partition(";")[2]) for row in rejected] == [
        (2, ' did you mean "title"?'),
        (3, " expected {...}"),
    ]
