"""What stands in for anything that has no drawing of its own."""

from aisle.sample_shop.pictures.drawing import Look, fill, line, shadow, solid
from aisle.sample_shop.pictures.palette import tones


def parcel(look: Look) -> str:
    """A cardboard box with tape in the item's colour."""
    card = tones("#cfa473")
    top = look.between(0, 138, 158)
    front = f"M84 {top}L204 {top + 44}V330L84 284z"
    side = f"M204 {top + 44}L316 {top}V284L204 330z"
    lid = f"M84 {top}L196 {top - 42}L316 {top}L204 {top + 44}z"
    return (
        shadow(318, 210)
        + fill(side, card.dark)
        + solid(front, card, 0)
        + fill(lid, card.light)
        + fill(f"M130 {top - 17}L246 {top + 27}V{top + 66}L262 {top + 60}V{top + 21}L150 {top - 25}z", look.main.base)
        + line("M108 262l34 13M108 242l20 8", card.deep, 6)
        + line(f"M204 {top + 44}V330", card.deep, 3)
    )
