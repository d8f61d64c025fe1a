from dataclasses import replace

from aisle.shop import Shop
from aisle.storefront.i18n import Language, language
from aisle.storefront.product import crumbs, facts, variants
from aisle.types import Translation


def test_crumbs_lead_to_every_level_of_the_category(shop: Shop, english: Language) -> None:
    assert [(crumb.label, crumb.url) for crumb in crumbs(shop.item("e1"), english)] == [
        ("Electronics", "/search?category=Electronics"),
        ("Cables", "/search?category=Electronics+%3E+Cables"),
    ]


def test_crumbs_keep_their_addresses_in_translation(shop: Shop) -> None:
    item = replace(shop.item("e1"), translations={"zh": Translation(category=("电子", "线材"))})
    assert [(crumb.label, crumb.url) for crumb in crumbs(item, language("zh"))][1] == (
        "线材", "/search?category=Electronics+%3E+Cables",
    )  # fmt: skip


def test_facts_name_attributes_and_their_units(shop: Shop, english: Language) -> None:
    known = dict(facts(shop.item("e1"), english))
    assert known["Brand"] == "Volt"
    assert known["Length (m)"] == "1"
    assert known["Product number"] == "e1"


def test_variants_are_told_apart_by_what_differs(shop: Shop, english: Language) -> None:
    shown = variants(shop, shop.item("e2"), english)
    assert [(one.label, one.selected) for one in shown] == [("Black · 1", False), ("White · 2", True)]
    assert variants(shop, shop.item("e3"), english) == ()
