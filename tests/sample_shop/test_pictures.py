import re
from collections.abc import Iterator, Mapping
from itertools import product
from xml.etree import ElementTree

import pytest
from PIL import ImageColor

from aisle.sample_shop.leaf import Leaf
from aisle.sample_shop.palette import COLORS
from aisle.sample_shop.pictures import draw_picture
from aisle.sample_shop.pictures.drawing import Look
from aisle.sample_shop.pictures.look import look_of
from aisle.sample_shop.pictures.palette import COLOURS, PAPER, lighten, to_hex, to_lab, tones
from aisle.sample_shop.pictures.picture import DRAWINGS, TINTS, draw_picture as draw
from aisle.sample_shop.taxonomy import read_leaves
from aisle.types import AttributeValue, Item

LEAVES = {leaf.slug: leaf for leaf in read_leaves()}
SVG = "{http://www.w3.org/2000/svg}"


def thing(leaf: str = "Mugs", item_id: str = "a", **attributes: AttributeValue) -> Item:
    return Item(item_id, "A thing", category=("Kitchen", "Coffee & Tea", leaf), attributes=attributes)
