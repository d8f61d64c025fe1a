from aisle.storefront.facets import chips, departments, facet_groups
from aisle.storefront.i18n import Language, language
from aisle.storefront.urls import SearchState
from aisle.types import Constraint, Facet, FacetValue


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


def sure(expression: str) -> Constraint:
    return Constraint("", expression, "", 1.0, sure=True)


def test_what_the_query_surely_says_is_chosen_and_another_value_adds_to_it(english: Language) -> None:
    facet, state = Facet("brand", (value("brand", "A"), value("brand", "B"))), SearchState("a mug")
    [group] = facet_groups(english, "EUR", state, [facet], [sure('brand = "A"')])
    assert [(one.selected, one.url) for one in group.choices] == [
        (True, "/search?q=a+mug&without=brand+%3D+%22A%22"),
        (False, "/search?q=a+mug&brand=A&brand=B&without=brand+%3D+%22A%22"),
    ]
    assert group.base == "/search?q=a+mug&brand=A&without=brand+%3D+%22A%22"


def test_a_range_or_category_takes_the_place_of_what_the_query_says(english: Language) -> None:
    constraints = [sure("price <= 30"), sure('category = "B"')]
    category, price = facet_groups(english, "EUR", SearchState("q"), [CATEGORY, PRICE], constraints)
    assert category.choices[0].url == "/search?q=q&category=A&without=category+%3D+%22B%22"
    assert price.choices[2].url == "/search?q=q&filter=price+%3E%3D+50&without=price+%3C%3D+30"
    assert price.readings == ("price <= 30",)


def test_what_is_not_sure_or_speaks_of_two_fields_changes_no_choice(english: Language) -> None:
    facet = Facet("brand", (value("brand", "A"), value("brand", "B")))
    constraints = [Constraint("brand", 'brand = "A"', "a", 0.6, sure=False), sure('(brand = "A" OR fits = "A")')]
    [group] = facet_groups(english, "EUR", SearchState("q"), [facet], constraints)
    assert [(one.selected, one.url) for one in group.choices] == [
        (False, "/search?q=q&brand=A"), (False, "/search?q=q&brand=B"),
    ]  # fmt: skip


def test_only_a_long_facet_of_names_can_be_searched(english: Language) -> None:
    brands = tuple(value("brand", name) for name in "ABCDEFGHI")
    prices = tuple(FacetValue(f"{n}-{n + 1}", 1, f"price >= {n} AND price < {n + 1}") for n in range(9))
    facets = [Facet("brand", brands), Facet("color", brands[:8]), Facet("price", prices)]
    groups = facet_groups(english, "EUR", SearchState(), facets)
    assert [(group.field, group.searchable) for group in groups] == [
        ("brand", True), ("color", False), ("price", False),
    ]  # fmt: skip
