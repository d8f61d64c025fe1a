"""The few strokes that every picture is made of: outlines as SVG path data, and ways to paint them."""

from collections.abc import Mapping
from dataclasses import dataclass
from zlib import crc32

from aisle.sample_shop.pictures.palette import Tones

DUSK = "#2a2340"
"""The colour of shadows on the ground."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a drawing may vary by: the colours and words of one item, and numbers drawn from its id."""

    main: Tones
    """The item's own colour."""
    accent: Tones
    """A second colour that stands out from `main`."""
    trim: Tones
    """A neutral that stands out from `main`: dark beside bright colours, pale beside dark ones."""
    label: str
    """The paper of its label: white, or a pale accent on a white thing."""
    numbers: tuple[float, ...]
    """Eight numbers in [0, 1), the same for the same item id."""

    words: Mapping[str, str]
    """The attributes of the item that are texts: a moka pot is not drawn as an espresso machine."""

    def named(self, attribute: str, slot: int, *options: str) -> str:
        """The option that the item's `attribute` names; where it names none of them, one from number `slot`."""
        value = self.words.get(attribute, "")
        return value if value in options else self.one_of(slot, *options)

    def between(self, slot: int, low: float, high: float) -> int:
        """A whole number from `low` to `high`, from number `slot`."""
        return round(low + self.numbers[slot] * (high - low))

    def one_of(self, slot: int, *options: str) -> str:
        """One of `options`, from number `slot`."""
        return options[int(self.numbers[slot] * len(options))]

    def chance(self, slot: int, share: float = 0.5) -> bool:
        """True for about a `share` of the items, from number `slot`."""
        return self.numbers[slot] < share


def box(x: float, y: float, width: float, height: float, radius: float = 0) -> str:
    """The outline of a rectangle with rounded corners.

    >>> box(0, 0, 10, 20)
    'M0 0h10v20h-10z'
    """
    r = min(radius, width / 2, height / 2)
    if r <= 0:
        return f"M{x:g} {y:g}h{width:g}v{height:g}h{-width:g}z"
    w, h = width - 2 * r, height - 2 * r
    return (
        f"M{x + r:g} {y:g}h{w:g}a{r:g} {r:g} 0 0 1 {r:g} {r:g}v{h:g}a{r:g} {r:g} 0 0 1 {-r:g} {r:g}"
        f"h{-w:g}a{r:g} {r:g} 0 0 1 {-r:g} {-r:g}v{-h:g}a{r:g} {r:g} 0 0 1 {r:g} {-r:g}z"
    )


def oval(x: float, y: float, rx: float, ry: float | None = None) -> str:
    """The outline of an ellipse around (x, y); a circle when `ry` is left out."""
    ry = rx if ry is None else ry
    return f"M{x - rx:g} {y:g}a{rx:g} {ry:g} 0 1 1 {2 * rx:g} 0a{rx:g} {ry:g} 0 1 1 {-2 * rx:g} 0z"


def fill(outline: str, colour: str, opacity: float = 1) -> str:
    """`outline` filled with one flat colour, solid unless `opacity` (0 to 1) lets the ground through."""
    veil = "" if opacity == 1 else f' fill-opacity="{opacity:g}"'
    return f'<path d="{outline}" fill="{colour}"{veil}/>'


def line(outline: str, colour: str, width: float = 6) -> str:
    """`outline` drawn as a line with round ends and joins."""
    return (
        f'<path d="{outline}" fill="none" stroke="{colour}" stroke-width="{width:g}" '
        'stroke-linecap="round" stroke-linejoin="round"/>'
    )


def dotted(outline: str, colour: str, width: float, gap: float) -> str:
    """Dots of this `width` along `outline`, `gap` apart from centre to centre."""
    return (
        f'<path d="{outline}" fill="none" stroke="{colour}" stroke-width="{width:g}" '
        f'stroke-linecap="round" stroke-dasharray="0 {gap:g}"/>'
    )


def inside(outline: str, *parts: str) -> str:
    """`parts`, cut off at `outline`."""
    # The name comes from the outline, so that many pictures can share one page.
    name = f"c{crc32(outline.encode()):x}"
    return f'<clipPath id="{name}"><path d="{outline}"/></clipPath><g clip-path="url(#{name})">{"".join(parts)}</g>'


def solid(outline: str, material: Tones, depth: float = 12, *parts: str) -> str:
    """A body lit from the upper left: bright along that edge, shaded along the opposite one.

    `depth` is the width of the shaded edge; the bright one is half of it. `parts` are painted on the body.
    """
    rest = "M-99-99h600v600h-600z" + outline
    glow = moved(depth / 2, depth / 2, fill(outline, material.base))
    shade = (
        f'<path d="{rest}" fill-rule="evenodd" fill="{material.shade}" fill-opacity=".17" '
        f'transform="translate({-depth:g} {-depth:g})"/>'
    )
    return inside(outline, fill(box(0, 0, 400, 400), material.light), glow, *parts, shade)


def turned(degrees: float, *parts: str, x: float = 200, y: float = 200) -> str:
    """`parts` turned clockwise around (x, y)."""
    return f'<g transform="rotate({degrees:g} {x:g} {y:g})">{"".join(parts)}</g>'


def moved(x: float, y: float, *parts: str, scale: float = 1) -> str:
    """`parts` made larger by `scale`, then moved by (x, y)."""
    size = "" if scale == 1 else f" scale({scale:g})"
    return f'<g transform="translate({x:g} {y:g}){size}">{"".join(parts)}</g>'


def shadow(y: float, width: float, x: float = 200) -> str:
    """The soft shadow on the ground under an object that stands at `y` and is `width` wide."""
    far, near = oval(x + 6, y, width / 2 + 12, 13), oval(x + 4, y, width / 2 - 4, 8)
    return fill(far, DUSK, 0.08) + fill(near, DUSK, 0.13)
