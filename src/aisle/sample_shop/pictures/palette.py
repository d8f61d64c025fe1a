"""The colours of the pictures: a hex for every colour name, and tones that are lighter or darker to the eye."""

import math
from dataclasses import dataclass

COLOURS = {
    "black": "#33363d", "white": "#f4f2ee", "grey": "#8d939d", "silver": "#bfc6cf", "navy": "#2d4373",
    "blue": "#3d78d0", "green": "#4b9a5b", "red": "#d8433f", "pink": "#ef8fb0", "orange": "#ee8434",
    "yellow": "#f2c53d", "beige": "#dcc6a0", "brown": "#8a5a3b", "purple": "#8055b3",
    "teal": "#2a8f8f", "turquoise": "#3dbdb8", "coral": "#f0776a", "mustard": "#d6a02b",
}  # fmt: skip
"""English colour names, as the shop writes them, and the flat colour each is drawn in."""

VIVID = ("blue", "red", "teal", "mustard", "green", "purple", "coral", "navy", "turquoise", "orange", "pink")
"""What an item that names no colour may be drawn in."""

ACCENTS = (*VIVID, "yellow", "black", "beige")
"""What the second colour of an item is chosen from."""

Lab = tuple[float, float, float]
"""Lightness 0 to 1 and two opponent axes: Oklab, by Bjorn Ottosson (2020), https://bottosson.github.io/posts/oklab/."""


def to_lab(colour: str) -> Lab:
    """Oklab of a colour written as #rrggbb.

    >>> round(to_lab("#ffffff")[0], 3)
    1.0
    """
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    middle = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def to_hex(lab: Lab) -> str:
    """#rrggbb of an Oklab colour, with what the screen cannot show cut off."""
    lightness, a, b = lab
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    channels = (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )
    return "#" + "".join(f"{_to_byte(c):02x}" for c in channels)


def _to_byte(linear: float) -> int:
    linear = min(max(linear, 0.0), 1.0)
    return round(255 * (12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055))


def lighten(colour: str, amount: float) -> str:
    """`colour` with its lightness (0 to 1) moved by `amount`; a negative amount darkens.

    Light tints lose and shadows keep their colourfulness, as painted surfaces do.
    """
    lightness, a, b = to_lab(colour)
    moved = min(max(lightness + amount, 0.12), 0.985)
    fade = 1 - 0.9 * max(moved - lightness, 0.0)
    return to_hex((moved, a * fade, b * fade))


def blend(colour: str, other: str, share: float) -> str:
    """`colour` with a `share` (0 to 1) of `other` mixed in."""
    one, two = to_lab(colour), to_lab(other)
    mixed = tuple(x + share * (y - x) for x, y in zip(one, two, strict=True))
    return to_hex((mixed[0], mixed[1], mixed[2]))


def distance(colour: str, other: str) -> float:
    """How different two colours look: 0 is the same, 1 is black beside white."""
    return math.dist(to_lab(colour), to_lab(other))


@dataclass(frozen=True, slots=True)
class Tones:
    """One material under a lamp at the upper left."""

    light: str
    base: str
    dark: str
    deep: str
    """The darkest: hollows, and the far side."""
    shade: str
    """Nearly black in the same hue: laid thinly over a body and its print where the light does not reach."""
    detail: str
    """Seams and print: seen on `base`, whether that is bright or nearly black."""


def tones(colour: str) -> Tones:
    """The tones of a material of this colour (#rrggbb). Pale ones get a wider step down, dark ones a wider step up."""
    lightness, a, b = to_lab(colour)
    up = 0.07 if lightness > 0.4 else 0.1
    down = 0.09 if lightness < 0.85 else 0.075
    return Tones(
        light=lighten(colour, up),
        base=colour,
        dark=lighten(colour, -down),
        deep=lighten(colour, -2.2 * down),
        shade=to_hex((0.22, a * 0.6, b * 0.6)),
        detail=lighten(colour, 0.22 if lightness < 0.42 else -0.2),
    )


INK = tones("#3b3f49")
STEEL = tones("#b4bcc6")
PAPER = tones("#f6f3ec")
WOOD = tones("#c08f5a")
LEAF = tones("#5aa469")
BRASS = tones("#d8ae52")
GLASS = tones("#bfe0ea")
SCREEN = tones("#2c3142")
"""Materials that keep their colour whatever the item's own: dark plastic, metal, paper, wood, leaves, ..."""
