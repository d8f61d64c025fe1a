from aisle.shop import Shop
from aisle.storefront.i18n import Language, language
from aisle.storefront.shelves import department_shelves, product_of, shelf_views
from aisle.types import FacetValue, Hit, Reason, Shelf


def shelf(shop: Shop, name: str, *reasons: Reason) -> Shelf:
    return Shelf(name, (Hit("e2", 1.0, 1, shop.item("e2"), reasons),))


def test_a_shelf_names_the_item_that_it_is_about(shop: Shop, english: Language) -> None:
    viewed = shelf(shop, "because_viewed", Reason("because_viewed", "e1"))
    [view] = shelf_views(shop, english, [viewed])
    assert view.heading == "Because you viewed “USB-C cable 1 m”"
    assert view.cards[0].why == "Because you viewed “USB-C cable 1 m”."
    [view] = shelf_views(shop, language("zh"), [viewed])
    assert view.heading == "因为你看过“USB-C 数据线 1 米”"


def test_an_item_that_left_the_shop_is_not_named(shop: Shop, english: Language) -> None:
    [view] = shelf_views(shop, english, [shelf(shop, "because_viewed", Reason("because_viewed", "gone"))])
    assert view.heading == "Because of what you viewed"
    assert view.cards[0].why == "We think that it fits your taste."


def test_several_reasons_are_told_and_unknown_ones_are_not(shop: Shop, english: Language) -> None:
    reasons = (Reason("popular"), Reason("words", "usb, cable"), Reason("no_such_reason", "x"))
    [view] = shelf_views(shop, english, [shelf(shop, "no_such_shelf", *reasons)])
    assert view.heading == "You may like these"
    assert view.cards[0].why == "Many shoppers are looking at it right now. It mentions: usb, cable."


def test_an_empty_shelf_is_not_shown(shop: Shop, english: Language) -> None:
    assert shelf_views(shop, english, [Shelf("popular", ())]) == ()


def test_a_department_shelf_shows_what_can_be_bought_and_one_of_each_product(shop: Shop, english: Language) -> None:
    [view] = department_shelves(shop, english, [FacetValue("Electronics", 6, 'category = "Electronics"')])
    assert (view.heading, view.url) == ("Popular in Electronics", "/search?category=Electronics")
    shown = [card.hit.item_id for card in view.cards]
    assert "e6" not in shown
    assert len({"e1", "e2"} & set(shown)) == 1
    assert [card.hit.rank for card in view.cards] == [1, 2, 3, 4]


def test_a_department_shelf_leaves_out_what_is_on_the_page(shop: Shop, english: Language) -> None:
    shown = {product_of(shop.item(item_id)) for item_id in ("e1", "e3")}
    [view] = department_shelves(shop, english, [FacetValue("Electronics", 6, 'category = "Electronics"')], shown)
    assert {card.hit.item_id for card in view.cards} == {"e4", "e5"}  # e2 is a variant of e1, e6 is sold out


def test_every_shelf_and_its_reason_has_words_in_both_languages(shop: Shop) -> None:
    names = {"rising": ("Rising now", "人气上升"), "bought_together": ("Often bought together", "经常一起购买")}
    names["in_your_categories"] = ("Popular where you look", "你常看类目的热门商品")
    for name, headings in names.items():
        views = [shelf_views(shop, language(code), [shelf(shop, name, Reason(name, "e1"))])[0] for code in ("en", "zh")]
        assert tuple(view.heading for view in views) == headings
        assert all(
            view.cards[0].why != language(view_code).say("reason.other")
            for view, view_code in zip(views, ("en", "zh"), strict=True)
        )
