from collections.abc import Callable

from aisle.sources import describe, read_items
from aisle.types import Item, Rejected

Write = Callable[[str, str | bytes], str]

EXPORT = """\
Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Published,Option1 Name,Option1 Value,\
Option2 Name,Option2 Value,Variant SKU,Variant Inventory Tracker,Variant Inventory Qty,\
Variant Inventory Policy,Variant Price,Variant Compare At Price,Variant Barcode,Image Src,Variant Image,\
Cost per item,Fabric (product.metafields.custom.fabric),Status
tee,Plain tee,"<p>Soft
cotton</p>",Acme,Apparel > Shirts,Shirt,"summer, cotton",true,Size,S,Color,Red,\
'TEE-S-RED,shopify,10,deny,19.99,25.00,'0012345678905,https://x.example/tee.png,https://x.example/red.png,4.00,Jersey,active
tee,,,,,,,,,M,,Red,,shopify,-2,deny,19.99,,,,,4.00,,
tee,,,,,,,,,L,,Red,TEE-L-RED,,0,deny,cheap,,,,,4.00,,
tee,,,,,,,,,,,,,,,,,,,https://x.example/back.png,,,,
mug,Mug,A mug,Acme,,Kitchen,,true,Title,Default Title,,,,shopify,0,continue,5,,,https://x.example/mug.png,,,,active
draft,Draft,,Acme,,,,true,Title,Default Title,,,D1,,,deny,5,,,,,,,draft
hidden,Hidden,,Acme,,,,false,Title,Default Title,,,D2,,,deny,5,,,,,,,active
tee,,,,,,,,,XL,,Red,TEE-XL,shopify,1,deny,9,,,,,,,
,Lost,,,,,,true,,,,,,,,deny,5,,,,,,,active
"""


def test_variants_become_items_of_one_group(write: Write, rejected: list[Rejected]) -> None:
    found = list(read_items(write("products.csv", EXPORT), reject=rejected.append, currency="EUR"))
    assert found == [
        Item(
            "TEE-S-RED",
            "Plain tee",
            description="Soft cotton",
            brand="Acme",
            category=("Apparel", "Shirts"),
            price=19.99,
            currency="EUR",
            stock=10,
            image_url="https://x.example/red.png",
            gtin="0012345678905",
            group_id="tee",
            attributes={
                "type": "Shirt",
                "tags": ("summer", "cotton"),
                "Fabric": "Jersey",
                "regular_price": "25.00",
                "Size": "S",
                "Color": "Red",
            },
        ),
        Item(
            "tee/M/Red",
            "Plain tee",
            description="Soft cotton",
            brand="Acme",
            category=("Apparel", "Shirts"),
            price=19.99,
            currency="EUR",
            stock=0,
            image_url="https://x.example/tee.png",
            group_id="tee",
            attributes={"type": "Shirt", "tags": ("summer", "cotton"), "Fabric": "Jersey", "Size": "M", "Color": "Red"},
        ),
        Item(
            "mug",
            "Mug",
            description="A mug",
            brand="Acme",
            category=("Kitchen",),
            price=5.0,
            currency="EUR",
            image_url="https://x.example/mug.png",
        ),
    ]


def test_bad_rows_are_quarantined_with_their_lines(write: Write, rejected: list[Rejected]) -> None:
    list(read_items(write("products.csv", EXPORT), reject=rejected.append))
    assert sorted((row.line, row.reason.partition(";")[0]) for row in rejected) == [
        (5, "price='cheap' is not a price"),
        (8, "product 'draft' is not for sale (draft)"),
        (9, "product 'hidden' is not for sale (not published)"),
        (10, "the first row of product 'tee' is not right above"),
        (11, "Handle is missing"),
    ]


def test_the_newer_column_names_are_understood(write: Write, rejected: list[Rejected]) -> None:
    location = write(
        "products.csv",
        "Title,URL handle,Description,Vendor,Type,Status,SKU,Option1 name,Option1 value,Price,Inventory quantity\n"
        "Lamp,lamp,Bright,Acme,Light,Active,L-1,Title,Default Title,12.50,3\n",
    )
    assert describe(location, "items").format == "shopify"
    assert list(read_items(location, reject=rejected.append)) == [
        Item("L-1", "Lamp", description="Bright", brand="Acme", category=("Light",), price=12.5, stock=3)
    ]
    assert rejected == []
