"""The few strokes that every picture is made of: outlines as SVG path data, and ways to paint them."""

from dataclasses import dataclass
from zlib import crc32

from aisle.sample_shop.pictures.palette import Tones


@dataclass(frozen=True, slots=True)
class Look:
    """What a drawing may vary by: the colours of one item, and numbers drawn from its id."""

    main: Tones
    """The item's own colour."""
    accent: Tones
    """A second colour that stands out from `main`."""
    trim: Tones
    """A neutral that stands out from `main`: dark beside bright colours, pale beside dark ones."""
    numbers: tuple[float, ...]
    """Eight numbers in [0, 1), the same for the same item id."""

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


def fill(outline: str, colour: str) -> str:
    """`outline` filled with one flat colour."""
    return f'<path d="{outline}" fill="{colour}"/>'


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
    glow = f'<path d="{outline}" fill="{material.base}" transform="translate({depth / 2:g} {depth / 2:g})"/>'
    shade = (
        f'<path d="M-99-99h600v600h-600z{outline}" fill-rule="evenodd" fill="{material.shade}" fill-opacity=".17" '
        f'transform="translate({-depth:g} {-depth:g})"/>'
    )
    return inside(outline, fill(box(0, 0, 400, 400), material.light), glow, *parts, shade)


def turned(degrees: float, *parts: str, x: float = 200, y: float = 200) -> str:
    """`parts` turned clockwise around (x, y)."""
    return f'<g transform="rotate({degrees:g} {x:g} {y:g})">{"".join(parts)}</g>'


def mirrored(*parts: str) -> str:
    """`parts`, and the same once more on the other side of the middle."""
    one = "".join(parts)
    return f'{one}<g transform="matrix(-1 0 0 1 400 0)">{one}</g>'


def shadow(y: float, width: float, x: float = 200) -> str:
    """The soft shadow on the ground under an object that stands at `y` and is `width` wide."""
    return (
        f'<path d="{oval(x + 6, y, width / 2 + 12, 13)}" fill="#2a2340" fill-opacity=".08"/>'
        f'<path d="{oval(x + 4, y, width / 2 - 4, 8)}" fill="#2a2340" fill-opacity=".13"/>'
    )
