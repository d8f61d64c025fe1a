"""Pictures of toys and games."""

from aisle.sample_shop.pictures.drawing import DUSK, Look, box, fill, line, moved, oval, shadow, solid, turned
from aisle.sample_shop.pictures.palette import COLOURS, INK, PAPER, Tones, tones


def building_blocks(look: Look) -> str:
    """A stack of studded bricks."""
    third = tones(COLOURS[look.one_of(0, "yellow", "red", "green", "blue")])
    stacks: dict[str, tuple[tuple[int, int, int, Tones], ...]] = {
        "wall": ((60, 264, 3, look.main), (246, 264, 1, third), (60, 190, 1, look.accent), (122, 190, 3, third),
                 (122, 116, 2, look.main)),
        "tower": ((76, 264, 4, look.main), (138, 190, 2, look.accent), (138, 116, 3, third)),
        "steps": ((60, 264, 2, look.accent), (184, 264, 2, look.main), (122, 190, 3, third),
                  (246, 116, 1, look.accent)),
    }  # fmt: skip
    stack = stacks[look.one_of(1, *stacks)]
    left, right = min(x for x, *_ in stack), max(x + 62 * n for x, _, n, _ in stack)
    bricks = "".join(_brick(x, y, n, material) for x, y, n, material in stack)
    return shadow(336, right - left) + moved(200 - (left + right) / 2, 0, bricks)


def _brick(x: int, y: int, n_studs: int, material: Tones) -> str:
    # Plain fills: a dozen bodies of the full kind would make the picture too large a file.
    width = 62 * n_studs - 3
    studs = range(x + 12, x + width, 62)
    return (
        fill("".join(box(left, y - 16, 36, 26, 6) for left in studs), material.dark)
        + fill("".join(box(left, y - 16, 29, 26, 6) for left in studs), material.light)
        + fill(box(x, y, width, 72, 8), material.dark)
        + fill(box(x, y, width - 8, 63, 8), material.light)
        + fill(box(x + 5, y + 6, width - 13, 57, 5), material.base)
    )


def plush_toy(look: Look) -> str:
    """A plush bear, rabbit or cat, sitting."""
    kind = look.one_of(0, "bear", "rabbit", "cat")
    ears = {
        "bear": "".join(
            solid(oval(x, 88, 32), look.main, 8) + fill(oval(x, 92, 17), look.accent.light) for x in (134, 266)
        ),
        "rabbit": "".join(
            turned(
                angle,
                solid(box(x - 25, 0, 50, 140, 25), look.main, 8),
                fill(box(x - 11, 18, 22, 104, 11), look.accent.light),
                x=x,
                y=130,
            )
            for x, angle in ((160, -9), (240, 9))
        ),
        "cat": solid("M106 146L110 44Q112 32 124 38L196 84z", look.main, 6)
        + solid("M294 146L290 44Q288 32 276 38L204 84z", look.main, 6)
        + fill("M124 116L128 62L166 86zM276 116L272 62L234 86z", look.accent.light),
    }[kind]
    whiskers = (
        line("M118 166l-30 -6M118 182l-30 6M282 166l30 -6M282 182l30 6", look.main.deep, 4) if kind == "cat" else ""
    )
    pale = tones(look.main.light)
    eye = "#14161c"
    bow = fill("M200 222L160 202Q152 222 160 242zM200 222L240 202Q248 222 240 242z", look.accent.base) + fill(
        oval(200, 222, 12), look.accent.dark
    )
    patch = fill(oval(200, 282, 40, 38), pale.light)
    figure = (
        "".join(solid(oval(x, 250, 30, 48), look.main, 10) for x in (120, 280))
        + solid(oval(200, 270, 82, 72), look.main, 14, patch)
        + "".join(
            solid(oval(x, 312, 38, 30), look.main, 8) + fill(oval(x, 314, 19, 16), pale.light) for x in (136, 264)
        )
        + ears
        + solid(oval(200, 146, 94, 80), look.main, 16)
        + fill(oval(200, 172, 40, 30), pale.light)
        + "".join(fill(oval(x, 138, 11), eye) + fill(oval(x - 4, 134, 4), "#ffffff") for x in (160, 240))
        + fill("M186 160Q200 152 214 160Q210 176 200 178Q190 176 186 160z", eye)
        + line("M200 178V188Q190 198 180 190M200 188Q210 198 220 190", eye, 5)
        + whiskers
        + (bow if look.chance(1, 0.7) else "")
    )
    if kind == "rabbit":
        figure = moved(20, 35.6, figure, scale=0.9)
    return shadow(336, 220) + figure


def pawn(x: int, y: int, material: Tones) -> str:
    """A playing piece that stands at (x, y)."""
    return (
        fill(oval(x + 4, y, 34, 9), DUSK, 0.16)
        + solid(
            f"M{x} {y - 72}Q{x + 12} {y - 30} {x + 30} {y - 8}Q{x + 30} {y + 4} {x} {y + 4}"
            f"T{x - 30} {y - 8}Q{x - 12} {y - 30} {x} {y - 72}z",
            material,
            9,
        )
        + solid(oval(x, y - 74, 22), material, 7)
    )


def die(x: int, y: int, size: int, degrees: int) -> str:
    """A die with its five up, at the left top corner (x, y)."""
    spots = ((0.26, 0.26), (0.74, 0.26), (0.5, 0.5), (0.26, 0.74), (0.74, 0.74))
    return turned(
        degrees,
        solid(box(x, y, size, size, 14), PAPER, 9),
        *(fill(oval(x + size * a, y + size * b, size / 11), INK.base) for a, b in spots),
        x=x + size / 2,
        y=y + size / 2,
    )


def board_game(look: Look) -> str:
    """A game board with pieces and a die: a path of squares, or a chequered one."""
    # The board lies in perspective: rows from the far edge to the near one.
    paper = tones("#f3e6c8")
    edge = "M96 132H304Q312 132 316 140L368 300Q370 312 358 312H42Q30 312 32 300L84 140Q88 132 96 132z"
    frame = moved(0, 16, fill(edge, look.main.deep)) + solid(edge, look.main, 8)
    return (
        shadow(330, 320)
        + frame
        + fill("M108 148H292L342 296H58z", paper.base)
        + (_chequers(look) if look.chance(0, 0.45) else _path_of_squares(look))
        + pawn(look.between(1, 120, 150), 226, look.accent)
        + pawn(look.between(2, 226, 262), 254 if look.chance(3) else 204, look.trim)
        + die(look.between(4, 166, 196), 236, 54, look.between(5, -20, 24))
    )


def _spot(column: float, row: float) -> tuple[float, float]:
    """Where the crossing of a column and a row (0 to 6) of the board lies in the picture."""
    depth = row / 6
    y = 148 + 148 * (0.78 * depth + 0.22 * depth * depth)
    left = 108 - 50 * (y - 148) / 148
    return round(left + (400 - 2 * left) * column / 6, 1), round(y, 1)


def _square(column: int, row: int, colour: str) -> str:
    corners = [_spot(column + a, row + b) for a, b in ((0, 0), (1, 0), (1, 1), (0, 1))]
    return fill("M" + "L".join(f"{x:g} {y:g}" for x, y in corners) + "z", colour)


def _chequers(look: Look) -> str:
    return "".join(_square(c, r, look.accent.base) for r in range(6) for c in range(6) if (c + r) % 2)


def _path_of_squares(look: Look) -> str:
    path = (
        [(c, 0) for c in range(6)]
        + [(5, r) for r in range(1, 6)]
        + [(c, 5) for c in range(4, -1, -1)]
        + [(0, r) for r in range(4, 0, -1)]
    )
    colours = (look.main.base, look.accent.base, COLOURS["yellow"], look.accent.light)
    return "".join(_square(c, r, colours[i % 4]) for i, (c, r) in enumerate(path)) + fill(
        oval(200, 220, 52, 26), look.main.light
    )
