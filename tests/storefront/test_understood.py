from aisle.storefront.i18n import Language, language
from aisle.storefront.understood import as_typed_url, by_meaning_alone, understood, ways_out
from aisle.storefront.urls import SearchState
from aisle.types import Constraint, Hit, Item, Reason, SearchResponse, Unfilter

CHEAP = Constraint("price", "price <= 20", "under 20 euro", 1.0, sure=True)
RED = Constraint("color", 'color = "red"', "red", 0.6, sure=False)
STATE = SearchState("red mug under 20 euro", ('brand = "Roma"',), page=3, without=('material = "cork"',))


def found(*constraints: Constraint, **fields: object) -> SearchResponse:
    return SearchResponse("q1", STATE.query, (), 0, constraints=constraints, **fields)  # type: ignore[arg-type]


def hit(*kinds: str) -> Hit:
    return Hit("e1", 1.0, 1, Item("e1", "Mug"), tuple(Reason(kind) for kind in kinds))


def test_a_chip_says_the_field_the_words_and_whether_it_filters(english: Language) -> None:
    chips = understood(english, STATE, found(CHEAP, RED))
    assert [(chip.field, chip.words, chip.sure) for chip in chips] == [
        ("Price", "under 20 euro", True), ("Colour", "red", False),
    ]  # fmt: skip
    assert understood(language("zh"), STATE, found(RED))[0].field == "颜色"


def test_a_chip_leads_to_the_first_page_read_without_it(english: Language) -> None:
    [chip] = understood(english, STATE, found(CHEAP))
    assert chip.url == (
        "/search?q=red+mug+under+20+euro&brand=Roma&without=material+%3D+%22cork%22&without=price+%3C%3D+20"
    )


def test_what_the_shopper_chose_anyway_is_no_chip(english: Language) -> None:
    chosen = SearchState("red mug", (RED.filter,))
    assert understood(english, chosen, found(RED)) == ()


def test_a_way_out_leaves_nothing_of_its_field(english: Language) -> None:
    state = SearchState("mug", ('brand = "A"', 'brand = "B"', 'color = "red"'), price_max=5)
    answer = found(CHEAP, unfilters=(Unfilter("price <= 5 AND price <= 20", 'brand = "A"', 7), Unfilter("", "", 1)))
    [way] = ways_out(english, state, answer)
    assert (way.label, way.count) == ("Price", 7)
    assert way.url == "/search?q=mug&brand=A&brand=B&filter=color+%3D+%22red%22&without=price+%3C%3D+20"


def test_a_mended_query_can_be_searched_for_as_typed() -> None:
    state = SearchState("mugg", page=2)
    assert as_typed_url(state, found(corrected="mug")) == "/search?q=mugg&spelling=0"
    assert as_typed_url(state, found()) == ""


def test_hits_without_a_word_of_the_query_are_there_for_their_meaning() -> None:
    far = SearchResponse("q1", "mug", (hit("meaning"), hit("meaning")), 2)
    assert by_meaning_alone(far)
    assert not by_meaning_alone(SearchResponse("q1", "mug", (hit("meaning"), hit("words", "meaning")), 2))
    assert by_meaning_alone(found(relaxed=("*",)))
    assert not by_meaning_alone(found(relaxed=("blue",)))
