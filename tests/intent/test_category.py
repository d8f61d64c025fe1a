import numpy as np
import pytest

from aisle.intent.category import CategoryModel
from aisle.intent.category_learning import LabelledQuery, learn_category
from aisle.testing.encoder import FakeEncoder
from aisle.testing.toy_shop import toy_items
from aisle.types import Item

ITEMS = toy_items()
VECTORS = FakeEncoder().encode_items([item.title for item in ITEMS])


def model(queries: tuple[LabelledQuery, ...] = ()) -> CategoryModel:
    return learn_category(ITEMS, VECTORS, queries)[0]


def best(of: CategoryModel, query: str, meaning: bool = True) -> str:
    found = of.predict(query, FakeEncoder().encode_queries([query])[0] if meaning else None)
    assert found is not None
    assert found.sum() == pytest.approx(1)
    return of.paths[int(found.argmax())]


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("headphones", "Electronics > Audio"),
        ("running shoe", "Sports > Shoes"),
        ("无线耳机", "Electronics > Audio"),
        ("cups", "Kitchen > Cups"),
    ],
)
def test_words_of_titles_and_categories_tell_the_category(query: str, path: str) -> None:
    assert best(model(), query, meaning=False) == path


def test_meaning_tells_the_category_of_unknown_words() -> None:
    assert model().predict("gnihton") is None
    assert best(model(), "gninnur seohs") == "Sports > Shoes"


def test_what_shoppers_chose_is_learned() -> None:
    asked = LabelledQuery("gizmo", FakeEncoder().encode_queries(["gizmo"])[0], {"Kitchen > Cups": 20.0})
    assert best(model((asked,)), "gizmo", meaning=False) == "Kitchen > Cups"


def test_a_query_is_held_out_of_what_predicts_it() -> None:
    queries = tuple(LabelledQuery(word, None, {"Kitchen > Cups": 5.0}) for word in ("gizmo", "widget"))
    assert learn_category(ITEMS, VECTORS, queries)[1] == [None, None]


def test_items_without_a_category_are_a_class_of_their_own() -> None:
    items = [*ITEMS, Item("x1", "Thingamabob"), Item("x2", "Thingamabob two")]
    vectors = FakeEncoder().encode_items([item.title for item in items])
    learned, _ = learn_category(items, vectors, ())
    assert best(learned, "thingamabob") == ""


def test_a_shop_without_categories_predicts_none() -> None:
    learned, _ = learn_category([Item("x", "Thing")], VECTORS[:1], (LabelledQuery("thing", None, {"": 1.0}),))
    assert learned.paths == ()
    assert learned.predict("thing", VECTORS[0]) is None


def test_many_held_out_queries_set_the_temperature() -> None:
    queries = tuple(LabelledQuery(f"headphones {number}", None, {"Electronics > Audio": 3.0}) for number in range(40))
    assert model(queries).mix[2] != model().mix[2]


def test_arrays_make_the_same_model() -> None:
    learned = model()
    again = CategoryModel.from_arrays(learned.paths, list(learned.words), learned.arrays())
    vector = FakeEncoder().encode_queries(["coffee mug"])[0]
    np.testing.assert_array_equal(learned.predict("coffee mug", vector), again.predict("coffee mug", vector))
    with pytest.raises(ValueError, match="categories"):
        CategoryModel.from_arrays(
            learned.paths[:-1],
            list(learned.words),
            {
                **learned.arrays(),
                "classes": np.zeros(0, np.int32),
                "gains": np.zeros(0, np.float32),
                "starts": np.zeros(len(learned.words) + 1, np.int64),
            },
        )
