from collections.abc import Callable
from pathlib import Path

import pytest

from aisle.errors import InputError
from aisle.sources import describe, read_items
from aisle.types import Item, Rejected

Write = Callable[[str, str | bytes], str]

RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss xmlns:g="http://base.google.com/ns/1.0" version="2.0">
  <channel>
    <title>A shop</title>
    <link>https://shop.example</link>
    <item>
      <g:id>TV_123456</g:id>
      <title>RSS title</title>
      <g:title>Television &amp; remote</g:title>
      <g:description><![CDATA[<p>Sharp.</p><p>Loud.</p>]]></g:description>
      <g:link>https://shop.example/tv?a=1&amp;b=2</g:link>
      <g:image_link>https://shop.example/tv.png</g:image_link>
      <g:additional_image_link>https://shop.example/tv2.png</g:additional_image_link>
      <g:condition>new</g:condition>
      <g:availability>in_stock</g:availability>
      <g:price>499.99 USD</g:price>
      <g:sale_price>399.99 USD</g:sale_price>
      <g:brand>Acme</g:brand>
      <g:gtin>0012345678905</g:gtin>
      <g:google_product_category>404</g:google_product_category>
      <g:product_type>Home &gt; Electronics &gt; Televisions</g:product_type>
      <g:shipping><g:country>US</g:country><g:price>5 USD</g:price></g:shipping>
      <g:product_detail>
        <g:section_name>General</g:section_name>
        <g:attribute_name>Screen size</g:attribute_name>
        <g:attribute_value>42 in</g:attribute_value>
      </g:product_detail>
      <g:product_highlight>Bright</g:product_highlight>
      <g:product_highlight>Quiet</g:product_highlight>
    </item>
    <item>
      <g:title>Without an id</g:title>
    </item>
    <item>
      <g:id>HAT-RED</g:id>
      <g:title>Red hat</g:title>
      <g:item_group_id>HAT</g:item_group_id>
      <g:color>red</g:color>
      <g:availability>out of stock</g:availability>
      <g:price>20 EUR</g:price>
      <g:sale_price>15 EUR</g:sale_price>
      <g:sale_price_effective_date>2024-01-01T00:00Z/2024-01-08T00:00Z</g:sale_price_effective_date>
      <g:google_product_category>Apparel &gt; Hats</g:google_product_category>
    </item>
    <item><g:id>BAD</g:id><g:title>Bad price</g:title><g:price>-3 EUR</g:price></item>
  </channel>
</rss>
"""
TELEVISION = Item(
    "TV_123456",
    "Television & remote",
    description="Sharp. Loud.",
    brand="Acme",
    category=("Home", "Electronics", "Televisions"),
    price=399.99,
    currency="USD",
    url="https://shop.example/tv?a=1&b=2",
    image_url="https://shop.example/tv.png",
    gtin="0012345678905",
    attributes={
        "condition": "new",
        "google_product_category": "404",
        "product_highlight": ("Bright", "Quiet"),
        "regular_price": "499.99 USD",
        "Screen size": "42 in",
    },
)
HAT = Item(
    "HAT-RED",
    "Red hat",
    category=("Apparel", "Hats"),
    price=20.0,
    currency="EUR",
    stock=0,
    group_id="HAT",
    attributes={"color": "red", "sale_price": "15 EUR"},
)


def test_an_rss_feed_becomes_items(write: Write, rejected: list[Rejected]) -> None:
    found = list(read_items(write("feed.xml", RSS), reject=rejected.append))
    assert found[0].attributes == TELEVISION.attributes
    assert found[0] == TELEVISION
    assert found[1:] == [HAT]
    assert [(row.line, row.reason.partition(";")[0]) for row in rejected] == [
        (31, "item_id is missing or empty: ''"),
        (45, "price=-3.0"),
    ]
    assert rejected[0].row == '{"title":"Without an id"}'


def test_a_gzipped_feed_without_a_known_extension_is_read_too(write: Write, rejected: list[Rejected]) -> None:
    assert len(list(read_items(write("feed.gz", RSS), reject=rejected.append))) == 2


def test_an_atom_feed_becomes_items(write: Write, rejected: list[Rejected]) -> None:
    location = write(
        "feed.xml",
        """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0">
<title>A shop</title>
<entry><g:id>1</g:id><title>Lamp</title><summary>Bright</summary><link href="https://shop.example/1"/>
<g:price>5,00 EUR</g:price></entry>
</feed>""",
    )
    assert list(read_items(location, reject=rejected.append)) == [
        Item("1", "Lamp", description="Bright", url="https://shop.example/1", price=5.0, currency="EUR")
    ]


def test_the_description_shows_columns_without_their_prefix(write: Write) -> None:
    info = describe(write("feed.xml", RSS), "items", {"brand": "color"})
    assert info.format == "google_merchant_xml"
    assert info.mapping["brand"] == "color"
    assert info.mapping["category"] == "product_type"
    assert "image_link" in info.columns


def test_broken_xml_keeps_the_products_before(write: Write, rejected: list[Rejected]) -> None:
    cut = RSS[: RSS.index("<g:color>red")] + "<g:color>red</g:colour>"
    found = list(read_items(write("feed.xml", cut), reject=rejected.append))
    assert found == [TELEVISION]
    assert sorted(row.line for row in rejected) == [31, 38]
    assert rejected[0].reason.startswith("the XML is broken here (mismatched tag: line 38")


def test_a_feed_that_ends_too_soon_is_reported(write: Write, rejected: list[Rejected]) -> None:
    cut = RSS[: RSS.index("    <item>\n      <g:title>Without")]
    assert list(read_items(write("feed.xml", cut), reject=rejected.append)) == [TELEVISION]
    assert [(row.line, row.reason.partition(":")[0]) for row in rejected] == [
        (31, "the XML is broken here (no element found")
    ]


def test_entity_bombs_are_refused(write: Write, rejected: list[Rejected]) -> None:
    bomb = """<?xml version="1.0"?>
<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<rss><channel><item><id>1</id><title>&b;</title></item></channel></rss>"""
    with pytest.raises(InputError, match="declares entities of its own, which are refused"):
        list(read_items(write("feed.xml", bomb), reject=rejected.append))


def test_products_of_endless_text_are_quarantined(write: Write, rejected: list[Rejected]) -> None:
    feed = f"<rss><channel><item><id>1</id><title>{'x' * 2_000_001}</title></item></channel></rss>"
    assert list(read_items(write("feed.xml", feed), reject=rejected.append, mapping={})) == []
    assert rejected[0].reason.startswith("the product has 2,000,002 characters")


def test_a_tsv_feed_becomes_items(write: Write, rejected: list[Rejected]) -> None:
    location = write(
        "feed.tsv",
        "id\ttitle\tdescription\tlink\timage link\tavailability\tprice\tsale price\tproduct detail\tshipping\n"
        'A1\t"Best" lamp\tBright\thttps://x.example/a1\thttps://x.example/a1.png\tin stock\t20.00 EUR\t15.00 EUR\t'
        "General:Color:red,General:Watts:5\tDE:::4 EUR\n"
        "A2\tChair\tSoft\n"
        "A3\tDesk\tWide\thttps://x.example/a3\t\tsoon\t9 EUR\t\t\t\n",
    )
    assert describe(location, "items").format == "google_merchant_tsv"
    assert list(read_items(location, reject=rejected.append)) == [
        Item(
            "A1",
            '"Best" lamp',
            description="Bright",
            price=15.0,
            currency="EUR",
            url="https://x.example/a1",
            image_url="https://x.example/a1.png",
            attributes={"regular_price": "20.00 EUR", "Color": "red", "Watts": 5.0},
        )
    ]
    assert [(row.line, row.reason.partition(";")[0]) for row in rejected] == [
        (3, "3 values, but 10 columns in the header"),
        (4, "stock='soon' is not a number"),
    ]


def test_progress_ends_at_the_size_of_the_file(write: Write, rejected: list[Rejected]) -> None:
    location = write("feed.xml", RSS)
    seen: list[int] = []
    list(read_items(location, reject=rejected.append, progress=seen.append))
    assert seen[-1] == Path(location).stat().st_size
