import re

import pytest

from aisle.sample_shop.brands import brands_of
from aisle.sample_shop.leaf import Leaf, Phrase
from aisle.sample_shop.palette import COLORS
from aisle.sample_shop.taxonomy import read_leaves

_LEAVES = pytest.mark.parametrize("leaf", read_leaves(), ids=lambda leaf: leaf.slug)


def _slots(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def _patterns(leaf: Leaf) -> list[Phrase]:
    return [*leaf.titles, *leaf.openers, *leaf.details, *leaf.closers]


def test_shop_has_thirty_two_leaves_in_eight_departments() -> None:
    leaves = read_leaves()
    assert len({leaf.slug for leaf in leaves}) == 32
    assert len({leaf.name.en for leaf in leaves}) == 32
    assert len({leaf.path[0].en for leaf in leaves}) == 8


@_LEAVES
def test_slots_of_a_pattern_are_attributes_of_the_leaf(leaf: Leaf) -> None:
    known = {"brand", "series", *(attribute.name for attribute in leaf.attributes)}
    for pattern in _patterns(leaf):
        assert _slots(pattern.en) | _slots(pattern.zh) <= known


@_LEAVES
def test_titles_name_what_varies_in_both_languages(leaf: Leaf) -> None:
    for title in leaf.titles:
        assert set(leaf.vary) <= _slots(title.en)
        assert set(leaf.vary) <= _slots(title.zh)


@_LEAVES
def test_choices_speak_of_values_that_exist(leaf: Leaf) -> None:
    choices = [*leaf.never, *leaf.only.values(), *(wish.wants for wish in leaf.wishes)]
    for name, values in [pair for choice in choices for pair in choice.items()]:
        assert set(values) <= {value.en for value in leaf.attribute(name).values}
    for name in (*leaf.asked, *leaf.vary, *leaf.only):
        assert leaf.attribute(name).values


@_LEAVES
def test_chinese_sides_are_chinese_or_codes(leaf: Leaf) -> None:
    for phrase in (*leaf.path, *leaf.openers, *leaf.details, *leaf.closers):
        assert re.search(r"[\u4e00-\u9fff]", phrase.zh)
        assert not re.search(r"[\u4e00-\u9fff]", phrase.en)


@_LEAVES
def test_several_brands_sell_in_every_leaf(leaf: Leaf) -> None:
    assert len(brands_of([part.en for part in leaf.path])) >= 4


def test_complements_are_leaves() -> None:
    slugs = {leaf.slug for leaf in read_leaves()}
    for leaf in read_leaves():
        assert set(leaf.complements) <= slugs - {leaf.slug}


def test_unknown_attribute_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="wheels"):
        read_leaves()[0].attribute("wheels")


def test_palette_has_fourteen_colours() -> None:
    assert len({color.en for color in COLORS}) == len({color.zh for color in COLORS}) == 14
