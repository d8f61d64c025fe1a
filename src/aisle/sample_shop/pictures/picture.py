"""The whole picture: a tinted card, and on it the drawing that belongs to the item's category."""

from collections.abc import Callable

from aisle.sample_shop.pictures import (
    audio,
    beauty,
    coffee,
    electronics,
    fashion,
    home,
    kitchen,
    plush,
    sports,
    stationery,
    tents,
    toys,
)
from aisle.sample_shop.pictures.drawing import Look, box, fill, oval
from aisle.sample_shop.pictures.look import look_of
from aisle.sample_shop.pictures.palette import blend, lighten, to_lab
from aisle.sample_shop.pictures.parcel import parcel
from aisle.types import Item

DRAWINGS: dict[str, Callable[[Look], str]] = {
    "Headphones": audio.headphones,
    "Bluetooth Speakers": audio.speaker,
    "Cameras": electronics.camera,
    "Memory Cards": electronics.memory_card,
    "Keyboards": electronics.keyboard,
    "Charging Cables": electronics.cable,
    "Desk Lamps": home.desk_lamp,
    "Light Bulbs": home.light_bulb,
    "Cushions": home.cushion,
    "Blankets": home.blanket,
    "Mugs": coffee.mug,
    "Coffee Makers": coffee.coffee_maker,
    "Coffee Beans": coffee.coffee_beans,
    "Frying Pans": kitchen.frying_pan,
    "Kitchen Knives": kitchen.kitchen_knife,
    "Running Shoes": sports.running_shoe,
    "Yoga Mats": sports.yoga_mat,
    "Water Bottles": sports.water_bottle,
    "Tents": tents.tent,
    "T-Shirts": fashion.t_shirt,
    "Jackets": fashion.jacket,
    "Socks": fashion.sock,
    "Backpacks": fashion.backpack,
    "Face Creams": beauty.face_cream,
    "Shampoos": beauty.shampoo,
    "Perfumes": beauty.perfume,
    "Building Blocks": toys.building_blocks,
    "Plush Toys": plush.plush_toy,
    "Board Games": toys.board_game,
    "Notebooks": stationery.notebook,
    "Fountain Pens": stationery.fountain_pen,
    "Inks": stationery.ink,
}
"""The drawing of each narrowest category, by its English name."""

TINTS = {
    "Electronics": "#dbe5f3",
    "Home & Living": "#f3e4d6",
    "Kitchen": "#f5e9c9",
    "Sports & Outdoors": "#d9ecdd",
    "Fashion": "#e9e1f3",
    "Beauty": "#f8dfe3",
    "Toys & Games": "#d7edee",
    "Stationery": "#e6e8d6",
}
"""The card of each department, by its English name."""

PLAIN_TINT = "#e6e6ea"
PALE = 0.9
"""The lightness (0 to 1) from which an object would melt into the card."""


def draw_picture(item: Item) -> str:
    """A self-contained SVG (400 by 400 units, under 6 KB) that shows what kind of thing `item` is, in its colour.

    The same item always gets the same picture. A category without a drawing of its own gets a parcel.
    """
    look = look_of(item)
    department, leaf = (item.category[0], item.category[-1]) if item.category else ("", "")
    background = card(TINTS.get(department, PLAIN_TINT), look.main.base)
    drawing = DRAWINGS.get(leaf, parcel)(look)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400">{background}{drawing}</svg>'


def card(tint: str, colour: str) -> str:
    """The background: `tint` around a paler disc, both deeper behind an object whose `colour` is nearly white."""
    if to_lab(colour)[0] > PALE:
        tint = lighten(tint, -0.09)
    return fill(box(0, 0, 400, 400), tint) + fill(oval(200, 200, 170), blend(tint, "#ffffff", 0.3))
