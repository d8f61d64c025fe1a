import re
from itertools import product
from xml.etree import ElementTree

import pytest

from aisle.sample_shop.leaf import Leaf
from aisle.sample_shop.palette import COLORS
from aisle.sample_shop.pictures import draw_picture
from aisle.sample_shop.pictures.palette import COLOURS, lighten, to_hex, to_lab, tones
from aisle.sample_shop.pictures.parcel import parcel
from aisle.sample_shop.pictures.picture import DRAWINGS, TINTS
from aisle.sample_shop.taxonomy import read_leaves
from aisle.types import AttributeValue, Item

MAX_BYTES = 6_000
SVG = "{http://www.w3.org/2000/svg}"
ALLOWED = {f"{SVG}{name}" for name in ("svg", "path", "g", "clipPath")}
LEAVES = read_leaves()
COLOR_NAMES = [color.en for color in COLORS]


def a_mug(item_id: str = "mug", group_id: str = "", **attributes: AttributeValue) -> Item:
    return Item(item_id, "Mug", group_id=group_id, category=("Kitchen", "Coffee & Tea", "Mugs"), attributes=attributes)


def items_of(leaf: Leaf) -> list[Item]:
    """An item for every value of every attribute, and for every colour."""
    path = tuple(part.en for part in leaf.path)
    words = [{attribute.name: value.en} for attribute in leaf.attributes for value in attribute.values]
    words += [{"color": name} for name in COLOR_NAMES]
    return [Item(f"{leaf.slug}-{i}", leaf.slug, category=path, attributes=word) for i, word in enumerate(words)]


def colours_in(picture: str) -> set[str]:
    return set(re.findall(r"#[0-9a-f]{6}", picture))


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.slug)
def test_every_category_has_pictures_that_stand_alone_in_a_page(leaf: Leaf) -> None:
    for item in items_of(leaf):
        picture = draw_picture(item)
        assert len(picture.encode()) < MAX_BYTES
        root = ElementTree.fromstring(picture)
        assert root.get("viewBox") == "0 0 400 400"
        assert {node.tag for node in root.iter()} <= ALLOWED
        assert "href" not in picture
        assert "style" not in picture
        assert re.findall(r"url\((?!#)", picture) == []
        clips = {node.get("id") for node in root.iter(f"{SVG}clipPath")}
        assert set(re.findall(r"url\(#(\w+)\)", picture)) == clips


def test_every_category_and_department_is_drawn_in_its_own_way() -> None:
    assert set(DRAWINGS) == {leaf.path[-1].en for leaf in LEAVES}
    assert set(TINTS) == {leaf.path[0].en for leaf in LEAVES}
    assert len({*DRAWINGS.values(), parcel}) == len(LEAVES) + 1
    assert len(set(TINTS.values())) == len(TINTS)


def test_an_unknown_category_gets_a_parcel_with_tape_in_its_colour() -> None:
    for category in ((), ("Garden", "Hoses")):
        picture = draw_picture(Item("hose", "Hose", category=category, attributes={"color": "green"}))
        assert {"#cfa473", COLOURS["green"]} <= colours_in(picture)


def test_the_same_item_always_gets_the_same_picture() -> None:
    assert draw_picture(a_mug(color="red")) == draw_picture(a_mug(color="red"))


def test_items_are_drawn_in_the_colour_they_name() -> None:
    assert set(COLOR_NAMES) <= set(COLOURS)
    pictures = {name: draw_picture(a_mug(color=name)) for name in COLOR_NAMES}
    assert len(set(pictures.values())) == len(COLOR_NAMES)
    assert all(COLOURS[name] in colours_in(picture) for name, picture in pictures.items())


def test_an_item_without_a_known_colour_keeps_one_chosen_by_its_id() -> None:
    assert draw_picture(a_mug()) == draw_picture(a_mug(color="octarine"))
    assert len({draw_picture(a_mug(str(i))) for i in range(10)}) == 10


def test_items_of_one_kind_and_colour_differ() -> None:
    assert len({draw_picture(a_mug(str(i), color="blue")) for i in range(30)}) > 15


def test_variants_of_a_product_share_a_shape_and_differ_in_colour() -> None:
    red, also_red = a_mug("1", group_id="g", color="red"), a_mug("2", group_id="g", color="red")
    assert draw_picture(red) == draw_picture(also_red)
    assert draw_picture(red) != draw_picture(a_mug("1", group_id="g", color="blue"))


@pytest.mark.parametrize(
    ("leaf", "attribute"),
    [
        ("Headphones", "type"),
        ("Bluetooth Speakers", "type"),
        ("Cameras", "type"),
        ("Memory Cards", "type"),
        ("Desk Lamps", "type"),
        ("Light Bulbs", "type"),
        ("Coffee Makers", "type"),
        ("Frying Pans", "type"),
        ("Kitchen Knives", "type"),
        ("Tents", "type"),
        ("T-Shirts", "neck"),
        ("Jackets", "type"),
        ("Socks", "type"),
        ("Building Blocks", "type"),
        ("Plush Toys", "animal"),
    ],
)
def test_what_the_title_promises_is_what_the_picture_shows(leaf: str, attribute: str) -> None:
    values = next(entry for entry in LEAVES if entry.path[-1].en == leaf).attribute(attribute).values
    drawn = {draw_picture(Item("a", "A", category=("", leaf), attributes={attribute: value.en})) for value in values}
    assert len(drawn) == len(values)


def test_pale_and_dark_objects_stand_out_from_every_card() -> None:
    for leaf, name in product(LEAVES, ("white", "silver", "beige", "black")):
        path = tuple(part.en for part in leaf.path)
        picture = draw_picture(Item("a", "A", category=path, attributes={"color": name}))
        disc = re.findall(r'fill="(#\w{6})"', picture)[1]
        assert abs(to_lab(disc)[0] - to_lab(COLOURS[name])[0]) > 0.04, (leaf.slug, name)


def test_colours_survive_the_way_to_oklab_and_back() -> None:
    assert to_lab("#ffffff") == pytest.approx((1, 0, 0), abs=1e-4)
    assert to_lab("#ff0000") == pytest.approx((0.62796, 0.22486, 0.12585), abs=1e-4)
    assert all(to_hex(to_lab(colour)) == colour for colour in COLOURS.values())


def test_tones_go_from_light_to_dark_in_even_steps_to_the_eye() -> None:
    blue = tones(COLOURS["blue"])
    steps = [to_lab(colour)[0] for colour in (blue.light, blue.base, blue.dark, blue.deep, blue.shade)]
    assert steps == sorted(steps, reverse=True)
    assert to_lab(lighten("#808080", -0.1))[0] == pytest.approx(to_lab("#808080")[0] - 0.1, abs=0.005)
