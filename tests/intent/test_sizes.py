from aisle.index import parse_filter
from aisle.intent.sizes import Sizes, learn_sizes
from aisle.text.ranges import Range

CABLES = ("category", "Cables")


def sizes() -> Sizes:
    return learn_sizes(
        [
            {CABLES: (), ("length", "1 m"): ()},
            {CABLES: (), ("length", "200 cm"): ()},
            {CABLES: (), ("length_m", "3"): ()},
            {CABLES: (), ("color", "red"): ()},
        ]
    )


def test_values_inside_are_listed_and_numbers_compared() -> None:
    text, field = sizes().filter(Range("length", 2.0, None, 0, 1))
    assert (text, field) == ('(length IN ["200 cm"] OR length_m >= 2)', "length")
    assert parse_filter(text) is not None


def test_bounds_are_written_in_the_unit_of_the_field() -> None:
    in_cm = learn_sizes([{("length_cm", "50"): ()}])
    assert in_cm.filter(Range("length", 0.2, 0.5, 0, 1)) == ("(length_cm >= 20 AND length_cm <= 50)", "length_cm")


def test_a_size_that_no_item_has_is_no_filter() -> None:
    assert sizes().filter(Range("weight", 2.0, None, 0, 1)) == ("", "")
    assert learn_sizes([{("length", "1 m"): ()}]).filter(Range("length", 5.0, None, 0, 1)) == ("", "")


def test_coverage_is_the_share_of_a_category_that_says_its_size() -> None:
    assert sizes().coverage == {"length": {"Cables": 3 / 4}}


def test_sizes_survive_json() -> None:
    assert Sizes.from_dict(sizes().to_dict()) == sizes()
