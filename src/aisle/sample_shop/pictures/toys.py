"""Pictures of toys and games."""

from aisle.sample_shop.pictures.drawing import DUSK, Look, box, fill, line, moved, oval, shadow, solid, turned
from aisle.sample_shop.pictures.palette import COLOURS, INK, PAPER, WOOD, Tones, tones


def building_blocks(look: Look) -> str:
    """Building blocks: studded bricks, shapes of painted wood, or magnetic tiles that the light shines through."""
    third = tones(COLOURS[look.one_of(0, "yellow", "red", "green", "blue")])
    kinds = {"interlocking": _bricks, "wooden": _wooden_blocks, "magnetic": _magnetic_tiles}
    return kinds[look.named("type", 2, *kinds)](look, third)


def _bricks(look: Look, third: Tones) -> str:
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


def _wooden_blocks(look: Look, third: Tones) -> str:
    arch = (
        "M62 190H338V262H284A84 70 0 0 0 116 262H62z"
        if look.chance(1)
        else "M62 190H338V262H248A48 48 0 0 0 152 262H62z"
    )
    roof = {"triangle": "M112 130L200 58L288 130z", "half moon": "M112 130A88 72 0 0 1 288 130z"}
    shape = roof[look.one_of(3, *roof)]
    pillars = solid(box(62, 262, 62, 72, 6), WOOD, 10) + solid(box(276, 262, 62, 72, 6), third, 10)
    return (
        shadow(334, 280)
        + pillars
        + solid(box(172, 276, 58, 58, 6), look.main, 9)
        + fill(oval(201, 305, 14), look.main.light)
        + solid(arch, look.main, 10)
        + solid(box(92, 130, 216, 60, 6), look.accent, 10, line("M110 146H180", look.accent.light, 6))
        + solid(shape, third if look.chance(4) else WOOD, 10)
    )


def _magnetic_tiles(look: Look, third: Tones) -> str:
    tiles = (
        ("M92 236H196V334H92z", look.main),
        ("M204 236H308V334H204z", third),
        ("M92 130H196V228H92z", look.accent),
        ("M204 130H308V228H204z", look.main if look.chance(1) else look.accent),
        ("M92 122L144 42L196 122z", third),
        ("M204 122L256 42L308 122z", look.accent if look.chance(1) else look.main),
    )
    panes = "".join(
        fill(outline, paint.light, 0.75) + line(outline, paint.base, 9) + line(outline, paint.dark, 2)
        for outline, paint in tiles
    )
    shines = "".join(
        line(f"M{x + 20} {y + 44}l26 -26M{x + 20} {y + 66}l14 -14", "#ffffff", 6) for x in (92, 204) for y in (130, 236)
    )
    return shadow(338, 240) + panes + shines


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
    """A board with pieces and a die, its squares in a path or chequered; or a hand of cards."""
    return _cards(look) if look.words.get("type") == "card" else _board(look)


def _cards(look: Look) -> str:
    signs = (
        fill(oval(200, 176, 34), look.accent.base) + fill(oval(200, 176, 17), look.accent.light),
        fill("M200 132L240 176L200 220L160 176z", look.main.base),
        fill(
            "M200 216C140 178 150 134 178 134Q194 134 200 152Q206 134 222 134C250 134 260 178 200 216z",
            look.accent.dark,
        ),
    )
    back = box(128, 84, 144, 196, 16)
    hand = "".join(
        turned(angle, solid(back, PAPER, 8), fill(oval(148, 106, 8), look.main.base), sign, x=200, y=330)
        for angle, sign in zip((-26, -4, 18), signs, strict=True)
    )
    pack = solid(box(212, 246, 116, 92, 12), look.main, 10, line(box(226, 260, 88, 64, 6), look.main.light, 5))
    return shadow(340, 220) + hand + pack + die(108, 280, 54, look.between(5, -16, 16))


def _board(look: Look) -> str:
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


def _square(column: int, row: int) -> str:
    corners = (_spot(column + a, row + b) for a, b in ((0, 0), (1, 0), (1, 1), (0, 1)))
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in corners) + "z"


def _chequers(look: Look) -> str:
    dark = "".join(_square(column, row) for row in range(6) for column in range(6) if (column + row) % 2)
    return fill(dark, look.accent.dark)


def _path_of_squares(look: Look) -> str:
    there = [(column, 0) for column in range(6)] + [(5, row) for row in range(1, 6)]
    back = [(column, 5) for column in range(4, -1, -1)] + [(0, row) for row in range(4, 0, -1)]
    squares = [_square(*place) for place in there + back]
    colours = (look.main.base, look.accent.base, COLOURS["yellow"], look.accent.light)
    path = "".join(fill("".join(squares[i::4]), colour) for i, colour in enumerate(colours))
    return path + fill(oval(200, 220, 52, 26), look.main.light)
