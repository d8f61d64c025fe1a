from aisle.storefront.facets import chips, departments, facet_groups, merged
from aisle.storefront.i18n import Language, language
from aisle.storefront.urls import SearchState
from aisle.types import Facet, FacetValue


def value(field: str, text: str, count: int = 1, label: str = "") -> FacetValue:
    return FacetValue(text, count, f'{field} = "{text}"', label)


CATEGORY = Facet(
    "category",
    tuple(value("category", text, n) for text, n in [("A", 5), ("A > X", 3), ("B", 3), ("A > Y", 2), ("B > Z", 3)]),
)
PRICE = Facet(
    "price",
    (
        FacetValue("0-20", 4, "price < 20"),
        FacetValue("20-50", 3, "price >= 20 AND price < 50"),
        FacetValue("50-", 1, "price >= 50"),
    ),
)


def labels(lang: Language, state: SearchState, facet: Facet) -> list[str]:
    return [choice.label for group in facet_groups(lang, "EUR", state, [facet]) for choice in group.choices]


def test_price_and_rating_ranges_are_said_in_words(english: Language) -> None:
    assert labels(english, SearchState(), PRICE) == ["Under €20", "€20 – €50", "€50 and over"]
    assert labels(language("zh"), SearchState(), PRICE) == ["€20 以下", "€20–€50", "€50 及以上"]
    stars = Facet("rating", (FacetValue("4+", 2, "rating >= 4"), FacetValue("3+", 3, "rating >= 3")))
    assert labels(english, SearchState(), stars) == ["4 stars and up", "3 stars and up"]


def test_true_and_false_are_said_in_words(english: Language) -> None:
    stock = Facet("in_stock", (FacetValue("true", 2, "in_stock = true"), FacetValue("false", 1, "in_stock = false")))
    assert labels(english, SearchState(), stock) == ["In stock", "Sold out"]
    wireless = Facet("wireless", (value("wireless", "true"), value("wireless", "false")))
    assert labels(english, SearchState(), wireless) == ["Yes", "No"]


def test_departments_come_first_and_a_chosen_category_opens(english: Language) -> None:
    assert labels(english, SearchState(), CATEGORY) == ["A", "B"]
    chosen = SearchState(filters=('category = "A > Y"',))
    [group] = facet_groups(english, "EUR", chosen, [CATEGORY])
    assert [(one.label, one.depth, one.selected) for one in group.choices] == [
        ("A", 0, False), ("X", 1, False), ("Y", 1, True), ("B", 0, False),
    ]  # fmt: skip
    assert group.choices[1].url == "/search?category=A+%3E+X"
    assert group.choices[2].url == "/search"
    assert [one.value for one in departments([CATEGORY])] == ["A", "B"]


def test_a_facet_without_a_choice_is_not_shown_unless_it_is_chosen(english: Language) -> None:
    facet = Facet("brand", (value("brand", "Volt"),))
    assert facet_groups(english, "EUR", SearchState(), [facet]) == ()
    assert labels(english, SearchState(filters=('brand = "Volt"',)), facet) == ["Volt"]


def test_each_chip_takes_away_its_own_filter(english: Language) -> None:
    state = SearchState("q", ('brand = "A \\"B\\""', 'color = "red"', "price >= 7 AND price < 9"), price_max=5, page=4)
    shown = chips(english, "EUR", state, [Facet("color", (value("color", "red", label="Rouge"),))])
    assert [chip.label for chip in shown] == ['A "B"', "Rouge", "€7 – €9", "Under €5"]
    assert shown[1].url == "/search?q=q&brand=A+%22B%22&filter=price+%3E%3D+7+AND+price+%3C+9&price_max=5"


def test_one_category_in_another_is_no_choice_and_a_single_department_opens(english: Language) -> None:
    chain = Facet("category", tuple(value("category", path, 7) for path in ("A", "A > X", "A > X > P")))
    assert facet_groups(english, "EUR", SearchState(), [chain]) == ()
    forked = Facet(
        "category", (*chain.values[:2], value("category", "A > X > P", 4), value("category", "A > X > Q", 3))
    )
    assert labels(english, SearchState(), forked) == ["A", "X", "P", "Q"]


def test_a_label_in_the_language_of_the_request_is_preferred() -> None:
    facet = Facet("color", (value("color", "red", label="红色"), value("color", "blue")))
    assert labels(language("zh"), SearchState(), facet) == ["红色", "Blue"]


def test_merged_facets_keep_the_first_count_and_do_not_mix_ranges() -> None:
    apart = [Facet("brand", (value("brand", "A", 9),)), PRICE]
    cheap = Facet("price", (FacetValue("0-1", 1, "price < 1"),))
    brand, price = merged(apart, [Facet("brand", (value("brand", "A", 2), value("brand", "B", 1))), cheap])
    assert [(one.value, one.count) for one in brand.values] == [("A", 9), ("B", 1)]
    assert price == PRICE
