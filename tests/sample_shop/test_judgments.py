from collections import Counter, defaultdict

from aisle.sample_shop import SampleShop


def test_150_english_and_50_chinese_queries_are_judged(small_shop: SampleShop) -> None:
    judged = {judgment.query for judgment in small_shop.judgments}
    assert len(judged & set(small_shop.truth.queries["en"])) == 150
    assert len(judged & set(small_shop.truth.queries["zh"])) == 50


def test_every_judged_query_has_full_answers_and_irrelevant_items(small_shop: SampleShop) -> None:
    grades: dict[str, Counter[int]] = defaultdict(Counter)
    for judgment in small_shop.judgments:
        grades[judgment.query][judgment.grade] += 1
    for counted in grades.values():
        assert counted[3] >= 1
        assert counted[0] == 20
        assert set(counted) <= {0, 1, 2, 3}


def test_item_is_judged_once_for_a_query(small_shop: SampleShop) -> None:
    pairs = [(judgment.query, judgment.item_id) for judgment in small_shop.judgments]
    assert len(set(pairs)) == len(pairs)


def test_full_answers_to_a_colour_have_that_colour(small_shop: SampleShop) -> None:
    items = {item.item_id: item for item in small_shop.items}
    full = [judgment for judgment in small_shop.judgments if judgment.grade == 3]
    black = [items[judgment.item_id] for judgment in full if judgment.query.startswith("black ")]
    assert black
    assert all(item.attributes["color"] == "black" for item in black)
